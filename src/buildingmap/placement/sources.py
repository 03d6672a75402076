"""Where the tables of a plan come from that no data gives: who gains from whom, and what clusters are meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.placement.criterion import word

if TYPE_CHECKING:
    from buildingmap.model import Lang
    from buildingmap.placement.plan_file import PlanFile

# by table: its name in English and Chinese
SOURCE_NAMES: Final[dict[str, tuple[str, str]]] = {
    "linkage": ("Source of who gains from whom", "产业关联来源"),
    "strategy": ("Source of what clusters are meant for", "片区定位来源"),
}
_UNNAMED: Final = ("not stated", "未注明")


def plan_sources(plan: PlanFile, lang: Lang) -> dict[str, str]:
    """Return the source of each of those tables as the plan states it, by the table."""
    given = {"linkage": plan.linkage.source, "strategy": plan.strategy.source}
    return {table: source.strip() or word(_UNNAMED, lang) for table, source in given.items()}


def source_texts(plan: PlanFile, lang: Lang) -> list[str]:
    """Return a sentence for each source."""
    between = "：" if lang == "zh" else ": "
    return [
        f"{word(SOURCE_NAMES[table], lang)}{between}{source}"
        for table, source in plan_sources(plan, lang).items()
    ]
