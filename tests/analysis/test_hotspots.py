from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
import shapely

from buildingmap.analysis import hot_spots, hotspots
from buildingmap.filters import Filter, select
from tests.analysis.towns import CBD, XINDUXIN, around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from buildingmap.analysis import HotSpots
    from buildingmap.snapshot import Snapshot
    from tests.conftest import LayOut, Row

    Floats = NDArray[np.float64]


def taxed(lay_out: LayOut, taxes: list[float], shapes: Sequence[shapely.Geometry]) -> Snapshot:
    return lay_out([{"tax_yuan": tax, "tax_year": 2023} for tax in taxes], shapes=shapes)


@pytest.fixture(scope="module")
def rich_and_poor(lay_out: LayOut) -> Snapshot:
    """Fifty towers of about 200 million yuan in one place, fifty of about 10 million in another."""
    drawn = np.random.default_rng(3)
    taxes = [*drawn.normal(200e6, 10e6, 50).tolist(), *drawn.normal(10e6, 1e6, 50).tolist()]
    return taxed(lay_out, taxes, [*around(CBD, 50), *around(XINDUXIN, 50)])


def found_in(snapshot: Snapshot, **options: Any) -> HotSpots:
    return hot_spots(select(snapshot, Filter()), **options)


def columns(snapshot: Snapshot) -> tuple[Floats, NDArray[np.int64]]:
    """Taxes, and each tower's eight nearest others by plain sorting of all distances."""
    tax = snapshot.figures().tax_yuan
    points = np.column_stack((snapshot.x_m, snapshot.y_m))
    distances = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(distances, np.inf)
    return tax, np.argsort(distances, axis=1)[:, :8]


def test_high_taxes_that_stand_together_are_hot_and_low_ones_cold(rich_and_poor: Snapshot) -> None:
    found = found_in(rich_and_poor)
    kinds = {spot.id: spot.kind for spot in found.towers}
    assert [kinds[f"T-{number:03d}"] for number in range(50)].count("hot") >= 45
    assert [kinds[f"T-{number:03d}"] for number in range(50, 100)].count("cold") >= 45
    assert "cold" not in {kinds[f"T-{number:03d}"] for number in range(50)}


def test_taxes_dealt_out_at_random_make_no_hot_spots(lay_out: LayOut) -> None:
    taxes = np.random.default_rng(11).uniform(10e6, 200e6, 100).tolist()
    found = found_in(taxed(lay_out, taxes, around(CBD, 100)))
    assert {spot.kind for spot in found.towers} == {"not_significant"}


def test_z_is_the_getis_ord_score_of_a_tower_with_its_eight_nearest(rich_and_poor: Snapshot) -> None:
    tax, nearest = columns(rich_and_poor)
    n, members = len(tax), 9
    spread = np.sqrt((tax**2).mean() - tax.mean() ** 2)
    local = tax + tax[nearest].sum(axis=1)
    expected = (local - tax.mean() * members) / (spread * np.sqrt((n * members - members**2) / (n - 1)))
    assert [spot.z for spot in found_in(rich_and_poor, permutations=99).towers] == pytest.approx(
        expected, abs=1e-3
    )


def test_p_is_twice_the_rarer_tail_of_drawing_eight_other_towers_at_random(lay_out: LayOut) -> None:
    taxes = np.random.default_rng(5).lognormal(17, 1, 40)
    snapshot = taxed(lay_out, taxes.tolist(), around(CBD, 40))
    tax, nearest = columns(snapshot)
    drawn = np.random.default_rng(6)
    for row, spot in enumerate(found_in(snapshot, permutations=9_999).towers):
        others = np.delete(tax, row)
        sums = np.array([others[drawn.permutation(39)[:8]].sum() for _ in range(2_000)])
        observed = tax[nearest[row]].sum()
        expected = min(1.0, 2 * min((sums >= observed).mean(), (sums <= observed).mean()))
        assert spot.p_sim == pytest.approx(expected, abs=0.08)


