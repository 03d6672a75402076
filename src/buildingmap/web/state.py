"""What every answer needs at hand: the version in force and the answers already made from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from flask import current_app, g

from buildingmap.web.caching import AnswerCache

if TYPE_CHECKING:
    from buildingmap.filters import Filter
    from buildingmap.snapshot import Snapshot

EXTENSION: Final = "buildingmap"


class Registry(Protocol):
    """Whatever knows which version of the towers is in force."""

    def snapshot(self) -> Snapshot:
        """Return the version in force."""


@dataclass(frozen=True, slots=True)
class State:
    """One application's registry, the answers made from it, and the queries read of late."""

    registry: Registry
    answers: AnswerCache = field(default_factory=AnswerCache)
    asked: dict[tuple[str, bytes], tuple[Filter, str]] = field(default_factory=dict)


def state() -> State:
    """Return the running application's state."""
    found: State = current_app.extensions[EXTENSION]
    return found


def snapshot() -> Snapshot:
    """Return the version that this request is answered from: the same one from its beginning to its end."""
    found: Snapshot | None = g.get("snapshot")
    if found is None:
        found = g.snapshot = state().registry.snapshot()
    return found


def answers() -> AnswerCache:
    """Return the answers already made."""
    return state().answers
