"""``import``: what an office has, into the registry; shown before it is written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from buildingmap.cli.datum import DATUM, DATUM_WORDS
from buildingmap.cli.location import (
    RegistryCommand,
    chosen_language,
    district_option,
    lang_option,
    local_name,
    opened,
    registry_option,
)

if TYPE_CHECKING:
    from buildingmap.intake import Chosen, Preview
    from buildingmap.model import Lang
    from buildingmap.registry import Registry, Revision

_REFUSED: Final = 1
_SHOWN: Final = 20
_WORDS: Final = {
    "en": {
        "read": "{table}, from {place}: {rows} rows",
        "features": "{table}: {rows} features",
        "left": "left out, row {row}: {text}",
        "datum": "datum: {datum}",
        "column": "{header} → {field}",
        "ignored": "not read",
        "counts": "{new} new, {changed} changed, {unchanged} unchanged, {missing} of the registry not named",
        "more": "… and {count} more",
        "faults": "{count} faults; nothing was written",
        "ask": "Write this?",
        "written": "version {version}: {rows} rows written; buildingmap undo {version} takes it back",
        "nothing": "the registry has all of this already",
        "no_money": "nothing was written: none of the columns of money was read, and the registry has the rest",
        "dry": "a dry run: nothing was written",
        "unread": "left out, unreadable: {line}",
        "note": "warning: {line}",
        "new": "new",
    },
    "zh": {
        "read": "{table}，读自{place}：{rows} 行",
        "features": "{table}：{rows} 个要素",
        "left": "第 {row} 行不计入：{text}",
        "datum": "坐标系：{datum}",
        "column": "{header} → {field}",
        "ignored": "不读取",
        "counts": "新增 {new}，改动 {changed}，不变 {unchanged}；登记库中有 {missing} 条本表未列出",
        "more": "……另有 {count} 条",
        "faults": "{count} 处问题；未写入任何内容",
        "ask": "写入登记库？",
        "written": "第 {version} 版：已写入 {rows} 行；buildingmap undo {version} 可撤销",
        "nothing": "登记库中已全部如此",
        "no_money": "未写入任何内容：金额列均未读取（见上），其余内容登记库中已有",
        "dry": "仅预览：未写入任何内容",
        "unread": "无法读取，已略去：{line}",
        "note": "提醒：{line}",
        "new": "新增",
    },
}


@click.command("import", cls=RegistryCommand)
@click.argument("file", type=click.Path(path_type=Path))
@registry_option
@district_option
@click.option(
    "--table", help="What the table is of: building, tax_record, tenant, unit, floor, service_officer, site."
)
@click.option("--sheet", help="The sheet to read; the one whose headers say most by default.")
@click.option("--column", "columns", multiple=True, metavar="HEADER=FIELD",
              help="Read a column as a field; HEADER= leaves it out. May be repeated.")  # fmt: skip
@click.option("--unit", "units", multiple=True, metavar="HEADER=UNIT",
              help="What a column counts in: 元, 万元, 平方米. May be repeated.")  # fmt: skip
@click.option("--year", type=int, help="The year of taxes that say none.")
@click.option("--crs", type=DATUM, metavar="DATUM", help=f"The datum of the coordinates: {DATUM_WORDS}.")
@click.option("--source", help="Where the rows come from, if they do not say so; the file's name by default.")
@click.option(
    "--as-of", metavar="DATE", help="The day the facts hold, if the rows do not say so; today by default."
)
@click.option("--clear-empty", is_flag=True, help="Let an empty cell empty the field.")
@click.option("--leave-unread", is_flag=True, help="Leave cells out that cannot be read, and list them.")
@click.option("--remember", metavar="NAME", help="Keep this reading for tables with the same headers.")
@click.option(
    "--annotate", type=click.Path(path_type=Path), help="Write a copy of the table with every finding."
)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; writes only with --yes.")
@lang_option
def import_(
    file: Path,
    *,
    registry: str | None,
    district: Path | None,
    table: str | None,
    sheet: str | None,
    columns: tuple[str, ...],
    units: tuple[str, ...],
    year: int | None,
    crs: str | None,
    source: str | None,
    as_of: str | None,
    clear_empty: bool,
    leave_unread: bool,
    remember: str | None,
    annotate: Path | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """Import FILE into the registry: show what is new and changed, ask, and write all of it or nothing."""
    from buildingmap import intake  # noqa: PLC0415 - seconds to import

    language = chosen_language(lang)
    with opened(registry, district) as kept:
        chosen = intake.choose(intake.opened_file(file), kept, sheet=sheet, as_table=table)
        chosen = _corrected(chosen, columns, units, year=year, crs=crs)
        found = intake.preview(
            chosen, kept, clear_empty=clear_empty, leave_unread=leave_unread, source=source, as_of=as_of
        )
        if annotate is not None:
            annotate.write_bytes(intake.annotated(found, lang=language))
        if not as_json:
            _show(found, language)
        write = found.ok and not dry_run and (yes or (not as_json and _wanted(found, language)))
        revision = _written(found, kept, file, remember) if write else None
    if as_json:
        click.echo(json.dumps(_document(found, revision, language), ensure_ascii=False))
    elif revision is not None:
        words = _WORDS[language]["written"]
        click.echo(words.format(version=revision.version, rows=revision.row_count))
    elif found.ok:
        word = "dry" if found.changes else "nothing" if found.up_to_date else "no_money"
        click.echo(_WORDS[language][word], err=word == "no_money")
    if not found.ok or not (found.changes or found.up_to_date):
        raise SystemExit(_REFUSED)


def _corrected(
    chosen: Chosen, columns: tuple[str, ...], units: tuple[str, ...], *, year: int | None, crs: str | None
) -> Chosen:
    from buildingmap import intake  # noqa: PLC0415 - seconds to import

    mapping = intake.corrected(
        chosen.mapping,
        fields={
            place: (value or None, None) for place, value in _by_place(chosen, columns, "--column").items()
        },
        datum=crs,
        year=year,
    )
    # a unit is held against the field that its column is read as by now
    return replace(chosen, mapping=intake.corrected(mapping, units=_by_place(chosen, units, "--unit")))


def _by_place(chosen: Chosen, pairs: tuple[str, ...], option: str) -> dict[int, str]:
    places = {column.header: column.position for column in chosen.mapping.columns}
    found = {}
    for pair in pairs:
        header, equals, value = pair.rpartition("=")
        if not equals or header not in places:
            raise click.BadParameter(
                f"found {pair!r}, expected one of the table's headers, = and a value: {', '.join(places)}",
                param_hint=option,
            )
        found[places[header]] = value.strip()
    return found


def _show(found: Preview, lang: Lang) -> None:
    from buildingmap.crs import datum_name  # noqa: PLC0415 - seconds to import
    from buildingmap.intake import change_text  # noqa: PLC0415 - the same
    from buildingmap.model.faults import printable  # noqa: PLC0415 - the same
    from buildingmap.model.names import field_name, table_name  # noqa: PLC0415 - the same

    words, chosen = _WORDS[lang], found.chosen
    place = chosen.sheet.place(chosen.table.header[1]).text(lang)
    label = chosen.mapping.target.label(lang)
    read = words["read" if chosen.sheet.shapes is None else "features"]
    lines = [read.format(table=label, place=place, rows=len(chosen.table.rows))]
    lines += [
        words["left"].format(row=chosen.sheet.numbers[entry.position], text=entry.text)
        for entry in chosen.table.left_out
    ]
    for column in chosen.mapping.columns:
        field = " ".join(
            filter(
                None,
                (
                    field_name(column.field or "", lang, table=chosen.mapping.table),
                    column.unit,
                    str(column.year or ""),
                ),
            )
        )
        if column.header:
            lines.append("  " + words["column"].format(header=column.header, field=field or words["ignored"]))
    if found.chosen.mapping.target.of_places and found.chosen.mapping.datum is not None:
        lines.append(words["datum"].format(datum=datum_name(found.chosen.mapping.datum, lang)))
    changed = [row for row in found.rows if row.state != "unchanged"]
    for row in changed[:_SHOWN]:
        cells = "; ".join(
            change_text(row, name, found, lang)
            for name in row.cells
            if name != "geometry" or row.table == "site"
        )
        name = f"{table_name(row.table, lang)} {row.row_id} {row.label}"
        lines.append(f"{name}: {words['new'] if row.state == 'new' else cells}")
    if len(changed) > _SHOWN:
        lines.append(words["more"].format(count=len(changed) - _SHOWN))
    lines += [words["unread"].format(line=entry.fault.line(lang)) for entry in found.unread]
    lines += [words["note"].format(line=fault.line(lang)) for fault in found.warnings]
    lines.append(words["counts"].format(**found.count(), missing=len(found.missing)))
    click.echo("\n".join(printable(line) for line in lines))
    for entry in found.faults:
        click.echo(printable(entry.fault.line(lang)), err=True)
    if found.faults:
        click.echo(words["faults"].format(count=len(found.faults)), err=True)


def _wanted(found: Preview, lang: Lang) -> bool:
    return bool(found.changes) and click.confirm(_WORDS[lang]["ask"])


def _written(found: Preview, kept: Registry, file: Path, remember: str | None) -> Revision | None:
    from buildingmap import intake  # noqa: PLC0415 - seconds to import

    revision = intake.apply(found, kept, actor=local_name(), name=file.name)
    if remember:
        intake.remember(found.chosen, kept, actor=local_name(), name=remember)
    return revision


def _document(found: Preview, revision: Revision | None, lang: Lang) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "up_to_date": found.up_to_date,
        "table": found.chosen.mapping.table,
        "sheet": found.chosen.sheet.name,
        "counts": found.count() | {"missing": len(found.missing)},
        "rows": [
            {"table": row.table, "id": row.row_id, "state": row.state, "cells": row.cells}
            for row in found.rows
        ],
        "faults": [entry.fault.line(lang) for entry in found.faults],
        "unread": [entry.fault.line(lang) for entry in found.unread],
        "warnings": [fault.line(lang) for fault in found.warnings],
        "version": None if revision is None else revision.version,
    }
