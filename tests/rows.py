"""Rows of the layer's contract as hypothesis draws them: edges first, the unknown often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from buildingmap.model import Building

CLUSTERS = ("cbd", "xinduxin", "other")
SECTORS = ("finance", "digital", "trade", "life_science")
MARK = 100_000_000

# whole yuan around the edges of the bands, so that equality is drawn often
yuan = st.sampled_from(
    [0, 9_999_999, 10_000_000, 50_000_000, MARK - 1, MARK, MARK + 1, 1_000_000_000]
) | st.integers(0, 2_000_000_000)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """One row that the model accepts; id, name and place are filled in by ``lay_out``."""
    floor_area = draw(st.none() | st.sampled_from([10_000, 20_000, 35_000]))
    row: dict[str, Any] = {
        "cluster": draw(st.none() | st.sampled_from(CLUSTERS)),
        "sector": draw(st.none() | st.sampled_from(SECTORS)),
        "sectors": draw(st.lists(st.sampled_from(SECTORS), unique=True, max_size=3)),
        "status": draw(st.sampled_from(["existing", "existing", "under_construction", "planned"])),
        "floor_area_m2": floor_area,
        "leasable_area_m2": draw(st.none() | st.sampled_from([0, 5_000, 10_000])),
        "vacancy_rate": draw(st.none() | st.sampled_from([0, 0.15, 0.2, 1])),
        "floors": draw(st.none() | st.integers(1, 5)),
        "completion_year": draw(st.none() | st.integers(1999, 2002)),
        "address": draw(st.none() | st.sampled_from(["敦化路 1 号", "Dunhua Road 2", "ＡＢＣ路"])),
    }
    years = draw(st.lists(st.sampled_from([2021, 2022, 2023]), unique=True, max_size=3))
    if years:
        row["tax_history"] = [
            {"year": year, "tax_yuan": tax, "district_revenue_yuan": 1_000 if tax is None else None}
            for year in years
            for tax in [draw(st.none() | yuan)]
        ]
    return row


def figure_in_force(building: Building, name: str, year: int | None) -> float | None:
    """What stands for a tower where no year is asked for: ``year`` is in force, None where none is."""
    if year is None or not building.tax_records:
        undated: float | None = getattr(building, name)
        return undated
    return next((getattr(record, name) for record in building.tax_records if record.year == year), None)


layers = st.lists(rows(), max_size=12)
