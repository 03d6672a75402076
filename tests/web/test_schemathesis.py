"""Requests that nobody thought of: made from the OpenAPI document, the same ones in every run."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from buildingmap.web import create_app
from tests.web.conftest import OneVersion, default_district, snapshot_with

CONFIG = {
    "generation": {"deterministic": True, "max-examples": 40, "database": "none", "no-shrink": True},
}
# JSON Schema cannot say that one bound lies below another, so a request may fit the schema and still be wrong
BOUND_TO_EACH_OTHER = {"bbox", "tax_min", "vacancy_min", "floor_area_min"}
APP = create_app(OneVersion(snapshot_with(default_district())))
described = schemathesis.openapi.from_wsgi(
    "/api/openapi.json", APP, config=SchemathesisConfig.from_dict(CONFIG)
)


@described.parametrize()
def test_no_request_fails_us_or_is_answered_outside_the_schema(case: schemathesis.Case[Any]) -> None:
    # the transport without a socket unpacks nothing
    response = case.call_and_validate(
        headers={"Accept-Encoding": "identity"}, excluded_checks=[positive_data_acceptance]
    )

    if response.status_code == 400 and case.meta is not None and case.meta.generation.mode.is_positive:
        assert {fault["parameter"] for fault in response.json()["errors"]} <= BOUND_TO_EACH_OTHER
