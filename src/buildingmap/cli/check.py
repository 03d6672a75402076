"""``buildingmap check``: whether a file can be used, and every line that says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from buildingmap.cli.datum import DATUM, DATUM_WORDS
from buildingmap.cli.summary import default_language

if TYPE_CHECKING:
    from buildingmap.layers import CheckedLayer, LayerCounts
    from buildingmap.model import District, Fault, Lang

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "ok": ("{file}: {rows} towers, can be used", "{file}：{rows} 栋楼宇，可以使用"),
    "warning": ("warning: ", "提醒："),
    "clusters": ("cluster", "片区"),
    "statuses": ("status", "状态"),
    "years": ("tax year", "税收年份"),
    "bands": ("tax band", "税收分档"),
    "past_mark": ("past the mark", "税收过线楼宇"),
    "existing": ("existing", "已建成"),
    "under_construction": ("under construction", "在建"),
    "planned": ("planned", "规划"),
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--crs",
    "datum",
    type=DATUM,
    metavar="DATUM",
    help=f"What the coordinates are: {DATUM_WORDS}; without it the file's own word for it, or WGS84.",
)
@click.option(
    "--strict", is_flag=True, help="Refuse towers far from the district, which are otherwise warned about."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: ok, rows, faults, warnings.")
@click.option("--lang", type=click.Choice(("zh", "en")), help="Language; that of the terminal by default.")
@click.option(
    "--district", "district_file", type=click.Path(path_type=Path), help="The district's own TOML file."
)
@click.option(
    "--limit-seconds",
    type=click.FloatRange(min=1),
    help="How long reading may take (8), for a large file you trust.",
)
@click.option(
    "--limit-memory-mb",
    type=click.IntRange(min=256),
    help="How much memory reading may take (512), for a large file you trust.",
)
@click.pass_context
def check(
    context: click.Context,
    file: Path,
    *,
    datum: str | None,
    strict: bool,
    as_json: bool,
    lang: str | None,
    district_file: Path | None,
    limit_seconds: float | None,
    limit_memory_mb: int | None,
) -> None:
    """Check FILE: GeoJSON, a zipped Shapefile, GeoPackage, CSV or Excel.

    Exits with 0 and a summary when it can be used, with 1 and one line for each fault when it cannot.
    """
    from buildingmap.layers import Limits, check_layer  # noqa: PLC0415 - not before the command is used

    language = cast("Lang", lang or default_language())
    district, surroundings = _district(district_file)
    layer = check_layer(
        file,
        district=district,
        surroundings=surroundings,
        datum=datum,
        strict=strict,
        limits=Limits().raised(seconds=limit_seconds, memory_mb=limit_memory_mb),
    )
    if as_json:
        click.echo(json.dumps(_document(layer, language), ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(layer, district, language)))
    context.exit(0 if layer.ok else 1)


def _district(path: Path | None) -> tuple[Any, Any]:
    from buildingmap.errors import DistrictError  # noqa: PLC0415 - not before the command is used
    from buildingmap.layers import read_district, read_surroundings  # noqa: PLC0415 - the same
    from buildingmap.resources import data_folder  # noqa: PLC0415 - the same

    try:
        district = read_district(path)
        return district, read_surroundings(district, data_folder() if path is None else path.parent)
    except DistrictError as error:
        raise click.UsageError(str(error)) from error


def _document(layer: CheckedLayer, lang: Lang) -> dict[str, Any]:
    return {
        "ok": layer.ok,
        "rows": layer.rows,
        "faults": [_entry(fault, lang) for fault in layer.faults],
        "warnings": [_entry(warning, lang) for warning in layer.warnings],
    }


def _entry(fault: Fault, lang: Lang) -> dict[str, Any]:
    place = fault.place
    return {
        "file": fault.file,
        "place": {"kind": place.kind, "number": place.number, "sheet": place.sheet},
        "id": fault.building_id,
        "field": fault.field,
        "found": fault.found_text(lang),
        "expected": fault.expected.text(lang),
        "code": fault.expected.code,
    }


def _lines(layer: CheckedLayer, district: District, lang: Lang) -> list[str]:
    from buildingmap.model.faults import printable  # noqa: PLC0415 - not before the command is used

    def word(name: str, **values: object) -> str:
        return _WORDS[name][lang == "zh"].format(**values)

    file = printable(layer.file)
    warnings = [word("warning") + warning.line(lang) for warning in layer.warnings]
    if not layer.ok:
        return [*(fault.line(lang) for fault in layer.faults), *warnings]
    lines = [word("ok", file=file, rows=layer.rows)]
    if layer.counts is not None:
        lines += [f"  {word(name)}: {text}" for name, text in _counted(layer.counts, district, lang)]
    return lines + warnings


def _counted(counts: LayerCounts, district: District, lang: Lang) -> list[tuple[str, str]]:
    labels = {entry.id: entry.label(lang) for entry in (*district.clusters, *district.bands)}
    statuses = {name: _WORDS[name][lang == "zh"] for name in counts.statuses}
    order = [entry.id for entry in (*district.clusters, *district.bands)]

    def listed(table: dict[str, int], names: dict[str, str]) -> str:
        return ", ".join(f"{names[key]} {table[key]}" for key in sorted(table, key=order.index))

    of_year = "" if counts.year is None else f", {counts.year}"
    return [
        ("clusters", listed(counts.clusters, labels)),
        ("statuses", ", ".join(f"{statuses[name]} {count}" for name, count in counts.statuses.items())),
        ("years", ", ".join(f"{year}: {count}" for year, count in sorted(counts.years.items()))),
        ("bands", listed(counts.bands, labels)),
        ("past_mark", f"{counts.past_mark} (≥ {district.mark_yuan:,.0f}{of_year})"),
    ]
