"""Kill the server at random moments of imports over HTTP: ``python -m benchmarks.kills [10000] [--workers 2]``.

Each import gives every tower the same tax of one year, another with each import: a registry whose towers differ holds
half an import. After each kill the registry is opened by a new process, as a restarted server does, and checked.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import killed_servers
from benchmarks.towers import write_layer
from buildingmap import intake, layers
from buildingmap.model import Surroundings
from buildingmap.registry import create_registry, open_registry
from buildingmap.snapshot import LayerNote
from buildingmap.web import create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.killed_servers import Server
    from buildingmap.registry import Registry

    Start = Callable[[Path], Server]
    Check = Callable[[Path], "Found"]

YEAR: Final = 2030
# the trail is checked whole after every kill: a registry of its own keeps that short
KILLS_OF_ONE_REGISTRY: Final = 50
# most kills fall around the writing, these many anywhere since the file was sent
_ONE_IN_ANYWHERE: Final = 10
_PATIENCE_SECONDS: Final = 60
_ASK_EVERY_SECONDS: Final = 0.004
_SHORTEST_SECONDS: Final = 1e-5  # 0 would never end
_TOWERS: Final = 40


@dataclass(slots=True)
class Counts:
    """What became of the killed imports. The last four must stay 0."""

    kills: int = 0
    before_apply: int = 0
    acknowledged: int = 0
    landed_unacknowledged: int = 0
    absent: int = 0
    half_imported: int = 0
    acknowledged_lost: int = 0
    integrity_failures: int = 0
    broken_chains: int = 0

    def add(self, other: Counts) -> None:
        """Add another's counts to these."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def whole(self) -> bool:
        """Whether nothing was found that must not be."""
        return not (
            self.half_imported or self.acknowledged_lost or self.integrity_failures or self.broken_chains
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A registry after a kill: the taxes of the year by tower, the imports of its trail in order, damage."""

    taxes: dict[str, float]
    imports: list[str]
    integrity: list[str]
    damage: list[str]


@dataclass(slots=True)
class Moments:
    """When to kill: at random in a span that follows the imports' own speed, so that two in five are acknowledged."""

    since_sent: float = 0.2
    since_apply: float = 0.05

    def choose(self, chance: random.Random) -> tuple[bool, float]:
        """Return whether the clock starts with the file's sending, and after how many seconds it ends."""
        anywhere = chance.randrange(_ONE_IN_ANYWHERE) == 0
        return anywhere, chance.uniform(0.0, self.since_sent if anywhere else self.since_apply)

    def learn(self, *, anywhere: bool, acknowledged: bool) -> None:
        """Shorten the span after an import that was acknowledged, and lengthen it after one that was not."""
        factor = 0.93 if acknowledged else 1.05
        if anywhere:
            self.since_sent *= factor
        else:
            self.since_apply *= factor


def make_registry(path: Path) -> list[str]:
    """Make a registry of a few towers at ``path`` and return their ids."""
    district = layers.read_district(None)
    file = write_layer(path.with_suffix(".geojson"), _TOWERS)
    layer = layers.read_layer(file, district=district)
    note = LayerNote(synthetic=True)
    made = create_registry(path, district=district, surroundings=Surroundings(), note=note, layer=layer)
    with made as registry:
        return [row.row_id for row in registry.rows("building")]


def rehearse(folder: Path) -> None:
    """Do once in this process all that a server does for an import, so that its forks have it ready."""
    path = folder / "rehearsal.gpkg"
    towers = make_registry(path)
    table = folder / "rehearsal.csv"
    table.write_bytes(table_of(towers, 0))
    with opened(path) as registry:
        create_app(registry).test_client().get("/api/session")
        registry.snapshot().features()
        chosen = intake.choose(intake.opened_file(table, name="0.csv"), registry)
        intake.apply(intake.preview(chosen, registry), registry, actor="rehearsal", name="0.csv")
        look(registry)


def opened(path: Path) -> Registry:
    """Open the registry as a restarted server does."""
    return open_registry(path, district=layers.read_district(None), surroundings=Surroundings())


def look(registry: Registry) -> Found:
    """Say what is in a registry after a kill."""
    taxes = {
        row.values["building_id"]: row.values["tax_yuan"]
        for row in registry.rows("tax_record")
        if row.values["year"] == YEAR
    }
    imports = [each.note for each in registry.revisions(limit=100_000) if each.action == "import"]
    with registry.database.reading() as connection:
        lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return Found(
        taxes,
        imports[::-1],
        [line for line in lines if line != "ok"],
        [str(one) for one in registry.verify()],
    )


def look_and_close(path: Path) -> Found:
    """Look at the registry and close it, so that the log beside it is brought into the file."""
    with opened(path) as registry:
        return look(registry)


def look_in_fork(path: Path) -> Found:
    """Look in a process that ends without closing the store: the log beside it stays for the next."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:

        def tell() -> None:
            with os.fdopen(writing, "w") as answer:
                json.dump(asdict(look(opened(path))), answer)

        killed_servers.in_fork(tell)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return Found(**json.loads(said))


class Client:
    """One import over HTTP, by whoever opens a server without accounts on its own machine."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
        self.token = {"X-CSRF-Token": self.ask("GET", "/api/session")["csrf"]}

    def ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """Return one JSON answer; raises what a killed server leads to."""
        headers = {} if method == "GET" else self.token
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if response.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {response.status} {answer}")
        return answer

    def until(self, state: str, job: str) -> None:
        """Ask until the import is in ``state``."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (found := self.ask("GET", f"/api/imports/{job}"))["state"] != state:
            if found["state"] not in {"reading", "applying"} or time.monotonic() > deadline:
                raise RuntimeError(f"expected {state}: {found['state']} {found['errors']}")
            time.sleep(_ASK_EVERY_SECONDS)


class Killer:
    """Imports into one registry, each killed; holds what was acknowledged against what is there."""

    def __init__(self, path: Path, towers: list[str], *, start: Start, check: Check) -> None:
        """Work on a fresh registry at ``path`` with these towers."""
        self.path, self.towers, self.start, self.check = path, towers, start, check
        self.acknowledged: list[str] = []
        self.present: list[str] = []

    def kill_one(self, number: int, moments: Moments, chance: random.Random) -> Counts:
        """Start a server, import, kill it, and check; return the counts of this one kill."""
        server = self.start(self.path)
        anywhere, seconds = moments.choose(chance)
        name = f"{number}.csv"
        sent, acknowledged = self._import(server, name, number, anywhere=anywhere, seconds=seconds)
        server.wait()
        moments.learn(anywhere=anywhere, acknowledged=acknowledged)
        if acknowledged:
            self.acknowledged.append(name)
        counts = self.compared(self.check(self.path), name, acknowledged=acknowledged)
        counts.before_apply = int(not sent)
        return counts

    def _import(
        self, server: Server, name: str, number: int, *, anywhere: bool, seconds: float
    ) -> tuple[bool, bool]:
        """Return whether the apply was sent, and whether the import was acknowledged, before the kill."""
        sent = acknowledged = False
        signal.signal(signal.SIGALRM, lambda *_: os.kill(server.pid, signal.SIGKILL))
        client = Client(server.port)
        clock = partial(signal.setitimer, signal.ITIMER_REAL, max(seconds, _SHORTEST_SECONDS))
        # what a killed server leads to ends the import
        with closing(client.connection), suppress(OSError, http.client.HTTPException):
            if anywhere:
                clock()
            job = client.ask("POST", f"/api/imports?name={name}", table_of(self.towers, number))["id"]
            client.until("ready", job)
            if not anywhere:
                clock()
            sent = True
            client.ask("POST", f"/api/imports/{job}/apply", b"")
            client.until("applied", job)
            acknowledged = True
        return sent, acknowledged

    def compared(self, found: Found, name: str, *, acknowledged: bool) -> Counts:
        """Hold what was found against what was there before the import ``name`` and what was acknowledged."""
        landed = name in found.imports
        expected = [*self.present, *([name] if landed else [])]
        taxes = dict.fromkeys(self.towers, float(tax_of(int(expected[-1][:-4])))) if expected else {}
        lost = [each for each in self.acknowledged if each not in found.imports]
        self.present = found.imports
        return Counts(
            kills=1,
            acknowledged=int(acknowledged),
            landed_unacknowledged=int(landed and not acknowledged),
            absent=int(not landed),
            half_imported=int(found.taxes != taxes),
            acknowledged_lost=len(lost),
            integrity_failures=int(bool(found.integrity)),
            broken_chains=int(bool(found.damage) or found.imports != expected),
        )


def tax_of(number: int) -> int:
    """Return the tax that an import gives to every tower, yuan."""
    return 1_000_000 + number


def table_of(towers: list[str], number: int) -> bytes:
    """Return the CSV file of an import: every tower with the same tax."""
    rows = [f"{tower},{YEAR},{tax_of(number)}" for tower in towers]
    return "\n".join(("id,年份,税收（元）", *rows)).encode()


def kill_many(
    count: int,
    folder: Path,
    *,
    seed: int,
    start: Start = killed_servers.forked,
    check: Check = look_in_fork,
    told: Callable[[Counts], object] = lambda _: None,
) -> Counts:
    """Kill ``count`` servers, one after another, of registries made in ``folder``; ``told`` hears the counts so far."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    template = folder / "template.gpkg"
    towers = make_registry(template)
    total, moments = Counts(), Moments()
    for number in range(count):
        if number % KILLS_OF_ONE_REGISTRY == 0:
            path = Path(shutil.copy(template, folder / f"{number}.gpkg"))
            killer = Killer(path, towers, start=start, check=check)
        total.add(killer.kill_one(number, moments, chance))
        told(total)
        if not total.whole:  # the registry stays, to be looked at
            break
        if number % KILLS_OF_ONE_REGISTRY == KILLS_OF_ONE_REGISTRY - 1:
            _clear(folder, keep=template)
    return total


def _clear(folder: Path, *, keep: Path) -> None:
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left.suffix != ".jsonl" and left != keep:
            left.unlink()


def main(arguments: list[str]) -> int:
    """Kill as asked and print the counts; 1 where something was found that must not be."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    asked.add_argument("count", type=int, nargs="?", default=10_000)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--command", action="store_true", help="kill the command itself, not a fork of it")
    given = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        rehearse(Path(name))
    killed_servers.import_everything()
    begun = time.perf_counter()
    workers = [
        _worker(given.seed + each, (given.count + each) // given.workers, command=given.command)
        for each in range(given.workers)
    ]
    ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid, _ in workers]
    total = Counts()
    for _, answer in workers:
        total.add(Counts(**json.loads(answer.read_text().splitlines()[-1])))
    print(f"{time.perf_counter() - begun:,.0f} s, {given.workers} workers, seed {given.seed}")
    for name, value in asdict(total).items():
        print(f"{value:>8,}  {name.replace('_', ' ')}")
    return int(any(ended) or not total.whole)


def _worker(seed: int, count: int, *, command: bool) -> tuple[int, Path]:
    folder = Path(tempfile.mkdtemp(prefix="buildingmap-kills-"))
    answer = folder / "counts.jsonl"
    print(answer, flush=True)
    pid = os.fork()
    if not pid:
        tempfile.tempdir = str(folder)  # what killed servers leave there goes with it
        with answer.open("w", encoding="ascii", buffering=1) as file:
            killed_servers.in_fork(
                lambda: kill_many(
                    count,
                    folder,
                    seed=seed,
                    start=killed_servers.command if command else killed_servers.forked,
                    told=lambda counts: print(json.dumps(asdict(counts)), file=file, flush=True),
                )
            )
    return pid, answer


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
