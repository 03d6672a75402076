"""A registry that keeps one layer file: the newest version of it that passed the check."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import shapely

from buildingmap import layers
from buildingmap.snapshot import LayerNote, Snapshot, build_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.crs import Datum
    from buildingmap.layers import CheckedLayer, Limits
    from buildingmap.model import District, Fault, Surroundings


class LayerRegistry:
    """The towers of one layer file, by version; the version is a digest of what was read.

    ``reload`` takes a changed file in whole or not at all: one with faults leaves the old version in force.
    """

    def __init__(
        self,
        path: Path,
        *,
        district: District,
        surroundings: Surroundings,
        datum: Datum | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Read and check the layer at ``path``. Raises LayerError with every fault."""
        self._path = path
        self._district = district
        self._surroundings = surroundings
        self._datum = datum
        self._limits = limits
        self._lock = threading.Lock()
        self.warnings: tuple[Fault, ...] = ()
        self._snapshot = self._read()

    def snapshot(self) -> Snapshot:
        """Return the version in force."""
        return self._snapshot

    def reload(self) -> Snapshot:
        """Read the file again and put it in force. Raises LayerError, and keeps the old version, on any fault."""
        with self._lock:
            self._snapshot = self._read()
            return self._snapshot

    def _read(self) -> Snapshot:
        checked = layers.read_layer(
            self._path,
            district=self._district,
            surroundings=self._surroundings,
            datum=self._datum,
            limits=self._limits,
        )
        if not checked.ok:
            raise layers.LayerError(checked)
        self.warnings = checked.warnings
        return snapshot_of(checked, district=self._district, surroundings=self._surroundings)


def snapshot_of(checked: CheckedLayer, *, district: District, surroundings: Surroundings) -> Snapshot:
    """Lay a checked layer out in columns; the same towers always get the same version."""
    digest = hashlib.sha256(repr((checked.about, district)).encode())
    for building, shape in zip(checked.buildings, checked.geometry, strict=True):
        digest.update(building.model_dump_json().encode())
        digest.update(shapely.to_wkb(shape))
    about = checked.about
    return build_snapshot(
        checked.buildings,
        checked.geometry,
        district=district,
        surroundings=surroundings,
        version=digest.hexdigest()[:16],
        note=LayerNote(title=about.title, synthetic=about.synthetic, source=about.source, as_of=about.as_of),
    )
