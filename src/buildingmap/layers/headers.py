"""What a column's header says: which field, in which unit, of which year."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Final, Literal

Kind = Literal[
    "text",
    "status",
    "sectors",
    "history",
    "day",
    "year",
    "integer",
    "number",
    "money",
    "area",
    "length",
    "share",
    "flag",
    "quarter",
    "rent",
    "land",
    "rule",
]
Fields = Mapping[str, tuple[Kind, tuple[str, ...]]]

# Every field of a tower, its kind and the names that offices give it, besides its own name in the contract.
FIELDS: Final[Fields] = {
    "id": ("text", ("编号", "楼宇编号", "楼宇编码", "编码", "building id")),
    "name": ("text", ("楼宇名称", "名称", "楼宇", "楼名", "大厦名称", "项目名称", "building name")),
    "name_en": ("text", ("英文名称", "英文名", "楼宇英文名称", "english name")),
    "address": ("text", ("地址", "详细地址", "楼宇地址", "位置")),
    "cluster": ("text", ("片区", "所属片区", "集聚区", "所属集聚区", "板块")),
    "status": ("status", ("状态", "建设状态", "楼宇状态")),
    "completion_year": ("year", ("竣工年份", "建成年份", "竣工年度", "completion year")),
    "floors": ("integer", ("楼层数", "层数", "楼层", "总层数", "地上层数", "floor_num", "number of floors")),
    "height_m": ("length", ("高度", "建筑高度", "height")),
    "floor_area_m2": ("area", ("建筑面积", "总建筑面积", "floor area", "gross floor area")),
    "leasable_area_m2": ("area", ("可租赁面积", "可出租面积", "可租面积", "leasable area")),
    "vacancy_rate": ("share", ("空置率", "vacancy", "vacancy rate")),
    "sector": ("text", ("主导产业", "主导行业", "主导业态", "leading sector")),
    "sectors": ("sectors", ("产业标签", "行业标签", "产业类别", "sector tags")),
    "tax_yuan": (
        "money",
        ("年税收", "税收", "全口径税收", "税收总额", "年税收总额", "纳税总额", "tax", "annual tax", "total tax"),
    ),
    "district_revenue_yuan": ("money", ("区级收入", "区级税收", "区级财政收入", "区级留成", "district revenue")),
    "tax_year": ("year", ("年份", "税收年份", "年度", "统计年度", "统计年份", "tax year", "year")),
    "tax_history": ("history", ("历年税收",)),
    "grade": ("text", ("等级", "楼宇等级", "楼宇级别")),
    "grade_standard": ("text", ("评定标准", "等级标准", "grade standard")),
    "grade_date": ("day", ("评定日期", "等级评定日期", "grade date")),
    "source": ("text", ("来源", "数据来源")),
    "as_of": ("day", ("数据日期", "截至日期", "数据截至", "as of")),
    "lon": ("number", ("经度", "longitude", "lng")),
    "lat": ("number", ("纬度", "latitude")),
    "wkt": ("text", ("几何", "几何(wkt)", "wkt", "geometry")),
}  # fmt: skip

_UNITS: Final[dict[Kind, dict[str, str]]] = {
    "money": {
        "元": "1", "yuan": "1", "cny": "1", "rmb": "1",
        "千元": "1e3", "万元": "1e4", "万": "1e4", "百万元": "1e6", "亿元": "1e8", "亿": "1e8",
    },
    "area": {"平方米": "1", "平米": "1", "m2": "1", "sqm": "1", "万平方米": "1e4", "万平米": "1e4", "万m2": "1e4"},
    # 1 mu is 2000/3 m²; a Decimal of 28 digits gives whole square metres for whole thirds back exactly
    "land": {
        "平方米": "1", "平米": "1", "m2": "1", "sqm": "1", "亩": str(Decimal(2000) / 3), "mu": str(Decimal(2000) / 3),
        "公顷": "1e4", "ha": "1e4", "万平方米": "1e4", "平方公里": "1e6", "km2": "1e6",
    },
    "length": {"米": "1", "m": "1"},
    "share": {"%": "0.01", "百分比": "0.01", "percent": "0.01"},
    "integer": {"层": "1", "座": "1", "户": "1", "家": "1", "个": "1"},
    "rent": {"元/平方米·天": "1", "元/平方米/天": "1", "元/㎡·天": "1", "元/m2·天": "1", "元/m2/天": "1"},
    "number": {"度": "1", "°": "1", "wgs84": "1", "gcj02": "1", "bd09": "1", "cgcs2000": "1"},
    "year": {"年": "1"},
}  # fmt: skip
NEEDS_UNIT: Final = frozenset({"money", "area", "land", "length", "rent"})
# what is shown to a user whose header has no unit
EXAMPLES: Final[dict[Kind, str]] = {
    "money": "元、万元、亿元",
    "area": "平方米、万平方米",
    "land": "平方米、亩、公顷",
    "length": "米",
    "share": "%",
    "rent": "元/平方米·天",
}
_WITH_UNIT: Final = re.compile(
    r"(?P<base>.+?)\s*[(\[【〔]\s*(?P<unit>[^()\[\]【】〔〕]*?)\s*[)\]】〕]", re.DOTALL
)
# a column of coordinates names the code of its system
_EPSG: Final = re.compile(r"epsg:\s?[0-9]{4,6}")
_ANOTHER: Final = re.compile(r"地下|below|underground|basement|增|减|同比|环比|change|growth")
_YEAR_FIRST: Final = re.compile(r"(?P<year>(?:19|20)\d\d)\s*年?度?\s*(?P<base>\D.*)", re.DOTALL)
_YEAR_LAST: Final = re.compile(r"(?P<base>.*\D)[\s_]+(?P<year>(?:19|20)\d\d)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Header:
    """What a header names. ``factor`` turns a cell into the field's unit; None where a needed unit is missing.

    ``unit`` is the unit as it was written, empty where the header has none; ``odd_unit``: it is not one of the field's.
    """

    field: str
    kind: Kind
    year: int | None = None
    unit: str = ""
    factor: Decimal | None = Decimal(1)
    odd_unit: bool = False


def folded(header: str) -> str:
    """Return a header as it is compared: full width like half width, no case, single spaces."""
    text = " ".join(unicodedata.normalize("NFKC", header).split())
    return text.casefold()


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The fields of one kind of table with the names that offices give them; ``of_a_year`` may stand once per year."""

    fields: Fields
    of_a_year: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> dict[str, str]:
        """The field that each folded name stands for."""
        return {folded(name): field for field, (_, names) in self.fields.items() for name in (field, *names)}

    def header(
        self, field: str, *, unit: str = "", year: int | None = None, own_name: bool = False
    ) -> Header:
        """Return the header of ``field`` in ``unit``; ``own_name``: the field's own name tells its unit."""
        kind = self.fields[field][0]
        if not unit:
            known = kind not in NEEDS_UNIT or own_name
            return Header(field, kind, year, factor=Decimal(1) if known else None)
        coded = kind == "number" and _EPSG.fullmatch(folded(unit))
        factor = "1" if coded else _UNITS.get(kind, {}).get(folded(unit))
        return Header(field, kind, year, unit, Decimal(factor) if factor else None, odd_unit=factor is None)


