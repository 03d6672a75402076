"""An empty table of towers to fill in: the columns of an export, with drop-downs and a word on each column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from buildingmap.layers.writers.pinned import saved
from buildingmap.layers.writers.tables import COLUMNS, FORMATS, STATUS_WORDS, headers_of
from buildingmap.model import EXPECTATIONS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.model import District, Lang

_NO_MOMENT: Final = datetime(
    2000, 1, 1, tzinfo=UTC
)  # a template is made at no time: equal districts, equal bytes
_LAST_ROW: Final = 10_000
_NEEDED: Final = ("id", "name")
_MEANINGS: Final = {
    "lon": ("经度，度（WGS84）；改为其他坐标系时在表头写明，如 经度(gcj02)",
            "longitude, degrees of WGS84; another datum stands in the header, as in lon (gcj02)"),
    "lat": ("纬度，度（WGS84）", "latitude, degrees of WGS84"),
    "wkt": ("轮廓（WKT），可空；有轮廓时以轮廓为准", "the footprint as WKT, may be empty; it comes before lon and lat"),
    "sectors": ("本区产业，多个以分号分隔", "the district's sectors, parted by semicolons"),
    "cluster": ("从下拉列表选择；空则按边界判定", "from the list; when empty, by the boundary around it"),
    "status": ("从下拉列表选择", "from the list"),
    "sector": ("从下拉列表选择", "from the list"),
}  # fmt: skip
_WORDS: Final = {
    "zh": {
        "sheet": "楼宇", "about": "说明", "needed": "必填。", "wrong": "请从下拉列表中选择",
        "lines": ("每行一栋楼宇；表头不要改动，批注说明含义与单位", "不知道的留空，不要填 0 或“无”",
                  "历年税收可另加列，如 2022年年税收(元)、2022年区级收入(元)", "填好后即可导入"),
    },
    "en": {
        "sheet": "Towers", "about": "About", "needed": "Needed. ", "wrong": "Choose from the list",
        "lines": ("One row a tower; leave the headers as they are, their comments give meaning and unit",
                  "Leave empty what is not known: neither 0 nor a dash",
                  "Taxes of other years go into columns of their own: tax_yuan_2022, district_revenue_yuan_2022",
                  "Once filled in, it can be imported"),
    },
}  # fmt: skip


def write_template(district: District, *, lang: Lang = "zh") -> bytes:
    """Return a workbook (.xlsx) with the header of a table of towers and no row, to be filled in and read back.

    Clusters, statuses and leading sectors have drop-downs in the words of ``lang``; a comment on each header says
    what belongs there and in which unit. The sheet 说明 holds the lists.
    """
    words: Any = _WORDS[lang]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = words["sheet"]
    headers = headers_of((), lang, "wgs84")
    widths = {field: width for field, _, width in COLUMNS}
    for place, (text, field) in enumerate(headers, start=1):
        cell = sheet.cell(1, place, text)
        cell.data_type = "s"
        cell.font = Font(bold=True)
        cell.comment = Comment(_meaning(field, district, lang), "buildingmap", width=320, height=100)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = widths[field]
        sheet.column_dimensions[letter].number_format = FORMATS.get(field, "General")
    sheet.freeze_panes = "C2"
    lists = _lists(district, lang)
    _about(book, words, lists)
    places = {field: get_column_letter(place) for place, (_, field) in enumerate(headers, start=1)}
    for number, (field, entries) in enumerate(lists.items()):
        column = get_column_letter(_FIRST_LIST + number)
        choice = DataValidation(
            "list",
            formula1=f"'{words['about']}'!${column}$2:${column}${len(entries) + 1}",
            allow_blank=True,
            showErrorMessage=True,
            error=words["wrong"],
        )
        choice.add(f"{places[field]}2:{places[field]}{_LAST_ROW}")
        sheet.add_data_validation(choice)
    return saved(book, _NO_MOMENT)


_FIRST_LIST: Final = 4


def _lists(district: District, lang: Lang) -> dict[str, list[str]]:
    # an export's own words: Chinese names, or the ids
    if lang == "en":
        return {
            "cluster": [cluster.id for cluster in district.clusters],
            "status": list(STATUSES),
            "sector": [sector.id for sector in district.sectors],
        }
    return {
        "cluster": [cluster.zh for cluster in district.clusters],
        "status": [STATUS_WORDS[status] for status in STATUSES],
        "sector": [sector.zh for sector in district.sectors],
    }


def _about(book: Workbook, words: Any, lists: dict[str, list[str]]) -> None:
    sheet = book.create_sheet(words["about"])
    sheet.column_dimensions["A"].width = 90
    for row, line in enumerate(words["lines"], start=1):
        sheet.cell(row, 1, line)
    for number, (field, entries) in enumerate(lists.items()):
        _column(sheet, _FIRST_LIST + number, [field, *entries])


def _column(sheet: Any, column: int, texts: Sequence[str]) -> None:
    sheet.column_dimensions[get_column_letter(column)].width = 20
    for row, text in enumerate(texts, start=1):
        cell = sheet.cell(row, column, text)
        cell.data_type = "s"  # a district's word is never a formula
        cell.quotePrefix = True


def _meaning(field: str, district: District, lang: Lang) -> str:
    words: Any = _WORDS[lang]
    needed = words["needed"] if field in _NEEDED else ""
    if field in _MEANINGS:
        text = _MEANINGS[field][lang == "en"]
        names = ", ".join(sector.label(lang) for sector in district.sectors)
        return needed + (f"{text}: {names}" if field == "sectors" else text)
    english, chinese = EXPECTATIONS[field]
    return needed + (english if lang == "en" else chinese)
