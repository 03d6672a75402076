"""Whose tax a band is made of, counted by tenants where nobody counted the taxpayers: only who may have paid it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.model import Tenant
from buildingmap.snapshot import Holdings, public_view
from buildingmap.snapshot.holdings import TABLES

if TYPE_CHECKING:
    from tests.conftest import LayOut

CODE = "91370203MA0000000D"
HERE: dict[str, Any] = {"building_id": "T-000", "locally_taxed": True, "lease_start": date(2020, 1, 1)}


def is_shown(lay_out: LayOut, tenants: list[dict[str, Any]]) -> bool:
    """Tell whether the public sees the band of a tower with these tenants, whose tax is of 2023."""
    records = tuple(
        Tenant.model_validate(HERE | {"id": f"C-{number}", "name": f"公司{number}"} | tenant)
        for number, tenant in enumerate(tenants)
    )
    snapshot = lay_out([{"tax_yuan": 120e6, "tax_year": 2023}], holdings=Holdings({TABLES[Tenant]: records}))
    return bool(public_view(snapshot).figures().band[0] >= 0)


def test_three_companies_that_were_there_show_the_band(lay_out: LayOut) -> None:
    stayed_on = {"lease_start": date(2023, 12, 31), "moved_out_on": date(2024, 1, 1)}
    let_until_then = {"lease_end": date(2023, 12, 31), "registration_moved_on": date(2024, 1, 1)}
    assert is_shown(lay_out, [{}, let_until_then, stayed_on])


@pytest.mark.parametrize(
    "other",
    [
        {"moved_out_on": date(2010, 5, 1)},
        {"moved_out_on": date(2023, 2, 1)},
        {"lease_start": date(2024, 1, 1)},
        {"lease_start": None},
        {"lease_start": date(2019, 1, 1), "lease_end": date(2022, 12, 31)},
        {"lease_end": date(2023, 12, 30)},
        {"registration_moved_on": date(2023, 11, 1)},
        {"locally_taxed": None},
        {"locally_taxed": False},
        {"name": "公司0"},
        {"name": "公司０"},
        {"uscc": CODE},
        {"name": "公司0", "uscc": CODE},
    ],
)
def test_who_is_not_known_to_have_been_there_or_is_listed_twice_makes_no_third(
    lay_out: LayOut, other: dict[str, Any]
) -> None:
    first = {"uscc": CODE} if set(other) == {"uscc"} else {}
    assert not is_shown(lay_out, [first, {}, other])
