"""Service stations as a table in a terminal. Names are text: no markup, no escapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from buildingmap.amounts import share
from buildingmap.cli.summary_tables import terminal
from buildingmap.model.faults import printable
from buildingmap.placement.stations import (
    MEASURE_NAMES,
    WEIGHT_NAMES,
    WHERE_NAMES,
    left_out_text,
    parcels_left_out_text,
    result_texts,
)

if TYPE_CHECKING:
    from rich.console import Console

    from buildingmap.model import Lang
    from buildingmap.placement.stations import StationsAnswer
    from buildingmap.snapshot import Snapshot

# English, Chinese
_SYNTHETIC: Final = (
    "SYNTHETIC DATA: none of these figures is a real tower's",
    "演示数据：均为虚构，不是任何真实楼宇的数据",
)
_OF: Final = (
    "{stations} stations {where} for {towers} towers, weighed by {weight}; {seconds} s",
    "{towers} 座楼宇，{stations} 处服务站，{where}，按{weight}加权；用时 {seconds} 秒",
)
_ALL: Final = (
    "Mean distance {mean} m, farthest {far} m, {covered} within {radius} m",
    "平均 {mean} 米，最远 {far} 米，{radius} 米内覆盖 {covered}",
)
_HEADS: Final = (
    ("No.", "Station", "Serves towers", "Weight", "Mean, m", "Farthest, m"),
    ("序号", "服务站", "服务楼宇数", "权重", "平均（米）", "最远（米）"),
)
_MOST_NAMED: Final = 6


def print_stations(
    found: StationsAnswer, snapshot: Snapshot, lang: Lang, console: Console | None = None
) -> None:
    """Print where stations go, what that comes to with its proof, and what each serves."""
    at, out = lang == "zh", console or terminal()
    lines = [_SYNTHETIC[at]] if snapshot.note.synthetic else []
    lines.append(MEASURE_NAMES[found.measure][at])
    lines.append(" — ".join(result_texts(found, lang)))
    lines.append(
        _OF[at].format(
            stations=len(found.stations),
            where=WHERE_NAMES[found.where][at],
            towers=found.towers,
            weight=WEIGHT_NAMES[found.weight][at],
            seconds=f"{found.seconds:.1f}",
        )
    )
    figures = {"mean": found.mean_m, "far": found.farthest_m, "radius": found.radius_m}
    said = {name: f"{value:,.0f}" for name, value in figures.items()}
    lines.append(_ALL[at].format(covered=share(found.covered), **said))
    lines.append(left_out_text(found, lang))
    lines.append(parcels_left_out_text(found, lang))
    lines += [f"  {each.zh if at else each.en}" for each in found.parcels_left_out]
    for line in filter(None, lines):
        out.print(Text(printable(line)))
    out.print(_table(found, lang))


def _table(found: StationsAnswer, lang: Lang) -> Table:
    table = Table()
    for place, head in enumerate(_HEADS[lang == "zh"]):
        table.add_column(Text(head), justify="left" if place in {1, 2} else "right")
    for number, station in enumerate(found.stations, 1):
        named = ", ".join(station.towers[:_MOST_NAMED]) + (", …" if len(station.towers) > _MOST_NAMED else "")
        cells = (
            str(number),
            f"{station.id} {station.name}" if station.name != station.id else station.id,
            f"{len(station.towers)}: {named}",
            f"{station.weight:,.0f}",
            f"{station.mean_m:,.0f}",
            f"{station.farthest_m:,.0f}",
        )
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table
