"""Options of the commands that choose towers: one for each criterion of the filter, and how wrong ones are told."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from buildingmap.cli.datum import DATUM, DATUM_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.model import Lang

_REFUSED: Final = 1
_WRONG_OPTION: Final = 2


class FilterCommand(click.Command):
    """A command with ``--crs`` and one option per criterion of the filter, read from the tables that define them."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and the filter's."""
        from buildingmap.filters import PARAMETERS  # noqa: PLC0415 - not before the command is used

        datum = click.Option(
            ["--crs"],
            type=DATUM,
            metavar="DATUM",
            help=f"What the layer's coordinates are: {DATUM_WORDS}; its own word for it, or WGS84, by default.",
        )
        criteria = [
            click.Option(
                [option_name(parameter.name), parameter.name],
                multiple=True,
                metavar="VALUE",
                help=parameter.en,
            )
            for parameter in PARAMETERS
            if not parameter.paging
        ]
        own = super().get_params(ctx)
        return [*own[:-1], datum, *criteria, own[-1]]


def option_name(parameter: str) -> str:
    """Return the option of a filter's parameter: ``--tax-min`` for ``tax_min``."""
    return "--" + parameter.replace("_", "-")


@contextmanager
def refusing(ctx: click.Context, lang: Lang) -> Iterator[None]:
    """End the command with a line for each fault where a filter, a layer or a registry is refused."""
    from buildingmap.errors import BuildingmapError  # noqa: PLC0415 - not before the command is used
    from buildingmap.filters import FilterError  # noqa: PLC0415 - the same
    from buildingmap.layers import LayerError  # noqa: PLC0415 - the same

    try:
        yield
    except FilterError as error:
        for fault in error.faults:
            click.echo(replace(fault, parameter=option_name(fault.parameter)).line(lang), err=True)
        ctx.exit(_WRONG_OPTION)
    except LayerError as error:
        click.echo(error.text(lang), err=True)
        ctx.exit(_REFUSED)
    except BuildingmapError as error:
        click.echo(str(error), err=True)
        ctx.exit(_REFUSED)
