from __future__ import annotations

import io
import json
import math
import string
import uuid
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import hypothesis.strategies as st
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from pydantic import ValidationError

from buildingmap.crs import DATUMS
from buildingmap.layers.csv_table import read_csv
from buildingmap.layers.excel_table import read_excel
from buildingmap.layers.findings import Findings
from buildingmap.layers.geojson import read_geojson
from buildingmap.layers.geopackage import read_geopackage
from buildingmap.layers.limits import Limits
from buildingmap.layers.rows import towers
from buildingmap.layers.shapefile import read_shapefile
from buildingmap.layers.values import CELL_ERRORS
from buildingmap.layers.writers import (
    DatumError,
    ExportNote,
    write_csv,
    write_excel,
    write_geojson,
    write_geopackage,
    write_geoparquet,
    write_shapefile,
)
from buildingmap.model import Building, District, TaxRecord
from buildingmap.model.building import is_one_line
from tests.examples import examples
from tests.layers.files import as_file

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.crs import Datum
    from buildingmap.layers.raw import RawLayer
    from buildingmap.model import Lang

Tower = tuple[Building, shapely.Geometry]
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1",
    "'=x",
    "''",
    "#N",
    "# note",
    '"',
    "a,b;c\\td",
    "${x}",
    "\\`",
    "<b>",
    "合计楼",
    "😀",
]
NOTE = ExportNote(
    title='演示 "标题", 一', synthetic=True, source="合成", as_of="2023-12-31",
    exported_at=datetime(2026, 1, 2, tzinfo=UTC),
    filter_text="tax_min=100000000", version="v1", district="青岛市市北区",
)  # fmt: skip

_line = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), min_size=1, max_size=30
).filter(
    # what a tower may say, but for the one named loss of a text
    lambda text: text == text.strip() and is_one_line(text) and text not in CELL_ERRORS
)
_words = st.one_of(st.sampled_from(HOSTILE), _line)
_yuan = st.one_of(st.integers(0, 10**11), st.floats(0, 1e11).map(lambda value: round(value, 2)))
_some = st.none()


