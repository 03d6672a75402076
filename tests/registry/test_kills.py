"""Servers killed in the middle of imports; benchmarks/kills.py does the same ten thousand times."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import killed_servers
from benchmarks.kills import Found, Killer, Moments, look_and_close, make_registry, tax_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.command
def test_the_command_that_is_killed_leaves_an_import_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "registry.gpkg"
    killer = Killer(path, make_registry(path), start=killed_servers.command, check=look_and_close)
    chance, moments = random.Random(1), Moments()  # noqa: S311 - moments, not secrets
    for number in range(2):
        counts = killer.kill_one(number, moments, chance)
        assert counts.kills == 1
        assert counts.whole


@pytest.mark.command
def test_twelve_kills_around_the_writing_lose_nothing_and_leave_no_half() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", "12", "--workers", "1", "--seed", "5"],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = {
        name: int(value) for value, name in re.findall(r"^ *(\d+)  ([a-z ]+)$", done.stdout, re.MULTILINE)
    }
    assert counts["kills"] == 12
    assert counts["absent"] + counts["acknowledged"] + counts["landed unacknowledged"] == 12
    assert (counts["half imported"], counts["acknowledged lost"]) == (0, 0)
    assert (counts["integrity failures"], counts["broken chains"]) == (0, 0)


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (Found({"a": 1_000_001, "b": 1_000_000}, ["0.csv", "1.csv"], [], []), "half_imported"),
        (Found({"a": 1_000_001, "b": 1_000_001}, ["0.csv"], [], []), "half_imported"),
        (Found({"a": 1_000_001, "b": 1_000_001}, ["1.csv"], [], []), "acknowledged_lost"),
        (Found({"a": 1_000_001, "b": 1_000_001}, ["0.csv", "1.csv"], ["page 3"], []), "integrity_failures"),
        (Found({"a": 1_000_001, "b": 1_000_001}, ["0.csv", "1.csv"], [], ["version 2"]), "broken_chains"),
    ],
)
def test_what_must_not_be_is_counted(tmp_path: Path, found: Found, wrong: str) -> None:
    assert tax_of(1) == 1_000_001
    killer = Killer(
        tmp_path / "registry.gpkg", ["a", "b"], start=killed_servers.command, check=lambda _: found
    )
    killer.acknowledged = killer.present = ["0.csv"]
    counts = killer.compared(found, "1.csv", acknowledged=False)
    assert getattr(counts, wrong) == 1
    assert not counts.whole
