"""One version of the registry in columns; immutable, built once, read by every request."""

from buildingmap.snapshot.columns import LayerNote, Snapshot, build_snapshot, searchable
from buildingmap.snapshot.figures import UNKNOWN, Figures

__all__ = ["UNKNOWN", "Figures", "LayerNote", "Snapshot", "build_snapshot", "searchable"]
