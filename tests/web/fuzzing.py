"""Requests that nobody thought of, for every address, method and role: right ones with something wrong in them."""

from __future__ import annotations

import io
import json
import random
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from buildingmap.accounts import ROLES, Accounts, ApiTokens, at_least
from buildingmap.filters import OFFICE_LISTS, PARAMETERS, WISHES
from buildingmap.placement import ASKS, default_plan
from buildingmap.registry import Change, UnknownRecordError
from buildingmap.registry.rows import TABLES
from buildingmap.web.records_api import shown_values
from buildingmap.web.routes import needed_role
from buildingmap.web.visitors import SESSION_COOKIE

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

    from buildingmap.accounts import Role
    from buildingmap.registry import Registry
    from buildingmap.registry.store import StoredRow

LONG: Final = "9" * 23
TEXTS: Final = (
    "", " ", "x", "0", "1", "-1", "²", LONG, "9" * 400, "1e400", "nan", "\0", "é楼", "<b>'\"", "../..", "a" * 3000,
    "2024-02-30", "2024-02-29", "0000-00-00", "9999-12-31", "true", "{{7*7}}", "%00", "\r\nX: 1", "１２", "T-1", "C-1",
    "finance", "cbd", "zh", "en",
)  # fmt: skip
VALUES: Final[tuple[Any, ...]] = (
    *TEXTS, None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 2**64, int(LONG), 0.5, -0.0, 1e308, float("inf"),
    float("nan"), [], {}, [[]], [1], ["x"], [None], {"x": 1}, {"": {}}, {"$ref": "#"}, "\ud800", [["x"] * 50] * 50,
    {"type": "Point", "coordinates": [1e308, 0]}, {"type": "Point", "coordinates": []},
    {"type": "Polygon", "coordinates": [[[120.37, 36.08], [120.38, 36.08]]]},
    {"type": "Polygon", "coordinates": [[[120.37, 36.08], [120.38, 36.08], [120.38, 36.09], [120.37, 36.08]]]},
    {"type": "GeometryCollection", "geometries": []}, json.loads("[" * 500 + "]" * 500),
)  # fmt: skip
NAMES: Final = (
    *(parameter.name for parameter in (*PARAMETERS, *WISHES)),
    "lang", "datum", "before", "limit", "since", "site", "show", "colour", "v", "name", "next", "id", "offset",
    "zoom", "window", "list", "code", "state", "p", "measure", "goal", "by", "sort", "",
)  # fmt: skip
VICTIM: Final = "victim"
RIGHT_FIELDS: Final = {
    "name": VICTIM, "role": "analyst", "password": "another long password", "label": "nightly", "days": "30",
    "version": "3", "title": "新名", "ask": "why_not", "site": "DK-01", "sector": "finance", "count": "2",
}  # fmt: skip
FIELDS: Final = (
    "name", "role", "password", "disabled", "old", "new", "label", "days", "version", "day", "title", "sheet", "table",
    "datum", "year", "source", "as_of", "clear_empty", "leave_unread", "remember", "ask", "site", "sector", "one",
    "towers", "seconds", "text", "next", "spacing_m", "weight.access", "seen", f"field-{LONG}", "field-0",
    "unit-0", f"unit-{'9' * 5000}", "field-²", "differ", "weightings", "count", "one", "weights.access", "",
)  # fmt: skip
RIGHT: Final = (
    ("tax_min", "1e8"), ("cluster", "cbd"), ("sector", "finance,digital"), ("year", "2023"), ("vacancy_min", "0.2"),
    ("sort", "-floor_area_m2"), ("limit", "2"), ("offset", "1"), ("status", "planned"), ("lang", "en"), ("id", "T-1"),
    ("id", "T-2"), ("bbox", "120.3,36,120.5,36.2"), ("q", "楼"), ("area_min", "10"), ("station_max", "800"),
    ("list", "next_past"), ("datum", "gcj02"), ("before", "3"), ("since", "2024-02-29"), ("site", "DK-01"),
    ("stations", "2"), ("measure", "walk"), ("radius_m", "800"), ("show", "doubt"), ("colour", "sector"),
)  # fmt: skip
HEADERS: Final = (
    "If-None-Match",
    "Accept-Encoding",
    "Range",
    "Accept",
    "Accept-Language",
    "Content-Type",
    "Cookie",
)
IN_HEADERS: Final = (
    '"1"',
    '"1:gzip"',
    '""',
    "*",
    "gzip, br",
    "",
    "x" * 300,
    "bytes=0-1",
    "é",
    "a=b; c",
    "*/*;q=x",
)
FILES: Final = (
    ("t.csv", "编号,名称,税收(元)\nT-1,一号楼,5\n".encode()), ("t.csv", b"\0\xff"), ("t.geojson", b"{}"),
    ("t.xlsx", b"PK\x03\x04"), ("../t.zip", b""), ("", b"x"), (LONG * 20, b"a,b\n1,2\n"),
)  # fmt: skip
RINGS: Final = [[[120.37, 36.08], [120.38, 36.08], [120.38, 36.09], [120.37, 36.08]]]
PLAN: Final = default_plan().model_dump(mode="json", exclude_none=True)
_BEGIN: Final = frozenset({"plans_api.ask", "plan_page.ask", "imports_api.add", "import_page.upload"})
UNSAFE: Final = frozenset({"POST", "PATCH", "DELETE", "PUT"})


