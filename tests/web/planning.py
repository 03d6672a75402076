"""A small town to plan in, and what tests of plans wait for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from buildingmap.model import Surroundings
from buildingmap.placement import Question, plan_of
from tests.placement.towns import town

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from buildingmap.model import District
    from buildingmap.placement import PlanFile
    from buildingmap.snapshot import Snapshot
    from buildingmap.web.plan_jobs import PlanJob

# a machine under load answers late; nothing here is timed
PATIENCE_SECONDS: Final = 120.0


def small_town(district: District) -> Snapshot:
    """Ten parcels among thirty towers: solved in no time."""
    return town(5, district, Surroundings())


def large_town(district: District) -> Snapshot:
    """Two hundred parcels: with towers that matter much to each other, nobody proves the best plan in minutes."""
    return town(6, district, Surroundings(), sites=200)


def quick_plan(**entries: Any) -> PlanFile:
    """Three towers anywhere."""
    return plan_of({"towers": 3, "spacing_m": 0, **entries}, "plan", complete=True)


def long_plan(**entries: Any) -> PlanFile:
    """Thirty towers of whose points most come from each other."""
    linked = {"headquarters": 0.9, "finance": 0.7, "digital": 0.8, "trade": 0.6}
    gains = {one: {other: gain for other, gain in linked.items() if other != one} for one in linked}
    return plan_of(
        {
            "towers": 30,
            "spacing_m": 0,
            "seconds": 250,
            "weights": {
                "access": 1,
                "agglomeration": 40,
                "linkage": 60,
                "vacancy": 40,
                "capacity": 0,
                "strategy": 0,
                "tax": 1,
            },
            "reference": {"neighbour_share": 1.0, "reach_m": 3000},
            "linkage": {"gains": gains},
            **entries,
        },
        "plan",
        complete=True,
    )


def quick(**entries: Any) -> Question:
    return Question(quick_plan(**entries))


def long(**entries: Any) -> Question:
    return Question(long_plan(**entries))


def until(true: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def finished(job: PlanJob) -> PlanJob:
    until(lambda: not job.unfinished)
    return job


def answered(client: FlaskClient, plan_id: str) -> Any:
    """The document of a job once it is finished."""
    found: Any = None

    def over() -> bool:
        nonlocal found
        found = client.get(f"/api/plans/{plan_id}").get_json()
        return found["state"] not in {"waiting", "solving"}

    until(over)
    return found
