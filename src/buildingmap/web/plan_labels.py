"""What the fields of the plan's form are called, and the words of its script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildingmap.map import sector_symbols
from buildingmap.web.languages import language, text
from buildingmap.web.plan_words import criterion_names

if TYPE_CHECKING:
    from buildingmap.model import District


def judgements() -> list[tuple[str, str]]:
    """Return Saaty's scale: the value of each judgement, and how it is said of the first against the second."""
    fractions = [(repr(1 / times), text("1/%(times)s as much as", times=times)) for times in range(2, 10)]
    return [
        *((str(times), text("%(times)s times as much as", times=times)) for times in range(9, 1, -1)),
        ("1", text("as much as")),
        *fractions,
    ]


def script_words(district: District) -> dict[str, Any]:
    """Return the words of the page's own script, as text."""
    lang = language()
    return {
        "lang": lang,
        "sectors": {sector.id: sector.label(lang) for sector in district.sectors},
        "symbols": {sector: symbol.css for sector, symbol in sector_symbols(district).items()},
        "criteria": criterion_names(),
        "solving": text("Solving"),
        "waiting": text("Waiting for a free process"),
        "progress": text("%(score)s points so far, no plan over %(bound)s, gap %(gap)s"),
        "score_only": text("%(score)s points so far"),
        "done_of": text("%(done)s of %(of)s"),
        "cancelled": text("Stopped. The form is as you left it."),
        "failed": text("This could not be solved:"),
        "unreachable": text("The server cannot be reached."),
        "refused": text("Please look at the form:"),
        "taken_for": text("no. %(number)s, for %(sector)s"),
        "runner_up": text("runner-up %(rank)s"),
        "runner_short": text("R%(rank)s"),
        "left_out": text("left out"),
        "fix": text("Fix"),
        "forbid": text("Forbid"),
        "ask_why_not": text("Why not?"),
        "best_sector": text("with its best sector"),
        "value_of": text("%(criterion)s, %(sector)s: %(value)s"),
        "chosen_in": text("chosen in %(share)s of 100 weightings"),
    }
