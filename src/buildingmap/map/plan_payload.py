"""What the map of a plan draws itself from: every candidate's outline and criteria, and the standing towers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from buildingmap.map.payload import outline
from buildingmap.model import STATUSES
from buildingmap.placement import CRITERIA, places

if TYPE_CHECKING:
    from buildingmap.placement import Planning

_EXISTING: Final = STATUSES.index("existing")
_PARTS: Final = 1000


def plan_payload(laid_out: Planning) -> bytes:
    """Return JSON: ``places`` with outlines as those of ``towers_payload``, ``values`` by criterion, place and sector.

    ``values`` are whole thousandths of 0 to 1. ``towers``: [lon, lat] of each standing tower, WGS84 degrees.
    """
    snapshot, assessment, listed = laid_out.snapshot, laid_out.assessment, laid_out.listed
    shapes = snapshot.holdings.site_shapes
    standing = np.flatnonzero(snapshot.status == _EXISTING)
    document: dict[str, Any] = {
        "criteria": CRITERIA,
        "sectors": assessment.sectors,
        "places": [
            {
                "id": place.id,
                "name": place.name,
                "lon": place.lon,
                "lat": place.lat,
                "shape": outline(snapshot.geometry[row] if row >= 0 else shapes[place.id]),
            }
            for place, row in zip(places(laid_out), listed.rows.tolist(), strict=False)
        ],
        "values": np.rint(assessment.values * _PARTS).astype(int).tolist(),
        "towers": np.column_stack([snapshot.lon[standing], snapshot.lat[standing]]).round(6).tolist(),
    }
    return orjson.dumps(document)
