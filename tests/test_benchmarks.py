"""What the benchmarks compare is the same work: both sides choose the same towers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import filtering, importing, rivals
from benchmarks.towers import TAX_MIN, layer, query, write_layer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_layer(tmp_path_factory.mktemp("benchmarks") / "towers.geojson", 8_000)


def test_a_layer_of_a_size_is_always_the_same() -> None:
    assert layer(20) == layer(20)
    assert layer(20)["synthetic"] is True


@pytest.mark.parametrize("tax_min", [TAX_MIN, 30_000_000])
def test_both_sides_choose_the_same_towers(file: Path, tax_min: int) -> None:
    towers = filtering.snapshot_of(file)
    ours = filtering.ids(filtering.ours(towers, query(tax_min)))
    assert ours == filtering.ids(rivals.read_mask_write(file, tax_min))
    assert len(ours) > 5


def test_the_stock_page_holds_every_tower(file: Path) -> None:
    assert rivals.folium_page(file).count('"type": "Polygon"') == 8_000


def test_the_imports_that_are_timed_are_imports_of_every_row(tmp_path: Path) -> None:
    with importing.demo_registry(tmp_path / "office.gpkg") as registry:
        towers = len(registry.snapshot())
        taxes = importing.write_taxes(tmp_path / "taxes.csv", 300, registry.snapshot().ids)
        assert importing.measure(taxes, registry).rows == 300
        book = importing.write_workbook(tmp_path / "towers.xlsx", 40)
        assert importing.measure(book, registry).rows == 40
        assert len(registry.snapshot()) == towers + 40
        assert registry.verify() == []
