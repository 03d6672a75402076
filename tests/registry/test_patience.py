"""Who writes while somebody else does: waits in turn, for as long as it has patience, and says so when that ends."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from buildingmap.registry import Change, RegistryBusyError, open_registry
from buildingmap.registry.patience import Patience, Writers, patience_of
from buildingmap.registry.schema import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry

FOR_EVER = 600.0


@pytest.fixture
def other_program(
    registry: Registry, location: str, district: District, surroundings: Surroundings
) -> Iterator[Registry]:
    """The same store, opened as another process opens it."""
    assert registry.version
    with open_registry(location, district=district, surroundings=surroundings) as opened:
        yield opened


def rename(registry: Registry, name: str) -> None:
    registry.apply([Change("building", "CBD-01", {"name": name})], actor="lin")


def test_who_has_no_patience_is_told_that_another_program_writes_and_nothing_is_written(
    registry: Registry, other_program: Registry
) -> None:
    before = registry.version
    with other_program.database.writing() as connection:
        connection.execute(update(REGISTRY).values(title="held"))
        with patience_of(Patience(0)), pytest.raises(RegistryBusyError, match="try again in a moment"):
            rename(registry, "新名")
        assert registry.row("building", "CBD-01").values["name"] != "新名", "reading goes on"
    assert registry.version == before
    rename(registry, "新名")
    assert registry.row("building", "CBD-01").values["name"] == "新名"


def test_who_has_patience_writes_as_soon_as_the_other_has_ended(
    registry: Registry, other_program: Registry
) -> None:
    done = threading.Event()

    def write() -> None:
        with patience_of(Patience(FOR_EVER)):
            rename(registry, "新名")
        done.set()

    writer = threading.Thread(target=write)
    with other_program.database.writing() as connection:
        connection.execute(update(REGISTRY).values(title="held"))
        writer.start()
        while not registry.database._writers.count and not done.is_set():  # noqa: SLF001 - who waits shows nowhere else
            time.sleep(0.01)
        assert not done.is_set()
    writer.join(FOR_EVER)
    assert registry.row("building", "CBD-01").values["name"] == "新名"


def test_no_more_threads_wait_than_may() -> None:
    """One writes and another waits: where two may, the third is told at once, whatever its patience."""
    writers, go_on = Writers(), threading.Event()

    def write() -> None:
        with patience_of(Patience(FOR_EVER, 2)), writers.turn("store", waits=True):
            go_on.wait(FOR_EVER)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        while writers.count < 2:
            time.sleep(0.01)
        with (
            patience_of(Patience(FOR_EVER, 2)),
            pytest.raises(RegistryBusyError),
            writers.turn("store", waits=True),
        ):
            pass
    finally:
        go_on.set()
        for thread in threads:
            thread.join(FOR_EVER)
    assert writers.count == 0


def test_all_changes_of_one_request_share_its_patience() -> None:
    patience = Patience(0.05)
    with patience_of(patience):
        with patience.waiting():
            time.sleep(0.1)
        with Writers().turn("store", waits=True) as left:
            assert left.left == 0
