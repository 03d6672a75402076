"""A PostgreSQL server of the tests' own: on a free port of this machine, run by an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED = "PostgreSQL 15 with PostGIS is needed: apt-get install postgresql postgresql-15-postgis-3"


def program(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join(str(folder) for folder in folders)) or shutil.which(name)
    assert found, NEEDED
    return found


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


def run(*command: str, user: str | None) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, user=user, cwd="/")
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


def running_server() -> Iterator[str]:
    """Yield the server's URL without a database, and end the server."""
    folder = Path(tempfile.mkdtemp(prefix="bm-pg-"))
    user, port = ordinary_user(), free_port()
    data = str(folder / "data")
    try:
        if user is not None:
            shutil.chown(folder, user)
        run(
            program("initdb"), "-D", data, "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale=C", user=user
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        log = str(folder / "log")
        run(program("pg_ctl"), "-D", data, "-o", options, "-l", log, "-w", "start", user=user)
        try:
            yield f"postgresql://tests@127.0.0.1:{port}"
        finally:
            run(program("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop", user=user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def empty_database(server: str) -> str:
    """Make an empty database on the server and return its URL."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
    return f"{server}/{name}"


TEMPLATE = "with_postgis"


def prepare(server: str) -> None:
    """Make the template that test databases are copied from: PostGIS takes a second to install."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    with psycopg.connect(f"{server}/{TEMPLATE}", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
