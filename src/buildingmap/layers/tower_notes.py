"""What is said of a tower whose fields do not go together, whether its file is checked or imported."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers.values import flag_of, is_empty
from buildingmap.model.faults import Expected, Fault, Lang, Place, printable, shown
from buildingmap.model.names import value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildingmap.model import District

# what follows from a tower's tax, by the words of columns that state it nevertheless; never trusted
DERIVED: Final[dict[str, tuple[str, ...]]] = {
    "band": ("band", "税收分档", "税收档次", "税收档", "分档"),
    "past_mark": ("past_mark", "是否过线", "税收过线", "是否过亿", "税收过亿", "是否亿元楼宇"),
}
_NOT_YET: Final = re.compile(
    r"在建|建设中|施工中|拟建|待建|筹建|规划(?:中|项目|楼宇)|under construction", re.IGNORECASE
)
_TO_COME: Final = frozenset({"planned", "under_construction"})


@dataclass(frozen=True, slots=True)
class Tower:
    """One tower as a file has it, with what the registry adds. ``assumed``: no status was given, so that of a new one.

    ``taxed``: whether it has a tax above nought. ``newest_tax``: yuan, of the year the file gives; None where unknown.
    ``derived``: cells by field of DERIVED.
    """

    place: Place
    id: str
    name: str
    status: str
    assumed: bool = False
    located: bool = False
    sector: str | None = None
    sectors: Sequence[str] = ()
    taxed: bool = False
    newest_tax: float | None = None
    derived: Mapping[str, Any] = field(default_factory=dict)


def tower_notes(towers: Iterable[Tower], district: District) -> list[Fault]:
    """Return a note for each tower that contradicts itself, then those that are counted over the file."""
    notes: list[Fault] = []
    counts: Counter[tuple[str, str]] = Counter()
    for tower in towers:
        notes += _of_one(tower, district)
        counts["status_assumed", "status"] += tower.assumed
        counts["cluster_located", "cluster"] += tower.located
        counts.update(("derived_differs", name) for name in _contradicted(tower, district))
    told = [Fault(Expected.of(code, count=count), name) for (code, name), count in counts.items() if count]
    return notes + told


def _of_one(tower: Tower, district: District) -> list[Fault]:
    notes = []
    word = _NOT_YET.search(tower.name) if tower.assumed else None
    if word is not None:
        expected = Expected.of("status_of_name", word=word[0])
        notes.append(Fault(expected, "status", shown(tower.name), tower.place, tower.id[:64]))
    if tower.taxed and tower.status in _TO_COME:
        notes.append(_note(tower, Expected.of("tax_to_come"), "status", tower.status, district))
    if tower.sector and tower.sectors and tower.sector not in tower.sectors:
        choices, choices_zh = _in_words(list(tower.sectors), "sectors", district)
        expected = Expected.of("sector_apart", choices=choices, choices_zh=choices_zh)
        notes.append(_note(tower, expected, "sector", tower.sector, district))
    return notes


def _note(tower: Tower, expected: Expected, name: str, value: str, district: District) -> Fault:
    found, found_zh = _in_words(value, name, district)
    return Fault(expected, name, found, tower.place, tower.id[:64], found_zh=found_zh)


def _in_words(value: str | list[str], name: str, district: District) -> tuple[str, str]:
    def written(lang: Lang) -> str:
        return printable(value_text(value, lang, field=name, district=district))

    return written("en"), written("zh")


def _contradicted(tower: Tower, district: District) -> list[str]:
    tax = tower.newest_tax
    index = district.band_index(tax)
    band = None if index is None else district.bands[index]
    wrong = []
    for name, cell in tower.derived.items():
        if is_empty(cell):
            continue  # it states nothing
        if name == "band":
            right = band is not None and cell in {band.id, band.zh, band.en}
        else:
            right = flag_of(cell) == (None if tax is None else tax >= district.mark_yuan)
        if not right:
            wrong.append(name)
    return wrong
