"""From the words of a URL, a form or the command line to a filter, and back."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from buildingmap.filters.filter import Filter
from buildingmap.filters.parameters import (
    OFFICE_LISTS,
    PARAMETERS,
    SORT_FIELDS,
    FilterError,
    Parameter,
    ParameterFault,
    unknown_parameter,
)
from buildingmap.model import STATUSES
from buildingmap.model.faults import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildingmap.model import Band, Cluster, District, Sector

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# as in JSON, 12.0 is the whole number 12
_INTEGER = re.compile(r"([+-]?\d{1,9})(\.0{1,9})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_BBOX_NUMBERS: Final = 4
_BY_NAME: Final = {parameter.name: parameter for parameter in PARAMETERS}
_FOR_ALL: Final = {name: parameter for name, parameter in _BY_NAME.items() if not parameter.staff}
_DEFAULTS: Final = tuple((parameter.name, getattr(Filter(), parameter.name)) for parameter in PARAMETERS)
# characters that a query may hold as they are, so that the address stays readable
READABLE: Final = ",-:.@"


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, expected: str, expected_zh: str) -> None:
        self.expected = expected
        self.expected_zh = expected_zh


_FIXED: Final[dict[str, tuple[str, ...]]] = {"status": STATUSES, "list": OFFICE_LISTS}


def choices(parameter: str, district: District) -> tuple[str, ...]:
    """Return the ids that a parameter of kind ``choice`` takes."""
    if parameter in _FIXED:
        return _FIXED[parameter]
    named: dict[str, tuple[Band | Sector | Cluster, ...]] = {
        "band": district.bands,
        "sector": district.sectors,
        "tag": district.sectors,
        "cluster": district.clusters,
    }
    return tuple([entry.id for entry in named[parameter]])


def parse_filter(words: Mapping[str, Sequence[str]], district: District, *, public: bool = False) -> Filter:
    """Read a filter from parameter names and their values, e.g. ``{"sector": ["finance,digital"]}``.

    ``public``: the parameters for staff are unknown, whatever their values.

    Values of a choice come comma-separated, repeated, or both; an empty value is as good as absent.
    Raises FilterError naming every unknown, repeated or unreadable parameter and every pair of bounds that cross.
    """
    values, faults = read_values(words, _FOR_ALL if public else _BY_NAME, district)
    faults += _crossed(values)
    if faults:
        raise FilterError(tuple(faults))
    return Filter(**values)


def read_values(
    words: Mapping[str, Sequence[str]], parameters: Mapping[str, Parameter], district: District
) -> tuple[dict[str, Any], list[ParameterFault]]:
    """Return the values of ``words`` by the table ``parameters``, and a fault for each that cannot be read."""
    faults: list[ParameterFault] = []
    values: dict[str, Any] = {}
    for name, given in words.items():
        parameter = parameters.get(name)
        if parameter is None:
            known = ", ".join(parameters)
            faults.append(unknown_parameter(name, f"one of {known}", f"以下之一：{known}"))
            continue
        entries = [entry for entry in given if entry.strip()]
        if not entries:
            continue
        try:
            values[name] = _read(parameter, entries, district)
        except _Wrong as wrong:
            faults.append(ParameterFault(name, shown(",".join(entries)), wrong.expected, wrong.expected_zh))
    return values, faults


def _read(parameter: Parameter, entries: Sequence[str], district: District) -> Any:
    if parameter.kind == "choice":
        return _chosen(entries, choices(parameter.name, district))
    if len(entries) > 1:
        raise _Wrong("one value", "一个值")
    text = entries[0].strip()
    if parameter.kind == "number":
        return _number(parameter, text)
    if parameter.kind == "integer":
        return _integer(parameter, text)
    if parameter.kind in {"bbox", "day"}:
        return _bbox(text) if parameter.kind == "bbox" else _day(text)
    if parameter.kind == "sort":
        if text.removeprefix("-") not in SORT_FIELDS:
            fields = ", ".join(SORT_FIELDS)
            raise _Wrong(
                f"one of {fields}, with - in front for descending", f"以下之一：{fields}，降序在前面加 -"
            )
        return text
    return _text(parameter, entries[0])


def _chosen(entries: Iterable[str], allowed: tuple[str, ...]) -> tuple[str, ...]:
    asked = {part.strip().casefold() for entry in entries for part in entry.split(",")}
    if not asked <= set(allowed):
        raise _Wrong("any of " + ", ".join(allowed), "以下各项中的一项或多项：" + ", ".join(allowed))
    return tuple(entry for entry in allowed if entry in asked)


def _number(parameter: Parameter, text: str) -> float:
    low, high = parameter.low, parameter.high
    assert low is not None
    assert high is not None
    if not _NUMBER.fullmatch(text) or not low <= float(text) <= high:
        raise _Wrong(f"a number from {low:,.16g} to {high:,.16g}", f" {low:,.16g} 至 {high:,.16g} 之间的数字")
    return float(text) + 0.0  # no negative zero


def _integer(parameter: Parameter, text: str) -> int:
    low, high = parameter.low, parameter.high
    assert low is not None
    assert high is not None
    found = _INTEGER.fullmatch(text)
    if not found or not low <= int(found[1]) <= high:
        raise _Wrong(f"a whole number from {low:.0f} to {high:.0f}", f" {low:.0f} 至 {high:.0f} 之间的整数")
    return int(found[1])


def _bbox(text: str) -> tuple[float, float, float, float]:
    parts = [part.strip() for part in text.split(",")]
    wrong = _Wrong(
        "west,south,east,north in degrees, west < east and south < north",
        "以度表示的 西,南,东,北，且西小于东、南小于北",
    )
    if len(parts) != _BBOX_NUMBERS or not all(_NUMBER.fullmatch(part) for part in parts):
        raise wrong
    west, south, east, north = (float(part) + 0.0 for part in parts)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004 - degrees
        raise wrong
    return west, south, east, north


def _day(text: str) -> date:
    wrong = _Wrong("a date as YYYY-MM-DD", "YYYY-MM-DD 格式的日期")
    if not _DAY.fullmatch(text):  # fromisoformat would take 2023-W01-1 as well
        raise wrong
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong from None


def _text(parameter: Parameter, text: str) -> str:
    folded = " ".join(text.split())
    assert parameter.high is not None
    if len(text) > parameter.high or any(unicodedata.category(char) in {"Cc", "Cs"} for char in folded):
        raise _Wrong(
            f"at most {parameter.high:.0f} characters on one line",
            f"单行、不超过 {parameter.high:.0f} 字的文字",
        )
    return folded


def _crossed(values: Mapping[str, Any]) -> list[ParameterFault]:
    return crossed(
        values,
        ("tax_min", "tax_max"),
        ("vacancy_min", "vacancy_max"),
        ("floor_area_min", "floor_area_max"),
    )


def crossed(values: Mapping[str, Any], *pairs: tuple[str, str]) -> list[ParameterFault]:
    """Return a fault for each pair of bounds whose lower lies above its upper."""
    faults = []
    for low, high in pairs:
        if low in values and high in values and values[low] > values[high]:
            bound = f"{high}={written(values[high])}"
            found = written(values[low])
            faults.append(ParameterFault(low, found, f"no more than {bound}", f"不大于 {bound} 的值"))
    return faults


def written(value: Any) -> str:
    """Write one value of a filter as a query holds it, before it is percent-encoded."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and math.fabs(value) < 1e16 else repr(value)  # noqa: PLR2004
    if isinstance(value, tuple):
        return ",".join(written(entry) for entry in value)
    return str(value)


def query_string(flt: Filter, **extra: str) -> str:
    """Write a filter as the readable query of a URL, without ``?``; defaults are left out.

    ``extra`` parameters of the page (language, chosen tower) are written after it when not empty.
    """
    pairs = [
        (name, written(value)) for name, default in _DEFAULTS if (value := getattr(flt, name)) != default
    ]
    pairs += [(name, value) for name, value in extra.items() if value]
    return "&".join(f"{name}={quote(value, safe=READABLE)}" for name, value in pairs)