@dataclass(frozen=True, slots=True)
class Case:
    """One request of ``role``."""

    role: Role
    endpoint: str
    method: str
    address: str
    given: dict[str, Any] = field(default_factory=dict)


class Fuzz:
    """Requests to one application by the accounts ``<role>-1``; the same ones for the same ``seed``."""

    def __init__(self, app: Flask, registry: Registry, seed: object) -> None:
        """Give every role an account's token."""
        self._app, self._registry = app, registry
        self._pick = random.Random(str(seed))  # noqa: S311 - nothing is kept secret by it
        self._rules = sorted(app.url_map.iter_rules(), key=str)
        with_bodies = [rule for rule in self._rules if UNSAFE & (rule.methods or set())]
        # most is read from the bodies of rows
        rows = [rule for rule in with_bodies if "<table>" in rule.rule] * 8
        self._with_bodies = [*with_bodies, *rows]
        accounts, tokens = Accounts(registry), ApiTokens(registry)
        self._accounts = {role: accounts.named(f"{role}-1") for role in ROLES}
        self._tokens = {
            role: tokens.add(account, "fuzz", role, lasts=timedelta(days=1))
            for role, account in self._accounts.items()
        }
        self._opened = accounts.open_session
        self._sessions: dict[Role, str] = {}
        self._begun = ["x" * 16]
        self._first = registry.version
        self._apart = {
            table: {row.row_id: row.values for row in registry.rows(table)}
            for table in ("plan", "import_mapping")
        }
        # most tables with a row, so that there is something to change
        self._rows = {table: [row.row_id for row in registry.rows(table)] for table in TABLES}
        self._bodies: dict[str, Callable[[Rule, dict[str, str]], dict[str, Any]]] = {
            "records_api": self._record,
            "plans_api": self._plan,
            "sites_page": self._outline,
            "imports_api": self._import,
        }

    def case(self, role: Role) -> Case:
        """Return the next request of ``role``: of an address at random, or of one that there is not."""
        bodies = self._pick.random() < 0.5
        rule = self._pick.choice(self._with_bodies if bodies else self._rules)
        # whom a route is not for is soon told so: one in five such requests is enough
        while not self._is_for(role, rule) and self._pick.random() < 0.8:
            rule = self._pick.choice(self._with_bodies if bodies else self._rules)
        values = {name: self._of_address(name) for name in sorted(rule.arguments)}
        if "row_id" in values and self._pick.random() < 0.8:
            table = values["table"] = self._pick.choice([name for name in TABLES if self._rows[name]])
            values["row_id"] = self._pick.choice(self._rows[table] or ["x"])
        methods = sorted(rule.methods or {"GET"})
        if self._pick.random() < 0.9:
            methods = [method for method in methods if method not in {"HEAD", "OPTIONS"}] or methods
        method = self._pick.choice(methods)
        given = self._who(role)
        body: dict[str, Any] = {}
        if method in UNSAFE:
            make = self._bodies.get(rule.endpoint.partition(".")[0], self._form)
            body = make(rule, values)
        given["headers"] |= body.pop("headers", {})
        if self._pick.random() < 0.2:
            given["headers"][self._pick.choice(HEADERS)] = self._in_header()
        return Case(role, rule.endpoint, method, self._address(rule, values) + self._query(), given | body)

    def send(self, case: Case) -> TestResponse:
        """Send a request as its role; what it began can be asked for by those that follow."""
        client: FlaskClient = self._app.test_client()
        headers = case.given["headers"]
        if (
            "Authorization" not in headers
        ):  # a browser, signed in anew for each change: any of them may end it
            if case.method in UNSAFE or case.role not in self._sessions:
                self._sessions[case.role] = self._opened(self._accounts[case.role].id)
            client.set_cookie(SESSION_COOKIE, self._sessions[case.role])
            headers = {**headers, "X-CSRF-Token": client.get("/api/session").get_json()["csrf"]}
        answer = client.open(case.address, method=case.method, **{**case.given, "headers": headers})
        begun = answer.get_json(silent=True) if case.endpoint in _BEGIN else None
        if isinstance(begun, dict) and "id" in begun:
            self._begun.append(begun["id"])
        if case.endpoint in _BEGIN and "/" in answer.headers.get("Location", ""):
            self._begun.append(answer.headers["Location"].rpartition("/")[2])
        return answer

    def _who(self, role: Role) -> dict[str, Any]:
        """Return the headers of a visitor: with a token, right or wrong, or with none, for a session."""
        origin = {"Origin": "http://localhost"}
        if self._pick.random() < 0.05:
            wrong = self._pick.choice(("Bearer x", "Bearer", "Basic eA==", "Bearer "))
            return {"headers": {**origin, "Authorization": wrong}}
        if self._pick.random() < 0.5:
            return {"headers": {**origin, "Authorization": f"Bearer {self._tokens[role]}"}}
        return {"headers": origin}

    def _is_for(self, role: Role, rule: Rule) -> bool:
        needed = [needed_role(rule.endpoint, method) for method in rule.methods or ()]
        return all(least is not None and at_least(role, least) for least in needed)

    def _of_address(self, name: str) -> str:
        """Return a value of a variable of an address, one in ten of them nonsense."""
        known = {
            "table": TABLES,
            "version": ("0", "1", "2", "3", "40", LONG, "9" * 5000),
            "key": OFFICE_LISTS,
            "plan_id": self._begun,
            "job_id": self._begun,
            "scenario_id": self._rows["plan"],
            "name": (VICTIM,),
        }
        values = TEXTS if self._pick.random() < 0.1 else known.get(name, self._rows["building"])
        return self._pick.choice(values)

    def _address(self, rule: Rule, values: dict[str, str]) -> str:
        if self._pick.random() < 0.03:
            return self._pick.choice(
                ("/nowhere", "/api/nowhere", "/api/buildings/", "//", "/%ff", "/api/%00")
            )
        address = rule.rule
        for name, value in values.items():
            address = re.sub(rf"<(?:[^<>:]+:)?{name}>", quote(value, safe=""), address)
        return address

    def _query(self) -> str:
        asked = [
            self._pick.choice(RIGHT)
            if self._pick.random() < 0.6
            else (self._pick.choice(NAMES), self._pick.choice(TEXTS))
            for _ in range(self._pick.choice((0, 0, 1, 1, 2, 4)))
        ]
        return f"?{urlencode(asked)}" if asked else ""

    def _in_header(self) -> str:
        return self._pick.choice(
            ('"1"', '"1:gzip"', "*", "gzip, br", "", "x" * 300, "bytes=0-1", "é", "a=b; c", "*/*;q=x")
        )

    def _wrong(self, document: Any) -> Any:
        """Return ``document`` with a value somewhere in it replaced, dropped, or added."""
        if isinstance(document, dict) and document and self._pick.random() < 0.85:
            name = self._pick.choice(sorted(document))
            kind = self._pick.random()
            if kind < 0.1:
                return {other: value for other, value in document.items() if other != name}
            if kind < 0.15:
                return {**document, self._pick.choice(TEXTS): self._pick.choice(VALUES)}
            return {**document, name: self._wrong(document[name])}
        if isinstance(document, list) and document and self._pick.random() < 0.7:
            place = self._pick.randrange(len(document))
            return [*document[:place], self._wrong(document[place]), *document[place + 1 :]]
        return self._pick.choice(VALUES)

    def _json(self, document: Any) -> dict[str, Any]:
        for _ in range(self._pick.choice((0, 1, 1, 1, 1, 2))):
            document = self._wrong(document)
        text = json.dumps(document)
        if self._pick.random() < 0.03:
            text = self._pick.choice(("", "{", "nul", "\xff", "[" * 2000, text[:-1]))
        return {"data": text, "content_type": "application/json"}

    def _record(self, _rule: Rule, values: dict[str, str]) -> dict[str, Any]:
        table, row_id = values.get("table", ""), values.get("row_id")
        if table not in TABLES:
            return self._json({"values": {}})
        known = row_id if row_id in self._rows[table] else self._rows[table][0]
        row = self._row(table, known)
        own = shown_values(row.values)
        if row_id is None:
            own |= {"id": self._pick.choice(("F-1", "F-2", "", "x", LONG))}
        elif self._pick.random() < 0.5:
            own = {name: own[name] for name in self._pick.sample(sorted(own), min(2, len(own)))}
        tag = self._pick.choice((*(f'"{row.version}"',) * 8, f'"{row.version}:gzip"', '"0"', LONG, ""))
        return {**self._json({"values": own}), "headers": {"If-Match": tag}}

    def _row(self, table: str, row_id: str) -> StoredRow:
        """Return a row in force; where a request before has deleted it, everything is brought back first."""
        with suppress(UnknownRecordError):
            return self._registry.row(table, row_id)
        self._registry.restore(self._first, actor="test")
        if table in self._apart:  # they are no part of the layer, which alone is restored
            self._registry.apply([Change(table, row_id, self._apart[table][row_id])], actor="test")
        return self._registry.row(table, row_id)

    def _plan(self, _rule: Rule, _values: dict[str, str]) -> dict[str, Any]:
        asked = {"plan": PLAN, "ask": self._pick.choice(ASKS)}
        more = {"site": "DK-01", "sector": "finance", "count": 2, "differ": 1, "weightings": 3}
        return self._json(asked | dict(self._pick.sample(sorted(more.items()), 2)))

    def _outline(self, _rule: Rule, _values: dict[str, str]) -> dict[str, Any]:
        return self._json(
            {"rings": RINGS, "datum": "wgs84", "id": "DK-01", "values": {"name": "x", "floor_area_ratio": 2}}
        )

    def _import(self, rule: Rule, _values: dict[str, str]) -> dict[str, Any]:
        if rule.endpoint == "imports_api.add":
            return {"data": self._pick.choice(FILES)[1], "content_type": "application/octet-stream"}
        return self._json(
            {"columns": {"0": "id"}, "units": {"0": "yuan"}, "year": 2023, "sheet": "x", "clear_empty": True}
        )

    def _form(self, _rule: Rule, values: dict[str, str]) -> dict[str, Any]:
        data: dict[str, Any] = dict(RIGHT_FIELDS)
        if (scenario := values.get("scenario_id")) in self._rows["plan"]:
            data["version"] = str(self._row("plan", scenario).version)
        for name in self._pick.sample(FIELDS, self._pick.choice((0, 1, 3, len(FIELDS)))):
            data[name] = self._pick.choice(TEXTS)
        if self._pick.random() < 0.3:
            name, content = self._pick.choice(FILES)
            data["file"] = (io.BytesIO(content), name)
        return {"data": data, "content_type": "multipart/form-data" if "file" in data else None}
