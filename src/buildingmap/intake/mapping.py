"""How an office's columns are read: which field, in which unit, of which year; and what holds for the whole file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from buildingmap.crs import UnknownDatumError, read_datum
from buildingmap.intake.errors import IntakeDatumError, IntakeError
from buildingmap.intake.vocabulary import TARGETS
from buildingmap.layers.headers import NEEDS_UNIT, Header, folded, read_header, units_of

if TYPE_CHECKING:
    from collections.abc import Mapping as Map
    from collections.abc import Sequence

    from buildingmap.crs import Datum
    from buildingmap.intake.vocabulary import Target
    from buildingmap.registry import Registry

# what a column's reading, a unit or a datum was taken from
Basis = Literal["header", "title", "figures", "file", "shapes", "person", "remembered", "nothing"]
_EARLIEST: Final = 1990
_LATEST: Final = 2100


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: ``field`` None leaves it out; ``unit`` is empty where the field's own is meant.

    ``year``: of which year a column of taxes is; None where another column says so.
    """

    position: int
    header: str
    field: str | None = None
    unit: str = ""
    year: int | None = None
    basis: Basis = "nothing"
    unit_basis: Basis = "nothing"


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a table is read. ``datum`` None: as the file says, else WGS84. ``year``: of taxes that say none."""

    table: str
    columns: tuple[Column, ...]
    datum: Datum | None = None
    datum_basis: Basis = "nothing"
    year: int | None = None
    year_basis: Basis = "nothing"

    @property
    def target(self) -> Target:
        """The table of the registry that the rows are for."""
        return TARGETS[self.table]

    def header(self, column: Column) -> Header:
        """Return how the cells of a column that is read are read; without factor where a unit is missing."""
        assert column.field is not None
        vocabulary = self.target.vocabulary
        own = bool(not column.unit and (named := read_header(column.header, vocabulary)) and named.factor)
        return vocabulary.header(column.field, unit=column.unit, year=column.year, own_name=own)

    def of(self, field: str) -> tuple[Column, ...]:
        """Return the columns that are read as ``field``."""
        return tuple(column for column in self.columns if column.field == field)

    def needs_unit(self, column: Column) -> bool:
        """Whether it is not known what the column counts in."""
        if column.field is None or self.target.vocabulary.fields[column.field][0] not in NEEDS_UNIT:
            return False
        return self.header(column).factor is None


def corrected(
    mapping: Mapping,
    *,
    fields: Map[int, tuple[str | None, int | None]] | None = None,
    units: Map[int, str] | None = None,
    datum: str | None = None,
    year: int | None = None,
) -> Mapping:
    """Return ``mapping`` as a person wants it: by column position a field (with its year), a unit.

    A field of None leaves the column out, and nobody need be told of it any more.
    Raises IntakeError for a field, a unit, a datum or a year that there is not.
    """
    columns = list(mapping.columns)
    for position, (field, of_year) in (fields or {}).items():
        columns[position] = _read_as(mapping, _column(columns, position), field, of_year)
    for position, unit in (units or {}).items():
        columns[position] = _counted_in(mapping, _column(columns, position), unit)
    result = replace(mapping, columns=tuple(columns))
    if datum is not None:
        result = replace(result, datum=_datum(datum), datum_basis="person")
    if year is not None:
        if not _EARLIEST <= year <= _LATEST:
            raise IntakeError(f"found year {year}, expected one from {_EARLIEST} to {_LATEST}")
        result = replace(result, year=year, year_basis="person")
    return result


def _column(columns: Sequence[Column], position: int) -> Column:
    if not 0 <= position < len(columns):
        raise IntakeError(f"found column {position}, expected one of 0 to {len(columns) - 1}")
    return columns[position]


def _read_as(mapping: Mapping, column: Column, field: str | None, year: int | None) -> Column:
    known = mapping.target.vocabulary.fields
    if field is not None and field not in known:
        raise IntakeError(f"{column.header}: found field {field!r}, expected one of {', '.join(known)}")
    if (field, year) == (column.field, column.year) and field is not None:
        return column
    return replace(column, field=field, year=year, basis="person")


def _counted_in(mapping: Mapping, column: Column, unit: str) -> Column:
    if unit == column.unit:
        return column
    vocabulary = mapping.target.vocabulary
    if unit and column.field is not None and vocabulary.header(column.field, unit=unit).odd_unit:
        units = ", ".join(units_of(vocabulary.fields[column.field][0])) or "none"
        raise IntakeError(f"{column.header}: found unit {unit!r}, expected one of {units}")
    return replace(column, unit=unit, unit_basis="person")


def _datum(text: str) -> Datum:
    try:
        return read_datum(text)
    except UnknownDatumError as error:
        raise IntakeDatumError(error) from None


def fingerprint(headers: Sequence[str]) -> str:
    """Return what tells an office's form of table from others: a digest of its headers."""
    text = "\n".join(folded(header) for header in headers)
    return "mapping-" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def mapping_json(mapping: Mapping) -> dict[str, Any]:
    """Return a mapping as JSON values; what was guessed from one file's figures alone is in it too."""
    return {
        "table": mapping.table,
        "datum": mapping.datum,
        "year": mapping.year,
        "columns": [
            {"header": column.header, "field": column.field, "unit": column.unit, "year": column.year}
            for column in mapping.columns
        ],
    }


def remembered(registry: Registry, headers: Sequence[str]) -> Mapping | None:
    """Return the mapping that was remembered for a table with these headers, None where there is none."""
    row_id = fingerprint(headers)
    found = next((row for row in registry.rows("import_mapping") if row.row_id == row_id), None)
    if found is None:
        return None
    value = orjson.loads(found.values["document"])
    if value.get("table") not in TARGETS or len(value.get("columns", ())) != len(headers):
        return None
    known = TARGETS[value["table"]].vocabulary.fields
    columns = tuple(
        Column(
            position,
            headers[position],
            column["field"] if column["field"] in known else None,
            column["unit"],
            column["year"],
            "remembered",
            "remembered",
        )
        for position, column in enumerate(value["columns"])
    )
    # the year of a file is its own: last year's is not this year's
    return Mapping(value["table"], columns, value["datum"], "remembered" if value["datum"] else "nothing")
