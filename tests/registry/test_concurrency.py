"""Many at once: editors on the same rows, backups meanwhile, other processes, no room, no right, other programs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from benchmarks.editors import edit_hot_rows, hot_rows, lost_updates, values_of
from buildingmap.registry import (
    Change,
    ConflictError,
    Registry,
    RegistryWriteError,
    create_registry,
    history,
    open_registry,
    restore_backup,
)
from buildingmap.snapshot import LayerNote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District, Surroundings

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def being_written(registry: Registry) -> Iterator[list[int]]:
    """Two editors who go on changing two rows; yields the versions that were acknowledged so far."""
    ended, versions = threading.Event(), list[int]()
    failed: list[BaseException] = []

    def edit(building_id: str) -> None:
        number = 0
        try:
            while not ended.is_set():
                number += 1
                revision = registry.apply(
                    [Change("building", building_id, {"name": f"{building_id} {number}"})], actor=building_id
                )
                assert revision is not None
                versions.append(revision.version)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    editors = [threading.Thread(target=edit, args=(each,)) for each in ("CBD-01", "CBD-02")]
    for editor in editors:
        editor.start()
    try:
        yield versions
    finally:
        ended.set()
        for editor in editors:
            editor.join()
    assert failed == []


def rows_at(registry: Registry, version: int) -> Any:
    with registry.database.reading() as connection:
        return history.rows_at(connection, version)


def test_no_edit_of_many_editors_on_few_rows_is_lost(registry: Registry) -> None:
    rows = hot_rows(registry, 5)
    before = values_of(registry, rows)
    edited = edit_hot_rows(registry, rows, editors=40, edits=5)
    assert edited.edits == 200
    assert edited.conflicts > 0
    assert lost_updates(before, values_of(registry, rows), edited) == 0
    assert registry.version == 1 + 200
    assert registry.verify() == []


def test_a_backup_taken_while_others_write_is_one_committed_version(
    registry: Registry, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    kept: dict[int, Path] = {}
    with being_written(registry) as written:
        for number in range(4):
            before = len(written)
            path = tmp_path / f"kept-{number}.gpkg"
            kept[registry.backup(path)] = path
            while len(written) < before + 3:  # each of another version
                assert registry.version
    assert len(kept) == 4
    for version, path in kept.items():
        with open_registry(path, district=district, surroundings=surroundings) as copy:
            assert copy.version == version
            assert rows_at(copy, version) == rows_at(registry, version)
            assert copy.verify() == []
    assert registry.verify() == []


def test_a_backup_is_restored_into_a_registry_that_others_write(
    registry: Registry, location: str, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.gpkg"
    with being_written(registry) as written:
        while len(written) < 5:
            assert registry.version
        version = registry.backup(kept)
        while len(written) < 10:
            assert registry.version
        assert restore_backup(kept, location) == version
        seen = len(written)
        while len(written) < seen + 5:
            assert registry.version
    assert registry.version > version
    assert registry.verify() == []


@pytest.mark.command
def test_two_processes_that_edit_the_same_rows_lose_nothing(registry: Registry, location: str) -> None:
    rows = hot_rows(registry, 2)
    before = values_of(registry, rows)
    asked = ["--at", location, "--editors", "3", "--rows", "2", "--edits", "10"]
    others = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.editors", *asked], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(2)
    ]
    said = [json.loads(other.communicate(timeout=120)[0]) for other in others]
    acknowledged = {row: sum(each["acknowledged"][row] for each in said) for row in rows}
    assert sum(acknowledged.values()) == 60
    assert values_of(registry, rows) == {row: before[row] + acknowledged[row] for row in rows}
    assert registry.version == 1 + 60
    assert registry.verify() == []


def test_what_is_acknowledged_until_a_backup_is_put_back_is_in_the_copy_of_what_was_there(
    registry: Registry, location: str, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    registry.backup(tmp_path / "old.gpkg")
    with being_written(registry) as written:
        while len(written) < 5:
            assert registry.version
        restore_backup(tmp_path / "old.gpkg", location, keep=tmp_path / "before.gpkg", actor="admin")
        while registry.revisions(limit=1)[0].action == "put back":
            assert registry.version
    told = next(each for each in registry.revisions(limit=1_000_000) if each.action == "put back")
    with open_registry(tmp_path / "before.gpkg", district=district, surroundings=surroundings) as before:
        kept = {each.version for each in before.revisions(limit=1_000_000)}
        assert before.verify() == []
    assert {version for version in written if version < told.version} <= kept
    assert told.version == max(kept) + 1
    assert told.actor == "admin"


def test_who_saw_a_row_before_a_backup_was_put_back_cannot_write_over_what_came_after(
    registry: Registry, location: str, tmp_path: Path
) -> None:
    def rename(name: str, seen: int | None = None) -> None:
        registry.apply([Change("building", "CBD-01", {"name": name}, seen)], actor="editor")

    registry.backup(tmp_path / "old.gpkg")
    rename("先前")
    seen = registry.row("building", "CBD-01").version
    restore_backup(tmp_path / "old.gpkg", location)
    rename("之后")
    with pytest.raises(ConflictError):
        rename("未见之后", seen)
    assert registry.row("building", "CBD-01").values["name"] == "之后"
    assert registry.verify() == []


def test_only_its_owner_can_read_a_backup(registry: Registry, tmp_path: Path) -> None:
    registry.backup(tmp_path / "kept.gpkg")
    assert (tmp_path / "kept.gpkg").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "kept" in path.name] == ["kept.gpkg"]


@pytest.fixture
def file(
    tmp_path: Path, district: District, surroundings: Surroundings, demo_layer: CheckedLayer
) -> Iterator[Registry]:
    """A registry in a file: what follows is about files."""
    made = create_registry(
        tmp_path / "registry.gpkg",
        district=district,
        surroundings=surroundings,
        note=LayerNote(title="演示登记库", synthetic=True),
        layer=demo_layer,
    )
    yield made
    made.close()


def test_a_full_disk_refuses_the_change_and_reading_goes_on(file: Registry) -> None:
    pages = 0

    def no_more_pages(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(file.database.engine, "checkout", lambda raw, record, _: no_more_pages(raw, record))
    tenant = {"building_id": "CBD-01", "name": "示例企业", "area_m2": 500.0}
    many = [
        Change("tenant", f"t-{number}", tenant | {"registered_address": "长" * 200}) for number in range(300)
    ]
    before = rows_at(file, 1)
    pages = 1  # taken as the pages that there are
    with pytest.raises(RegistryWriteError, match="the disk is full"):
        file.apply(many, actor="x")
    assert rows_at(file, 1) == before
    assert (file.version, len(list(file.rows("tenant"))), len(file.snapshot())) == (1, 0, 123)
    pages = 1_000_000
    assert file.apply(many, actor="x") is not None
    assert file.verify() == []


def limited(kind: str, path: Path, *before: str) -> dict[str, Any]:
    command = [*before, sys.executable, "-m", "tests.registry.limited", kind, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.command
def test_a_write_that_breaks_off_leaves_nothing_and_the_next_one_lands(file: Registry) -> None:
    names = [row.values["name"] for row in file.rows("building")][:2]
    file.close()
    assert file.database.path is not None
    answer = limited("full", file.database.path)
    assert answer["error"] == "RegistryWriteError"
    assert answer["then"] == {"version": 1, "names": names, "towers": 123, "damage": []}
    assert answer["with_room"]["error"] == ""
    assert answer["at_last"] == answer["then"] | {"version": 2, "names": [f"{name} 新" for name in names]}


@pytest.mark.command
def test_a_file_that_may_not_be_written_is_read_and_a_change_refused(file: Registry) -> None:
    names = [row.values["name"] for row in file.rows("building")][:2]
    file.close()
    path = file.database.path
    assert path is not None
    # the rights of a file do not bind root, until it gives that privilege up
    bound = () if os.getuid() else ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        answer = limited("read-only", path, *bound)
    finally:
        path.parent.chmod(0o700)
    assert answer["read_only"] is True
    assert answer["error"] == "RegistryReadOnlyError"
    assert answer["then"] == {"version": 1, "names": names, "towers": 123, "damage": []}


# GDAL has an SQLite of its own; in one process the two would drop each other's locks, so it reads from another,
# as QGIS does
GDAL_READS = """
import json, sys
import pyogrio
layers = [name for name, _ in pyogrio.list_layers(sys.argv[1])]
towers = pyogrio.read_dataframe(sys.argv[1], layer="building")
print(json.dumps({"layers": layers, "towers": len(towers), "placed": int(towers.geometry.notna().sum())}))
"""


def test_gdal_reads_the_file_while_it_is_written(file: Registry) -> None:
    path = file.database.path
    assert path is not None
    with being_written(file) as written:
        for _ in range(3):
            before = len(written)
            run = subprocess.run([sys.executable, "-c", GDAL_READS, path], capture_output=True, check=True)
            read = json.loads(run.stdout)
            assert {"building", "tax_record", "tenant", "site"} <= set(read["layers"])
            assert (read["towers"], read["placed"]) == (123, 123)
            while len(written) == before:
                assert file.version
    assert file.verify() == []
