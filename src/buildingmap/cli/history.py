"""``history``, ``undo``: what changed in the registry, and taking it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import click

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
    from pathlib import Path

    from buildingmap.model import District, Lang
    from buildingmap.registry import RowChange

_WORDS: Final = {
    "en": {
        "undone": "version {version}: version {undone} is taken back, {rows} rows",
        "nothing": "version {undone} changed nothing that is still there",
        "added": "added",
        "deleted": "deleted",
    },
    "zh": {
        "undone": "第 {version} 版：已撤销第 {undone} 版，共 {rows} 行",
        "nothing": "第 {undone} 版的改动已不存在",
        "added": "新增",
        "deleted": "删除",
    },
}


@click.command(cls=RegistryCommand)
@click.argument("version", required=False, type=click.IntRange(min=1))
@registry_option
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many versions."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@lang_option
def history(
    version: int | None, *, registry: str | None, limit: int, as_json: bool, lang: str | None
) -> None:
    """List the registry's versions, newest first; with VERSION, every cell that it changed."""
    with opened(registry) as kept:
        found = kept.revisions(limit=limit) if version is None else [kept.revision(version)]
        changes = [] if version is None else kept.changes_of(version)
    if as_json:
        names = ("version", "at", "actor", "action", "note", "row_count", "hash")
        document = [{name: getattr(entry, name) for name in names} for entry in found]
        cells = [{"table": change.table, "id": change.row_id, "fields": change.fields} for change in changes]
        click.echo(json.dumps({"revisions": document, "changes": cells}, ensure_ascii=False))
        return
    from buildingmap.model.names import action_name  # noqa: PLC0415 - not before it is needed

    language = chosen_language(lang)
    for entry in found:
        done = action_name(entry.action, language)
        click.echo(f"{entry.version}  {entry.at}  {entry.actor}  {done}  {entry.row_count}  {entry.note}")
    for change in changes:
        click.echo("\n".join(_lines(change, language, kept.district)))


def _lines(change: RowChange, lang: Lang, district: District) -> list[str]:
    from buildingmap.model.faults import printable  # noqa: PLC0415 - not before it is needed
    from buildingmap.model.names import field_name, table_name, value_text  # noqa: PLC0415 - the same

    row = f"  {table_name(change.table, lang)} {printable(change.row_id)}"
    if change.before is None or change.after is None:
        return [f"{row}: {_WORDS[lang]['added' if change.before is None else 'deleted']}"]
    lines = []
    for name, pair in change.fields.items():
        old, new = (printable(value_text(value, lang, field=name, district=district)) for value in pair)
        lines.append(f"{row}: {field_name(name, lang, table=change.table)}: {old} → {new}")
    return lines


@click.command(cls=RegistryCommand)
@click.argument("version", type=click.IntRange(min=1))
@registry_option
@district_option
@lang_option
def undo(version: int, *, registry: str | None, district: Path | None, lang: str | None) -> None:
    """Take VERSION back, as a new version; refused where a later one changed the same rows."""
    words = _WORDS[chosen_language(lang)]
    with opened(registry, district) as kept:
        made = kept.undo(version, actor=local_name())
    if made is None:
        click.echo(words["nothing"].format(undone=version))
    else:
        click.echo(words["undone"].format(version=made.version, undone=version, rows=made.row_count))
