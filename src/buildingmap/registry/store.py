"""The registry: one building, one file (一楼一档), with every version of it."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import select

from buildingmap.model.names import table_name
from buildingmap.registry import copying, history, laying, proof, refusals, repairing
from buildingmap.registry.companion import Companion
from buildingmap.registry.errors import (
    RegistryError,
    UnknownRecordError,
)
from buildingmap.registry.geometry import UNREADABLE
from buildingmap.registry.looking import Lookout
from buildingmap.registry.rows import TABLES, stamp_of, table_of, values_of
from buildingmap.registry.schema import REGISTRY
from buildingmap.registry.trail import noted, told
from buildingmap.registry.witness import Head, Witness
from buildingmap.registry.writing import catch_up, now, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from buildingmap.model import District, Surroundings
    from buildingmap.registry.changes import Change, Revision, RowChange
    from buildingmap.registry.damage import Damage
    from buildingmap.registry.database import Database
    from buildingmap.registry.refusals import Refusal, Refusals
    from buildingmap.snapshot import LayerNote, Snapshot

# another process may write: its version is looked for at most this often, our own at once
_LOOK_EVERY_SECONDS: Final = 0.5
_log: Final = logging.getLogger("buildingmap.registry")


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One row in force: JSON-ready values, and its own version with who changed it last and when."""

    table: str
    row_id: str
    values: dict[str, Any]
    version: int
    changed_at: str
    changed_by: str