def test_p_is_adjusted_for_the_number_of_tests(rich_and_poor: Snapshot) -> None:
    found = found_in(rich_and_poor)
    p = sorted(spot.p_sim for spot in found.towers)
    for spot in found.towers:
        # Benjamini and Hochberg: the least of p × n ÷ rank over this rank and all after it
        expected = min(value * len(p) / rank for rank, value in enumerate(p, 1) if value >= spot.p_sim)
        assert spot.q == pytest.approx(min(expected, 1), abs=1e-6)
        assert (spot.kind == "not_significant") == (spot.q > 0.05)


def test_the_same_selection_and_seed_give_the_same_answer_in_every_thread(rich_and_poor: Snapshot) -> None:
    expected = found_in(rich_and_poor, permutations=99)
    answers: list[HotSpots] = []
    threads = [
        threading.Thread(target=lambda: answers.append(found_in(rich_and_poor, permutations=99)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 4
    assert found_in(rich_and_poor, permutations=99, seed=1) != expected


def test_the_answer_does_not_depend_on_the_order_of_the_file(lay_out: LayOut) -> None:
    shapes, taxes = around(CBD, 40), [1e6 * number for number in range(40)]
    rows = [{"id": f"T-{number:03d}", "tax_yuan": tax, "tax_year": 2023} for number, tax in enumerate(taxes)]
    forwards, backwards = lay_out(rows, shapes=shapes), lay_out(rows[::-1], shapes=shapes[::-1])
    assert found_in(forwards) == found_in(backwards)


def test_nobody_else_s_random_numbers_are_disturbed(rich_and_poor: Snapshot) -> None:
    np.random.seed(42)  # noqa: NPY002 - the generator that all of a process shares
    expected = np.random.random(3).tolist()  # noqa: NPY002 - the same
    np.random.seed(42)  # noqa: NPY002 - the same
    found_in(rich_and_poor, permutations=9)
    assert np.random.random(3).tolist() == expected  # noqa: NPY002 - the same


def test_how_it_was_computed_and_what_must_be_said_beside_it_are_part_of_the_answer(
    rich_and_poor: Snapshot,
) -> None:
    plain = orjson.loads(orjson.dumps(found_in(rich_and_poor)))
    assert plain["parameters"] | {"seed": 0} == {
        "towers": 100,
        "neighbours": 8,
        "crs": "EPSG:4549",
        "permutations": 9_999,
        "seed": 0,
        "false_discovery_rate": 0.05,
    }
    assert plain["cautions"] == ["many_tests", "pseudo_p", "where_not_why"]


def test_only_existing_towers_with_a_known_tax_are_tested(lay_out: LayOut) -> None:
    rows: list[Row] = [{"tax_yuan": float(number), "tax_year": 2023} for number in range(35)]
    rows += [{"tax_yuan": 9e9, "tax_year": 2023, "status": "planned"}, {}]
    found = found_in(lay_out(rows, shapes=around(CBD, 37)), permutations=99)
    assert [spot.id for spot in found.towers] == [f"T-{number:03d}" for number in range(35)]


def test_thirty_towers_are_needed(lay_out: LayOut) -> None:
    taxes = [float(number) for number in range(30)]
    assert found_in(taxed(lay_out, taxes[:29], around(CBD, 29))).reason == "too_few_towers"
    assert found_in(taxed(lay_out, taxes, around(CBD, 30)), permutations=9).reason is None


def test_the_same_tax_everywhere_has_no_hot_spots(lay_out: LayOut) -> None:
    assert found_in(taxed(lay_out, [5e6] * 40, around(CBD, 40))).reason == "no_variation"


def test_more_towers_than_can_be_answered_in_seconds_are_declined(
    rich_and_poor: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotspots, "MOST_TOWERS", 99)
    assert found_in(rich_and_poor).reason == "too_many_towers"


def test_towers_on_one_spot_are_each_other_s_neighbours(lay_out: LayOut) -> None:
    spot = [shapely.Point(120.37, 36.09)] * 40
    found = found_in(taxed(lay_out, [float(number) for number in range(40)], spot), permutations=99)
    assert found.reason is None
    assert all(np.isfinite(entry.z) for entry in found.towers)
