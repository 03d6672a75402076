"""Write the synthetic demo beside this script: towers, their records, sites, clusters, stations, basemap.

The same files come out byte for byte wherever it runs. Nothing here is measured: the towers are invented, their
names are codes, and only the published counts (see docs/demo-data.md) are reproduced. Lengths are in metres of a
local frame, rates in yuan per m² and year.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import demo_basemap
import demo_holdings
import demo_places as places
import demo_sites

HERE: Final = Path(__file__).resolve().parent
SOURCE: Final = "合成演示数据，非真实统计 / synthetic demo data"
AS_OF: Final = "2023-12-31"
MARK_YUAN: Final = 100_000_000
YEARS: Final = (2019, 2020, 2021, 2022, 2023)
PAST_MARK: Final = {2019: 12, 2023: 20}

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Lot:
    """A place for one tower: centre and free sides in the frame of its grid; ``core`` falls from 1 to 0 outward."""

    grid: places.Grid
    u: float
    v: float
    width: float
    depth: float
    core: float


@dataclass
class Tower:
    """A tower while it is made up; ``rings`` are in the frame of its grid, none for a bare point."""

    lot: Lot
    cluster: str
    status: str = "existing"
    rings: list[Ring] = field(default_factory=list)
    footprint_m2: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    tax: dict[int, int] = field(default_factory=dict)
    share: float = 0.3


def lots_of(grid: places.Grid) -> list[Lot]:
    """Cut the blocks between a grid's streets into lots; those outside its boundary or in its park are left out."""
    found = []
    for west, east in zip(grid.us, grid.us[1:], strict=False):
        for south, north in zip(grid.vs, grid.vs[1:], strict=False):
            if grid.is_park(west, south):
                continue
            width, depth = east - west - places.STREET_M, north - south - places.STREET_M
            columns, rows = max(1, round(width / 78)), max(1, round(depth / 78))
            for column in range(columns):
                for row in range(rows):
                    u = west + places.STREET_M / 2 + (column + 0.5) * width / columns
                    v = south + places.STREET_M / 2 + (row + 0.5) * depth / rows
                    if grid.contains(u, v, margin_m=45):
                        found.append(Lot(grid, u, v, width / columns, depth / rows, grid.core(u, v)))
    return found


def chosen(rng: Random, lots: list[Lot], count: int) -> list[Lot]:
    """Draw ``count`` lots, the more likely the nearer to the core; north to south, as their numbers will run."""
    ranked = sorted(lots, key=lambda lot: -(rng.random() ** (1 / (0.02 + lot.core**1.5))))
    return sorted(ranked[:count], key=lambda lot: (-round(lot.v / 120), lot.u))


def rectangle(u: float, v: float, width: float, depth: float) -> Ring:
    """Return a counter-clockwise rectangle around a centre."""
    w, d = width / 2, depth / 2
    return [(u - w, v - d), (u + w, v - d), (u + w, v + d), (u - w, v + d)]


def outline(rng: Random, lot: Lot) -> list[Ring]:
    """Return the footprint of a tower: a slab or square mostly, sometimes an L, a U or a pair of towers."""
    kind = rng.random()
    plain = kind < 0.62
    width = min(lot.width - 10, rng.uniform(28, 62) if plain else rng.uniform(50, 62))
    depth = min(lot.depth - 10, rng.uniform(26, 52) if plain else rng.uniform(42, 54))
    u = lot.u + (lot.width - 8 - width) * rng.uniform(-0.5, 0.5)
    v = lot.v + (lot.depth - 8 - depth) * rng.uniform(-0.5, 0.5)
    west, east, south, north = u - width / 2, u + width / 2, v - depth / 2, v + depth / 2
    arm = rng.uniform(16, 20)
    if plain:
        return [rectangle(u, v, width, depth)]
    if kind < 0.80:
        inner = [(east, south + arm), (west + arm, south + arm), (west + arm, north)]
        return [[(west, south), (east, south), *inner, (west, north)]]
    if kind < 0.92:
        inner = [
            (east - arm, north),
            (east - arm, south + arm),
            (west + arm, south + arm),
            (west + arm, north),
        ]
        return [[(west, south), (east, south), (east, north), *inner, (west, north)]]
    each = width / 2 - 6
    return [
        rectangle(west + each / 2, v, each, depth - 4),
        rectangle(east - each / 2, v + 2, each, depth - 4),
    ]


