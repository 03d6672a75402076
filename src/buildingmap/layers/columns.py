"""The columns of a file, recognised, and each row of cells turned into the contract's fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buildingmap.layers.examining import Headed, InHand, examine
from buildingmap.layers.findings import Shown
from buildingmap.layers.headers import EXAMPLES, Header, read_header
from buildingmap.layers.values import UnreadableError, is_empty, read_cell
from buildingmap.model.building import Building
from buildingmap.model.faults import Expected, Fault, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.layers.raw import Format, RawRow


@dataclass(frozen=True, slots=True)
class Columns:
    """What each header of a file names. ``fields`` maps the headers that are read; the rest are left out."""

    fields: Mapping[str, Header]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    native: frozenset[str]

    def convert(self, cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
        """Return a row's values by the contract's names, in its units, and a fault per cell that is unreadable.

        Only filled cells are in the result. Columns of single years become ``tax_history``; places stay under
        ``lon``, ``lat`` and ``wkt``.
        """
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        years: dict[int, dict[str, Any]] = {}
        for name, header in self.fields.items():
            cell = cells.get(name)
            if name in self.native:
                if name in cells:
                    values[header.field] = cell
                continue
            if is_empty(cell):
                if header.field == "id":
                    values["id"] = ""  # the column exists: an empty id is not one to derive
                continue
            try:
                value = read_cell(cell, header)
            except UnreadableError as unreadable:
                faults.append(_fault(unreadable.code, name, header, cell))
                continue
            if header.year is None:
                values[header.field] = value
            else:
                years.setdefault(header.year, {"year": header.year})[header.field] = value
        if years and "tax_history" not in values:
            values["tax_history"] = _history(years, values)
        return values, faults


def _history(years: dict[int, dict[str, Any]], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    newest = values.get("tax_year")
    if (
        isinstance(newest, int)
        and newest not in years
        and ("tax_yuan" in values or "district_revenue_yuan" in values)
    ):
        figures = {name: values[name] for name in ("tax_yuan", "district_revenue_yuan") if name in values}
        years[newest] = {"year": newest, **figures}
    return [years[year] for year in sorted(years)]


def _fault(code: str, name: str, header: Header, cell: Any) -> Fault:
    field = header.field if name == header.field else f"{header.field} ({name})"
    return Fault(Expected.of(code), field, shown(cell))


def recognise(
    headers: Sequence[str], *, format_: Format, rows: Sequence[RawRow] = (), title: str = ""
) -> Columns:
    """Say what ``headers`` name, in Chinese or English, with units.

    A fault: a needed unit that is missing or odd, two columns for one field that differ in one of ``rows``, no column
    of names. A warning: a column that is left out. In GeoJSON the contract's own names are taken as they are.
    ``title``: the words above the header.
    """
    headed = [Headed(name, name, read_header(name)) for name in headers]
    cells = [(row.place, row.cells) for row in rows]
    examined = examine(InHand(headed, cells, lambda row, name: row.get(name), title))
    faults = [said.fault for said in examined.said if said.refuses]
    warnings = [said.fault for said in examined.said if not said.refuses]
    fields: dict[str, Header] = {}
    for column in headed:
        name, header = column.text, column.reading
        if header is None or name in examined.twins:
            continue
        if header.odd_unit or header.factor is None:
            code = "unit_odd" if header.odd_unit else "unit_missing"
            example = EXAMPLES.get(header.kind, "")
            faults.append(Fault(Expected.of(code, example=example), header.field, shown(name)))
        else:
            fields[name] = header
    if "name" not in {header.field for header in fields.values()} and headers:
        faults.append(Fault(Expected.of("column_name"), "name", Shown(", ".join(headers)[:80])))
    native = frozenset(name for name in fields if format_ == "geojson" and name in Building.model_fields)
    return Columns(fields, tuple(faults), tuple(warnings), native)
