"""What reading a file comes to: towers, or faults; never half of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildingmap.errors import BuildingmapError

if TYPE_CHECKING:
    from shapely import Geometry

    from buildingmap.layers.counts import LayerCounts
    from buildingmap.model import Building, Fault
    from buildingmap.model.faults import Lang


@dataclass(frozen=True, slots=True)
class LayerAbout:
    """What a file says of itself: whether its figures are synthetic, where they come from, as of when."""

    title: str = ""
    synthetic: bool = False
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class CheckedLayer:
    """A file that was read: ``rows`` seen, ``faults`` that refuse it, ``warnings`` that do not.

    ``buildings`` and ``geometry`` (shapely shapes, WGS84, in the same order) are empty when there are faults,
    and ``counts`` is then None.
    """

    file: str
    rows: int
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    buildings: tuple[Building, ...] = ()
    geometry: tuple[Geometry, ...] = ()
    about: LayerAbout = field(default_factory=LayerAbout)
    counts: LayerCounts | None = None

    @property
    def ok(self) -> bool:
        """Whether the file can be used."""
        return not self.faults


class LayerError(BuildingmapError):
    """A layer that cannot be used; ``layer.faults`` names every fault."""

    def __init__(self, layer: CheckedLayer) -> None:
        """Keep the checked layer."""
        super().__init__("\n".join(fault.line() for fault in layer.faults))
        self.layer = layer

    def text(self, lang: Lang) -> str:
        """Return every fault, one to a line."""
        return "\n".join(fault.line(lang) for fault in self.layer.faults)
