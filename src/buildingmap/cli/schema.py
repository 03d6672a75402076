"""``buildingmap schema``: the layer's JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.option(
    "--district",
    "district_file",
    type=click.Path(path_type=Path),
    help="The district's own TOML file; its sectors and clusters are in the schema.",
)
def schema(district_file: Path | None) -> None:
    """Print the JSON Schema (2020-12) of a layer."""
    from buildingmap.errors import DistrictError  # noqa: PLC0415 - not before the command is used
    from buildingmap.layers import read_district  # noqa: PLC0415 - the same
    from buildingmap.model.schema import layer_schema  # noqa: PLC0415 - the same

    try:
        district = read_district(district_file)
    except DistrictError as error:
        raise click.UsageError(str(error)) from error
    click.echo(json.dumps(layer_schema(district), ensure_ascii=False, indent=2))
