"""Layers out: GeoJSON, CSV and Excel, each with its date, source and filter inside, each read back without loss."""

from buildingmap.layers.notes import ExportNote
from buildingmap.layers.writers.geojson import write_geojson
from buildingmap.layers.writers.tables import write_csv, write_excel

__all__ = ["ExportNote", "write_csv", "write_excel", "write_geojson"]
