"""``export``: the towers of a registry or a layer as a file, in the format that its name asks for."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from buildingmap.cli.datum import DATUM
from buildingmap.cli.filter_options import FilterCommand, option_name, refusing
from buildingmap.cli.location import chosen_language, location_of
from buildingmap.cli.summary import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.crs import Datum
    from buildingmap.filters import Filter
    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Lang
    from buildingmap.snapshot import Snapshot

_REFUSED: Final = 1
_WRONG_OPTION: Final = 2
_FORMATS: Final = (".geojson", ".csv", ".xlsx", ".gpkg", ".zip", ".parquet")
_WRITTEN: Final = {"en": "{file}: {count} towers", "zh": "{file}：{count} 栋楼宇"}
_SITES: Final = {"en": "{file}: {count} parcels", "zh": "{file}：{count} 个地块"}
_SITE_FORMATS: Final = (".geojson", ".gpkg", ".csv", ".xlsx")
_SYNTHETIC: Final = {"en": "synthetic, not real statistics", "zh": "合成演示数据，非真实统计"}


@click.command(cls=FilterCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("layer", required=False, type=click.Path(path_type=Path))
@click.option("--registry", metavar="FILE|URL", help="The registry to export from, where no LAYER is named.")
@click.option(
    "--datum",
    default="wgs84",
    show_default=True,
    type=DATUM,
    metavar="DATUM",
    help="The datum of the places: wgs84, cgcs2000 or an EPSG code; gcj02 and bd09 in GeoJSON, CSV and Excel.",
)
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="Language of the headers; the locale's by default."
)
@click.option("--district", type=click.Path(path_type=Path), help="The district's own configuration (TOML).")
@click.option(
    "--records", is_flag=True, help="Every table of the registry, a sheet each (.xlsx); takes no filter."
)
@click.option(
    "--sites", is_flag=True, help="The candidate parcels (.geojson, .gpkg, .csv, .xlsx); takes no filter."
)
@click.pass_context
def export(
    ctx: click.Context,
    /,
    file: Path,
    layer: Path | None,
    *,
    registry: str | None,
    datum: str,
    lang: str | None,
    district: Path | None,
    records: bool,
    sites: bool,
    crs: Datum | None,
    **words: tuple[str, ...],
) -> None:
    """Write the towers of the registry, or of LAYER, to FILE: .geojson, .csv, .xlsx, .gpkg, .zip (Shapefile), .parquet.

    The options of the filter choose towers, as in summary. FILE must not be there yet. With --records it is the
    whole registry: towers, taxes, tenants, floors, units and the rest; with --sites its candidate parcels.
    """
    from buildingmap.filters import parse_filter  # noqa: PLC0415 - seconds to import

    chosen = chosen_language(lang)
    _expect(ctx, file)
    both = {"sites": ("",)} if records and sites else {}
    whole = "records" if records else "sites" if sites else ""
    _expect_fitting(ctx, file, layer, datum, words | both, whole=whole)
    written = _SITES if sites else _WRITTEN
    with refusing(ctx, chosen):
        if sites:
            snapshot = _of_registry(registry, district)
            content, count = _sites(snapshot, file, datum, chosen)
        elif records:
            snapshot, content = _records(registry, district, chosen)
            count = len(snapshot)
        else:
            snapshot = read_snapshot(layer, district, crs) if layer else _of_registry(registry, district)
            flt = parse_filter(words, snapshot.district)
            content, count = _content(snapshot, flt, file, datum, chosen)
    try:
        with open(file, "xb", opener=_owner_only) as out:
            out.write(content)
    except OSError as error:
        click.echo(f"{file}: {error.strerror}, expected a new file that can be written", err=True)
        ctx.exit(_REFUSED)
    click.echo(written[chosen].format(file=file, count=count))
    if snapshot.note.synthetic:
        click.echo(_SYNTHETIC[chosen])


def _owner_only(path: str, flags: int) -> int:
    """Open a new file that only its owner can read: taxes may be in it."""
    return os.open(path, flags, 0o600)


def _expect(ctx: click.Context, file: Path) -> None:
    if file.suffix.lower() not in _FORMATS:
        click.echo(
            f"{file}: found {file.suffix or 'no extension'}, expected one of {', '.join(_FORMATS)}", err=True
        )
        ctx.exit(_WRONG_OPTION)


def _expect_fitting(
    ctx: click.Context,
    file: Path,
    layer: Path | None,
    datum: str,
    words: dict[str, tuple[str, ...]],
    *,
    whole: str,
) -> None:
    if whole == "records":
        _expect_whole(ctx, file, layer, datum, words)
    elif whole == "sites":
        _expect_sites(ctx, file, layer, words)


def _expect_whole(
    ctx: click.Context, file: Path, layer: Path | None, datum: str, words: dict[str, tuple[str, ...]]
) -> None:
    """Refuse what does not go with every row of the registry."""
    asked = [option_name(name) for name, given in words.items() if given]
    if datum != "wgs84":
        asked.append("--datum")
    if layer is not None:
        asked.append(str(layer))
    if file.suffix.lower() != ".xlsx":
        asked.append(str(file))
    if asked:
        click.echo(
            f"--records: found {', '.join(asked)}, expected the registry as a whole, in WGS84, to an .xlsx",
            err=True,
        )
        ctx.exit(_WRONG_OPTION)


def _expect_sites(
    ctx: click.Context, file: Path, layer: Path | None, words: dict[str, tuple[str, ...]]
) -> None:
    """Refuse what does not go with the registry's parcels."""
    asked = [option_name(name) for name, given in words.items() if given]
    asked += [] if layer is None else [str(layer)]
    asked += [] if file.suffix.lower() in _SITE_FORMATS else [str(file)]
    if asked:
        click.echo(
            f"--sites: found {', '.join(asked)}, expected the registry's parcels, to {', '.join(_SITE_FORMATS)}",
            err=True,
        )
        ctx.exit(_WRONG_OPTION)


