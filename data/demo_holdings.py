"""What the demo registry knows beside its towers: taxes by quarter, tenants, floors, units, officers, projects.

All of it is invented. Tenants are named by number, their credit codes carry the division 000000, which is no place.
Areas in m², money in yuan, rent in yuan per m² and day. The figures agree with those of the demo layer.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import Any, Final

import demo_places as places
from stdnum.cn import uscc

SOURCE: Final = "合成演示数据，非真实统计 / synthetic demo data"
# the demo's books: taxes to the middle of 2024, tenants and projects as of this day
AS_OF: Final = date(2026, 6, 30)
QUARTERS: Final = (0.23, 0.26, 0.24, 0.27)
TAX_TYPES: Final = (("增值税", 0.42), ("企业所得税", 0.31), ("个人所得税", 0.19), ("其他税费", 0.08))
LEASE_YEARS: Final = (3, 3, 3, 5, 5, 6, 8, 10)
RENT: Final = {"超甲级": 4.2, "甲级": 3.3, "乙级": 2.4, None: 2.6}
# towers that the books say little of: no floors, no tenants
UNTOLD: Final = ("CBD-11", "CBD-46", "XDX-09", "OTH-03", "OTH-17", "OTH-28")
# placed on purpose: two towers of one taxpayer, one of two, one that leases more than it has, one shared address
ONE_COMPANY: Final = ("CBD-21", "XDX-05")
TWO_COMPANIES: Final = ("CBD-40",)
OVERLEASED: Final = "OTH-12"
SHARED_ADDRESS: Final = "XDX-14"
STEPS: Final = ("land", "permit", "start", "topping_out", "hand_over")

Row = dict[str, Any]


class Books:
    """The records while they are made up, by table."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.rng = Random(places.SEED + 1)
        self.tables: dict[str, list[Row]] = {
            name: []
            for name in (
                "tax_record",
                "tenant",
                "floor",
                "unit",
                "service_officer",
                "document",
                "project",
                "milestone",
                "goal",
            )
        }
        self.companies = 0

    def add(self, table: str, row_id: str, **values: Any) -> Row:
        """Add a row; what is unknown is left out."""
        row = {"id": row_id} | {name: value for name, value in values.items() if value is not None}
        self.tables[table].append(row)
        return row


def credit_code(number: int) -> str:
    """Return a unified social credit code with its check digit that no company can have."""
    body = f"91000000DEM{number:06d}"
    return body + str(uscc.calc_check_digit(body))


def lease(rng: Random) -> tuple[date, date]:
    """Return a lease that was in force at AS_OF, now and then one that has run out since."""
    years = rng.choice(LEASE_YEARS)
    left = timedelta(days=round(rng.uniform(-20, 365 * years * 0.97)))
    end = AS_OF + left
    return end.replace(year=end.year - years, day=min(end.day, 28)), end


def company(books: Books, tower: Row, floors: list[int], area_m2: float, room: str) -> Row:
    """Add a tenant and return it."""
    rng = books.rng
    books.companies += 1
    number = books.companies
    start, end = lease(rng)
    registered = rng.choices((True, False, None), (79, 16, 5))[0]
    moved = registered is False and rng.random() < 0.18
    taxed = registered is True and rng.random() < 0.93 if registered is not None else None
    sectors = [*tower["sectors"]] * 3 + list(places.SECTORS["cbd"])
    return books.add(
        "tenant",
        f"T{number:04d}",
        building_id=tower["id"],
        name=f"示例企业 {number:04d}",
        uscc=credit_code(number),
        sector=rng.choice(sectors),
        floors=f"{floors[0]}-{floors[-1]}" if len(floors) > 1 else str(floors[0]),
        area_m2=round(area_m2, 1),
        lease_start=start.isoformat(),
        lease_end=end.isoformat(),
        locally_registered=registered,
        locally_taxed=taxed,
        registered_address=f"{tower['address']} {room}室" if registered else None,
        registration_moved_on=(AS_OF - timedelta(days=rng.randint(20, 700))).isoformat() if moved else None,
    )


