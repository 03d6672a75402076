"""What towers stand among: cluster boundaries, metro stations, a local basemap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from shapely import MultiPolygon, Point, Polygon
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Boundary:
    """An official cluster boundary in WGS84 with its rule of inclusion, as-of date and source."""

    cluster: str
    shape: Polygon | MultiPolygon
    rule: str
    source: str
    as_of: date | None
    schematic: bool


@dataclass(frozen=True, slots=True)
class Station:
    """A metro station, WGS84."""

    id: str
    zh: str
    en: str
    lines: tuple[str, ...]
    point: Point


@dataclass(frozen=True, slots=True)
class BasemapFeature:
    """A line or area that is drawn under the towers, WGS84. ``kind``: district, street, water, park or metro.

    ``attribution`` is whom to name wherever it is drawn, as a licence may ask; empty where nobody has to be.
    """

    kind: str
    name: str
    shape: BaseGeometry
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that a district's towers stand among."""

    boundaries: tuple[Boundary, ...] = ()
    stations: tuple[Station, ...] = ()
    basemap: tuple[BasemapFeature, ...] = ()

    @property
    def attributions(self) -> tuple[str, ...]:
        """Whom a drawing of the basemap has to name, each once."""
        named = (feature.attribution for feature in self.basemap)
        return tuple(dict.fromkeys(attribution for attribution in named if attribution))
