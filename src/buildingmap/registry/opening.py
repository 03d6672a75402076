"""How a registry is opened, and how one is made."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, inspect, select

from buildingmap.registry import content, copying
from buildingmap.registry.changes import FIRST_HASH, Change
from buildingmap.registry.database import open_database
from buildingmap.registry.errors import RegistryError, RegistryMissingError
from buildingmap.registry.migrating import migrate
from buildingmap.registry.schema import AUDIT, REGISTRY
from buildingmap.registry.sealing import now
from buildingmap.registry.store import Registry
from buildingmap.registry.writing import write

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District, Surroundings
    from buildingmap.snapshot import Holdings, LayerNote


def open_registry(location: str | Path, *, district: District, surroundings: Surroundings) -> Registry:
    """Open the registry at ``location``, a file or a ``postgresql://`` URL, its schema brought up to date.

    Raises RegistryMissingError where there is none yet, RegistryError where it cannot be used.
    """
    with ExitStack() as undone:
        database = open_database(location)
        undone.callback(database.close)
        migrate(database, back_up=lambda schema: copying.back_up_before(database, schema))
        with database.reading() as connection:
            if not _has_content(connection):
                raise RegistryMissingError(f"{database.name}: found an empty store, expected a registry")
        undone.pop_all()
    return Registry(database, district=district, surroundings=surroundings)


def _has_content(connection: Connection) -> bool:
    """Tell whether there is a registry, or at least the trail of one whose own row another program took away."""
    present = set(inspect(connection).get_table_names())
    return any(
        table.name in present and connection.execute(select(table.c.version).limit(1)).first() is not None
        for table in (REGISTRY, AUDIT)
    )


def create_registry(
    location: str | Path,
    *,
    district: District,
    surroundings: Surroundings,
    note: LayerNote,
    layer: CheckedLayer | None = None,
    holdings: Holdings | None = None,
    actor: str = "buildingmap",
) -> Registry:
    """Make a registry at ``location`` with the towers of ``layer`` and the records of ``holdings``, or an empty one.

    All of it or nothing: a process that is killed meanwhile leaves a store without a registry, which the next call
    fills. Raises RegistryError where there is a registry already.
    """
    changes = _first_changes(layer, holdings)
    with ExitStack() as undone:
        database = open_database(location, create=True)
        undone.callback(database.close)
        migrate(database, back_up=lambda schema: copying.back_up_before(database, schema))
        with database.writing() as connection:
            if connection.execute(select(REGISTRY.c.version)).one_or_none() is not None:
                raise RegistryError(f"{database.name}: found a registry, expected none there yet")
            connection.execute(insert(REGISTRY), _first_state(note))
            write(
                connection,
                changes,
                district=district,
                actor=actor,
                action="create",
                note=note.title,
                keep_empty=True,
            )
        undone.pop_all()
    return Registry(database, district=district, surroundings=surroundings)


def _first_changes(layer: CheckedLayer | None, holdings: Holdings | None) -> list[Change]:
    changes = [] if layer is None else content.changes_of_layer(layer)
    if holdings is None:
        return changes
    added = content.changes_of_holdings(holdings)
    # a record that the holdings tell in full replaces the layer's own, the tax of a year for one
    told = {(change.table, change.row_id) for change in added}
    return [change for change in changes if (change.table, change.row_id) not in told] + added


def _first_state(note: LayerNote) -> dict[str, Any]:
    return {
        "uid": uuid.uuid4().hex,
        "title": note.title,
        "source": note.source,
        "as_of": note.as_of,
        "synthetic": note.synthetic,
        "version": 0,
        "head": FIRST_HASH,
        "created_at": now(),
    }
