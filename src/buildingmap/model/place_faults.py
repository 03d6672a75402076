"""What was expected of where a tower stands and of its shape, in English and in Chinese."""

from __future__ import annotations

from typing import Final

PLACE_EXPECTATIONS: Final[dict[str, tuple[str, str]]] = {
    "shape_missing": ("a place: a point or a footprint", "位置：点或楼宇轮廓"),
    "coordinates_swapped": (
        "longitude before latitude; swapped, this would lie in the district",
        "经度在前、纬度在后；对调后正好位于本区",
    ),
    "coordinates_projected": (
        "degrees; these are metres, and with --crs {crs} they would lie in the district",
        "经纬度；这里是米制坐标，用 --crs {crs} 读取则位于本区",
    ),
    "coordinates_range": (
        "a longitude from -180 to 180 and a latitude from -90 to 90",
        "-180 至 180 的经度和 -90 至 90 的纬度",
    ),
    "coordinates_metres": (
        "easting and northing of {crs}",
        "{crs} 的东坐标和北坐标",
    ),
    "coordinates_far": (
        "a place within {limit} m of the district",
        "距本区不超过 {limit} 米的位置",
    ),
    "height_dropped": ("flat positions; the heights were left out", "平面坐标；高程已略去"),
    "shape_valid": (
        "a footprint whose rings neither cross nor overlap",
        "环不自相交、不重叠的楼宇轮廓",
    ),
    "shape_mended": (
        "a valid footprint; it was mended without a change of its area",
        "有效的楼宇轮廓；已在面积不变的前提下修复",
    ),
    "footprint_area": ("a footprint of 1 m² to 1 km²", "1 平方米至 1 平方公里的楼宇轮廓"),
    "wkt": ("a Point, Polygon or MultiPolygon as WKT", "WKT 格式的 Point、Polygon 或 MultiPolygon"),
    "lonlat": ("both a longitude and a latitude, each a number", "经度和纬度两个数字"),
}
