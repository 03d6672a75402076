"""Service stations for the standing towers: what each measure is best at, who is served, and who does not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from buildingmap.model import Site, Tenant
from buildingmap.placement.stations import (
    MEASURES,
    WEIGHTS,
    HiddenStationsError,
    StationsAsked,
    StationsError,
    asked_stations,
    left_out_text,
    parcels_left_out_text,
    result_texts,
    service_stations,
)
from buildingmap.placement.stations.demand import demand_of
from buildingmap.registry import read_holdings
from buildingmap.resources import data_folder
from buildingmap.snapshot import public_view

if TYPE_CHECKING:
    from buildingmap.placement.stations import StationsAnswer
    from buildingmap.snapshot import Snapshot

TODAY = date(2024, 1, 15)


@pytest.fixture(scope="module")
def whole(demo_snapshot: Snapshot) -> Snapshot:
    return replace(
        demo_snapshot, holdings=read_holdings(data_folder() / "holdings.json", demo_snapshot.district)
    )


def placed(snapshot: Snapshot, **asked: object) -> StationsAnswer:
    return service_stations(snapshot, replace(StationsAsked(), **asked), today=TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize("weight", WEIGHTS)
def test_no_two_parcels_are_better_than_those_that_were_found(whole: Snapshot, weight: str) -> None:
    demand = demand_of(whole, weight, "sites", today=TODAY)  # type: ignore[arg-type]
    pairs = [demand.distance_m[list(pair)].min(axis=0) for pair in combinations(range(len(demand.ids)), 2)]
    share = demand.weight / demand.weight.sum()
    best = {
        "p-median": min(float(away_m @ share) for away_m in pairs),
        "centre": min(float(away_m.max()) for away_m in pairs),
        "covering": max(float(share[away_m <= 900].sum()) for away_m in pairs),
    }
    for measure in MEASURES:
        found = placed(whole, measure=measure, weight=weight, where="sites", stations=2, radius_m=900.0)
        assert found.status == "optimal"
        assert found.value == pytest.approx(best[measure])
        assert found.bound == pytest.approx(found.value)


def test_each_measure_is_at_least_as_good_as_the_others_at_what_it_is_for(whole: Snapshot) -> None:
    found = {measure: placed(whole, measure=measure, stations=5, radius_m=700.0) for measure in MEASURES}
    for other in found.values():
        assert found["p-median"].mean_m <= other.mean_m + 1e-6
        assert found["centre"].farthest_m <= other.farthest_m + 1e-6
        assert found["covering"].covered >= other.covered - 1e-9


@pytest.mark.parametrize("measure", MEASURES)
def test_every_tower_that_counts_is_served_once_by_its_nearest_station(whole: Snapshot, measure: str) -> None:
    found = placed(whole, measure=measure, stations=4)
    served = [tower for station in found.stations for tower in station.towers]
    assert len(served) == len(set(served)) == found.towers
    assert found.towers + found.left_out == 108  # the towers that stand
    assert sum(station.weight for station in found.stations) == pytest.approx(found.whole_weight)
    at = {station.id: whole.row(station.id) for station in found.stations}
    for station in found.stations:
        for tower in station.towers:
            row = whole.row(tower)
            away_m = {
                each: float(np.hypot(whole.x_m[row] - whole.x_m[place], whole.y_m[row] - whole.y_m[place]))
                for each, place in at.items()
            }
            assert away_m[station.id] == pytest.approx(min(away_m.values()))


def test_one_more_station_never_serves_worse(whole: Snapshot) -> None:
    values = {
        measure: [placed(whole, measure=measure, stations=count).value for count in (1, 2, 4, 8)]
        for measure in MEASURES
    }
    assert values["p-median"] == sorted(values["p-median"], reverse=True)
    assert values["centre"] == sorted(values["centre"], reverse=True)
    assert values["covering"] == sorted(values["covering"])


def test_companies_that_have_moved_out_do_not_count(whole: Snapshot) -> None:
    gone = {tenant.id for tenant in whole.holdings.all(Tenant) if tenant.building_id == "CBD-01"}
    assert gone
    tenants = tuple(
        tenant.model_copy(update={"moved_out_on": TODAY}) if tenant.id in gone else tenant
        for tenant in whole.holdings.all(Tenant)
    )
    moved = replace(
        whole,
        holdings=replace(whole.holdings, records={**whole.holdings.records, "tenant": tenants}, _by_tower={}),
    )
    before, after = placed(whole), placed(moved)
    assert after.left_out == before.left_out + 1
    assert all("CBD-01" not in station.towers for station in after.stations)


def test_more_stations_than_places_and_towers_without_weight_are_refused(
    demo_snapshot: Snapshot, whole: Snapshot
) -> None:
    with pytest.raises(StationsError) as refused:
        placed(whole, where="sites", stations=39)
    assert str(refused.value) == (
        "found 39 stations for 38 places, expected at most as many as places; parcels left out, as in a plan: 4"
    )
    assert refused.value.zh == "要求 39 处服务站，可选位置只有 38 处；与规划相同，另有 4 处地块不可选"
    with pytest.raises(StationsError, match="no standing tower with a weight by companies"):
        placed(demo_snapshot)  # a bare layer knows no tenants


def test_parcels_that_a_plan_leaves_out_get_no_station_and_are_named(whole: Snapshot) -> None:
    found = placed(whole, where="sites", stations=38)
    assert found.places == 38
    assert [each.en for each in found.parcels_left_out] == [
        "the registry forbids DK-16",
        "the registry forbids DK-31",
        "DK-41 is left out: 66% of it is under OTH-07",
        "DK-42 is left out: 83% of it is road",
    ]
    assert parcels_left_out_text(found, "en") == "Parcels left out, as in a plan: 4"
    assert {station.id for station in found.stations}.isdisjoint({"DK-16", "DK-31", "DK-41", "DK-42"})
    in_towers = placed(whole, where="towers")
    assert in_towers.parcels_left_out == ()
    assert parcels_left_out_text(in_towers, "zh") == ""


@pytest.mark.parametrize(
    ("site", "rule", "left_out"),
    [
        ("DK-07", "forbidden", {"DK-07", "DK-16", "DK-31", "DK-41", "DK-42"}),
        ("DK-42", "forbidden", {"DK-16", "DK-31", "DK-41", "DK-42"}),
        ("DK-42", "fixed", {"DK-16", "DK-31", "DK-41"}),
    ],
)
def test_the_registry_s_rules_for_parcels_hold_for_stations(
    whole: Snapshot, site: str, rule: str, left_out: set[str]
) -> None:
    sites = tuple(
        each.model_copy(update={"rule": rule}) if each.id == site else each
        for each in whole.holdings.all(Site)
    )
    ruled = replace(
        whole,
        holdings=replace(whole.holdings, records={**whole.holdings.records, "site": sites}, _by_tower={}),
    )
    found = placed(ruled, where="sites", stations=3)
    assert {each.id for each in found.parcels_left_out} == left_out
    assert found.places == 42 - len(left_out)
    if rule == "forbidden":
        said = next(each for each in found.parcels_left_out if each.id == site)
        assert (said.why, said.zh) == ("registry_forbidden", f"登记库规定 {site} 不得入选")


def test_the_public_is_not_told_who_is_where(whole: Snapshot) -> None:
    with pytest.raises(HiddenStationsError):
        placed(public_view(whole), weight="area")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"measure": "best"}, "measure: found 'best', expected one of p-median, covering, centre"),
        ({"weight": "tax"}, "weight: found 'tax', expected one of companies, area, towers"),
        ({"stations": 0}, "stations: found 0, expected 1 to 200"),
        ({"radius_m": 0.0}, "radius: found 0, expected metres above 0, at most 100000"),
    ],
)
def test_a_question_that_cannot_be_asked_is_named(entry: dict[str, object], said: str) -> None:
    question = {"measure": "centre", "stations": 3, "weight": "area", "where": "towers", "radius_m": 500.0}
    with pytest.raises(StationsError, match=said):
        asked_stations(**(question | entry))  # type: ignore[arg-type]


def test_an_answer_is_said_in_both_languages_with_its_proof(whole: Snapshot) -> None:
    found = placed(whole, measure="covering")
    assert result_texts(found, "en")[1] == "proved: no choice of places is better"
    assert "500 米内覆盖" in result_texts(found, "zh")[0]
    assert str(found.left_out) in left_out_text(found, "zh")
    unproved = replace(found, status="time_limit", bound=0.9999)
    assert "100%" in result_texts(unproved, "en")[1]
