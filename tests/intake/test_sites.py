"""Candidate parcels out of the files that offices have: recognised, previewed, written whole or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from buildingmap import crs, intake
from buildingmap.layers import writers
from buildingmap.model import Site
from buildingmap.registry import Change, create_registry, write_records
from buildingmap.snapshot import Holdings, LayerNote
from tests.intake.ledgers import written
from tests.sites.parcels import ground, site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from buildingmap.crs import Datum
    from buildingmap.intake import Preview
    from buildingmap.layers import CheckedLayer
    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry

# free ground in the district's north-west, away from towers, streets and clusters
PLOTS = [ground(-2000 + 150 * number, 2200, -1900 + 150 * number, 2300) for number in range(4)]
HEADERS = [
    "地块编号",
    "地块名称",
    "用地面积(亩)",
    "容积率",
    "限高(米)",
    "片区",
    "最早供地年份",
    "管控",
    "几何",
]


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory,
    district: District,
    surroundings: Surroundings,
    demo_layer: CheckedLayer,
) -> Iterator[Registry]:
    """A registry with the demo's towers and three parcels."""
    known = tuple(site(number, area_m2=10_000.0, cluster="other") for number in (1, 2, 3))
    shapes = {one.id: plot for one, plot in zip(known, PLOTS, strict=False)}
    with create_registry(
        tmp_path_factory.mktemp("sites") / "office.gpkg",
        district=district,
        surroundings=surroundings,
        note=LayerNote(title="登记库", synthetic=True),
        layer=demo_layer,
        holdings=Holdings({"site": known}, shapes),
    ) as made:
        yield made


def previewed(path: Path, registry: Registry, **options: Any) -> Preview:
    chosen = intake.choose(intake.opened_file(path), registry, as_table=options.pop("as_table", None))
    return intake.preview(chosen, registry, **options)


def codes(found: Preview) -> list[str]:
    return [entry.fault.expected.code for entry in found.faults]


def row(number: int, **facts: Any) -> list[Any]:
    values = {
        "地块编号": f"XK-{number}",
        "地块名称": f"新{number}号地块",
        "用地面积(亩)": 15,
        "容积率": 3.5,
        "限高(米)": 100,
        "片区": "其他",
        "最早供地年份": "2026年",
        "管控": "固定",
        "几何": shapely.to_wkt(PLOTS[3], rounding_precision=-1),
    } | facts
    return [values[header] for header in HEADERS]


def test_a_table_with_chinese_headers_is_taken_for_parcels_and_its_units_are_counted(
    tmp_path: Path, office: Registry
) -> None:
    found = previewed(written(tmp_path / "a.xlsx", [HEADERS, row(1)]), office)

    assert found.chosen.mapping.table == "site"
    assert found.ok, codes(found)
    (preview,) = found.rows
    new = {name: pair[1] for name, pair in preview.cells.items()}
    assert (new["area_m2"], new["floor_area_ratio"], new["height_limit_m"]) == (10_000, 3.5, 100)
    assert (new["cluster"], new["earliest_year"], new["rule"]) == ("other", 2026, "fixed")
    assert intake.shape_text(new["geometry"], "zh", office.district.metric) == "4 个角点，10,000 平方米"


@pytest.mark.parametrize(
    ("header", "figure", "m2"),
    [("用地面积（㎡）", 9_990, 9_990), ("用地面积(公顷)", 1.01, 10_100), ("用地面积[亩]", 15, 10_000),
     ("area_m2", 10_000, 10_000), ("用地面积(亩)", 15.3, 10_200), ("用地面积(亩)", 1, 666.6666666666666)],
)  # fmt: skip
def test_areas_are_counted_exactly_in_every_unit(
    tmp_path: Path, office: Registry, header: str, figure: float, m2: float
) -> None:
    found = previewed(written(tmp_path / "a.xlsx", [["地块编号", header], ["DK-01", figure]]), office)
    assert found.ok, codes(found)
    (preview,) = found.rows
    assert preview.cells.get("area_m2", (None, 10_000))[1] == m2


