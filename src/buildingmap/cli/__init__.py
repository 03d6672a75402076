"""The ``buildingmap`` command. What a command needs is imported when it runs, so that ``--help`` costs nothing."""

from __future__ import annotations

import io
import sys

import click

from buildingmap.cli.account import account
from buildingmap.cli.check import check
from buildingmap.cli.export import export
from buildingmap.cli.history import history, undo
from buildingmap.cli.import_ import import_
from buildingmap.cli.init import init
from buildingmap.cli.keeping import backup, move, restore, verify
from buildingmap.cli.plan import plan
from buildingmap.cli.scenarios import scenarios
from buildingmap.cli.schema import schema
from buildingmap.cli.serve import serve
from buildingmap.cli.stations import stations
from buildingmap.cli.summary import summary
from buildingmap.cli.template import template

__all__ = ["main"]


@click.group()
@click.version_option(package_name="buildingmap", prog_name="buildingmap")
def main() -> None:
    """Keep and map the commercial buildings of a city district."""
    for stream in (sys.stdout, sys.stderr):
        # a console in GBK or Latin-1 cannot print every name; an escape is better than a traceback
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


for command in (
    account,
    backup,
    check,
    export,
    history,
    import_,
    init,
    move,
    plan,
    restore,
    scenarios,
    schema,
    serve,
    stations,
    summary,
    template,
    undo,
    verify,
):
    main.add_command(command)
