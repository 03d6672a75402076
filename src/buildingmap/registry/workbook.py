"""The whole registry as one workbook: a sheet for each table, in words that the import reads back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import shapely
from sqlalchemy import Date, select

from buildingmap.layers.writers import Column, ExportNote, Sheet, write_sheets
from buildingmap.registry import history
from buildingmap.registry.rows import fields_of, table_of
from buildingmap.registry.schema import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildingmap.model import Lang
    from buildingmap.registry.store import Registry

    Values = Mapping[str, Any]

# every table but plans and import mappings, which are documents for programs
SHEETS: Final[dict[str, tuple[str, str]]] = {
    "building": ("楼宇", "Towers"),
    "tax_record": ("税收记录", "Taxes"),
    "tenant": ("入驻企业", "Tenants"),
    "floor": ("楼层", "Floors"),
    "unit": ("房源单元", "Units"),
    "service_officer": ("服务人员", "Service officers"),
    "document": ("文件资料", "Documents"),
    "project": ("在建规划项目", "Projects"),
    "milestone": ("项目节点", "Milestones"),
    "goal": ("年度目标", "Goals"),
    "site": ("可建地块", "Sites"),
}
_CHINESE: Final = {
    "id": "编号", "building_id": "楼宇编号", "building_name": "楼宇名称", "source": "来源", "as_of": "数据日期",
    "name_en": "英文名称", "address": "地址", "cluster": "片区", "status": "状态", "completion_year": "竣工年份",
    "height_m": "高度(米)", "floor_area_m2": "建筑面积(平方米)", "leasable_area_m2": "可租赁面积(平方米)",
    "vacancy_rate": "空置率", "sector": "所属行业", "sectors": "产业标签", "grade": "楼宇等级",
    "grade_standard": "评定标准", "grade_date": "评定日期", "year": "年份", "quarter": "季度", "tax_type": "税种",
    "tax_yuan": "税收(元)", "district_revenue_yuan": "区级收入(元)", "taxpayer_count": "纳税户数",
    "uscc": "统一社会信用代码", "area_m2": "面积(平方米)", "lease_start": "起租日", "lease_end": "到期日",
    "locally_registered": "属地注册", "locally_taxed": "属地纳税", "registered_address": "注册地址",
    "registration_moved_on": "迁出日期", "moved_out_on": "退租日期", "number": "楼层", "use": "用途", "floor": "楼层",
    "floors": "楼层", "label": "名称", "position": "位置序号", "tenant_id": "企业编号", "available_from": "可租日期",
    "asking_rent_yuan_m2_day": "租金(元/平方米/天)", "duty": "职责", "phone": "电话", "since": "任职日期",
    "title": "标题", "kind": "类别", "reference": "档号", "issued_on": "签发日期", "investment_yuan": "投资额(元)",
    "responsible": "责任人", "note": "备注", "planned_on": "计划日期", "expected_on": "预计日期",
    "done_on": "完成日期", "measure": "指标", "value": "目标值", "unit": "单位", "reached": "完成值",
    "floor_area_ratio": "容积率", "height_limit_m": "限高(米)", "earliest_year": "最早年份", "rule": "规则",
    "wkt": "几何(WKT)",
}  # fmt: skip
# where a word would mean another field of its table
_OWN_CHINESE: Final = {
    ("building", "name"): "楼宇名称", ("building", "floors"): "楼层数", ("building", "sector"): "主导产业",
    ("tax_record", "id"): "记录编号", ("tenant", "id"): "企业编号", ("tenant", "name"): "企业名称",
    ("floor", "id"): "楼层编号", ("unit", "id"): "单元编号", ("unit", "label"): "房号",
    ("service_officer", "id"): "人员编号", ("service_officer", "name"): "姓名", ("site", "name"): "地块名称",
}  # fmt: skip
_WIDE: Final = frozenset({"name", "building_name", "address", "registered_address", "title", "source"})
_LAST: Final = frozenset({"source", "as_of", "wkt"})
_SEPARATOR: Final = ";"
_YES: Final = {"zh": ("否", "是"), "en": ("no", "yes")}


def write_records(registry: Registry, *, lang: Lang = "zh", version: int | None = None) -> bytes:
    """Return a workbook (.xlsx) of every row of the registry as it stood at ``version``, by default now.

    One sheet a table, all of the same version; the towers' names stand beside their ids. Shapes are WKT in WGS84;
    one longer than a cell of Excel is left out, and the note's sheet names it. Raises UnknownRecordError.
    """
    registry.take_notice()
    with registry.database.reading() as connection:
        state = connection.execute(select(REGISTRY)).mappings().one()
        rows = (
            history.present(connection, SHEETS)
            if version is None
            else history.rows_at(connection, version, SHEETS)
        )
    note = ExportNote(
        title=state["title"],
        synthetic=state["synthetic"],
        source=state["source"],
        as_of=state["as_of"],
        exported_at=datetime.now(UTC).astimezone(),
        filter_text="",
        version=f"{state['uid'][:8]}-{state['version'] if version is None else version}",
        district=registry.district.name[lang],
    )
    names = {row_id: values["name"] for row_id, values in rows["building"].items()}
    sheets = [_sheet(table, list(rows[table].values()), names, lang) for table in SHEETS]
    return write_sheets(sheets, note, lang=lang)


def _sheet(table: str, rows: Sequence[Values], names: Mapping[str, str], lang: Lang) -> Sheet:
    fields = _fields(table)
    columns = [Column(_header(table, field, lang), 26 if field in _WIDE else 14, field) for field in fields]
    days = {column.name for column in table_of(table).columns if isinstance(column.type, Date)}
    cells = [[_cell(values, field, names, days, lang) for field in fields] for values in rows]
    return Sheet(SHEETS[table][lang == "en"], columns, cells)


def _fields(table: str) -> list[str]:
    fields = []
    for name in fields_of(table):
        fields.append("wkt" if name == "geometry" else name)
        if name == "building_id":
            fields.append("building_name")
    # the id first and where it comes from last, as people read a table
    return sorted(fields, key=lambda name: (name != "id", name in _LAST))


def _header(table: str, field: str, lang: Lang) -> str:
    if lang == "en":
        return field
    return _OWN_CHINESE.get((table, field)) or _CHINESE.get(field) or field


def _cell(values: Values, field: str, names: Mapping[str, str], days: set[str], lang: Lang) -> Any:
    if field == "building_name":
        return names.get(values["building_id"] or "")
    if field == "wkt":
        shape = values["geometry"]
        return None if shape is None else shapely.to_wkt(shapely.from_wkb(shape), rounding_precision=-1)
    value = values[field]
    if isinstance(value, bool):
        return _YES[lang][value]
    if isinstance(value, list):
        return _SEPARATOR.join(value) or None
    return date.fromisoformat(value) if field in days and value is not None else value