def test_an_area_without_a_unit_is_held_against_the_shapes(tmp_path: Path, office: Registry) -> None:
    rows: list[list[Any]] = [["地块编号", "用地面积", "容积率", "几何"]]
    rows += [
        [
            f"XK-{number}",
            1.0,
            3,
            shapely.to_wkt(ground(-2000, 2500 + 200 * number, -1900, 2600 + 200 * number)),
        ]
        for number in range(3)
    ]
    found = previewed(written(tmp_path / "a.xlsx", rows), office)
    (column,) = found.chosen.mapping.of("area_m2")
    assert (column.unit, column.unit_basis) == ("公顷", "shapes")
    assert {entry.cells["area_m2"][1] for entry in found.rows} == {10_000}

    alone = previewed(written(tmp_path / "b.xlsx", [rows[0], rows[1]]), office)
    assert codes(alone) == ["import_unit"], "one witness is no proof"


def test_a_table_without_shapes_changes_the_facts_of_known_parcels_alone(
    tmp_path: Path, office: Registry
) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("地块编号,容积率,管控\nDK-01,4.2,禁止\nDK-02,,可选\n", encoding="utf-8")
    found = previewed(path, office, as_of="2026-01-31")
    assert found.ok, codes(found)
    assert found.chosen.mapping.table == "site"
    changed = {entry.row_id: set(entry.cells) for entry in found.rows if entry.state == "changed"}
    assert changed == {"DK-01": {"floor_area_ratio", "rule", "source", "as_of"}}
    assert found.missing == (("DK-03", "3号地块"),)

    path.write_text("地块编号,容积率\nDK-99,4.2\n", encoding="utf-8")
    assert codes(previewed(path, office)) == ["site_shape_missing"]


