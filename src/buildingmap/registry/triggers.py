# ruff: noqa: S608 - statements put together from the names of our own tables
"""The triggers of each table as SQL: what other programs write leaves a note, and the audit trail takes nothing."""

from __future__ import annotations

from typing import Final

from buildingmap.registry.rows import TABLES
from buildingmap.registry.settings import SETTINGS

# by table's trigger: the table, and the statement that makes it
Triggers = dict[str, tuple[str, str]]

# tables that another program may read and never write
SEALED: Final = ("audit", "audit_change", "outside_refused")
_STRANGER: Final = f"EXISTS (SELECT 1 FROM {SETTINGS} WHERE writing IS NULL)"
_NO: Final = "buildingmap: the audit trail is never changed"
_ONE: Final = "buildingmap: a registry has one row of settings"
_EVENTS: Final = ("insert", "update", "delete")


def on_sqlite() -> Triggers:
    """Return the triggers of a GeoPackage."""
    made: Triggers = {}
    for table in TABLES:
        for what in _EVENTS:
            note = _note(table, "OLD.id" if what == "delete" else "NEW.id", what)
            if what == "update":
                note += f"; {_note(table, 'OLD.id', what)} WHERE OLD.id IS NOT NEW.id"
            _add(made, table, what, f"AFTER {what.upper()} ON {table} WHEN {_STRANGER} BEGIN {note}; END")
    for table in SEALED:
        for what in _EVENTS:
            refused = f"BEGIN SELECT RAISE(ABORT, '{_NO}'); END"
            _add(made, table, what, f"BEFORE {what.upper()} ON {table} WHEN {_STRANGER} {refused}")
    # our writer sets and empties the mark itself
    for what, when in (
        ("update", "OLD.writing IS NULL AND NEW.writing IS NULL"),
        ("delete", "OLD.writing IS NULL"),
    ):
        note = _note(SETTINGS, f"'{SETTINGS}'", what)
        _add(made, SETTINGS, what, f"AFTER {what.upper()} ON {SETTINGS} WHEN {when} BEGIN {note}; END")
    second = f"WHEN EXISTS (SELECT 1 FROM {SETTINGS}) BEGIN SELECT RAISE(ABORT, '{_ONE}'); END"
    _add(made, SETTINGS, "insert", f"BEFORE INSERT ON {SETTINGS} {second}")
    return made


def _add(made: Triggers, table: str, what: str, rest: str) -> None:
    name = f"guard_{table}_{what}"
    made[name] = (table, f"CREATE TRIGGER {name} {rest}")


def _note(table: str, row_id: str, what: str) -> str:
    values = f"'{table}', coalesce({row_id}, ''), '{what}', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
    return f"INSERT INTO outside_write (table_name, row_id, what, at) SELECT {values}"


def on_postgresql(schema: str) -> Triggers:
    """Return the triggers of a PostgreSQL database as it writes them itself, to be compared with those there."""
    made: Triggers = {}
    functions = dict.fromkeys(TABLES, "note") | dict.fromkeys(SEALED, "refuse")
    for table, function in (functions | {SETTINGS: "note_settings"}).items():
        for what, when, each in (
            ("rows", "INSERT OR DELETE OR UPDATE", "ROW"),
            ("all", "TRUNCATE", "STATEMENT"),
        ):
            does = f"FOR EACH {each} EXECUTE FUNCTION buildingmap_{function}()"
            _add(made, table, what, f"AFTER {when} ON {schema}.{table} {does}")
    return made


FUNCTIONS: Final = (
    f"""CREATE OR REPLACE FUNCTION buildingmap_note() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    DECLARE row_id text := ''; former text := NULL;
    BEGIN
        IF NOT {_STRANGER} THEN RETURN NULL; END IF;
        IF TG_OP = 'DELETE' THEN row_id := OLD.id; ELSIF TG_OP <> 'TRUNCATE' THEN row_id := NEW.id; END IF;
        IF TG_OP = 'UPDATE' AND OLD.id IS DISTINCT FROM NEW.id THEN former := OLD.id; END IF;
        INSERT INTO outside_write (table_name, row_id, what, at, who)
        SELECT TG_TABLE_NAME, one, lower(TG_OP), to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            session_user || coalesce(' ' || nullif(current_setting('application_name', true), ''), '')
        FROM unnest(ARRAY[row_id, former]) AS one WHERE one IS NOT NULL;
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION buildingmap_note_settings() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF (SELECT count(*) FROM {SETTINGS}) > 1 THEN RAISE EXCEPTION '{_ONE}'; END IF;
            RETURN NULL;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF OLD.writing IS NOT NULL OR NEW.writing IS NOT NULL THEN RETURN NULL; END IF;
        ELSIF TG_OP = 'DELETE' THEN
            IF OLD.writing IS NOT NULL THEN RETURN NULL; END IF;
        END IF;
        INSERT INTO outside_write (table_name, row_id, what, at, who)
        VALUES (TG_TABLE_NAME, TG_TABLE_NAME, lower(TG_OP),
            to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), session_user);
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION buildingmap_refuse() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        IF {_STRANGER} THEN RAISE EXCEPTION '{_NO}'; END IF;
        RETURN NULL;
    END $$""",
)


def bodies() -> dict[str, str]:
    """Return what stands between the dollars of each function, by the function's name."""
    return {function.split("FUNCTION ")[1].split("(")[0]: function.split("$$")[1] for function in FUNCTIONS}
