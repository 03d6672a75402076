"""A town of standing towers and parcels to plan for: small, synthetic, and different for every seed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from buildingmap import crs
from buildingmap.model import BasemapFeature, Building, Site
from buildingmap.snapshot import Holdings, LayerNote, build_snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from buildingmap.model import District, Surroundings
    from buildingmap.snapshot import Snapshot

CENTRE_LON, CENTRE_LAT = 120.3745, 36.0895
FARTHEST_M = 2000


def squares(places_m: NDArray[np.float64], half_m: float) -> list[shapely.Polygon]:
    """Squares in WGS84 around float64[n, 2] points, metres east and north of the centre."""
    east, north = crs.from_wgs84("epsg:4549", np.array([CENTRE_LON]), np.array([CENTRE_LAT]))
    boxes = np.empty(len(places_m), dtype=object)
    boxes[:] = [
        shapely.box(east[0] + x - half_m, north[0] + y - half_m, east[0] + x + half_m, north[0] + y + half_m)
        for x, y in places_m
    ]
    return list(crs.geometries_to_wgs84("epsg:4549", boxes))


# all of the town lies in its district, which the one whose streets and stations it borrows does not hold
_OUTLINE = BasemapFeature("district", "", squares(np.zeros((1, 2)), half_m=2 * FARTHEST_M)[0])


def town(
    seed: int,
    district: District,
    surroundings: Surroundings,
    *,
    towers: int = 30,
    sites: int = 10,
    coming: int = 2,
    **site_fields: object,
) -> Snapshot:
    """Standing towers with sector, tax and vacancy, ``coming`` planned ones, and ``sites`` parcels around them."""
    rng = np.random.default_rng(seed)
    sectors = [each.id for each in district.sectors]
    clusters = [each.id for each in district.clusters]
    buildings = []
    for number in range(towers + coming):
        standing = number < towers
        floor_area_m2 = float(rng.integers(10_000, 80_000))
        buildings.append(
            Building.model_validate(
                {
                    "id": f"T-{number:03}",
                    "name": f"{number}号楼",
                    "status": "existing" if standing else "planned",
                    "cluster": str(rng.choice(clusters)),
                    "sector": str(rng.choice(sectors)),
                    "sectors": [],
                    "floor_area_m2": floor_area_m2,
                    "leasable_area_m2": floor_area_m2 * 0.7,
                    "vacancy_rate": float(rng.uniform(0, 0.4)) if standing else None,
                    "tax_yuan": float(rng.integers(1_000_000, 200_000_000)) if standing else None,
                    "tax_year": 2023 if standing else None,
                }
            )
        )
    footprints = squares(rng.uniform(-FARTHEST_M, FARTHEST_M, (len(buildings), 2)), half_m=20)
    parcels = squares(rng.uniform(-FARTHEST_M, FARTHEST_M, (sites, 2)), half_m=50)
    records = tuple(
        Site.model_validate(
            {
                "id": f"DK-{number:02}",
                "name": f"地块{number}",
                "cluster": str(rng.choice(clusters)),
                "floor_area_ratio": float(rng.uniform(2, 6)),
                "height_limit_m": float(rng.uniform(40, 150)),
                "earliest_year": int(rng.integers(2024, 2029)),
                **site_fields,
            }
        )
        for number in range(sites)
    )
    shapes = {record.id: parcel for record, parcel in zip(records, parcels, strict=True)}
    return build_snapshot(
        buildings,
        footprints,
        district=district,
        surroundings=replace(
            surroundings,
            basemap=(*(each for each in surroundings.basemap if each.kind != "district"), _OUTLINE),
        ),
        version="town",
        note=LayerNote(title="试验", synthetic=True),
        holdings=Holdings({"site": records}, shapes),
    )
