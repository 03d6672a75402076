"""What towers stand among, out of the district's own GeoJSON files."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from buildingmap.errors import DistrictError
from buildingmap.layers import strictjson
from buildingmap.layers.findings import Findings
from buildingmap.layers.limits import Limits
from buildingmap.layers.opening import open_layer
from buildingmap.model.faults import printable, shown
from buildingmap.model.surroundings import BasemapFeature, Boundary, Station, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from buildingmap.model.district import District


def read_surroundings(district: District, folder: Path) -> Surroundings:
    """Read the boundaries, stations and basemap that ``district.layers`` names, relative to ``folder``; WGS84.

    Raises DistrictError with one line for each thing wrong.
    """
    faults: list[str] = []
    clusters = {cluster.id for cluster in district.clusters}
    boundaries, stations, basemap = [], [], []
    for feature in _features(folder / district.layers.clusters, faults):
        boundary = feature.boundary(clusters)
        boundaries.extend([] if boundary is None else [boundary])
    for feature in _features(folder / district.layers.stations, faults):
        station = feature.station()
        stations.extend([] if station is None else [station])
    for feature in _features(folder / district.layers.basemap, faults):
        kind, name, attribution = (feature.text(field) for field in ("kind", "name", "attribution"))
        basemap.append(BasemapFeature(kind, name, feature.shape, attribution))
    if faults:
        raise DistrictError("\n".join(faults))
    return Surroundings(tuple(boundaries), tuple(stations), tuple(basemap))


class _Feature:
    """One feature of a file of the district's own, and where its faults go."""

    def __init__(
        self, where: str, properties: dict[str, Any], shape: BaseGeometry, faults: list[str]
    ) -> None:
        self._where = where
        self._properties = properties
        self.shape = shape
        self._faults = faults

    def _fault(self, name: str, expected: str) -> None:
        found = shown(self._properties.get(name))
        self._faults.append(f"{self._where}: {name}: found {found}, expected {expected}")

    def text(self, name: str) -> str:
        value = self._properties.get(name)
        if value is None:
            return ""
        if isinstance(value, str) and value.isprintable():
            return value
        self._fault(name, "text on one line")
        return ""

    def boundary(self, clusters: set[str]) -> Boundary | None:
        cluster = self.text("cluster")
        if cluster not in clusters:
            self._fault("cluster", f"one of {', '.join(sorted(clusters))}")
            return None
        if self.shape.geom_type not in {"Polygon", "MultiPolygon"}:
            self._faults.append(f"{self._where}: geometry: expected a Polygon or a MultiPolygon")
            return None
        schematic = self._properties.get("schematic") is True
        rule, source = self.text("rule"), self.text("source")
        return Boundary(cluster, self.shape, rule, source, self._day(), schematic)  # type: ignore[arg-type]

    def station(self) -> Station | None:
        lines = self._properties.get("lines", [])
        if not (isinstance(lines, list) and all(isinstance(line, str) for line in lines)):
            self._fault("lines", "a list of names of lines")
            return None
        if self.shape.geom_type != "Point":
            self._faults.append(f"{self._where}: geometry: expected a Point")
            return None
        name = self.text("name")
        return Station(self.text("id"), name, self.text("name_en") or name, tuple(lines), self.shape)  # type: ignore[arg-type]

    def _day(self) -> date | None:
        text = self.text("as_of")
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self._fault("as_of", "a date as YYYY-MM-DD")
            return None


def _features(path: Path, faults: list[str]) -> Iterator[_Feature]:
    import shapely  # noqa: PLC0415 - only needed once a file is really read

    name = printable(str(path))
    collection = _collection(path, faults)
    for number, entry in enumerate(collection, start=1):
        where = f"{name}: feature {number}"
        try:
            shape = shapely.from_geojson(strictjson.text_of(entry["geometry"]))
        except (KeyError, TypeError, shapely.GEOSException):
            faults.append(f"{where}: geometry: expected a GeoJSON geometry")
            continue
        if not shape.is_valid or shape.is_empty:
            faults.append(f"{where}: geometry: expected a valid shape ({shapely.is_valid_reason(shape)})")
            continue
        properties = entry.get("properties")
        yield _Feature(where, properties if isinstance(properties, dict) else {}, shape, faults)


def _collection(path: Path, faults: list[str]) -> list[Any]:
    findings = Findings()
    opened = open_layer(path, limits=Limits(), findings=findings)
    if opened is None:
        faults.extend(f"{printable(str(path))}: {fault.line()}" for fault in findings.faults)
        return []
    with opened.file:
        data = opened.file.read()
    name = printable(str(path))
    try:
        value = (
            strictjson.parse(data.decode("utf-8-sig")).value
            if strictjson.depth(data) <= Limits().nesting
            else None
        )
    except ValueError as error:
        faults.append(f"{name}: expected GeoJSON in UTF-8 ({printable(str(error))})")
        return []
    features = value.get("features") if isinstance(value, dict) else None
    if isinstance(features, list):
        return features
    faults.append(f"{name}: expected a FeatureCollection")
    return []