class Registry:
    """The registry in one GeoPackage file or PostgreSQL database; safe to share among threads and processes."""

    def __init__(self, database: Database, *, district: District, surroundings: Surroundings) -> None:
        """Work on an open and migrated ``database``; ``open_registry`` is the usual way."""
        self.database = database
        self.companion = Companion(database)
        self.district = district
        self.surroundings = surroundings
        self._witness: Witness | None = None
        self._lookout = Lookout(database, district)
        self._reading = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._seen = -1
        self._looked = 0.0
        # what was last asked to be shown at once, and what the snapshot shows
        self._wanted = self._shown = object()

    @property
    def name(self) -> str:
        """The file or database, without a password."""
        return self.database.name

    @property
    def read_only(self) -> bool:
        """Whether it cannot be written here."""
        return self.database.read_only

    @property
    def version(self) -> int:
        """The version in force, asked of the store."""
        with self.database.reading() as connection:
            return int(connection.execute(select(REGISTRY.c.version)).scalar_one())

    @property
    def head(self) -> str:
        """The hash that seals the whole audit trail at the version in force."""
        with self.database.reading() as connection:
            return str(connection.execute(select(REGISTRY.c.head)).scalar_one())

    def attach_witness(self, witness: Witness) -> None:
        """Let ``witness`` remember every head from now on, and ``verify`` ask it; a new one learns the present head."""
        self._witness = witness
        # a damaged store is told of by whoever reads it next
        if not witness.remembered_heads():
            with suppress(RegistryError):
                self._remember()
            return
        with suppress(RegistryError), self.database.reading() as connection:
            for damage in proof.unlike_remembered(connection, witness):
                _log.error("%s: %s", self.name, damage)

    def _written(self) -> None:
        """Show what was just kept at once, and let the witness know of it."""
        self._wanted = object()
        self._remember()

    def _remember(self) -> None:
        if self._witness is None:
            return
        with self.database.reading() as connection:
            found = connection.execute(
                select(REGISTRY.c.uid, REGISTRY.c.version, REGISTRY.c.head)
            ).one_or_none()
        if found is not None:
            self._witness.remember_head(Head(*found))

    @property
    def put_back(self) -> int:
        """How many rows of other programs were put back and nobody has settled, as of the last look."""
        return self._lookout.put_back

    def note(self) -> LayerNote:
        """Return what must be said wherever the registry's content is shown."""
        with self.database.reading() as connection:
            state = connection.execute(select(REGISTRY)).mappings().one()
        return laying.note_of(state)

    def snapshot(self) -> Snapshot:
        """Return the version in force in columns; built once per version, whoever wrote it."""
        found = self._snapshot
        waits = found is None or self._shown is not self._wanted
        if found is not None and not waits and time.monotonic() - self._looked < _LOOK_EVERY_SECONDS:
            return found
        # while another thread takes in what came from outside, the version before it is shown
        if not self._reading.acquire(blocking=waits):
            assert found is not None
            return found
        try:
            wanted = self._wanted
            version = self._version_or(self._seen)
            if self._snapshot is None or version != self._seen:
                self._snapshot, self._seen = self._in_force()
            self._looked, self._shown = time.monotonic(), wanted
            return self._snapshot
        finally:
            self._reading.release()

    def look(self) -> Snapshot:
        """Look at once at what others wrote, other programs too, and return the version in force."""
        self._wanted = object()
        return self.snapshot()

    def take_notice(self) -> None:
        """Have what other programs wrote looked at before rows are read, unless a thread is at it or nobody can now."""
        if self._reading.acquire(blocking=False):
            try:
                with suppress(RegistryError):
                    self._version_or(self._seen)
            finally:
                self._reading.release()

    def _version_or(self, known: int) -> int:
        """Return the version in force, or ``known`` where the store cannot be asked: reading goes on."""
        try:
            version, taken = self._lookout.look()
        except RegistryError:
            if self._snapshot is None:
                raise
            return known
        if taken:
            self._remember()
        return version

    def _in_force(self) -> tuple[Snapshot, int]:
        """Return the version in force in columns, from the trail where another program's rows cannot be read."""
        for looks_first in (False, True):
            if looks_first:
                self._lookout.take_in(everything=True)
            with suppress(RegistryError, *UNREADABLE), self.database.reading() as connection:
                return laying.of_tables(connection, self.district, self.surroundings)
        with self.database.reading() as connection:
            return laying.of_trail(connection, self.district, self.surroundings)

    def snapshot_at(self, version: int) -> Snapshot:
        """Return the layer as it stood at ``version``. Raises UnknownRecordError."""
        with self.database.reading() as connection:
            return laying.of_version(connection, version, self.district, self.surroundings)

    def row(self, table: str, row_id: str) -> StoredRow:
        """Return one row in force. Raises UnknownRecordError."""
        _known_table(table)
        found = self._rows_in_force(table, row_id)
        if not found:
            raise UnknownRecordError(
                f"{table_name(table, 'en')}: found no row {row_id!r}, expected one of the registry"
            )
        return found[0]

    def rows(self, table: str) -> Iterator[StoredRow]:
        """Yield every row of a table in force, by id."""
        _known_table(table)
        yield from self._rows_in_force(table)

    def _rows_in_force(self, table: str, row_id: str | None = None) -> list[StoredRow]:
        """Return rows of a table by id; those of the trail where what another program typed waits to be looked at."""
        self.take_notice()
        columns = table_of(table)
        asked = select(columns).order_by(columns.c.id)
        if row_id is not None:
            asked = asked.where(columns.c.id == row_id)
        with suppress(RegistryError, *UNREADABLE), self.database.reading() as connection:
            if not noted(connection):
                return [
                    StoredRow(table, row["id"], values_of(table, row), **stamp_of(row))
                    for row in connection.execute(asked).mappings()
                ]
        with self.database.reading() as connection:
            words = told(connection, table, None if row_id is None else [row_id])
        return [
            StoredRow(table, name, word.values, **word.stamp)
            for name, word in sorted(words.items())
            if word.values is not None
        ]

    def apply(
        self, changes: Sequence[Change], *, actor: str, action: str = "edit", note: str = ""
    ) -> Revision | None:
        """Write ``changes`` in one transaction with their audit row; all of them or none.

        Returns None when everything is so already. Raises ConflictError where a row is not at the version that its
        change expects, RecordFaultsError with every fault, RegistryWriteError where the store does not take it.
        """
        with self.database.writing() as connection:
            revision = write(
                connection, changes, district=self.district, actor=actor, action=action, note=note
            )
        self._written()
        return revision

    def revisions(self, *, before: int | None = None, limit: int = 50) -> list[Revision]:
        """Return revisions, newest first, those older than version ``before`` where it is given."""
        with self.database.reading() as connection:
            return history.revisions(connection, before=before, limit=limit)

    def revision(self, version: int) -> Revision:
        """Return one revision. Raises UnknownRecordError."""
        with self.database.reading() as connection:
            return history.revision(connection, version)

    def changes_of(self, version: int) -> list[RowChange]:
        """Return what one revision changed."""
        with self.database.reading() as connection:
            return history.changes_of(connection, version)

    def history_of(self, table: str, row_id: str) -> list[tuple[Revision, RowChange]]:
        """Return every change of one row with its revision, newest first; empty for an unknown row."""
        with self.database.reading() as connection:
            return history.history_of(connection, table, row_id)

    def version_on(self, moment: datetime) -> int:
        """Return the version in force at ``moment`` (aware). Raises UnknownRecordError for a time before the first."""
        with self.database.reading() as connection:
            return history.version_on(connection, now(moment))

    def difference(self, first: int, second: int) -> list[RowChange]:
        """Return how the layer at version ``second`` differs from that at ``first``."""
        with self.database.reading() as connection:
            return history.difference(connection, first, second)

    def undo(self, version: int, *, actor: str) -> Revision | None:
        """Take one revision back, as a new one. Raises ConflictError where a later one changed the same rows."""
        with self.database.reading() as connection:
            history.revision(connection, version)
            changes = history.taken_back(connection, version)
        return self.apply(changes, actor=actor, action="undo", note=f"version {version}")

    def restore(self, version: int, *, actor: str) -> Revision | None:
        """Make the layer what it was at ``version``, as a new revision; nothing of the history is lost."""
        with self.database.writing() as connection:
            history.revision(connection, version)
            catch_up(connection, self.district)
            revision = write(
                connection,
                history.back_to(connection, version),
                district=self.district,
                actor=actor,
                action="restore",
                note=f"version {version}",
            )
        self._written()
        return revision

    def verify(self) -> list[Damage]:
        """Return each place where the store or its audit trail is not whole; empty when all is well."""
        return repairing.damage_of(self.database, self._witness)

    def repair(self, *, actor: str, tries: bool = False) -> list[Damage]:
        """Mend what can be mended and return what was done; with ``tries`` what would be done, and do nothing.

        Whatever other programs wrote passes the check and becomes a revision, or is put back. A gap in the trail and
        a witness that remembers otherwise are noted in a revision by ``actor``. A trail that was changed stays so.
        """
        done = repairing.repair(
            self.database, self._witness, district=self.district, actor=actor, tries=tries
        )
        if not tries:
            self._written()
        return done

    def refusals(self, version: int | None = None) -> list[Refusal]:
        """Return the newest of what other programs typed and was put back: by one revision, or all not yet settled."""
        return self.refusals_page(version).rows

    def refusals_page(self, version: int | None = None, *, before: int | None = None) -> Refusals:
        """Return one page of what was put back, newest first, with the count of all; ``before``: a refusal's number."""
        with self.database.reading() as connection:
            return refusals.refusals(connection, version=version, before=before)

    def settle(self, version: int, *, actor: str) -> None:
        """Note that ``actor`` has seen what one revision put back."""
        with self.database.writing() as connection:
            refusals.settle(connection, version, actor=actor)
        self._wanted = object()

    def backup(self, path: Path, *, looks_first: bool = True) -> int:
        """Copy the whole registry, as it is at this moment, into a new GeoPackage file; return its version.

        Works while others write. ``looks_first``: what other programs wrote is taken in or put back before; without
        it the copy has what they wrote. Raises RegistryError where ``path`` exists or cannot be written.
        """
        if looks_first:
            self.take_notice()  # what nobody can look at now goes along as it is
        return copying.back_up(self.database, path)

    def close(self) -> None:
        """Close the store and what lies beside it."""
        self.companion.close()
        self.database.close()

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close."""
        self.close()


def _known_table(table: str) -> None:
    if table not in TABLES:
        raise UnknownRecordError(f"found table {table!r}, expected one of {', '.join(TABLES)}")