TOWERS: Final = Vocabulary(FIELDS, frozenset({"tax_yuan", "district_revenue_yuan"}))


@cache
def read_header(header: str, vocabulary: Vocabulary = TOWERS) -> Header | None:
    """Return what ``header`` names, or None where it is none of the field's words."""
    text = folded(header)
    named = _named(text, vocabulary, unit="")
    if named is not None:
        return named
    match = _WITH_UNIT.fullmatch(text)
    if match is None:
        return None
    found = _named(match["base"], vocabulary, unit=match["unit"])
    if found is None or not found.odd_unit or found.kind in NEEDS_UNIT:
        return found
    # in brackets stands a remark, unless it makes another figure of the column: storeys below ground, a year in yuan
    counted = found.kind in _UNITS and any(match["unit"] in units for units in _UNITS.values())
    if counted or _ANOTHER.search(match["unit"]):
        return None
    return _named(match["base"], vocabulary, unit="")


def _named(base: str, vocabulary: Vocabulary, *, unit: str) -> Header | None:
    field = vocabulary.names.get(base)
    if field is not None:
        # the contract's own names carry their unit: tax_yuan, floor_area_m2, height_m
        return vocabulary.header(field, unit=unit, own_name=base == field)
    for pattern in (_YEAR_FIRST, _YEAR_LAST):
        match = pattern.fullmatch(base)
        field = vocabulary.names.get(match["base"].strip()) if match else None
        if match and field in vocabulary.of_a_year:
            own = match["base"].strip() == field
            return vocabulary.header(field, unit=unit, year=int(match["year"]), own_name=own)
    return None


def units_of(kind: Kind) -> tuple[str, ...]:
    """Return the units that a column of ``kind`` may be in, one word for each; empty where it has none."""
    if kind not in {*NEEDS_UNIT, "share"}:
        return ()
    words: dict[str, str] = {}
    for unit, factor in _UNITS[kind].items():
        words.setdefault(factor, unit)
    return tuple(words.values())


def usual_unit(kind: Kind, unit: str) -> str:
    """Return the word of ``units_of`` that counts as ``unit`` does; the empty text where there is none."""
    factors = _UNITS.get(kind, {})
    factor = factors.get(folded(unit))
    return next((word for word in units_of(kind) if factors[word] == factor), "")


def unit_inside(text: str) -> str:
    """Return the unit that a header names in brackets, or the empty text."""
    match = _WITH_UNIT.fullmatch(folded(text))
    return "" if match is None else str(match["unit"])