def _measures(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers of no more digits than Excel keeps: fifteen."""
    cents = st.integers(math.ceil(low * 10_000), math.floor(high * 10_000))
    return cents.map(lambda number: number / 10_000)


@st.composite
def _histories(draw: st.DrawFn) -> tuple[TaxRecord, ...]:
    years = draw(st.lists(st.integers(2015, 2024), unique=True, max_size=4))
    return tuple(
        TaxRecord(year=year, tax_yuan=tax, district_revenue_yuan=draw(st.one_of(_some, _measures(0, tax))))
        for year in sorted(years)
        for tax in [draw(_yuan)]
    )


@st.composite
def _shapes(draw: st.DrawFn) -> shapely.Geometry:
    west = draw(st.floats(120.31, 120.42))
    south = draw(st.floats(36.07, 36.15))
    side = draw(st.floats(0.0002, 0.001))
    outer = shapely.box(west, south, west + side, south + side)
    kind = draw(st.sampled_from(["point", "polygon", "hole", "multi"]))
    if kind == "point":
        return shapely.Point(west, south)
    if kind == "hole":
        return shapely.Polygon(outer.exterior, [outer.buffer(-side / 4).exterior])
    if kind == "multi":
        return shapely.MultiPolygon(
            [outer, shapely.box(west + 2 * side, south, west + 3 * side, south + side)]
        )
    return outer


@st.composite
def _towers(draw: st.DrawFn) -> list[Tower]:
    ids = draw(
        st.lists(
            st.text(string.ascii_letters + string.digits + "._:-楼", min_size=1, max_size=12),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    return [(draw(_building(building_id)), draw(_shapes())) for building_id in ids]


@st.composite
def _building(draw: st.DrawFn, building_id: str) -> Building:
    history = draw(_histories())
    floor_area = draw(st.one_of(_some, _measures(1, 2e6)))
    facts: dict[str, Any] = {
        "id": building_id,
        "name": draw(_words),
        "name_en": draw(st.one_of(_some, _words)),
        "address": draw(st.one_of(_some, _words)),
        "cluster": draw(st.sampled_from(["cbd", "xinduxin", "other"])),
        "status": draw(st.sampled_from(["existing", "under_construction", "planned"])),
        "completion_year": draw(st.one_of(_some, st.integers(1900, 2100))),
        "floors": draw(st.one_of(_some, st.integers(1, 200))),
        "height_m": draw(st.one_of(_some, _measures(0.5, 1000))),
        "floor_area_m2": floor_area,
        "leasable_area_m2": draw(st.one_of(_some, _measures(0, floor_area or 2e6))),
        "vacancy_rate": draw(st.one_of(_some, _measures(0, 1))),
        "sector": draw(st.one_of(_some, st.sampled_from(["finance", "digital"]))),
        "sectors": tuple(draw(st.lists(st.sampled_from(["finance", "digital", "trade"]), unique=True))),
        "tax_history": history,
        "grade": draw(st.one_of(_some, _words)),
        "grade_date": draw(st.one_of(_some, st.dates(date(1990, 1, 1), date(2100, 1, 1)))),
        "source": draw(st.one_of(_some, _words)),
        "as_of": draw(st.one_of(_some, st.dates(date(1990, 1, 1), date(2100, 1, 1)))),
    }
    if history:
        newest = history[-1]
        facts |= {
            "tax_year": newest.year,
            "tax_yuan": newest.tax_yuan,
            "district_revenue_yuan": newest.district_revenue_yuan,
        }
    elif draw(st.booleans()):
        facts |= {"tax_year": draw(st.integers(1990, 2100)), "tax_yuan": draw(_yuan)}
    return Building.model_validate(facts)


def read_back(raw: RawLayer | None, findings: Findings, district: District) -> list[Tower]:
    assert raw is not None, findings.faults
    read = towers(
        raw,
        district=district,
        boundaries=(),
        datum="wgs84" if raw.crs is None else None,
        strict=False,
        findings=findings,
    )
    assert not findings.faults, [fault.line() for fault in findings.faults]
    return list(zip(read.buildings, read.geometry, strict=True))


def assert_same(read: list[Tower], written: list[Tower]) -> None:
    assert [building for building, _ in read] == [building for building, _ in written]
    for (_, found), (_, shape) in zip(read, written, strict=True):
        assert shapely.equals_exact(shapely.normalize(found), shapely.normalize(shape), tolerance=1e-9)


@pytest.mark.parametrize("lang", ["zh", "en"])
@settings(max_examples=examples(60), deadline=None)
@given(layer=_towers())
def test_a_layer_comes_back_from_geojson(layer: list[Tower], lang: Lang, district: District) -> None:
    findings = Findings()
    raw = read_geojson(write_geojson(layer, NOTE, lang=lang), limits=Limits(), findings=findings)
    assert_same(read_back(raw, findings, district), layer)
    assert raw is not None
    assert raw.about.synthetic


@pytest.mark.parametrize("lang", ["zh", "en"])
@settings(max_examples=examples(60), deadline=None)
@given(layer=_towers())
def test_a_layer_comes_back_from_csv(layer: list[Tower], lang: Lang, district: District) -> None:
    findings = Findings()
    raw = read_csv(write_csv(layer, NOTE, lang=lang, district=district), limits=Limits(), findings=findings)
    assert_same(read_back(raw, findings, district), layer)
    assert raw is not None
    assert raw.about.synthetic
    assert raw.about.as_of == "2023-12-31"


@pytest.mark.parametrize("lang", ["zh", "en"])
@settings(max_examples=examples(30), deadline=None)
@given(layer=_towers())
def test_a_layer_comes_back_from_excel(layer: list[Tower], lang: Lang, district: District) -> None:
    findings = Findings()
    raw = read_excel(
        as_file(write_excel(layer, NOTE, lang=lang, district=district)), limits=Limits(), findings=findings
    )
    assert_same(read_back(raw, findings, district), layer)
    assert raw is not None
    assert raw.about.synthetic


def geopackage(content: bytes, folder: Path) -> tuple[RawLayer | None, Findings]:
    path = folder / f"{uuid.uuid4().hex}.gpkg"
    path.write_bytes(content)
    findings = Findings()
    return read_geopackage(path, limits=Limits(), findings=findings), findings


@settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(layer=_towers(), datum=st.sampled_from(["wgs84", "cgcs2000", "epsg:4549"]))
def test_a_layer_comes_back_from_a_geopackage(
    layer: list[Tower], datum: Datum, district: District, tmp_path: Path
) -> None:
    raw, findings = geopackage(write_geopackage(layer, NOTE, datum=datum), tmp_path)
    assert_same(read_back(raw, findings, district), layer)
    assert raw is not None
    assert (raw.about.synthetic, raw.about.as_of, raw.about.source) == (True, "2023-12-31", "合成")


@settings(
    max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    layer=_towers(),
    datum=st.sampled_from(["wgs84", "cgcs2000", "epsg:4549"]),
    kind=st.sampled_from(["Point", "footprint"]),
)
def test_a_layer_comes_back_from_a_shapefile_but_for_its_named_limits(
    layer: list[Tower], datum: Datum, kind: str, district: District, tmp_path: Path
) -> None:
    wanted = shapely.Point if kind == "Point" else (shapely.Polygon, shapely.MultiPolygon)
    kept = [(building, shape) for building, shape in layer if isinstance(shape, wanted)]
    assume(kept)
    # what docs/tables.md names: no history, texts of 254 bytes, a MultiPolygon of one part is a Polygon
    known: list[Tower] = [(_newest(building), shape) for building, shape in kept]
    scratch = tmp_path / uuid.uuid4().hex
    scratch.mkdir()
    findings = Findings()
    raw = read_shapefile(
        as_file(write_shapefile(kept, NOTE, datum=datum)), scratch, limits=Limits(), findings=findings
    )
    assert_same(read_back(raw, findings, district), known)
    assert raw is not None
    assert raw.about.synthetic


def _newest(building: Building) -> Building:
    return building.model_copy(update={"tax_history": ()})


@settings(max_examples=examples(15), deadline=None)
@given(layer=_towers(), datum=st.sampled_from(["wgs84", "cgcs2000", "epsg:4549"]))
def test_geoparquet_is_what_geopandas_reads(layer: list[Tower], datum: Datum) -> None:
    content = write_geoparquet(layer, NOTE, datum=datum)
    frame = gpd.read_parquet(io.BytesIO(content))
    assert list(frame["id"]) == [building.id for building, _ in layer]
    assert list(frame["name"]) == [building.name for building, _ in layer]
    for text, (building, _) in zip(frame["tax_history"], layer, strict=True):
        found = json.loads(text) if isinstance(text, str) else []
        assert found == [record.model_dump() for record in building.tax_history]
    back = frame.to_crs("EPSG:4326").geometry
    for found, (_, shape) in zip(back, layer, strict=True):
        assert shapely.equals_exact(shapely.normalize(found), shapely.normalize(shape), tolerance=1e-9)
    about = json.loads(pq.read_schema(io.BytesIO(content)).metadata[b"buildingmap"])
    assert (about["synthetic"], about["datum"]) == (True, datum)


@pytest.mark.parametrize("datum", [*DATUMS, "epsg:4549", "epsg:32651"])
@settings(max_examples=examples(6), deadline=None)
@given(layer=_towers())
def test_texts_and_tables_come_back_from_any_datum(
    layer: list[Tower], datum: Datum, district: District
) -> None:
    for read, write in ((read_csv, write_csv), (read_geojson, write_geojson)):
        findings = Findings()
        raw = read(write(layer, NOTE, lang="zh", datum=datum), limits=Limits(), findings=findings)
        assert raw is not None
        found = towers(raw, district=district, boundaries=(), datum=None, strict=False, findings=findings)
        assert not findings.faults, [fault.line() for fault in findings.faults]
        for shape, (_, written) in zip(found.geometry, layer, strict=True):
            assert shapely.hausdorff_distance(shape, written) < 1e-8
    findings = Findings()
    book = read_excel(as_file(write_excel(layer, NOTE, datum=datum)), limits=Limits(), findings=findings)
    assert book is not None
    found = towers(book, district=district, boundaries=(), datum=None, strict=False, findings=findings)
    assert not findings.faults, [fault.line() for fault in findings.faults]
    for shape, (_, written) in zip(found.geometry, layer, strict=True):
        assert shapely.hausdorff_distance(shape, written) < 1e-8


@pytest.mark.parametrize("write", [write_geopackage, write_shapefile, write_geoparquet])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_datum_without_a_code_is_refused_where_no_label_would_be_honest(write: Any, datum: Datum) -> None:
    tower = Building(id="A", name="甲", cluster="cbd")
    with pytest.raises(DatumError, match=datum):
        write([(tower, shapely.Point(120.37, 36.09))], NOTE, datum=datum)


@pytest.mark.parametrize("write", [write_geopackage, write_shapefile, write_geoparquet, write_geojson])
def test_the_same_layer_is_the_same_bytes(write: Any) -> None:
    layer = [(Building(id="A", name="甲", cluster="cbd"), shapely.box(120.37, 36.09, 120.371, 36.091))]
    assert write(layer, NOTE) == write(layer, NOTE)


def test_points_and_footprints_are_two_shapefiles_in_one_zip() -> None:
    layer = [
        (Building(id="A", name="甲", cluster="cbd"), shapely.box(120.37, 36.09, 120.371, 36.091)),
        (Building(id="B", name="乙" * 200, cluster="cbd"), shapely.Point(120.37, 36.09)),
    ]
    with zipfile.ZipFile(as_file(write_shapefile(layer, NOTE))) as archive:
        names = {name for name in archive.namelist() if name.endswith(".shp")}
        text = archive.read("README.txt").decode("utf-8-sig")
    assert names == {"buildings.shp", "buildings_points.shp"}
    assert "合成演示数据" in text
    assert "254" in text


def test_a_text_that_no_workbook_can_hold_is_refused_by_the_model() -> None:
    for char in ("\ufffe", "\uffff", "\ufdd0", "\U0001ffff"):
        with pytest.raises(ValidationError):
            Building(id="A", name=f"甲{char}")


def test_a_chinese_table_speaks_chinese_in_its_cells_too(district: District) -> None:
    tower = Building(
        id="A", name="甲", cluster="cbd", status="planned", sector="finance", sectors=("finance", "trade")
    )
    text = write_csv([(tower, shapely.Point(120.37, 36.09))], NOTE, lang="zh", district=district).decode()
    assert "中央商务区,规划" in text
    assert "现代金融,现代金融;商贸" in text
