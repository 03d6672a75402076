"""``buildingmap template``: an empty table of towers to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from buildingmap.cli.location import RegistryCommand, chosen_language, district_option, lang_option

_REFUSED = 1
_WRONG_OPTION = 2


@click.command(cls=RegistryCommand)
@click.argument("file", type=click.Path(path_type=Path))
@district_option
@lang_option
@click.pass_context
def template(ctx: click.Context, /, file: Path, *, district: Path | None, lang: str | None) -> None:
    """Write an empty Excel table of towers to FILE (.xlsx), with drop-downs and a word on each column.

    FILE must not be there yet.
    """
    from buildingmap.layers import read_district  # noqa: PLC0415 - seconds to import
    from buildingmap.layers.writers import write_template  # noqa: PLC0415 - the same

    if file.suffix.lower() != ".xlsx":
        click.echo(f"{file}: found {file.suffix or 'no extension'}, expected .xlsx", err=True)
        ctx.exit(_WRONG_OPTION)
    content = write_template(read_district(district), lang=chosen_language(lang))
    try:
        with file.open("xb") as out:
            out.write(content)
    except OSError as error:
        click.echo(f"{file}: {error.strerror}, expected a new file that can be written", err=True)
        ctx.exit(_REFUSED)
    click.echo(str(file))
