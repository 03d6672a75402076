"""One version of the registry in columns; immutable, built once, read by every request."""

from buildingmap.snapshot.columns import LayerNote, Snapshot, build_snapshot, searchable
from buildingmap.snapshot.figures import UNKNOWN, Figures
from buildingmap.snapshot.holdings import Holdings, Stamp
from buildingmap.snapshot.public import FEWEST_TAXPAYERS, public_view

__all__ = [
    "FEWEST_TAXPAYERS",
    "UNKNOWN",
    "Figures",
    "Holdings",
    "LayerNote",
    "Snapshot",
    "Stamp",
    "build_snapshot",
    "public_view",
    "searchable",
]
