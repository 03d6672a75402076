"""The registry's own row: what it says of its content is told by the audit trail as any other row is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from buildingmap.model import Expected, Fault
from buildingmap.model.building import is_one_line
from buildingmap.model.faults import shown
from buildingmap.registry.changes import Revision, hash_of, written
from buildingmap.registry.schema import AUDIT_CHANGE, REGISTRY
from buildingmap.registry.sealing import now, sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

# the name of the table and of its one row in the trail
SETTINGS: Final = "registry"
# what another program, or taking a revision back, may change; the rest is the registry's own
_FREE: Final = ("title", "source", "as_of")
_FIELDS: Final = ("uid", *_FREE, "synthetic", "created_at")
_LONGEST: Final = 300


def settings_of(state: RowMapping | Mapping[str, Any]) -> dict[str, Any]:
    """Return what the trail tells of the registry's own row, JSON-ready."""
    return {name: state[name] for name in _FIELDS} | {"synthetic": bool(state["synthetic"])}


def checked_settings(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any] | list[Fault]:
    """Return the settings as they may be kept, or every fault; only title, source and as-of date are free."""
    faults = [
        Fault(Expected.of("about_text"), name, shown(values[name]), building_id=SETTINGS)
        for name in _FREE
        if values[name] is not None and not _is_line(values[name])
    ]
    faults += [
        Fault(
            Expected.of("registry_own", value=before[name]), name, shown(values[name]), building_id=SETTINGS
        )
        for name in _FIELDS
        if name not in _FREE and values[name] != before[name]
    ]
    return faults or dict(values)


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and is_one_line(value)


def put_settings(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the registry's own row as the trail tells it; it is made again where another program took it away."""
    if connection.execute(select(REGISTRY.c.fid)).first() is None:
        connection.execute(insert(REGISTRY), {**values, "version": 0, "head": "", "writing": 1})
        return
    connection.execute(update(REGISTRY).values(**values))


def tell_settings(connection: Connection, *, actor: str, action: str) -> None:
    """Let the trail of a registry that was made before it told of its settings do so from now on."""
    state = connection.execute(select(REGISTRY)).mappings().first()
    told = connection.execute(
        select(AUDIT_CHANGE.c.fid).where(AUDIT_CHANGE.c.table_name == SETTINGS).limit(1)
    ).first()
    if state is None or told is not None:
        return
    rows = [(SETTINGS, SETTINGS, None, written(settings_of(state)))]
    version = int(state["version"]) + 1
    sealed(
        connection,
        Revision(version, now(), actor, action, "", len(rows), hash_of(rows), state["head"], ""),
        rows,
    )
