"""What is wrong with a plan, in English and Chinese: its entry, what was found there, what was expected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from buildingmap.errors import BuildingmapError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from buildingmap.model import Lang

_SHOWN: Final = 60
_MOST_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class PlanFault:
    """One thing wrong with a plan: ``entry`` is its place (``weights.tax``); ``expected`` in English and Chinese.

    ``entry`` is empty where it is about the plan as a whole, ``found`` where what was expected says all.
    """

    entry: str
    found: str
    expected: tuple[str, str]

    def line(self, lang: Lang = "en") -> str:
        """Return the fault on one line."""
        if lang == "zh":
            found = f"实为 {self.found}，" if self.found else ""
            return f"{self.entry}：{found}应为{self.expected[1]}" if self.entry else self._whole(1)
        found = f"found {self.found}, " if self.found else ""
        return f"{self.entry}: {found}expected {self.expected[0]}" if self.entry else self._whole(0)

    def _whole(self, at: int) -> str:
        return f"{('expected ', '应为')[at]}{self.expected[at]}"


class PlanError(BuildingmapError):
    """A plan cannot be used: ``faults`` are the things wrong with it, ``name`` says which plan that is."""

    def __init__(self, name: str, faults: Iterable[PlanFault]) -> None:
        """Keep the faults."""
        every = tuple(faults)
        super().__init__(name, every)
        self.name = name
        self.faults = every

    def __str__(self) -> str:
        """Return one line for each thing wrong, in English."""
        return self.text("en")

    def text(self, lang: Lang) -> str:
        """Return one line for each thing wrong, with the plan's name."""
        between = "：" if lang == "zh" else ": "
        return "\n".join(between.join(filter(None, (self.name, each.line(lang)))) for each in self.faults)


def whole_fault(english: str, chinese: str) -> PlanFault:
    """Return a fault of a plan as a whole: what was expected of it."""
    return PlanFault("", "", (english, chinese))


def one_of(allowed: Iterable[str]) -> tuple[str, str]:
    """Return in words that one of ``allowed`` was expected."""
    every = tuple(allowed)
    return f"one of {', '.join(every)}", f"以下之一：{'、'.join(every)}"


_DISTRICTS: Final = {"sectors": "产业", "clusters": "片区", "sites": "候选地块"}


def unknown_names(entry: str, given: Iterable[str], known: Collection[str], what: str) -> list[PlanFault]:
    """Return a fault for each of ``given`` that is none of the district's ``what``: sectors, clusters or sites."""
    if not known:
        expected = (
            f"one of the district's {what}, of which there are none",
            f"本区{_DISTRICTS[what]}之一，而目前一个也没有",
        )
    else:
        more = len(known) > _MOST_LISTED
        listed = sorted(known)[:_MOST_LISTED]
        expected = (
            f"one of the district's {what}: {', '.join(listed)}{', …' if more else ''}",
            f"本区{_DISTRICTS[what]}之一：{'、'.join(listed)}{' 等' if more else ''}",
        )
    return [PlanFault(entry, plain(one), expected) for one in given if one not in known]


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
    "quota": ("a max of at least the min", "不小于 min 的 max"),
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
_SAY_NO_VALUE: Final = frozenset({"missing", "weighed_twice", "comparison"})


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


def _found(kind: str, given: object, context: dict[str, Any], *, of_key: bool) -> str:
    if kind in _SAY_NO_VALUE:
        return ""
    if kind == "quota":
        return f"min {context['min']}, max {context['max']}"
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
    return f"{value:,.12g}" if isinstance(value, int | float) else str(value)


def plain(value: object, *, quoted: bool = False) -> str:
    """Return ``value`` as a short text that a terminal prints; texts as they are unless ``quoted``."""
    text = value if isinstance(value, str) and not quoted else repr(value)
    text = "".join(each if each.isprintable() else " " for each in text)
    return text if len(text) <= _SHOWN * 2 else text[:_SHOWN] + "…"
