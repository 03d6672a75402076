"""The eye kept on what other programs write: asked together with the version, and acted on where there is anything."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from buildingmap.model import Expected, Fault
from buildingmap.registry import guards, outside
from buildingmap.registry.errors import RegistryDamagedError, RegistryError
from buildingmap.registry.settings import SETTINGS

if TYPE_CHECKING:
    from buildingmap.model import District
    from buildingmap.registry.database import Database
    from buildingmap.registry.outside import Taken

_log: Final = logging.getLogger("buildingmap.registry")
_MOST_NAMED: Final = 20


class Lookout:
    """Looks at one store for one process; what it finds is taken in or put back at once, or later where it cannot."""

    def __init__(self, database: Database, district: District) -> None:
        """Look at ``database``; rows are checked for ``district``."""
        self._database = database
        self._district = district
        self._checked: str | None = None
        self._failed = ""
        self.put_back = 0

    def look(self) -> tuple[int, Taken | None]:
        """Return the version in force, and what was taken in on the way. Raises RegistryError.

        Costs one query where nobody but us has written.
        """
        try:
            version, dirty, state = self._asked()
        except RegistryError:  # a table may be gone, or the registry's own row
            taken = self.take_in(everything=True)
            version, _, _ = self._asked()
            return version, taken
        if not dirty and state == self._checked:
            return version, None
        if not dirty and self._is_guarded():
            self._checked = state
            return version, None
        taken = self.take_in()
        if taken is None:
            return version, None
        version, _, self._checked = self._asked()
        return version, taken

    def _asked(self) -> tuple[int, bool, str]:
        with self._database.reading() as connection:
            query = (
                "SELECT version, writing IS NOT NULL OR EXISTS (SELECT 1 FROM outside_write), "  # noqa: S608 - ours
                f"({guards.state_query(connection)}), "
                "(SELECT count(*) FROM outside_refused WHERE settled_at IS NULL) FROM registry"
            )
            found = connection.execute(text(query)).first()
        if found is None:
            raise RegistryDamagedError(
                [Fault(Expected.of("registry_own", value="registry"), "registry", "nothing")]
            )
        version, dirty, state, self.put_back = found
        return int(version), bool(dirty), str(state)

    def _is_guarded(self) -> bool:
        with self._database.reading() as connection:
            return not guards.differences(connection)

    def take_in(self, *, everything: bool = False) -> Taken | None:
        """Look at what other programs wrote; None where the store cannot be written now, which the log tells once."""
        try:
            with self._database.writing(waits=False) as connection:
                taken = outside.take_in(connection, district=self._district, everything=everything)
        except RegistryError as error:
            if str(error) != self._failed:
                _log.warning("what other programs wrote waits to be looked at: %s", error)
            self._failed = str(error)
            return None
        self._failed = ""
        tell(taken)
        return taken


def tell(taken: Taken) -> None:
    """Write a line to the log for what was taken in, put back and mended: which rows and fields, never figures."""
    for line in taken.mended:
        _log.warning("written outside the registry, made good again: %s", line)
    version = None if taken.revision is None else taken.revision.version
    if taken.accepted:
        rows = _named([(step.table, step.row_id) for step in taken.accepted])
        _log.warning("version %s: written outside the registry and taken in: %s", version, rows)
    if taken.refused:
        rows = _named(
            [
                (refused.table, refused.row_id, *sorted({fault.field for fault in refused.faults}))
                for refused in taken.refused
            ]
        )
        _log.warning("version %s: written outside the registry and put back: %s", version, rows)


def _named(rows: list[tuple[str, ...]]) -> str:
    """List rows, each a table, an id, and the fields that are meant."""
    listed = ", ".join(
        ("the registry's own row" if table == SETTINGS else f"{table} {row_id!r}")
        + (f" ({', '.join(fields)})" if fields else "")
        for table, row_id, *fields in rows[:_MOST_NAMED]
    )
    rest = len(rows) - _MOST_NAMED
    return listed if rest <= 0 else f"{listed} and {rest} more"
