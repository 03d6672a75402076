"""``buildingmap serve``: the map, the pages and the API of a registry, or of one layer file."""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from buildingmap.cli.datum import DATUM, DATUM_WORDS
from buildingmap.cli.init import make_demo
from buildingmap.cli.location import (
    chosen_language,
    district_option,
    is_url,
    lang_option,
    location_of,
    opened,
    own_location,
    read_places,
    registry_option,
    shown,
)

if TYPE_CHECKING:
    from buildingmap.crs import Datum
    from buildingmap.errors import BuildingmapError
    from buildingmap.registry import LayerRegistry, Registry
    from buildingmap.snapshot import Snapshot
    from buildingmap.web.visitors import Access

_REFUSED: Final = 1
_LARGEST_PORT: Final = 65_535
_WORDS: Final = {
    "en": {
        "layer": "layer: {layer}, {towers} towers",
        "registry": "registry: {registry}, version {version}, {towers} towers",
        "made": "made a registry of the demo towers: {registry}",
        "open": "no accounts yet: whoever opens it here is an administrator",
        "synthetic": "synthetic demo data, not real statistics",
        "warnings": "warnings: {count} (buildingmap check {layer} lists them)",
        "taken": "port {port} is taken by another program, a free one is used instead",
        "renewed": "{layer} changed: {towers} towers now",
        "kept": "{layer} changed, but the version before it stays in force:",
    },
    "zh": {
        "layer": "图层：{layer}，共 {towers} 栋楼宇",
        "registry": "登记库：{registry}，第 {version} 版，共 {towers} 栋楼宇",
        "made": "已用演示楼宇建立登记库：{registry}",
        "open": "尚无账户：在本机打开者即为管理员",
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

        datum = click.Option(
            ["--crs"],
            type=DATUM,
            metavar="DATUM",
            help=f"What the layer's coordinates are: {DATUM_WORDS}; its own word for it, or WGS84, by default.",
        )
        own = super().get_params(ctx)
        return [*own[:-1], datum, own[-1]]


@click.command(cls=_ServeCommand)
@click.argument("layer", required=False, type=click.Path(path_type=Path))
@registry_option
@click.option(
    "--port",
    type=click.IntRange(0, _LARGEST_PORT),
    default=8000,
    show_default=True,
    envvar="PORT",
    show_envvar=True,
    help="Port to listen on, any free one for 0; only the default moves to a free one when it is taken.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address or name of this machine to listen on."
)
@click.option(
    "--proxy", metavar="ADDRESS", help="A reverse proxy whose word on scheme, host and address is taken."
)
@district_option
@click.option(
    "--limit-seconds", type=click.FloatRange(min=0, min_open=True), help="Longest time to read the layer."
)
@click.option("--limit-memory-mb", type=click.IntRange(64), help="Most memory to read the layer with, MiB.")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Requests answered at once."
)
@click.option(
    "--plan-seconds",
    type=click.FloatRange(min=1, max=3600),
    default=300,
    show_default=True,
    help="Longest time that a plan may ask to be solved for.",
)
@click.option(
    "--access-log-days",
    type=click.IntRange(1, 3660),
    default=180,
    show_default=True,
    envvar="BUILDINGMAP_ACCESS_LOG_DAYS",
    show_envvar=True,
    help="How many days it is kept who read what is confidential.",
)
@lang_option
@click.pass_context
def serve(
    ctx: click.Context,
    /,
    layer: Path | None,
    *,
    registry: str | None,
    port: int,
    host: str,
    proxy: str | None,
    district: Path | None,
    crs: Datum | None,
    limit_seconds: float | None,
    limit_memory_mb: int | None,
    threads: int,
    plan_seconds: float,
    access_log_days: int,
    lang: str | None,
) -> None:
    """Serve the map, the pages and the API of the registry until Ctrl-C; with LAYER, of that file alone.

    The user's own registry is made with the demo towers at first start. A layer with faults is not served: its
    faults are printed, one to a line. While a layer is served on this machine alone, its file may change: the new
    content is taken in whole, or the old stays.
    """
    from buildingmap.errors import BuildingmapError  # noqa: PLC0415 - seconds to import
    from buildingmap.web.server import stop_on_signals  # noqa: PLC0415 - the same

    if layer is not None and registry is not None:
        raise click.UsageError("--registry: found a LAYER too, expected one of them")
    chosen = chosen_language(lang)
    run = partial(
        _run,
        host=host,
        port=port,
        may_move=ctx.get_parameter_source("port") is ParameterSource.DEFAULT,
        threads=threads,
        plan_seconds=plan_seconds,
        proxy=proxy,
        access_log_days=access_log_days,
        words=_WORDS[chosen],
    )
    try:
        stop_on_signals()
        if layer is not None:
            run(_layer(layer, district, crs, limit_seconds, limit_memory_mb), path=layer)
        else:
            location = location_of(registry)
            run(_kept(location, district, _WORDS[chosen], make=registry is None), location=location)
    except BuildingmapError as error:
        click.echo(error.text(chosen), err=True)
        ctx.exit(_REFUSED)
    except KeyboardInterrupt:  # while the layer was being read; the server itself returns
        ctx.exit(0)


def _kept(location: str, district: Path | None, words: dict[str, str], *, make: bool) -> Registry:
    """Open the registry, made with the demo where it is the user's own and not there yet."""
    from buildingmap.registry import RegistryMissingError  # noqa: PLC0415 - seconds to import

    try:
        return opened(location, district)
    except RegistryMissingError as error:
        if not make:
            raise RegistryMissingError(f"{error} (buildingmap init makes one)") from error
    made = make_demo(location, district)
    click.echo(words["made"].format(registry=shown(location)))
    return made


def _layer(
    path: Path, district_file: Path | None, datum: Datum | None, seconds: float | None, memory_mb: int | None
) -> LayerRegistry:
    from buildingmap import layers  # noqa: PLC0415 - with the others
    from buildingmap.registry import LayerRegistry  # noqa: PLC0415 - the same

    asked: dict[str, Any] = {"seconds": seconds, "memory_mb": memory_mb}
    district, surroundings = read_places(district_file)
    return LayerRegistry(
        path,
        district=district,
        surroundings=surroundings,
        datum=datum,
        limits=layers.Limits(**{name: value for name, value in asked.items() if value is not None}),
    )


def _run(
    registry: LayerRegistry | Registry,
    *,
    host: str,
    port: int,
    may_move: bool,
    threads: int,
    plan_seconds: float,
    proxy: str | None,
    access_log_days: int,
    words: dict[str, str],
    path: Path | None = None,
    location: str = "",
) -> None:
    from buildingmap.registry import LayerRegistry  # noqa: PLC0415 - the same
    from buildingmap.web.openid import provider_of  # noqa: PLC0415 - the same
    from buildingmap.web.plan_jobs import PlanLimits  # noqa: PLC0415 - the same
    from buildingmap.web.server import check_host, is_loopback, listen, waitress_server  # noqa: PLC0415 - the same

    towers = registry.snapshot()
    access = _access(
        registry, location, open_here=is_loopback(host) and proxy is None, access_log_days=access_log_days
    )
    has_admin = access.accounts is not None and access.accounts.has_admin()
    invented = path is not None and towers.note.synthetic
    check_host(host, synthetic=invented, has_admin=has_admin, proxy=proxy)
    listening = listen(host, port, may_move=may_move)
    if listening.taken:
        click.echo(words["taken"].format(port=port))
    server = waitress_server(
        registry,
        listening,
        host=host,
        threads=threads,
        access=access,
        provider=None if access.accounts is None else provider_of(),
        proxy=proxy,
        plan_limits=PlanLimits(seconds=plan_seconds),
    )
    towers.features()  # the first visitor need not wait for what every visitor needs
    gc.collect()
    gc.freeze()  # what stays for good is not looked through again and again while requests are answered
    _say_what_is_served(registry, towers, path, location, words)
    if access.accounts is not None and not access.guarded():
        click.echo(words["open"])
    click.echo(f"buildingmap: {listening.address}")
    if isinstance(registry, LayerRegistry) and path is not None and is_loopback(host):
        _watch(registry, path, words)
    try:
        server.run()
    finally:
        if access.reads is not None:
            access.reads.close()


def _access(
    registry: LayerRegistry | Registry, location: str, *, open_here: bool, access_log_days: int
) -> Access:
    """Return who may come in: a layer file knows nobody, and lets everyone read."""
    from buildingmap.accounts import Accounts, ApiTokens, ReadLog, can_be_kept, secret_for  # noqa: PLC0415 - the same
    from buildingmap.registry import Registry  # noqa: PLC0415 - the same
    from buildingmap.web.visitors import Access  # noqa: PLC0415 - the same

    if not isinstance(registry, Registry):
        return Access(open_role="admin" if open_here else "analyst")
    if not can_be_kept(registry):
        return Access(open_role="admin" if open_here else "public")
    accounts = Accounts(registry)
    access = Access(accounts, ApiTokens(registry), open_role="admin" if open_here else "public")
    if not registry.companion.open().read_only:
        access.reads = ReadLog(registry, days=access_log_days)
    place = _secret_place(location)
    # beside a registry that cannot be written it cannot be kept: it lasts as long as the server
    if place.exists() or not registry.read_only:
        access.secret = secret_for(place)
    return access


def _secret_place(location: str) -> Path:
    if is_url(location):
        return own_location().with_name("server.secret")
    path = Path(location)
    return path.with_name(f"{path.name}.secret")


def _say_what_is_served(
    registry: LayerRegistry | Registry,
    towers: Snapshot,
    path: Path | None,
    location: str,
    words: dict[str, str],
) -> None:
    warnings = 0
    if path is None:
        click.echo(
            words["registry"].format(registry=shown(location), version=towers.version, towers=len(towers))
        )
    else:
        click.echo(words["layer"].format(layer=path, towers=len(towers)))
        warnings = len(getattr(registry, "warnings", ()))
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