def test_a_parcel_is_known_by_its_whole_name_and_an_office_s_own_number_makes_no_second_one(
    tmp_path: Path, office: Registry
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("地块名称,容积率\n1号地块,2\n", encoding="utf-8")
    assert [entry.row_id for entry in previewed(path, office).rows] == ["DK-01"]
    path.write_text("地块编号,地块名称,容积率\n甲-7,1号地块,2\n", encoding="utf-8")
    found = previewed(path, office)
    assert codes(found) == ["import_other_site"]
    assert "DK-01" in found.faults[0].fault.line()
    path.write_text("地块编号,地块名称,容积率,限高(米)\nDK-01,,2,80\nDK-01,,3,80\n,,3,80\n", encoding="utf-8")
    assert codes(previewed(path, office)) == ["import_twice", "import_keys"]


def test_two_parcels_of_one_name_are_told_apart_by_their_numbers_alone(
    tmp_path: Path, office: Registry
) -> None:
    office.apply([Change("site", "DK-02", {"name": "1号地块"})], actor="lin")
    path = tmp_path / "a.csv"
    path.write_text("地块名称,容积率\n1号地块,2\n", encoding="utf-8")
    assert codes(previewed(path, office)) == ["import_one_site"]
    office.undo(office.version, actor="lin")


BOW_TIE = "POLYGON((120.35 36.11, 120.351 36.111, 120.351 36.11, 120.35 36.111, 120.35 36.11))"
TWO_PARTS = shapely.to_wkt(shapely.MultiPolygon([PLOTS[3], ground(-500, 2200, -450, 2250)]))


@pytest.mark.parametrize(
    ("wkt", "code"),
    [
        (BOW_TIE, "site_shape"),
        (TWO_PARTS, "site_parts"),
        ("POINT(120.35 36.11)", "site_shape"),
        ("POLYGON EMPTY", "wkt"),
        ("LINESTRING(120.35 36.11, 120.36 36.11)", "wkt"),
        ("POLYGON((36.11 120.35, 36.111 120.35, 36.111 120.351, 36.11 120.35))", "coordinates_swapped"),
        ("POLYGON((116.3 39.9, 116.301 39.9, 116.301 39.901, 116.3 39.9))", "coordinates_far"),
        ("POLYGON((120.35 36.11, 120.350001 36.11, 120.35 36.110001, 120.35 36.11))", "site_area"),
        ("地块东至延吉路", "wkt"),
    ],
)
def test_a_wrong_polygon_is_a_fault_of_its_row_and_nothing_lands(
    tmp_path: Path, office: Registry, wkt: str, code: str
) -> None:
    good, bad = row(1), row(2, 几何=wkt)
    version = office.version
    found = previewed(written(tmp_path / "a.xlsx", [HEADERS, good, bad]), office)
    assert codes(found) == [code]
    assert "row 3" in found.faults[0].fault.line("en")
    assert "第 3 行" in found.faults[0].fault.line("zh")
    with pytest.raises(intake.ImportRefusedError):
        intake.apply(found, office, actor="lin", name="a")
    assert office.version == version


def test_a_cell_that_cannot_be_read_or_meant_is_a_fault_of_its_cell(tmp_path: Path, office: Registry) -> None:
    rows: list[list[Any]] = [HEADERS, row(1, 容积率="待定"), row(2, 管控="绿地"), row(3, 片区="火星")]
    rows[2][-1] = shapely.to_wkt(ground(-500, 2200, -400, 2300))
    rows[3][-1] = shapely.to_wkt(ground(-500, 2400, -400, 2500))
    found = previewed(written(tmp_path / "a.xlsx", rows), office)
    assert codes(found) == ["cell_number", "choice", "cluster"]
    assert [entry.column for entry in found.faults] == [3, 7, 5]


def test_what_stands_on_a_new_parcel_is_told_before_it_is_written(tmp_path: Path, office: Registry) -> None:
    snapshot = office.snapshot()
    tower = snapshot.geometry[snapshot.row("CBD-01")].envelope
    rows = [HEADERS, row(1, 几何=shapely.to_wkt(tower)), row(2, 几何=shapely.to_wkt(PLOTS[0]))]

    found = previewed(written(tmp_path / "a.xlsx", rows), office)

    assert found.ok
    lines = [fault.line("en") for fault in found.warnings if fault.expected.code == "site_finding"]
    assert any("row 2" in line and "CBD-01" in line and "stands on" in line for line in lines)
    assert any("row 3" in line and "DK-01" in line and "as well" in line for line in lines)
    assert any("已有" in line or "占其" in line for line in (fault.line("zh") for fault in found.warnings))


def test_an_import_is_one_version_and_one_undo_takes_it_back(
    tmp_path: Path, district: District, surroundings: Surroundings, location: str
) -> None:
    note = LayerNote(title="登记库", synthetic=True)
    with create_registry(location, district=district, surroundings=surroundings, note=note) as made:
        found = previewed(written(tmp_path / "地块.xlsx", [HEADERS, row(1)]), made)
        revision = intake.apply(found, made, actor="lin", name="地块.xlsx")
        assert revision is not None
        assert (revision.action, revision.row_count) == ("import", 1)
        (one,) = made.snapshot().holdings.all(Site)
        assert (one.id, one.rule, one.source) == ("XK-1", "fixed", "地块.xlsx")
        assert previewed(written(tmp_path / "地块.xlsx", [HEADERS, row(1)]), made).count()["unchanged"] == 1
        made.undo(revision.version, actor="lin")
        assert made.snapshot().holdings.all(Site) == ()
        assert made.verify() == []


def geojson(path: Path, frame: gpd.GeoDataFrame) -> None:
    path.write_text(frame.to_json(drop_id=True), encoding="utf-8")


def shapefile(path: Path, frame: gpd.GeoDataFrame) -> None:
    folder = path.parent / "shp"
    folder.mkdir(exist_ok=True)
    pyogrio.write_dataframe(
        frame, folder / "s.shp", driver="ESRI Shapefile", layer_options={"ENCODING": "UTF-8"}
    )
    import zipfile  # noqa: PLC0415 - this format alone

    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)


