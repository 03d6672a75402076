"""Figures that an import would change by more than ten times: pointed out, for an office may well mean them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buildingmap.intake.reading import CellFault
from buildingmap.model.faults import Expected, Fault

if TYPE_CHECKING:
    from buildingmap.intake.holding import Holder, RowPreview

MOST_TIMES: Final = 10
_FIGURES: Final[dict[str, tuple[str, ...]]] = {
    "tax_record": ("tax_yuan", "district_revenue_yuan"),
    "building": ("floor_area_m2", "leasable_area_m2"),
    "floor": ("leasable_area_m2",),
    "unit": ("area_m2",),
    "tenant": ("area_m2",),
    "site": ("area_m2",),
}
_Key = tuple[Any, ...]


def jumps(holder: Holder) -> list[CellFault]:
    """Return a note for each figure beyond ten times the one it replaces, or a tenth of it; up and down.

    A tax that replaces none is held against that of the year before, of the same tower, quarter and kind.
    """
    fresh = {_key(values): values for row in holder.held.rows if row.table == "tax_record"
             for values in [{**row.before, **row.wanted}]}  # fmt: skip
    found = []
    for row in holder.held.rows:
        for name in _FIGURES.get(row.table, ()):
            new, old = row.wanted.get(name), row.before.get(name)
            tax = row.table == "tax_record"
            if new and old and _far(new, old):
                found.append(
                    _note(holder, row, name, "tax_jump" if tax else "area_jump", other=f"{old:,.0f}")
                )
            before = _year_before(holder, row, name, fresh) if tax and new and not old else None
            if new and before and _far(new, before):
                year = _values(row)["year"] - 1
                found.append(_note(holder, row, name, "tax_jump_year", other=f"{before:,.0f}", year=year))
    return found


def _far(new: float, old: float) -> bool:
    return new > MOST_TIMES * old or MOST_TIMES * new < old


def _values(row: RowPreview) -> dict[str, Any]:
    return {**row.before, **row.wanted}


def _key(values: dict[str, Any], *, back: int = 0) -> _Key:
    return values["building_id"], values["year"] - back, values.get("quarter"), values.get("tax_type") or None


def _year_before(
    holder: Holder, row: RowPreview, name: str, fresh: dict[_Key, dict[str, Any]]
) -> float | None:
    key = _key(_values(row), back=1)
    own = fresh.get(key)
    known = holder.holdings.row_of(key) if own is None else None
    figure: float | None = own.get(name) if own is not None else None if known is None else known.values[name]
    return figure


def _note(holder: Holder, row: RowPreview, name: str, code: str, **values: object) -> CellFault:
    year = _values(row)["year"] if row.table == "tax_record" else None
    column = holder.read.place_of(name, year)
    found = holder.cell_text(row.position, column, name, year)
    fault = Fault(
        Expected.of(code, **values),
        holder.named(name, column),
        str(found) or f"{row.wanted[name]:,.0f}",
        holder.sheet.place(row.position),
        row.label[:64],
        holder.file,
        found.zh,
    )
    return CellFault(fault, row.position, column)
