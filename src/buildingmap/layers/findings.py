"""Faults and warnings while a file is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

from buildingmap.model.faults import Expected, Fault, Place, printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_FAULTS: Final = 1000
REACHED: Final = "reached.txt"
_FIELD_LENGTH: Final = 80
_FOUND_LENGTH: Final = 200
_FILE: Final = Place()


@dataclass(slots=True)
class Findings:
    """The faults and warnings of one file, in the order they were found. ``trace``: the file ``reached`` writes."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    trace: Path | None = None

    def reached(self, place: Place) -> None:
        """Leave word of where reading stands, so that what ends it outright can be told with its place."""
        if self.trace is not None:
            self.trace.write_text(place.sheet or "", encoding="utf-8", errors="replace")

    def fault(
        self,
        code: str,
        *,
        place: Place = _FILE,
        building_id: str = "",
        name: str = "",
        found: object = None,
        **values: object,
    ) -> None:
        """Refuse the file: ``code`` of EXPECTATIONS with its ``values``; ``found`` is rendered for a person."""
        self.faults.append(_finding(code, place, building_id, name=name, found=found, values=values))

    def warn(
        self,
        code: str,
        *,
        place: Place = _FILE,
        building_id: str = "",
        name: str = "",
        found: object = None,
        **values: object,
    ) -> None:
        """Say something about the file that does not refuse it."""
        self.warnings.append(_finding(code, place, building_id, name=name, found=found, values=values))

    def judge(
        self,
        code: str,
        *,
        strict: bool,
        place: Place,
        building_id: str,
        name: str,
        found: object,
        **values: object,
    ) -> None:
        """Refuse where ``strict``, warn where not."""
        (self.fault if strict else self.warn)(
            code, place=place, building_id=building_id, name=name, found=found, **values
        )

    @property
    def full(self) -> bool:
        """Whether more faults would only bury the ones there are."""
        return len(self.faults) >= MOST_FAULTS

    def of_file(self, file: str) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
        """Return faults and warnings in the order of the file, each naming ``file``.

        Faults past the most that are listed are cut off, and a last one says so.
        """
        faults = sorted(self.faults, key=_by_place)[:MOST_FAULTS]
        if len(self.faults) >= MOST_FAULTS:
            faults.append(Fault(Expected.of("faults_limit", limit=MOST_FAULTS)))
        warnings = sorted(self.warnings, key=_by_place)[:MOST_FAULTS]
        return tuple(_named(faults, file)), tuple(_named(warnings, file))


def _named(faults: Iterable[Fault], file: str) -> Iterable[Fault]:
    """Name the file in each, and let nothing of the file's own words through that a terminal would obey."""
    for fault in faults:
        values = tuple((name, printable(value)) for name, value in fault.expected.values)
        yield replace(
            fault,
            expected=replace(fault.expected, values=values),
            field=printable(fault.field)[:_FIELD_LENGTH],
            found=printable(fault.found)[:_FOUND_LENGTH],
            found_zh=printable(fault.found_zh)[:_FOUND_LENGTH],
            building_id=printable(fault.building_id),
            file=printable(file),
        )


def _by_place(fault: Fault) -> tuple[str, int]:
    return fault.place.sheet or "", fault.place.number or 0


def _finding(
    code: str, place: Place, building_id: str, *, name: str, found: object, values: dict[str, object]
) -> Fault:
    expected = Expected.of(code, **values)
    if isinstance(found, Shown):
        return Fault(expected, name, str(found), place, building_id, found_zh=found.zh)
    return Fault(expected, name, "" if found is None else shown(found), place, building_id)


class Shown(str):
    """What was found in words of our own, English and Chinese, which need no quoting."""

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, english: str, chinese: str = "") -> Self:
        """Keep the Chinese beside the English."""
        text = super().__new__(cls, english)
        text.zh = chinese
        return text
