"""What speaks against a parcel, in square metres that can be counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildingmap.model import BasemapFeature, Boundary, Surroundings
from buildingmap.sites import (
    FINDING_KINDS,
    FINDING_NAMES,
    Finding,
    find,
    finding_text,
    occupied,
    site_findings,
)
from tests.examples import examples
from tests.sites.parcels import EAST, NORTH, ground, lonlat, site, street, town

if TYPE_CHECKING:
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut

FEW = settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HECTARE = ground(0, 0, 100, 100)


def told(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(finding.site, finding.kind) for finding in site_findings(snapshot)]


def test_a_free_parcel_has_nothing_against_it(lay_out: LayOut) -> None:
    assert site_findings(town(lay_out, [(site(1, area_m2=10_000.0), HECTARE)])) == ()


def test_a_standing_tower_on_a_parcel_is_named_with_the_ground_it_takes(lay_out: LayOut) -> None:
    there = town(lay_out, [(site(1), HECTARE)], towers=[({"name": "老楼"}, ground(-10, 0, 20, 50))])

    (finding,) = site_findings(there)

    assert (finding.kind, finding.other, finding.other_zh) == ("holds_tower", "T-000", "老楼")
    assert finding.m2 == pytest.approx(1000, rel=1e-3)
    assert finding.share == pytest.approx(0.1, rel=1e-3)
    assert finding_text(finding, "en") == "the tower T-000 老楼 stands on 1,000 m² of it, 10%"
    assert finding_text(finding, "zh") == "楼宇 T-000老楼 占其 1,000 平方米（10%）"


def test_a_tower_to_come_is_told_from_one_that_stands(lay_out: LayOut) -> None:
    there = town(lay_out, [(site(1), HECTARE)], towers=[({"status": "planned"}, ground(10, 10, 40, 40))])

    assert told(there) == [("DK-01", "holds_coming")]


def test_a_tower_known_as_a_point_is_found_by_the_point(lay_out: LayOut) -> None:
    point = shapely.point_on_surface(ground(50, 50, 51, 51))
    there = town(lay_out, [(site(1), HECTARE)], towers=[({}, point)])

    (finding,) = site_findings(there)

    assert (finding.kind, finding.m2, finding.share) == ("holds_tower", None, None)
    assert "known as a point" in finding_text(finding, "en")
    assert occupied([finding]) is None, "how much it takes is not known"


def test_a_tower_beside_a_parcel_is_not_on_it(lay_out: LayOut) -> None:
    beside = ground(100, 0, 130, 30)
    assert told(town(lay_out, [(site(1), HECTARE)], towers=[({}, beside)])) == []


def test_a_street_takes_its_width_of_a_parcel(lay_out: LayOut) -> None:
    across = Surroundings(basemap=(street(-50, 50, 150, 50, "延吉路"),))
    (finding,) = site_findings(town(lay_out, [(site(1), HECTARE)], surroundings=across))

    assert (finding.kind, finding.other_zh) == ("is_road", "延吉路")
    assert finding.m2 == pytest.approx(2000, rel=1e-3), "100 m of a street 20 m wide"
    assert "延吉路" in finding_text(finding, "zh")


def test_a_street_that_is_an_area_counts_as_it_is_drawn(lay_out: LayOut) -> None:
    area = BasemapFeature("street", "", ground(0, 0, 100, 60))
    there = town(lay_out, [(site(1), HECTARE)], surroundings=Surroundings(basemap=(area,)))

    (finding,) = site_findings(there)

    assert finding.share == pytest.approx(0.6, rel=1e-3)
    why = occupied([finding])
    assert why is not None
    assert why.by == "road"


def test_streets_that_cross_are_counted_once(lay_out: LayOut) -> None:
    crossing = Surroundings(basemap=(street(-50, 50, 150, 50), street(50, -50, 50, 150)))
    (finding,) = site_findings(town(lay_out, [(site(1), HECTARE)], surroundings=crossing))
    assert finding.m2 == pytest.approx(2000 + 2000 - 400, rel=1e-3)


def test_a_sliver_of_road_says_nothing_but_much_of_it_does_however_large_the_parcel(lay_out: LayOut) -> None:
    along = Surroundings(basemap=(street(-50, -8, 450, -8),))  # two metres of its width reach in
    assert told(town(lay_out, [(site(1), HECTARE)], surroundings=along)) == []
    large = ground(0, 0, 600, 600)
    through = Surroundings(basemap=(street(-50, 300, 650, 300),))
    assert told(town(lay_out, [(site(1), large)], surroundings=through)) == [("DK-01", "is_road")]


def test_an_area_that_differs_by_more_than_a_tenth_is_told_with_its_direction(lay_out: LayOut) -> None:
    stated = [
        (number, site(number, area_m2=m2)) for number, m2 in ((1, 9_200.0), (2, 8_000.0), (3, 12_500.0))
    ]
    parcels = [(one, ground(200 * number, 0, 200 * number + 100, 100)) for number, one in stated]

    found = {finding.site: finding for finding in site_findings(town(lay_out, parcels))}

    assert found.keys() == {"DK-02", "DK-03"}
    assert finding_text(found["DK-02"], "en") == "its shape has 10,000 m², 25% more than the area stated"
    assert finding_text(found["DK-03"], "zh") == "图形面积 10,000 平方米，比所填面积少 20%"


def test_a_parcel_outside_its_cluster_says_where_it_lies(lay_out: LayOut) -> None:
    about = {"rule": "", "source": "", "as_of": None, "schematic": False}
    around = Surroundings(boundaries=(Boundary("cbd", ground(0, 0, 500, 500), **about),))  # type: ignore[arg-type]
    parcels = [
        (site(1, cluster="cbd"), HECTARE),
        (site(2, cluster="cbd"), ground(450, 200, 550, 300)),
        (site(3, cluster="other"), ground(200, 200, 300, 300)),
        (site(4, cluster="other"), ground(700, 200, 800, 300)),
        (site(5), ground(200, 0, 300, 100)),
    ]

    found = {finding.site: finding for finding in site_findings(town(lay_out, parcels, surroundings=around))}

    assert found.keys() == {"DK-02", "DK-03"}
    assert found["DK-02"].m2 == pytest.approx(5000, rel=1e-3)
    assert found["DK-03"].other == "cbd"
    assert {finding.kind for finding in found.values()} == {"outside_cluster"}


def test_a_parcel_across_the_district_s_edge_is_found(lay_out: LayOut) -> None:
    outline = Surroundings(basemap=(BasemapFeature("district", "", ground(-500, -500, 50, 500)),))
    (finding,) = site_findings(town(lay_out, [(site(1), HECTARE)], surroundings=outline))
    assert finding.kind == "outside_district"
    assert finding.share == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(("edge_m", "is_free"), [(60, True), (40, False)])
def test_more_than_half_outside_the_district_is_not_free(
    lay_out: LayOut, edge_m: float, *, is_free: bool
) -> None:
    outline = Surroundings(basemap=(BasemapFeature("district", "", ground(-500, -500, edge_m, 500)),))
    why = occupied(site_findings(town(lay_out, [(site(1), HECTARE)], surroundings=outline)))
    assert (why is None) == is_free
    if why is not None:
        assert (why.by, why.towers) == ("outside", ())
        assert why.share == pytest.approx(0.6, rel=1e-3)


def test_a_parcel_in_the_sea_that_names_a_cluster_is_told_to_lie_outside_of_both(lay_out: LayOut) -> None:
    about = {"rule": "", "source": "", "as_of": None, "schematic": False}
    around = Surroundings(
        boundaries=(Boundary("cbd", ground(-500, -500, -100, 500), **about),),  # type: ignore[arg-type]
        basemap=(BasemapFeature("district", "", ground(-500, -500, -50, 500)),),
    )
    found = site_findings(town(lay_out, [(site(1, cluster="cbd"), HECTARE)], surroundings=around))
    assert [finding.kind for finding in found] == ["outside_cluster", "outside_district"]
    assert [finding.share for finding in found] == pytest.approx([1, 1])
    assert "outside the cluster that it names, 100%" in finding_text(found[0], "en")


def test_of_road_towers_and_what_lies_outside_the_largest_share_is_the_reason() -> None:
    findings = [
        Finding("DK-01", "holds_tower", "T-1", m2=1.0, share=0.55),
        Finding("DK-01", "is_road", m2=1.0, share=0.6),
        Finding("DK-01", "outside_district", m2=1.0, share=0.7),
    ]
    reasons = [occupied(findings[:count]) for count in (1, 2, 3)]
    assert [reason.by for reason in reasons if reason is not None] == ["towers", "road", "outside"]


def test_a_parcel_without_a_shape_and_one_with_an_empty_one_are_told(lay_out: LayOut) -> None:
    there = town(lay_out, [(site(1), None), (site(2), shapely.Polygon())])
    assert told(there) == [("DK-01", "no_shape"), ("DK-02", "no_shape")]


def test_an_outline_that_another_program_left_crossed_stops_nothing(lay_out: LayOut) -> None:
    corners = shapely.get_coordinates(HECTARE)
    bow_tie = shapely.Polygon(corners[[0, 2, 1, 3]])
    assert not bow_tie.is_valid
    there = town(lay_out, [(site(1), bow_tie), (site(2), HECTARE)])
    assert told(there) == [("DK-01", "overlaps"), ("DK-02", "overlaps")]


@pytest.mark.parametrize("shares", [(0.3, 0.19), (0.3, 0.22), (0.9,), (0.5,)])
def test_more_than_half_under_towers_is_occupied(shares: tuple[float, ...]) -> None:
    findings = [
        Finding("DK-01", "holds_tower", f"T-{n}", m2=1.0, share=share) for n, share in enumerate(shares)
    ]
    why = occupied(findings)
    assert (why is not None) == (sum(shares) > 0.5)
    if why is not None:
        assert why.towers == tuple(finding.other for finding in findings)


def test_a_tower_to_come_occupies_nothing() -> None:
    assert occupied([Finding("DK-01", "holds_coming", "T-1", m2=90.0, share=0.9)]) is None


@FEW
@given(east=st.floats(-150, 150), north=st.floats(-150, 150), turn=st.floats(0, 90))
def test_two_parcels_share_the_same_ground_from_either_side(
    lay_out: LayOut, east: float, north: float, turn: float
) -> None:
    middle = shapely.box(-40, -25, 40, 25)
    other = shapely.affinity.translate(shapely.affinity.rotate(middle, turn), east, north)
    placed = [
        lonlat(shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH]))) for shape in (middle, other)
    ]
    there = town(lay_out, [(site(1), placed[0]), (site(2), placed[1])])
    shared = float(shapely.area(shapely.intersection(middle, other)))
    found = site_findings(there)
    if shared < 0.99:
        assert found == ()
    elif shared > 1.01:
        assert [finding.site for finding in found] == ["DK-01", "DK-02"]
        assert found[0].m2 == pytest.approx(found[1].m2)
        assert found[0].m2 == pytest.approx(shared, rel=1e-2, abs=0.5)


@FEW
@given(order=st.permutations(range(4)), west=st.floats(-120, 120))
def test_the_order_of_parcels_changes_nothing_but_the_order(
    lay_out: LayOut, order: list[int], west: float
) -> None:
    parcels = [
        (site(number), ground(west + 60 * number, 0, west + 60 * number + 100, 80)) for number in range(4)
    ]
    towers: list[tuple[dict[str, object], shapely.Geometry]] = [({}, ground(0, 0, 40, 40))]
    there = town(lay_out, parcels, towers=towers)
    shuffled = [parcels[place][0] for place in order]
    again = find(there, shuffled, there.holdings.site_shapes)
    assert set(again) == set(site_findings(there))
    for finding in again:
        assert 0 < (finding.share or 0) <= 1
        assert finding_text(finding, "zh")
        assert finding_text(finding, "en")


def test_every_kind_has_a_name_in_both_languages() -> None:
    assert set(FINDING_NAMES) == set(FINDING_KINDS)
    assert all(english and chinese for english, chinese in FINDING_NAMES.values())
