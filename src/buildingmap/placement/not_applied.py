"""What a plan for towers to come states without effect: they keep their places, so some entries count nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from buildingmap.placement.criterion import word
from buildingmap.placement.entry_words import entry_text
from buildingmap.placement.plan_file import PlanFile, Reference

if TYPE_CHECKING:
    from buildingmap.model import Lang

# what the floor area of a parcel is computed with
_OF_PARCELS: Final = ("storey_height_m", "site_coverage", "floor_area_ratio")
_SENTENCE: Final = (
    "Towers to come keep their places and all of them are planned, so these entries count nothing: {entries}.",
    "待建楼宇位置已定且全部参与定位，以下参数不起作用：{entries}。",
)


def not_applied(plan: PlanFile, places: int) -> tuple[str, ...]:
    """Return the entries that count nothing in a plan for ``places`` towers to come; none in a plan for parcels."""
    if plan.candidates != "coming":
        return ()
    usual = Reference()
    stated = {
        "towers": plan.towers not in {None, places},
        "year": plan.year is not None,
        # nobody need be told of what nobody asked for
        "spacing_m": plan.spacing_m not in {0, PlanFile.model_fields["spacing_m"].default},
        "occupied": plan.occupied != "exclude",
    } | {f"reference.{name}": getattr(plan.reference, name) != getattr(usual, name) for name in _OF_PARCELS}
    return tuple(entry for entry, counts_nothing in stated.items() if counts_nothing)


def not_applied_text(entries: tuple[str, ...], plan: PlanFile, lang: Lang) -> str:
    """Return the sentence on entries that count nothing, with what the plan states; empty where there are none."""
    if not entries:
        return ""
    between = {"en": "; ", "zh": "；"}[lang]
    return word(_SENTENCE, lang).format(entries=between.join(_stated(entry, plan, lang) for entry in entries))


def _stated(entry: str, plan: PlanFile, lang: Lang) -> str:
    name = entry_text(entry, None, lang)
    if entry == "occupied":
        return name
    value: object = plan
    for part in entry.split("."):
        value = getattr(value, part)
    shown = f"{value:g}" if isinstance(value, float) else f"{value}"
    return f"{name} {shown}"
