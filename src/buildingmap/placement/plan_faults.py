"""What is wrong with a plan, in English and Chinese: its entry, what was found there, what was expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any, Final, Protocol

from buildingmap.errors import BuildingmapError
from buildingmap.placement.entry_words import choice_text, entry_text, with_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from buildingmap.model import District, Lang

_LANGS: Final[tuple[Lang, Lang]] = ("en", "zh")
_SHOWN: Final = 60
# what a plan without a file of its own is called
_PLANS: Final = {"plan": "规划", "form": "表单", "scenario": "方案"}
_MOST_LISTED: Final = 12
_SEPARATED: Final = 10_000


@dataclass(frozen=True, slots=True)
class PlanFault:
    """One thing wrong with a plan: ``entry`` is its place, for programs (``weights.tax``).

    ``expected`` and ``found`` are in English and Chinese; ``found`` one text where it is what somebody wrote. ``entry``
    is empty where it is about the plan as a whole, ``found`` where what was expected says all.
    """

    entry: str
    found: str | tuple[str, str]
    expected: tuple[str, str]

    def line(self, lang: Lang = "en", district: District | None = None) -> str:
        """Return the fault on one line, with the entry's name; ``district`` names sectors and clusters."""
        said = self.said(lang)
        if not self.entry:
            return said
        return f"{entry_text(self.entry, district, lang)}{'：' if lang == 'zh' else ': '}{said}"

    def said(self, lang: Lang) -> str:
        """Return what was found and what was expected."""
        found, expected = self.found_text(lang), self.expected[lang == "zh"]
        if lang == "zh":
            return f"实为 {found}，应为{expected}" if found else f"应为{expected}"
        return f"found {found}, expected {expected}" if found else f"expected {expected}"

    def found_text(self, lang: Lang) -> str:
        """Return what was found."""
        return self.found if isinstance(self.found, str) else self.found[lang == "zh"]


class PlanError(BuildingmapError):
    """A plan cannot be used: ``faults`` are the things wrong with it, ``name`` says which plan that is."""

    def __init__(self, name: str, faults: Iterable[PlanFault], district: District | None = None) -> None:
        """Keep the faults; ``district`` names the sectors and clusters in them."""
        every = tuple(faults)
        super().__init__(name, every, district)
        self.name = name
        self.faults = every
        self.district = district

    def within(self, district: District) -> PlanError:
        """Return the same with the names of a district's sectors and clusters."""
        return PlanError(self.name, self.faults, district)

    def __str__(self) -> str:
        """Return one line for each thing wrong, in English."""
        return self.text("en")

    def text(self, lang: Lang) -> str:
        """Return one line for each thing wrong, with the plan's name."""
        between = "：" if lang == "zh" else ": "
        name = _PLANS.get(self.name, self.name) if lang == "zh" else self.name
        lines = (each.line(lang, self.district) for each in self.faults)
        return "\n".join(between.join(filter(None, (name, line))) for line in lines)


class Named(Protocol):
    """A sector or a cluster: something with a name."""

    def label(self, lang: Lang) -> str:
        """Return its name."""


def whole_fault(english: str, chinese: str) -> PlanFault:
    """Return a fault of a plan as a whole: what was expected of it."""
    return PlanFault("", "", (english, chinese))


def one_of(allowed: Iterable[str]) -> tuple[str, str]:
    """Return in words that one of ``allowed`` was expected: each by its name, with what is to be written."""
    every = tuple(allowed)
    english, chinese = ([choice_text(each, lang) for each in every] for lang in _LANGS)
    return f"one of {', '.join(english)}", f"以下之一：{'、'.join(chinese)}"


_DISTRICTS: Final = {"sectors": "产业", "clusters": "片区", "sites": "候选地块"}


def unknown_names(
    entry: str, given: Iterable[str], known: Collection[str] | Mapping[str, Named], what: str
) -> list[PlanFault]:
    """Return a fault for each of ``given`` that is none of the district's ``what``: sectors, clusters or sites.

    ``known``: their ids, with what has their names where they have any.
    """
    if not known:
        expected = (
            f"one of the district's {what}, of which there are none",
            f"本区{_DISTRICTS[what]}之一，而目前一个也没有",
        )
    else:
        more = len(known) > _MOST_LISTED
        listed = sorted(known)[:_MOST_LISTED]
        english, chinese = ([_label(each, known, lang) for each in listed] for lang in _LANGS)
        expected = (
            f"one of the district's {what}: {', '.join(english)}{', …' if more else ''}",
            f"本区{_DISTRICTS[what]}之一：{'、'.join(chinese)}{' 等' if more else ''}",
        )
    return [PlanFault(entry, plain(one), expected) for one in given if one not in known]


def _label(each: str, known: Collection[str], lang: Lang) -> str:
    return with_id(known[each].label(lang), each, lang) if isinstance(known, Mapping) else each


