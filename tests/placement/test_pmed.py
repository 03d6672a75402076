"""p-medians of the OR-Library: read strictly, and proved optimal."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import sparse

from buildingmap.placement.solver.programme import model_of, solver
from buildingmap.placement.stations.centre import solve_centre
from buildingmap.placement.stations.median import solve_median
from buildingmap.placement.stations.pmed_file import MOST_NODES, PmedError, pmed_document, read_pmed
from tests.placement.located import best_of, graph, plane, pmed_text, reached_by, total_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
# beside a checkout that has them; none of them is part of the project
LIBRARY = ROOT.parent / "shared" / "data" / "orlib_pmed"
# the least greatest distance of pmed1 to pmed40, as Elloumi, Labbé and Pochet (2004) and Pullan (2008) found them
PUBLISHED_CENTRES = (
    127, 98, 93, 74, 48, 84, 64, 55, 37, 20, 59, 51, 36, 26, 18, 47, 39, 28, 18, 13,
    40, 38, 22, 15, 11, 38, 32, 18, 13, 9, 30, 29, 15, 11, 30, 27, 15, 29, 23, 13,
)  # fmt: skip


def written(folder: Path, nodes: int, count: int, seed: int) -> Path:
    path = folder / f"pmed{seed}.txt"
    path.write_text(
        pmed_text(nodes, count, graph(nodes, max(nodes * nodes // 50, nodes), seed)), encoding="ascii"
    )
    return path


def published() -> list[tuple[Path, int]]:
    table = LIBRARY / "optima.csv"
    if not table.exists():
        return []
    with table.open(encoding="utf-8") as file:
        return [
            (LIBRARY / f"{row['instance']}.txt", int(row["optimum"]))
            for row in csv.DictReader(file)
            if (LIBRARY / f"{row['instance']}.txt").exists()
        ]


def classic(costs: NDArray[np.float64], count: int) -> float:
    """The optimum by the programme of the textbooks (ReVelle and Swain 1970), which HiGHS solves as a whole."""
    sites, demands = costs.shape
    pairs = sites * demands
    served = sparse.hstack(
        [sparse.csr_matrix((demands, sites)), sparse.kron(np.ones((1, sites)), sparse.eye(demands))]
    )
    by_open = sparse.hstack([sparse.kron(sparse.eye(sites), np.ones((demands, 1))), -sparse.eye(pairs)])
    number = sparse.csr_matrix(np.concatenate([np.ones(sites), np.zeros(pairs)])[None])
    blocks = [
        (served.tocsr(), np.ones(demands), np.ones(demands)),
        (by_open.tocsr(), np.zeros(pairs), np.full(pairs, np.inf)),
        (number, np.array([float(count)]), np.array([float(count)])),
    ]
    profits = -np.concatenate([np.zeros(sites), costs.ravel()])
    highs = solver(model_of(profits, blocks, np.ones(sites + pairs), np.arange(sites)), mip_rel_gap=0.0)
    highs.run()
    return -float(highs.getInfo().objective_function_value)


def test_published_instances_are_proved_optimal_or_generated_ones_where_there_are_none(
    tmp_path: Path,
) -> None:
    found = published()
    for path, optimum in found:
        document = pmed_document(path.name, read_pmed(path), seconds=120)
        assert (document["status"], document["value"], document["bound"]) == ("optimal", optimum, optimum), (
            path.name
        )
    for seed in range(0 if found else 10):
        pmed = read_pmed(written(tmp_path, 100, (5, 10, 20)[seed % 3], seed))
        document = pmed_document("generated", pmed, seconds=120)
        assert document["status"] == "optimal"
        assert document["value"] == document["bound"]


def test_p_centres_are_the_published_ones_or_proved_by_another_solver_where_there_are_none(
    tmp_path: Path,
) -> None:
    found = [path for path, _ in published()]
    for path in found:
        pmed = read_pmed(path)
        centre = solve_centre(pmed.distances, pmed.count)
        optimum = PUBLISHED_CENTRES[int(path.stem.removeprefix("pmed")) - 1]
        assert (centre.status, centre.value, centre.bound) == ("optimal", optimum, optimum), path.name
    for seed in range(0 if found else 4):
        pmed = read_pmed(written(tmp_path, 60, (4, 6)[seed % 2], seed))
        centre = solve_centre(pmed.distances, pmed.count)
        assert (centre.status, centre.bound) == ("optimal", centre.value)
        assert reached_by(pmed.distances <= centre.value, pmed.count)
        assert not reached_by(pmed.distances < centre.value, pmed.count)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_generated_instances_have_the_optimum_that_trying_everything_finds(
    tmp_path: Path, seed: int, count: int
) -> None:
    pmed = read_pmed(written(tmp_path, 30, count, seed))
    document = pmed_document("generated", pmed, seconds=60)
    assert document["status"] == "optimal"
    assert document["value"] == best_of(30, count, total_of(pmed.distances))
    assert total_of(pmed.distances)([node - 1 for node in document["open"]]) == document["value"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [4, 7, 12])
def test_larger_ones_agree_with_the_programme_of_the_textbooks(tmp_path: Path, seed: int, count: int) -> None:
    pmed = read_pmed(written(tmp_path, 50, count, seed))
    found = solve_median(pmed.distances, count)
    assert found.status == "optimal"
    assert found.value == pytest.approx(classic(pmed.distances, count))
    costs = plane(40, 60, seed)
    assert solve_median(costs, count).value == pytest.approx(classic(costs, count), rel=1e-6)


def test_of_a_pair_listed_twice_the_last_cost_counts_and_ways_may_lead_through_others(tmp_path: Path) -> None:
    path = tmp_path / "pmed.txt"
    path.write_text("3 4 1\n1 2 9\n2 1 4\n2 3 5\n1 3 100\n", encoding="ascii")
    pmed = read_pmed(path)
    assert pmed.distances.tolist() == [[0, 4, 9], [4, 0, 5], [9, 5, 0]]
    document = pmed_document(path.name, pmed, seconds=10)
    assert (document["value"], document["open"], document["nodes"], document["p"]) == (9, [2], 3, 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "found nothing, expected a line of nodes, edges and nodes to open"),
        (b"3 1\n1 2 3\n", "line 1: found '3 1', expected nodes, edges and nodes to open"),
        (b"3 x 1\n", "line 1: found '3 x 1', expected nodes, edges and nodes to open"),
        (
            f"{MOST_NODES + 1} 1 1\n1 2 3\n".encode(),
            f"line 1: found {MOST_NODES + 1} nodes, expected 1 to {MOST_NODES}",
        ),
        (b"3 1 4\n1 2 3\n", "line 1: found 4 nodes to open, expected 1 to 3"),
        (b"2 2 1\n1 2 3\n", "found 1 edges, expected 2, as line 1 says"),
        (b"2 1 1\n\n1 2\n", "line 3: found '1 2', expected two nodes and a cost from 0 to 1,000,000,000"),
        (b"2 1 1\n1 2 -3\n", "line 2: found '1 2 -3', expected two nodes and a cost"),
        (b"2 1 1\n1 2 nan\n", "line 2: found '1 2 nan', expected two nodes and a cost"),
        (b"2 1 1\n1 3 4\n", "line 2: found '1 3 4', expected two different nodes from 1 to 2"),
        (b"2 1 1\n1 1 4\n", "line 2: found '1 1 4', expected two different nodes from 1 to 2"),
        (b"3 1 1\n1 2 4\n", "found no way from node 1 to node 3, expected a connected graph"),
        (b"2 1 1\n1 2 \xe4\n", "found the byte 0xe4, expected ASCII"),
        (b"1" * 20_000_001, "found more than 20,000,000 bytes"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_line_found_and_expected(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    with pytest.raises(PmedError) as refused:
        read_pmed(path)
    assert f"mine.txt: {said}" in str(refused.value)


def test_every_wrong_edge_is_named_and_a_file_that_is_not_there_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("2 3 1\n1 2 x\n1 2 4\n9 9 9\n", encoding="ascii")
    with pytest.raises(PmedError) as refused:
        read_pmed(path)
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == [" line 2", " line 4"]
    with pytest.raises(PmedError, match=r"nowhere\.txt: No such file"):
        read_pmed(tmp_path / "nowhere.txt")
