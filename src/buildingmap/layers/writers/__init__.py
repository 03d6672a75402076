"""Layers out: GeoJSON, CSV and Excel, each with its date, source and filter inside, each read back without loss."""

from buildingmap.layers.notes import ExportNote
from buildingmap.layers.writers.geojson import write_geojson
from buildingmap.layers.writers.sheets import Column, write_table_csv, write_table_excel
from buildingmap.layers.writers.tables import write_csv, write_excel

__all__ = [
    "Column",
    "ExportNote",
    "write_csv",
    "write_excel",
    "write_geojson",
    "write_table_csv",
    "write_table_excel",
]