def _sites(snapshot: Snapshot, file: Path, datum: Datum, lang: Lang) -> tuple[bytes, int]:
    from buildingmap.layers import writers  # noqa: PLC0415 - seconds to import
    from buildingmap.model import Site  # noqa: PLC0415 - the same

    holdings = snapshot.holdings
    listed = [(site, holdings.site_shapes.get(site.id)) for site in holdings.all(Site)]
    by_suffix: dict[str, Callable[..., bytes]] = {
        ".geojson": writers.write_sites_geojson,
        ".gpkg": writers.write_sites_geopackage,
        ".csv": writers.write_sites_csv,
        ".xlsx": writers.write_sites_excel,
    }
    extra: dict[str, Any] = (
        {"district": snapshot.district} if file.suffix.lower() in {".csv", ".xlsx"} else {}
    )
    note = _note(snapshot, "", datetime.now(UTC).astimezone(), lang)
    return by_suffix[file.suffix.lower()](listed, note, lang=lang, datum=datum, **extra), len(listed)


def _note(snapshot: Snapshot, filter_text: str, now: datetime, lang: Lang) -> ExportNote:
    from buildingmap.layers import writers  # noqa: PLC0415 - seconds to import

    return writers.ExportNote(
        title=snapshot.note.title,
        synthetic=snapshot.note.synthetic,
        source=snapshot.note.source,
        as_of=snapshot.note.as_of,
        exported_at=now,
        filter_text=filter_text,
        version=snapshot.version,
        district=snapshot.district.name[lang],
    )


def _records(registry: str | None, district_file: Path | None, lang: Lang) -> tuple[Snapshot, bytes]:
    from buildingmap.cli.location import opened  # noqa: PLC0415 - seconds to import
    from buildingmap.registry import write_records  # noqa: PLC0415 - the same

    with opened(location_of(registry), district_file) as kept:
        return kept.snapshot(), write_records(kept, lang=lang)


def _of_registry(registry: str | None, district_file: Path | None) -> Snapshot:
    from buildingmap.cli.location import opened  # noqa: PLC0415 - seconds to import

    with opened(location_of(registry), district_file) as kept:
        return kept.snapshot()


def _content(snapshot: Snapshot, flt: Filter, file: Path, datum: Datum, lang: Lang) -> tuple[bytes, int]:
    from buildingmap.analysis import listed_rows  # noqa: PLC0415 - seconds to import
    from buildingmap.filters import query_string, select  # noqa: PLC0415 - the same
    from buildingmap.layers import writers  # noqa: PLC0415 - the same

    now = datetime.now(UTC).astimezone()
    rows = select(snapshot, flt, members=lambda key: listed_rows(snapshot, key, now.date())).rows.tolist()
    buildings = [snapshot.buildings[row] for row in rows]
    in_force = snapshot.year_in_force
    if flt.year is not None:
        buildings = [building.in_year(flt.year) for building in buildings]
    elif in_force is not None:
        buildings = [building.with_figures_of(in_force) for building in buildings]
    note = _note(snapshot, query_string(flt), now, lang)
    write: Callable[..., bytes] = {
        ".geojson": writers.write_geojson,
        ".csv": writers.write_csv,
        ".xlsx": writers.write_excel,
        ".gpkg": writers.write_geopackage,
        ".zip": writers.write_shapefile,
        ".parquet": writers.write_geoparquet,
    }[file.suffix.lower()]
    extra: dict[str, Any] = (
        {"district": snapshot.district} if file.suffix.lower() in {".csv", ".xlsx"} else {}
    )
    towers = list(zip(buildings, snapshot.geometry[rows], strict=True))
    return write(towers, note, lang=lang, datum=datum, **extra), len(rows)
