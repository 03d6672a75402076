"""The audit trail's end: who may move it, and how a revision is sealed onto it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from buildingmap.registry.errors import RegistryError
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, REGISTRY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from buildingmap.registry.changes import Revision


def now(moment: datetime | None = None) -> str:
    """Return ``moment`` (aware), or the present, as the registry writes times: UTC, to the microsecond."""
    moment = datetime.now(UTC) if moment is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def locked_state(connection: Connection) -> Any:
    """Return the registry's own row, which no other writer can move until the transaction ends."""
    state = connection.execute(select(REGISTRY).with_for_update()).mappings().first()
    if state is None:
        raise RegistryError("the registry has no content yet: buildingmap init makes one")
    return state


def sealed(connection: Connection, revision: Revision, rows: Sequence[Any] = ()) -> Revision:
    """Write the audit row of ``revision``, with its hash, and make its version the registry's; return it."""
    revision = replace(revision, hash=revision.sealed())
    _audit(connection, revision, rows)
    connection.execute(update(REGISTRY).values(version=revision.version, head=revision.hash))
    return revision


def _audit(connection: Connection, revision: Revision, rows: Sequence[Any]) -> None:
    names = ("version", "at", "actor", "action", "note", "row_count", "changes_hash", "previous", "hash")
    connection.execute(insert(AUDIT), {name: getattr(revision, name) for name in names})
    if rows:
        connection.execute(
            insert(AUDIT_CHANGE),
            [
                {
                    "version": revision.version,
                    "table_name": table,
                    "row_id": row_id,
                    "before": before,
                    "after": after,
                }
                for table, row_id, before, after in rows
            ],
        )
