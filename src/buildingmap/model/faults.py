"""What is wrong with a row: where, in which field, what was found and what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]
_FOUND_LENGTH = 80

# One entry per kind of fault: what was expected, in English and in Chinese. `docs/layer.md` lists them all.
EXPECTATIONS: dict[str, tuple[str, str]] = {
    # the fields of a tower
    "id": (
        "an identifier of 1 to 64 letters, digits or . _ : -",
        "1 至 64 位的编号，只含文字、数字和 . _ : -",
    ),
    "name": ("a name of 1 to 200 characters on one line", "1 至 200 字的单行名称"),
    "name_en": ("an English name of up to 200 characters on one line", "不超过 200 字的单行英文名称"),
    "address": ("an address of up to 300 characters on one line", "不超过 300 字的单行地址"),
    "cluster": ("one of the district's clusters: {choices}", "本区片区之一：{choices}"),
    "status": ("one of {choices}", "以下之一：{choices}"),
    "completion_year": ("a year from 1900 to 2100", "1900 至 2100 之间的年份"),
    "floors": ("a whole number of floors from 1 to 200", "1 至 200 之间的整数楼层数"),
    "height_m": ("metres, more than 0 and at most 1000", "大于 0 且不超过 1000 的米数"),
    "floor_area_m2": ("square metres, more than 0 and at most 2,000,000", "大于 0 且不超过 200 万的平方米数"),
    "leasable_area_m2": ("square metres from 0 to 2,000,000", "0 至 200 万之间的平方米数"),
    "vacancy_rate": ("a share from 0 to 1 (or a percentage with its sign)", "0 至 1 的比率（或带 % 的百分数）"),
    "sector": ("one of the district's sectors: {choices}", "本区产业之一：{choices}"),
    "sectors": ("a list of the district's sectors, each once: {choices}", "本区产业的列表，不重复：{choices}"),
    "tax_yuan": ("yuan, a finite number from 0 to 100,000,000,000", "0 至 1000 亿之间的元数"),
    "district_revenue_yuan": (
        "yuan, a finite number from 0 to 100,000,000,000",
        "0 至 1000 亿之间的元数",
    ),
    "tax_year": ("a year from 1990 to 2100", "1990 至 2100 之间的年份"),
    "tax_history": (
        "a list of records with year, tax_yuan and district_revenue_yuan, each year once",
        "由 year、tax_yuan、district_revenue_yuan 组成的年度列表，年份不重复",
    ),
    "grade": ("a grade of up to 40 characters", "不超过 40 字的等级"),
    "grade_standard": ("the grade's standard, up to 80 characters", "不超过 80 字的评定标准"),
    "grade_date": ("a date as YYYY-MM-DD", "YYYY-MM-DD 格式的日期"),
    "source": ("a source of up to 300 characters on one line", "不超过 300 字的单行来源"),
    "as_of": ("a date as YYYY-MM-DD", "YYYY-MM-DD 格式的日期"),
    # fields held against each other
    "leasable_over_gross": (
        "a leasable area no larger than the gross floor area of {floor_area_m2} m²",
        "不大于建筑面积 {floor_area_m2} 平方米的可租赁面积",
    ),
    "revenue_over_tax": (
        "district revenue no larger than the total tax of {tax_yuan} yuan",
        "不大于全口径税收 {tax_yuan} 元的区级收入",
    ),
    "newest_tax": (
        "tax_year {year} to be the newest of tax_history and to agree with it",
        "tax_year {year} 为 tax_history 中最新一年且数值一致",
    ),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What was expected: a code of EXPECTATIONS, and the values that its sentence names."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, **values: object) -> Expected:
        """Build an expectation; ``values`` fill the braces of its sentence.

        Raises KeyError for a code that EXPECTATIONS does not list.
        """
        if code not in EXPECTATIONS:
            raise KeyError(code)
        return cls(code, tuple((name, str(value)) for name, value in values.items()))

    def text(self, lang: Lang = "en") -> str:
        """Return the sentence in ``lang``."""
        english, chinese = EXPECTATIONS[self.code]
        return (english if lang == "en" else chinese).format_map(dict(self.values))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: ``kind`` is ``file``, ``row`` (1-based, as a spreadsheet counts) or ``feature`` (1-based)."""

    kind: Literal["file", "row", "feature"] = "file"
    number: int | None = None
    sheet: str | None = None

    def text(self, lang: Lang = "en") -> str:
        """Return for example ``sheet 'Q1', row 12``."""
        parts = []
        if self.sheet is not None:
            parts.append(f"sheet {self.sheet!r}" if lang == "en" else f"工作表 {self.sheet!r}")
        if self.number is not None:
            names = {"row": ("row", "行"), "feature": ("feature", "要素"), "file": ("file", "文件")}[self.kind]
            parts.append(f"{names[0]} {self.number}" if lang == "en" else f"第 {self.number} {names[1]}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. ``found`` is already a short, printable rendering of the offending value."""

    expected: Expected
    field: str = ""
    found: str = ""
    place: Place = Place()
    building_id: str = ""
    file: str = ""

    def line(self, lang: Lang = "en") -> str:
        """Return the fault on one line: file, place, id, field, what was found and what was expected."""
        where = [part for part in (self.file, self.place.text(lang), self.building_id, self.field) if part]
        found, expected = ("found", "expected") if lang == "en" else ("实为", "应为")
        middle = f"{found} {self.found}, " if self.found else ""
        return f"{': '.join(where)}: {middle}{expected} {self.expected.text(lang)}"


def shown(value: object) -> str:
    """Render an offending value for a fault: printable, on one line, at most 80 characters."""
    if isinstance(value, str):
        value = value[: _FOUND_LENGTH + 1]
    text = ascii(value) if isinstance(value, bytes) else repr(value)
    text = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text[: _FOUND_LENGTH + 2])
    return text if len(text) <= _FOUND_LENGTH else text[: _FOUND_LENGTH - 1] + "…"
