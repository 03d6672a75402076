"""Scenarios: a plan kept with its answer and with what it was made from, so that it can be made again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import orjson
import shapely
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from buildingmap.errors import BuildingmapError
from buildingmap.model import Site
from buildingmap.model.faults import shown
from buildingmap.placement.plan_faults import expected_of
from buildingmap.placement.plan_file import PlanFile  # noqa: TC001 - pydantic reads it
from buildingmap.placement.planning import PlanAnswer, answer, planning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from buildingmap.placement.planning import Planning
    from buildingmap.placement.terms import TermKind
    from buildingmap.snapshot import Snapshot

_FORMAT: Final = 2
# said of another sector what it costs while all other towers stay, and of new space that it lets like that of today
_FIRST_FORMAT: Final = 1
# points, as a share of the score: what adding in another order may change
_SAME_SCORE: Final = 1e-6
_MOST_NUMBER: Final = 1e15
_MOST_TEXT: Final = 2_000
_MOST_FAULTS: Final = 20
# how many ids a term may be about: a site with a sector, two sites, or as many as there may be
_MOST_SUBJECTS: Final[dict[TermKind, int]] = {"fixed": 2, "forbidden": 2, "apart": 2}
_MOST_IDS: Final = 1_000


class ScenarioError(BuildingmapError):
    """A scenario's document cannot be used: one line for each thing wrong, with the entry, the found, the expected."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A plan with its answer in full, and what both were made from.

    ``plan``: complete, as it was entered. ``registry_version`` and ``fingerprint`` (the snapshot's version, which
    names the registry too) say from which version; ``content`` is a digest of what a plan is made from, see
    ``content_of``: two versions that differ in none of it have the same. ``program``: the version of buildingmap;
    ``made_at``: UTC, ISO 8601; ``made_by``: an account's name, or the terminal's user.
    """

    plan: PlanFile
    registry_version: int
    fingerprint: str
    content: str
    program: str
    made_at: str
    made_by: str
    answer: PlanAnswer


@dataclass(frozen=True, slots=True)
class Rerun:
    """A scenario made again from a version of the registry.

    ``same``: the same sites with the same sectors for the same score under the same terms. ``same_content``: the
    registry and the district's own file hold what the scenario was made from. ``enter``, ``leave``: sites that only
    the new answer takes, or only the old one; ``change``: those that both take, for another sector.
    """

    same: bool
    same_content: bool
    same_terms: bool
    enter: tuple[str, ...]
    leave: tuple[str, ...]
    change: tuple[str, ...]
    score_before: float | None
    answer: PlanAnswer


def scenario_of(
    laid_out: Planning,
    best: PlanAnswer,
    *,
    registry_version: int,
    made_by: str = "",
    made_at: datetime | None = None,
) -> Scenario:
    """Return the scenario of a plan and its answer; ``made_at`` (aware) is now when None."""
    moment = (made_at or datetime.now(UTC)).astimezone(UTC)
    return Scenario(
        plan=laid_out.plan,
        registry_version=registry_version,
        fingerprint=laid_out.snapshot.version,
        content=content_of(laid_out.snapshot),
        program=version_of("buildingmap"),
        made_at=moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        made_by=made_by,
        answer=best,
    )


def content_of(snapshot: Snapshot) -> str:
    """Return a digest of all that a plan is made from: towers, parcels, stations, and the district's own words.

    Whatever order a store has its rows in, and whatever else changes in the registry, it stays the same.
    """
    digest = hashlib.sha256(snapshot.district.model_dump_json().encode())
    for row in sorted(range(len(snapshot)), key=snapshot.ids.__getitem__):
        digest.update(orjson.dumps(snapshot.buildings[row].properties()))
        digest.update(shapely.to_wkb(snapshot.geometry[row], byte_order=1))
    shapes = snapshot.holdings.site_shapes
    for site in sorted(snapshot.holdings.all(Site), key=lambda each: each.id):
        digest.update(orjson.dumps(site.values()))
        digest.update(shapely.to_wkb(shapes[site.id], byte_order=1) if site.id in shapes else b"-")
    for station in snapshot.surroundings.stations:
        digest.update(orjson.dumps([station.id, station.point.x, station.point.y]))
    return digest.hexdigest()[:16]


def scenario_document(scenario: Scenario) -> str:
    """Return a scenario as the JSON text that the registry keeps."""
    members = asdict(scenario) | {"plan": scenario.plan.model_dump(mode="json")}
    return orjson.dumps({"format": _FORMAT, **members}, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def read_scenario(document: str) -> Scenario:
    """Return the scenario that a document states. Raises ScenarioError with a line for each fault."""
    try:
        read = json.loads(document)
        faults = list(_out_of_bounds(read, ""))
        found = None if faults else _Document.model_validate_json(_without_what_misled(read) or document)
    except ValidationError as error:
        raise _refused(_line(details) for details in error.errors(include_url=False)) from error
    except (ValueError, RecursionError) as error:
        raise ScenarioError(
            f"scenario: expected JSON as buildingmap writes it ({shown(str(error))})"
        ) from error
    if found is None:
        raise _refused(faults)
    faults = list(_disagreements(found.answer))
    if faults:
        raise _refused(faults)
    members = {name: getattr(found, name) for name in _Document.model_fields if name != "format"}
    return Scenario(**members)


def _without_what_misled(read: Any) -> str | None:
    """Return a document of the first format as one of this, without the figures that misled; None for any other."""
    found = read.get("answer") if isinstance(read, dict) and read.get("format") == _FIRST_FORMAT else None
    if not isinstance(found, dict):
        return None
    for chosen in found.get("chosen") or []:
        if isinstance(chosen, dict) and "other_sector" in chosen:
            chosen["sector_instead"] = None
            del chosen["other_sector"]
    outcome = found.get("outcome")
    if isinstance(outcome, dict):
        outcome.pop("vacant_after_m2", None)
        outcome.pop("vacancy_after", None)
    return json.dumps(read | {"format": _FORMAT})


def rerun(
    scenario: Scenario, snapshot: Snapshot, *, told: Callable[[float, float], bool] | None = None
) -> Rerun:
    """Make a scenario again from ``snapshot`` and hold the new answer against the old one.

    ``told`` hears score and bound, False ends the work. Raises PlanError where the plan names what the snapshot
    does not hold, ConfidentialPlanError for the public view.
    """
    before = scenario.answer
    after = answer(planning(snapshot, scenario.plan, "scenario"), told=told)
    old, new = ({chosen.id: chosen.sector for chosen in each.chosen} for each in (before, after))
    same_terms = _asked(before) == _asked(after)
    return Rerun(
        same=old == new and same_terms and _alike(before.score, after.score),
        same_content=scenario.content == content_of(snapshot),
        same_terms=same_terms,
        enter=tuple(sorted(new.keys() - old.keys())),
        leave=tuple(sorted(old.keys() - new.keys())),
        change=tuple(sorted(key for key in old.keys() & new.keys() if old[key] != new[key])),
        score_before=before.score,
        answer=after,
    )


def _asked(found: PlanAnswer) -> tuple[Any, ...]:
    return frozenset(found.terms), found.kind, found.towers, found.weights


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _SAME_SCORE * max(1.0, abs(one))


_Text = Annotated[str, Field(max_length=200)]


class _Document(BaseModel):
    """The document of a scenario: whatever it does not say, or says besides, is a fault."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    format: Literal[2]
    plan: PlanFile
    registry_version: Annotated[int, Field(ge=0, le=2**53)]
    fingerprint: _Text
    content: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    program: _Text
    made_at: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    made_by: _Text
    answer: PlanAnswer


