"""One building, one file: the page of a tower, with what its reader may see and, for editors, change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from flask import Blueprint, render_template, request

from buildingmap import analysis
from buildingmap.map import STACK_COLOURS, stack, tax_bars
from buildingmap.registry import Registry as Store
from buildingmap.web.choosing import local_day
from buildingmap.web.frame import file_url
from buildingmap.web.languages import language
from buildingmap.web.queries import one_of, only, read_query
from buildingmap.web.spots import map_of_towers
from buildingmap.web.state import snapshot, state
from buildingmap.web.tower_forms import row_forms, row_words
from buildingmap.web.tower_words import (
    block_words,
    box_words,
    colour_names,
    days_words,
    duty_name,
    estimate_words,
    fact_names,
    fact_value,
    floor_name,
    key_name,
    lease_names,
    lease_words,
    outlook_words,
    part_area,
    part_words,
    rent_words,
    share_words,
    some_units,
    spread_words,
    yes_or_no,
)
from buildingmap.web.visitors import may

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.analysis import StackingPlan, TowerFile
    from buildingmap.map import StackColour
    from buildingmap.registry import Revision

tower_page = Blueprint("tower_page", __name__)
_WORDS: Final[tuple[Callable[..., Any], ...]] = (
    block_words,
    days_words,
    duty_name,
    estimate_words,
    fact_value,
    floor_name,
    key_name,
    lease_words,
    outlook_words,
    part_area,
    rent_words,
    share_words,
    some_units,
    spread_words,
    yes_or_no,
)


@tower_page.get("/buildings/<building_id>")
def page(building_id: str) -> str:
    """Show the file of one tower; ``colour`` chooses how the stacking plan is coloured."""
    words = read_query(request.query_string)
    only(words, "colour", "lang")
    colour = cast("StackColour", one_of(words, "colour", STACK_COLOURS))
    towers, today = snapshot(), local_day()
    found = analysis.tower_file(towers, building_id, today=today)
    return render_template(
        "tower.html",
        file=found,
        today=today,
        is_public=towers.is_public,
        facts=fact_names(),
        revisions=_revisions(building_id),
        lease_names=lease_names(),
        mark_yuan=towers.district.mark_yuan,
        bars=tax_bars(found.taxes, found.forecast, towers.district.mark_yuan),
        **map_of_towers(towers, _places(found)),
        **_plan(found, colour),
        **_editing(found),
        **{word.__name__: word for word in _WORDS},
    )


def _places(found: TowerFile) -> list[tuple[str, str]]:
    """Return the tower and its neighbours with the addresses of their files, as the map numbers them."""
    ids = [found.building.id, *(near.id for near in found.card.neighbours)]
    return [(building_id, file_url(building_id)) for building_id in ids]


def _plan(found: TowerFile, colour: StackColour) -> dict[str, Any]:
    plan = found.plan

    def said(part: Any, floor: int) -> str:
        return part_words(part, floor, None if part.block is None else plan.blocks[part.block])

    return {
        "plan": plan,
        "drawn": stack(plan, colour, lambda part: box_words(part, colour)),
        "part_words": said,
        "colour": colour,
        "colours": [(name, label, _colour_url(name)) for name, label in colour_names().items()],
        "vacancy": _vacancy(plan),
    }


def _colour_url(colour: StackColour) -> str:
    asked = [f"colour={colour}"] + ([f"lang={language()}"] if "lang" in request.args else [])
    return f"?{'&'.join(asked)}#plan"


def _vacancy(plan: StackingPlan) -> float | None:
    told = plan.let_m2 + plan.vacant_m2
    return plan.vacant_m2 / told if told > 0 else None


def _revisions(building_id: str) -> dict[str, Revision]:
    """Return who gave each fact of the tower its value; nothing for the public or without a store."""
    kept = state().registry
    if not isinstance(kept, Store) or not may("analyst"):
        return {}
    return analysis.last_revisions(kept.history_of("building", building_id))


def _editing(found: TowerFile) -> dict[str, Any]:
    """Return the forms of who may change the file, none for others."""
    edits = may("editor") and isinstance(state().registry, Store)
    return {
        "edits": edits,
        "forms": row_forms(found.building.id, snapshot().district) if edits else (),
        "row_words": row_words() if edits else {},
    }
