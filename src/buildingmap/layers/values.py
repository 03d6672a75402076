"""From one cell to one value of a field: units counted exactly, and nothing that cannot be read taken for nothing."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.layers.headers import Header, Kind

_PLAIN: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_LONGEST_NUMBER: Final = 40
_DAY: Final = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?", re.ASCII)
_SEPARATORS: Final = re.compile(r"[、,，;；|/]")
_STATUSES: Final = {
    "existing": ("已建成", "建成", "现有", "存量", "已投用", "运营中"),
    "under_construction": ("在建", "建设中", "施工中", "under construction"),
    "planned": ("规划", "规划中", "拟建", "待建"),
}
_STATUS_OF: Final = {word: status for status, words in _STATUSES.items() for word in (status, *words)}
_FLAGS: Final = {
    **dict.fromkeys(("是", "有", "√", "✓", "y", "yes", "true", "t", "1"), True),
    **dict.fromkeys(("否", "无", "×", "✗", "n", "no", "false", "f", "0"), False),
}
_QUARTERS: Final = {
    word: number for number, words in enumerate(["1一", "2二", "3三", "4四"], 1) for word in words
}
_RULES: Final = {
    "open": ("开放", "可选", "可用", "无", "不限"),
    "fixed": ("固定", "必选", "已定", "锁定", "必须开发"),
    "forbidden": ("禁止", "禁建", "不可用", "不得建设", "禁用", "排除"),
}
_RULE_OF: Final = {word: rule for rule, words in _RULES.items() for word in (rule, *words)}
# what a spreadsheet writes where a formula failed
CELL_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)


class UnreadableError(Exception):
    """A cell that is no value of its field; ``code`` of EXPECTATIONS says what was expected."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def is_empty(cell: Any) -> bool:
    """Tell whether a cell holds nothing: only that is unknown, and no dash or word stands for it."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_cell(cell: Any, header: Header) -> Any:
    """Return the value of a filled cell in the contract's unit. Raises UnreadableError."""
    if isinstance(cell, str) and cell.strip() in CELL_ERRORS:
        raise UnreadableError("cell_error")
    if isinstance(cell, bool):
        if header.kind == "flag":
            return cell
        code = "cell_text" if header.kind in {"text", "status", "sectors", "history"} else "cell_number"
        raise UnreadableError("cell_day" if header.kind == "day" else code)
    return _READERS[header.kind](cell, header)


def number(cell: Any) -> Decimal:
    """Return a cell's number exactly as it is written. Raises UnreadableError.

    Thousands may be grouped by commas, correctly; words, dashes and full-width digits are not numbers.
    """
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        if not math.isfinite(cell):
            raise UnreadableError("cell_number")
        return Decimal(repr(cell))
    text = cell.strip() if isinstance(cell, str) else ""
    if len(text) > _LONGEST_NUMBER:
        raise UnreadableError("cell_number")
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    raise UnreadableError("cell_number")


def _plain(value: Decimal) -> int | float:
    if value == value.to_integral_value() and abs(value) < 10**15:
        return int(value)
    return float(value)


def _measure(cell: Any, header: Header) -> int | float:
    factor = Decimal(1) if header.factor is None else header.factor
    return _plain(number(cell) * factor)


def _share(cell: Any, header: Header) -> int | float:
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).strip()
        if text.endswith("%"):
            return _plain(number(text[:-1]) / 100)
    return _measure(cell, header)


def _integer(cell: Any, _header: Header) -> int | float:
    return _plain(number(cell))


def _year(cell: Any, _header: Header) -> int | float:
    if isinstance(cell, str) and cell.strip().endswith("年"):
        cell = cell.strip()[:-1]
    return _plain(number(cell))


def _text(cell: Any, _header: Header) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, int | float):
        return str(_plain(number(cell)))
    raise UnreadableError("cell_text")


def _status(cell: Any, header: Header) -> str:
    text = _text(cell, header)
    return _STATUS_OF.get(unicodedata.normalize("NFKC", text).casefold(), text)


def _rule(cell: Any, header: Header) -> str:
    text = _text(cell, header)
    return _RULE_OF.get(unicodedata.normalize("NFKC", text).casefold(), text)


def _day(cell: Any, _header: Header) -> str:
    if isinstance(cell, dt.datetime):
        if cell.time() != dt.time():
            raise UnreadableError("cell_day")
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    match = _DAY.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        raise UnreadableError("cell_day")
    try:
        return dt.date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:
        raise UnreadableError("cell_day") from None


def _flag(cell: Any, _header: Header) -> bool:
    found = flag_of(cell)
    if found is None:
        raise UnreadableError("flag")
    return found


def flag_of(cell: Any) -> bool | None:
    """Return the yes or no that a cell says in one of the usual words; None where it says neither."""
    # a spreadsheet may write 1 and 0
    cell = str(int(cell)) if isinstance(cell, int | float) and cell in (0, 1) else cell
    text = "" if not isinstance(cell, str) else unicodedata.normalize("NFKC", cell).strip().casefold()
    return _FLAGS.get(text)


def _quarter(cell: Any, _header: Header) -> int:
    text = str(cell).strip().removesuffix(".0").upper()
    text = text.removeprefix("第").removesuffix("季度").removeprefix("Q")
    if text not in _QUARTERS:
        raise UnreadableError("quarter")
    return _QUARTERS[text]


def _sectors(cell: Any, header: Header) -> Any:
    if isinstance(cell, list):
        return cell
    text = _text(cell, header)
    if text.startswith("["):
        return _listed(text, "cell_text")
    return [part for part in (part.strip() for part in _SEPARATORS.split(text)) if part]


def _history(cell: Any, header: Header) -> Any:
    return cell if isinstance(cell, list) else _listed(_text(cell, header), "tax_history")


def _listed(text: str, code: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableError(code) from None
    if not isinstance(value, list):
        raise UnreadableError(code)
    return value


_READERS: Final[dict[Kind, Callable[[Any, Header], Any]]] = {
    "text": _text,
    "status": _status,
    "sectors": _sectors,
    "history": _history,
    "day": _day,
    "year": _year,
    "integer": _integer,
    "number": _measure,
    "money": _measure,
    "area": _measure,
    "length": _measure,
    "share": _share,
    "flag": _flag,
    "quarter": _quarter,
    "rent": _measure,
    "land": _measure,
    "rule": _rule,
}
