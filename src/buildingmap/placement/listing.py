"""Every candidate of a plan with what speaks for it: what a map and a table of all places show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from buildingmap.placement.places import places_of
from buildingmap.placement.plan_file import CRITERIA, Criterion
from buildingmap.placement.terms import FULL_POINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.placement.planning import Planning


@dataclass(frozen=True, slots=True)
class Place:
    """One candidate with one sector: the one it is taken for, else the one with most points by itself.

    ``lon``, ``lat``: WGS84, inside it. ``floor_area_m2``: gross, that can be built; None where unknown. ``values``:
    each criterion, 0 to 1; ``points``: what they come to by themselves, out of 100. ``rule``: the registry's.
    """

    id: str
    name: str
    cluster: str | None
    lon: float
    lat: float
    floor_area_m2: float | None
    earliest_year: int | None
    rule: str
    sector: str
    values: dict[Criterion, float]
    points: float


def places(laid_out: Planning, taken: Mapping[str, str] | None = None) -> tuple[Place, ...]:
    """Return every candidate of a plan in the order of their ids; ``taken``: the sector of each one that is taken."""
    assessment, listed = laid_out.assessment, laid_out.listed
    if not len(listed) or not assessment.sectors:
        return ()
    shares = np.array([laid_out.plan.weights.shares[criterion] for criterion in CRITERIA])
    points = FULL_POINTS * np.tensordot(shares, assessment.values, axes=1)
    column = {sector: place for place, sector in enumerate(assessment.sectors)}
    best = points.argmax(axis=1)
    clusters = [cluster.id for cluster in laid_out.snapshot.district.clusters]
    where = places_of(listed, laid_out.snapshot.metric)
    found = []
    for row, place_id in enumerate(listed.ids):
        sector = column.get((taken or {}).get(place_id, ""), int(best[row]))
        cluster = int(listed.cluster[row])
        known = listed.area_basis[row] != "unknown"
        found.append(
            Place(
                id=place_id,
                name=listed.names[row],
                cluster=clusters[cluster] if cluster >= 0 else None,
                lon=where[row][0],
                lat=where[row][1],
                floor_area_m2=float(listed.floor_area_m2[row]) if known else None,
                earliest_year=listed.earliest_year[row],
                rule=listed.rule[row],
                sector=assessment.sectors[sector],
                values={
                    criterion: float(assessment.values[place, row, sector])
                    for place, criterion in enumerate(CRITERIA)
                },
                points=float(points[row, sector]),
            )
        )
    return tuple(found)
