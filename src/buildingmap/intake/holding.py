"""A row of an office's table held against the row of the registry that it is about: new, changed or unchanged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from buildingmap.intake.identity import Unknown
from buildingmap.intake.placing import cluster_of, geometry_change
from buildingmap.intake.reading import MOST_FAULTS, CellFault
from buildingmap.intake.vocabulary import TARGETS
from buildingmap.layers.examining import named, short
from buildingmap.layers.findings import Shown
from buildingmap.layers.values import is_empty, read_cell
from buildingmap.model.faults import Expected, Fault, shown
from buildingmap.registry import Change, checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    import shapely

    from buildingmap.intake.identity import Holdings, Parcels, Towers
    from buildingmap.intake.mapping import Mapping as Reading
    from buildingmap.intake.reading import OfficeRow, Read
    from buildingmap.layers import Sheet
    from buildingmap.model import District, Surroundings
    from buildingmap.registry import StoredRow

State = Literal["new", "changed", "unchanged"]
_TAX_FIELDS: Final[tuple[str, ...]] = ("tax_yuan", "district_revenue_yuan")
_OF_TAXES: Final = frozenset({*_TAX_FIELDS, "tax_year", "tax_history"})
_NEW: Final[Mapping[str, Any]] = {}
# two fields of a row that have to agree, and what is said where only the first, only the second is the file's
_PAIRS: Final = {
    "revenue_over_tax": ("district_revenue_yuan", "tax_yuan", "revenue_over_kept", "tax_under_kept"),
    "leasable_over_gross": ("leasable_area_m2", "floor_area_m2", "leasable_over_kept", "gross_under_kept"),
    "lease_order": ("lease_end", "lease_start", "lease_end_kept", "lease_start_kept"),
}
_COUNTED: Final = {"money": ("yuan", "元"), "area": ("m²", "平方米"), "land": ("m²", "平方米")}
# a row is never without these, whatever an empty cell may mean
_NEVER_CLEARED: Final = frozenset(
    {"id", "name", "building_id", "building_name", "status", "rule", "year", "quarter", "tax_type", "duty"}
)


@dataclass(frozen=True, slots=True)
class RowPreview:
    """What a row of the sheet would do to one row of the registry.

    ``before``: the row as it is, empty where it is new; ``wanted``: the fields that would differ, as they would be.
    Both are kept elsewhere too: a hundred thousand rows with pairs of their own would fill the memory.
    """

    position: int
    table: str
    row_id: str
    label: str
    state: State
    before: Mapping[str, Any]
    wanted: Mapping[str, Any]

    @property
    def cells(self) -> dict[str, tuple[Any, Any]]:
        """Field → (old, new), what differs."""
        return {name: (self.before.get(name), new) for name, new in self.wanted.items()}


@dataclass(frozen=True, slots=True)
class Terms:
    """How rows are taken: whether an empty cell empties the field, and what source and day a changed row gets."""

    clear_empty: bool = False
    source: str | None = None
    as_of: str | None = None


@dataclass(slots=True)
class Held:
    """Every row held against the registry, and the changes that would make it so."""

    rows: list[RowPreview] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    warnings: list[CellFault] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Holder:
    """Holds rows of one table against the registry as it stood when it was made."""

    sheet: Sheet
    mapping: Reading
    read: Read
    file: str
    towers: Towers
    parcels: Parcels
    holdings: Holdings
    district: District
    surroundings: Surroundings
    terms: Terms
    shapes: Mapping[int, shapely.Geometry] = field(default_factory=dict)
    held: Held = field(default_factory=Held)
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def hold(self, row: OfficeRow) -> None:
        """Hold one row; what is wrong with it goes to ``read.faults``."""
        if len(self.read.faults) >= MOST_FAULTS:
            return
        if self.mapping.target.of_towers:
            self._hold_tower(row)
        elif self.mapping.target.of_sites:
            self._hold_site(row)
        else:
            self._hold_record(row)

    def _hold_tower(self, row: OfficeRow) -> None:
        found = self._tower_of(row, "id", "name")
        if found is None:
            return
        values = {name: value for name, value in row.values.items() if name not in _OF_TAXES}
        values["id"] = found
        known = self.towers.by_id.get(found)
        label = str(values.get("name") or (known.values["name"] if known else found))
        if known is None and not self._complete(row, values):
            self._hold_taxes(row, found, label)
            return
        shape = self.shapes.get(row.position)
        if shape is not None:
            before = None if known is None else known.values["geometry"]
            written, off_m = geometry_change(before, shape, self.district.metric)
            if written is not None:
                values["geometry"] = written
            if off_m:
                self._warn(
                    row, "place_kept", "wkt" if "wkt" in self.read.columns else "lon", metres=f"{off_m:.0f}"
                )
        self._put(row, "building", found, values, label)
        # a row that stands twice has been told; one with a fault may have more of them in its taxes
        if self._seen["building", found] == row.position:
            self._hold_taxes(row, found, label)

    def _hold_site(self, row: OfficeRow) -> None:
        found = self.parcels.find(row.values.get("id"), row.values.get("name"))
        if isinstance(found, Unknown):
            self._unknown(row, found, "id", "name")
            return
        values = {**row.values, "id": found}
        known = self.parcels.by_id.get(found)
        shape = self.shapes.get(row.position)
        if known is None:
            if shape is None:
                self._fault_unless_told(row, "site_shape_missing", "wkt")
                return
            # offices know parcels by their number; few have a name besides
            values.setdefault("name", found)
            values.setdefault("cluster", cluster_of(shape, self.surroundings))
        if shape is not None:
            before = None if known is None else known.values["geometry"]
            written, _ = geometry_change(before, shape, self.district.metric)
            if written is not None:
                values["geometry"] = written
        label = str(values.get("name") or (known.values["name"] if known else found))
        self._put(row, "site", found, values, label)

    def _complete(self, row: OfficeRow, values: dict[str, Any]) -> bool:
        """Give a new tower its cluster; False, and a fault, where it has no place."""
        shape = self.shapes.get(row.position)
        if shape is None:
            self._fault_unless_told(row, "shape_missing", "lon")
            return False
        values.setdefault("cluster", cluster_of(shape, self.surroundings))
        return True

    def _hold_taxes(self, row: OfficeRow, building_id: str, label: str) -> None:
        taxes = {year: dict(figures) for year, figures in row.taxes.items()}
        for entry in row.values.get("tax_history") or ():
            if isinstance(entry, dict) and isinstance(entry.get("year"), int):
                taxes[entry["year"]] = {
                    name: entry.get(name) for name in _TAX_FIELDS if entry.get(name) is not None
                }
        single = {name: row.values[name] for name in _TAX_FIELDS if name in row.values}
        if single:
            year = row.values.get("tax_year", self.mapping.year)
            if year is None:
                self._fault(row, "import_year", next(iter(single)))
                return
            known = taxes.setdefault(year, {})
            for name, value in single.items():
                if name in known and known[name] != value:
                    of_year = self.read.places.get((name, year))
                    other = short(self.mapping.columns[of_year].header) if of_year is not None else name
                    self._fault(row, "column_twice", name, value, other=other, value=known[name])
            known.update(single)
        for year, figures in sorted(taxes.items()):
            if figures:
                values = {"building_id": building_id, "year": year, **figures}
                self._record(row, "tax_record", values, label)

    def _hold_record(self, row: OfficeRow) -> None:
        tower = self._tower_of(row, "building_id", "building_name")
        if tower is None:
            return
        values = {name: value for name, value in row.values.items() if name != "building_name"}
        values["building_id"] = tower
        if self.mapping.table == "tax_record" and "year" not in values:
            if self.mapping.year is None:
                self._fault(row, "import_year", "tax_yuan")
                return
            values["year"] = self.mapping.year
        if self.mapping.table == "service_officer":
            values["duty"] = _DUTIES.get(str(values.get("duty", "")), values.get("duty", "service"))
        known = self.towers.by_id[tower].values["name"]
        label = values.get("name") or values.get("label")
        self._record(row, self.mapping.table, values, f"{known} · {label}" if label else known)

    def _record(self, row: OfficeRow, table: str, values: dict[str, Any], label: str) -> None:
        row_id = self.holdings.id_of(values)
        if row_id is None:
            self._fault(row, "import_keys", "", choices=", ".join(self._keys(table)))
            return
        values["id"] = row_id
        self._put(row, table, row_id, values, label)

    def _keys(self, table: str) -> list[str]:
        target = TARGETS[table]
        return [target.vocabulary.fields.get(name, ("", (name,)))[1][0] for name in target.keys]

    def _tower_of(self, row: OfficeRow, id_field: str, name_field: str) -> str | None:
        """Return the id of the tower that a row names; that of a new one in a table of towers; None, and a fault."""
        found = self.towers.find(
            row.values.get(id_field), row.values.get(name_field), may_be_new=self.mapping.target.of_towers
        )
        if isinstance(found, str):
            return found
        self._unknown(row, found, id_field, name_field)
        return None

    def _unknown(self, row: OfficeRow, why: Unknown, id_field: str, name_field: str) -> None:
        values = {"choices": ", ".join(self._naming())} | dict(why.values)
        field_name = {"id": id_field, "name": name_field, "": ""}[why.by]
        self._fault(row, why.code, field_name, row.values.get(field_name), **values)

    def _fault_unless_told(self, row: OfficeRow, code: str, field_name: str) -> None:
        """Report what is missing, unless a cell of the row has been reported already, which may be why."""
        shapes_too = self.sheet.shapes is not None
        told = any(
            fault.row == row.position and (fault.column is not None or shapes_too)
            for fault in self.read.faults
        )
        if not told:
            self._fault(row, code, field_name)

    def _naming(self) -> list[str]:
        target = self.mapping.target
        return [target.vocabulary.fields[name][1][0] for name in sorted(target.named_by)]

    def _put(self, row: OfficeRow, table: str, row_id: str, values: dict[str, Any], label: str) -> bool:
        known = self._rows(table).get(row_id)
        other = self._seen.setdefault((table, row_id), row.position)
        if other != row.position:
            place = self.sheet.place(other)
            self._fault(row, "import_twice", "", found=label, other=place.text(), other_zh=place.text("zh"))
            return False
        self.held.touched.add(row_id)
        before = None if known is None else known.values
        if self.terms.clear_empty and before is not None and table == self.mapping.table:
            values |= {name: [] if name == "sectors" else None for name in row.cleared
                       if name in before and name not in _NEVER_CLEARED}  # fmt: skip
        found = checked(table, {**(before or {}), **values}, self.district)
        if not isinstance(found, list) and found != before:
            # what changes gets the source and the day of this import, unless the row says its own
            stamp = {"source": self.terms.source, "as_of": self.terms.as_of}
            values = {**{name: value for name, value in stamp.items() if value is not None}, **values}
            found = checked(table, {**(before or {}), **values}, self.district)
        if isinstance(found, list):
            self._model_faults(row, found, values, before or {})
            return False
        old = _NEW if before is None else before
        wanted = {name: new for name, new in found.items() if name != "id" and old.get(name) != new
                  and not (before is None and new in (None, []))}  # fmt: skip
        state: State = "new" if before is None else "changed" if wanted else "unchanged"
        self.held.rows.append(RowPreview(row.position, table, row_id, label, state, old, wanted))
        if state != "unchanged":
            self.held.changes.append(Change(table, row_id, wanted, 0 if known is None else known.version))
        return True

    def _rows(self, table: str) -> Mapping[str, StoredRow]:
        if table == "building":
            return self.towers.by_id
        return self.parcels.by_id if table == "site" else self.holdings.by_id

    def _model_faults(
        self, row: OfficeRow, faults: list[Fault], given: Mapping[str, Any], before: Mapping[str, Any]
    ) -> None:
        """Tell what is wrong with a record of which the row has ``given``, the registry ``before``."""
        unread = {fault.column for fault in self.read.faults if fault.row == row.position}
        year = given.get("year") if "tax_yuan" in given or "district_revenue_yuan" in given else None
        for wrong in faults:
            name, expected = _held_apart(wrong, given, before)
            column = self.read.place_of(name, year)
            if column is not None and column in unread:
                continue  # told already, in the words of the cell
            found = self.cell_text(row.position, column, name, year) or Shown(wrong.found, wrong.found_zh)
            told = self._told(row, expected, name, found, column)
            self.read.faults.append(CellFault(told, row.position, column))

    def cell_text(self, position: int, column: int | None, name: str, year: int | None) -> Shown:
        """Return what stands in the cell of a field, counted in yuan or m² where it is not.

        Empty where the figure stands in no cell of its own.
        """
        if column is None:
            return Shown("")
        reading = self.mapping.columns[column]
        cells = self.sheet.rows[position]
        cell = cells[column] if column < len(cells) else None
        if reading.field != name or reading.year not in {None, year} or is_empty(cell):
            return Shown("")
        text = shown(cell)
        if reading.unit and reading.unit not in reading.header:
            text = f"{text} {reading.unit}"
        header = self.mapping.header(reading)
        if header.kind not in _COUNTED or header.factor in {None, 1}:
            return Shown(text)
        counted, (unit, unit_zh) = f"{read_cell(cell, header):,.0f}", _COUNTED[header.kind]
        return Shown(f"{text} ({counted} {unit})", f"{text}（{counted} {unit_zh}）")

    def named(self, name: str, column: int | None) -> str:
        """Return how a fault names a field: with the office's own word for it."""
        return named(name, "" if column is None else self.mapping.columns[column].header)

    def _fault(
        self, row: OfficeRow, code: str, field_name: str, found: object = None, **values: object
    ) -> None:
        column = self.read.columns.get(field_name)
        text = "" if found is None else shown(found)
        told = self._told(row, Expected.of(code, **values), field_name, text, column)
        self.read.faults.append(CellFault(told, row.position, column))

    def _warn(self, row: OfficeRow, code: str, field_name: str, **values: object) -> None:
        column = self.read.columns.get(field_name)
        told = self._told(row, Expected.of(code, **values), field_name, "", column)
        self.held.warnings.append(CellFault(told, row.position, column))

    def _told(
        self, row: OfficeRow, expected: Expected, field_name: str, found: str, column: int | None
    ) -> Fault:
        name = row.values.get("id") or row.values.get("name") or row.values.get("building_name") or ""
        return Fault(
            expected,
            self.named(field_name, column),
            str(found),
            self.sheet.place(row.position),
            str(name)[:64],
            self.file,
            found.zh if isinstance(found, Shown) else "",
        )


def _held_apart(fault: Fault, given: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, Expected]:
    """Return the field that a fault is about and what was expected: of two that disagree, the one the row gives."""
    pair = _PAIRS.get(fault.expected.code)
    if pair is None:
        return fault.field, fault.expected
    first, second, of_first, of_second = pair
    if first in given and second in given:
        return first, fault.expected
    mine, kept, code = (first, second, of_first) if first in given else (second, first, of_second)
    value = before.get(kept)
    other = f"{value:,.0f}" if isinstance(value, int | float) else str(value)
    return mine, Expected.of(code, other=other, year=given.get("year", ""))


_DUTIES: Final = {"楼长": "head", "服务专员": "service", "专员": "service"}