def geopackage(path: Path, frame: gpd.GeoDataFrame) -> None:
    pyogrio.write_dataframe(frame, path, driver="GPKG", layer="parcels")


def as_csv(path: Path, frame: gpd.GeoDataFrame) -> None:
    table = frame.drop(columns="geometry").assign(
        几何=shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=-1)
    )
    table.to_csv(path, index=False)


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.geojson", geojson), ("a.zip", shapefile), ("a.gpkg", geopackage), ("a.csv", as_csv)],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_parcels_come_in_from_every_format(
    tmp_path: Path, office: Registry, name: str, write: Callable[[Path, gpd.GeoDataFrame], None], lang: str
) -> None:
    plots = [ground(-2000 + 150 * number, 2600, -1900 + 150 * number, 2700) for number in range(2)]
    # a Shapefile has room for ten bytes of a name
    words = {"zh": ("宗地号", "容积率", "管控"), "en": ("parcel id", "far", "rule")}[lang]
    frame = gpd.GeoDataFrame(
        {words[0]: ["甲-1", "甲-2"], words[1]: [2.5, 3.0], words[2]: ["禁止", "open"]},
        geometry=plots,
        crs="EPSG:4326",
    )
    write(tmp_path / name, frame)
    found = previewed(tmp_path / name, office)
    assert found.ok, [entry.fault.line() for entry in found.faults]
    assert found.chosen.mapping.table == "site"
    assert found.count() == {"new": 2, "changed": 0, "unchanged": 0}
    assert [entry.cells["rule"][1] for entry in found.rows] == ["forbidden", "open"]
    assert {entry.cells["cluster"][1] for entry in found.rows} == {"other"}
    placed = shapely.from_wkb([entry.cells["geometry"][1] for entry in found.rows])
    assert shapely.equals_exact(placed, np.array(plots, dtype=object), 1e-7, normalize=True).all()


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "epsg:4549"])
def test_the_datum_is_the_one_in_which_known_parcels_lie_where_they_are(
    tmp_path: Path, office: Registry, datum: Datum
) -> None:
    moved = crs.geometries_from_wgs84(datum, np.array([*PLOTS[:3], PLOTS[3]], dtype=object))
    lines = ["地块编号,容积率,几何"]
    lines += [
        f'{name},2,"{shapely.to_wkt(shape, rounding_precision=-1)}"'
        for name, shape in zip(("DK-01", "DK-02", "DK-03", "XK-9"), moved, strict=True)
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = previewed(path, office)
    assert found.ok, codes(found)
    assert (found.chosen.mapping.datum, found.chosen.mapping.datum_basis) == (datum, "figures")
    assert all("geometry" not in entry.cells for entry in found.rows if entry.state == "changed")
    (new,) = (entry for entry in found.rows if entry.state == "new")
    there, here = crs.geometries_from_wgs84(
        "epsg:4549", np.array([PLOTS[3], shapely.from_wkb(new.cells["geometry"][1])], dtype=object)
    )
    assert shapely.hausdorff_distance(there, here) < 0.01


def note() -> writers.ExportNote:
    return writers.ExportNote("登记库", synthetic=True, source="源", as_of="2026-01-31", exported_at=datetime.now(UTC),
                              filter_text="", version="v", district="市北区")  # fmt: skip


HOSTILE = ('=HYPERLINK("x")', "'#N/A", "#注", "甲,乙;丙", "<b>x</b> ${1}", "-1+2", "@x", '“引号”"x"')
FORMATS: dict[str, tuple[Callable[..., bytes], tuple[str, ...], bool]] = {
    "geojson": (writers.write_sites_geojson, (*crs.DATUMS, "epsg:4549", "epsg:32651"), False),
    "gpkg": (writers.write_sites_geopackage, ("wgs84", "cgcs2000", "epsg:4549", "epsg:32651"), False),
    "csv": (writers.write_sites_csv, (*crs.DATUMS, "epsg:4549", "epsg:32651"), True),
    "xlsx": (writers.write_sites_excel, (*crs.DATUMS, "epsg:4549", "epsg:32651"), True),
}


@pytest.mark.parametrize(
    "case",
    [(form, datum, lang) for form, (_, datums, _) in FORMATS.items()
     for datum, lang in zip(datums, ("zh", "en", "zh", "en", "zh", "en"), strict=False)],
)  # fmt: skip
def test_an_export_reads_back_into_an_empty_registry_as_it_was(
    tmp_path: Path, district: District, surroundings: Surroundings, case: tuple[str, Datum, str]
) -> None:
    form, datum, lang = case
    sites = [
        site(number, name=name, area_m2=9_876.5 + number, floor_area_ratio=3.25, height_limit_m=99.5,
             earliest_year=2030, cluster="other", rule=("open", "fixed", "forbidden")[number % 3], source=name)
        for number, name in enumerate(HOSTILE)
    ]  # fmt: skip
    plots = [ground(-2000 + 150 * number, 2200, -1900 + 150 * number, 2300) for number in range(len(sites))]
    write, _, in_words = FORMATS[form]
    more = {"district": district} if in_words else {}
    path = tmp_path / f"sites.{form}"
    path.write_bytes(write(list(zip(sites, plots, strict=True)), note(), lang=lang, datum=datum, **more))
    empty = create_registry(
        tmp_path / "r.gpkg",
        district=district,
        surroundings=surroundings,
        note=LayerNote(title="空", synthetic=True),
    )
    with empty as made:
        found = previewed(path, made)
        assert found.ok, [entry.fault.line() for entry in found.faults]
        assert found.chosen.grid.about.synthetic
        intake.apply(found, made, actor="lin", name="x")
        holdings = made.snapshot().holdings
    back = [one.model_copy(update={"as_of": None}) for one in holdings.all(Site)]
    assert back == sites
    there = crs.geometries_from_wgs84("epsg:4549", np.array(plots, dtype=object))
    here = crs.geometries_from_wgs84(
        "epsg:4549", np.array([holdings.site_shapes[one.id] for one in sites], dtype=object)
    )
    assert float(shapely.hausdorff_distance(there, here).max()) < (1e-6 if datum == "wgs84" else 0.01)


def test_the_workbook_of_the_whole_registry_gives_its_parcels_back_unchanged(
    tmp_path: Path, office: Registry
) -> None:
    path = tmp_path / "records.xlsx"
    for lang in ("zh", "en"):
        path.write_bytes(write_records(office, lang=lang))
        grid = intake.opened_file(path)
        chosen = intake.choose(grid, office, sheet="可建地块" if lang == "zh" else "Sites")
        assert chosen.mapping.table == "site"
        assert intake.preview(chosen, office).count() == {"new": 0, "changed": 0, "unchanged": 3}


def test_towers_stay_towers(tmp_path: Path, office: Registry) -> None:
    rows: list[list[Any]] = [["编号", "名称", "片区", "面积(平方米)", "容积率"], ["1", "x", "其他", 5, 1]]
    assert previewed(written(tmp_path / "a.xlsx", rows), office).chosen.mapping.table == "site"
    rows = [["编号", "楼宇名称", "片区", "建筑面积(平方米)", "经度", "纬度"], ["1", "x", "其他", 5, 1, 1]]
    assert previewed(written(tmp_path / "b.xlsx", rows), office).chosen.mapping.table == "building"
    document = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"id": "K", "name": "K"},
                      "geometry": json.loads(shapely.to_geojson(PLOTS[3]))}],
    }  # fmt: skip
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert previewed(path, office).chosen.mapping.table == "building", "nothing tells it from a tower"
    told = previewed(path, office, as_table="site")
    assert told.ok, codes(told)
    assert [(entry.table, entry.row_id) for entry in told.rows] == [("site", "K")]
