"""A layer as a table: CSV and Excel with the same columns, which are those that the reader recognises."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from buildingmap.crs import geometries_from_wgs84
from buildingmap.layers.notes import guarded, note_line
from buildingmap.layers.writers.pinned import saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.cell import Cell

    from buildingmap.crs import Datum
    from buildingmap.layers.notes import ExportNote
    from buildingmap.model import Building, District, Lang

    Towers = Sequence[tuple[Building, shapely.Geometry]]

# field, Chinese header, width in Excel; the English header is the contract's own name
COLUMNS: Final = (
    ("id", "编号", 12),
    ("name", "楼宇名称", 26),
    ("name_en", "英文名称", 22),
    ("address", "地址", 26),
    ("cluster", "片区", 12),
    ("status", "状态", 12),
    ("completion_year", "竣工年份", 10),
    ("floors", "楼层数", 8),
    ("height_m", "高度(米)", 10),
    ("floor_area_m2", "建筑面积(平方米)", 16),
    ("leasable_area_m2", "可租赁面积(平方米)", 16),
    ("vacancy_rate", "空置率", 8),
    ("sector", "主导产业", 12),
    ("sectors", "产业标签", 24),
    ("tax_yuan", "年税收(元)", 16),
    ("district_revenue_yuan", "区级收入(元)", 16),
    ("tax_year", "税收年份", 10),
    ("grade", "楼宇等级", 10),
    ("grade_standard", "评定标准", 18),
    ("grade_date", "评定日期", 12),
    ("source", "来源", 30),
    ("as_of", "数据日期", 12),
    ("lon", "经度", 12),
    ("lat", "纬度", 12),
    ("wkt", "几何(WKT)", 30),
)
_OF_A_YEAR: Final = (("tax_yuan", "年税收(元)"), ("district_revenue_yuan", "区级收入(元)"))
FORMATS: Final = {
    "floor_area_m2": "#,##0.##", "leasable_area_m2": "#,##0.##", "tax_yuan": "#,##0.##", "investment_yuan": "#,##0.##",
    "district_revenue_yuan": "#,##0.##", "vacancy_rate": "0.0%", "lon": "0.000000", "lat": "0.000000",
    "points": "0.0", "index": "#,##0",
}  # fmt: skip
# Excel's own limit on one cell
LONGEST_EXCEL_CELL: Final = 32_767
_SHORTENED: Final[dict[Lang, str]] = {
    "zh": "轮廓过长、仅存位置点",
    "en": "Footprints too long for a cell, kept as points",
}
_SEPARATOR: Final = ";"
# what no XML document may hold; openpyxl refuses some of these and lets others pass
_NOT_IN_XML: Final = dict.fromkeys(
    (*range(9), 0xB, 0xC, *range(0xE, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd"
)
_PLACES: Final = frozenset({"lon", "lat"})


def _years(towers: Towers) -> list[int]:
    return sorted({record.year for building, _ in towers for record in building.tax_history})


def _in_datum(towers: Towers, datum: Datum) -> Towers:
    if datum == "wgs84" or not towers:
        return towers
    shapes = np.empty(len(towers), dtype=object)
    shapes[:] = [shape for _, shape in towers]
    moved = geometries_from_wgs84(datum, shapes)
    return [(building, shape) for (building, _), shape in zip(towers, moved, strict=True)]


def headers_of(years: Sequence[int], lang: Lang, datum: Datum) -> list[tuple[str, str]]:
    """Return (header, field) of every column; the places name the datum where it is not WGS84."""
    headers = [(chinese if lang == "zh" else field, field) for field, chinese, _ in COLUMNS]
    if datum != "wgs84":
        headers = [(f"{name}({datum})" if field in _PLACES else name, field) for name, field in headers]
    headers += [
        (f"{year}年{chinese}" if lang == "zh" else f"{field}_{year}", field)
        for year in years
        for field, chinese in _OF_A_YEAR
    ]
    return headers


STATUS_WORDS: Final = {"existing": "已建成", "under_construction": "在建", "planned": "规划"}


def _labels(district: District | None, lang: Lang) -> dict[str, dict[str, str]]:
    """Return what stands for the ids of a field: the district's own Chinese words; the ids in English."""
    if district is None or lang == "en":
        return {}
    sectors = {sector.id: sector.zh for sector in district.sectors if _SEPARATOR not in sector.zh}
    clusters = {cluster.id: cluster.zh for cluster in district.clusters}
    return {"cluster": clusters, "status": dict(STATUS_WORDS), "sector": sectors}


def _cells(
    building: Building, shape: shapely.Geometry, years: Sequence[int], labels: dict[str, dict[str, str]]
) -> list[Any]:
    inside = shapely.point_on_surface(shape)
    sectors = labels.get("sector", {})
    places: dict[str, Any] = {
        "lon": shapely.get_x(inside),
        "lat": shapely.get_y(inside),
        "wkt": shapely.to_wkt(shape, rounding_precision=-1),
        "sectors": _SEPARATOR.join(sectors.get(tag, tag) for tag in building.sectors) or None,
    }
    for field, words in labels.items():
        value = getattr(building, field)
        places[field] = words.get(value, value)
    cells = [places[field] if field in places else getattr(building, field) for field, _, _ in COLUMNS]
    by_year = {record.year: record for record in building.tax_history}
    for year in years:
        cells += [getattr(by_year.get(year), field, None) for field, _ in _OF_A_YEAR]
    return [plain_number(cell) for cell in cells]


