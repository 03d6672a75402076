"""Files in, files out: every reader, every writer, and the check of what was read."""

from buildingmap.layers.checked import CheckedLayer, LayerAbout, LayerError
from buildingmap.layers.district import read_district
from buildingmap.layers.limits import Limits
from buildingmap.layers.reading import read_layer
from buildingmap.layers.surroundings import read_surroundings

__all__ = [
    "CheckedLayer",
    "LayerAbout",
    "LayerError",
    "Limits",
    "read_district",
    "read_layer",
    "read_surroundings",
]
