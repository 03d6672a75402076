"""``buildingmap serve``: the map, the pages and the API of one layer, on this machine."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from buildingmap.cli.summary import default_language

if TYPE_CHECKING:
    from buildingmap.crs import Datum
    from buildingmap.errors import BuildingmapError
    from buildingmap.model import Lang
    from buildingmap.registry import LayerRegistry
    from buildingmap.snapshot import Snapshot

_REFUSED: Final = 1
_LARGEST_PORT: Final = 65_535
_WORDS: Final = {
    "en": {
        "layer": "layer: {layer}, {towers} towers",
        "synthetic": "synthetic demo data, not real statistics",
        "warnings": "warnings: {count} (buildingmap check {layer} lists them)",
        "taken": "port {port} is taken by another program, a free one is used instead",
        "renewed": "{layer} changed: {towers} towers now",
        "kept": "{layer} changed, but the version before it stays in force:",
    },
    "zh": {
        "layer": "图层：{layer}，共 {towers} 栋楼宇",
        "synthetic": "合成演示数据，非真实统计",
        "warnings": "提示：{count} 条（用 buildingmap check {layer} 查看）",
        "taken": "端口 {port} 已被其他程序占用，改用空闲端口",
        "renewed": "{layer} 已更新，现有 {towers} 栋楼宇",
        "kept": "{layer} 有改动，但仍沿用原版本：",
    },
}


class _ServeCommand(click.Command):
    """A command with ``--crs``, whose choices are read only when the command is used."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from buildingmap.crs import DATUMS  # noqa: PLC0415 - not before the command is used

        datum = click.Option(
            ["--crs"],
            type=click.Choice(DATUMS),
            help="What the layer's coordinates are; its own word for it, or WGS84, by default.",
        )
        own = super().get_params(ctx)
        return [*own[:-1], datum, own[-1]]


@click.command(cls=_ServeCommand)
@click.argument("layer", required=False, type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, _LARGEST_PORT),
    default=8000,
    show_default=True,
    envvar="PORT",
    show_envvar=True,
    help="Port to listen on; a free one when it is taken, or for 0.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address or name of this machine to listen on."
)
@click.option("--district", type=click.Path(path_type=Path), help="The district's own configuration (TOML).")
@click.option(
    "--limit-seconds", type=click.FloatRange(min=0, min_open=True), help="Longest time to read the layer."
)
@click.option("--limit-memory-mb", type=click.IntRange(64), help="Most memory to read the layer with, MiB.")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Requests answered at once."
)
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), help="Language of what is printed; the locale's by default."
)
@click.pass_context
def serve(
    ctx: click.Context,
    /,
    layer: Path | None,
    *,
    port: int,
    host: str,
    district: Path | None,
    crs: Datum | None,
    limit_seconds: float | None,
    limit_memory_mb: int | None,
    threads: int,
    lang: str | None,
) -> None:
    """Serve the map, the pages and the API of LAYER, the demo layer when absent, until Ctrl-C.

    A layer with faults is not served: its faults are printed, one to a line. While a layer is served on this
    machine alone, its file may change: the new content is taken in whole, or the old stays.
    """
    from buildingmap.errors import BuildingmapError  # noqa: PLC0415 - seconds to import
    from buildingmap.layers import LayerError  # noqa: PLC0415 - with the others
    from buildingmap.resources import data_folder  # noqa: PLC0415 - the same
    from buildingmap.web.server import stop_on_signals  # noqa: PLC0415 - the same

    chosen = cast("Lang", lang or default_language())
    path = layer or data_folder() / "buildings.geojson"
    try:
        stop_on_signals()
        registry = _registry(path, district, crs, limit_seconds, limit_memory_mb)
        _run(registry, path, host=host, port=port, threads=threads, lang=chosen)
    except LayerError as error:
        click.echo(error.text(chosen), err=True)
        ctx.exit(_REFUSED)
    except BuildingmapError as error:
        click.echo(str(error), err=True)
        ctx.exit(_REFUSED)
    except KeyboardInterrupt:  # while the layer was being read; the server itself returns
        ctx.exit(0)


def _registry(
    path: Path, district_file: Path | None, datum: Datum | None, seconds: float | None, memory_mb: int | None
) -> LayerRegistry:
    from buildingmap import layers  # noqa: PLC0415 - with the others
    from buildingmap.registry import LayerRegistry  # noqa: PLC0415 - the same
    from buildingmap.resources import data_folder  # noqa: PLC0415 - the same

    asked: dict[str, Any] = {"seconds": seconds, "memory_mb": memory_mb}
    district = layers.read_district(district_file)
    folder = data_folder() if district_file is None else district_file.parent
    return LayerRegistry(
        path,
        district=district,
        surroundings=layers.read_surroundings(district, folder),
        datum=datum,
        limits=layers.Limits(**{name: value for name, value in asked.items() if value is not None}),
    )


def _run(registry: LayerRegistry, path: Path, *, host: str, port: int, threads: int, lang: Lang) -> None:
    from buildingmap.web.server import check_host, is_loopback, listen, waitress_server  # noqa: PLC0415 - the same

    towers = registry.snapshot()
    check_host(host, synthetic=towers.note.synthetic)
    listening = listen(host, port)
    words = _WORDS[lang]
    if listening.taken:
        click.echo(words["taken"].format(port=port))
    server = waitress_server(registry, listening, host=host, threads=threads)
    towers.features()  # the first visitor need not wait for what every visitor needs
    gc.collect()
    gc.freeze()  # what stays for good is not looked through again and again while requests are answered
    _say_what_is_served(towers, path, len(registry.warnings), words)
    click.echo(f"buildingmap: {listening.address}")
    if is_loopback(host):
        _watch(registry, path, words)
    server.run()


def _say_what_is_served(towers: Snapshot, path: Path, warnings: int, words: dict[str, str]) -> None:
    click.echo(words["layer"].format(layer=path, towers=len(towers)))
    if towers.note.synthetic:
        click.echo(words["synthetic"])
    if warnings:
        click.echo(words["warnings"].format(count=warnings, layer=path))


def _watch(registry: LayerRegistry, path: Path, words: dict[str, str]) -> None:
    from buildingmap.web.watching import watch  # noqa: PLC0415 - the same

    def renewed(towers: Snapshot) -> None:
        click.echo(words["renewed"].format(layer=path, towers=len(towers)))

    def kept(error: BuildingmapError) -> None:
        click.echo(words["kept"].format(layer=path), err=True)
        click.echo(str(error), err=True)

    watch(registry, path, renewed=renewed, kept=kept)
