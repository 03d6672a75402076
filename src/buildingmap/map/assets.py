"""Every script and style that a Folium map asks for: a local file, dropped with a reason, or an error."""

from __future__ import annotations

from functools import cache
from importlib.metadata import files, version
from typing import Final

from buildingmap.errors import MapAssetError

LEAFLET_VERSION: Final = version("xstatic-leaflet")

# What the page serves in place of Folium's own links, by the file's name in the Leaflet package.
MAP_ASSETS: Final = ("leaflet.js", "leaflet.css")

# Folium lists these on every map; each is dropped because nothing on our map uses it.
_DROPPED: Final = {
    "jquery": "only Folium's string popups call it",
    "bootstrap": "only Folium's own page style and popups use it",
    "bootstrap_css": "only Folium's own page style and popups use it",
    "awesome_markers": "only folium.Icon draws with it",
    "awesome_markers_css": "only folium.Icon draws with it",
    "awesome_rotate_css": "only folium.Icon draws with it",
    "awesome_markers_font_css": "only folium.Icon draws with it",
    "glyphicons_css": "only folium.Icon draws with it",
}
_LOCAL: Final = {"leaflet": "leaflet.js", "leaflet_css": "leaflet.css"}


def local_assets(links: list[tuple[str, str]]) -> tuple[str, ...]:
    """Map the (name, address) links of a Folium element to names in MAP_ASSETS.

    Raises MapAssetError for a link that is neither local nor knowingly dropped, so that nothing reaches
    outside unnoticed.
    """
    found = []
    for name, address in links:
        if name in _LOCAL:
            found.append(_LOCAL[name])
        elif name not in _DROPPED:
            raise MapAssetError(f"the map asks for {address!r} ({name!r}), which has no local file")
    return tuple(found)


@cache
def asset_bytes(name: str) -> bytes:
    """Return one file of MAP_ASSETS from the installed Leaflet package. Raises MapAssetError for others."""
    if name in MAP_ASSETS:
        for file in files("xstatic-leaflet") or ():
            if file.name == name:
                # the source map lies in the package but is not served: its link would be a 404 in the console
                return bytes(file.read_binary().replace(b"//# sourceMappingURL=leaflet.js.map", b""))
    raise MapAssetError(f"no map asset is called {name!r}; expected one of {', '.join(MAP_ASSETS)}")
