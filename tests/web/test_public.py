"""What the public is told, held against what it must not be told."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook
from scipy.optimize import linprog

from buildingmap import resources
from buildingmap.accounts import Accounts
from buildingmap.model import (
    Document,
    Goal,
    Milestone,
    Plan,
    Project,
    ServiceOfficer,
    Surroundings,
    TaxEntry,
    TaxRecord,
    Tenant,
    Unit,
)
from buildingmap.placement import answer as best_of
from buildingmap.placement import plan_of, planning
from buildingmap.placement.scenarios import read_scenario, registry_version_of, scenario_document, scenario_of
from buildingmap.registry import Change, open_registry, read_holdings
from buildingmap.snapshot import Holdings, Snapshot, build_snapshot, public_view
from buildingmap.snapshot.holdings import TABLES
from buildingmap.web import create_app
from buildingmap.web.routes import ROUTES
from buildingmap.web.visitors import Access
from tests.web.conftest import OneVersion, address_of
from tests.web.offices import small_office
from tests.web.test_rights import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from buildingmap.model import Building, District, Record

CANARY: Final = "金丝雀canary"
TOWERS: Final = ("CBD-03", "CBD-28", "CBD-21", "XDX-18", "NEW-02", "OTH-06", "nothing-like-this")
QUERIES: Final = (
    "",
    "lang=en",
    "tax_min=100000000",
    "tax_min=100000001",
    "tax_min=99999999",
    "tax_max=100000000",
    "tax_min=123456789&tax_max=234567890",
    "tax_min=55000000",
    "tax_max=55000000",
    "tax_min=1&year=2021",
    "band=100m_1b&year=2022",
    "band=lt_10m,ge_1b",
    "sort=-tax_yuan&limit=7",
    "sort=tax_yuan&limit=7&offset=3",
    "sort=-district_revenue_yuan",
    "sort=district_revenue_yuan&limit=5",
    "cluster=cbd&sector=finance&tax_min=20000000",
    "vacancy_min=0.2&sort=-tax_yuan",
    "bbox=120.37,36.08,120.39,36.1&tax_min=60000000",
    "year=2019",
    "year=2020&sort=-tax_yuan",
    "year=2023&cluster=xinduxin&tax_max=99999999",
    "year=1999",
    "q=CBD-2&tax_min=77777777",
    "tax_min=wrong",
    "tax_min=5&tax_max=1",
    "unknown=1",
    "colour=sector",
    "list=next_past",
    "list=stale&lang=en",
    "list=no-such-list",
    "id=CBD-03&id=CBD-21",
)


@pytest.fixture(scope="module")
def whole(demo_snapshot: Snapshot, district: District) -> Snapshot:
    holdings = read_holdings(resources.data_folder() / "holdings.json", district)
    return with_scenario(rebuilt(demo_snapshot, list(demo_snapshot.buildings), holdings), "方案一")


def with_scenario(snapshot: Snapshot, title: str) -> Snapshot:
    """The same with a saved scenario: what its towers to come should be for, made from its exact taxes."""
    laid_out = planning(snapshot, plan_of({"candidates": "coming", "title": title}, "test"))
    made = scenario_of(laid_out, best_of(laid_out), registry_version=1, made_by=title)
    assert registry_version_of(snapshot) is None
    plan = Plan(id="plan-1", title=title, document=scenario_document(made), registry_version=1)
    holdings = replace(snapshot.holdings, records={**snapshot.holdings.records, TABLES[Plan]: (plan,)})
    return replace(snapshot, holdings=holdings)


def rebuilt(like: Snapshot, buildings: list[Building], holdings: Holdings) -> Snapshot:
    return build_snapshot(
        buildings,
        list(like.geometry),
        district=like.district,
        surroundings=like.surroundings,
        version=f"v-{holdings.all(Tenant)[0].name}",
        note=like.note,
        holdings=holdings,
    )


def other_figures(snapshot: Snapshot, seed: int) -> Snapshot:
    """The same towers with other taxes in the same bands, and other text wherever the public has none."""
    rng = Random(seed)  # noqa: S311 - the same figures in every run
    district = snapshot.district
    floors: list[float] = [*district.band_floors_yuan.tolist(), 5e9]

    def within(yuan: float | None) -> float | None:
        if yuan is None:
            return None
        band = int(np.searchsorted(district.band_floors_yuan, yuan, side="right")) - 1
        low, high = floors[band], floors[band + 1]
        return rng.choice([low, float(int(high - 1)), float(round(rng.uniform(low, high - 1)))])

    def revenue(tax: float | None) -> float | None:
        return None if tax is None or rng.random() < 0.1 else float(round(tax * rng.random()))

    taxes: dict[tuple[str, int], tuple[float | None, float | None]] = {}
    buildings = []
    for building in snapshot.buildings:
        history = []
        for record in building.tax_records:
            tax = within(record.tax_yuan)
            taxes[building.id, record.year] = tax, revenue(tax)
            history.append(
                TaxRecord(
                    year=record.year, tax_yuan=tax, district_revenue_yuan=taxes[building.id, record.year][1]
                )
            )
        newest = history[-1] if history else None
        buildings.append(
            building.model_copy(
                update={
                    "tax_history": tuple(history),
                    "tax_yuan": newest and newest.tax_yuan,
                    "district_revenue_yuan": newest and newest.district_revenue_yuan,
                    "source": f"{CANARY} {seed}",
                }
            )
        )
    other = rebuilt(snapshot, buildings, other_records(snapshot.holdings, taxes, rng, seed))
    return with_scenario(other, f"{CANARY} {seed}")


def other_records(
    holdings: Holdings,
    taxes: dict[tuple[str, int], tuple[float | None, float | None]],
    rng: Random,
    seed: int,
) -> Holdings:
    text = f"{CANARY} {seed}"
    told: dict[type[Record], Callable[[Any], dict[str, Any]]] = {
        TaxEntry: lambda entry: (
            dict(
                zip(("tax_yuan", "district_revenue_yuan"), taxes[entry.building_id, entry.year], strict=True)
            )
            if entry.is_annual_total
            else {"tax_yuan": float(rng.randrange(10**8))}
        ),
        Tenant: lambda _: {"name": f"{text} {rng.random()}", "area_m2": float(rng.randrange(1, 900))},
        Unit: lambda _: {"asking_rent_yuan_m2_day": round(rng.random() * 9, 2)},
        ServiceOfficer: lambda _: {"name": text, "phone": text},
        Document: lambda _: {"title": text, "reference": text},
        Project: lambda _: {
            "investment_yuan": float(rng.randrange(10**9)),
            "responsible": text,
            "note": text,
        },
        Goal: lambda _: {"value": float(rng.randrange(100)), "label": text},
        Milestone: lambda _: {},
    }
    records = {
        table: tuple(
            record.model_copy(update={**told.get(type(record), lambda _: {})(record), "source": text})
            for record in entries
        )
        for table, entries in holdings.records.items()
    }
    return Holdings(records)


def public_app(snapshot: Snapshot) -> Flask:
    return create_app(OneVersion(snapshot), access=Access(secret=b"s" * 32, open_role="public"))


def public_addresses(app: Flask) -> Iterator[str]:
    """Every address that the public may GET, with everything that can stand in its path."""
    for rule in app.url_map.iter_rules():
        if ROUTES[rule.endpoint].get("GET") != "public" or rule.endpoint == "static":
            continue
        places = {
            "<building_id>": TOWERS,
            "<name>": ("leaflet.js", "leaflet.css", "none.js"),
        }
        found = next((place for place in places if place in rule.rule), None)
        if found is None:
            assert "<" not in rule.rule, f"{rule.rule}: the test knows nothing to put there"
            yield rule.rule
        else:
            yield from (rule.rule.replace(found, value) for value in places[found])


def asked(snapshot: Snapshot) -> dict[str, TestResponse]:
    """Every public answer by its address and query."""
    app = public_app(snapshot)
    client = app.test_client()
    return {
        f"{address}?{query}": client.get(f"{address}?{query}")
        for address in public_addresses(app)
        for query in QUERIES
    }


@pytest.fixture(scope="module")
def answers(whole: Snapshot) -> dict[str, TestResponse]:
    return asked(whole)


def steady(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """What an answer is but for the moment it was made at."""
    # the length of a compressed file depends on the moment that is inside: what it holds is compared, part by part
    body = unpacked(answer) or answer.data
    body = re.sub(rb"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?", b"now", body)
    headers = [
        (name, re.sub(r"Expires=[^;]+", "", value))
        for name, value in answer.headers
        if name not in {"Date", "Content-Length"}
    ]
    return answer.status_code, body, sorted(headers)


def unpacked(answer: TestResponse) -> bytes | None:
    """What a compressed file holds, so that the moment of its making can be seen in it."""
    if answer.status_code != HTTPStatus.OK:
        return None
    if answer.mimetype == "application/zip" or "spreadsheetml" in (answer.mimetype or ""):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return b"".join(name.encode() + archive.read(name) for name in archive.namelist())
    if answer.mimetype == "application/vnd.apache.parquet":
        table = pq.read_table(io.BytesIO(answer.data))
        return repr((table.to_pylist(), (table.schema.metadata or {})[b"buildingmap"])).encode()
    return None


def cells_of(workbook: bytes) -> list[Any]:
    """The value of every cell of every sheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return [
        value
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for value in row
    ]


