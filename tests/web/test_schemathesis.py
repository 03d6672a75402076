"""Requests that nobody thought of: made from the OpenAPI document, the same ones in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from buildingmap.web import create_app
from tests.web.conftest import OneVersion

if TYPE_CHECKING:
    from schemathesis.checks import CheckFunction
    from schemathesis.schemas import BaseSchema

    from buildingmap.snapshot import Snapshot

CONFIG = {
    "seed": 20240131,
    "generation": {"deterministic": True, "max-examples": 40, "database": "none", "no-shrink": True},
}
# JSON Schema cannot say that one bound lies below another, so a request may fit the schema and still be wrong
BOUND_TO_EACH_OTHER = {"bbox", "tax_min", "vacancy_min", "floor_area_min", "area_min"}
# this layer has no companies, and fewer places than stations can be asked for
NOT_ON_RECORD = {"stations"}
# a pattern cannot say which of its codes EPSG has
NO_CODE_OF_EPSG = {"datum"}
# the document is read when the test runs: who collects the tests, or runs others, does not wait for it
described = schemathesis.pytest.from_fixture("document")


@pytest.fixture
def document(towers: Snapshot, request: pytest.FixtureRequest) -> BaseSchema:
    request.node._nodeid = request.node.nodeid  # noqa: SLF001 - schemathesis 4.32 asks for what pytest 9.2 has given up
    return schemathesis.openapi.from_wsgi(
        "/api/openapi.json",
        create_app(OneVersion(towers)),
        config=SchemathesisConfig.from_dict(CONFIG),
    )


@described.parametrize()
def test_no_request_fails_us_or_is_answered_outside_the_schema(case: schemathesis.Case[Any]) -> None:
    # the transport without a socket unpacks nothing
    response = case.call(headers={"Accept-Encoding": "identity"})
    excluded: list[CheckFunction] = [positive_data_acceptance]
    # an empty value is as good as none (allowEmptyValue), which the check does not know
    if any(
        value == ""
        for _, value in parse_qsl(urlsplit(str(response.request.url)).query, keep_blank_values=True)
    ):
        excluded.append(negative_data_rejection)

    case.validate_response(response, excluded_checks=excluded)

    if response.status_code == 400 and case.meta is not None and case.meta.generation.mode.is_positive:
        assert {fault["parameter"] for fault in response.json()["errors"]} <= (
            BOUND_TO_EACH_OTHER | NOT_ON_RECORD | NO_CODE_OF_EPSG
        )
