from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from buildingmap.layers import CheckedLayer
from buildingmap.registry import (
    Change,
    ConflictError,
    RecordFaultsError,
    Registry,
    RegistryError,
    RegistryMissingError,
    UnknownRecordError,
    create_registry,
    move,
    open_registry,
    restore_backup,
)
from buildingmap.snapshot import LayerNote
from tests.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District, Surroundings
    from buildingmap.snapshot import Snapshot

TENANT: dict[str, Any] = {"building_id": "CBD-01", "name": "示例企业 0001", "area_m2": 500.0, "floors": "3-5"}


def rename(registry: Registry, name: str, *, seen: int | None = None) -> int:
    revision = registry.apply([Change("building", "CBD-01", {"name": name}, seen)], actor="editor")
    assert revision is not None
    return revision.version


def content(registry: Registry) -> dict[str, Any]:
    tables = ("building", "tax_record", "tenant", "unit", "site")
    return {
        table: {row.row_id: (row.values, row.version) for row in registry.rows(table)} for table in tables
    }


def test_a_new_registry_holds_what_the_layer_holds(registry: Registry, demo_snapshot: Snapshot) -> None:
    kept = registry.snapshot()
    assert sorted(kept.buildings, key=lambda b: b.id) == sorted(demo_snapshot.buildings, key=lambda b: b.id)
    shapes = dict(zip(demo_snapshot.ids, demo_snapshot.geometry, strict=True))
    assert all(shapely.equals_identical(shapes[i], g) for i, g in zip(kept.ids, kept.geometry, strict=True))
    assert kept.note.synthetic
    assert registry.version == 1


def test_a_tower_that_is_changed_says_who_changed_it(registry: Registry) -> None:
    version = rename(registry, "新名")
    row = registry.row("building", "CBD-01")
    assert (row.values["name"], row.version, row.changed_by) == ("新名", version, "editor")
    stamp = registry.snapshot().holdings.stamps["building", "CBD-01"]
    assert (stamp.version, stamp.changed_by) == (version, "editor")


def test_the_second_of_two_editors_is_told_what_changed(registry: Registry) -> None:
    seen = registry.row("building", "CBD-01").version
    rename(registry, "先到", seen=seen)
    with pytest.raises(ConflictError) as told:
        rename(registry, "后到", seen=seen)
    (conflict,) = told.value.conflicts
    assert conflict.current is not None
    assert conflict.current["name"] == "先到"
    assert (conflict.changed, conflict.changed_by) == (("name",), "editor")
    assert registry.row("building", "CBD-01").values["name"] == "先到"


def test_a_change_that_changes_nothing_makes_no_version(registry: Registry) -> None:
    row = registry.row("building", "CBD-01")
    assert registry.apply([Change("building", "CBD-01", row.values, row.version)], actor="x") is None
    assert registry.version == 1


def test_one_fault_among_many_changes_keeps_all_of_them_out(registry: Registry) -> None:
    before = content(registry)
    changes = [
        Change("building", "CBD-01", {"name": "新名"}),
        Change("tenant", "t1", TENANT, 0),
        Change("tenant", "t2", TENANT | {"building_id": "NO-SUCH"}, 0),
    ]
    with pytest.raises(RecordFaultsError, match="NO-SUCH"):
        registry.apply(changes, actor="x")
    assert content(registry) == before
    assert registry.version == 1


def test_a_tower_with_tenants_cannot_be_deleted_without_them(registry: Registry) -> None:
    registry.apply([Change("tenant", "t1", TENANT, 0)], actor="x")
    taxes = [
        Change("tax_record", row.row_id, None)
        for row in registry.rows("tax_record")
        if row.values["building_id"] == "CBD-01"
    ]
    with pytest.raises(RecordFaultsError) as told:
        registry.apply([Change("building", "CBD-01", None), *taxes], actor="x")
    assert told.value.faults[0].expected.code == "record_used"
    registry.apply([Change("building", "CBD-01", None), Change("tenant", "t1", None), *taxes], actor="x")
    with pytest.raises(UnknownRecordError):
        registry.row("building", "CBD-01")


@pytest.mark.parametrize(
    "written",
    [
        None,
        "zz",
        *(
            shapely.to_wkb(shape, hex=True)
            for shape in (
                shapely.Polygon(),
                shapely.Point(float("nan"), 36),
                shapely.Point(4e7, 3e6),
                shapely.LineString([(120.37, 36.09), (120.38, 36.09)]),
            )
        ),
    ],
)
@pytest.mark.parametrize("row_id", ["CBD-01", "NEW-99"])
def test_no_tower_without_a_place_gets_into_the_registry(
    registry: Registry, written: str | None, row_id: str
) -> None:
    with pytest.raises(RecordFaultsError, match="Place or outline"):
        registry.apply([Change("building", row_id, {"name": "无处", "geometry": written})], actor="x")
    assert len(registry.snapshot()) == 123


