"""What every answer needs at hand: the version in force and the answers already made from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from flask import abort, current_app, g, request

from buildingmap.registry import Registry as Store
from buildingmap.snapshot import public_view
from buildingmap.web.caching import AnswerCache
from buildingmap.web.visitors import role

if TYPE_CHECKING:
    from buildingmap.filters import Filter
    from buildingmap.snapshot import Snapshot

EXTENSION: Final = "buildingmap"
PAST_COOKIE: Final = "buildingmap_version"
_MOST_PASTS: Final = 3
_LONGEST_VERSION: Final = 16


class Registry(Protocol):
    """Whatever knows which version of the towers is in force."""

    def snapshot(self) -> Snapshot:
        """Return the version in force."""


@dataclass(frozen=True, slots=True)
class State:
    """One application's registry, the answers made from it, and the queries read of late."""

    registry: Registry
    views: list[tuple[Snapshot, Snapshot]] = field(default_factory=list)
    answers: AnswerCache = field(default_factory=AnswerCache)
    asked: dict[tuple[str, bytes], tuple[Filter, str]] = field(default_factory=dict)
    pasts: dict[int, Snapshot] = field(default_factory=dict)

    def past(self, version: int) -> Snapshot:
        """Return the layer as it stood at ``version``; the latest few are kept. Raises UnknownRecordError."""
        found = self.pasts.get(version)
        if found is None:
            assert isinstance(self.registry, Store)
            found = self.registry.snapshot_at(version)
            if len(self.pasts) >= _MOST_PASTS:
                self.pasts.pop(next(iter(self.pasts)), None)
            self.pasts[version] = found
        return found

    def public(self, whole: Snapshot) -> Snapshot:
        """Return the public view of ``whole``, made once per version."""
        held = self.views[-1:]
        if not held or held[0][0] is not whole:
            # two threads may both make it: they make the same
            held = [(whole, public_view(whole))]
            self.views[:] = held
        return held[0][1]


def state() -> State:
    """Return the running application's state."""
    found: State = current_app.extensions[EXTENSION]
    return found


def snapshot() -> Snapshot:
    """Return what this request is answered from, the same from its beginning to its end.

    It is the version in force as the asking role may see it: the public gets the view that holds no tax. Staff who
    asked to see a past version see that one.
    """
    found: Snapshot | None = g.get("snapshot")
    if found is None:
        version = past_version()
        whole = state().registry.snapshot() if version is None else state().past(version)
        found = g.snapshot = state().public(whole) if role() == "public" else whole
    return found


def past_version() -> int | None:
    """Return the past version that this visitor wants to see; None for the one in force."""
    asked = request.cookies.get(PAST_COOKIE, "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < _LONGEST_VERSION) or role() == "public":
        return None
    kept = state().registry
    if not isinstance(kept, Store):
        return None
    version = int(asked)
    return version if 0 < version < kept.version else None


def bands_only() -> bool:
    """Return whether this request is answered in bands, without any amount."""
    return snapshot().is_public


def store() -> Store:
    """Return the store behind the pages; a bare layer file has none (404)."""
    found = state().registry
    if not isinstance(found, Store):
        abort(404, "a layer file has no records to change: buildingmap serve --registry keeps them")
    return found


def answers() -> AnswerCache:
    """Return the answers already made."""
    return state().answers
