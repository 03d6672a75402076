"""Accounts and the access log from the terminal: what is copied, what is noticed, what a stopping server leaves."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildingmap.accounts import Accounts, Asked, ReadLog
from buildingmap.registry import create_registry, open_registry
from buildingmap.registry.companion import place_beside
from buildingmap.snapshot import LayerNote
from tests.cli.test_registry_commands import run

if TYPE_CHECKING:
    from buildingmap.model import District, Surroundings
    from tests.prepared import Prepared

COMMAND = str(Path(sys.executable).with_name("buildingmap"))


@pytest.fixture
def place(tmp_path: Path, district: District, surroundings: Surroundings, prepared: Prepared) -> str:
    """A registry with one administrator who cannot sign in."""

    def make(where: str) -> None:
        note = LayerNote(title="登记库")
        with create_registry(where, district=district, surroundings=surroundings, note=note) as made:
            Accounts(made).add("lin", "admin", actor="test")

    where = str(tmp_path / "registry.gpkg")
    prepared.copy("with-one-account", where, make)
    return where


def from_outside(place: str, statement: str) -> None:
    with closing(sqlite3.connect(place_beside(Path(place)))) as other, other:
        other.execute(statement)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "account 'lin': role 'admin' → 'public' changed from outside"),
        ("zh", "账户 'lin'：角色由 'admin' 改为 'public'，来自外部"),
    ],
)
def test_verify_names_the_account_that_another_program_changed(place: str, lang: str, words: str) -> None:
    assert "last seal" in run("verify", "--registry", place, "--lang", "en").output.splitlines()[-1]
    from_outside(place, "UPDATE account SET role = 'public'")
    told = run("verify", "--registry", place, "--lang", lang)
    assert told.exit_code == 1
    assert words in told.output


def test_a_backup_has_a_second_file_for_the_accounts_and_a_restore_brings_them_back(
    place: str, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.gpkg"
    assert run("backup", str(saved), "--registry", place).exit_code == 0
    assert stat.S_IMODE(place_beside(saved).stat().st_mode) == 0o600
    new = str(tmp_path / "new.gpkg")
    assert run("restore", str(saved), "--registry", new).exit_code == 0
    assert run("account", "list", "--registry", new).output == "lin: admin\n"
    assert run("verify", "--registry", new).exit_code == 0


def test_what_happened_to_accounts_is_listed(place: str) -> None:
    run("account", "add", "wang", "--role", "public", "--without-password", "--registry", place)
    newest, first = run("account", "history", "--registry", place).output.splitlines()
    assert "account added  wang: public" in newest
    assert "account added  lin: admin" in first


def test_a_new_account_s_role_is_asked_for(place: str) -> None:
    asked = run("account", "add", "wang", "--without-password", "--registry", place)
    assert asked.exit_code == 2
    assert "--role" in asked.output


@pytest.mark.command
def test_a_server_that_is_stopped_in_order_leaves_no_read_unwritten(
    tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    place = tmp_path / "demo.gpkg"
    assert run("init", "--demo", "--registry", str(place)).exit_code == 0
    server = subprocess.Popen(
        [COMMAND, "serve", "--registry", str(place), "--access-log-days", "30"],
        stdout=subprocess.PIPE,
        env=os.environ | {"PORT": "0", "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"},
        text=True,
    )
    assert server.stdout is not None
    address = next(line for line in server.stdout if "http://" in line).split("buildingmap: ")[1].strip()
    for number in range(20):
        server_s_own = f"{address}api/buildings?limit={number + 1}"
        urllib.request.urlopen(server_s_own).read()  # noqa: S310 - a page of the server above
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0
    server.stdout.close()
    with open_registry(place, district=district, surroundings=surroundings) as registry:
        log = ReadLog(registry)
        reads = [read for _, read in log.found(Asked())]
        log.close()
    assert [read.filter for read in reads] == [f"limit={number}" for number in range(20, 0, -1)]
    assert {(read.account, read.address, read.route, read.status) for read in reads} == {
        ("local", "127.0.0.1", "/api/buildings", 200)
    }
