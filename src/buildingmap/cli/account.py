"""``buildingmap account``: who may come in, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import click

from buildingmap.cli.location import RegistryCommand, chosen_language, local_name, opened, registry_option

if TYPE_CHECKING:
    from buildingmap.accounts import Accounts, Role

# the words of accounts.ROLES; a test holds the two together, so that --help need not import the library behind them
ROLE_WORDS: Final = ("public", "analyst", "editor", "admin")


@click.group()
def account() -> None:
    """Manage the accounts of a registry."""


def _accounts(registry: str | None) -> Accounts:
    from buildingmap.accounts import Accounts  # noqa: PLC0415 - seconds to import

    return Accounts(opened(registry))


def _password() -> str:
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


@account.command(cls=RegistryCommand)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLE_WORDS), required=True, help="What it may do.")
@click.option(
    "--openid",
    "subject",
    metavar="SUB",
    help="It signs in as the subject SUB of the office's OpenID Connect provider; no password is asked for.",
)
@click.option(
    "--without-password",
    is_flag=True,
    help="No password is asked for: nobody can sign in to it until it has one.",
)
@registry_option
def add(name: str, *, role: str, subject: str | None, without_password: bool, registry: str | None) -> None:
    """Make an account NAME; its password is asked for."""
    accounts = _accounts(registry)
    password = None if without_password or subject else _password()
    made = accounts.add(
        name, cast("Role", role), password=password, subject=subject or None, actor=local_name()
    )
    click.echo(f"{made.name}: {made.role}")


@account.command("list", cls=RegistryCommand)
@registry_option
def listed(*, registry: str | None) -> None:
    """List every account with its role."""
    for entry in _accounts(registry).all():
        click.echo(f"{entry.name}: {entry.role}{' (disabled)' if entry.disabled else ''}")


@account.command(cls=RegistryCommand)
@click.argument("name")
@click.argument("new_role", metavar="ROLE", type=click.Choice(ROLE_WORDS))
@registry_option
def role(name: str, new_role: str, *, registry: str | None) -> None:
    """Give the account NAME another ROLE; a lower one ends its sessions."""
    _accounts(registry).set_role(name, cast("Role", new_role), actor=local_name())
    click.echo(f"{name}: {new_role}")


@account.command(cls=RegistryCommand)
@click.argument("name")
@registry_option
def password(name: str, *, registry: str | None) -> None:
    """Set the password of the account NAME, which is asked for; its sessions and API tokens end."""
    accounts = _accounts(registry)
    accounts.named(name)
    accounts.set_password(name, _password(), actor=local_name())
    click.echo(name)


@account.command(cls=RegistryCommand)
@click.argument("name")
@registry_option
def disable(name: str, *, registry: str | None) -> None:
    """Close the account NAME, with its sessions and tokens."""
    _accounts(registry).disable(name, actor=local_name())
    click.echo(f"{name} (disabled)")


@account.command(cls=RegistryCommand)
@click.argument("name")
@registry_option
def enable(name: str, *, registry: str | None) -> None:
    """Open the account NAME again."""
    _accounts(registry).disable(name, disabled=False, actor=local_name())
    click.echo(name)


@account.command(cls=RegistryCommand)
@registry_option
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many events."
)
def history(*, registry: str | None, limit: int) -> None:
    """List what happened to accounts and tokens, newest first."""
    from buildingmap.model.names import action_name  # noqa: PLC0415 - not before it is needed

    language = chosen_language(None)
    for entry in _accounts(registry).events(limit=limit):
        done = action_name(entry.action, language)
        click.echo(f"{entry.number}  {entry.at}  {entry.actor}  {done}  {entry.note}")
