"""The columns' answer is held against one that looks at each tower by itself."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from buildingmap.filters import Filter, select
from buildingmap.filters.parameters import SORT_FIELDS
from tests.conftest import place_of
from tests.rows import CLUSTERS, SECTORS, figure_in_force, layers, yuan

if TYPE_CHECKING:
    from buildingmap.model import Building
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut, Row

BANDS = {"lt_10m": 0, "10m_30m": 10e6, "30m_50m": 30e6, "50m_100m": 50e6, "100m_1b": 100e6, "ge_1b": 1e9}


def figure(building: Building, name: str, year: int | None, in_force: int | None) -> float | None:
    if year is None:
        return figure_in_force(building, name, in_force)
    return next((getattr(record, name) for record in building.tax_records if record.year == year), None)


def band_of(tax: float | None) -> str | None:
    return None if tax is None else [name for name, floor in BANDS.items() if tax >= floor][-1]


def within(value: float | None, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def chosen(building: Building, shape: shapely.Geometry, flt: Filter, in_force: int | None) -> bool:
    tax = figure(building, "tax_yuan", flt.year, in_force)
    said = folded("\n".join(filter(None, (building.id, building.name, building.name_en, building.address))))
    return (
        within(tax, flt.tax_min, flt.tax_max)
        and within(building.vacancy_rate, flt.vacancy_min, flt.vacancy_max)
        and within(building.floor_area_m2, flt.floor_area_min, flt.floor_area_max)
        and (not flt.band or band_of(tax) in flt.band)
        and (not flt.sector or building.sector in flt.sector)
        and (not flt.tag or bool(set(building.sectors) & set(flt.tag)))
        and (not flt.cluster or building.cluster in flt.cluster)
        and (not flt.status or building.status in flt.status)
        and (flt.bbox is None or bool(shapely.intersects(shape, shapely.box(*flt.bbox))))
        and all(word in said for word in folded(flt.q).split())
    )


def in_order(snapshot: Snapshot, flt: Filter) -> list[str]:
    found = [
        building
        for building, shape in zip(snapshot.buildings, snapshot.geometry, strict=True)
        if chosen(building, shape, flt, snapshot.year_in_force)
    ]
    sort = flt.sort or "-tax_yuan"
    name, descending = sort.removeprefix("-"), sort.startswith("-")

    def value(building: Building) -> Any:
        if "yuan" not in name:
            return getattr(building, name)
        return figure(building, name, flt.year, snapshot.year_in_force)

    found.sort(key=lambda building: building.id)
    known = [building for building in found if value(building) is not None]
    # Python's sort is stable in both directions, so that ties stay by id
    known.sort(key=value, reverse=descending)
    return [building.id for building in (*known, *(b for b in found if value(b) is None))]


few = st.lists(st.sampled_from(SECTORS), unique=True, max_size=2).map(tuple)
edges = st.sampled_from([120.3700, 120.3703, 120.37045, 120.3709, 120.3720])
rims = st.sampled_from([36.0860, 36.0863, 36.08645, 36.0869])


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    west, east = sorted(draw(st.tuples(edges, edges)))
    south, north = sorted(draw(st.tuples(rims, rims)))
    box = (west, south, east, north) if west < east and south < north else None
    return Filter(
        tax_min=draw(st.none() | yuan.map(float)),
        tax_max=draw(st.none() | yuan.map(float)),
        band=draw(st.lists(st.sampled_from(list(BANDS)), unique=True, max_size=3).map(tuple)),
        sector=draw(few),
        tag=draw(few),
        cluster=draw(st.lists(st.sampled_from(CLUSTERS), unique=True, max_size=2).map(tuple)),
        status=draw(st.sampled_from([(), ("existing",), ("planned", "under_construction")])),
        vacancy_min=draw(st.none() | st.sampled_from([0.0, 0.15, 0.2])),
        vacancy_max=draw(st.none() | st.sampled_from([0.15, 1.0])),
        floor_area_min=draw(st.none() | st.just(20_000.0)),
        floor_area_max=draw(st.none() | st.just(20_000.0)),
        bbox=draw(st.none() | st.just(box)),
        year=draw(st.none() | st.sampled_from([2021, 2023, 1990])),
        q=draw(st.sampled_from(["", "", "示例", "路", "abc", "DUNHUA road", "t-00 路", "没有"])),
        sort=draw(st.sampled_from(["", *SORT_FIELDS, *(f"-{name}" for name in SORT_FIELDS)])),
    )


@st.composite
def few_criteria(draw: st.DrawFn) -> Filter:
    """Three criteria at most: a filter of all of them chooses almost nothing."""
    flt = draw(filters())
    criteria = [name for name in flt.__slots__ if name not in {"sort", "limit", "offset"}]
    for name in draw(st.permutations(criteria))[3:]:
        flt = flt.without(name)
    return flt


@given(rows=layers, flt=few_criteria())
def test_columns_choose_and_order_as_a_look_at_each_tower_does(
    lay_out: LayOut, rows: list[Row], flt: Filter
) -> None:
    snapshot = lay_out(rows)
    selection = select(snapshot, flt)
    assert [snapshot.ids[row] for row in selection.rows] == in_order(snapshot, flt)
    assert selection.matched == len(selection.rows)


@given(rows=layers, flt=filters(), limit=st.integers(1, 5))
def test_pages_laid_end_to_end_are_the_whole_selection(
    lay_out: LayOut, rows: list[Row], flt: Filter, limit: int
) -> None:
    snapshot = lay_out(rows)
    whole = select(snapshot, flt.without("limit")).rows.tolist()
    paged = []
    for offset in range(0, len(rows) + limit, limit):
        page = Filter(
            **{name: getattr(flt, name) for name in flt.__slots__} | {"limit": limit, "offset": offset}
        )
        paged += select(snapshot, page).page.tolist()
    assert paged == whole


def test_a_box_takes_a_footprint_that_only_touches_its_edge(lay_out: LayOut) -> None:
    snapshot = lay_out([{}])
    west, south, east, north = place_of(0).bounds
    touching = Filter(bbox=(east, south, east + 0.001, north))
    beside = Filter(bbox=(east + 1e-9, south, east + 0.001, north))
    assert select(snapshot, touching).matched == 1
    assert select(snapshot, beside).matched == 0
    assert select(snapshot, Filter(bbox=(west - 1, south - 1, east + 1, north + 1))).matched == 1


def test_a_box_in_the_notch_of_a_footprint_does_not_touch_it(lay_out: LayOut) -> None:
    ell = shapely.Polygon(
        [
            (120.370, 36.086),
            (120.373, 36.086),
            (120.373, 36.087),
            (120.371, 36.087),
            (120.371, 36.089),
            (120.370, 36.089),
        ]
    )
    snapshot = lay_out([{}], shapes=[ell])
    assert select(snapshot, Filter(bbox=(120.372, 36.088, 120.3725, 36.0885))).matched == 0
    assert select(snapshot, Filter(bbox=(120.372, 36.0865, 120.3725, 36.0885))).matched == 1


def test_a_box_takes_a_tower_known_as_a_point(lay_out: LayOut) -> None:
    snapshot = lay_out([{}], shapes=[shapely.Point(120.375, 36.09)])
    assert select(snapshot, Filter(bbox=(120.375, 36.09, 120.376, 36.091))).matched == 1
    assert select(snapshot, Filter(bbox=(120.3751, 36.09, 120.376, 36.091))).matched == 0


@pytest.mark.parametrize("year", [2022, 2023])
def test_a_filter_counts_the_figures_of_its_year(lay_out: LayOut, year: int) -> None:
    history = [{"year": 2022, "tax_yuan": 100_000_000}, {"year": 2023, "tax_yuan": 99_999_999}]
    snapshot = lay_out([{"tax_history": history}])
    assert select(snapshot, Filter(tax_min=100_000_000, year=year)).matched == (1 if year == 2022 else 0)


def test_a_year_without_any_figure_leaves_every_tax_unknown(lay_out: LayOut) -> None:
    snapshot = lay_out([{"tax_yuan": 5, "tax_year": 2023}])
    assert select(snapshot, Filter(year=2000)).matched == 1
    assert select(snapshot, Filter(year=2000, tax_min=0)).matched == 0


def test_an_empty_layer_answers_every_filter_with_nothing(lay_out: LayOut) -> None:
    snapshot = lay_out([])
    everything = Filter(tax_min=1, band=("lt_10m",), tag=("trade",), bbox=(1, 1, 2, 2), q="x", sort="name")
    assert select(snapshot, everything).matched == 0
    assert select(snapshot, Filter()).matched == 0
