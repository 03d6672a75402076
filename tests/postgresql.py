"""A PostgreSQL server of the tests' own: on a free port of this machine, run by an ordinary user, one for a run."""

from __future__ import annotations

import functools
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Final

import psycopg
from filelock import FileLock

TEMPLATE: Final = "with_postgis"
_STATE: Final = "postgresql.json"


@functools.cache
def program(name: str) -> str | None:
    """The path of one of the server's programs, of the newest version that has PostGIS; None where there is none."""
    extensions = sorted(Path("/usr/share/postgresql").glob("*/extension/postgis.control"), reverse=True)
    folders = [f"/usr/lib/postgresql/{found.parents[1].name}/bin" for found in extensions]
    elsewhere = shutil.which("pg_config")
    if elsewhere and _has_postgis(elsewhere):
        folders.append(_asked(elsewhere, "--bindir"))
    return shutil.which(name, path=os.pathsep.join(folders)) if folders else None


def _has_postgis(pg_config: str) -> bool:
    return (Path(_asked(pg_config, "--sharedir")) / "extension" / "postgis.control").exists()


def _asked(pg_config: str, question: str) -> str:
    return subprocess.run([pg_config, question], check=True, capture_output=True, text=True).stdout.strip()


def is_there() -> bool:
    """Whether this machine can run a server with PostGIS."""
    return program("initdb") is not None


def ordinary_user() -> str | None:
    """The user to become, because the server refuses to be run by root; None where we are one already."""
    if os.getuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def run(name: str, *arguments: str) -> None:
    command = program(name)
    assert command, (
        f"{name}: found none, expected PostgreSQL with PostGIS (apt-get install postgresql-postgis)"
    )
    done = subprocess.run(
        [command, *arguments], check=False, capture_output=True, text=True, user=ordinary_user(), cwd="/"
    )
    assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"


def server_of_run(folder: Path) -> str:
    """The URL, without a database, of the one server of this run, whose state is in ``folder``; started if need be."""
    state = folder / _STATE
    with FileLock(folder / "postgresql.lock"):
        if not state.exists():
            state.write_text(json.dumps(_started()), encoding="utf-8")
        url: str = json.loads(state.read_text(encoding="utf-8"))["url"]
    return url


def _started() -> dict[str, str]:
    folder = Path(tempfile.mkdtemp(prefix="bm-pg-"))
    if user := ordinary_user():
        shutil.chown(folder, user)
    data, port = str(folder / "data"), free_port()
    run("initdb", "-D", data, "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C", "--no-sync")
    # a test database need not outlive the machine
    safety = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200 {safety}"
    run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    url = f"postgresql://tests@127.0.0.1:{port}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    # PostGIS takes a second to install: test databases are copies of one that has it
    with psycopg.connect(f"{url}/{TEMPLATE}", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    return {"url": url, "folder": str(folder)}


def stop(folder: Path) -> None:
    """End the server of this run, where one was started."""
    state = folder / _STATE
    if not state.exists():
        return
    place = json.loads(state.read_text(encoding="utf-8"))["folder"]
    run("pg_ctl", "-D", f"{place}/data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(place, ignore_errors=True)


def new_database(server: str, *, like: str = TEMPLATE) -> str:
    """Make a database on the server, a copy of ``like``, and return its URL."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    return f"{server}/{name}"


def fill(url: str, *, like: str) -> None:
    """Make the database at ``url`` a copy of the one at ``like``, another URL of the same server."""
    server, name = url.rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like.rsplit("/", 1)[1]}"')


def drop(url: str) -> None:
    """Remove a database, whoever is still connected to it."""
    server, name = url.rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
