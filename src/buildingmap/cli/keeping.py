"""``backup``, ``restore``, ``move`` and ``verify``: the registry kept safe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from buildingmap.cli.location import (
    RegistryCommand,
    chosen_language,
    district_option,
    is_url,
    lang_option,
    local_name,
    location_of,
    opened,
    registry_option,
    shown,
)

if TYPE_CHECKING:
    from buildingmap.model import Lang
    from buildingmap.registry import Registry

_DAMAGED: Final = 1
_WORDS: Final = {
    "en": {
        "backup": "{file}: version {version} of {registry}",
        "restored": "{registry}: version {version}, as in {file}",
        "replace": "{registry} is replaced by {file}. What it holds now is kept in {kept}. Go on?",
        "moved": "{target}: version {version}, {registry} with history and accounts, which stays as it is",
        "whole": "{registry}: version {version}, whole; last seal {head}",
        "nothing": "{registry}: nothing to repair",
        "repair": "Do this to {registry}? What it holds now is first copied to {backup}.",
        "repaired": "{registry}: {count} done; what it held before is in {backup}",
        "accounts": "its accounts: whole; last seal {head}",
        "no_accounts": "its accounts: none",
        "acknowledge": "take the accounts as they are for right: {what}",
        "beyond": "{registry}: nothing of this can be mended here",
        "left": "not copied, tables that are not the registry's: {tables}",
    },
    "zh": {
        "backup": "{file}：{registry} 第 {version} 版",
        "restored": "{registry}：已恢复为 {file} 的第 {version} 版",
        "replace": "{registry} 将由 {file} 替换，现有内容保存在 {kept}。继续？",
        "moved": "{target}：第 {version} 版，含登记库 {registry} 及其历史与账户；原库不变",
        "whole": "{registry}：第 {version} 版，完整；末条封印 {head}",
        "nothing": "{registry}：无需修复",
        "repair": "对 {registry} 执行以上操作？现有内容先复制到 {backup}。",
        "repaired": "{registry}：已完成 {count} 项；原内容保存在 {backup}",
        "accounts": "账户：完整；末条封印 {head}",
        "no_accounts": "账户：无",
        "acknowledge": "以账户现状为准：{what}",
        "beyond": "{registry}：以上各项均无法在此修复",
        "left": "未复制不属于登记库的数据表：{tables}",
    },
}


@click.command(cls=RegistryCommand)
@click.argument("file", type=click.Path(path_type=Path))
@registry_option
@lang_option
def backup(file: Path, *, registry: str | None, lang: str | None) -> None:
    """Copy the whole registry, as it is at this moment, into a new GeoPackage FILE. Others may write meanwhile.

    Its accounts go into a second file beside it, FILE.accounts.sqlite: who gets FILE alone gets none of them.
    """
    from buildingmap.accounts import back_up  # noqa: PLC0415 - seconds to import

    location = location_of(registry)
    with opened(registry) as kept:
        version = back_up(kept, file)
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
    from buildingmap.accounts import restore_backup  # noqa: PLC0415 - seconds to import

    location = location_of(registry)
    words = _WORDS[chosen_language(lang)]
    kept = _kept_before(location, registry)
    if kept is not None:
        question = words["replace"].format(registry=shown(location), file=file, kept=kept)
        if not yes:
            click.confirm(question, abort=True)
    version = restore_backup(file, location, keep=kept, actor=local_name())
    _tell_of_tables_left(str(file), chosen_language(lang))
    click.echo(words["restored"].format(registry=shown(location), version=version, file=file))


def _tell_of_tables_left(location: str, lang: Lang) -> None:
    from buildingmap.registry import tables_of_others  # noqa: PLC0415 - seconds to import

    tables = tables_of_others(location)
    if tables:
        comma = {"en": ", ", "zh": "、"}[lang]
        click.echo(_WORDS[lang]["left"].format(tables=comma.join(map(repr, tables))), err=True)


def _kept_before(location: str, registry: str | None) -> Path | None:
    """Return where what is there now is kept; None where there is nothing."""
    from buildingmap.registry import RegistryMissingError  # noqa: PLC0415 - seconds to import

    try:
        opened(registry).close()
    except RegistryMissingError:
        return None
    return _beside(location, "before-restore")


def _beside(location: str, why: str) -> Path:
    """Return a new name for a copy: beside a GeoPackage, in the working folder for a database."""
    from datetime import UTC, datetime  # noqa: PLC0415 - not before it is needed

    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    if is_url(location):
        return Path.cwd() / f"registry-{why}-{moment}.gpkg"
    path = Path(location)
    return path.with_name(f"{path.stem}-{why}-{moment}.gpkg")


@click.command(cls=RegistryCommand)
@click.argument("target", metavar="FILE|URL")
@registry_option
@lang_option
def move(target: str, *, registry: str | None, lang: str | None) -> None:
    """Copy the registry with its history and accounts to TARGET: another file, or a postgresql:// database."""
    from buildingmap.accounts import move as copied  # noqa: PLC0415 - seconds to import

    location = location_of(registry)
    version = copied(location, target)
    words = _WORDS[chosen_language(lang)]
    _tell_of_tables_left(location, chosen_language(lang))
    click.echo(words["moved"].format(target=shown(target), version=version, registry=shown(location)))


