"""How complete the figures of a year are, in the reader's language, beside the figures that go by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildingmap.model import to_be_said
from buildingmap.web.languages import text
from buildingmap.web.state import snapshot

if TYPE_CHECKING:
    from flask import Flask

    from buildingmap.snapshot import Snapshot


def coverage_notes(towers: Snapshot) -> list[str]:
    """Return one sentence for each year that is not complete, or too incomplete to count, oldest first."""
    message = (
        text("%(year)s: %(reported)s of %(standing)s towers disclosed")
        if towers.is_public
        else text("%(year)s: %(reported)s of %(standing)s towers reported")
    )
    return [
        message % {"year": each.year, "reported": each.reported, "standing": each.standing}
        for each in to_be_said(towers.coverage)
    ]


def of_towers(reported: int, standing: int | None) -> str:
    """Write how many towers a year that does not count has; empty for one without any."""
    if not reported or standing is None:
        return ""
    values = {"reported": reported, "standing": standing}
    if snapshot().is_public:
        return text("%(reported)s of %(standing)s towers disclosed", **values)
    return text("%(reported)s of %(standing)s towers reported", **values)


def year_basis(towers: Snapshot) -> str:
    """Say which year's figures count where no year is chosen."""
    year = towers.year_in_force
    if year is None:
        return text("Tax figures of each tower's newest year.")
    if any(each.year == year and each.complete for each in towers.coverage):
        return text("Tax figures of %(year)s, the newest year that enough towers have figures of.", year=year)
    return text("Tax figures of %(year)s, the fullest year: none is complete.", year=year)


def init_coverage(app: Flask) -> None:
    """Give templates ``of_towers``."""
    app.jinja_env.globals["of_towers"] = of_towers
