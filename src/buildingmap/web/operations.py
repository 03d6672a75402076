"""Every operation of the API, once: the OpenAPI document and the documentation page read this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from buildingmap.filters import PARAMETERS, WISHES, Parameter

GEOJSON: Final = "application/geo+json"
JSON: Final = "application/json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.1"
CSV: Final = "text/csv; charset=utf-8"
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GEOPACKAGE: Final = "application/geopackage+sqlite3"
ZIP: Final = "application/zip"
PARQUET: Final = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address: ``schema`` names the component of a JSON answer, empty for a file.

    ``is_live``: answered from the registry each time, without an ETag of the towers. ``body``: the component of the
    JSON that is sent; ``takes_file``: a file's bytes are. ``if_match``: needs the version that was seen.
    ``also``: other statuses that it may answer with.
    """

    path: str
    name: str
    zh: str
    en: str
    content_type: str
    parameters: tuple[Parameter, ...] = ()
    schema: str = ""
    examples: tuple[str, ...] = ()
    is_file: bool = False
    is_live: bool = False
    method: str = "get"
    body: str = ""
    takes_file: bool = False
    if_match: bool = False
    success: int = 200
    also: tuple[int, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether it changes anything."""
        return self.method != "get"


LANG: Final = Parameter("lang", "choice", "language, zh or en", "语言：zh 或 en")
DATUM: Final = Parameter("datum", "choice", "datum of the places, wgs84 when absent", "坐标系，默认 wgs84")
CODED_DATUM: Final = Parameter(
    "datum",
    "choice",
    "datum of the places, wgs84 when absent; only those with a code",
    "坐标系（有编码者），默认 wgs84",
)
_YEAR: Final = tuple(parameter for parameter in PARAMETERS if parameter.name == "year")
WITHOUT_PAGES: Final = tuple(
    parameter for parameter in PARAMETERS if parameter.name not in {"limit", "offset"}
)

OPERATIONS: Final = (
    Operation(
        "/api/buildings",
        "listBuildings",
        "按条件查询楼宇",
        "Towers that a filter chooses",
        GEOJSON,
        PARAMETERS,
        "FeatureCollection",
        examples=(
            "/api/buildings?tax_min=100000000&cluster=cbd",
            "/api/buildings?sector=finance,digital&vacancy_min=0.2&sort=-floor_area_m2&limit=10",
        ),
    ),
    Operation(
        "/api/buildings/{building_id}",
        "getBuilding",
        "一栋楼宇及其卡片",
        "One tower and its card",
        GEOJSON,
        (*_YEAR, LANG),
        "Tower",
    ),
    Operation(
        "/api/summary",
        "getSummary",
        "筛选结果的合计、进度、片区、自然集聚、热点",
        "What a filter's towers come to: totals, progress, clusters, hot spots, density",
        JSON,
        PARAMETERS,
        "Summary",
        examples=("/api/summary", "/api/summary?cluster=xinduxin&year=2023"),
    ),
    Operation(
        "/api/pipeline",
        "getPipeline",
        "在建与规划楼宇：节点、进度偏差、按交付年份汇总",
        "Towers to come: milestones, days behind plan, sums by year of hand-over",
        JSON,
        PARAMETERS,
        "PipelineAnswer",
        examples=("/api/pipeline", "/api/pipeline?cluster=cbd&status=planned"),
    ),
    Operation(
        "/api/matching",
        "matchSpace",
        "招商选址：符合条件的空置单元及其组合、差一点的、需询问的",
        "Space to let that meets the wishes, near misses, and where to ask",
        JSON,
        WISHES,
        "MatchingAnswer",
        examples=("/api/matching?area_min=500&area_max=2000&station_max=800&sector=finance",),
    ),
    Operation(
        "/api/goals",
        "getGoals",
        "年度目标及完成情况",
        "The goals of each year and what is reached of them",
        JSON,
        schema="GoalsAnswer",
        examples=("/api/goals",),
    ),
    Operation(
        "/api/district",
        "getDistrict",
        "本区的分档、产业、片区名称",
        "The district's bands, sectors and clusters, by name",
        JSON,
        schema="District",
        examples=("/api/district",),
    ),
    *(
        Operation(
            f"/download/buildings.{form}",
            f"download{name}",
            f"下载筛选出的全部楼宇（{name}）",
            f"Every tower of a filter as a file, {name}",
            content_type,
            (*WITHOUT_PAGES, LANG, datum),
            schema,
            examples=(f"/download/buildings.{form}?cluster=cbd",),
            is_file=True,
        )
        for form, name, content_type, schema, datum in (
            ("geojson", "GeoJSON", GEOJSON, "Layer", DATUM),
            ("csv", "CSV", CSV, "", DATUM),
            ("xlsx", "Excel", EXCEL, "", DATUM),
            ("gpkg", "GeoPackage", GEOPACKAGE, "", CODED_DATUM),
            ("shp.zip", "Shapefile", ZIP, "", CODED_DATUM),
            ("parquet", "GeoParquet", PARQUET, "", CODED_DATUM),
        )
    ),
    Operation(
        "/download/template.xlsx",
        "downloadTemplate",
        "下载空白楼宇信息表（Excel，带下拉列表），填好后可导入",
        "An empty table of towers to fill in and import, Excel with drop-downs",
        EXCEL,
        (LANG,),
        examples=("/download/template.xlsx",),
        is_file=True,
    ),
    *(
        Operation(
            f"/download/pipeline.{form}",
            f"downloadPipeline{name}",
            f"下载筛选出的在建与规划楼宇及其节点（{name}）",
            f"The towers to come of a filter with their milestones as a file, {name}",
            content_type,
            (*WITHOUT_PAGES, LANG),
            examples=(f"/download/pipeline.{form}?cluster=cbd",),
            is_file=True,
        )
        for form, name, content_type in (("csv", "CSV", CSV), ("xlsx", "Excel", EXCEL))
    ),
    *(
        Operation(
            f"/download/lists/{{key}}.{form}",
            f"downloadList{name}",
            f"下载一份工作清单（{name}，限工作人员）",
            f"An office list of a filter as a file, {name}; for staff",
            content_type,
            (*WITHOUT_PAGES, LANG),
            examples=(f"/download/lists/next_past.{form}?cluster=cbd",),
            is_file=True,
        )
        for form, name, content_type in (("csv", "CSV", CSV), ("xlsx", "Excel", EXCEL))
    ),
)
