"""``backup``, ``restore``, ``move`` and ``verify``: the registry kept safe."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from buildingmap.cli.location import (
    RegistryCommand,
    chosen_language,
    is_url,
    lang_option,
    local_name,
    location_of,
    opened,
    registry_option,
    shown,
)

_DAMAGED: Final = 1
_WORDS: Final = {
    "en": {
        "backup": "{file}: version {version} of {registry}",
        "restored": "{registry}: version {version}, as in {file}",
        "replace": "{registry} is replaced by {file}. What it holds now is kept in {kept}. Go on?",
        "moved": "{target}: version {version}, all of {registry}, which stays as it is",
        "whole": "{registry}: version {version}, whole; last seal {head}",
    },
    "zh": {
        "backup": "{file}：{registry} 第 {version} 版",
        "restored": "{registry}：已恢复为 {file} 的第 {version} 版",
        "replace": "{registry} 将由 {file} 替换，现有内容保存在 {kept}。继续？",
        "moved": "{target}：第 {version} 版，{registry} 的全部内容；原库不变",
        "whole": "{registry}：第 {version} 版，完整；末条封印 {head}",
    },
}


@click.command(cls=RegistryCommand)
@click.argument("file", type=click.Path(path_type=Path))
@registry_option
@lang_option
def backup(file: Path, *, registry: str | None, lang: str | None) -> None:
    """Copy the whole registry, as it is at this moment, into a new GeoPackage FILE. Others may write meanwhile."""
    location = location_of(registry)
    with opened(registry) as kept:
        version = kept.backup(file)
    words = _WORDS[chosen_language(lang)]
    click.echo(words["backup"].format(file=file, version=version, registry=shown(location)))


@click.command(cls=RegistryCommand)
@click.argument("file", type=click.Path(path_type=Path))
@registry_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@lang_option
def restore(file: Path, *, registry: str | None, yes: bool, lang: str | None) -> None:
    """Put the content of a backup FILE in place of the registry's, which is kept in a backup of its own first.

    Replaced whole or not at all; a server that has it open shows the new content.
    """
    from buildingmap.registry.copying import restore_backup  # noqa: PLC0415 - seconds to import

    location = location_of(registry)
    words = _WORDS[chosen_language(lang)]
    kept = _kept_before(location, registry)
    if kept is not None:
        question = words["replace"].format(registry=shown(location), file=file, kept=kept)
        if not yes:
            click.confirm(question, abort=True)
    version = restore_backup(file, location, keep=kept, actor=local_name())
    click.echo(words["restored"].format(registry=shown(location), version=version, file=file))


def _kept_before(location: str, registry: str | None) -> Path | None:
    """Return where what is there now is kept; None where there is nothing."""
    from datetime import UTC, datetime  # noqa: PLC0415 - not before it is needed

    from buildingmap.registry import RegistryMissingError  # noqa: PLC0415 - seconds to import

    try:
        opened(registry).close()
    except RegistryMissingError:
        return None
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    if is_url(location):
        return Path.cwd() / f"registry-before-restore-{moment}.gpkg"
    path = Path(location)
    return path.with_name(f"{path.stem}-before-restore-{moment}.gpkg")


@click.command(cls=RegistryCommand)
@click.argument("target", metavar="FILE|URL")
@registry_option
@lang_option
def move(target: str, *, registry: str | None, lang: str | None) -> None:
    """Copy the registry with its history and accounts to TARGET: another file, or a postgresql:// database."""
    from buildingmap.registry import move as copied  # noqa: PLC0415 - seconds to import

    location = location_of(registry)
    version = copied(location, target)
    words = _WORDS[chosen_language(lang)]
    click.echo(words["moved"].format(target=shown(target), version=version, registry=shown(location)))


@click.command(cls=RegistryCommand)
@registry_option
@lang_option
@click.pass_context
def verify(context: click.Context, *, registry: str | None, lang: str | None) -> None:
    """Check the store and the chain of its audit trail; exits with 1 and a line for each damage.

    The last seal stands for everything before it: noted elsewhere, it proves later that nothing was rewritten.
    """
    location = location_of(registry)
    with opened(registry) as kept:
        damage = kept.verify()
        version = kept.version
        head = kept.revision(version).hash
    for line in damage:
        click.echo(line, err=True)
    if damage:
        context.exit(_DAMAGED)
    words = _WORDS[chosen_language(lang)]
    click.echo(words["whole"].format(registry=shown(location), version=version, head=head))
