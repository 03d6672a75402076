from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from buildingmap import layers, resources
from buildingmap.registry import LayerRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District


def layer_of(*taxes: float) -> str:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [120.37 + 0.001 * number, 36.09]},
            "properties": {
                "id": f"T-{number}",
                "name": f"示例{number}",
                "cluster": "cbd",
                "status": "existing",
                "tax_yuan": tax,
                "tax_year": 2023,
            },
        }
        for number, tax in enumerate(taxes)
    ]
    return json.dumps({"type": "FeatureCollection", "synthetic": True, "features": features})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "towers.geojson"
    path.write_text(layer_of(1e8, 5e7), encoding="utf-8")
    return path


@pytest.fixture
def registry(file: Path, district: District) -> LayerRegistry:
    around = layers.read_surroundings(district, resources.data_folder())
    return LayerRegistry(file, district=district, surroundings=around)


def test_the_same_towers_are_always_the_same_version(registry: LayerRegistry) -> None:
    first = registry.snapshot()
    assert registry.reload().version == first.version


def test_a_changed_figure_is_a_new_version(registry: LayerRegistry, file: Path) -> None:
    first = registry.snapshot()
    file.write_text(layer_of(1e8, 6e7), encoding="utf-8")
    assert registry.reload().version != first.version
    assert registry.snapshot().figures().tax_yuan[1] == 6e7


def test_a_file_with_one_fault_leaves_the_old_version_in_force(registry: LayerRegistry, file: Path) -> None:
    before = registry.snapshot()
    file.write_text(layer_of(2e8, -1), encoding="utf-8")
    with pytest.raises(layers.LayerError, match="tax_yuan"):
        registry.reload()
    assert registry.snapshot() is before


def test_the_synthetic_mark_of_a_file_reaches_the_snapshot(registry: LayerRegistry) -> None:
    assert registry.snapshot().note.synthetic
