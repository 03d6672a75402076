"""The Folium figure: rendered once per version, its html for our page, its script for a file of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import folium
import numpy as np
import orjson
import shapely
from branca.element import MacroElement
from jinja2 import Template

from buildingmap.map.assets import local_assets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildingmap.model import Surroundings
    from buildingmap.snapshot import Snapshot

_MAP_ID: Final = "towers"
_PAINT_ORDER: Final = ("water", "park", "district", "street", "metro")
_FIT_MARGIN_DEG: Final = 0.002
_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class MapFigure:
    """A rendered map: ``html`` holds its element, ``script`` builds it, ``version`` is a digest of both."""

    html: str
    script: str
    version: str


class _HandOver(MacroElement):
    """Hands the Leaflet map and the layers that Folium drew to the page's own module."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});"
        "{%- for text in this.attributions -%}"
        "{{ this._parent.get_name() }}.attributionControl.addAttribution({{ text | tojson }});"
        "{%- endfor -%}"
        "window.foliumMap = {map: {{ this._parent.get_name() }}, layers: { {%- for id, layer in this.layers.items() -%}"
        "{{ id | tojson }}: {{ layer.get_name() }},"
        "{%- endfor -%} } };"
        "{% endmacro %}"
    )

    def __init__(self, layers: Mapping[str, folium.map.Layer], attributions: Iterable[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "HandOver"
        self.layers = layers
        self.attributions = [_plain(text) for text in attributions]


def map_figure(snapshot: Snapshot) -> MapFigure:
    """Render the map of a snapshot's surroundings, fitted to its towers; the towers themselves come as data.

    No text of the registry goes into it: only geometry, and kinds and cluster ids of the configuration.
    Raises MapAssetError when Folium asks for a script or style that is not served locally.
    """
    district = snapshot.district
    base = folium.Map(
        tiles=None, zoom_control=True, control_scale=False, zoom_snap=0.25, minZoom=10, maxZoom=19
    )
    _name(base, _MAP_ID)
    if district.basemap_tiles is not None:
        tiles = folium.TileLayer(
            district.basemap_tiles.url, attr=_plain(district.basemap_tiles.attribution), control=False
        )
        _name(tiles, "tiles")
        tiles.add_to(base)
    layers = {
        "basemap": _layer("basemap", _basemap(snapshot.surroundings)),
        "boundaries": _layer("boundaries", _boundaries(snapshot.surroundings)),
        "stations": _layer("stations", _stations(snapshot.surroundings), round_points=True),
    }
    for layer in layers.values():
        layer.add_to(base)
    # the uppermost cluster's name and the page's buttons share the room above
    base.fit_bounds(map_extent(snapshot), padding_top_left=(0, 44))
    hand_over = _HandOver(layers, snapshot.surroundings.attributions)
    _name(hand_over, "hand_over")
    hand_over.add_to(base)
    return _rendered(base)


def _rendered(base: folium.Map) -> MapFigure:
    for element in (base, *base._children.values()):  # noqa: SLF001 - Folium has no other way to see its parts
        local_assets([*getattr(element, "default_js", []), *getattr(element, "default_css", [])])
    figure: Any = base.get_root()
    figure.render()
    html, script = figure.html.render().strip(), figure.script.render()
    digest = hashlib.sha256((html + script).encode()).hexdigest()[:16]
    return MapFigure(html=html, script=script, version=digest)


def _name(element: MacroElement, name: str) -> None:
    # Folium names its variables by a random number; ours must be the same at every start
    element._id = name  # noqa: SLF001
    for child_name, child in list(element._children.items()):  # noqa: SLF001
        child._id = f"{name}_{child_name.split('_')[0]}"  # noqa: SLF001


def _plain(text: str) -> str:
    # an attribution becomes HTML in Leaflet; configuration gives text
    return text.translate({ord(char): f"&#{ord(char)};" for char in "&<>\"'`\\$"})


def _layer(name: str, features: Iterable[dict[str, Any]], *, round_points: bool = False) -> folium.GeoJson:
    collection = {"type": "FeatureCollection", "features": list(features)}
    layer = folium.GeoJson(
        collection,
        control=False,
        interactive=False,
        smooth_factor=0.5,
        # colours are the style sheet's, so that the dark scheme and print can change them
        style_function=lambda feature: {"className": feature["properties"]["css"]},
        marker=folium.CircleMarker(radius=4, weight=2, fill=True) if round_points else None,
    )
    _name(layer, name)
    return layer


def _feature(css: str, shape: shapely.Geometry) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda xy: np.round(xy, _DECIMALS))
    return {
        "type": "Feature",
        "properties": {"css": css},
        "geometry": orjson.loads(shapely.to_geojson(rounded)),
    }


def _basemap(surroundings: Surroundings) -> Iterable[dict[str, Any]]:
    ordered = sorted(
        (feature for feature in surroundings.basemap if feature.kind in _PAINT_ORDER),
        key=lambda feature: _PAINT_ORDER.index(feature.kind),
    )
    return (_feature(f"base {feature.kind}", feature.shape) for feature in ordered)


def _boundaries(surroundings: Surroundings) -> Iterable[dict[str, Any]]:
    return (_feature(f"boundary {boundary.cluster}", boundary.shape) for boundary in surroundings.boundaries)


def _stations(surroundings: Surroundings) -> Iterable[dict[str, Any]]:
    return (_feature("station", station.point) for station in surroundings.stations)


def map_extent(snapshot: Snapshot) -> list[list[float]]:
    """Return [[south, west], [north, east]]: of the boundaries among the towers, else towers, else district."""
    shapes = [boundary.shape for boundary in snapshot.surroundings.boundaries]
    inside = [shape for shape in shapes if len(snapshot) and shape.intersects(shapely.box(*_hull(snapshot)))]
    if inside:
        west, south, east, north = shapely.total_bounds(np.array(inside, dtype=object))
    elif len(snapshot):
        west, south, east, north = _hull(snapshot)
    else:
        west, south, east, north = snapshot.district.envelope
    margin = _FIT_MARGIN_DEG
    return [[float(south - margin), float(west - margin)], [float(north + margin), float(east + margin)]]


def _hull(snapshot: Snapshot) -> tuple[float, float, float, float]:
    lows, highs = snapshot.bounds[:, :2].min(axis=0), snapshot.bounds[:, 2:].max(axis=0)
    return float(lows[0]), float(lows[1]), float(highs[0]), float(highs[1])
