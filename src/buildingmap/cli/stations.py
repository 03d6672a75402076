"""``buildingmap stations``: where service stations for towers go, or the p-median of an OR-Library file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

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
    help="Prove the p-median of an OR-Library file instead; the registry is not read.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@registry_option
@district_option
@lang_option
def stations(
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
        _median_of(pmed, seconds, as_json=as_json)
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


def _median_of(path: Path, seconds: float, *, as_json: bool) -> None:
    from buildingmap.placement.stations.pmed_file import pmed_document, read_pmed  # noqa: PLC0415 - seconds to import

    answer = pmed_document(path.name, read_pmed(path), seconds=seconds)
    if as_json:
        _print_json(answer)
        return
    click.echo(
        f"{path.name}: {answer['nodes']} nodes, p = {answer['p']}: {answer['value']:,}, {answer['status']}, "
        f"no choice costs less than {answer['bound']:,}; {answer['seconds']:.2f} s"
    )


def _print_json(answer: Any) -> None:
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
