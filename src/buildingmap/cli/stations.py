"""``buildingmap stations``: where service stations for towers go, or the p-median of an OR-Library file."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click
import orjson

from buildingmap.cli.location import (
    RegistryCommand,
    chosen_language,
    district_option,
    lang_option,
    registry_option,
)

if TYPE_CHECKING:
    from typing import Any

    from buildingmap.model import Lang
    from buildingmap.placement.stations.pmed_file import PmedMeasure

# English, Chinese
_IDLE: Final = {
    "beside": (
        "found {options} beside --pmed, expected none: they say nothing of the nodes of a file",
        "--pmed 之外还有 {options}，应无：这些选项与文件中的节点无关",
    ),
    "radius": (
        "found {options} beside --pmed, expected --radius with --measure covering alone",
        "--pmed 之外还有 {options}，--radius 只能与 --measure covering 同用",
    ),
    "no_radius": (
        "found --measure covering without --radius, expected one in the file's own unit",
        "--measure covering 缺少 --radius，应按文件自身的单位给出",
    ),
    "too_many": (
        "found --stations {stations}, expected at most the {nodes} nodes of the file",
        "--stations 实为 {stations}，应不超过文件中的 {nodes} 个节点",
    ),
}
_NODES: Final = (
    "{file}: {nodes} nodes, {count} opened: {said}; {seconds} s",
    "{file}：{nodes} 个节点，开设 {count} 个：{said}；用时 {seconds} 秒",
)
_FIGURES: Final = frozenset({"value", "bound", "radius"})
_SAID: Final = {
    "p-median": ("{value}, proved: no choice costs less", "总成本 {value}，已证明：没有更低的选法"),
    "p-median, not proved": (
        "{value}, not proved: no choice costs less than {bound}",
        "总成本 {value}，未证明：任何选法不低于 {bound}",
    ),
    "centre": (
        "farthest at {value}, proved: no choice brings it nearer",
        "最远 {value}，已证明：没有更近的选法",
    ),
    "centre, not proved": (
        "farthest at {value}, not proved: no choice brings it nearer than {bound}",
        "最远 {value}，未证明：任何选法不小于 {bound}",
    ),
    "covering": (
        "{value} within {radius}, proved: no choice reaches more",
        "{radius} 以内 {value} 个，已证明：没有覆盖更多的选法",
    ),
    "covering, not proved": (
        "{value} within {radius}, not proved: no choice reaches more than {bound}",
        "{radius} 以内 {value} 个，未证明：任何选法不超过 {bound}",
    ),
}


@click.command(cls=RegistryCommand)
@click.option(
    "--measure",
    type=click.Choice(["p-median", "covering", "centre"]),
    default="p-median",
    help="Nearest on average, most within the radius, or nobody far away.",
)
@click.option("--stations", type=click.IntRange(1, 200), default=6, help="How many stations.")
@click.option(
    "--weight",
    type=click.Choice(["companies", "area", "towers"]),
    default="companies",
    help="What a tower counts: its resident companies, its floor area, or one.",
)
@click.option(
    "--where", type=click.Choice(["towers", "sites"]), default="towers", help="Where a station can be."
)
@click.option("--radius", type=click.FloatRange(1, 100_000), default=500.0, help="Within so many metres.")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 3600), default=60.0, help="How long the proof may take."
)
@click.option(
    "--pmed",
    type=click.Path(path_type=Path),
    help="Open nodes of an OR-Library file instead: as many as it says or as --stations asks for; the registry is "
    "not read, and --weight, --where, --registry and --district say nothing of it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@registry_option
@district_option
@lang_option
@click.pass_context
def stations(
    context: click.Context,
    *,
    measure: str,
    stations: int,
    weight: str,
    where: str,
    radius: float,
    seconds: float,
    pmed: Path | None,
    as_json: bool,
    registry: str | None,
    district: Path | None,
    lang: str | None,
) -> None:
    """Place service stations for the standing towers, with a proof that no choice of places is better."""
    if pmed is not None:
        given, language = _given(context), chosen_language(lang)
        _expect_of_file(given, measure, language)
        _nodes_of(
            pmed,
            cast("PmedMeasure", measure),
            stations=stations if "stations" in given else None,
            radius=radius,
            seconds=seconds,
            as_json=as_json,
            lang=language,
        )
        return
    from buildingmap.cli.plan import registry_snapshot  # noqa: PLC0415 - seconds to import
    from buildingmap.cli.stations_tables import print_stations  # noqa: PLC0415 - the same
    from buildingmap.placement.stations import asked_stations, service_stations  # noqa: PLC0415 - the same

    asked = asked_stations(
        measure=measure, stations=stations, weight=weight, where=where, radius_m=radius, seconds=seconds
    )
    snapshot = registry_snapshot(registry, district)
    found = service_stations(snapshot, asked, today=datetime.now(UTC).astimezone().date())
    if as_json:
        _print_json(found)
    else:
        print_stations(found, snapshot, chosen_language(lang))


class _IdleError(click.ClickException):
    """An option that would do nothing, or one that is missing: told in one line, in the reader's language."""

    exit_code = 2

    def __init__(self, key: str, lang: Lang, **values: object) -> None:
        """Take the sentence of ``key``."""
        super().__init__(_IDLE[key][lang == "zh"].format(**values))


def _given(context: click.Context) -> set[str]:
    """Return the options that were typed in."""
    typed = click.core.ParameterSource.COMMANDLINE
    return {name for name in context.params if context.get_parameter_source(name) == typed}


def _expect_of_file(given: set[str], measure: str, lang: Lang) -> None:
    """Refuse what has no meaning beside ``--pmed`` rather than pass over it. Raises _IdleError."""
    idle: list[str] = [name for name in ("weight", "where", "registry", "district") if name in given]
    if "radius" in given and measure != "covering":
        idle.append("radius")
    if idle:
        options = {"en": ", ", "zh": "、"}[lang].join(f"--{name}" for name in idle)
        raise _IdleError("radius" if idle == ["radius"] else "beside", lang, options=options)
    if measure == "covering" and "radius" not in given:
        raise _IdleError("no_radius", lang)


def _nodes_of(
    path: Path,
    measure: PmedMeasure,
    *,
    stations: int | None,
    radius: float,
    seconds: float,
    as_json: bool,
    lang: Lang,
) -> None:
    from buildingmap.model.names import figure  # noqa: PLC0415 - seconds to import
    from buildingmap.placement.stations.pmed_file import pmed_document, read_pmed  # noqa: PLC0415 - the same

    pmed = read_pmed(path)
    if stations is not None:
        if stations > pmed.nodes:
            raise _IdleError("too_many", lang, stations=stations, nodes=pmed.nodes)
        pmed = replace(pmed, count=stations)
    answer = pmed_document(path.name, pmed, seconds=seconds, measure=measure, radius=radius)
    if as_json:
        _print_json(answer)
        return
    key = measure if answer["status"] == "optimal" else f"{measure}, not proved"
    words = {name: figure(value) for name, value in {**answer, "radius": radius}.items() if name in _FIGURES}
    click.echo(
        _NODES[lang == "zh"].format(
            file=path.name,
            nodes=answer["nodes"],
            count=answer["p"],
            said=_SAID[key][lang == "zh"].format(**words),
            seconds=f"{answer['seconds']:.2f}",
        )
    )


def _print_json(answer: Any) -> None:
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
