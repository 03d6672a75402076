"""Scenarios in the registry: each is one row of the table ``plan``, changed like any other row."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildingmap.placement.scenarios.scenario import Scenario, ScenarioError, read_scenario, scenario_document
from buildingmap.registry import Change, UnknownRecordError

if TYPE_CHECKING:
    from buildingmap.registry import Registry, StoredRow
    from buildingmap.snapshot import Snapshot

TABLE: Final = "plan"
_VERSION: Final = re.compile(r"[0-9a-f]{8}-(\d{1,15})")


@dataclass(frozen=True, slots=True)
class Kept:
    """A scenario as the registry keeps it: ``version`` is the row's own, to be named in a change.

    ``scenario`` is None where the document is not one; ``fault`` then says why, a line for each reason.
    """

    id: str
    title: str
    version: int
    changed_at: str
    changed_by: str
    scenario: Scenario | None
    fault: str = ""

    @property
    def whole(self) -> Scenario:
        """The scenario. Raises ScenarioError where the document is not one."""
        if self.scenario is None:
            raise ScenarioError(self.fault)
        return self.scenario


def registry_version_of(snapshot: Snapshot) -> int | None:
    """Return the version of the registry that a snapshot is; None where it comes from no registry."""
    found = _VERSION.fullmatch(snapshot.version)
    return None if found is None else int(found[1])


def keep_scenario(registry: Registry, scenario: Scenario, title: str, *, actor: str) -> Kept:
    """Save a scenario under a title, as one change of the registry. Raises RecordFaultsError for a title it refuses.

    A scenario whose document is longer than the registry keeps is refused the same way.
    """
    row_id = f"plan-{secrets.token_hex(6)}"
    values = {
        "title": title,
        "document": scenario_document(scenario),
        "registry_version": scenario.registry_version,
    }
    registry.apply([Change(TABLE, row_id, values, 0)], actor=actor, action="add", note=title)
    return kept_scenario(registry, row_id)


def kept_scenarios(registry: Registry) -> list[Kept]:
    """Return every scenario of the registry, the newest first; also those whose document is not one."""
    found = [_kept(row) for row in registry.rows(TABLE)]
    return sorted(found, key=lambda kept: (_made_at(kept), kept.id), reverse=True)


def kept_scenario(registry: Registry, row_id: str) -> Kept:
    """Return one scenario of the registry. Raises UnknownRecordError."""
    return _kept(registry.row(TABLE, row_id))


def found_scenario(registry: Registry, name: str) -> Kept:
    """Return the scenario with an id, or with a title that only one has. Raises UnknownRecordError."""
    rows = list(registry.rows(TABLE))
    named = [row for row in rows if row.row_id == name] or [
        row for row in rows if row.values["title"] == name
    ]
    if len(named) == 1:
        return _kept(named[0])
    expected = "an id, because several have this title" if named else "the id or title of one"
    raise UnknownRecordError(f"found {len(named)} scenarios {name!r}, expected {expected}")


def rename_scenario(registry: Registry, row_id: str, title: str, *, version: int | None, actor: str) -> Kept:
    """Give a scenario that is still at ``version`` another title. Raises ConflictError, RecordFaultsError."""
    registry.apply([Change(TABLE, row_id, {"title": title}, version)], actor=actor, note=title)
    return kept_scenario(registry, row_id)


def remove_scenario(registry: Registry, row_id: str, *, version: int | None, actor: str) -> None:
    """Delete a scenario that is still at ``version``; the history can bring it back. Raises ConflictError."""
    title = registry.row(TABLE, row_id).values["title"] if version is None else ""
    registry.apply([Change(TABLE, row_id, None, version)], actor=actor, action="delete", note=title)


def _made_at(kept: Kept) -> str:
    return kept.changed_at[:19] if kept.scenario is None else kept.scenario.made_at[:19]


def _kept(row: StoredRow) -> Kept:
    scenario, fault = None, ""
    try:
        scenario = read_scenario(row.values["document"])
    except ScenarioError as error:
        fault = str(error)
    return Kept(row.row_id, row.values["title"], row.version, row.changed_at, row.changed_by, scenario, fault)
