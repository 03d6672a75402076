from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap.analysis import WEIGHTS, Matching, SpaceFound, judge, matching, spaces_of
from buildingmap.filters import Wishes
from buildingmap.model import Floor, Milestone, Station, Surroundings, Tenant, Unit
from buildingmap.snapshot import Holdings, Snapshot
from tests.analysis.offices import TODAY, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model import Record
    from tests.conftest import LayOut

EXISTING: dict[str, object] = {"status": "existing"}


def let(label: str, area: float = 100, **facts: Any) -> Unit:
    return unit(label, area, tenant_id="C-1", **facts)


def with_units(
    lay_out: LayOut,
    *units: Unit,
    rows: Sequence[dict[str, object]] = (EXISTING,),
    surroundings: Surroundings | None = None,
    **tables: tuple[Record, ...],
) -> Snapshot:
    holdings = Holdings(records={"unit": units, **tables})
    return lay_out(rows, holdings=holdings, surroundings=surroundings or Surroundings())


def found(snapshot: Snapshot, **wishes: Any) -> Matching:
    return matching(snapshot, Wishes(**wishes), today=TODAY)


def all_labels(snapshot: Snapshot, **wishes: Any) -> set[tuple[str, ...]]:
    spaces = spaces_of(snapshot, TODAY)
    meets = judge(spaces, Wishes(**wishes), today=TODAY).meets
    return {tuple(u.label for u in spaces.units_of(i)) for i, ok in enumerate(meets.tolist()) if ok}


def test_a_let_unit_is_not_offered_and_parts_its_neighbours(lay_out: LayOut) -> None:
    snapshot = with_units(lay_out, unit("3-1"), let("3-2"), unit("3-3"), unit("3-4"))
    assert all_labels(snapshot) == {("3-1",), ("3-3",), ("3-4",), ("3-3", "3-4")}


def test_a_unit_whose_tenant_moved_out_is_free(lay_out: LayOut) -> None:
    gone = Tenant(id="C-1", building_id="T-000", name="示例企业 0001", moved_out_on=TODAY)
    staying = gone.model_copy(update={"moved_out_on": TODAY + timedelta(days=1)})
    assert all_labels(with_units(lay_out, let("3-1"), tenant=(gone,))) == {("3-1",)}
    assert all_labels(with_units(lay_out, let("3-1"), tenant=(staying,))) == set()


def test_a_let_unit_counts_from_the_day_it_comes_free(lay_out: LayOut) -> None:
    day = TODAY + timedelta(days=60)
    snapshot = with_units(lay_out, let("3-1", available_from=day))
    assert all_labels(snapshot, available_by=day) == {("3-1",)}
    assert all_labels(snapshot, available_by=day - timedelta(days=1)) == set()
    assert all_labels(with_units(lay_out, let("3-1", available_from=TODAY - timedelta(days=1)))) == set()


def test_nothing_is_free_before_the_tower_is_handed_over(lay_out: LayOut) -> None:
    rows: list[dict[str, object]] = [{"status": "under_construction"}]
    ready = Milestone(id="M", building_id="T-000", kind="hand_over", planned_on=date(2026, 3, 1))
    snapshot = with_units(lay_out, unit("3-1"), rows=rows, milestone=(ready,))
    assert all_labels(snapshot, available_by=date(2026, 2, 28)) == set()
    assert all_labels(snapshot, available_by=date(2026, 3, 1)) == {("3-1",)}
    unknown = with_units(lay_out, unit("3-1"), rows=rows)
    assert all_labels(unknown) == {("3-1",)}
    assert all_labels(unknown, available_by=date(2099, 1, 1)) == set()


def test_whole_adjacent_floors_come_together_and_there_is_no_floor_between_minus_one_and_one(
    lay_out: LayOut,
) -> None:
    snapshot = with_units(lay_out, unit("-1-1"), unit("1-1"), unit("2-1"), unit("4-1"))
    assert {labels for labels in all_labels(snapshot) if len(labels) > 1} == {
        ("-1-1", "1-1"),
        ("1-1", "2-1"),
        ("-1-1", "1-1", "2-1"),
    }