def area(ring: Ring) -> float:
    """Return the area of a ring in m²."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def raise_tower(rng: Random, tower: Tower) -> None:
    """Give a tower its shape and size."""
    core = tower.lot.core
    tower.rings = outline(rng, tower.lot)
    tower.footprint_m2 = sum(area(ring) for ring in tower.rings)
    low, high = places.FLOORS[tower.cluster]
    floors = round(low + (high - low) * (0.6 * core**1.5 + 0.4 * rng.random() ** 2))
    gross = round(tower.footprint_m2 * floors * rng.uniform(0.72, 0.86), -2)
    built = tower.status == "existing"
    year = 2018 - round(22 * rng.random() ** 1.6) if built else rng.choice((2024, 2025, 2025, 2026, 2027))
    if built and rng.random() < 0.07:
        year = rng.choice((2020, 2021))
    vacancy = 0.03 + 0.42 * min(1.0, rng.random() ** 2 * (1.35 - 0.6 * core) + places.SLACK[tower.cluster])
    tower.facts = {
        "completion_year": year,
        "floors": floors,
        "height_m": round(floors * rng.uniform(3.8, 4.3) + 4, 1),
        "floor_area_m2": int(gross),
        "leasable_area_m2": int(round(gross * rng.uniform(0.60, 0.75), -1)),
        "vacancy_rate": round(vacancy, 3) if built else None,
    }


def settle(rng: Random, tower: Tower) -> None:
    """Give a tower its sectors and, where it stands, perhaps a recorded grade."""
    mix = places.SECTORS[tower.lot.grid.mix]
    leading = rng.choices(list(mix), list(mix.values()))[0]
    tags = [leading]
    for tag in rng.choices(list(mix), list(mix.values()), k=rng.choice((0, 1, 1, 2))):
        if tag not in tags:
            tags.append(tag)
    # where no function has been set yet, a new tower has no sector
    undecided = tower.status != "existing" and rng.random() < 0.55
    tower.facts["sector"] = None if undecided else leading
    tower.facts["sectors"] = [] if undecided else tags
    grade = ("超甲级", "甲级", "乙级")[(tower.facts["floors"] < 32) + (tower.facts["floors"] < 20)]
    graded = tower.status == "existing" and rng.random() < 0.55
    tower.facts["grade"] = grade if graded else None
    tower.facts["grade_standard"] = "GB/T 39069-2020" if graded else None
    tower.facts["grade_date"] = (
        f"{rng.choice((2021, 2022, 2023))}-{rng.randint(1, 12):02d}-15" if graded else None
    )


def thousands(yuan: float) -> int:
    """Round to a thousand yuan: more digits would look like a measurement."""
    return round(yuan / 1000) * 1000


def between(ranked: list[float], count: int) -> float:
    """Return the factor that puts exactly ``count`` of the figures, highest first, past the mark."""
    return MARK_YUAN / math.sqrt(ranked[count - 1] * ranked[count])


def tax(rng: Random, towers: list[Tower]) -> None:
    """Give every standing tower its tax by year, so that the published counts of 2019 and 2023 come out."""
    raw: dict[int, list[float]] = {2019: [], 2023: []}
    for tower in towers:
        let = 1 - tower.facts["vacancy_rate"]
        rate = places.YUAN_PER_M2[tower.facts["sector"]] * let * math.exp(rng.gauss(0, 0.6))
        raw[2023].append(tower.facts["floor_area_m2"] * rate)
        raw[2019].append(raw[2023][-1] * 0.7 * math.exp(rng.gauss(0, 0.22)))
        tower.share = rng.uniform(0.24, 0.36)
    first_year = [max(2019, tower.facts["completion_year"] + 1) for tower in towers]
    early = [value for value, year in zip(raw[2019], first_year, strict=True) if year == 2019]
    old = between(sorted(early, reverse=True), PAST_MARK[2019])
    new = between(sorted(raw[2023], reverse=True), PAST_MARK[2023])
    for tower, start, end, since in zip(towers, raw[2019], raw[2023], first_year, strict=True):
        growth = math.log(end * new / (start * old)) / 4
        for year in YEARS:
            wobble = math.exp(rng.gauss(0, 0.03)) if year in (2020, 2021, 2022) else 1.0
            if year >= since:
                tower.tax[year] = thousands(start * old * math.exp(growth * (year - 2019)) * wobble)
    mark_the_edge(sorted(towers, key=lambda tower: -tower.tax[2023]))


def mark_the_edge(ranked: list[Tower]) -> None:
    """Put figures where people look: one tower on the mark, one a yuan short, a few close, two far past it."""
    last = PAST_MARK[2023] - 1
    for rank, yuan in enumerate((MARK_YUAN, MARK_YUAN - 1, 98_640_000, 96_250_000, 91_700_000), start=last):
        tower = ranked[rank]
        for year in tower.tax:
            # the further back, the less of the change
            factor = (yuan / tower.tax[2023]) ** ((year - 2019) / 4)
            tower.tax[year] = yuan if year == 2023 else thousands(tower.tax[year] * factor)
    long_past = [
        tower for tower in ranked[:last] if tower.cluster == "cbd" and tower.tax.get(2019, 0) >= MARK_YUAN
    ]
    biggest = sorted(long_past, key=lambda tower: -tower.facts["floor_area_m2"])[:2]
    for tower, yuan in zip(biggest, (1_238_000_000, 1_043_000_000), strict=True):
        tower.tax = {year: thousands(value * yuan / tower.tax[2023]) for year, value in tower.tax.items()}


def coordinates(tower: Tower) -> dict[str, Any]:
    """Return the RFC 7946 geometry of a tower, in degrees rounded to a centimetre."""
    grid = tower.lot.grid
    if not tower.rings:
        return {"type": "Point", "coordinates": grid.lonlat(tower.lot.u, tower.lot.v)}
    shapes = [[[grid.lonlat(u, v) for u, v in [*ring, ring[0]]]] for ring in tower.rings]
    if len(shapes) == 1:
        return {"type": "Polygon", "coordinates": shapes[0]}
    return {"type": "MultiPolygon", "coordinates": shapes}


def record(tower: Tower, year: int) -> dict[str, int]:
    """Return the tax record of one year, in yuan."""
    yuan = tower.tax[year]
    return {
        "year": year,
        "tax_yuan": yuan,
        "district_revenue_yuan": math.floor(yuan * tower.share / 1000) * 1000,
    }


def feature(tower: Tower, code: str, number: int) -> dict[str, Any]:
    """Return a tower as a feature with the contract's properties, in the contract's order."""
    history = [record(tower, year) for year in sorted(tower.tax)]
    newest = history[-1] if history else {}
    street = "一二三四五六七八九"[number % 9]
    facts = tower.facts
    size = (
        "completion_year",
        "floors",
        "height_m",
        "floor_area_m2",
        "leasable_area_m2",
        "vacancy_rate",
        "sector",
        "sectors",
    )
    properties = {
        "id": f"{code}-{number:02d}",
        "name": f"{code}-{number:02d}号楼宇",
        "name_en": f"{places.NAMES_EN[code]} tower {number:02d}",
        "address": f"示例{street}路 {4 * number + list(places.NAMES_EN).index(code)} 号",
        "cluster": tower.cluster,
        "status": tower.status,
        **{name: facts[name] for name in size},
        "tax_yuan": newest.get("tax_yuan"),
        "district_revenue_yuan": newest.get("district_revenue_yuan"),
        "tax_year": newest.get("year"),
        "tax_history": history,
        **{name: facts[name] for name in ("grade", "grade_standard", "grade_date")},
        "source": SOURCE,
        "as_of": AS_OF,
    }
    return {
        "type": "Feature",
        "id": properties["id"],
        "geometry": coordinates(tower),
        "properties": properties,
    }


def towers_of(rng: Random) -> list[Tower]:
    """Return all towers: those that stand, by cluster, then the new ones."""
    standing: list[Tower] = []
    new: list[Tower] = []
    for cluster, grids in places.GRIDS.items():
        for grid in grids:
            lots = chosen(rng, lots_of(grid), grid.existing + grid.new)
            later = set(rng.sample(range(len(lots)), grid.new))
            for position, lot in enumerate(lots):
                (new if position in later else standing).append(Tower(lot, cluster))
    for position, tower in enumerate(new):
        tower.status = "under_construction" if position % 4 == 1 else "planned"
    return standing + new


def buildings() -> dict[str, Any]:
    """Return the demo layer."""
    rng = Random(places.SEED)
    towers = towers_of(rng)
    for tower in towers:
        raise_tower(rng, tower)
        settle(rng, tower)
    standing = [tower for tower in towers if tower.status == "existing"]
    tax(rng, standing)
    # some places are known as a point only, some figures not at all
    for position in places.POINTS_ONLY:
        towers[position].rings = []
    for position in places.VACANCY_UNKNOWN:
        towers[position].facts["vacancy_rate"] = None
    features = []
    count: dict[str, int] = {}
    for tower in towers:
        code = places.CODES[tower.cluster] if tower.status == "existing" else "NEW"
        count[code] = count.get(code, 0) + 1
        features.append(feature(tower, code, count[code]))
    about = {
        "title": "市北区楼宇演示图层（合成数据） / Shibei demo towers (synthetic)",
        "synthetic": True,
        "source": SOURCE,
        "as_of": AS_OF,
    }
    return {"type": "FeatureCollection", **about, "features": features}


def written(collection: dict[str, Any]) -> str:
    """Return a collection as JSON text, one feature to a line so that a change shows in a diff."""
    head = {name: value for name, value in collection.items() if name != "features"}
    compact = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    opening = json.dumps(head, **compact)[:-1]  # type: ignore[arg-type]
    lines = ",\n".join(json.dumps(entry, **compact) for entry in collection["features"])  # type: ignore[arg-type]
    return f'{opening},"features":[\n{lines}\n]}}\n'


def main(folder: Path = HERE) -> None:
    """Write the four layers and the records into ``folder``."""
    layers = {
        "buildings": buildings(),
        "clusters": places.clusters(),
        "stations": places.stations(),
        "basemap": demo_basemap.basemap(),
    }
    for name, collection in layers.items():
        (folder / f"{name}.geojson").write_text(written(collection), encoding="utf-8", newline="\n")
        print(f"{name}.geojson: {len(collection['features'])} features")
    towers = [feature["properties"] for feature in layers["buildings"]["features"]]
    sites = demo_sites.sites(layers["buildings"]["features"], layers["basemap"]["features"])
    records = demo_holdings.holdings(towers, sites)
    (folder / "holdings.json").write_text(demo_holdings.written(records), encoding="utf-8", newline="\n")
    print(f"holdings.json: {sum(map(len, records['records'].values()))} records")


if __name__ == "__main__":
    main()
