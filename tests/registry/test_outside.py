# ruff: noqa: S608 - statements of another program, put together here
"""Other programs write into the registry: QGIS, ogr2ogr, psql. What passes the check is told, the rest put back."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from buildingmap.registry import (
    Change,
    ConflictError,
    RegistryError,
    history,
    move,
    open_registry,
    write_records,
)
from buildingmap.registry.geometry import geopackage_binary
from buildingmap.registry.outside import take_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from buildingmap.model import Building, District, Surroundings
    from buildingmap.registry import Registry
    from buildingmap.snapshot import Snapshot


@contextmanager
def outside(location: str, *, unchecked: bool = False) -> Iterator[Connection]:
    """A transaction of another program; ``unchecked``: of one that has switched off what keeps bad cells out."""
    address = (
        f"postgresql+psycopg{location[len('postgresql') :]}" if "://" in location else f"sqlite:///{location}"
    )
    engine = create_engine(address)
    try:
        with engine.begin() as connection:
            if unchecked and engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            elif unchecked:
                checks = connection.exec_driver_sql(
                    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
                    "FROM pg_constraint WHERE contype = 'c' AND conname LIKE 'ck_%%'"
                ).all()
                for table, name, _ in checks:
                    connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            yield connection
            if unchecked and engine.dialect.name != "sqlite":
                for table, name, rule in checks:
                    connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule} NOT VALID")
    finally:
        engine.dispose()


def tower(snapshot: Snapshot, building_id: str) -> Building:
    return snapshot.buildings[snapshot.row(building_id)]


def floors(registry: Registry) -> int | None:
    found: int | None = tower(registry.look(), "CBD-01").floors
    return found


def newest(registry: Registry) -> tuple[int, str, str, int]:
    found = registry.revisions(limit=1)[0]
    return found.version, found.actor, found.action, found.row_count


def test_a_cell_changed_outside_becomes_a_revision_that_names_old_and_new(
    registry: Registry, location: str
) -> None:
    was = floors(registry)
    with outside(location) as other:
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
    assert floors(registry) == 26
    assert newest(registry) == (2, "outside", "outside", 1)
    (change,) = registry.changes_of(2)
    assert change.fields == {"floors": (was, 26)}
    row = registry.row("building", "CBD-01")
    assert (row.version, row.changed_by) == (2, "outside")
    assert registry.verify() == []


def test_an_edit_of_the_same_row_right_after_an_outside_one_leaves_no_gap_in_the_trail(
    registry: Registry, location: str
) -> None:
    was = floors(registry)
    with outside(location) as other:
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
    # nobody has looked yet: the writer itself finds the note
    registry.apply([Change("building", "CBD-01", {"name": "新名"})], actor="editor")
    assert [r.actor for r in registry.revisions(limit=2)] == ["editor", "outside"]
    assert [change.fields.get("floors") for _, change in registry.history_of("building", "CBD-01")][:2] == [
        None,
        (was, 26),
    ]
    assert registry.verify() == []


def test_an_editor_who_saw_the_row_before_an_outside_write_is_told(registry: Registry, location: str) -> None:
    seen = registry.row("building", "CBD-01").version
    with outside(location) as other:
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
    with pytest.raises(ConflictError) as told:
        registry.apply([Change("building", "CBD-01", {"floors": 27}, seen)], actor="editor")
    assert told.value.conflicts[0].changed_by == "outside"
    assert floors(registry) == 26


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE building SET status = 'demolished' WHERE id = 'CBD-01'",
        "UPDATE building SET floors = 0 WHERE id = 'CBD-01'",
        "UPDATE building SET name = NULL WHERE id = 'CBD-01'",
        "UPDATE building SET name = '' WHERE id = 'CBD-01'",
        "UPDATE building SET leasable_area_m2 = floor_area_m2 + 1 WHERE id = 'CBD-01'",
        "UPDATE building SET geometry = NULL WHERE id = 'CBD-01'",
        "UPDATE tax_record SET tax_yuan = -1",
        "UPDATE tax_record SET district_revenue_yuan = tax_yuan + 1",
        "UPDATE tax_record SET year = 23",
    ],
)
def test_the_store_itself_refuses_what_the_model_refuses(
    registry: Registry, location: str, statement: str
) -> None:
    with pytest.raises(DBAPIError), outside(location) as other:
        other.execute(text(statement))
    assert registry.verify() == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("floors", "'twenty'"),
        ("floors", "12.5"),
        ("completion_year", "'1998-01-01'"),
        ("grade_date", "'yesterday'"),
        ("height_m", "9e999"),
        ("geometry", "x'00'"),
        ("geometry", "x'47500001e610000001030000'"),
        ("geometry", "1000000000000"),
        ("address", "CAST(x'ff41' AS TEXT)"),
    ],
)
def test_a_geopackage_keeps_no_cell_of_another_kind(registry: Registry, field: str, typed: str) -> None:
    path = registry.database.path
    if path is None:
        return  # PostgreSQL's types do
    with closing(sqlite3.connect(path)) as other:
        if field not in {"geometry", "address"}:
            with pytest.raises(sqlite3.IntegrityError):
                other.execute(f"UPDATE building SET {field} = {typed} WHERE id = 'CBD-01'")
        # and one who has switched the checks off is put right
        other.execute("PRAGMA ignore_check_constraints = ON")
        other.execute(f"UPDATE building SET {field} = {typed} WHERE id = 'CBD-01'")
        other.commit()
    before = registry.row("building", "CBD-02").values
    registry.look()
    (refusal,) = registry.refusals()
    assert [fault.field for fault in refusal.faults] == [field]
    assert registry.row("building", "CBD-02").values == before
    assert registry.verify() == []


def test_a_bad_cell_is_put_back_and_kept_beside_what_was_typed(
    registry: Registry, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    with outside(location, unchecked=True) as other:
        other.execute(text("UPDATE building SET status = 'demolished' WHERE id = 'CBD-01'"))
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-02'"))
    with caplog.at_level(logging.WARNING, "buildingmap.registry"):
        snapshot = registry.look()
    assert tower(snapshot, "CBD-01").status == "existing"
    assert tower(snapshot, "CBD-02").floors == 26
    (refusal,) = registry.refusals()
    assert (refusal.version, refusal.table, refusal.row_id) == (2, "building", "CBD-01")
    assert refusal.fields == {"status": ("existing", "demolished")}
    assert [fault.field for fault in refusal.faults] == ["status"]
    assert "put back: building 'CBD-01' (status)" in caplog.text
    assert "taken in: building 'CBD-02'" in caplog.text
    registry.settle(2, actor="editor")
    assert registry.refusals() == []
    assert registry.refusals(2)[0].settled_by == "editor"


def test_rows_added_and_deleted_outside_are_told_too(registry: Registry, location: str) -> None:
    with outside(location) as other:
        other.execute(
            text("INSERT INTO tenant (id, building_id, name) VALUES ('t1', 'CBD-01', '示例企业 0001')")
        )
        other.execute(text("DELETE FROM tax_record WHERE building_id = 'CBD-02'"))
    registry.look()
    changes = {
        change.row_id: (change.before is None, change.after is None) for change in registry.changes_of(2)
    }
    assert changes.pop("t1") == (True, False)
    assert changes
    assert set(changes.values()) == {(False, True)}
    row = registry.row("tenant", "t1")
    assert (row.version, row.changed_by) == (2, "outside")
    assert registry.verify() == []


def test_what_leaves_a_row_without_its_tower_is_put_back_and_the_rest_taken_in(
    registry: Registry, location: str
) -> None:
    with outside(location) as other:
        other.execute(text("DELETE FROM building WHERE id = 'CBD-01'"))
        other.execute(
            text("INSERT INTO tenant (id, building_id, name) VALUES ('t1', 'NOWHERE', '示例企业 0001')")
        )
        other.execute(text("UPDATE building SET name = '新名' WHERE id = 'CBD-02'"))
    snapshot = registry.look()
    assert tower(snapshot, "CBD-01").id == "CBD-01"
    assert tower(snapshot, "CBD-02").name == "新名"
    assert {(r.table, r.row_id, r.faults[0].expected.code) for r in registry.refusals()} == {
        ("building", "CBD-01", "record_used"),
        ("tenant", "t1", "building_id"),
    }
    assert [change.row_id for change in registry.changes_of(2)] == ["CBD-02"]
    assert registry.verify() == []


def test_a_tax_told_twice_outside_is_put_back(registry: Registry, location: str) -> None:
    copied = (
        "INSERT INTO tax_record (id, building_id, year, tax_yuan) "
        "SELECT 'a-second-one', building_id, year, 1 FROM tax_record WHERE id = 'CBD-01:2023'"
    )
    with outside(location) as other:
        other.execute(text(copied))
    registry.look()
    (refusal,) = registry.refusals()
    assert (refusal.row_id, refusal.in_force) == ("a-second-one", None)
    assert registry.verify() == []


def test_whoever_drops_the_triggers_first_is_found_out(
    registry: Registry, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    registry.look()
    name, on = (
        ("guard_building_update", "")
        if registry.database.is_geopackage
        else ("guard_building_rows", " ON building")
    )
    with outside(location) as other:
        other.execute(text(f"DROP TRIGGER {name}{on}"))
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
    assert any(name in str(line) for line in registry.verify())
    with caplog.at_level(logging.WARNING, "buildingmap.registry"):
        assert floors(registry) == 26
    assert name in caplog.text
    assert newest(registry) == (2, "outside", "outside", 1)
    assert registry.verify() == []


def test_a_strangers_trigger_is_named_and_taken_away(registry: Registry, location: str) -> None:
    registry.look()
    with outside(location) as other:
        if registry.database.is_geopackage:
            other.execute(
                text(
                    "CREATE TRIGGER quietly AFTER UPDATE ON building BEGIN "
                    "UPDATE tax_record SET tax_yuan = 1 WHERE building_id = NEW.id; END"
                )
            )
        else:
            other.execute(
                text(
                    "CREATE FUNCTION quietly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    "UPDATE tax_record SET tax_yuan = 1 WHERE building_id = NEW.id; RETURN NEW; END $$"
                )
            )
            other.execute(
                text(
                    "CREATE TRIGGER quietly AFTER UPDATE ON building FOR EACH ROW EXECUTE FUNCTION quietly()"
                )
            )
    assert any("quietly" in str(line) for line in registry.verify())
    registry.look()
    assert registry.verify() == []


def test_a_row_that_no_note_tells_of_and_nobody_can_read_is_put_back_before_it_is_edited(
    registry: Registry, location: str
) -> None:
    if registry.database.path is None:
        return
    with outside(location, unchecked=True) as other:
        other.execute(text("UPDATE registry SET writing = 1"))
        other.execute(text("UPDATE building SET floors = CAST(x'ff41' AS TEXT) WHERE id = 'CBD-01'"))
        other.execute(text("UPDATE registry SET writing = NULL"))
    assert registry.row("building", "CBD-01").values["name"]  # as the trail has it
    registry.apply([Change("building", "CBD-01", {"name": "新名"})], actor="editor")
    assert [r.action for r in registry.revisions(limit=2)] == ["edit", "outside put back"]
    assert registry.verify() == []


def test_a_row_of_before_the_first_look_is_held_against_the_trail_when_it_is_edited(
    registry: Registry, location: str
) -> None:
    with outside(location) as other:
        other.execute(text("UPDATE registry SET writing = 1"))
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
        other.execute(text("UPDATE registry SET writing = NULL"))
    registry.apply([Change("building", "CBD-01", {"name": "新名"})], actor="editor")
    assert [r.actor for r in registry.revisions(limit=2)] == ["editor", "outside"]
    assert registry.verify() == []


@pytest.mark.parametrize("table", ["audit", "audit_change", "outside_refused"])
def test_the_audit_trail_takes_nothing_from_outside(registry: Registry, location: str, table: str) -> None:
    with outside(location, unchecked=True) as other:
        other.execute(text("UPDATE building SET status = 'demolished' WHERE id = 'CBD-01'"))
    registry.look()
    for statement in (f"UPDATE {table} SET version = version", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="never changed"), outside(location) as other:
            other.execute(text(statement))


def test_the_title_may_be_changed_outside_and_that_the_content_is_invented_may_not(
    registry: Registry, location: str
) -> None:
    with outside(location) as other:
        other.execute(text("UPDATE registry SET title = '市北区楼宇登记库', source = '区商务局'"))
    assert registry.look().note.title == "市北区楼宇登记库"
    assert newest(registry) == (2, "outside", "outside", 1)
    with outside(location) as other:
        other.execute(text("UPDATE registry SET synthetic = FALSE, version = 7"))
    assert registry.look().note.synthetic
    assert {fault.field for r in registry.refusals() for fault in r.faults} == {"synthetic", "version"}
    assert registry.verify() == []
    registry.undo(2, actor="editor")
    assert registry.look().note.title == "演示登记库"
    assert registry.verify() == []


def test_whose_name_a_row_bears_is_not_for_others_to_say(registry: Registry, location: str) -> None:
    with outside(location) as other:
        other.execute(text("UPDATE building SET changed_by = 'the mayor' WHERE id = 'CBD-01'"))
    registry.look()
    assert registry.row("building", "CBD-01").changed_by == "buildingmap"
    assert registry.refusals()[0].typed is not None
    assert registry.verify() == []


def test_a_whole_table_dropped_outside_comes_back_from_the_trail(registry: Registry, location: str) -> None:
    before = {row.row_id: row.values for row in registry.rows("tax_record")}
    with outside(location) as other:
        other.execute(text("DROP TABLE tax_record"))
    registry.look()
    assert {row.row_id: row.values for row in registry.rows("tax_record")} == before
    assert registry.verify() == []


def test_the_registrys_own_row_taken_away_comes_back(registry: Registry, location: str) -> None:
    with outside(location) as other:
        other.execute(text("DELETE FROM registry"))
    assert registry.look().note.title == "演示登记库"
    assert registry.verify() == []


def test_a_registry_with_a_bad_row_opens_and_answers_although_it_cannot_be_written(
    registry: Registry, location: str, district: District, surroundings: Surroundings
) -> None:
    if registry.database.path is None:
        return
    towers = len(registry.snapshot())
    with outside(location, unchecked=True) as other:
        other.execute(text("UPDATE building SET status = 'demolished', grade_date = 'x' WHERE id = 'CBD-01'"))
    registry.close()
    with (
        closing(sqlite3.connect(location)) as other,
        open_registry(location, district=district, surroundings=surroundings) as again,
    ):
        other.execute("BEGIN IMMEDIATE")  # another program holds the store
        snapshot = again.snapshot()
        assert tower(snapshot, "CBD-01").status == "existing"
        assert len(snapshot) == towers
        other.execute("ROLLBACK")
        again.look()
        assert again.verify() == []


def test_looking_for_outside_writes_costs_no_second_query(registry: Registry) -> None:
    from sqlalchemy import event  # noqa: PLC0415 - only here

    registry.look()
    asked: list[str] = []

    @event.listens_for(registry.database.engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    registry.look()
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1


# in a process of its own, as QGIS is: two copies of SQLite in one process undo each other's locks
_APPENDS = """
import sys, pyogrio
towers = pyogrio.read_dataframe(sys.argv[1], layer="building")
new = towers[towers.id == "CBD-01"].copy()
new["id"], new["name"] = "QGIS-01", "新楼"
pyogrio.write_dataframe(new, sys.argv[1], layer="building", append=True)
"""


def test_a_tower_added_with_gdal_while_the_registry_is_open_is_taken_in(registry: Registry) -> None:
    if registry.database.path is None:
        return
    registry.look()
    path = str(registry.database.path)
    subprocess.run([sys.executable, "-c", _APPENDS, path], check=True)
    snapshot = registry.look()
    assert tower(snapshot, "QGIS-01").name == "新楼"
    assert newest(registry) == (2, "outside", "outside", 1)
    registry.apply([Change("building", "QGIS-01", {"floors": 30})], actor="editor")
    assert registry.verify() == []


def test_a_layer_that_was_thrown_away_and_written_anew_is_put_aside(
    registry: Registry, location: str
) -> None:
    before = {row.row_id: row.values for row in registry.rows("building")}
    with outside(location) as other:
        other.execute(text("CREATE TABLE other AS SELECT id, name FROM building WHERE id = 'CBD-03'"))
        other.execute(text("DROP TABLE building"))
        other.execute(text("ALTER TABLE other RENAME TO building"))
    assert any(damage.code == "other_table" for damage in registry.verify())
    assert len(registry.look()) == len(before)
    assert {row.row_id: row.values for row in registry.rows("building")} == before
    assert registry.refusals()[0].typed == {"table": "building_outside_1"}
    with registry.database.reading() as connection:
        assert connection.execute(text("SELECT id FROM building_outside_1")).scalars().all() == ["CBD-03"]
    assert registry.verify() == []


def test_a_spatial_index_that_only_gdal_can_keep_is_taken_away(registry: Registry, location: str) -> None:
    if registry.database.path is None:
        return
    registry.look()
    # as QGIS makes one: a table of boxes, kept by triggers that call GDAL's own functions
    with closing(sqlite3.connect(location)) as other:
        other.execute("CREATE VIRTUAL TABLE rtree_building_geometry USING rtree(id, minx, maxx, miny, maxy)")
        other.execute(
            "CREATE TRIGGER rtree_building_geometry_update1 AFTER UPDATE ON building BEGIN "
            "UPDATE rtree_building_geometry SET minx = ST_MinX(NEW.geometry) WHERE id = NEW.fid; END"
        )
        other.commit()
    registry.look()
    assert registry.apply([Change("building", "CBD-01", {"floors": 30})], actor="editor") is not None
    with closing(sqlite3.connect(location)) as other:
        assert not other.execute("SELECT name FROM sqlite_master WHERE name LIKE 'rtree_%'").fetchall()
    assert registry.verify() == []


@pytest.mark.parametrize(
    "typed",
    [
        "UPDATE building SET grade_date = 'infinity' WHERE id = 'CBD-01'",
        "UPDATE building SET geometry = ST_GeomFromText('CIRCULARSTRING(0 0, 4 0, 4 4)', 4326) WHERE id = 'CBD-01'",
        "UPDATE building SET height_m = 'NaN' WHERE id = 'CBD-01'",
        "TRUNCATE building",
    ],
)
def test_what_only_postgresql_lets_through_is_put_back(registry: Registry, location: str, typed: str) -> None:
    if registry.database.is_geopackage:
        return
    before = registry.row("building", "CBD-01").values
    with outside(location, unchecked=True) as other:
        other.execute(text(typed))
    registry.apply([Change("building", "CBD-02", {"floors": 30})], actor="editor")
    assert "CBD-01" in {refusal.row_id for refusal in registry.refusals()}
    assert registry.row("building", "CBD-01").values == before
    assert tower(registry.look(), "CBD-02").floors == 30
    assert registry.verify() == []


def test_a_copy_is_refused_while_nobody_has_looked_at_what_another_program_typed(
    registry: Registry, location: str, tmp_path: Path
) -> None:
    with outside(location, unchecked=True) as other:
        other.execute(text("UPDATE building SET status = 'demolished' WHERE id = 'CBD-01'"))
    with pytest.raises(RegistryError, match="verify --repair"):
        move(location, tmp_path / "moved.gpkg")
    registry.look()
    move(location, tmp_path / "moved-then.gpkg")


def test_a_backup_has_what_another_program_wrote_looked_at(
    registry: Registry, location: str, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    with outside(location, unchecked=True) as other:
        other.execute(text("UPDATE building SET status = 'demolished' WHERE id = 'CBD-01'"))
    registry.backup(tmp_path / "backup.gpkg")
    with open_registry(tmp_path / "backup.gpkg", district=district, surroundings=surroundings) as copy:
        assert copy.row("building", "CBD-01").values["status"] == "existing"
        assert copy.verify() == []


_NOT_TEXT = "UPDATE building SET name = CAST(x'ff35303030' AS TEXT) WHERE id = 'CBD-01'"


def test_a_row_that_cannot_be_read_is_shown_as_the_trail_has_it_and_what_was_typed_is_not_logged(
    registry: Registry, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    if registry.database.path is None:
        return  # PostgreSQL takes no such text
    before = registry.row("building", "CBD-01")
    with outside(location, unchecked=True) as other:
        other.execute(text(_NOT_TEXT))
    with closing(sqlite3.connect(location)) as holder, caplog.at_level(logging.DEBUG, "buildingmap"):
        holder.execute("BEGIN IMMEDIATE")  # nobody can put it back yet
        assert registry.row("building", "CBD-01") == before
        assert before in registry.rows("building")
        holder.execute("ROLLBACK")
        assert registry.row("building", "CBD-01") == before
    (refusal,) = registry.refusals()
    assert refusal.typed is not None
    assert refusal.typed["name"] == "\\xff5000"
    assert "5000" not in caplog.text


@pytest.mark.parametrize(
    "typed",
    [
        "floors = CAST(x'ff35303030' AS TEXT)",
        "floors = x'ff35303030'",
        "grade_date = 'day 5000'",
        "geometry = x'5000'",
        "geometry = CAST(x'ff35303030' AS TEXT)",
        "id = CAST(x'ff41' AS TEXT)",  # the log names rows by their ids
        "version = CAST(x'ff35303030' AS TEXT)",
        "changed_by = CAST(x'ff35303030' AS TEXT)",
    ],
)
def test_whoever_asks_first_has_it_looked_at_and_reads_what_is_in_force(
    registry: Registry, location: str, typed: str, caplog: pytest.LogCaptureFixture
) -> None:
    if registry.database.path is None:
        return  # PostgreSQL's types do
    before = registry.row("building", "CBD-01")
    with caplog.at_level(logging.DEBUG):
        asks: list[Callable[[], object]] = [
            lambda: registry.row("building", "CBD-01"),
            lambda: list(registry.rows("building")),
            lambda: write_records(registry),
            lambda: registry.restore(1, actor="editor"),
        ]
        for number, ask in enumerate(asks):
            with outside(location, unchecked=True) as other:
                other.execute(text(f"UPDATE building SET {typed} WHERE id = 'CBD-01'"))
            ask()
            assert {refusal.version for refusal in registry.refusals()} == set(range(2, number + 3))
            assert registry.row("building", "CBD-01").values == before.values
    assert "5000" not in caplog.text
    assert registry.verify() == []


def test_a_title_that_is_no_text_is_put_back_and_what_was_typed_is_not_logged(
    registry: Registry, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    if registry.database.path is None:
        return
    with outside(location, unchecked=True) as other:
        other.execute(text("UPDATE registry SET title = CAST(x'ff35303030' AS TEXT)"))
    with caplog.at_level(logging.DEBUG):
        assert registry.apply([Change("building", "CBD-01", {"floors": 30})], actor="editor") is not None
    assert registry.look().note.title == "演示登记库"
    assert [refusal.typed["title"] for refusal in registry.refusals() if refusal.typed] == ["\\xff5000"]
    assert "5000" not in caplog.text
    assert registry.verify() == []


def test_what_nobody_could_look_at_yet_is_not_read_as_if_it_were_in_force(
    registry: Registry, location: str
) -> None:
    if registry.database.path is None:
        return  # there a reader never finds the store held
    before = registry.row("building", "CBD-01")
    with outside(location, unchecked=True) as other:
        other.execute(text("UPDATE building SET status = 'demolished' WHERE id = 'CBD-01'"))
    with closing(sqlite3.connect(location)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert registry.row("building", "CBD-01") == before
        assert before in registry.rows("building")
        with registry.database.reading() as connection:
            assert history.present(connection)["building"]["CBD-01"] == before.values
        holder.execute("ROLLBACK")


def test_going_back_to_a_version_undoes_what_nobody_had_looked_at_too(
    registry: Registry, location: str
) -> None:
    was = floors(registry)
    with outside(location) as other:
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
    registry.restore(1, actor="editor")
    assert floors(registry) == was
    assert [r.action for r in registry.revisions(limit=2)] == ["restore", "outside"]


def test_what_a_database_complains_of_is_said_without_what_was_typed(registry: Registry) -> None:
    broken = "INSERT INTO tax_record (id, building_id, year, tax_yuan) VALUES ('secret-77', 'CBD-01', 2023, -8675309)"
    with pytest.raises(RegistryError) as told, registry.database.writing() as connection:
        connection.execute(text(broken))
    assert "8675309" not in str(told.value)
    assert "secret-77" not in str(told.value)
    assert told.value.__suppress_context__


@pytest.mark.parametrize(
    "shape",
    [
        "POLYGON ((120.38 36.07, 120.39 36.08, 120.39 36.07, 120.38 36.08, 120.38 36.07))",
        "POLYGON Z ((120.38 36.07 5, 120.39 36.07 5, 120.39 36.08 5, 120.38 36.07 5))",
    ],
)
def test_a_shape_that_crosses_itself_or_has_heights_is_put_back(
    registry: Registry, location: str, shape: str
) -> None:
    before = registry.row("building", "CBD-01").values
    bad = shapely.from_wkt(shape)
    with outside(location) as other:
        if registry.database.is_geopackage:
            other.execute(
                text("UPDATE building SET geometry = :blob WHERE id = 'CBD-01'"),
                {"blob": geopackage_binary(bad)},
            )
        else:
            other.execute(text("ALTER TABLE building ALTER COLUMN geometry TYPE geometry"))
            other.execute(
                text("UPDATE building SET geometry = ST_GeomFromEWKT(:wkt) WHERE id = 'CBD-01'"),
                {"wkt": f"SRID=4326;{shape}"},
            )
    registry.look()
    (refusal,) = registry.refusals()
    assert [fault.field for fault in refusal.faults] == ["geometry"]
    assert registry.row("building", "CBD-01").values == before


def test_a_tower_given_another_id_outside_keeps_its_own_and_is_not_doubled(
    registry: Registry, location: str
) -> None:
    towers = [row.row_id for row in registry.rows("building")]
    with outside(location) as other:
        other.execute(text("UPDATE building SET id = 'CBD-99X' WHERE id = 'CBD-01'"))
    registry.look()
    assert [row.row_id for row in registry.rows("building")] == towers
    assert {refusal.row_id: refusal.faults[0].field for refusal in registry.refusals()} == {
        "CBD-01": "id",
        "CBD-99X": "id",
    }
    assert newest(registry)[2] == "outside put back"
    assert registry.verify() == []


def test_a_tower_renamed_twice_or_deleted_and_added_is_told_apart(registry: Registry, location: str) -> None:
    towers = [row.row_id for row in registry.rows("building")]
    with outside(location) as other:
        other.execute(text("UPDATE building SET id = 'B-2' WHERE id = 'CBD-01'"))
        other.execute(text("UPDATE building SET id = 'B-3' WHERE id = 'B-2'"))
        other.execute(text("INSERT INTO tenant (id, building_id, name) VALUES ('t1', 'CBD-02', '示例企业')"))
        other.execute(text("UPDATE tenant SET name = '示例企业 0002' WHERE id = 't1'"))
    registry.look()
    assert [row.row_id for row in registry.rows("building")] == towers
    assert registry.row("tenant", "t1").values["name"] == "示例企业 0002"
    assert registry.verify() == []


def test_what_our_own_next_change_takes_in_is_logged_once_it_is_kept(
    registry: Registry, location: str, caplog: pytest.LogCaptureFixture
) -> None:
    with outside(location) as other:
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
    with caplog.at_level(logging.WARNING, "buildingmap.registry"):
        with pytest.raises(RegistryError):
            registry.apply([Change("building", "CBD-02", {"floors": -1})], actor="editor")
        assert "taken in" not in caplog.text  # it was taken back with the change
        registry.apply([Change("building", "CBD-02", {"floors": 30})], actor="editor")
    assert caplog.text.count("taken in: building 'CBD-01'") == 1


def test_many_rows_that_are_put_back_take_no_longer_each_than_few(registry: Registry, location: str) -> None:
    seconds = []
    for count in (1000, 4000):
        with outside(location) as other:
            other.execute(
                text("INSERT INTO tenant (id, building_id, name) VALUES (:id, 'NOWHERE', '示例企业')"),
                [{"id": f"t{number:05}"} for number in range(count)],
            )
        began = time.process_time()
        registry.look()
        seconds.append(time.process_time() - began)
    # four times the rows: sixteen times the work where each is held against each
    assert seconds[1] < 8 * seconds[0]


def test_a_reader_is_shown_the_version_before_while_another_thread_takes_in(
    registry: Registry, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = registry.look()
    with outside(location) as other:
        other.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
    taking_in, go_on = threading.Event(), threading.Event()

    def slowly(connection: Connection, **options: Any) -> Any:
        taking_in.set()
        assert go_on.wait(30)
        return take_in(connection, **options)

    monkeypatch.setattr("buildingmap.registry.looking.outside.take_in", slowly)
    monkeypatch.setattr("buildingmap.registry.store._LOOK_EVERY_SECONDS", 0.0)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(registry.snapshot)
        assert taking_in.wait(30)
        try:
            assert threads.submit(registry.snapshot).result(timeout=10) is before
        finally:
            go_on.set()
        assert tower(first.result(), "CBD-01").floors == 26


def test_more_than_a_page_that_was_put_back_is_counted_and_all_of_it_can_be_reached(
    registry: Registry, location: str
) -> None:
    with outside(location) as other:
        other.execute(
            text("INSERT INTO tenant (id, building_id, name) VALUES (:id, 'NOWHERE', '示例企业')"),
            [{"id": f"t{number:05}"} for number in range(1100)],
        )
    registry.look()
    seen, before = set(), None
    for expected in (500, 500, 100):
        page = registry.refusals_page(2, before=before)
        assert (len(page.rows), page.count) == (expected, 1100)
        seen |= {refusal.row_id for refusal in page.rows}
        before = page.older
    assert before is None
    assert len(seen) == 1100
