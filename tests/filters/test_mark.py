from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from buildingmap.filters import Filter, parse_filter, select
from tests.rows import figure_in_force, layers

if TYPE_CHECKING:
    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut, Row


@pytest.fixture(scope="module")
def edge(lay_out: LayOut) -> Snapshot:
    """Towers one fen and one yuan around the mark, one without a figure, one without any tax."""
    taxes = [99_999_999, 99_999_999.99, 100_000_000, 100_000_001, None, 0]
    return lay_out([{"id": f"{tax}", "tax_yuan": tax, "tax_year": 2023} for tax in taxes])


def ids(snapshot: Snapshot, flt: Filter) -> set[str]:
    return {snapshot.ids[row] for row in select(snapshot, flt).rows}


def test_the_mark_is_passed_at_exactly_100_000_000_yuan(edge: Snapshot) -> None:
    assert ids(edge, Filter(tax_min=100_000_000)) == {"100000000", "100000001"}


def test_one_yuan_or_one_fen_short_is_not_past_the_mark(edge: Snapshot) -> None:
    assert ids(edge, Filter(tax_max=99_999_999)) == {"0", "99999999"}
    assert ids(edge, Filter(tax_min=99_999_999, tax_max=99_999_999.99)) == {"99999999", "99999999.99"}


def test_the_same_bound_below_and_above_chooses_that_very_tax(edge: Snapshot) -> None:
    assert ids(edge, Filter(tax_min=100_000_000, tax_max=100_000_000)) == {"100000000"}


def test_the_band_from_the_mark_begins_where_the_mark_is_passed(edge: Snapshot) -> None:
    assert ids(edge, Filter(band=("100m_1b",))) == {"100000000", "100000001"}
    assert ids(edge, Filter(band=("50m_100m",))) == {"99999999", "99999999.99"}


def test_an_unknown_tax_is_neither_above_nor_below_any_bound(edge: Snapshot) -> None:
    assert "None" not in ids(edge, Filter(tax_min=0))
    assert "None" not in ids(edge, Filter(tax_max=1e15))
    assert "None" in ids(edge, Filter())


def test_the_mark_is_read_exactly_however_it_is_written(edge: Snapshot, district: District) -> None:
    for text in ("100000000", "1e8", "100000000.0", "+1E8"):
        assert ids(edge, parse_filter({"tax_min": [text]}, district)) == {"100000000", "100000001"}


@given(rows=layers)
def test_a_mark_and_its_complement_part_the_known_towers(lay_out: LayOut, rows: list[Row]) -> None:
    snapshot = lay_out(rows)
    past, short = Filter(tax_min=100_000_000), Filter(tax_max=99_999_999)
    known = {
        b.id for b in snapshot.buildings if figure_in_force(b, "tax_yuan", snapshot.year_in_force) is not None
    }
    assert ids(snapshot, past) | ids(snapshot, short) == known
    assert not ids(snapshot, past) & ids(snapshot, short)
