"""The Folium map, its layers, legend and symbols. Knows columns, not requests."""

from buildingmap.map.assets import LEAFLET_VERSION, MAP_ASSETS, asset_bytes
from buildingmap.map.criteria_bars import AreaBar, CriteriaBar, area_bars, criteria_bars
from buildingmap.map.figure import MapFigure, map_extent, map_figure
from buildingmap.map.payload import symbol_codes, towers_payload
from buildingmap.map.plan_drawing import PlanDrawing, PlanMark, plan_drawing
from buildingmap.map.plan_payload import plan_payload
from buildingmap.map.sector_symbols import UNKNOWN_SECTOR, sector_symbols
from buildingmap.map.stack import STACK_COLOURS, Stack, StackColour, stack
from buildingmap.map.symbols import Symbol, band_symbols, other_symbols
from buildingmap.map.tax_bars import TaxBars, tax_bars
from buildingmap.map.timeline import STEP_PATHS, Timeline, step_symbols, timeline
from buildingmap.map.trade_off_chart import POINT_PATHS, TradeOffChart, trade_off_chart
from buildingmap.map.weight_ranges import WeightRanges, weight_ranges_chart

__all__ = [
    "LEAFLET_VERSION",
    "MAP_ASSETS",
    "POINT_PATHS",
    "STACK_COLOURS",
    "STEP_PATHS",
    "UNKNOWN_SECTOR",
    "AreaBar",
    "CriteriaBar",
    "MapFigure",
    "PlanDrawing",
    "PlanMark",
    "Stack",
    "StackColour",
    "Symbol",
    "TaxBars",
    "Timeline",
    "TradeOffChart",
    "WeightRanges",
    "area_bars",
    "asset_bytes",
    "band_symbols",
    "criteria_bars",
    "map_extent",
    "map_figure",
    "other_symbols",
    "plan_drawing",
    "plan_payload",
    "sector_symbols",
    "stack",
    "step_symbols",
    "symbol_codes",
    "tax_bars",
    "timeline",
    "towers_payload",
    "trade_off_chart",
    "weight_ranges_chart",
]
