"""Files in, files out: every reader, every writer, and the check of what was read."""

from buildingmap.layers.checked import CheckedLayer, LayerAbout, LayerError
from buildingmap.layers.counts import LayerCounts
from buildingmap.layers.district import read_district
from buildingmap.layers.grid import Grid, Merge, Sheet
from buildingmap.layers.limits import Limits
from buildingmap.layers.supervise import check_layer, read_grid, read_layer
from buildingmap.layers.surroundings import read_surroundings

__all__ = [
    "CheckedLayer",
    "Grid",
    "LayerAbout",
    "LayerCounts",
    "LayerError",
    "Limits",
    "Merge",
    "Sheet",
    "check_layer",
    "read_district",
    "read_grid",
    "read_layer",
    "read_surroundings",
]
