"""The whole registry as a file: for staff, as it is or as it was, and for no one else."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import unquote

import openpyxl
import pytest

from buildingmap.registry import Change
from buildingmap.web.state import PAST_COOKIE
from tests.web.offices import as_role, rows, small_office_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildingmap.model import District
    from buildingmap.registry import Registry
    from tests.prepared import Prepared

ADDRESS = "/download/records.xlsx"


@pytest.fixture
def office(tmp_path: Path, district: District, prepared: Prepared) -> Iterator[Registry]:
    with small_office_of(prepared, tmp_path, district) as made:
        yield made


def companies(content: bytes) -> list[str]:
    return [cell.value for cell in openpyxl.load_workbook(io.BytesIO(content))["入驻企业"]["D"]][1:]


def test_an_analyst_gets_every_row_and_the_file_says_that_it_is_synthetic(office: Registry) -> None:
    answer = as_role(office, "analyst").get(f"{ADDRESS}?lang=zh")

    assert answer.status_code == 200
    assert companies(answer.data) == [tenant["name"] for tenant in rows()["tenant"]]
    assert "楼宇登记库（合成演示数据）" in unquote(answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_public_gets_none_of_it(office: Registry) -> None:
    answer = as_role(office, "public").get(ADDRESS)

    assert answer.status_code in {401, 403}
    assert "甲" not in answer.text


def test_who_looks_at_a_past_version_downloads_that_one(office: Registry) -> None:
    analyst, before = as_role(office, "analyst"), office.version
    office.apply([Change("tenant", "C-4", None, office.row("tenant", "C-4").version)], actor="lin")
    assert "丁公司" not in companies(analyst.get(f"{ADDRESS}?lang=zh").data)

    analyst.set_cookie(PAST_COOKIE, str(before))

    assert "丁公司" in companies(analyst.get(f"{ADDRESS}?lang=zh").data)


def test_it_takes_no_filter(office: Registry) -> None:
    answer = as_role(office, "analyst").get(f"{ADDRESS}?cluster=cbd")

    assert answer.status_code == 400
    assert "cluster" in answer.text
