"""The notes an export carries, and the guard that keeps a spreadsheet from running a cell: written and read here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from buildingmap.layers.checked import LayerAbout
from buildingmap.model.building import as_one_line, is_one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from buildingmap.model import Lang

NOTE_MARK: Final = "# "
ABOUT_LENGTH: Final = 300
GUARD: Final = "'"
ABOUT_SHEETS: Final = ("说明", "About")
# what a spreadsheet takes for the beginning of a formula, and the guard itself, so that one guard can be taken back
_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", GUARD, "#")

_SYNTHETIC: Final = {"zh": "合成演示数据，非真实统计", "en": "Synthetic demo data, not real statistics"}
_WORDS: Final = {
    "title": ("标题", "Title"),
    "synthetic": ("性质", "Nature"),
    "district": ("地区", "District"),
    "source": ("来源", "Source"),
    "as_of": ("数据截至", "As of"),
    "exported_at": ("导出时间", "Exported"),
    "filter_text": ("筛选条件", "Filter"),
    "version": ("数据版本", "Version"),
    "datum": ("坐标系", "Datum"),
}


@dataclass(frozen=True, slots=True)
class ExportNote:
    """What every export says of itself: what it is, where it comes from, as of when, and how it was filtered.

    Each text is one plain line, title and source of at most ABOUT_LENGTH characters, so that all that is written is
    read back: a NUL in a title would make a CSV file unreadable.
    """

    title: str
    synthetic: bool
    source: str
    as_of: str
    exported_at: datetime
    filter_text: str
    version: str
    district: str
    datum: str = "wgs84"

    def __post_init__(self) -> None:
        """Keep of each text what the readers take."""
        for name in ("title", "source", "as_of", "filter_text", "version", "district"):
            object.__setattr__(self, name, as_one_line(getattr(self, name)))
        for name in ("title", "source"):
            object.__setattr__(self, name, _shortened(getattr(self, name)))

    def lines(self, lang: Lang) -> list[tuple[str, str]]:
        """Return the note as pairs of word and text, each on one line, empty texts left out."""
        texts = {
            "title": self.title,
            "synthetic": _SYNTHETIC[lang] if self.synthetic else "",
            "district": self.district,
            "source": self.source,
            "as_of": self.as_of,
            "exported_at": self.exported_at.isoformat(timespec="seconds"),
            "filter_text": self.filter_text or ("全部" if lang == "zh" else "all"),
            "version": self.version,
            # WGS84 is what is meant where nothing is said
            "datum": "" if self.datum == "wgs84" else self.datum,
        }
        place = 1 if lang == "en" else 0
        return [(_WORDS[name][place], text) for name, text in texts.items() if text]


def _shortened(text: str) -> str:
    return text if len(text) <= ABOUT_LENGTH else text[: ABOUT_LENGTH - 1].rstrip() + "…"


def note_line(word: str, text: str) -> str:
    """Return a line of a CSV file that says ``text`` under ``word``: one cell, so that a spreadsheet keeps it whole."""
    line = f"{NOTE_MARK}{word}: {' '.join(text.split())}"
    return '"' + line.replace('"', '""') + '"' if any(char in line for char in ',;\t"') else line


def note_of_line(line: str) -> str:
    """Return the note in a line of a CSV file, also after a spreadsheet has saved it with quotes and empty cells."""
    for delimiter in ",;\t":
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        if cells and not any(cells[1:]):
            return cells[0]
    return line


def about_of_notes(notes: Sequence[str]) -> LayerAbout:
    """Return what the note lines of one of our own exports say; whatever is no such line is passed over.

    The first line with a word counts; one that says the figures are synthetic is never outdone by another. A text that
    is not one plain line of at most 300 characters is left out.
    """
    names = {word: name for name, words in _WORDS.items() for word in words}
    texts: dict[str, str] = {}
    synthetic = False
    for line in notes:
        word, _, text = line.removeprefix(NOTE_MARK).partition(": ")
        text = text.strip()
        if names.get(word) == "synthetic":
            synthetic |= text in _SYNTHETIC.values()
        elif word in names and len(text) <= ABOUT_LENGTH and is_one_line(text):
            texts.setdefault(names[word], text)
    return LayerAbout(
        title=texts.get("title", ""),
        synthetic=synthetic,
        source=texts.get("source", ""),
        as_of=texts.get("as_of", ""),
    )


def about_of_pairs(rows: Sequence[Sequence[Any]]) -> LayerAbout:
    """Return what the note's sheet of one of our own exports says: rows of word and text."""
    pairs = [cells[:2] for cells in rows if len(cells) > 1 and isinstance(cells[1], str)]
    return about_of_notes([f"{NOTE_MARK}{word}: {text}" for word, text in pairs])


def guarded(text: str) -> str:
    """Return ``text`` so that no spreadsheet runs it as a formula: with one apostrophe before what could begin one."""
    return GUARD + text if text.startswith(_RUNS) else text


def unguarded(text: str) -> str:
    """Take back the one apostrophe that ``guarded`` put there; any other text stays as it is."""
    return text[1:] if text.startswith(GUARD) and text[1:].startswith(_RUNS) else text