def test_a_tower_may_have_a_tax_for_every_year_there_is(registry: Registry) -> None:
    known = {record.year for record in registry.snapshot().buildings[0].tax_records}
    tower = registry.snapshot().ids[0]
    taxes = [
        Change("tax_record", f"{tower}:of-{year}", {"building_id": tower, "year": year, "tax_yuan": 1.0}, 0)
        for year in range(1990, 2101)
        if year not in known
    ]
    registry.apply(taxes, actor="x")
    assert len(registry.snapshot().buildings[0].tax_records) == 111


def test_a_unit_is_let_to_a_tenant_of_its_own_tower(registry: Registry) -> None:
    tenant = {"building_id": "CBD-01", "name": "示例企业"}
    unit = {"floor": 3, "label": "301", "area_m2": 100.0, "tenant_id": "t"}
    registry.apply(
        [Change("tenant", "t", tenant, 0), Change("unit", "u", unit | {"building_id": "CBD-01"}, 0)],
        actor="x",
    )

    with pytest.raises(RecordFaultsError, match="a tenant of the same tower"):
        registry.apply([Change("unit", "v", unit | {"building_id": "CBD-02"}, 0)], actor="x")
    with pytest.raises(RecordFaultsError, match="1 refer to it"):
        registry.apply([Change("tenant", "t", {"building_id": "CBD-02"})], actor="x")
    registry.apply(
        [Change("tenant", "t", {"building_id": "CBD-02"}), Change("unit", "u", {"building_id": "CBD-02"})],
        actor="x",
    )
    assert registry.row("unit", "u").values["building_id"] == "CBD-02"


def test_one_year_of_a_tower_has_one_tax_record(registry: Registry) -> None:
    again = {"building_id": "CBD-01", "year": 2023, "tax_yuan": 1.0}
    with pytest.raises(RecordFaultsError, match="one record per tower"):
        registry.apply([Change("tax_record", "another", again, 0)], actor="x")
    quarter = again | {"quarter": 1}
    assert registry.apply([Change("tax_record", "another", quarter, 0)], actor="x") is not None


def test_a_year_of_which_only_the_taxpayers_are_counted_is_no_tax_of_the_tower(registry: Registry) -> None:
    before = registry.snapshot().buildings
    counted = {"building_id": "CBD-01", "year": 2010, "taxpayer_count": 5}
    assert registry.apply([Change("tax_record", "counted", counted, 0)], actor="x") is not None
    assert registry.snapshot().buildings == before


def test_a_past_version_is_shown_compared_and_restored(registry: Registry) -> None:
    first = registry.snapshot()
    version = rename(registry, "新名")
    registry.apply([Change("tenant", "t1", TENANT, 0)], actor="x")
    then = registry.snapshot_at(1)
    assert then.buildings == first.buildings
    difference = registry.difference(1, registry.version)
    assert [(change.table, change.row_id) for change in difference] == [
        ("building", "CBD-01"),
        ("tenant", "t1"),
    ]
    assert difference[0].fields == {"name": (first.buildings[0].name, "新名")}
    registry.restore(1, actor="admin")
    assert registry.snapshot().buildings == first.buildings
    assert not list(registry.rows("tenant"))
    assert registry.snapshot_at(version).buildings[0].name == "新名"
    assert registry.verify() == []


def test_the_version_of_a_day_is_the_last_one_before_its_moment(registry: Registry) -> None:
    version = rename(registry, "新名")
    made = datetime.fromisoformat(registry.revision(1).at)
    assert registry.version_on(made) == 1
    assert registry.version_on(datetime.now(UTC)) == version
    with pytest.raises(UnknownRecordError):
        registry.version_on(made - timedelta(days=1))


def test_what_was_done_can_be_undone_unless_someone_built_on_it(registry: Registry) -> None:
    before = content(registry)
    version = rename(registry, "新名")
    registry.undo(version, actor="x")
    assert registry.row("building", "CBD-01").values == before["building"]["CBD-01"][0]
    version = rename(registry, "再改")
    rename(registry, "又改")
    with pytest.raises(ConflictError):
        registry.undo(version, actor="x")