# what is expected by pydantic's type of error; in braces is what it was held against
_EXPECTED: Final[dict[str, tuple[str, str]]] = {
    "greater_than_equal": ("a number of at least {ge}", "不小于 {ge} 的数"),
    "greater_than": ("a number above {gt}", "大于 {gt} 的数"),
    "less_than_equal": ("a number of at most {le}", "不大于 {le} 的数"),
    "less_than": ("a number below {lt}", "小于 {lt} 的数"),
    "string_too_long": ("at most {max_length} characters", "至多 {max_length} 个字符"),
    "string_too_short": ("at least {min_length} character", "至少 {min_length} 个字符"),
    "too_short": ("at least {min_length} entry", "至少 {min_length} 项"),
    "too_long": ("at most {max_length} entries", "至多 {max_length} 项"),
    "missing": ("a value, but there is none", "一个值，但此处没有"),
    "extra_forbidden": ("the name of an entry that there is", "已有的条目名称"),
    "no_weight": ("a weight above 0 for one criterion at least", "至少一项指标的权重大于 0"),
    "quota": ("a number at most that is no smaller than the number at least", "至多之数不小于至少之数"),
    "each_once": ("each of them once", "其中各项不重复"),
    "weighed_twice": (
        "weights or comparisons; both only where the weights follow from the comparisons",
        "权重与两两比较二者之一；两者并存时权重须由比较得出",
    ),
    "comparison": ("{english}", "{chinese}"),
}
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "int": ("a whole number", "整数"),
    "float": ("a number", "数字"),
    "finite": ("a finite number", "有限的数字"),
    "string": ("a text", "文字"),
    "tuple": ("a list", "列表"),
    "list": ("a list", "列表"),
    "dict": ("a table of entries", "由条目组成的表"),
    "model": ("a table of entries", "由条目组成的表"),
}
_OTHER: Final = ("a value of another form", "另一种形式的值")
# a list says what it lists
_LISTS: Final[dict[str, tuple[str, str]]] = {
    "fixed": (
        'a list of sites, as [{ site = "DK-07", sector = "finance" }]',
        '地块的列表，如 [{ site = "DK-07", sector = "finance" }]',
    ),
    "apart": ('a list of pairs of sites, as [["DK-07", "DK-08"]]', '地块对的列表，如 [["DK-07", "DK-08"]]'),
    "leading": ('a list of sectors, as ["finance"]', '产业的列表，如 ["finance"]'),
}
_LISTS["forbidden"] = _LISTS["fixed"]
# errors where the value itself says nothing
_SAY_NO_VALUE: Final = frozenset({"missing", "weighed_twice"})


def validation_faults(errors: Sequence[Any]) -> tuple[PlanFault, ...]:
    """Return what pydantic found wrong, in our own words."""
    return tuple(_fault(details) for details in errors)


def _fault(details: Any) -> PlanFault:
    kind, context = details["type"], details.get("ctx", {})
    # the key itself is wrong: its value says nothing of it
    of_key = details["loc"][-1:] == ("[key]",)
    where = ".".join(str(part) for part in details["loc"] if part != "[key]")
    return PlanFault(
        plain(where), _found(kind, details["input"], context, of_key=of_key), expected_of(details)
    )


def _found(kind: str, given: object, context: dict[str, Any], *, of_key: bool) -> str | tuple[str, str]:
    if kind in _SAY_NO_VALUE:
        return ""
    if kind == "quota":
        low, high = context["min"], context["max"]
        return f"at least {low}, at most {high}", f"至少 {low}、至多 {high}"
    if kind == "comparison":
        english, chinese = context["found"]
        return f"{english}", f"{chinese}"
    if kind == "no_weight":
        return "0"
    return plain(given, quoted=of_key)


def expected_of(details: Any) -> tuple[str, str]:
    """Return what one of pydantic's errors expected, in our own words: English and Chinese."""
    kind, context = details["type"], details.get("ctx", {})
    if kind == "literal_error":
        return one_of(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    root = details["loc"][:1]
    if kind in {"tuple_type", "list_type"} and len(details["loc"]) == 1 and root[0] in _LISTS:
        return _LISTS[root[0]]
    said = _EXPECTED.get(kind) or _KINDS.get(kind.split("_")[0], _OTHER)
    values = {name: _bound(value) for name, value in context.items()}
    return said[0].format(**values), said[1].format(**values)


def _bound(value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    # a year has no separator
    return f"{value:,.12g}" if abs(value) >= _SEPARATED else f"{value:.12g}"


def plain(value: object, *, quoted: bool = False) -> str:
    """Return ``value`` as a short text that a terminal prints; texts as they are unless ``quoted``."""
    as_text = isinstance(value, str | date | time) and not quoted
    text = str(value) if as_text else repr(value)
    text = "".join(each if each.isprintable() else " " for each in text)
    return text if len(text) <= _SHOWN * 2 else text[:_SHOWN] + "…"
