"""What makes a SQLite file a GeoPackage: the tables that QGIS and GDAL read first (OGC 12-128r19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from buildingmap.registry.geometry import SRS_ID
from buildingmap.registry.rows import SHAPED, TABLES

if TYPE_CHECKING:
    from sqlalchemy import Connection

_APPLICATION_ID: Final = 0x47504B47  # GPKG
_VERSION: Final = 10300
_WGS84: Final = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
# what an office's own tools need not see stays out of the list: mappings, scenarios, accounts, the audit's rows
_LISTED: Final = (*(name for name in TABLES if name not in {"plan", "import_mapping"}), "registry", "audit")
_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
    description TEXT)""",
    """CREATE TABLE IF NOT EXISTS gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE, description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
)


def forget_indexes(connection: Connection) -> None:
    """Drop the spatial indexes that QGIS or GDAL made of our tables: only GDAL's own functions can keep one up to date.

    Left alone they would show towers where they stood before.
    """
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
    for name in connection.exec_driver_sql(asked).scalars().all():
        if any(name.startswith(f"rtree_{table}_") for table in SHAPED):
            connection.exec_driver_sql(f'DROP TABLE "{name}"')
    there = text("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_extensions'")
    if connection.execute(there).first() is not None:
        connection.execute(
            text(
                "DELETE FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index' AND table_name = :name"
            ),
            [{"name": name} for name in sorted(SHAPED)],
        )


def forget(connection: Connection, table: str) -> None:
    """Take a table that another program made anew off the lists; ``describe`` lists ours in its place."""
    forget_indexes(connection)
    for listing in ("gpkg_geometry_columns", "gpkg_contents"):
        connection.execute(text(f"DELETE FROM {listing} WHERE table_name = :name"), {"name": table})  # noqa: S608 - ours


def describe(connection: Connection) -> None:
    """List the registry's tables as a GeoPackage does, inside the transaction of ``connection``."""
    connection.exec_driver_sql(f"PRAGMA application_id={_APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version={_VERSION}")
    for statement in _TABLES:
        connection.exec_driver_sql(statement)
    system = text(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (:name, :id, :body, :id, :definition, NULL)"
    )
    connection.execute(
        system,
        [
            {"name": "Undefined cartesian SRS", "id": -1, "body": "NONE", "definition": "undefined"},
            {"name": "Undefined geographic SRS", "id": 0, "body": "NONE", "definition": "undefined"},
            {"name": "WGS 84 geodetic", "id": SRS_ID, "body": "EPSG", "definition": _WGS84},
        ],
    )
    connection.execute(
        text(
            "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES (:name, :kind, :name, :srs)"
        ),
        [
            {
                "name": name,
                "kind": "features" if name in SHAPED else "attributes",
                "srs": SRS_ID if name in SHAPED else 0,
            }
            for name in _LISTED
        ],
    )
    connection.execute(
        text(
            "INSERT OR IGNORE INTO gpkg_geometry_columns VALUES (:name, 'geometry', 'GEOMETRY', :srs, 0, 0)"
        ),
        [{"name": name, "srs": SRS_ID} for name in sorted(SHAPED)],
    )
