"""The datum of coordinates as an option of every command takes it: a word, or any EPSG code."""

from __future__ import annotations

from typing import Any, Final

import click

# the words of crs.DATUMS; a test holds the two together, so that --help need not import the library behind them
DATUM_WORDS: Final = "wgs84, cgcs2000, gcj02, bd09, or an EPSG code such as epsg:4547"


class DatumType(click.ParamType[str]):
    """A datum, as ``crs.read_datum`` reads it."""

    name = "datum"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the datum as buildingmap writes it."""
        from buildingmap.crs import UnknownDatumError, read_datum  # noqa: PLC0415 - not before it is needed

        try:
            return read_datum(str(value))
        except UnknownDatumError as error:
            self.fail(str(error), param, ctx)


DATUM: Final = DatumType()