def plain_number(cell: Any) -> Any:
    """Return 12.0 as 12; anything else as it is."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - exact as an integer
        return int(cell)
    return cell


def write_csv(
    towers: Towers,
    note: ExportNote,
    *,
    lang: Lang = "zh",
    district: District | None = None,
    datum: Datum = "wgs84",
) -> bytes:
    """Return a CSV table in UTF-8 with a byte-order mark, for Excel's sake.

    In Chinese, clusters, sectors and statuses stand under the words of ``district``, else under their ids.
    Places are in ``datum``, which their headers name unless it is WGS84. It begins with note lines that
    start with ``#``. Text that a spreadsheet would run as a formula has one apostrophe before it, which ``check``
    takes back.
    """
    years, labels = _years(towers), _labels(district, lang)
    towers, note = _in_datum(towers, datum), replace(note, datum=datum)
    text = io.StringIO(newline="")
    for word, value in note.lines(lang):
        text.write(note_line(word, value) + "\r\n")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([header for header, _ in headers_of(years, lang, datum)])
    for building, shape in towers:
        writer.writerow([csv_cell(cell) for cell in _cells(building, shape, years, labels)])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def csv_cell(cell: Any) -> Any:
    """Return a cell as CSV holds it: text guarded, dates as ISO 8601."""
    if isinstance(cell, str):
        return guarded(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def write_excel(
    towers: Towers,
    note: ExportNote,
    *,
    lang: Lang = "zh",
    district: District | None = None,
    datum: Datum = "wgs84",
) -> bytes:
    """Return a workbook (.xlsx): the towers on the first sheet, the note on the second, no formula anywhere.

    In Chinese, clusters, sectors and statuses stand under the words of ``district``, else under their ids.
    A shape whose WKT is longer than Excel's cell (32,767 characters) is left as the point in 经度, 纬度, and the
    note's sheet names the tower.
    """
    years, labels = _years(towers), _labels(district, lang)
    towers, note = _in_datum(towers, datum), replace(note, datum=datum)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("楼宇" if lang == "zh" else "Towers")
    headers = headers_of(years, lang, datum)
    _lay_out(sheet, headers)
    sheet.append([heading(sheet, header) for header, _ in headers])
    shortened = []
    for building, shape in towers:
        cells = _cells(building, shape, years, labels)
        wkt = next(place for place, (field, _, _) in enumerate(COLUMNS) if field == "wkt")
        if len(cells[wkt]) > LONGEST_EXCEL_CELL:
            cells[wkt] = None
            shortened.append(building.id)
        sheet.append(
            [excel_cell(sheet, cell, field) for cell, (_, field) in zip(cells, headers, strict=True)]
        )
    _about_sheet(book, note, shortened, lang)
    return saved(book, note.exported_at)


def _lay_out(sheet: Any, headers: Sequence[tuple[str, str]]) -> None:
    widths = {field: width for field, _, width in COLUMNS}
    for place, (_, field) in enumerate(headers, 1):
        sheet.column_dimensions[get_column_letter(place)].width = widths[field]
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}1"


def heading(sheet: Any, text: str) -> Cell:
    """Return a header cell, bold and never a formula."""
    cell: Cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.font = Font(bold=True)
    return cell


def excel_cell(sheet: Any, value: Any, field: str) -> Any:
    """Return a cell of ``sheet``, never a formula; ``field`` names its number format."""
    if value is None:
        return None
    if isinstance(value, str):
        value = xml_text(value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        # openpyxl takes a leading = for a formula and #N/A for an error: here text is text
        cell.data_type = "s"
        cell.quotePrefix = True
    elif field in FORMATS:
        cell.number_format = FORMATS[field]
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _about_sheet(book: Workbook, note: ExportNote, shortened: Sequence[str], lang: Lang) -> None:
    """Add the sheet that says what the export is."""
    sheet = book.create_sheet("说明" if lang == "zh" else "About")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 90
    for word, text in about_lines(note, shortened, lang):
        sheet.append([excel_cell(sheet, word, ""), excel_cell(sheet, text[:LONGEST_EXCEL_CELL], "")])


def xml_text(text: str) -> str:
    """Return ``text`` as a workbook can hold it; a line ends in one way."""
    return text.translate(_NOT_IN_XML).replace("\r\n", "\n").replace("\r", "\n")


def about_lines(
    note: ExportNote,
    shortened: Sequence[str],
    lang: Lang,
    *,
    words: dict[Lang, str] | None = None,
) -> list[tuple[str, str]]:
    """Return what the export is, as words and texts; ``shortened`` names the rows that lost what ``words`` say.

    Without ``words``, they are towers that are kept as points.
    """
    lines = note.lines(lang)
    if shortened:
        lines.append((_SHORTENED[lang] if words is None else words[lang], ", ".join(shortened)))
    return lines
