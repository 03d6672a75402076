"""Parcels that are road, built over or outside the district, in a plan: left out and named, or taken and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from buildingmap.model import BasemapFeature, Surroundings
from buildingmap.placement import (
    PlanError,
    answer,
    answer_json,
    parcels,
    plan_of,
    planning,
    term_text,
    why_not,
)
from tests.sites.parcels import ground, site, street, town

if TYPE_CHECKING:
    from buildingmap.placement import PlanAnswer
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut

FREE = ground(400, 0, 500, 100)
BUILT = ground(0, 0, 60, 60)
ROAD = ground(0, 290, 200, 310)
PARTLY = ground(200, 0, 300, 100)
SEA = ground(580, 0, 680, 100)
DISTRICT = BasemapFeature("district", "", ground(-500, -500, 600, 500))


@pytest.fixture
def place(lay_out: LayOut) -> Snapshot:
    """DK-01 is free, DK-02 built over, DK-03 road, DK-04 holds a tower on a corner, DK-05 is in the sea."""
    return town(
        lay_out,
        [(site(1), FREE), (site(2), BUILT), (site(3), ROAD), (site(4), PARTLY), (site(5), SEA)],
        towers=[
            ({"floor_area_m2": 30_000.0, "sector": "finance"}, ground(5, 5, 55, 55)),
            ({"floor_area_m2": 30_000.0, "sector": "digital"}, ground(200, 0, 240, 40)),
        ],
        surroundings=Surroundings(basemap=(street(-100, 300, 400, 300), DISTRICT)),
    )


def planned(place: Snapshot, **terms: object) -> PlanAnswer:
    given = {"towers": 2, "sectors": {}, "clusters": {}} | terms
    return answer(planning(place, plan_of(given, "test")))


def test_parcels_that_are_road_built_over_or_outside_are_left_out_and_named(place: Snapshot) -> None:
    found = planned(place)
    assert {chosen.id for chosen in found.chosen} == {"DK-01", "DK-04"}
    left = [term for term in found.terms if term.kind.startswith("occupied")]
    assert [term_text(term, place.district, "en") for term in left] == [
        "DK-02 is left out: 69% of it is under T-000",
        "DK-03 is left out: 100% of it is road",
        "DK-05 is left out: 80% of it lies outside the district",
    ]
    assert term_text(left[0], place.district, "zh") == "DK-02 不入选：其中 69% 为 T-000 所占"
    assert term_text(left[2], place.district, "zh") == "DK-05 不入选：其中 80% 在本区范围之外"


def test_a_parcel_that_holds_a_building_and_is_taken_says_so(place: Snapshot) -> None:
    found = planned(place)
    doubts = {chosen.id: [finding.kind for finding in chosen.findings] for chosen in found.chosen}
    assert doubts == {"DK-01": [], "DK-04": ["holds_tower"]}
    assert b'"holds_tower"' in answer_json(found)


def test_a_planner_may_take_them_all_the_same_and_is_told(place: Snapshot) -> None:
    found = planned(place, towers=5, occupied="warn")
    assert {chosen.id for chosen in found.chosen} == {"DK-01", "DK-02", "DK-03", "DK-04", "DK-05"}
    assert not [term for term in found.terms if term.kind.startswith("occupied")]
    doubts = {chosen.id: {finding.kind for finding in chosen.findings} for chosen in found.chosen}
    assert doubts["DK-02"] == {"holds_tower"}
    assert doubts["DK-03"] == {"is_road"}
    assert doubts["DK-05"] == {"outside_district"}


@pytest.mark.parametrize(
    ("wished", "reason"),
    [
        ("DK-02", "DK-02 is left out: 69% of it is under T-000"),
        ("DK-03", "DK-03 is left out: 100% of it is road"),
        ("DK-05", "DK-05 is left out: 80% of it lies outside the district"),
    ],
)
def test_a_wish_for_a_parcel_that_is_not_free_clashes_in_words(
    place: Snapshot, wished: str, reason: str
) -> None:
    found = planned(place, fixed=[{"site": wished}])
    assert found.status == "infeasible"
    said = [term_text(term, place.district, "en") for term in found.clash]
    assert said == [f"{wished} must be taken", reason]


def test_a_parcel_that_the_registry_fixes_is_somebody_s_decision(lay_out: LayOut) -> None:
    there = town(
        lay_out,
        [(site(1), FREE), (site(2, rule="fixed"), BUILT)],
        towers=[({"floor_area_m2": 30_000.0}, ground(5, 5, 55, 55))],
    )
    found = planned(there, towers=1)
    assert [chosen.id for chosen in found.chosen] == ["DK-02"]
    assert [finding.kind for finding in found.chosen[0].findings] == ["holds_tower"]
    at_sea = town(
        lay_out,
        [(site(1), FREE), (site(2, rule="fixed"), SEA)],
        surroundings=Surroundings(basemap=(DISTRICT,)),
    )
    assert [chosen.id for chosen in planned(at_sea, towers=1).chosen] == ["DK-02"]


def test_why_not_names_what_is_there(place: Snapshot) -> None:
    laid_out = planning(place, plan_of({"towers": 2, "sectors": {}, "clusters": {}}, "test"))
    found = why_not(laid_out, answer(laid_out), "DK-02")
    assert found.gives_up is None
    assert {term.kind for term in found.clash} == {"fixed", "occupied_towers"}


def test_towers_to_come_are_never_left_out_for_standing_where_they_stand(lay_out: LayOut) -> None:
    there = town(
        lay_out,
        [(site(1), FREE)],
        towers=[({"status": "planned", "floor_area_m2": 9_000.0}, ground(0, 0, 40, 40))],
    )
    found = planned(there, candidates="coming", towers=None)
    assert [chosen.id for chosen in found.chosen] == ["T-000"]
    assert found.chosen[0].findings == ()


def test_another_word_than_exclude_or_warn_is_refused(place: Snapshot) -> None:
    with pytest.raises(PlanError, match="built over or outside the district: found ignore"):
        planned(place, occupied="ignore")


def test_the_table_of_parcels_says_what_is_measured_and_what_can_be_built(lay_out: LayOut) -> None:
    there = town(
        lay_out,
        [
            (site(1, area_m2=9_000.0, floor_area_ratio=3.0), FREE),
            (site(2, floor_area_ratio=3.0), PARTLY),
            (site(3, floor_area_ratio=3.0), None),
            (site(4, area_m2=9_000.0, height_limit_m=21.0), None),
        ],
    )
    found = {parcel.site.id: parcel for parcel in parcels(there)}
    assert found["DK-01"].buildable_m2 == pytest.approx(27_000)
    assert found["DK-01"].shape_m2 == pytest.approx(10_000, rel=1e-3)
    assert [finding.kind for finding in found["DK-01"].findings] == ["area_differs"]
    assert found["DK-02"].buildable_m2 == pytest.approx(30_000, rel=1e-3)
    assert (found["DK-03"].buildable_m2, found["DK-03"].area_basis) == (None, "unknown")
    assert (found["DK-04"].buildable_m2, found["DK-04"].area_basis) == (9_000 * 0.4 * 5, "height")
    assert isinstance(found["DK-01"].shape, shapely.Polygon)
    assert found["DK-03"].shape is None
