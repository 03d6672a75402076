"""The user's own table with what an import finds and would change, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import shapely

from buildingmap.layers.writers import CellNote, write_annotated
from buildingmap.model.names import field_name, table_name, value_text
from buildingmap.sites import outline_words

if TYPE_CHECKING:
    from buildingmap.crs import MetricSystem
    from buildingmap.intake.holding import RowPreview
    from buildingmap.intake.preview import Preview
    from buildingmap.model import District, Lang

_Places = dict[tuple[str | None, int | None], int]
_NEW: Final = {"zh": "新增", "en": "new"}
_LONGEST: Final = 80


def annotated(preview: Preview, *, lang: Lang = "zh") -> bytes:
    """Return a copy of the previewed file as a workbook (.xlsx): faults, notes, new rows and changed cells marked."""
    chosen = preview.chosen
    notes = [CellNote(found.row, found.column, "fault", found.fault.line(lang)) for found in preview.faults]
    notes += [
        CellNote(found.row, found.column, "warning", found.fault.line(lang)) for found in preview.unread
    ]
    column_of: _Places = {}
    for column in chosen.mapping.columns:
        column_of[column.field, column.year] = column.position
    for row in preview.rows:
        notes += _changes(row, column_of, preview, lang)
    position_of = {chosen.sheet.place(row): row for row in chosen.table.rows}
    notes += [
        CellNote(position_of.get(fault.place), None, "warning", fault.line(lang))
        for fault in preview.warnings
    ]
    return write_annotated(chosen.grid, {chosen.grid.sheets.index(chosen.sheet): notes}, lang=lang)


def _changes(row: RowPreview, column_of: _Places, preview: Preview, lang: Lang) -> list[CellNote]:
    if row.state == "new" and row.table == preview.chosen.mapping.table:
        return [
            CellNote(row.position, None, "new", f"{table_name(row.table, lang)} {row.row_id}: {_NEW[lang]}")
        ]
    # the taxes in a row of towers are rows of their own, of a year
    year = row.cells.get("year", (None, None))[1]
    found = []
    for field in row.cells:
        column = column_of.get((field, year), column_of.get((field, None)))
        if column is not None:
            found.append(CellNote(row.position, column, "changed", change_text(row, field, preview, lang)))
    return found


def change_text(row: RowPreview, field: str, preview: Preview, lang: Lang) -> str:
    """Return what changes in one field of a row, "Cluster: CBD → Xinduxin"."""
    old, new = (
        shape_text(value, lang, preview.district.metric)
        if field == "geometry"
        else text_of(value, lang, field, preview.district)
        for value in row.cells[field]
    )
    return f"{field_name(field, lang, table=row.table)}: {old} → {new}"


def shape_text(value: str | None, lang: Lang, metric: MetricSystem) -> str:
    """Return a parcel's outline, hexadecimal WKB in WGS84, in a few words: its corners and its area."""
    return text_of(None, lang) if value is None else outline_words(shapely.from_wkb(value), lang, metric)


def text_of(value: Any, lang: Lang, field: str = "", district: District | None = None) -> str:
    """Return a value of the registry as a short text: a dash for None, figures and choices as people write them."""
    text = value_text(value, lang, field=field, district=district)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
