"""What an office's table may be a table of, and the words its columns go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildingmap.layers.headers import FIELDS, TOWERS, Vocabulary

if TYPE_CHECKING:
    from buildingmap.layers.headers import Fields
    from buildingmap.model import Lang

_TOWER: Final[Fields] = {
    "building_id": ("text", ("楼宇编号", "楼宇编码", "所属楼宇编号", "building id")),
    "building_name": (
        "text",
        ("楼宇名称", "楼宇", "楼名", "所在楼宇", "入驻楼宇", "所属楼宇", "大厦名称", "building"),
    ),
}
_STANDING: Final[Fields] = {"source": FIELDS["source"], "as_of": FIELDS["as_of"]}
# where a tower's own words would not be another field's
_TOWER_SHORT: Final[Fields] = {
    "building_id": ("text", (*_TOWER["building_id"][1], "编号", "编码")),
    "building_name": ("text", (*_TOWER["building_name"][1], "名称", "项目名称")),
}


@dataclass(frozen=True, eq=False)
class Target:
    """One table of the registry as offices keep it.

    ``keys``: the fields that tell one row from another, besides its ``id``. ``marks``: fields that only this
    table has; where one of them stands, the table is of this kind.
    """

    table: str
    zh: str
    en: str
    vocabulary: Vocabulary
    keys: tuple[str, ...]
    marks: frozenset[str]

    def label(self, lang: Lang) -> str:
        """Return the name of the table in ``lang``."""
        return self.en if lang == "en" else self.zh

    @property
    def of_towers(self) -> bool:
        """Whether its rows are the towers themselves."""
        return self.table == "building"

    @property
    def of_sites(self) -> bool:
        """Whether its rows are candidate parcels."""
        return self.table == "site"

    @property
    def of_places(self) -> bool:
        """Whether a row of it stands somewhere: a tower or a parcel, which may be new by its id or name alone."""
        return self.of_towers or self.of_sites

    @property
    def named_by(self) -> frozenset[str]:
        """The fields of which a table must have one, so that it is known what its rows are about."""
        return frozenset({"id", "name"} if self.of_places else {"building_id", "building_name"})


_TAX: Final[Fields] = {
    "id": ("text", ("记录编号",)),
    **_TOWER_SHORT,
    "year": ("year", ("年份", "年度", "税收年份", "统计年度", "统计年份", "所属年度", "tax year")),
    "quarter": ("quarter", ("季度", "所属季度")),
    "tax_type": ("text", ("税种", "tax type")),
    "tax_yuan": FIELDS["tax_yuan"],
    "district_revenue_yuan": FIELDS["district_revenue_yuan"],
    "taxpayer_count": ("integer", ("纳税户数", "纳税企业数", "纳税户", "taxpayers")),
    **_STANDING,
}
_TENANT: Final[Fields] = {
    "id": ("text", ("企业编号", "租户编号")),
    **_TOWER,
    "name": (
        "text",
        ("企业名称", "公司名称", "单位名称", "入驻企业", "租户", "租户名称", "承租方", "tenant", "company"),
    ),
    "uscc": ("text", ("统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号")),
    "sector": ("text", ("行业", "所属行业", "产业", "所属产业", "行业类别", "主导产业")),
    "floors": ("text", ("楼层", "所在楼层", "入驻楼层", "租赁楼层")),
    "area_m2": ("area", ("面积", "租赁面积", "租用面积", "承租面积", "使用面积", "办公面积", "leased area")),
    "lease_start": ("day", ("起租日", "起租日期", "租赁开始日期", "租期起", "合同开始日期", "lease start")),
    "lease_end": (
        "day",
        ("到期日", "到期日期", "租赁到期日", "租赁到期日期", "租期止", "合同到期日", "lease end"),
    ),
    "locally_registered": ("flag", ("属地注册", "是否属地注册", "本地注册", "注册在本区")),
    "locally_taxed": ("flag", ("属地纳税", "是否属地纳税", "本地纳税", "纳税在本区")),
    "registered_address": ("text", ("注册地址", "工商注册地址", "registered address")),
    "registration_moved_on": ("day", ("迁出日期", "注册迁出日期", "工商迁出日期")),
    "moved_out_on": ("day", ("退租日期", "搬离日期", "撤场日期")),
    **_STANDING,
}
_FLOOR: Final[Fields] = {
    "id": ("text", ("楼层编号",)),
    **_TOWER,
    "number": ("integer", ("楼层", "层", "楼层号", "floor")),
    "leasable_area_m2": FIELDS["leasable_area_m2"],
    "use": ("text", ("用途", "楼层用途", "功能")),
    **_STANDING,
}
_UNIT: Final[Fields] = {
    "id": ("text", ("单元编号",)),
    **_TOWER,
    "floor": ("integer", ("楼层", "层", "所在楼层")),
    "label": ("text", ("房号", "房间号", "单元", "单元号", "室号", "unit")),
    "area_m2": ("area", ("面积", "单元面积", "可租面积", "建筑面积", "area")),
    "position": ("integer", ("位置序号",)),
    "tenant_id": ("text", ("企业编号", "租户编号")),
    "available_from": ("day", ("可租日期", "起租时间", "可入驻日期", "available from")),
    "asking_rent_yuan_m2_day": ("rent", ("租金", "报价", "租金报价", "挂牌租金", "asking rent")),
    **_STANDING,
}
_OFFICER: Final[Fields] = {
    "id": ("text", ("人员编号",)),
    **_TOWER,
    "name": ("text", ("姓名", "楼长", "服务专员", "专员", "officer")),
    "duty": ("text", ("职责", "职务")),
    "phone": ("text", ("电话", "联系电话", "手机", "联系方式")),
    "since": ("day", ("任职日期", "起始日期")),
    **_STANDING,
}
_SITE: Final[Fields] = {
    "id": (
        "text",
        (
            "地块编号",
            "地块编码",
            "地块号",
            "宗地编号",
            "宗地号",
            "宗地代码",
            "编号",
            "编码",
            "site id",
            "parcel id",
        ),
    ),
    "name": (
        "text",
        ("地块名称", "宗地名称", "地块", "地块名", "名称", "site name", "parcel name", "site", "parcel"),
    ),
    "cluster": FIELDS["cluster"],
    "area_m2": (
        "land",
        (
            "用地面积",
            "地块面积",
            "宗地面积",
            "土地面积",
            "占地面积",
            "面积",
            "site area",
            "land area",
            "parcel area",
        ),
    ),
    "floor_area_ratio": (
        "number",
        ("容积率", "规划容积率", "容积率上限", "floor area ratio", "far", "plot ratio"),
    ),
    "height_limit_m": ("length", ("限高", "建筑限高", "高度限制", "限制高度", "控制高度", "height limit")),
    "earliest_year": (
        "year",
        ("最早供地年份", "供地年份", "可供年份", "最早可供年份", "最早年份", "计划供地年份", "earliest year"),
    ),
    "rule": ("rule", ("管控", "管控要求", "规则", "选址规则", "固定/禁止", "规划管控", "rule")),
    "wkt": ("text", ("几何", "几何(wkt)", "边界", "wkt", "geometry")),
    **_STANDING,
}

# what a row is taken to be of where it does not say: the whole year, all taxes, the file's year, the usual duty
ASSUMED: Final = frozenset({"year", "tax_year", "quarter", "tax_type", "duty"})
# in the order in which a table that fits two is taken for one
TARGETS: Final[dict[str, Target]] = {
    target.table: target
    for target in (
        Target("tax_record", "税收记录", "Taxes", Vocabulary(_TAX), ("building_id", "year", "quarter", "tax_type"),
               frozenset({"quarter", "tax_type", "taxpayer_count"})),
        Target("building", "楼宇", "Towers", TOWERS, ("name",), frozenset({"lon", "wkt", "floor_area_m2"})),
        Target("tenant", "入驻企业", "Tenants", Vocabulary(_TENANT), ("building_id", "name"),
               frozenset({"uscc", "lease_end", "lease_start", "locally_registered", "locally_taxed", "name"})),
        Target("unit", "房源单元", "Units", Vocabulary(_UNIT), ("building_id", "floor", "label"), frozenset({"label"})),
        Target("floor", "楼层", "Floors", Vocabulary(_FLOOR), ("building_id", "number"), frozenset({"number"})),
        Target("service_officer", "服务人员", "Service officers", Vocabulary(_OFFICER), ("building_id", "name", "duty"),
               frozenset({"phone"})),
        Target("site", "可建地块", "Sites", Vocabulary(_SITE), ("name",),
               frozenset({"floor_area_ratio", "height_limit_m", "earliest_year", "rule"})),
    )
}  # fmt: skip