def are_alike(one: TestResponse, other: TestResponse) -> bool:
    """Whether two answers are the same but for the moment they were made at."""
    same_at_once = one.data == other.data and sorted(one.headers) == sorted(other.headers)
    return same_at_once or steady(one) == steady(other)


@pytest.mark.parametrize("seed", [1, 2])
def test_registries_that_differ_only_within_bands_are_the_same_to_the_public(
    whole: Snapshot, answers: dict[str, TestResponse], seed: int
) -> None:
    other = other_figures(whole, seed)
    assert not np.array_equal(other.figures().tax_yuan, whole.figures().tax_yuan, equal_nan=True)
    assert whole.holdings.all(Plan)[0].document != other.holdings.all(Plan)[0].document

    others = asked(other)

    assert len(answers) > 500
    different = [address for address, answer in answers.items() if not are_alike(answer, others[address])]
    assert different == []


def test_the_test_would_notice_a_registry_that_differs_in_a_band(
    whole: Snapshot, answers: dict[str, TestResponse]
) -> None:
    first = whole.row_of["CBD-03"]
    moved = list(whole.buildings)
    lower = tuple(record.model_copy(update={"tax_yuan": 1e7}) for record in moved[first].tax_history)
    moved[first] = moved[first].model_copy(
        update={"tax_yuan": 1e7, "district_revenue_yuan": None, "tax_history": lower}
    )

    client = public_app(rebuilt(whole, moved, whole.holdings)).test_client()

    for address in ("/map/towers?", "/buildings/CBD-03?", "/download/buildings.xlsx?tax_min=100000000"):
        assert not are_alike(answers[address], client.get(address)), address


