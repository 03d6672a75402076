"""The whole registry as a workbook: every row of every table, and back through the import; on both stores."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl
import shapely

from buildingmap import intake
from buildingmap.registry import Change, write_records
from buildingmap.registry.workbook import SHEETS
from tests.reading import files_read_here

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.intake import Preview
    from buildingmap.layers import Grid
    from buildingmap.model import Lang
    from buildingmap.registry import Registry

__all__ = ["files_read_here"]

COMPANY: dict[str, Any] = {
    "id": "C-X",
    "building_id": "CBD-01",
    "name": "=HYPERLINK(1)",
    "area_m2": 120.5,
    "lease_start": "2023-01-31",
    "locally_registered": True,
    "locally_taxed": False,
}


def filled(registry: Registry) -> Registry:
    """Add one row to each table that the demo layer has nothing for."""
    tower = {"building_id": "CBD-01"}
    rows: dict[str, dict[str, Any]] = {
        "tenant": COMPANY,
        "floor": {**tower, "id": "F-X", "number": -1, "leasable_area_m2": 100.0, "use": "停车"},
        "unit": {**tower, "id": "U-X", "floor": 3, "label": "0301", "area_m2": 80.25, "tenant_id": "C-X",
                 "available_from": "2026-05-01", "asking_rent_yuan_m2_day": 3.5},
        "service_officer": {**tower, "id": "O-X", "name": "甲", "duty": "head", "phone": "007788"},
        "goal": {"id": "G-X", "year": 2026, "measure": "own", "value": 12.0},
        "site": {"id": "DK-X", "name": "=1+1", "cluster": "other", "area_m2": 8000.5, "floor_area_ratio": 2.5,
                 "height_limit_m": 60.0, "earliest_year": 2027, "rule": "forbidden",
                 "geometry": str(shapely.to_wkb(shapely.box(120.3505, 36.11, 120.3515, 36.1108), hex=True))},
    }  # fmt: skip
    registry.apply([Change(table, row["id"], row, 0) for table, row in rows.items()], actor="lin")
    return registry


def book(registry: Registry, **options: Any) -> Any:
    # read only: a sheet that no test looks at is not read
    return openpyxl.load_workbook(io.BytesIO(write_records(registry, **options)), read_only=True)


def test_each_table_has_a_sheet_with_all_its_rows_and_the_note_is_last(registry: Registry) -> None:
    filled(registry)
    found = book(registry, lang="zh")

    assert found.sheetnames == [zh for zh, _ in SHEETS.values()] + ["说明"]
    for table, (title, _) in SHEETS.items():
        ids = [row[0] for row in found[title].iter_rows(min_row=2, max_col=1, values_only=True)]
        assert ids == [row.row_id for row in registry.rows(table)]
    about = {row[0].value: row[1].value for row in found["说明"]}
    assert "合成" in about["性质"]
    assert about["数据版本"].endswith(f"-{registry.version}")


def test_no_cell_of_any_sheet_is_a_formula(registry: Registry) -> None:
    for sheet in book(filled(registry)):
        assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "d"}


def previewed(grid: Grid, registry: Registry, table: str, sheet: str) -> Preview:
    return intake.preview(intake.choose(grid, registry, sheet=sheet, as_table=table), registry)


def test_every_sheet_imported_into_its_own_registry_changes_nothing(
    registry: Registry, tmp_path: Path
) -> None:
    filled(registry)
    path = tmp_path / "registry.xlsx"
    langs: tuple[Lang, ...] = ("zh", "en")
    for lang in langs:
        path.write_bytes(write_records(registry, lang=lang))
        grid = intake.opened_file(path)
        for table in intake.TARGETS:
            found = previewed(grid, registry, table, SHEETS[table][lang == "en"])
            assert [entry.fault.line() for entry in found.faults] == []
            assert [row.cells for row in found.rows if row.state != "unchanged"] == []
            assert len(found.rows) == len(list(registry.rows(table))) > 0


def test_rows_that_were_deleted_come_back_from_the_workbook(registry: Registry, tmp_path: Path) -> None:
    filled(registry)
    path = tmp_path / "registry.xlsx"
    path.write_bytes(write_records(registry))
    kept = registry.row("unit", "U-X").values
    registry.apply([Change("unit", "U-X", None, registry.row("unit", "U-X").version)], actor="lin")

    found = previewed(intake.opened_file(path), registry, "unit", "房源单元")
    intake.apply(found, registry, actor="lin", name="x")

    again = registry.row("unit", "U-X").values
    assert {name: again[name] for name in kept if name not in {"source", "as_of"}} == {
        name: kept[name] for name in kept if name not in {"source", "as_of"}
    }


def test_a_past_version_is_written_as_it_stood(registry: Registry) -> None:
    before = registry.version
    filled(registry)

    assert [row[0].value for row in book(registry, version=before)["入驻企业"]] == ["企业编号"]


def test_a_shape_too_long_for_a_cell_is_left_out_and_named(registry: Registry) -> None:
    round_ = shapely.Point(120.37, 36.09).buffer(0.0005, quad_segs=500)
    row = registry.row("building", "CBD-01")
    values = {"geometry": shapely.to_wkb(round_, hex=True, byte_order=1)}
    registry.apply([Change("building", "CBD-01", values, row.version)], actor="lin")

    found = book(registry, lang="en")

    about = {line[0].value: line[1].value for line in found["About"]}
    assert "CBD-01" in [text for word, text in about.items() if word.startswith("Rows with a text too long")]