def test_a_floor_with_a_let_unit_is_not_whole(lay_out: LayOut) -> None:
    snapshot = with_units(lay_out, unit("3-1"), let("3-2"), unit("4-1"))
    assert ("3-1", "4-1") not in all_labels(snapshot)


def test_a_floor_is_not_whole_where_its_units_are_much_less_than_can_be_let_on_it(lay_out: LayOut) -> None:
    units = unit("3-1"), unit("4-1")

    def floors(area: float) -> tuple[Floor, ...]:
        return tuple(Floor(id=f"F-{n}", building_id="T-000", number=n, leasable_area_m2=area) for n in (3, 4))

    assert ("3-1", "4-1") in all_labels(with_units(lay_out, *units, floor=floors(105)))
    assert ("3-1", "4-1") not in all_labels(with_units(lay_out, *units, floor=floors(106)))


def test_units_without_a_position_stand_alone_or_make_a_whole_floor(lay_out: LayOut) -> None:
    units = [unit(f"3-{n}", position=None) for n in (1, 2, 3)]
    assert all_labels(with_units(lay_out, *units)) == {("3-1",), ("3-2",), ("3-3",), ("3-1", "3-2", "3-3")}
    (best,) = found(with_units(lay_out, *units), area_min=300).matches
    assert (best.kind, best.key, best.area_m2) == ("floor", "T-000-3-1~1F", 300)


def test_both_ends_of_the_area_range_count_and_decimals_add_up(lay_out: LayOut) -> None:
    snapshot = with_units(lay_out, unit("3-1", 0.1), unit("3-2", 0.2))
    assert all_labels(snapshot, area_min=0.3, area_max=0.3) == {("3-1", "3-2")}


def test_an_asking_rent_that_is_not_known_meets_no_budget_but_is_told_as_a_near_miss(lay_out: LayOut) -> None:
    snapshot = with_units(lay_out, unit("3-1"))
    answer = found(snapshot, rent_max=3)
    assert answer.matches == ()
    assert [(miss.missed, miss.short) for miss in answer.near] == [(("rent",), None)]


def test_the_rent_of_neighbours_is_weighted_by_area_and_a_year_has_365_days(lay_out: LayOut) -> None:
    units = unit("3-1", 100, asking_rent_yuan_m2_day=2), unit("3-2", 300, asking_rent_yuan_m2_day=4)
    (best,) = found(with_units(lay_out, *units), area_min=400).matches
    assert best.rent_yuan_m2_day == pytest.approx(3.5)
    assert best.rent_year_yuan == pytest.approx((200 + 1200) * 365)
    assert all_labels(with_units(lay_out, *units), area_min=400, budget_max=1400 * 365)
    assert not all_labels(with_units(lay_out, *units), area_min=400, budget_max=1400 * 365 - 1)


def test_the_distance_to_a_station_is_from_the_footprint_in_metres(lay_out: LayOut) -> None:
    near = Station("s1", "示例站", "Example", ("3",), shapely.Point(120.3703, 36.08615))
    far = Station("s2", "远站", "Far", ("3",), shapely.Point(120.39, 36.08615))
    around = Surroundings(stations=(far, near))
    (best,) = found(with_units(lay_out, unit("3-1"), surroundings=around), station_max=1).matches
    assert best.station == "s1"
    assert best.station_m == pytest.approx(0, abs=0.5)
    (best,) = found(with_units(lay_out, unit("3-1"), surroundings=Surroundings(stations=(far,)))).matches
    assert best.station_m == pytest.approx(0.0197 * 111_320 * 0.808, rel=0.01)
    assert not found(with_units(lay_out, unit("3-1"), surroundings=Surroundings()), station_max=9999).matches


