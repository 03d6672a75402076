"""Synthetic layers of any size, and the one question that both sides answer."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from pathlib import Path

SECTORS: Final = (
    "headquarters", "finance", "digital", "shipping", "trade", "technology", "talent", "life_science", "other",
)  # fmt: skip
# the question: towers past the mark, of two sectors, in and around the CBD
TAX_MIN: Final = 100_000_000
ASKED_SECTORS: Final = ("finance", "digital")
BBOX: Final = (120.36, 36.08, 120.39, 36.1)


def query(tax_min: int = TAX_MIN) -> str:
    """Return the question as the query of a URL."""
    west, south, east, north = BBOX
    return (
        f"tax_min={tax_min}&sector={','.join(ASKED_SECTORS)}&bbox={west},{south},{east},{north}&limit=10000"
    )


def layer(count: int, seed: int = 7) -> dict[str, Any]:
    """Return a FeatureCollection of ``count`` made-up towers, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - towers, not secrets
    return {
        "type": "FeatureCollection",
        "synthetic": True,
        "title": f"{count} synthetic towers for a benchmark",
        "features": [_tower(number, chance) for number in range(count)],
    }


def write_layer(path: Path, count: int) -> Path:
    """Write the layer of ``count`` towers to ``path``."""
    path.write_bytes(orjson.dumps(layer(count)))
    return path


def _tower(number: int, chance: random.Random) -> dict[str, Any]:
    west, south = chance.uniform(120.303, 120.426), chance.uniform(36.068, 36.157)
    width, depth = chance.uniform(0.0002, 0.0006), chance.uniform(0.0002, 0.0005)
    ring = [
        [west, south],
        [west + width, south],
        [west + width, south + depth],
        [west, south + depth],
        [west, south],
    ]
    tax = round(min(chance.lognormvariate(17.2, 1.2), 9e9))
    floor_area = round(chance.uniform(8_000, 120_000))
    sector = chance.choice(SECTORS)
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]]},
        "properties": {
            "id": f"B-{number:06d}",
            "name": f"示例楼宇{number}",
            "name_en": f"Sample tower {number}",
            "address": f"示例路{number % 300}号",
            "cluster": chance.choice(("cbd", "xinduxin", "other")),
            "status": "existing",
            "sector": sector,
            "floors": chance.randint(8, 60),
            "floor_area_m2": floor_area,
            "leasable_area_m2": round(floor_area * 0.7),
            "vacancy_rate": round(chance.uniform(0.03, 0.45), 3),
            "tax_yuan": tax,
            "district_revenue_yuan": round(tax * 0.3),
            "tax_year": 2023,
        },
    }
