"""What a geopandas user would write: the two things that ours is held against."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import folium
import geopandas as gpd
from flask import Flask, Response, request
from waitress import serve  # type: ignore[import-untyped]  # it ships no types

from benchmarks.towers import ASKED_SECTORS, BBOX, TAX_MIN

if TYPE_CHECKING:
    from pathlib import Path


def read_mask_write(path: Path | str, tax_min: float = TAX_MIN) -> str:
    """Do (a): read the layer, mask it, write GeoJSON, for every request."""
    towers = gpd.read_file(path)
    west, south, east, north = BBOX
    chosen = towers[(towers.tax_yuan >= tax_min) & towers.sector.isin(ASKED_SECTORS)].cx[
        west:east, south:north
    ]
    text: str = chosen.to_json()
    return text


def folium_page(path: Path | str) -> str:
    """Do (b): a stock Folium page of every tower, with a tooltip."""
    towers = gpd.read_file(path)
    page = folium.Map(location=[36.11, 120.36], zoom_start=13)
    folium.GeoJson(
        towers[["name", "tax_yuan", "sector", "geometry"]],
        tooltip=folium.GeoJsonTooltip(fields=["name", "tax_yuan", "sector"]),
    ).add_to(page)
    html: str = page.get_root().render()
    return html


def main(path: str, port: int, threads: int) -> None:
    """Serve (a) with Flask on waitress."""
    app = Flask("rival")

    @app.get("/buildings")
    def buildings() -> Response:
        return Response(
            read_mask_write(path, float(request.args["tax_min"])), mimetype="application/geo+json"
        )

    serve(app, host="127.0.0.1", port=port, threads=threads)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