def _refused(lines: Any) -> ScenarioError:
    every = list(lines)
    more = [f"scenario: and {len(every) - _MOST_FAULTS} more"] if len(every) > _MOST_FAULTS else []
    return ScenarioError("\n".join(every[:_MOST_FAULTS] + more))


def _line(details: Any) -> str:
    where = ".".join(str(part) for part in details["loc"])
    found = "" if details["type"] == "missing" else f"found {shown(details['input'])}, "
    return f"scenario: {shown(where)[1:-1]}: {found}expected {expected_of(details)[0]}"


def _out_of_bounds(value: Any, where: str) -> Iterator[str]:
    """Yield a line for each number that no plan has and each text that no plan says."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _out_of_bounds(key, where)
            yield from _out_of_bounds(member, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from _out_of_bounds(member, f"{where}.{place}")
    elif isinstance(value, str):
        if len(value) > _MOST_TEXT or not _is_text(value):
            expected = f"a text of up to {_MOST_TEXT} characters"
            yield f"scenario: {shown(where)[1:-1]}: found {shown(value)}, expected {expected}"
    elif isinstance(value, int | float) and not abs(value) <= _MOST_NUMBER:  # NaN is not either
        yield f"scenario: {shown(where)[1:-1]}: found {shown(value)}, expected a number up to {_MOST_NUMBER:.0e}"


def _is_text(value: str) -> bool:
    return not any(0xD800 <= ord(char) < 0xE000 for char in value)  # noqa: PLR2004 - halves of characters


def _disagreements(found: PlanAnswer) -> Iterator[str]:
    """Yield a line for each thing that an answer says twice, or in an order or place that cannot be."""
    seen: set[str] = set()
    for place, term in enumerate((*found.terms, *found.clash)):
        most = _MOST_SUBJECTS.get(term.kind, _MOST_IDS)
        if len(term.subject) > most:
            yield f"scenario: terms.{place}.subject: found {len(term.subject)} ids, expected at most {most}"
    for place, chosen in enumerate(found.chosen):
        where = f"scenario: answer.chosen.{place}"
        if chosen.id in seen:
            yield f"{where}.id: found {shown(chosen.id)} again, expected each site once"
        seen.add(chosen.id)
        if abs(chosen.lon) > 180 or abs(chosen.lat) > 90:  # noqa: PLR2004 - degrees
            yield f"{where}: found {chosen.lon}, {chosen.lat}, expected longitude and latitude in degrees"
        spread = chosen.tax_yuan
        if spread is not None and not spread.low <= spread.middle <= spread.high:
            yield f"{where}.tax_yuan: found {spread.low}, {spread.middle}, {spread.high}, expected them ascending"
        if len({part.criterion for part in chosen.parts}) != len(chosen.parts):
            yield f"{where}.parts: found a criterion twice, expected each once"
