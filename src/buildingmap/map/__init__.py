"""The Folium map, its layers, legend and symbols. Knows columns, not requests."""

from buildingmap.map.assets import LEAFLET_VERSION, MAP_ASSETS, asset_bytes
from buildingmap.map.figure import MapFigure, map_extent, map_figure
from buildingmap.map.payload import symbol_codes, towers_payload
from buildingmap.map.symbols import Symbol, band_symbols, other_symbols
from buildingmap.map.timeline import STEP_PATHS, Timeline, step_symbols, timeline

__all__ = [
    "LEAFLET_VERSION",
    "MAP_ASSETS",
    "STEP_PATHS",
    "MapFigure",
    "Symbol",
    "Timeline",
    "asset_bytes",
    "band_symbols",
    "map_extent",
    "map_figure",
    "other_symbols",
    "step_symbols",
    "symbol_codes",
    "timeline",
    "towers_payload",
]
