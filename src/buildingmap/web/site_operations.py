"""The operations on candidate parcels, and the shapes of what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from buildingmap.crs import DATUMS
from buildingmap.model import Site
from buildingmap.placement.candidates import AreaBasis
from buildingmap.sites import FINDING_KINDS
from buildingmap.web.operations import (
    CODED_DATUM,
    CSV,
    DATUM,
    EXCEL,
    GEOJSON,
    GEOPACKAGE,
    JSON,
    LANG,
    Operation,
)
from buildingmap.web.schemas import Schema, closed, ref

if TYPE_CHECKING:
    from buildingmap.model import District

SITE_OPERATIONS: Final = (
    Operation(
        "/api/sites",
        "listSites",
        "可建地块：边界、指标、可建面积与存疑之处（限工作人员）",
        "The candidate parcels: outlines, facts, what can be built, what is in doubt; for staff",
        GEOJSON,
        schema="Sites",
        examples=("/api/sites",),
    ),
    Operation(
        "/api/sites/check",
        "checkSite",
        "查看一条边界：面积与存疑之处；不写入任何内容",
        "Look at an outline: its area and what speaks against it; nothing is written",
        JSON,
        schema="SiteOutline",
        method="post",
        body="SiteCorners",
    ),
    *(
        Operation(
            f"/download/sites.{form}",
            f"downloadSites{name}",
            f"下载全部可建地块（{name}，限工作人员），可原样导入",
            f"Every candidate parcel as a file that reads back, {name}; for staff",
            content_type,
            (LANG, datum),
            examples=(f"/download/sites.{form}",),
            is_file=True,
        )
        for form, name, content_type, datum in (
            ("geojson", "GeoJSON", GEOJSON, DATUM),
            ("csv", "CSV", CSV, DATUM),
            ("xlsx", "Excel", EXCEL, DATUM),
            ("gpkg", "GeoPackage", GEOPACKAGE, CODED_DATUM),
        )
    ),
)
_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "number"}
_NUMBER_OR_NONE: Final[Schema] = {"type": ["number", "null"]}
_TEXT_OR_NONE: Final[Schema] = {"type": ["string", "null"]}


def site_components(district: District) -> Schema:
    """Return the named schemas of candidate parcels; ids of clusters are those of ``district``."""
    finding = closed(
        {
            "kind": {"enum": list(FINDING_KINDS)},
            "other": _TEXT_OR_NONE,
            "m2": _NUMBER_OR_NONE,
            "share": _NUMBER_OR_NONE,
            "zh": _TEXT,
            "en": _TEXT,
        }
    )
    facts = dict.fromkeys(Site.model_fields, _TEXT_OR_NONE) | {
        "id": _TEXT,
        "name": _TEXT,
        "cluster": {"enum": [*(cluster.id for cluster in district.clusters), None]},
        **dict.fromkeys(("area_m2", "floor_area_ratio", "height_limit_m"), _NUMBER_OR_NONE),
        "earliest_year": {"type": ["integer", "null"]},
        "rule": {"enum": ["open", "fixed", "forbidden"]},
        "shape_m2": _NUMBER_OR_NONE,
        "buildable_m2": _NUMBER_OR_NONE,
        "area_basis": {"enum": list(get_args(AreaBasis))},
        "left_out": {"type": "boolean", "description": "whether a plan leaves it out unless told otherwise"},
        "findings": {"type": "array", "items": ref("SiteFinding")},
    }
    feature = {
        "type": {"const": "Feature"},
        "id": _TEXT,
        "geometry": {"anyOf": [ref("Geometry"), {"type": "null"}]},
        "properties": closed(facts),
    }
    about = {
        "title": _TEXT,
        "synthetic": {"type": "boolean"},
        "source": _TEXT,
        "as_of": _TEXT,
        "version": _TEXT,
    }
    corner: Schema = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}
    ring: Schema = {"type": "array", "items": corner, "minItems": 3}
    return {
        "SiteFinding": finding,
        "Site": closed(feature),
        "Sites": closed(
            {
                "type": {"const": "FeatureCollection"},
                **about,
                "features": {"type": "array", "items": ref("Site")},
            }
        ),
        "SiteCorners": closed(
            {
                "rings": {"type": "array", "items": ring, "minItems": 1, "maxItems": 100},
                "datum": {"type": "string", "pattern": f"^({'|'.join(DATUMS)}|epsg:[0-9]{{4,6}})$"},
                "id": _TEXT,
                "values": {"type": "object", "description": "facts of the parcel by field"},
            },
            optional=("datum", "id", "values"),
        ),
        "SiteOutline": closed(
            {
                "geometry": ref("Geometry"),
                "area_m2": {"type": "number", "minimum": 0},
                "findings": {"type": "array", "items": ref("SiteFinding")},
            }
        ),
    }
