"""``buildingmap summary``: the analysis of a layer, or of a filtered part of it, in a terminal."""

from __future__ import annotations

import locale
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from buildingmap.cli.filter_options import FilterCommand, refusing

if TYPE_CHECKING:
    from buildingmap.crs import Datum
    from buildingmap.model import Lang
    from buildingmap.snapshot import Snapshot


def default_language() -> Lang:
    """Return ``zh`` where the user's locale is Chinese, else ``en``."""
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), None)
    return "zh" if (named or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


@click.command(cls=FilterCommand)
@click.argument("layer", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the document that /api/summary serves.")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="Language of the tables; the locale's by default."
)
@click.option("--district", type=click.Path(path_type=Path), help="The district's own configuration (TOML).")
@click.pass_context
def summary(
    ctx: click.Context,
    /,
    layer: Path | None,
    *,
    as_json: bool,
    lang: str | None,
    district: Path | None,
    crs: Datum | None,
    **words: tuple[str, ...],
) -> None:
    """Print what the towers of LAYER come to: totals, the mark, clusters, hot spots.

    LAYER is the demo layer when absent. The options of the filter choose towers, several values of one
    separated by commas or given again: --tax-min 100000000 --sector finance,digital.
    """
    from buildingmap.analysis import listed_rows  # noqa: PLC0415 - seconds to import
    from buildingmap.analysis import summary as summarise  # noqa: PLC0415 - the same
    from buildingmap.filters import parse_filter, select  # noqa: PLC0415 - the same

    chosen = cast("Lang", lang or default_language())
    with refusing(ctx, chosen):
        snapshot = read_snapshot(layer, district, crs)
        today = datetime.now().astimezone().date()
        selection = select(
            snapshot,
            parse_filter(words, snapshot.district),
            members=lambda key: listed_rows(snapshot, key, today),
        )
    document = summarise(selection)
    if as_json:
        import orjson  # noqa: PLC0415 - with the others

        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    else:
        from buildingmap.cli.summary_tables import print_summary  # noqa: PLC0415 - the same

        print_summary(document, snapshot.district, chosen)


def read_snapshot(layer: Path | None, district_file: Path | None, datum: Datum | None) -> Snapshot:
    """Read a layer file, the demo's when None. Raises LayerError and DistrictError."""
    from buildingmap import layers  # noqa: PLC0415 - with the others
    from buildingmap.registry import LayerRegistry  # noqa: PLC0415 - the same
    from buildingmap.resources import data_folder  # noqa: PLC0415 - the same

    district = layers.read_district(district_file)
    folder = data_folder() if district_file is None else district_file.parent
    return LayerRegistry(
        layer or data_folder() / "buildings.geojson",
        district=district,
        surroundings=layers.read_surroundings(district, folder),
        datum=datum,
    ).snapshot()
