"""What tables and fields of the registry are called in the languages of their readers, and how a value is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.model.district import District
    from buildingmap.model.faults import Lang

# English, Chinese
TABLE_NAMES: Final[dict[str, tuple[str, str]]] = {
    "building": ("Tower", "楼宇"),
    "tax_record": ("Tax record", "税收记录"),
    "tenant": ("Tenant", "入驻企业"),
    "floor": ("Floor", "楼层"),
    "unit": ("Lettable unit", "单元"),
    "service_officer": ("Service officer", "服务专员"),
    "document": ("Document", "来源文件"),
    "project": ("Project", "项目"),
    "milestone": ("Milestone", "项目节点"),
    "goal": ("Goal", "年度目标"),
    "site": ("Site", "地块"),
    "plan": ("Plan", "方案"),
    "import_mapping": ("Import mapping", "导入对照"),
    "registry": ("The registry itself", "登记库本身"),
}
FIELD_NAMES: Final[dict[str, tuple[str, str]]] = {
    "id": ("Id", "编号"),
    "building_id": ("Id of the tower", "楼宇编号"),
    "building_name": ("Name of the tower", "楼宇名称"),
    "name": ("Name", "名称"),
    "name_en": ("English name", "英文名称"),
    "address": ("Address", "地址"),
    "cluster": ("Cluster", "片区"),
    "status": ("Status", "状态"),
    "completion_year": ("Completion year", "竣工年份"),
    "floors": ("Floors", "楼层"),
    "height_m": ("Height", "高度"),
    "floor_area_m2": ("Gross floor area", "建筑面积"),
    "leasable_area_m2": ("Leasable area", "可租赁面积"),
    "vacancy_rate": ("Vacancy rate", "空置率"),
    "sector": ("Sector", "产业"),
    "sectors": ("Sector tags", "产业标签"),
    "grade": ("Grade", "楼宇等级"),
    "grade_standard": ("Grade standard", "评定标准"),
    "grade_date": ("Graded on", "评定日期"),
    "source": ("Source", "来源"),
    "as_of": ("As of", "数据日期"),
    "year": ("Year", "年份"),
    "quarter": ("Quarter", "季度"),
    "tax_type": ("Kind of tax", "税种"),
    "tax_yuan": ("Total tax", "全口径税收"),
    "district_revenue_yuan": ("District revenue", "区级收入"),
    "tax_year": ("Tax year", "税收年份"),
    "tax_history": ("Tax of all years", "历年税收"),
    "taxpayer_count": ("Taxpayers", "纳税户数"),
    "band": ("Tax band", "税收分档"),
    "past_mark": ("Past the mark", "是否过线"),
    "uscc": ("Unified social credit code", "统一社会信用代码"),
    "area_m2": ("Area", "面积"),
    "lease_start": ("Lease from", "起租日"),
    "lease_end": ("Lease until", "到期日"),
    "locally_registered": ("Registered here", "属地注册"),
    "locally_taxed": ("Taxed here", "属地纳税"),
    "registered_address": ("Registered address", "注册地址"),
    "registration_moved_on": ("Registration moved away on", "迁出日期"),
    "moved_out_on": ("Moved out on", "退租日期"),
    "number": ("Floor", "楼层"),
    "floor": ("Floor", "楼层"),
    "use": ("Use", "用途"),
    "label": ("Label", "名称"),
    "position": ("Place along the floor", "位置序号"),
    "tenant_id": ("Id of the tenant", "企业编号"),
    "tenant_name": ("Name of the tenant", "企业名称"),
    "available_from": ("Available from", "可租日期"),
    "asking_rent_yuan_m2_day": ("Asking rent", "租金"),
    "duty": ("Duty", "职责"),
    "phone": ("Telephone", "电话"),
    "since": ("Since", "任职日期"),
    "title": ("Title", "标题"),
    "kind": ("Kind", "类别"),
    "reference": ("Where it lies", "档号"),
    "issued_on": ("Issued on", "签发日期"),
    "investment_yuan": ("Investment", "投资额"),
    "responsible": ("Responsible", "责任人"),
    "note": ("Note", "备注"),
    "planned_on": ("Planned for", "计划日期"),
    "expected_on": ("Expected on", "预计日期"),
    "done_on": ("Done on", "完成日期"),
    "measure": ("Measure", "指标"),
    "value": ("Goal", "目标值"),
    "unit": ("Unit", "单位"),
    "reached": ("Reached", "完成值"),
    "floor_area_ratio": ("Floor-area ratio", "容积率"),
    "height_limit_m": ("Height limit", "限高"),
    "earliest_year": ("Earliest year", "最早年份"),
    "rule": ("Rule", "规则"),
    "document": ("Document", "文档"),
    "registry_version": ("Version of the registry", "登记库版本"),
    "geometry": ("Place or outline", "位置或轮廓"),
    "wkt": ("Geometry (WKT)", "几何（WKT）"),
    "crs": ("Datum", "坐标系"),
    "lon": ("Longitude", "经度"),
    "lat": ("Latitude", "纬度"),
    # what the registry itself says of a row, and of all
    "version": ("Version", "版本"),
    "changed_at": ("Changed at", "修改时间"),
    "changed_by": ("Changed by", "修改者"),
    "uid": ("Id of the registry", "登记库标识"),
    "head": ("Last seal", "最后校验值"),
    "synthetic": ("Synthetic", "合成数据"),
    "created_at": ("Made at", "建立时间"),
}
# where the word for a field is another in one table
_OWN_NAMES: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("building", "name"): ("Name", "楼宇名称"),
    ("building", "floors"): ("Floors", "楼层数"),
    ("building", "sector"): ("Leading sector", "主导产业"),
    ("tenant", "name"): ("Company", "企业名称"),
    ("unit", "label"): ("Number of the unit", "房号"),
    ("service_officer", "name"): ("Name", "姓名"),
    ("site", "name"): ("Name of the parcel", "地块名称"),
    ("goal", "value"): ("Goal", "目标值"),
}
# what else a row may say in one of a few words
CHOICE_NAMES: Final[dict[str, tuple[str, str]]] = {
    "existing": ("existing", "已建成"),
    "under_construction": ("under construction", "在建"),
    "planned": ("planned", "规划"),
    "head": ("head of the tower", "楼长"),
    "service": ("service officer", "服务专员"),
    "land": ("land granted", "供地"),
    "permit": ("building permit", "施工许可"),
    "start": ("start of work", "开工"),
    "topping_out": ("topping out", "封顶"),
    "hand_over": ("hand-over", "交付"),
    "open": ("open", "可选"),
    "fixed": ("fixed", "必选"),
    "forbidden": ("forbidden", "禁止"),
}
# the fields whose values these are
CHOICES: Final = frozenset({"status", "duty", "kind", "rule"})
# what the audit trail says was done
ACTION_NAMES: Final[dict[str, tuple[str, str]]] = {
    "create": ("registry made", "建立登记库"),
    "edit": ("edited", "修改"),
    "add": ("added", "新增"),
    "delete": ("deleted", "删除"),
    "import": ("imported", "导入"),
    "undo": ("undone", "撤销"),
    "restore": ("restored", "恢复"),
    "put back": ("backup put back", "已用备份恢复"),
    "outside": ("changed by another program", "其他程序修改"),
    "outside put back": ("written by another program and put back", "其他程序写入，已恢复原值"),
    "repaired": ("repaired", "已修复"),
    "schema": ("schema brought up to date", "数据库结构已更新"),
    "account added": ("account added", "新增账户"),
    "account disabled": ("account closed", "停用账户"),
    "account enabled": ("account opened", "启用账户"),
    "role changed": ("role changed", "变更角色"),
    "password changed": ("password changed", "修改密码"),
    "token added": ("token made", "生成令牌"),
    "password kept anew": ("password kept in a safer form", "密码已改用更安全的方式保存"),
    "password reset": ("password reset", "重置密码"),
    "accounts acknowledged": ("accounts taken as another program left them", "确认其他程序改动的账户"),
    "accounts moved": ("accounts moved to their own store", "账户已移至独立存储"),
    "provider known": ("signed in through the provider for the first time", "首次通过登录服务登录"),
    "token revoked": ("token revoked", "吊销令牌"),
}
# a field as a fault names it: its key, the part of it, and the header that it stands under in a file
_KEY: Final = re.compile(r"(?P<key>[a-z][a-z0-9_]*)(?P<rest>$| \(.*|[.@\[].*)", re.DOTALL)
# numbers of fewer digits are years and counts: they are read without their thousands apart
_GROUPED_FROM: Final = 10_000
_MOST_WHOLE: Final = 1e18


def table_name(table: str, lang: Lang) -> str:
    """Return what a table of the registry is called; another word stays as it is."""
    names = TABLE_NAMES.get(table)
    return table if names is None else names[lang == "zh"]


def action_name(action: str, lang: Lang) -> str:
    """Return what was done, as the audit trail has it; another word stays as it is."""
    names = ACTION_NAMES.get(action)
    return action if names is None else names[lang == "zh"]


def field_name(field: str, lang: Lang, *, table: str = "") -> str:
    """Return what a field is called, in ``table`` where it has a name of its own there.

    ``tax_yuan (年税收)`` keeps what is in brackets, the header of a file, where that is another.
    """
    match = _KEY.fullmatch(field)
    names = None if match is None else _OWN_NAMES.get((table, match["key"])) or FIELD_NAMES.get(match["key"])
    if names is None or match is None:
        return field
    name = names[lang == "zh"]
    return name if match["rest"] == f" ({name})" else f"{name}{match['rest']}"


def choices_text(names: Mapping[str, tuple[str, str]], lang: Lang) -> str:
    """List what may be chosen, each by its name (English, Chinese) with the id that programs write."""
    if lang == "zh":
        return "、".join(f"{zh}（{each}）" for each, (_, zh) in names.items())
    return ", ".join(each if en == each else f"{en} ({each})" for each, (en, _) in names.items())


def figure(value: float) -> str:
    """Write a number as people do: without the .0 of a whole one, from 10,000 on with its thousands apart."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _MOST_WHOLE:
        value = int(value)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= _GROUPED_FROM else f"{value}"
    return f"{value:,.15g}" if abs(value) >= _GROUPED_FROM else f"{value:.15g}"


def value_text(value: object, lang: Lang, *, field: str = "", district: District | None = None) -> str:
    """Write a value of the registry: a dash for none, yes and no in words, numbers as figures.

    ``field``: whose value it is, so that a choice is written by its name; clusters and sectors by those of
    ``district``.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return (("no", "否"), ("yes", "是"))[value][lang == "zh"]
    if isinstance(value, int | float):
        return figure(value)
    if isinstance(value, list | tuple):
        parts = (value_text(each, lang, field=field, district=district) for each in value)
        return ("、" if lang == "zh" else ", ").join(parts)
    return _choice_text(str(value), lang, field, district)


def _choice_text(value: str, lang: Lang, field: str, district: District | None) -> str:
    if field in {"cluster", "sector", "sectors"} and district is not None:
        group = district.clusters if field == "cluster" else district.sectors
        return next((entry.label(lang) for entry in group if entry.id == value), value)
    return CHOICE_NAMES[value][lang == "zh"] if field in CHOICES and value in CHOICE_NAMES else value