def test_the_history_of_a_row_names_every_change(registry: Registry) -> None:
    rename(registry, "甲")
    rename(registry, "乙")
    told = registry.history_of("building", "CBD-01")
    assert [change.fields["name"][1] for _, change in told][:2] == ["乙", "甲"]
    assert [revision.action for revision, _ in told] == ["edit", "edit", "create"]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET actor = 'someone else' WHERE version = 2",
        "UPDATE audit_change SET after = replace(after, '新名', '假名') WHERE version = 2",
        "DELETE FROM audit WHERE version = 2",
        "UPDATE building SET name = '假名' WHERE id = 'CBD-01'",
        "DELETE FROM tax_record WHERE building_id = 'CBD-01'",
        "UPDATE registry SET head = 'x'",
        "UPDATE registry SET synthetic = NOT synthetic",
        "UPDATE registry SET title = '真实登记库'",
        "UPDATE registry SET uid = 'x'",
        "UPDATE building SET changed_by = 'someone else' WHERE id = 'CBD-01'",
        "UPDATE tax_record SET changed_at = '2020-01-01T00:00:00Z' WHERE building_id = 'CBD-01'",
        "UPDATE building SET version = 1 WHERE id = 'CBD-01'",
    ],
)
def test_what_is_changed_behind_the_registrys_back_is_seen(registry: Registry, tampering: str) -> None:
    rename(registry, "新名")
    rename(registry, "再改")
    assert registry.verify() == []
    # by somebody who knows how the registry tells its own writes from others
    with registry.database.writing() as connection:
        connection.execute(text("UPDATE registry SET writing = 1"))
        connection.execute(text(tampering))
        connection.execute(text("UPDATE registry SET writing = NULL"))
    assert registry.verify() != []


def test_another_process_that_writes_is_noticed(
    registry: Registry, location: str, district: District, surroundings: Surroundings
) -> None:
    registry.snapshot()
    with open_registry(location, district=district, surroundings=surroundings) as other:
        rename(other, "他人所改")
    assert registry.version == 2
    registry._looked = 0.0  # noqa: SLF001 - as if half a second had passed
    assert registry.snapshot().buildings[0].name == "他人所改"


def test_a_backup_is_the_registry_at_one_version(
    registry: Registry, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    rename(registry, "新名")
    assert registry.backup(tmp_path / "kept.gpkg") == 2
    before = content(registry)
    rename(registry, "之后")
    with open_registry(tmp_path / "kept.gpkg", district=district, surroundings=surroundings) as copy:
        assert content(copy) == before
        assert copy.verify() == []
    with pytest.raises(RegistryError, match="expected a name that is free"):
        registry.backup(tmp_path / "kept.gpkg")


def test_a_backup_is_restored_under_the_program_that_has_it_open(
    registry: Registry, location: str, tmp_path: Path
) -> None:
    registry.backup(tmp_path / "kept.gpkg")
    before = content(registry)
    rename(registry, "之后")
    assert registry.snapshot().buildings[0].name == "之后"
    assert restore_backup(tmp_path / "kept.gpkg", location) == 1
    assert content(registry) == before
    assert registry.verify() == []
    rename(registry, "再来")


def test_a_registry_moves_to_another_store_and_back_without_loss(
    registry: Registry, location: str, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    registry.apply([Change("tenant", "t1", TENANT | {"locally_taxed": True}, 0)], actor="x")
    assert move(location, tmp_path / "moved.gpkg") == 2
    with open_registry(tmp_path / "moved.gpkg", district=district, surroundings=surroundings) as moved:
        assert content(moved) == content(registry)
        assert moved.revisions() == registry.revisions()
        assert moved.verify() == []
        rename(moved, "新家")
    with pytest.raises(RegistryError, match="expected an empty store"):
        move(location, tmp_path / "moved.gpkg")


def test_what_is_not_there_is_said_in_a_sentence(
    tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    with pytest.raises(RegistryMissingError, match="found no file"):
        open_registry(tmp_path / "none.gpkg", district=district, surroundings=surroundings)
    (tmp_path / "text.gpkg").write_text("no registry " * 100)
    with pytest.raises(RegistryError, match="found another kind of file"):
        open_registry(tmp_path / "text.gpkg", district=district, surroundings=surroundings)


def test_a_registry_is_made_once(
    registry: Registry, location: str, district: District, surroundings: Surroundings
) -> None:
    with pytest.raises(RegistryError, match="found a registry"):
        create_registry(location, district=district, surroundings=surroundings, note=LayerNote())
    assert registry.version == 1


def test_a_tax_without_a_year_is_not_taken_into_a_registry(
    location: str, district: District, surroundings: Surroundings, demo_layer: CheckedLayer
) -> None:
    tower = demo_layer.buildings[0].model_copy(update={"tax_year": None, "tax_history": ()})
    layer = CheckedLayer("x", 1, buildings=(tower,), geometry=demo_layer.geometry[:1])
    with pytest.raises(RecordFaultsError, match="Tax year"):
        create_registry(location, district=district, surroundings=surroundings, note=LayerNote(), layer=layer)


edits = st.lists(
    st.tuples(st.sampled_from(["CBD-01", "CBD-02", "XDX-01"]), st.integers(1, 60)), min_size=1, max_size=8
)


@settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=edits)
def test_every_past_version_stays_what_it_was(registry: Registry, edits: list[tuple[str, int]]) -> None:
    shown = {registry.version: registry.snapshot_at(registry.version).buildings}
    for building_id, floors in edits:
        revision = registry.apply([Change("building", building_id, {"floors": floors})], actor="x")
        if revision is not None:
            shown[revision.version] = registry.snapshot().buildings
    assert all(registry.snapshot_at(version).buildings == towers for version, towers in shown.items())
    assert registry.verify() == []