def test_a_leading_sector_ranks_above_a_tag_and_a_tag_above_the_company_it_keeps(lay_out: LayOut) -> None:
    rows: list[dict[str, object]] = [
        EXISTING | {"cluster": "cbd"},
        EXISTING | {"cluster": "cbd", "sector": "trade", "sectors": ["finance"]},
        EXISTING | {"cluster": "cbd", "sector": "finance"},
    ]
    units = [unit("3-1", building_id=f"T-00{n}") for n in range(3)]
    answer = found(with_units(lay_out, *units, rows=rows), sector=("finance",))
    assert [m.building_id for m in answer.matches] == ["T-002", "T-001", "T-000"]
    assert [p.points for m in answer.matches for p in m.parts if p.name == "sector"] == [15.0, 9.0, 2.5]
    assert answer.matches[-1].cluster_share == pytest.approx(1 / 3)


def test_the_better_fit_of_a_floor_is_shown_and_the_others_are_counted(lay_out: LayOut) -> None:
    (best,) = found(
        with_units(lay_out, unit("3-1"), unit("3-2"), unit("3-3")), area_min=150, area_max=250
    ).matches
    assert best.labels == ("3-1", "3-2")
    assert best.others == 1
    assert [other.labels for other in best.other_spaces] == [("3-2", "3-3")]


@pytest.mark.parametrize(
    ("wishes", "condition", "short"),
    [
        ({"area_min": 120}, "area", 20),
        ({"area_max": 90}, "area", 10),
        ({"rent_max": 4}, "rent", 1),
        ({"budget_max": 160_000}, "budget", 22_500),
        ({"available_by": date(2025, 7, 10)}, "available", 22),
    ],
)
def test_a_near_miss_says_which_condition_it_misses_and_by_how_much(
    lay_out: LayOut, wishes: dict[str, Any], condition: str, short: float
) -> None:
    snapshot = with_units(
        lay_out, unit("3-1", 100, asking_rent_yuan_m2_day=5, available_from=date(2025, 8, 1))
    )
    (miss,) = found(snapshot, **wishes).near
    assert [str(missed) for missed in miss.missed] == [condition]
    assert miss.short == pytest.approx(short)


def test_what_misses_by_more_than_a_quarter_or_misses_twice_is_no_near_miss(lay_out: LayOut) -> None:
    snapshot = with_units(lay_out, unit("3-1", 100, asking_rent_yuan_m2_day=5))
    assert found(snapshot, area_min=134).near == ()
    assert found(snapshot, area_min=133).near != ()
    assert found(snapshot, area_min=120, rent_max=4.5).near == ()


def test_a_tower_known_by_its_vacancy_rate_alone_is_listed_apart_to_ask(lay_out: LayOut) -> None:
    vacant = EXISTING | {"leasable_area_m2": 10_000, "vacancy_rate": 0.2, "cluster": "cbd"}
    rows = [EXISTING, vacant, vacant | {"cluster": "other"}, vacant | {"status": "planned"}]
    snapshot = with_units(lay_out, unit("3-1"), rows=rows)
    answer = found(snapshot, area_min=2_000, cluster=("cbd",))
    assert answer.matches == ()
    assert [(t.building_id, t.vacant_m2) for t in answer.to_ask] == [("T-001", 2_000)]
    assert found(snapshot, area_min=2_001).to_ask == ()


def test_without_any_unit_on_record_there_is_nothing_but_whom_to_ask(lay_out: LayOut) -> None:
    answer = found(lay_out([EXISTING]))
    assert (answer.matched, answer.combinations, answer.matches, answer.near) == (0, 0, (), ())


def test_at_most_twelve_units_make_a_row(lay_out: LayOut) -> None:
    units = [unit(f"3-{n}") for n in range(1, 16)]
    sizes = {len(labels) for labels in all_labels(with_units(lay_out, *units))}
    assert sizes == {*range(1, 13), 15}  # and the floor as a whole