def cuts(rng: Random, area_m2: float) -> list[float]:
    """Return the areas of a floor's units: one, two, three or four of them, to a tenth of a m²."""
    most = max(1, min(4, int(area_m2 // 140)))
    count = rng.choice(range(1, most + 1))
    weights = [rng.uniform(0.7, 1.4) for _ in range(count)]
    areas = [round(area_m2 * weight / sum(weights), 1) for weight in weights]
    areas[-1] = round(area_m2 - sum(areas[:-1]), 1)
    return areas


def empty_units(rng: Random, units: list[Row], target_m2: float) -> set[str]:
    """Choose the units that stand empty, whole floors of neighbours first, so that about ``target_m2`` is free."""
    free: set[str] = set()
    left = target_m2
    by_floor: dict[int, list[Row]] = {}
    for unit in units:
        by_floor.setdefault(unit["floor"], []).append(unit)
    floors = sorted(by_floor)
    start = rng.randrange(len(floors))
    for number in floors[start:] + floors[:start]:
        area = sum(unit["area_m2"] for unit in by_floor[number])
        if area > left * 0.7:
            break
        free |= {unit["id"] for unit in by_floor[number]}
        left -= area
    for unit in rng.sample(units, len(units)):
        if unit["id"] not in free and unit["area_m2"] <= left * 1.15:
            free.add(unit["id"])
            left -= unit["area_m2"]
    return free


def fill(books: Books, tower: Row) -> None:
    """Give a standing tower its floors, units and tenants, so that its vacancy is about what the layer says."""
    rng = books.rng
    count, leasable = tower["floors"], tower["leasable_area_m2"]
    each = round(leasable / count, 1)
    units = []
    for number in range(1, count + 1):
        area = each if number < count else round(leasable - each * (count - 1), 1)
        use = "商业" if number == 1 else "办公"
        row_id = f"{tower['id']}:{number}"
        books.add("floor", row_id, building_id=tower["id"], number=number, leasable_area_m2=area, use=use)
        single = tower["id"] in ONE_COMPANY + TWO_COMPANIES
        for position, unit_m2 in enumerate([area] if single else cuts(rng, area), start=1):
            label = f"{number}{position:02d}"
            units.append(
                books.add(
                    "unit",
                    f"{tower['id']}:{label}",
                    building_id=tower["id"],
                    floor=number,
                    label=label,
                    area_m2=unit_m2,
                    position=position,
                )
            )
    free = empty_units(rng, units, leasable * tower["vacancy_rate"])
    rent = RENT[tower["grade"]] * rng.uniform(0.85, 1.2)
    for unit in units:
        if unit["id"] in free:
            unit["asking_rent_yuan_m2_day"] = round(rent * rng.uniform(0.95, 1.05), 2)
    let(books, tower, [unit for unit in units if unit["id"] not in free])


def let(books: Books, tower: Row, units: list[Row]) -> None:
    """Let units to tenants: neighbours on a floor now and then, whole floors on top of each other sometimes."""
    rng = books.rng
    parts = {ONE_COMPANY: 1, TWO_COMPANIES: 2}
    split = next((count for towers, count in parts.items() if tower["id"] in towers), None)
    groups: list[list[Row]] = []
    if split is not None:
        size = -(-len(units) // split)
        groups = [units[start : start + size] for start in range(0, len(units), size)]
    else:
        for unit in units:
            last = groups[-1][-1] if groups else None
            beside = last is not None and last["floor"] == unit["floor"]
            above = last is not None and last["floor"] + 1 == unit["floor"] and unit["position"] == 1
            joined = (beside and rng.random() < 0.12) or (above and rng.random() < 0.3)
            if joined and len(groups[-1]) < 8:
                groups[-1].append(unit)
            else:
                groups.append([unit])
    for group in groups:
        floors = sorted({unit["floor"] for unit in group})
        tenant = company(books, tower, floors, sum(unit["area_m2"] for unit in group), group[0]["label"])
        for unit in group:
            unit["tenant_id"] = tenant["id"]


def faults_on_purpose(books: Books) -> None:
    """Place what an office must find: a shared registered address, more leased than there is, tenants gone."""
    tenants = books.tables["tenant"]
    shared = [
        row for row in tenants if row["building_id"] == SHARED_ADDRESS and row.get("locally_registered")
    ]
    for row in shared[1:7]:
        row["registered_address"] = shared[0]["registered_address"]
    over = [row for row in tenants if row["building_id"] == OVERLEASED]
    for row in over:
        row["area_m2"] = round(row["area_m2"] * 1.35, 1)
    settled = (AS_OF - timedelta(days=200)).isoformat()
    old = [row for row in tenants if row["lease_start"] < settled and row["building_id"] not in ONE_COMPANY]
    gone = books.rng.sample(old, 24)
    for row in gone:
        row["moved_out_on"] = (AS_OF - timedelta(days=books.rng.randint(5, 200))).isoformat()
    left = {row["id"] for row in gone}
    for unit in books.tables["unit"]:
        if unit.get("tenant_id") in left:
            del unit["tenant_id"]
            unit["asking_rent_yuan_m2_day"] = round(2.6 * books.rng.uniform(0.9, 1.3), 2)


def taxes(books: Books, tower: Row) -> None:
    """Give a tower's annual taxes their taxpayers, the last one its quarters and kinds, and 2024 its beginning."""
    rng = books.rng
    payers = sum(
        row.get("locally_taxed") is True
        for row in books.tables["tenant"]
        if row["building_id"] == tower["id"]
    )
    single = {**dict.fromkeys(ONE_COMPANY, 1), **dict.fromkeys(TWO_COMPANIES, 2)}.get(tower["id"])
    known = payers or round(tower["leasable_area_m2"] / 1500)
    for record in tower["tax_history"]:
        year = record["year"]
        count = single or max(3, round(known * (1 - 0.04 * (2023 - year))))
        books.add(
            "tax_record",
            f"{tower['id']}:{year}",
            building_id=tower["id"],
            **record,
            taxpayer_count=count,
            as_of=f"{year}-12-31",
        )
    last = tower["tax_history"][-1]
    total = last["tax_yuan"]
    shares = [share * rng.uniform(0.9, 1.1) for share in QUARTERS]
    spent = 0
    for quarter, share in enumerate(shares, start=1):
        yuan = total - spent if quarter == len(shares) else round(total * share / sum(shares) / 1000) * 1000
        spent += yuan
        part(books, tower, 2023, yuan, quarter=quarter)
    spent = 0
    for name, share in TAX_TYPES:
        yuan = total - spent if name == TAX_TYPES[-1][0] else round(total * share / 1000) * 1000
        spent += yuan
        part(books, tower, 2023, yuan, tax_type=name)
    growth = rng.gauss(1.04, 0.07)
    for quarter in (1, 2):
        yuan = round(total * growth * shares[quarter - 1] / sum(shares) / 1000) * 1000
        part(books, tower, 2024, yuan, quarter=quarter)


def part(
    books: Books, tower: Row, year: int, yuan: int, *, quarter: int | None = None, tax_type: str | None = None
) -> None:
    """Add the tax of a quarter or of one kind."""
    name = f"Q{quarter}" if quarter else f":{tax_type}"
    end = "12-31" if quarter is None else ("03-31", "06-30", "09-30", "12-31")[quarter - 1]
    books.add(
        "tax_record",
        f"{tower['id']}:{year}:{name}",
        building_id=tower["id"],
        year=year,
        quarter=quarter,
        tax_type=tax_type,
        tax_yuan=yuan,
        as_of=f"{year}-{end}",
    )


def people(books: Books, tower: Row, number: int) -> None:
    """Give a tower its head and its service officer, and the papers its facts come from."""
    for duty, title, row in (("head", "楼长", number), ("service", "服务专员", number // 6)):
        books.add(
            "service_officer",
            f"{tower['id']}:{duty}",
            building_id=tower["id"],
            name=f"示例{title} {row + 1:02d}",
            duty=duty,
            phone=f"内线 {1000 + row}",
            since=date(2022 + number % 4, 1 + number % 12, 1).isoformat(),
        )
    books.add(
        "document",
        f"{tower['id']}:ledger",
        building_id=tower["id"],
        title=f"{tower['name']}台账（示例）",
        kind="楼宇台账",
        reference=f"示例档案 2026-{number + 1:03d}",
        issued_on=AS_OF.isoformat(),
    )


def project(books: Books, tower: Row, number: int) -> None:
    """Give a tower to come its investment, who answers for it, and its milestones, some of them behind plan."""
    rng = books.rng
    books.add(
        "project",
        f"{tower['id']}:project",
        building_id=tower["id"],
        investment_yuan=round(tower["floor_area_m2"] * rng.uniform(9_000, 14_000), -6),
        responsible=f"示例专班 {number % 4 + 1}",
    )
    end = date(tower["completion_year"], 12, 20)
    building = tower["status"] == "under_construction"
    # what was not done by the day of the books comes after it
    slip = max((AS_OF - end).days + rng.randint(150, 420), rng.randint(-20, 160))
    for step, before in zip(STEPS, (1150, 900, 760, 240, 0), strict=True):
        planned = end - timedelta(days=before)
        behind = max(0, slip - before // 3)
        expected = planned + timedelta(days=behind)
        done = expected <= AS_OF and (building or step == "land")
        books.add(
            "milestone",
            f"{tower['id']}:{step}",
            building_id=tower["id"],
            kind=step,
            planned_on=planned.isoformat(),
            expected_on=None if done else max(expected, AS_OF + timedelta(days=45)).isoformat(),
            done_on=expected.isoformat() if done else None,
        )


def goals(books: Books) -> None:
    """Set the published goal of the mark, and some of an office's own."""
    for year, measure, value, more in (
        (2023, "towers_past_mark", 20, {}),
        (2024, "towers_past_mark", 24, {}),
        (2026, "occupancy_rate", 0.82, {}),
        (2026, "handed_over_towers", 3, {}),
        (2026, "visits", 600, {"label": "走访企业", "unit": "家", "reached": 371}),
    ):
        books.add("goal", f"{year}:{measure}", year=year, measure=measure, value=value, **more)


def holdings(towers: list[Row], sites: list[Row]) -> dict[str, Any]:
    """Return the demo's records for the demo's towers (their properties), and its candidate parcels, by table."""
    books = Books()
    standing = [tower for tower in towers if tower["status"] == "existing"]
    for number, tower in enumerate(standing):
        if tower["vacancy_rate"] is not None and tower["id"] not in UNTOLD:
            fill(books, tower)
        people(books, tower, number)
    faults_on_purpose(books)
    for tower in standing:
        taxes(books, tower)
    for number, tower in enumerate(tower for tower in towers if tower["status"] != "existing"):
        project(books, tower, number)
    goals(books)
    books.tables["site"] = sites
    return {"synthetic": True, "source": SOURCE, "as_of": AS_OF.isoformat(), "records": books.tables}


def written(document: dict[str, Any]) -> str:
    """Return the records as JSON text, one to a line."""
    compact: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":"), "allow_nan": False}
    head = json.dumps({name: value for name, value in document.items() if name != "records"}, **compact)[:-1]
    tables = []
    for table, rows in document["records"].items():
        lines = ",\n".join(json.dumps(row, **compact) for row in rows)
        tables.append(f'"{table}":[\n{lines}\n]')
    return f'{head},"records":{{\n{",".join(tables)}\n}}}}\n'
