"""A registry of the first schema, with what another program typed into it, is brought up to date and put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import insert, select, text

from buildingmap.registry import Registry, open_registry
from buildingmap.registry.changes import FIRST_HASH, Revision, hash_of
from buildingmap.registry.database import Database, open_database
from buildingmap.registry.migrating import config_for
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, METADATA, REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District, Surroundings

_OF_LATER: frozenset[str] = frozenset({"outside_write", "outside_refused"})


def first_schema(registry: Registry, place: str) -> None:
    """Fill ``place`` with the registry's content as a program of the first schema wrote it."""
    old = open_database(place, create=True)
    with registry.database.reading() as reading, old.writing() as writing:
        if not old.is_geopackage:
            writing.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        command.upgrade(config_for(writing), "0001")
        for table in METADATA.sorted_tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if table is AUDIT_CHANGE:
                rows = [row for row in rows if row["table_name"] != REGISTRY.name]
            kept = [{name: value for name, value in row.items() if name != "writing"} for row in rows]
            if kept and table not in {AUDIT, REGISTRY} and table.name not in _OF_LATER:
                writing.execute(insert(table), kept)
                if not old.is_geopackage and "fid" in table.c:
                    own = {"table": table.name, "last": max(row["fid"] for row in kept)}
                    writing.execute(text("SELECT setval(pg_get_serial_sequence(:table, 'fid'), :last)"), own)
        asked = select(
            AUDIT_CHANGE.c.table_name, AUDIT_CHANGE.c.row_id, AUDIT_CHANGE.c.before, AUDIT_CHANGE.c.after
        )
        changes = [
            (row[0], row[1], row[2], row[3]) for row in writing.execute(asked.order_by(AUDIT_CHANGE.c.fid))
        ]
        row = dict(reading.execute(select(AUDIT)).mappings().one())
        row |= {"row_count": len(changes), "changes_hash": hash_of(changes), "previous": FIRST_HASH}
        row["hash"] = Revision(**row).sealed()
        writing.execute(insert(AUDIT), row)
        state = dict(reading.execute(select(REGISTRY)).mappings().one())
        del state["writing"]
        columns = ", ".join(state)
        values = ", ".join(f":{name}" for name in state)
        writing.execute(
            text(f"INSERT INTO registry ({columns}) VALUES ({values})"),  # noqa: S608 - our own names
            state | {"head": row["hash"]},
        )
    old.close()


def typed(database: Database, statement: str) -> None:
    with database.writing() as connection:
        connection.execute(text(statement))


def test_a_registry_of_the_first_schema_gets_its_guards_and_old_outside_edits_are_told(
    registry: Registry, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    place = str(tmp_path / "old.gpkg")
    if not registry.database.is_geopackage:
        return  # the same migration on a database of its own: below
    _brought_up(registry, place, district, surroundings)
    assert len(list(tmp_path.glob("old-schema-0001-*.backup.gpkg"))) == 1


def test_a_database_of_the_first_schema_gets_its_guards_too(
    registry: Registry, postgresql_server: str, district: District, surroundings: Surroundings
) -> None:
    from tests import postgresql  # noqa: PLC0415 - only where there is a server

    if registry.database.is_geopackage:
        return
    _brought_up(registry, postgresql.new_database(postgresql_server), district, surroundings)


def _brought_up(registry: Registry, place: str, district: District, surroundings: Surroundings) -> None:
    first_schema(registry, place)
    old = open_database(place)
    typed(old, "UPDATE building SET status = 'demolished' WHERE id = 'CBD-01'")
    typed(old, "UPDATE building SET floors = 26 WHERE id = 'CBD-02'")
    old.close()
    with open_registry(place, district=district, surroundings=surroundings) as opened:
        assert opened.version == 2
        snapshot = opened.look()
        assert snapshot.buildings[snapshot.row("CBD-01")].status == "existing"
        assert snapshot.buildings[snapshot.row("CBD-02")].floors == 26
        assert [revision.action for revision in opened.revisions()] == ["outside", "schema", "create"]
        assert [refusal.row_id for refusal in opened.refusals()] == ["CBD-01"]
        assert [damage.code for damage in opened.verify()] == []