def test_a_space_is_found_again_by_its_name(lay_out: LayOut) -> None:
    snapshot = with_units(lay_out, *(unit(f"{f}-{n}") for f in (3, 4, 5) for n in (1, 2, 3)))
    spaces = spaces_of(snapshot, TODAY)
    assert [spaces.find(spaces.key(index)) for index in range(len(spaces))] == list(range(len(spaces)))
    for wrong in (
        "",
        "~",
        "T-000-3-1",
        "T-000-3-1~",
        "T-000-3-1~0",
        "T-000-3-1~0F",
        "x~1",
        "T-000-3-1~99999",
    ):
        assert spaces.find(wrong) is None


# --- whatever is registered and whatever is wished for -----------------------------------------------------

STATIONS = Surroundings(
    stations=(
        Station("s1", "甲站", "A", ("3",), shapely.Point(120.3705, 36.0862)),
        Station("s2", "乙站", "B", ("4",), shapely.Point(120.385, 36.09)),
    )
)
ROWS: list[dict[str, object]] = [
    EXISTING | {"cluster": "cbd", "sector": "finance", "leasable_area_m2": 9_000, "vacancy_rate": 0.3},
    EXISTING | {"cluster": "xinduxin", "sectors": ["finance"]},
    {"status": "planned", "cluster": "cbd", "completion_year": 2026},
    EXISTING | {"cluster": "other", "leasable_area_m2": 800, "vacancy_rate": 0.5},
]
days = st.none() | st.sampled_from([date(2025, 7, 1), date(2025, 12, 31), date(2027, 1, 1)])
drawn_units = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from([-1, 1, 2, 3]),
        st.none() | st.integers(1, 4),
        st.sampled_from([0.1, 80, 100.5, 250, 1_000]),
        st.booleans(),
        days,
        st.none() | st.sampled_from([0, 2.5, 5]),
    ),
    max_size=24,
)
wishes = st.builds(
    Wishes,
    area_min=st.none() | st.sampled_from([0, 50, 180.5, 300]),
    area_max=st.none() | st.sampled_from([400, 1_000, 3_000]),
    sector=st.sampled_from([(), ("finance",), ("finance", "trade")]),
    rent_max=st.none() | st.sampled_from([0, 2.5, 4]),
    budget_max=st.none() | st.sampled_from([0, 100_000, 1_000_000]),
    station_max=st.none() | st.sampled_from([0, 50, 500, 2_000]),
    cluster=st.sampled_from([(), ("cbd",), ("cbd", "other")]),
    available_by=days,
)


def made(drawn: list[Any]) -> list[Unit]:
    return [
        Unit(
            id=f"U-{at}", building_id=f"T-{tower:03d}", floor=floor, position=position, label=f"{at}", area_m2=area,
            tenant_id="C-1" if is_let else None, available_from=day, asking_rent_yuan_m2_day=rent,
        )
        for at, (tower, floor, position, area, is_let, day, rent) in enumerate(drawn)
    ]  # fmt: skip


def keys(snapshot: Snapshot, asked: Wishes) -> set[tuple[str, ...]]:
    spaces = spaces_of(snapshot, TODAY)
    meets = judge(spaces, asked, today=TODAY).meets
    return {tuple(u.id for u in spaces.units_of(i)) for i, ok in enumerate(meets.tolist()) if ok}


def looser(asked: Wishes, name: str) -> Wishes:
    value = getattr(asked, name)
    if name == "cluster":
        return replace(asked, cluster=(*value, "xinduxin") if value else ())
    if value is None:
        return asked
    if name == "area_min":
        return replace(asked, area_min=value / 2)
    if name == "available_by":
        return replace(asked, available_by=value + timedelta(days=90))
    changed: dict[str, Any] = {name: value * 1.5}
    return replace(asked, **changed)


