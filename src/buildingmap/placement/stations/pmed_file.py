"""A p-median of the OR-Library (Beasley 1985) from its file: a graph, and how many of its nodes to open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from buildingmap.errors import BuildingmapError
from buildingmap.model.faults import shown
from buildingmap.placement.stations.centre import solve_centre
from buildingmap.placement.stations.covering import solve_covering
from buildingmap.placement.stations.median import prepare, solve_median

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PmedMeasure = Literal["p-median", "covering", "centre"]
MOST_BYTES: Final = 20_000_000
MOST_NODES: Final = 3_000
MOST_EDGES: Final = 1_000_000
_MOST_COST: Final = 1e9
_MOST_FAULTS: Final = 20
_FIELDS: Final = 3


class PmedError(BuildingmapError):
    """A p-median file cannot be used: one line for each thing wrong, with the line, the found and the expected."""


@dataclass(frozen=True, eq=False)
class Pmed:
    """Shortest distances between all nodes, float64[nodes, nodes], and how many to open (``count``)."""

    distances: NDArray[np.float64]
    edges: int
    count: int

    @property
    def nodes(self) -> int:
        """How many nodes the graph has."""
        return len(self.distances)


def read_pmed(path: Path) -> Pmed:
    """Read a p-median of the OR-Library.

    The first line holds the number of nodes, of edges and of nodes to open, every other one an edge: two nodes from 1
    on and a cost from 0; edges have no direction, and the last of a pair counts. Every node is a demand of 1 and a
    candidate. Raises PmedError.
    """
    name = path.name
    lines = _lines(path, name)
    nodes, edges, count = _head(lines, name)
    if len(lines) - 1 != edges:
        raise PmedError(f"{name}: found {len(lines) - 1} edges, expected {edges}, as line {lines[0][0]} says")
    costs: dict[tuple[int, int], float] = {}
    faults: list[str] = []
    for number, words in lines[1:]:
        edge = _edge(words, nodes)
        if isinstance(edge, str):
            faults.append(f"{name}: line {number}: {edge}")
            if len(faults) >= _MOST_FAULTS:
                break
        else:
            costs[edge[:2]] = edge[2]
    if faults:
        raise PmedError("\n".join(faults))
    return Pmed(_distances(costs, nodes, name), edges, count)


def pmed_document(
    name: str,
    pmed: Pmed,
    *,
    seconds: float,
    measure: PmedMeasure = "p-median",
    radius: float | None = None,
) -> dict[str, Any]:
    """Open nodes of a graph of the OR-Library and return what came of it, as plain values.

    ``value`` is the total distance (p-median) or the greatest (centre), which no choice brings below ``bound``, or how
    many nodes are within ``radius`` (covering), in the file's own unit, which no choice brings above it. ``open``:
    the nodes, from 1 on; ``seconds``: how long solving took, without reading the file and loading compiled code.
    """
    if measure == "covering":
        reaches = pmed.distances <= (math.inf if radius is None else radius)
        found = solve_covering(reaches, np.ones(pmed.nodes), pmed.count, seconds=seconds)
    elif measure == "centre":
        found = solve_centre(pmed.distances, pmed.count, seconds=seconds)
    else:
        prepare(pmed.distances)
        found = solve_median(pmed.distances, pmed.count, seconds=seconds)
    return {
        "file": name,
        "measure": measure,
        "radius": radius if measure == "covering" else None,
        "nodes": pmed.nodes,
        "edges": pmed.edges,
        "p": pmed.count,
        "status": found.status,
        "value": _plain(found.value),
        "bound": _plain(found.bound),
        "gap": found.gap,
        "seconds": round(found.seconds, 3),
        "branches": found.branches,
        "open": [int(node) + 1 for node in found.stations],
    }


def _plain(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _lines(path: Path, name: str) -> list[tuple[int, list[str]]]:
    """Return the words of each line that holds any, with its number."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PmedError(f"{name}: {error.strerror or error}") from error
    if len(content) > MOST_BYTES:
        raise PmedError(f"{name}: found more than {MOST_BYTES:,} bytes, expected at most so many")
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as error:
        raise PmedError(f"{name}: found the byte {content[error.start]:#04x}, expected ASCII") from error
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1)]
    found = [(number, words) for number, words in lines if words]
    if not found:
        raise PmedError(f"{name}: found nothing, expected a line of nodes, edges and nodes to open")
    return found


def _head(lines: list[tuple[int, list[str]]], name: str) -> tuple[int, int, int]:
    number, words = lines[0]
    where = f"{name}: line {number}:"
    values = [_whole(word) for word in words]
    if len(values) != _FIELDS or None in values:
        raise PmedError(f"{where} found {shown(' '.join(words))}, expected nodes, edges and nodes to open")
    nodes, edges, count = (value for value in values if value is not None)
    for value, what, least, most in (
        (nodes, "nodes", 1, MOST_NODES),
        (edges, "edges", 0, MOST_EDGES),
        (count, "nodes to open", 1, nodes),
    ):
        if not least <= value <= most:
            raise PmedError(f"{where} found {value} {what}, expected {least} to {most}")
    return nodes, edges, count


def _edge(words: list[str], nodes: int) -> tuple[int, int, float] | str:
    """Return an edge, its lesser node first and nodes from 0 on, or what is wrong with it."""
    ends = [_whole(word) for word in words[:2]]
    cost = _cost(words[2]) if len(words) == _FIELDS else None
    if cost is None or None in ends:
        return f"found {shown(' '.join(words))}, expected two nodes and a cost from 0 to {_MOST_COST:,.0f}"
    one, other = sorted(end for end in ends if end is not None)
    if not 1 <= one < other <= nodes:
        return f"found {shown(' '.join(words))}, expected two different nodes from 1 to {nodes}"
    return one - 1, other - 1, cost


def _whole(word: str) -> int | None:
    return int(word) if word.isdigit() and len(word) <= 9 else None  # noqa: PLR2004 - digits of a count


def _cost(word: str) -> float | None:
    try:
        cost = float(word)
    except ValueError:
        return None
    return cost if math.isfinite(cost) and 0 <= cost <= _MOST_COST else None


def _distances(costs: dict[tuple[int, int], float], nodes: int, name: str) -> NDArray[np.float64]:
    ends = np.array(list(costs), dtype=np.int64).reshape(-1, 2)
    graph = sparse.coo_matrix(
        (np.array(list(costs.values())), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes)
    )
    found: NDArray[np.float64] = shortest_path(graph.tocsr(), method="D", directed=False)
    if np.isinf(found).any():
        one, other = np.argwhere(np.isinf(found))[0] + 1
        raise PmedError(f"{name}: found no way from node {one} to node {other}, expected a connected graph")
    return found
