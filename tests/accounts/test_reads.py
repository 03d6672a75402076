"""The access log: what was read is kept as long as it may be, whatever befalls the store meanwhile."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from buildingmap.accounts import Asked, ReadLog, reads, store_of
from buildingmap.accounts.schema import CONFIDENTIAL_READ
from buildingmap.registry.database import Database
from buildingmap.registry.errors import RegistryWriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.registry import Registry
    from tests.accounts.conftest import Clock


@pytest.fixture
def log(registry: Registry, clock: Clock) -> Iterator[ReadLog]:
    made = ReadLog(registry, days=180, clock=clock)
    yield made
    made.close()


def read(
    log: ReadLog, route: str = "/analysis", *, account: str = "lin", asked: str = "", times: int = 1
) -> None:
    for _ in range(times):
        log.note(account=account, address="192.0.2.1", route=route, asked=asked, status=200)


def count(registry: Registry) -> int:
    with store_of(registry).reading() as connection:
        return int(connection.execute(select(func.count()).select_from(CONFIDENTIAL_READ)).scalar_one())


def test_nothing_is_lost_on_an_orderly_stop(registry: Registry, log: ReadLog) -> None:
    read(log, times=2_500)
    log.close()
    assert count(registry) == 2_500


def test_what_was_read_is_written_without_anyone_asking_for_it(
    registry: Registry, log: ReadLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_EVERY_SECONDS", 0.01)
    read(log)
    until = time.monotonic() + 30
    while not count(registry) and time.monotonic() < until:
        time.sleep(0.01)
    assert count(registry) == 1


def test_a_read_waits_for_no_store_and_is_kept_once_that_is_back(
    registry: Registry, log: ReadLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise RegistryWriteError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Database, "writing", full)
        read(log, "/first")
        with pytest.raises(RegistryWriteError):
            log.flush()
        read(log, "/second")
        assert log.found(Asked()) == [], "who looks at the log is not kept from it"
    assert [entry.route for _, entry in log.found(Asked())] == ["/second", "/first"]
    assert count(registry) == 2


def test_what_could_not_be_kept_at_the_end_is_said(
    log: ReadLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise RegistryWriteError("the disk is full")

    monkeypatch.setattr(Database, "writing", full)
    read(log, times=3)
    with caplog.at_level(logging.ERROR, "buildingmap.accounts"):
        log.close()
    assert "3 reads could not be kept" in caplog.text


def test_memory_is_bounded_while_the_store_takes_nothing(
    log: ReadLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reads, "_MOST_PENDING", 10)
    monkeypatch.setattr(reads, "_EVERY_SECONDS", 1e6)
    read(log, times=15)
    with caplog.at_level(logging.ERROR, "buildingmap.accounts"):
        assert len(log.found(Asked())) == 10
    assert "5 reads could not be kept" in caplog.text


def test_a_read_goes_after_as_many_days_as_it_may_be_kept(
    registry: Registry, log: ReadLog, clock: Clock
) -> None:
    read(log, "/old")
    log.flush()
    clock.wait(days=179)
    read(log, "/new")
    assert len(log.found(Asked())) == 2
    clock.wait(days=2)
    assert [entry.route for _, entry in log.found(Asked())] == ["/new"]
    assert count(registry) == 1


@pytest.mark.parametrize(
    ("asked", "routes"),
    [
        (Asked(account="wang"), ["/buildings/CBD-02"]),
        (Asked(address="192.0.2.1"), ["/buildings/CBD-02", "/buildings/CBD-01", "/analysis"]),
        (Asked(address="192.0.2.2"), []),
        (Asked(route="/buildings/"), ["/buildings/CBD-02", "/buildings/CBD-01"]),
        (Asked(route="%"), []),
        (Asked(account="lin", route="/buildings/"), ["/buildings/CBD-01"]),
        (Asked(since="2026-03-02T09:30:00.000000Z"), ["/buildings/CBD-02", "/buildings/CBD-01"]),
        (Asked(until="2026-03-02T09:30:00.000000Z"), ["/analysis"]),
    ],
)
def test_reads_are_found_by_who_from_where_what_and_when(
    log: ReadLog, clock: Clock, asked: Asked, routes: list[str]
) -> None:
    read(log, "/analysis")
    clock.wait(hours=1)
    read(log, "/buildings/CBD-01")
    read(log, "/buildings/CBD-02", account="wang")
    assert [entry.route for _, entry in log.found(asked)] == routes


def test_reads_are_paged_through_without_losing_one(log: ReadLog) -> None:
    for number in range(25):
        read(log, f"/buildings/{number}")
    seen: list[str] = []
    before: int | None = None
    while found := log.found(Asked(), before=before, limit=10):
        seen += [entry.route for _, entry in found]
        before = found[-1][0]
    assert seen == [f"/buildings/{number}" for number in reversed(range(25))]


@pytest.mark.parametrize("text", ["a\0b", "\x1b[31m", "\u202eevil", "x" * 100_000, "\ud800", "<script>"])
def test_whatever_a_visitor_sends_is_kept_as_one_plain_line(log: ReadLog, text: str) -> None:
    read(log, f"/buildings/{text}", asked=text, account=text)
    ((_, kept),) = log.found(Asked())
    for said in (kept.account, kept.route, kept.filter):
        assert said.isprintable()
        assert len(said) <= 1000