def figures_written(snapshot: Snapshot) -> set[bytes]:
    """Every exact figure of the registry as a page could write it."""
    amounts = {
        amount
        for entry in snapshot.holdings.all(TaxEntry)
        for amount in (entry.tax_yuan, entry.district_revenue_yuan)
        # the bounds of the bands are known to all
        if amount is not None and amount not in snapshot.district.band_floors_yuan
    }
    for plan in snapshot.holdings.all(Plan):
        for chosen in read_scenario(plan.document).answer.chosen:
            spread = chosen.tax_yuan
            amounts |= set() if spread is None else {spread.low, spread.middle, spread.high}
    forms: set[str] = set()
    for amount in amounts:
        yuan = round(amount)
        forms |= {f"{yuan}", f"{yuan / 1e4:.4f}", f"{yuan / 1e8:.8f}"}
    return {form.encode() for form in forms if len(form) >= 8 and not form.startswith("0.00")}


def test_no_exact_figure_and_no_confidential_text_is_in_any_public_byte(whole: Snapshot) -> None:
    canaries = other_figures(whole, 7)
    written = figures_written(canaries)
    assert len(written) > 1000

    for address, answer in asked(canaries).items():
        body = unpacked(answer) or answer.data
        if "spreadsheetml" in (answer.content_type or ""):
            body = repr(cells_of(answer.data)).encode()
        assert CANARY.encode() not in body, address
        assert b"canary" not in body, address
        numbers = {number.replace(b",", b"") for number in re.findall(rb"\d[\d,]*(?:\.\d+)?", body)}
        # what the visitor asked for may be said back
        numbers -= {part.encode() for part in re.findall(r"\d+", address)}
        assert not numbers & written, address


def test_a_solver_that_is_given_every_public_number_narrows_no_tower_within_its_band(
    whole: Snapshot, answers: dict[str, TestResponse]
) -> None:
    """Linear programming over the taxes, bounded by bands and every sum of taxes that any answer tells."""
    floors = [*whole.district.band_floors_yuan.tolist(), 1e15]
    bands = {band.id: place for place, band in enumerate(whole.district.bands)}
    document = answers["/api/buildings?"].get_json(force=True)
    towers = {feature["id"]: feature["properties"]["band"] for feature in document["features"]}
    bounds = [
        (0.0, 1e15) if band is None else (floors[bands[band]], floors[bands[band] + 1])
        for band in towers.values()
    ]
    sums = [
        (address, name, value)
        for address, answer in answers.items()
        if answer.is_json or "geo+json" in (answer.content_type or "")
        # the API's description is of no registry; it names the default weight of taxes in a plan
        if not address.startswith("/api/openapi.json")
        for name, value in named_numbers(answer.get_json(force=True, silent=True))
        if re.search("tax|revenue|gap|rank|share_of_tax", name) and name not in KNOWN_TO_ALL
    ]
    # nothing that the public is told is made of taxes, so there is no equation to give the solver
    assert sums == []

    for place in range(0, len(bounds), 10):
        goal = np.zeros(len(bounds))
        goal[place] = 1
        low = linprog(goal, bounds=bounds).fun
        high = -linprog(-goal, bounds=bounds).fun
        assert (low, high) == pytest.approx(bounds[place])