@click.command(cls=RegistryCommand)
@registry_option
@click.option(
    "--repair",
    "repairs",
    is_flag=True,
    help="Say what mending would do, ask, and do it, after a backup beside it.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@district_option
@lang_option
@click.pass_context
def verify(
    context: click.Context,
    *,
    registry: str | None,
    repairs: bool,
    yes: bool,
    district: Path | None,
    lang: str | None,
) -> None:
    """Check the store, its accounts and both audit trails; exits with 1 and a line for each damage.

    The last seal stands for everything before it: noted elsewhere, it proves later that nothing was rewritten.

    With --repair, what other programs wrote becomes a revision by "outside" where it passes the check, or is put back
    and kept beside. The trail itself is never rewritten.
    """
    from buildingmap.accounts import verify_accounts  # noqa: PLC0415 - seconds to import

    location, chosen = location_of(registry), chosen_language(lang)
    words = _WORDS[chosen]
    with opened(registry, district) as kept:
        if repairs:
            _repair(kept, location, chosen, yes=yes)
        damage = kept.verify()
        of_accounts, last = verify_accounts(kept)
        for line in [*(one.text(chosen) for one in damage), *(one.text(chosen) for one in of_accounts)]:
            click.echo(line, err=True)
        if damage or of_accounts:
            context.exit(_DAMAGED)
        version, head = kept.version, kept.head
    click.echo(words["whole"].format(registry=shown(location), version=version, head=head))
    click.echo(words["accounts"].format(head=last) if last else words["no_accounts"])


def _repair(kept: Registry, location: str, lang: Lang, *, yes: bool) -> None:
    from buildingmap.accounts import acknowledge, back_up, untold  # noqa: PLC0415 - seconds to import

    words, actor = _WORDS[lang], local_name()
    steps = kept.repair(actor=actor, tries=True)
    changed = untold(kept)
    if not steps and not changed:
        click.echo(words["nothing"].format(registry=shown(location)))
        return
    for step in steps:
        click.echo(step.text(lang))
    for one in changed:
        click.echo(words["acknowledge"].format(what=one.text(lang)))
    if not changed and not any(step.mends for step in steps):
        click.echo(words["beyond"].format(registry=shown(location)))
        return
    backup = _beside(location, "before-repair")
    if not yes:
        click.confirm(words["repair"].format(registry=shown(location), backup=backup), abort=True)
    back_up(kept, backup, looks_first=False)
    done = sum(step.mends for step in kept.repair(actor=actor)) + len(changed)
    if changed:
        acknowledge(kept, actor=actor)
    click.echo(words["repaired"].format(registry=shown(location), count=done, backup=backup))