drawn = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
CONDITIONS = [f.name for f in fields(Wishes) if f.name != "sector"]


@drawn
@given(units=drawn_units, asked=wishes, name=st.sampled_from(CONDITIONS), drop=st.booleans())
def test_loosening_or_dropping_a_condition_never_loses_a_match(
    lay_out: LayOut, units: list[Any], asked: Wishes, name: str, *, drop: bool
) -> None:
    snapshot = with_units(lay_out, *made(units), rows=ROWS, surroundings=STATIONS)
    dropped: dict[str, Any] = {name: () if name == "cluster" else None}
    less = replace(asked, **dropped) if drop else looser(asked, name)
    assert keys(snapshot, asked) <= keys(snapshot, less)
    now, then = (matching(snapshot, each, today=TODAY) for each in (asked, less))
    assert {t.building_id for t in now.to_ask} <= {t.building_id for t in then.to_ask}
    assert now.matched <= then.matched


def sums(space: SpaceFound) -> bool:
    total = sum(part.points for part in space.parts)
    return space.score == pytest.approx(total, abs=1e-9) and all(
        0 <= part.points <= part.of == WEIGHTS[part.name] for part in space.parts
    )


@drawn
@given(drawn_units, wishes)
def test_a_score_is_the_sum_of_its_parts_and_the_best_comes_first(
    lay_out: LayOut, units: list[Any], asked: Wishes
) -> None:
    answer = matching(with_units(lay_out, *made(units), rows=ROWS, surroundings=STATIONS), asked, today=TODAY)
    assert all(sums(space) for space in (*answer.matches, *answer.near))
    scores = [space.score for space in answer.matches]
    assert scores == sorted(scores, reverse=True)
    assert all(not space.missed for space in answer.matches)
    assert all(len(space.missed) == 1 for space in answer.near)


@drawn
@given(drawn_units, wishes, st.randoms())
def test_the_order_of_the_records_does_not_matter(
    lay_out: LayOut, units: list[Any], asked: Wishes, random: Any
) -> None:
    records = made(units)
    one = matching(with_units(lay_out, *records, rows=ROWS, surroundings=STATIONS), asked, today=TODAY)
    random.shuffle(records)
    assert (
        matching(with_units(lay_out, *records, rows=ROWS, surroundings=STATIONS), asked, today=TODAY) == one
    )


@drawn
@given(drawn_units, wishes)
def test_every_match_can_be_checked_by_hand(lay_out: LayOut, units: list[Any], asked: Wishes) -> None:
    records = {unit.id: unit for unit in made(units)}
    snapshot = with_units(lay_out, *records.values(), rows=ROWS, surroundings=STATIONS)
    for ids in keys(snapshot, asked):
        chosen = [records[unit_id] for unit_id in ids]
        area = round(sum(u.area_m2 for u in chosen), 6)
        assert (asked.area_min or 0) <= area <= (asked.area_max or 1e9)
        assert len({u.building_id for u in chosen}) == 1
        floors = sorted({u.floor for u in chosen})
        if len(floors) == 1 and len(chosen) > 1 and chosen[0].position is not None:
            places = [u.position for u in chosen]
            whole = [
                u for u in records.values() if (u.building_id, u.floor) == (chosen[0].building_id, floors[0])
            ]
            assert places == list(range(places[0] or 0, (places[0] or 0) + len(places))) or len(whole) == len(
                chosen
            )
        if asked.budget_max is not None:
            year = sum(u.area_m2 * (u.asking_rent_yuan_m2_day or 0) for u in chosen) * 365
            assert year <= asked.budget_max + 1e-6
            assert all(u.asking_rent_yuan_m2_day is not None for u in chosen)
        if asked.available_by is not None:
            assert all(u.available_from is None or u.available_from <= asked.available_by for u in chosen)
        if asked.cluster:
            row = snapshot.row_of[chosen[0].building_id]
            assert snapshot.buildings[row].cluster in asked.cluster
