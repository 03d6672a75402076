"""A change of the registry, and what it became: one revision with its audit row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIRST_HASH: Final = "0" * 64
# the action of a revision that put a backup in place: only its version may leave numbers out
PUT_BACK: Final = "put back"


@dataclass(frozen=True, slots=True)
class Change:
    """One row to be written, or deleted when ``values`` is None.

    ``values`` may be a part of the row's fields, JSON-ready, a shape as hexadecimal WKB under ``geometry``; the
    other fields stay. ``expected_version``: the row's version when it was seen, 0 for a row that must not exist
    yet; None writes over whatever is there.
    """

    table: str
    row_id: str
    values: Mapping[str, Any] | None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a revision did to one row: its values before (None: it is new) and after (None: it is gone)."""

    version: int
    table: str
    row_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """The fields that differ, each with its old and new value."""
        before, after = self.before or {}, self.after or {}
        return {
            name: (before.get(name), after.get(name))
            for name in {**before, **after}
            if before.get(name) != after.get(name)
        }


@dataclass(frozen=True, slots=True)
class Revision:
    """One step of the registry: its version, when (UTC, ISO 8601), who, what kind of action, how many rows."""

    version: int
    at: str
    actor: str
    action: str
    note: str
    row_count: int
    changes_hash: str
    previous: str
    hash: str

    def sealed(self) -> str:
        """Return the hash that this revision must have: of itself and, through ``previous``, of all before it."""
        content = [
            self.version,
            self.at,
            self.actor,
            self.action,
            self.note,
            self.row_count,
            self.changes_hash,
            self.previous,
        ]
        return hashlib.sha256(orjson.dumps(content)).hexdigest()


def written(values: Mapping[str, Any] | None) -> str | None:
    """Return values as one canonical JSON text, or None."""
    return None if values is None else orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()


def hash_of(changes: Iterable[tuple[str, str, str | None, str | None]]) -> str:
    """Return the hash of a revision's changes: (table, row id, before, after) in their order."""
    digest = hashlib.sha256()
    for change in changes:
        digest.update(orjson.dumps(change) + b"\n")
    return digest.hexdigest()
