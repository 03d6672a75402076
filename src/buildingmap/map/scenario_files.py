"""Scenarios as files to keep: GeoJSON, Excel and Word, one scenario or several side by side."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Literal

import shapely

from buildingmap.layers.writers import Column, ExportNote, Place, Sheet, write_places, write_sheets
from buildingmap.placement import plan_sources, term_text, why
from buildingmap.placement.outcome import Range, Spread
from buildingmap.placement.scenarios import (
    compare,
    comparison_tables,
    differences,
    label_of,
    said,
    scenario_tables,
    shown,
)
from buildingmap.placement.scenarios.tables import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from buildingmap.model import Lang
    from buildingmap.placement import Chosen
    from buildingmap.placement.scenarios import PlanTable, Scenario
    from buildingmap.placement.scenarios.tables import Cell, Kind
    from buildingmap.snapshot import Snapshot

Form = Literal["geojson", "xlsx", "docx"]
FORMS: Final[tuple[Form, ...]] = ("geojson", "xlsx", "docx")
_FORMATS: Final[dict[Kind, str]] = {
    "count": "index", "index": "index", "m2": "floor_area_m2", "yuan": "tax_yuan", "points": "points",
    "share": "vacancy_rate", "gap": "vacancy_rate",
}  # fmt: skip
_UNITS: Final[dict[Kind, tuple[str, str]]] = {"m2": ("m²", "平方米"), "yuan": ("yuan", "元")}
_SPREAD_WORDS: Final = (("median", "中位数"), ("lower quartile", "下四分位"), ("upper quartile", "上四分位"))
# where some figures go from one assumption to another
_RANGE_WORDS: Final = (
    ("median", "中位数"),
    ("lower quartile, or least", "下四分位或最低"),
    ("upper quartile, or most", "上四分位或最高"),
)
_WIDE: Final = 60.0
_USUAL: Final = 18.0
# of each scenario of a comparison, beside the comparison's own sheets
_EACH: Final = ("towers", "criteria", "reasons", "outcome", "runners_up")


def scenario_file(
    form: Form,
    titled: Sequence[tuple[str, Scenario]],
    *,
    shapes: Sequence[Mapping[str, shapely.Geometry]],
    snapshot: Snapshot,
    note: ExportNote,
    lang: Lang = "zh",
) -> bytes:
    """Return one scenario, or several side by side, as a file.

    ``titled``: title and scenario of each; ``shapes``: of each the shapes of its sites by id, WGS84, as far as they
    are known; ``snapshot`` gives names and surroundings.
    """
    if form == "geojson":
        return _geojson(titled, shapes, snapshot, note, lang)
    if form == "xlsx":
        return write_sheets(list(_sheets(titled, snapshot, lang)), note, lang=lang)
    # Word and its drawings take a second to import, and most servers never write one
    from buildingmap.layers.writers.report import write_report  # noqa: PLC0415
    from buildingmap.map.scenario_report import comparison_report, report_of  # noqa: PLC0415

    titles, scenarios = [title for title, _ in titled], [scenario for _, scenario in titled]
    if len(titled) == 1:
        blocks, heading = report_of(*titled[0], snapshot, lang), f"{said('report', lang)}: {titles[0]}"
    else:
        blocks, heading = comparison_report(titles, scenarios, snapshot, lang), said("report_compare", lang)
    return write_report(heading, blocks, note, lang=lang)


def note_of(
    titled: Sequence[tuple[str, Scenario]], snapshot: Snapshot, *, now: datetime, lang: Lang
) -> ExportNote:
    """Return what an export of scenarios made at ``now`` (aware) says of itself."""
    return ExportNote(
        title=snapshot.note.title,
        synthetic=snapshot.note.synthetic or any(scenario.answer.synthetic for _, scenario in titled),
        source=snapshot.note.source,
        as_of=snapshot.note.as_of,
        exported_at=now,
        filter_text="; ".join(title for title, _ in titled),
        version=", ".join(dict.fromkeys(scenario.fingerprint for _, scenario in titled)),
        district=snapshot.district.name[lang],
    )


def _geojson(
    titled: Sequence[tuple[str, Scenario]],
    shapes: Sequence[Mapping[str, shapely.Geometry]],
    snapshot: Snapshot,
    note: ExportNote,
    lang: Lang,
) -> bytes:
    members: dict[str, Any] = {
        "scenarios": [
            _about(label_of(place), title, scenario, snapshot, lang)
            for place, (title, scenario) in enumerate(titled)
        ]
    }
    if len(titled) > 1:
        members["differences"] = differences(compare([scenario for _, scenario in titled]), lang)
    places = [
        each
        for place, (_, scenario) in enumerate(titled)
        for each in _places(
            label_of(place),
            scenario,
            shapes[place],
            alone=len(titled) == 1,
            said_why=lambda chosen: why(chosen, snapshot, lang),
        )
    ]
    return write_places(places, note, members=members, lang=lang)


def _about(label: str, title: str, scenario: Scenario, snapshot: Snapshot, lang: Lang) -> dict[str, Any]:
    found = scenario.answer
    return {
        "label": label,
        "title": title,
        "synthetic": found.synthetic,
        "registry_version": scenario.registry_version,
        "fingerprint": scenario.fingerprint,
        "content": scenario.content,
        "program": scenario.program,
        "made_at": scenario.made_at,
        "made_by": scenario.made_by,
        "status": found.status,
        "score": found.score,
        "bound": found.bound,
        "gap": found.gap,
        "weights": found.weights,
        "terms": [term_text(term, snapshot.district, lang) for term in found.terms],
        "clash": [term_text(term, snapshot.district, lang) for term in found.clash],
        "sources": plan_sources(scenario.plan, lang),
        "plan": scenario.plan.model_dump(mode="json"),
        "outcome": None if found.outcome is None else asdict(found.outcome),
    }


def _places(
    label: str,
    scenario: Scenario,
    shapes: Mapping[str, shapely.Geometry],
    *,
    alone: bool,
    said_why: Callable[[Chosen], str],
) -> Iterator[Place]:
    for number, chosen in enumerate(scenario.answer.chosen, 1):
        known = {
            name: getattr(chosen, name)
            for name in (
                "name", "sector", "cluster", "floor_area_m2", "area_basis", "earliest_year", "station", "station_m",
                "tax_basis", "comparables", "points", "because",
            )
        }  # fmt: skip
        spread = chosen.tax_yuan
        yield Place(
            chosen.id if alone else f"{label}:{chosen.id}",
            shapes.get(chosen.id) or shapely.Point(chosen.lon, chosen.lat),
            {
                "scenario": label,
                "site": chosen.id,
                "is": "chosen",
                "number": number,
                **known,
                "tax_low_yuan": None if spread is None else spread.low,
                "tax_median_yuan": None if spread is None else spread.middle,
                "tax_high_yuan": None if spread is None else spread.high,
                **{f"points_{part.criterion}": part.points for part in chosen.parts},
                "why": said_why(chosen),
            },
        )
    for each in scenario.answer.runners_up:
        key = f"runner-up:{each.site}"
        yield Place(
            key if alone else f"{label}:{key}",
            shapes.get(each.site),
            {"scenario": label, "site": each.site, "is": "runner_up", "sector": each.sector,
             "gives_up_points": each.gives_up, "replaces": each.replaces},
        )  # fmt: skip


def _sheets(titled: Sequence[tuple[str, Scenario]], snapshot: Snapshot, lang: Lang) -> Iterator[Sheet]:
    if len(titled) == 1:
        for found in scenario_tables(titled[0][1], snapshot, lang):
            yield _sheet(found.title, found, lang)
        return
    comparison = compare([scenario for _, scenario in titled])
    for found in comparison_tables(comparison, [title for title, _ in titled], snapshot, lang):
        yield _sheet(found.title, found, lang)
    for place, (_, scenario) in enumerate(titled):
        for found in scenario_tables(scenario, snapshot, lang):
            if found.key in _EACH:
                yield _sheet(f"{label_of(place)} {found.title}", found, lang)


def _sheet(title: str, found: PlanTable, lang: Lang) -> Sheet:
    """Return a table as a sheet: a column of estimates becomes three, and units stand in the heads."""
    parts = [_parts(head, [row[place] for row in found.rows], lang) for place, head in enumerate(found.heads)]
    mixed = any(_kind([row[place] for row in found.rows]) is None for place in range(1, len(found.heads)))
    rows = []
    for number, row in enumerate(found.rows):
        cells = [cell for columns in parts for cell in columns[1][number]]
        if mixed:
            cells[0] = f"{shown(row[0], lang)}{_unit_of(row, lang)}"
        rows.append(cells)
    return Sheet(title, [column for columns in parts for column in columns[0]], rows)


def _kind(cells: Sequence[Cell]) -> Kind | Literal["text"] | None:
    """Return what a column holds: figures of one kind, or text; None where it is both, or of several kinds."""
    kinds: set[Any] = {"text" if isinstance(cell, str) else cell.kind for cell in cells}
    return next(iter(kinds)) if len(kinds) == 1 else None


def _parts(head: str, cells: Sequence[Cell], lang: Lang) -> tuple[list[Column], list[list[Any]]]:
    kind = _kind(cells)
    english = lang == "en"
    unit = "" if kind is None or kind == "text" else _unit(kind, lang)
    form = "" if kind is None or kind == "text" else _FORMATS[kind]
    estimates = [cell.value for cell in cells if isinstance(cell, Figure)]
    ranges = any(isinstance(value, Range) for value in estimates)
    if not ranges and not any(isinstance(value, Spread) for value in estimates):
        longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
        width = min(max(_USUAL, 1.2 * longest), _WIDE)
        return [Column(head + unit, width, form)], [[_value(cell)] for cell in cells]
    columns = [
        Column(f"{head}{unit} · {words[0] if english else words[1]}", _USUAL, form)
        for words in (_RANGE_WORDS if ranges else _SPREAD_WORDS)
    ]
    if kind is None:  # only some of its figures are estimates
        columns[0] = Column(head, _USUAL, form)
    return columns, [_three(cell) for cell in cells]


def _unit(kind: Kind, lang: Lang) -> str:
    if kind not in _UNITS:
        return ""
    return f", {_UNITS[kind][0]}" if lang == "en" else f"（{_UNITS[kind][1]}）"


def _unit_of(row: Sequence[Cell], lang: Lang) -> str:
    kinds = {cell.kind for cell in row if isinstance(cell, Figure) and cell.value is not None}
    return _unit(next(iter(kinds)), lang) if len(kinds) == 1 else ""


def _value(cell: Cell) -> Any:
    return cell if isinstance(cell, str) else cell.value


def _three(cell: Cell) -> list[Any]:
    if isinstance(cell, Figure) and isinstance(cell.value, Spread):
        return [cell.value.middle, cell.value.low, cell.value.high]
    if isinstance(cell, Figure) and isinstance(cell.value, Range):
        return [None, cell.value.low, cell.value.high]
    return [_value(cell), None, None]
