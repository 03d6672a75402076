"""``buildingmap init``: a new registry, from a layer, from the demo, or empty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from buildingmap.cli.datum import DATUM, DATUM_WORDS
from buildingmap.cli.location import (
    RegistryCommand,
    chosen_language,
    district_option,
    lang_option,
    location_of,
    read_places,
    registry_option,
    shown,
)

if TYPE_CHECKING:
    from buildingmap.layers import CheckedLayer
    from buildingmap.registry import Registry
    from buildingmap.snapshot import LayerNote

# as much as an import may cost: it is done once, and a busy machine is no fault of the file
_SECONDS: Final = 120.0
_MEMORY_MB: Final = 900
_WORDS: Final = {
    "en": {
        "made": "{registry}: a registry of {towers} towers",
        "synthetic": "synthetic, not real statistics",
    },
    "zh": {"made": "{registry}：登记库已建立，共 {towers} 栋楼宇", "synthetic": "合成演示数据，非真实统计"},
}


@click.command(cls=RegistryCommand)
@click.argument("layer", required=False, type=click.Path(path_type=Path))
@registry_option
@click.option("--demo", is_flag=True, help="With the synthetic demo towers and their records.")
@click.option("--title", default="", help="The registry's title; the layer's own by default.")
@click.option("--source", default="", help="Where its figures come from.")
@click.option(
    "--crs",
    "datum",
    type=DATUM,
    metavar="DATUM",
    help=f"What the coordinates of LAYER are, where it does not say: {DATUM_WORDS}.",
)
@district_option
@lang_option
def init(
    layer: Path | None,
    *,
    registry: str | None,
    demo: bool,
    title: str,
    source: str,
    datum: str | None,
    district: Path | None,
    lang: str | None,
) -> None:
    """Make a registry: with the towers of LAYER, with the demo (--demo), or empty.

    All of it or nothing; a registry that is there already is never touched.
    """
    from buildingmap.snapshot import LayerNote  # noqa: PLC0415 - seconds to import

    if demo and layer is not None:
        raise click.UsageError("--demo: found a LAYER too, expected one of them")
    location = location_of(registry)
    if demo:
        made = make_demo(location, district)
    elif layer is not None:
        checked = _checked(layer, datum, district)
        made = _made(location, district, checked, _note_of(checked, title, source))
    else:
        made = _made(location, district, None, LayerNote(title=title, source=source))
    with made:
        words = _WORDS[chosen_language(lang)]
        towers = made.snapshot()
        click.echo(words["made"].format(registry=shown(location), towers=len(towers)))
        if towers.note.synthetic:
            click.echo(words["synthetic"])


def make_demo(location: str, district_file: Path | None = None) -> Registry:
    """Make a registry of the synthetic demo: its towers and their records. Raises RegistryError."""
    from buildingmap.accounts import attend  # noqa: PLC0415 - seconds to import
    from buildingmap.registry import create_registry, read_holdings  # noqa: PLC0415 - the same
    from buildingmap.resources import data_folder  # noqa: PLC0415 - the same

    checked = _checked(data_folder() / "buildings.geojson", None, district_file)
    district, surroundings = read_places(district_file)
    made = create_registry(
        location,
        district=district,
        surroundings=surroundings,
        note=_note_of(checked, "", ""),
        layer=checked,
        holdings=read_holdings(data_folder() / "holdings.json", district),
    )
    return attend(made)


def _checked(layer: Path, datum: str | None, district_file: Path | None) -> CheckedLayer:
    from buildingmap.layers import LayerError, Limits, read_layer  # noqa: PLC0415 - seconds to import

    district, surroundings = read_places(district_file)
    checked = read_layer(
        layer,
        district=district,
        surroundings=surroundings,
        datum=datum,
        limits=Limits().raised(seconds=_SECONDS, memory_mb=_MEMORY_MB),
    )
    if not checked.ok:
        raise LayerError(checked)
    return checked


def _note_of(checked: CheckedLayer, title: str, source: str) -> LayerNote:
    from buildingmap.snapshot import LayerNote  # noqa: PLC0415 - seconds to import

    about = checked.about
    return LayerNote(
        title=title or about.title,
        synthetic=about.synthetic,
        source=source or about.source,
        as_of=about.as_of,
    )


def _made(
    location: str, district_file: Path | None, checked: CheckedLayer | None, note: LayerNote
) -> Registry:
    from buildingmap.accounts import attend  # noqa: PLC0415 - seconds to import
    from buildingmap.registry import create_registry  # noqa: PLC0415 - the same

    district, surroundings = read_places(district_file)
    return attend(
        create_registry(location, district=district, surroundings=surroundings, note=note, layer=checked)
    )
