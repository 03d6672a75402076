"""JSON as RFC 8259 has it, and no more: depth, repeated names and numbers that are none are noticed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

_CHUNK: Final = 1 << 20
# longer whole numbers than any figure or identifier of ours; int() itself refuses 4,300 digits
_INTEGER_DIGITS: Final = 18


class Repeated(dict[str, Any]):
    """A JSON object in which a name stood more than once; ``names`` are those names."""

    names: tuple[str, ...] = ()


@dataclass(slots=True)
class ParsedJson:
    """A JSON text: its value, the objects that repeat a name, and the constants that are no JSON (``NaN``)."""

    value: Any = None
    repeated: list[Repeated] = field(default_factory=list)
    constants: list[str] = field(default_factory=list)


def depth(data: bytes) -> int:
    """Return how deep the brackets of a JSON text nest, without parsing it."""
    deepest = level = 0
    inside = False
    start = 0
    while start < len(data):
        end = start + _CHUNK
        while data[end - 1 : end] == b"\\":
            end += 1
        # backslash pairs first, so that what is left before a quote escapes it
        chunk = data[start:end].replace(b"\\\\", b"..").replace(b'\\"', b"..")
        codes = np.frombuffer(chunk, dtype=np.uint8)
        quotes = np.cumsum(codes == ord('"'), dtype=np.int32) + int(inside)
        folded = codes | 0x20  # [ and { differ in this bit only, as do ] and }
        steps = (folded == ord("{")).astype(np.int8) - (folded == ord("}")).astype(np.int8)
        steps[quotes % 2 == 1] = 0
        levels = np.cumsum(steps, dtype=np.int64) + level
        deepest = max(deepest, int(levels.max()))
        level, inside = int(levels[-1]), bool(quotes[-1] % 2)
        start = end
    return deepest


def parse(text: str) -> ParsedJson:
    """Parse a JSON text whose depth was looked at before. Raises json.JSONDecodeError.

    Numbers beyond a float become infinite, and whole numbers of more than 18 digits become floats: both are
    refused by whoever checks the field they stand in.
    """
    parsed = ParsedJson()

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        counts = Counter(name for name, _ in pairs)
        repeated = Repeated(found)
        repeated.names = tuple(name for name, count in counts.items() if count > 1)
        parsed.repeated.append(repeated)
        return repeated

    def constant(name: str) -> float:
        parsed.constants.append(name)
        return float(name)

    parsed.value = json.loads(text, object_pairs_hook=members, parse_constant=constant, parse_int=_integer)
    return parsed


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _INTEGER_DIGITS else float(digits)


def text_of(value: Any) -> str:
    """Return ``value``, as ``parse`` made it, as JSON text again."""
    return json.dumps(value, ensure_ascii=False)
