"""Where the registry of a command lies: as the command line names it, else the environment, else the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from buildingmap.cli.summary import default_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.model import District, Lang, Surroundings
    from buildingmap.registry import Registry

VARIABLE: Final = "BUILDINGMAP_REGISTRY"
_REFUSED: Final = 1


def registry_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take ``--registry``."""
    return click.option(
        "--registry",
        metavar="FILE|URL",
        help=f"A GeoPackage file or a postgresql:// URL; that of {VARIABLE}, else the user's own, by default.",
    )(command)


def district_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take ``--district``."""
    return click.option(
        "--district", type=click.Path(path_type=Path), help="The district's own configuration (TOML)."
    )(command)


def lang_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take ``--lang``."""
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        help="Language of what is printed; the locale's by default.",
    )(command)


def chosen_language(lang: str | None) -> Lang:
    """Return the language that was asked for, else the locale's."""
    return cast("Lang", lang or default_language())


def location_of(given: str | None) -> str:
    """Return where the registry lies."""
    return given or os.environ.get(VARIABLE) or str(own_location())


def own_location() -> Path:
    """Return where the user's own registry lies when nothing is said."""
    from platformdirs import user_data_path  # noqa: PLC0415 - not before it is needed

    return user_data_path("buildingmap", appauthor=False) / "registry.gpkg"


def is_url(location: str) -> bool:
    """Return whether a location is a database's address."""
    return "://" in location


def shown(location: str) -> str:
    """Return a location as it may be printed: a database's password stays out."""
    from sqlalchemy import make_url  # noqa: PLC0415 - not before it is needed
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - the same

    try:
        return make_url(location).render_as_string(hide_password=True) if is_url(location) else location
    except ArgumentError:
        return "the database's URL"


def read_places(district_file: Path | None) -> tuple[District, Surroundings]:
    """Return the district and what surrounds its towers. Raises DistrictError."""
    from buildingmap.layers import read_district, read_surroundings  # noqa: PLC0415 - seconds to import
    from buildingmap.resources import data_folder  # noqa: PLC0415 - the same

    district = read_district(district_file)
    folder = data_folder() if district_file is None else district_file.parent
    return district, read_surroundings(district, folder)


def opened(registry: str | None, district_file: Path | None = None) -> Registry:
    """Open the registry that a command works on; its accounts' store remembers how far it has come.

    Raises RegistryError.
    """
    from buildingmap.accounts import attend  # noqa: PLC0415 - seconds to import
    from buildingmap.registry import open_registry  # noqa: PLC0415 - the same

    district, surroundings = read_places(district_file)
    return attend(open_registry(location_of(registry), district=district, surroundings=surroundings))


class RegistryCommand(click.Command):
    """A command whose error is a line for a person and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        from buildingmap.errors import BuildingmapError  # noqa: PLC0415 - not before it is needed

        try:
            return super().invoke(ctx)
        except BuildingmapError as error:
            click.echo(error.text(chosen_language(ctx.params.get("lang"))), err=True)
            ctx.exit(_REFUSED)


def local_name() -> str:
    """Return whom the audit trail names for a change from the terminal: the machine's user."""
    import getpass  # noqa: PLC0415 - not before it is needed

    try:
        return f"terminal:{getpass.getuser()}"
    except (OSError, KeyError):  # a user id without a name, in a container
        return "terminal"