# what says nothing of a tower: counts of bands, years, the filter said back, the mark, words of the documentation
KNOWN_TO_ALL: Final = frozenset({"unknown_tax", "with_tax", "tax_year", "tax_min", "tax_max", "past_mark"})


def named_numbers(document: Any, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield from named_numbers(value, key)
    elif isinstance(document, list):
        for value in document:
            yield from named_numbers(value, name)
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield name, document


@pytest.mark.parametrize("tower", ["CBD-21", "XDX-05", "CBD-40"])
def test_a_band_that_one_or_two_companies_make_is_withheld_in_every_year(whole: Snapshot, tower: str) -> None:
    public = public_view(whole)
    row = public.row_of[tower]

    assert whole.figures().band[row] >= 0
    for year in (None, *whole.years):
        assert public.figures(year).band[row] == -1


def test_a_withheld_band_looks_like_an_unknown_one(whole: Snapshot) -> None:
    row = whole.row_of["CBD-21"]
    nothing = list(whole.buildings)
    nothing[row] = nothing[row].model_copy(
        update={"tax_yuan": None, "district_revenue_yuan": None, "tax_year": None, "tax_history": ()}
    )
    entries = tuple(entry for entry in whole.holdings.all(TaxEntry) if entry.building_id != "CBD-21")
    without = rebuilt(whole, nothing, Holdings({**whole.holdings.records, TABLES[TaxEntry]: entries}))

    for address in ("/api/buildings/CBD-21", "/buildings/CBD-21"):
        mine = public_app(whole).test_client().get(address).data
        theirs = public_app(without).test_client().get(address).data
        assert mine == theirs, address


def test_a_tower_whose_taxpayers_nobody_counted_has_no_public_band(whole: Snapshot) -> None:
    uncounted = tuple(
        replace_count(entry) if entry.building_id == "CBD-03" else entry
        for entry in whole.holdings.all(TaxEntry)
    )
    tenants = tuple(tenant for tenant in whole.holdings.all(Tenant) if tenant.building_id != "CBD-03")
    snapshot = rebuilt(
        whole,
        list(whole.buildings),
        Holdings({**whole.holdings.records, TABLES[TaxEntry]: uncounted, TABLES[Tenant]: tenants}),
    )

    public = public_view(snapshot)

    assert public.figures().band[public.row_of["CBD-03"]] == -1


def replace_count(entry: TaxEntry) -> TaxEntry:
    return entry.model_copy(update={"taxpayer_count": None})


def test_the_public_s_order_by_tax_is_by_band_and_then_by_id(whole: Snapshot) -> None:
    client = public_app(whole).test_client()
    features = client.get("/api/buildings?sort=-tax_yuan").get_json(force=True)["features"]
    order = [band.id for band in whole.district.bands]

    keys = [
        (-order.index(feature["properties"]["band"]), feature["id"])
        for feature in features
        if feature["properties"]["band"] is not None
    ]

    assert keys == sorted(keys)


@pytest.fixture
def visitor(whole: Snapshot) -> FlaskClient:
    return public_app(whole).test_client()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/print",
        "/pipeline",
        "/api/docs",
        "/compare?id=CBD-03&id=CBD-21",
        "/buildings/CBD-03",
        "/buildings/CBD-21",
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_public_page_is_drawn_without_a_figure_that_is_not_there(
    visitor: FlaskClient, address: str, lang: str
) -> None:
    page = visitor.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")

    assert page.status_code == 200
    assert not re.search(r"\bnan\b", page.text, re.IGNORECASE)
    for staff_only in ("/analysis", "/goals", "/lists", "/matching", "/scenarios", "/history", "/accounts"):
        assert f'href="{staff_only}' not in page.text, staff_only


@pytest.mark.parametrize(
    "endpoint", sorted(name for name, methods in ROUTES.items() if methods.get("GET", "public") != "public")
)
def test_what_is_not_for_the_public_is_not_answered(whole: Snapshot, endpoint: str) -> None:
    app = public_app(whole)
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    answer = app.test_client().get(address_of(rule, "building"))

    assert answer.status_code in {401, 403}
    assert not set(re.findall(rb"\d[\d,]*", answer.data)) & figures_written(whole)


def test_a_count_of_towers_past_the_mark_says_that_it_counts_those_disclosed(
    whole: Snapshot, visitor: FlaskClient
) -> None:
    staff = create_app(OneVersion(whole), access=Access(secret=b"s" * 32)).test_client()

    assert whole.figures(2023).past_mark.sum() == 20
    assert "20 → 24" in staff.get("/").text
    assert "19 → 24" in visitor.get("/").text
    assert visitor.get("/").text.count("已公开分档") == 2
    assert "已公开分档" in visitor.get("/print").text
    for page in ("/", "/print"):
        assert "已公开分档" not in staff.get(page).text


@pytest.fixture
def typed_into(tmp_path: Path, district: District) -> Iterator[Flask]:
    """A registry that is being served when another program writes a revenue larger than its tax into it."""
    with small_office(tmp_path / "office.gpkg", district) as office:
        accounts = Accounts(office)
        accounts.add("boss", "admin", password=PASSWORD, actor="test")
        app = create_app(office, access=Access(accounts, secret=b"s" * 32))
        with closing(sqlite3.connect(tmp_path / "office.gpkg")) as other, other:
            other.execute("PRAGMA ignore_check_constraints = ON")
            other.execute("UPDATE tax_record SET district_revenue_yuan = 223456789 WHERE id = 'T-1:2023'")
        office.apply([Change("building", "T-2", {"name": "新名"})], actor="boss")
        yield app


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/api/buildings",
        "/buildings/T-1",
        "/map/towers",
        "/download/buildings.csv",
        "/sign-in",
        "/history",
    ],
)
def test_what_another_program_typed_and_was_put_back_tells_the_public_no_figure(
    typed_into: Flask, address: str
) -> None:
    answer = typed_into.test_client().get(address)

    assert answer.status_code < 500
    for secret in (b"123456789", b"223456789", b"223,456,789", b"T-1:2023", b"office.gpkg"):
        assert secret not in answer.data


