"""The query of an address, read strictly: what cannot be understood is refused, never guessed at."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from flask import request

from buildingmap.crs import DATUMS, UnknownDatumError, code_of, read_datum
from buildingmap.filters import (
    Filter,
    FilterError,
    ParameterFault,
    parse_filter,
    query_string,
    unknown_parameter,
)
from buildingmap.model.faults import shown
from buildingmap.web.state import snapshot, state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.crs import Datum

LONGEST_QUERY: Final = 4_000
_MOST_FIELDS: Final = 200
_MOST_READ: Final = 2_000
# as in a filter: programs write a whole number as 35.0 too
_WHOLE: Final = re.compile(r"(\d{1,16})(?:\.0+)?", re.ASCII)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_query(raw: bytes) -> dict[str, list[str]]:
    """Return the values of each name in a query, in their order.

    Raises FilterError when it is overlong, holds a broken percent-encoding, bytes that are not UTF-8 or NUL.
    """
    if not raw:
        return {}
    if len(raw) > LONGEST_QUERY:
        raise _unreadable(f"{len(raw)} bytes", f"at most {LONGEST_QUERY} bytes", f"至多 {LONGEST_QUERY} 字节")
    try:
        text = raw.decode("ascii")
        if _BAD_ESCAPE.search(text):
            raise _unreadable(
                shown(text), "two hexadecimal digits after each %", "每个 % 之后有两位十六进制数字"
            )
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise _unreadable(
            shown(raw.decode("latin-1")), "percent-encoded UTF-8", "百分号编码的 UTF-8"
        ) from None
    except ValueError:
        raise _unreadable(
            shown(text), f"at most {_MOST_FIELDS} parameters", f"至多 {_MOST_FIELDS} 个参数"
        ) from None
    words: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise _unreadable(shown(name if "\0" in name else value), "text without NUL", "不含 NUL 的文字")
        words.setdefault(name, []).append(value)
    return words


def _unreadable(found: str, expected: str, expected_zh: str) -> FilterError:
    return FilterError((ParameterFault("query", found, expected, expected_zh),))


def asked_filter() -> tuple[Filter, str]:
    """Return the filter of the request under way, and its canonical query. Raises FilterError."""
    towers, read = snapshot(), state().asked
    key = (towers.version, request.query_string)
    found = read.get(key)
    if found is None:
        flt = parse_filter(read_query(request.query_string), towers.district, public=towers.is_public)
        if len(read) >= _MOST_READ:
            read.clear()
        found = read[key] = (flt, query_string(flt))
    return found


def only(words: dict[str, list[str]], *allowed: str) -> None:
    """Refuse every parameter but ``allowed``. Raises FilterError naming each one that is not."""
    known = ", ".join(allowed)
    expected = (
        (f"one of {known}", f"以下之一：{known}") if allowed else ("no parameters here", "此处没有参数")
    )
    faults = tuple(unknown_parameter(name, *expected) for name in words if name not in allowed)
    if faults:
        raise FilterError(faults)


def one_of(words: dict[str, list[str]], name: str, allowed: Sequence[str]) -> str:
    """Return the one value of ``name``, the first of ``allowed`` when absent. Raises FilterError."""
    values = [value for value in words.get(name, []) if value]
    if not values:
        return allowed[0]
    if len(values) > 1 or values[0] not in allowed:
        known = ", ".join(allowed)
        fault = ParameterFault(name, shown(",".join(values)), f"one of {known}", f"以下之一：{known}")
        raise FilterError((fault,))
    return values[0]


def datum_of(words: dict[str, list[str]], *, coded: bool) -> Datum:
    """Return the datum that an export is asked for in, WGS84 when absent; ``coded``: only one that has a code.

    Raises FilterError.
    """
    values = [value for value in words.get("datum", []) if value] or ["wgs84"]
    datum = None
    with suppress(UnknownDatumError):
        datum = read_datum(values[0])
    if len(values) == 1 and datum is not None and not (coded and code_of(datum) is None):
        return datum
    known = ", ".join(datum for datum in DATUMS if not coded or code_of(datum) is not None)
    fault = ParameterFault(
        "datum",
        shown(",".join(values)),
        f"one of {known} or an EPSG code of longitude and latitude or of a map projection",
        f"以下之一：{known}，或经纬度、投影坐标系的 EPSG 代码",
    )
    raise FilterError((fault,))


def whole_number(words: dict[str, list[str]], name: str, most: int = 2**53) -> int | None:
    """Return the one number of ``name``, from 1 to ``most``; None when it is absent. Raises FilterError."""
    values = [value for value in words.get(name, []) if value]
    if not values:
        return None
    found = _WHOLE.fullmatch(values[0].strip())
    if len(values) == 1 and found is not None and 1 <= int(found[1]) <= most:
        return int(found[1])
    expected = (f"a whole number from 1 to {most}", f"1 至 {most} 的整数")
    raise FilterError((ParameterFault(name, shown(",".join(values)), *expected),))
