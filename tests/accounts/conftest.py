from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from buildingmap.accounts import Accounts, ApiTokens
from buildingmap.registry import Registry, create_registry, open_registry
from buildingmap.snapshot import LayerNote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.model import District, Surroundings
    from tests.prepared import Prepared

PASSWORD = "correct horse 楼宇"  # noqa: S105 - the tests' own


class Clock:
    """The present, as a test says it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **length: float) -> None:
        self.at += timedelta(**length)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(
    location: str, district: District, surroundings: Surroundings, prepared: Prepared
) -> Iterator[Registry]:
    note = LayerNote(title="登记库")

    def make(place: str) -> None:
        create_registry(place, district=district, surroundings=surroundings, note=note).close()

    prepared.copy("empty", location, make)
    with open_registry(location, district=district, surroundings=surroundings) as opened:
        yield opened


@pytest.fixture
def accounts(registry: Registry, clock: Clock) -> Accounts:
    made = Accounts(registry, clock=clock)
    made.add("boss", "admin", password=PASSWORD, actor="test")
    made.add("lin", "editor", password=PASSWORD, actor="test")
    return made


@pytest.fixture
def tokens(registry: Registry, clock: Clock) -> ApiTokens:
    return ApiTokens(registry, clock=clock)
