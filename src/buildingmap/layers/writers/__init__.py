"""Layers out: GeoJSON, CSV and Excel, each with its date, source and filter inside, each read back without loss."""

from buildingmap.layers.notes import ExportNote
from buildingmap.layers.writers.annotated import CellNote, write_annotated
from buildingmap.layers.writers.features import (
    DatumError,
    write_geopackage,
    write_geoparquet,
    write_shapefile,
)
from buildingmap.layers.writers.geojson import write_geojson
from buildingmap.layers.writers.parcels import (
    write_sites_csv,
    write_sites_excel,
    write_sites_geojson,
    write_sites_geopackage,
)
from buildingmap.layers.writers.places import Place, write_places
from buildingmap.layers.writers.sheets import Column, Sheet, write_sheets, write_table_csv, write_table_excel
from buildingmap.layers.writers.tables import write_csv, write_excel
from buildingmap.layers.writers.template import write_template

__all__ = [
    "CellNote",
    "Column",
    "DatumError",
    "ExportNote",
    "Place",
    "Sheet",
    "write_annotated",
    "write_csv",
    "write_excel",
    "write_geojson",
    "write_geopackage",
    "write_geoparquet",
    "write_places",
    "write_shapefile",
    "write_sheets",
    "write_sites_csv",
    "write_sites_excel",
    "write_sites_geojson",
    "write_sites_geopackage",
    "write_table_csv",
    "write_table_excel",
    "write_template",
]
