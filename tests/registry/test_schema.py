"""The schema on disk: made by its migrations, read by other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import pytest
import shapely
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, text

from buildingmap.registry import RegistryError, open_registry
from buildingmap.registry.geometry import geopackage_binary, shape_of_binary
from buildingmap.registry.schema import METADATA

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry


def _ours(_thing: Any, name: str, kind: str, _reflected: Any, _other: Any) -> bool:
    own = kind != "table" or (name or "").split(".")[-1] in METADATA.tables
    return own and not (kind == "column" and name == "geometry")


# what SQLAlchemy does not know is the type of the shapes, which are left out of the comparison
@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_the_migrations_make_the_schema_that_the_code_describes(registry: Registry) -> None:
    with registry.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": _ours, "target_metadata": METADATA}
        )
        assert compare_metadata(context, METADATA) == []


def test_the_tables_carry_the_checks_that_the_model_asks_for(registry: Registry) -> None:
    """A bound that changes in the model needs a migration: what is on disk is held against it."""
    with registry.database.engine.connect() as connection:
        if registry.database.is_geopackage:
            made = (
                connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'table'")).scalars().all()
            )
            there = "".join(sql or "" for sql in made)
        else:
            there = "".join(
                f"CONSTRAINT {name} "
                for name in connection.execute(
                    text("SELECT conname FROM pg_constraint WHERE convalidated")
                ).scalars()
            )
    checks = [
        check
        for table in METADATA.sorted_tables
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    ]
    assert len(checks) > 100
    rule = " CHECK ({})" if registry.database.is_geopackage else " "
    assert [
        str(check.name)
        for check in checks
        if f"CONSTRAINT {check.name}{rule.format(check.sqltext)}" not in there
    ] == []


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(120.37, 36.09),
        shapely.box(120.37, 36.08, 120.38, 36.09),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
        shapely.Polygon(),
    ],
)
def test_a_shape_survives_the_geopackage_binary(shape: shapely.Geometry) -> None:
    assert shapely.equals_identical(shape_of_binary(geopackage_binary(shape)), shape)


@pytest.mark.parametrize("blob", [b"", b"GP", b"XX" + bytes(60), b"GP\x00\x0f" + bytes(60)])
def test_what_is_no_geopackage_shape_is_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match="not a GeoPackage geometry"):
        shape_of_binary(blob)


def test_a_registry_of_a_newer_program_is_left_alone(
    registry: Registry, location: str, district: District, surroundings: Surroundings
) -> None:
    with registry.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RegistryError, match="newer buildingmap"):
        open_registry(location, district=district, surroundings=surroundings)


def test_gdal_reads_towers_and_records_while_the_registry_is_open(registry: Registry) -> None:
    if registry.database.path is None:
        return
    path = registry.database.path
    tables = {str(name) for name in np.asarray(pyogrio.list_layers(path))[:, 0]}
    assert {"building", "site", "tax_record", "tenant", "unit", "audit"} <= tables
    assert not tables & {"account", "session", "api_token"}
    towers = pyogrio.read_dataframe(path, layer="building").set_index("id")
    snapshot = registry.snapshot()
    assert towers.crs.to_epsg() == 4326
    assert len(towers) == len(snapshot)
    assert shapely.equals(towers.loc["CBD-01"].geometry, snapshot.geometry[snapshot.row("CBD-01")])
    taxes = pyogrio.read_dataframe(path, layer="tax_record")
    assert taxes.tax_yuan.sum() == sum(
        record.tax_yuan or 0 for tower in snapshot.buildings for record in tower.tax_records
    )


def test_a_past_schema_is_backed_up_before_it_changes(
    registry: Registry, location: str, district: District, surroundings: Surroundings, tmp_path: Path
) -> None:
    assert location
    assert not list(tmp_path.glob("*backup*"))
    from buildingmap.registry.copying import back_up_before  # noqa: PLC0415 - what migrate calls

    back_up_before(registry.database, "0001")
    if registry.database.path is None:
        with registry.database.reading() as connection:
            schemas = connection.execute(text("SELECT nspname FROM pg_namespace")).scalars().all()
        assert any(name.startswith("backup_0001") for name in schemas)
        return
    (kept,) = tmp_path.glob("*backup*.gpkg")
    with open_registry(kept, district=district, surroundings=surroundings) as copy:
        assert copy.version == registry.version