def test_staff_are_told_which_cell_another_program_typed_and_everything_goes_on(typed_into: Flask) -> None:
    client = typed_into.test_client()
    form = {"name": "boss", "password": PASSWORD}
    assert client.post("/sign-in", data=form, headers={"Origin": "http://localhost"}).status_code == 303

    page, program, history = client.get("/?lang=en"), client.get("/api/buildings"), client.get("/history")

    assert [answer.status_code for answer in (page, program, history)] == [200, 200, 200]
    assert "did not pass the check and were put back: 1" in page.text
    assert "T-1:2023" in history.text
    assert "223,456,789" in history.text
    row = client.get("/api/records/tax_record/T-1:2023").get_json()
    assert row["values"]["district_revenue_yuan"] == 4e7


def test_a_past_that_the_district_no_longer_knows_is_not_shown_and_the_present_is(
    tmp_path: Path, district: District
) -> None:
    with small_office(tmp_path / "office.gpkg", district) as office:
        moved = [
            Change("building", "T-1", {"sector": "digital"}),
            Change("tenant", "C-1", {"sector": "digital"}),
        ]
        office.apply(moved, actor="lin")
    fewer = [sector for sector in district.sectors if sector.id != "finance"]
    # made anew: a copy would keep what the first one has worked out
    known = {name: getattr(district, name) for name in type(district).model_fields}
    later = type(district).model_validate(known | {"sectors": tuple(fewer)})
    with open_registry(tmp_path / "office.gpkg", district=later, surroundings=Surroundings()) as office:
        client = create_app(office, access=Access(secret=b"s" * 32)).test_client()
        form = {"version": "2", "csrf_token": client.get("/api/session").get_json()["csrf"]}

        shown = client.post("/history/show", data=form, headers={"Origin": "http://localhost"})

        assert shown.status_code == 503
        assert "finance" in shown.text
        assert client.get("/").status_code == 200


def test_a_change_that_the_public_cannot_see_changes_no_tag(whole: Snapshot) -> None:
    renamed = tuple(tenant.model_copy(update={"name": "另一家"}) for tenant in whole.holdings.all(Tenant))
    later = replace(
        whole, version="v-later", holdings=Holdings({**whole.holdings.records, TABLES[Tenant]: renamed})
    )

    first = public_app(whole).test_client().get("/api/buildings")
    second = (
        public_app(later)
        .test_client()
        .get("/api/buildings", headers={"If-None-Match": first.headers["ETag"]})
    )

    assert second.status_code == 304
