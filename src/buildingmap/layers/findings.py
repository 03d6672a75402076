"""Faults and warnings while a file is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from buildingmap.model.faults import Expected, Fault, Place, printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_FAULTS: Final = 1000
_FIELD_LENGTH: Final = 80
_FILE: Final = Place()


@dataclass(slots=True)
class Findings:
    """The faults and warnings of one file, in the order they were found."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

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
        """Return faults and warnings, each naming ``file``; faults past the most that are listed are cut off."""
        faults = self.faults[:MOST_FAULTS]
        if len(self.faults) >= MOST_FAULTS:
            faults.append(Fault(Expected.of("faults_limit", limit=MOST_FAULTS)))
        return tuple(_named(faults, file)), tuple(_named(self.warnings[:MOST_FAULTS], file))


def _named(faults: Iterable[Fault], file: str) -> Iterable[Fault]:
    for fault in faults:
        values = tuple((name, printable(value)) for name, value in fault.expected.values)
        expected = replace(fault.expected, values=values)
        yield replace(
            fault, file=printable(file), field=printable(fault.field)[:_FIELD_LENGTH], expected=expected
        )


def _finding(
    code: str, place: Place, building_id: str, *, name: str, found: object, values: dict[str, object]
) -> Fault:
    rendered = "" if found is None else found if isinstance(found, Shown) else shown(found)
    return Fault(Expected.of(code, **values), name, rendered, place, printable(building_id))


class Shown(str):
    """Text of our own making that needs no quoting when it is shown as what was found."""

    __slots__ = ()
