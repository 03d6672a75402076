"""One version of the registry in columns; immutable, built once, read by every request."""

from buildingmap.snapshot.columns import Figures, LayerNote, Snapshot, build_snapshot

__all__ = ["Figures", "LayerNote", "Snapshot", "build_snapshot"]
