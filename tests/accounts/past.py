"""A registry as the program had it when accounts still lay inside."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.schema import CreateIndex, CreateTable

from buildingmap.accounts.schema import ACCOUNT, API_TOKEN, SESSION, SIGN_IN_ATTEMPT
from buildingmap.registry import Change
from buildingmap.registry.database import open_database
from buildingmap.registry.migrating import config_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

MARK: Final = "$argon2id$nobody-may-find-this-in-the-registry"
MOVED: Final = "0003"


def put_accounts_inside(location: str) -> None:
    """Make of a registry without accounts one of before: lin, an editor with a session and a token, inside it."""
    before = ScriptDirectory.from_config(config_for()).get_revision(MOVED)
    assert before is not None
    database = open_database(location)
    with database.writing() as connection:
        for table in (ACCOUNT, SESSION, API_TOKEN, SIGN_IN_ATTEMPT):
            connection.execute(CreateTable(table))
            for index in sorted(table.indexes, key=lambda entry: str(entry.name)):
                connection.execute(CreateIndex(index))
        connection.execute(text("ALTER TABLE account DROP COLUMN browser_key"))
        _fill(connection)
        connection.execute(
            text("UPDATE alembic_version SET version_num = :name"), {"name": before.down_revision}
        )
    database.close()


def _fill(connection: Connection) -> None:
    at, until = "2026-03-02T09:00:00.000000Z", "2036-03-02T09:00:00.000000Z"
    kept = {"mark": MARK, "at": at, "until": until}
    for number, name in enumerate(("boss", "lin")):
        connection.execute(
            text(
                "INSERT INTO account (id, name, role, password_hash, disabled, created_at, changed_at) "
                "VALUES (:id, :name, :role, :mark, :disabled, :at, :at)"
            ),
            {
                "id": f"id-{name}",
                "name": name,
                "role": ("admin", "editor")[number],
                "disabled": False,
                **kept,
            },
        )
    connection.execute(
        text(
            "INSERT INTO session (id_hash, account_id, created_at, seen_at, expires_at) "
            "VALUES ('session-digest', 'id-lin', :at, :at, :until)"
        ),
        kept,
    )
    connection.execute(
        text(
            "INSERT INTO api_token (id, id_hash, account_id, label, role, created_at, expires_at) "
            "VALUES ('t1', 'token-digest', 'id-lin', 'nightly', 'analyst', :at, :until)"
        ),
        kept,
    )


def delete_a_session_and_leave_its_page(location: str) -> None:
    """Leave what a database that does not overwrite leaves: freed bytes of a row that was deleted."""
    with closing(sqlite3.connect(Path(location))) as connection, connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute(
            "INSERT INTO session (id_hash, account_id, created_at, seen_at, expires_at) VALUES (?, 'x', '', '', '')",
            ("freed-digest" * 900,),
        )
    with closing(sqlite3.connect(Path(location))) as connection, connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("DELETE FROM session WHERE account_id = 'x'")


def rename(number: int) -> list[Change]:
    """A change of a registry: another goal."""
    return [
        Change(
            "goal",
            f"goal-{number}",
            {"year": 2030, "measure": "tax_yuan", "label": f"目标{number}", "value": 1.0, "unit": "yuan"},
        )
    ]
