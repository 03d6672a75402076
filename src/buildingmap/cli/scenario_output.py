"""What ``buildingmap scenarios`` prints and writes. Titles are text: no markup, no escapes."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from buildingmap.map.scenario_files import Form
    from buildingmap.model import Lang
    from buildingmap.placement.scenarios import Kept, PlanTable, Scenario
    from buildingmap.registry import Registry
    from buildingmap.snapshot import Snapshot

WORDS: Final = {
    "en": {
        "none": "no scenario is saved",
        "not_one": "{id}  {title}: not a scenario",
        "same": "the same answer: same sites, same sectors, same score {score}",
        "differs": "the answer differs: score {before} before, {after} now",
        "enter": "comes in: {sites}",
        "leave": "goes out: {sites}",
        "change": "another sector: {sites}",
        "other_content": "version {version} of this registry, or the district's file, is not what it was made from",
        "other_terms": "the registry's own conditions for its sites differ",
        "removed": "{title} is removed; buildingmap undo brings it back",
        "renamed": "{id} is now called {title}",
        "written": "{file}: {count} scenarios",
        "synthetic": "synthetic, not real statistics",
    },
    "zh": {
        "none": "没有已保存的方案",
        "not_one": "{id}  {title}：不是方案文档",
        "same": "结果相同：选址、定位、得分 {score} 均一致",
        "differs": "结果不同：原得分 {before}，现得分 {after}",
        "enter": "新入选：{sites}",
        "leave": "被换出：{sites}",
        "change": "产业改变：{sites}",
        "other_content": "此登记库第 {version} 版或本区配置已不是方案所依据的内容",
        "other_terms": "登记库对地块的规定已不同",
        "removed": "已删除 {title}；可用 buildingmap undo 恢复",
        "renamed": "{id} 已改名为 {title}",
        "written": "{file}：{count} 个方案",
        "synthetic": "合成演示数据，非真实统计",
    },
}


def say(key: str, lang: Lang, **values: object) -> None:
    """Print a sentence of WORDS."""
    echo(WORDS[lang][key].format(**values))


def echo(text: str) -> None:
    """Print one line of text, with escapes in place of what a terminal would obey."""
    from buildingmap.model.faults import printable  # noqa: PLC0415 - seconds to import

    click.echo(printable(text))


def print_json(document: Any) -> None:
    """Print a document of plain values and dataclasses as JSON."""
    from buildingmap.placement import answer_json  # noqa: PLC0415 - seconds to import

    sys.stdout.write(answer_json(document).decode() + "\n")


def print_tables(tables: Sequence[PlanTable], lang: Lang) -> None:
    """Print tables one below the other."""
    from rich.table import Table  # noqa: PLC0415 - seconds to import
    from rich.text import Text  # noqa: PLC0415 - the same

    from buildingmap.cli.summary_tables import terminal  # noqa: PLC0415 - the same
    from buildingmap.model.faults import printable  # noqa: PLC0415 - the same
    from buildingmap.placement.scenarios import shown  # noqa: PLC0415 - the same

    console = terminal()
    for each in tables:
        table = Table(title=Text(each.title), title_justify="left")
        for head, figures in zip(each.heads, each.are_figures, strict=True):
            table.add_column(Text(head), justify="right" if figures else "left")
        for row in each.rows:
            table.add_row(*(Text(printable(shown(cell, lang))) for cell in row))
        console.print(table)


def entry_of(kept: Kept) -> dict[str, Any]:
    """Return a saved scenario without its towers as plain values."""
    scenario = kept.scenario
    row = {
        name: getattr(kept, name) for name in ("id", "title", "version", "changed_at", "changed_by", "fault")
    }
    if scenario is None:
        return row
    told = {
        name: getattr(scenario, name)
        for name in ("registry_version", "fingerprint", "content", "program", "made_at", "made_by")
    }
    answer = {
        name: getattr(scenario.answer, name) for name in ("synthetic", "status", "score", "bound", "gap")
    }
    return row | told | answer | {"towers": len(scenario.answer.chosen)}


def content_of(kept: Registry, named: list[tuple[Kept, Scenario]], form: Form, lang: Lang) -> bytes:
    """Return scenarios of a registry as a file."""
    from buildingmap.map.scenario_files import note_of, scenario_file  # noqa: PLC0415 - seconds to import

    snapshot = kept.snapshot()
    titled = [(each.title, whole) for each, whole in named]
    return scenario_file(
        form,
        titled,
        shapes=[_shapes(kept, whole) for _, whole in named],
        snapshot=snapshot,
        note=note_of(titled, snapshot, now=datetime.now(UTC).astimezone(), lang=lang),
        lang=lang,
    )


def _shapes(kept: Registry, scenario: Scenario) -> Any:
    from buildingmap.placement import site_shapes  # noqa: PLC0415 - seconds to import
    from buildingmap.registry import UnknownRecordError  # noqa: PLC0415 - the same

    try:
        past: Snapshot = kept.snapshot_at(scenario.registry_version)
    except UnknownRecordError:
        return {}
    return site_shapes(past)


def write_new(file: Path, content: bytes) -> None:
    """Write a file that is not there yet, for its owner alone: taxes went into it. Raises OSError."""
    with open(file, "xb", opener=_owner_only) as out:
        out.write(content)


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
