"""Reading in a process of its own."""

from __future__ import annotations

import os
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
import shapely

from buildingmap.layers import LayerCounts, LayerError, Limits, check_layer, read_layer
from buildingmap.resources import data_folder
from tests.layers.conftest import Read, codes
from tests.layers.making import collection, feature, frame, geopackage, written, zipped_shapefile

if TYPE_CHECKING:
    from buildingmap.model import District, Surroundings

DEMO = data_folder() / "buildings.geojson"


def test_what_comes_back_is_what_was_read(read: Read, district: District, surroundings: Surroundings) -> None:
    here = read(DEMO)
    there = read_layer(DEMO, district=district, surroundings=surroundings)
    assert there.ok
    assert there.buildings == here.buildings
    assert shapely.equals_exact(np.array(there.geometry), np.array(here.geometry)).all()
    assert replace(there, buildings=(), geometry=()) == replace(here, buildings=(), geometry=())


def test_faults_and_warnings_come_back_in_both_languages(
    tmp_path: Path, read: Read, district: District
) -> None:
    layer = collection(
        feature(1, floors="many", 物业费=5), feature(1, geometry={"type": "Point", "coordinates": []})
    )
    path = written(tmp_path / "layer.geojson", layer)
    here, there = read(path), read_layer(path, district=district)
    assert there.faults == here.faults
    assert there.warnings == here.warnings
    assert [fault.line("zh") for fault in there.faults] == [fault.line("zh") for fault in here.faults]
    assert there.buildings == ()
    assert there.counts is None


def test_an_error_tells_every_fault_a_line(tmp_path: Path, district: District) -> None:
    layer = read_layer(
        written(tmp_path / "layer.geojson", collection(feature(floors=0, height_m=-1))), district=district
    )
    error = LayerError(layer)
    assert len(str(error).splitlines()) == 2
    assert "应为" in error.text("zh")


def test_a_check_counts_and_carries_no_towers(district: District, surroundings: Surroundings) -> None:
    layer = check_layer(DEMO, district=district, surroundings=surroundings)
    assert layer.ok
    assert layer.buildings == ()
    assert layer.counts is not None
    assert sum(layer.counts.clusters.values()) == sum(layer.counts.statuses.values()) == layer.rows
    assert layer.counts.past_mark == 20
    assert sum(layer.counts.bands.get(band, 0) for band in ("100m_1b", "ge_1b")) == 20


def test_the_mark_is_counted_inclusively(tmp_path: Path, district: District) -> None:
    taxes = [100_000_000, 99_999_999, None]
    rows = [feature(n, tax_yuan=tax, tax_year=2023) for n, tax in enumerate(taxes)]
    layer = check_layer(written(tmp_path / "layer.geojson", collection(*rows)), district=district)
    assert layer.counts == LayerCounts(
        clusters={"cbd": 3},
        statuses={"existing": 3},
        bands={"100m_1b": 1, "50m_100m": 1},
        years={2023: 2},
        past_mark=1,
        year=2023,
    )


@pytest.mark.parametrize("write", [zipped_shapefile, geopackage])
def test_gdal_and_sqlite_work_where_they_are_confined(
    tmp_path: Path, district: District, write: object
) -> None:
    assert callable(write)
    path = write(tmp_path, frame([{"id": "A", "name": "甲", "cluster": "cbd", "status": "planned"}]))
    layer = read_layer(path, district=district)
    assert layer.faults == ()
    assert layer.buildings[0].name == "甲"


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path, district: District) -> None:
    before = psutil.Process().children()
    path = written(tmp_path / "layer.geojson", collection(*(feature(n) for n in range(20_000))))
    layer = read_layer(path, district=district, limits=Limits(seconds=0.05))
    assert codes(layer.faults) == ["time_limit"]
    assert psutil.Process().children() == before


def test_a_reader_that_takes_too_much_memory_is_ended(tmp_path: Path, district: District) -> None:
    before = psutil.Process().children()
    path = written(tmp_path / "layer.geojson", collection(*(feature(n) for n in range(100_000))))
    layer = read_layer(path, district=district, limits=Limits(memory_mb=200))
    assert codes(layer.faults) == ["memory_limit"]
    assert psutil.Process().children() == before


@pytest.mark.parametrize("program", ["/bin/false", "/bin/true"])
def test_a_reader_that_fails_or_says_nothing_is_a_fault(
    district: District, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr("sys.executable", program)
    layer = read_layer(DEMO, district=district)
    assert codes(layer.faults) == ["reader_failed"]
    assert "另存为新文件" in layer.faults[0].line("zh")


def test_nothing_is_left_behind(tmp_path: Path, district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert read_layer(DEMO, district=district).ok
    assert list(tmp_path.iterdir()) == []


def test_the_readers_surroundings_are_not_the_users(
    tmp_path: Path, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "evil.py"))
    monkeypatch.setenv("GDAL_DRIVER_PATH", str(tmp_path))
    monkeypatch.setenv("PROJ_NETWORK", "ON")
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "shapely.py", "raise SystemExit('owned')")
    assert read_layer(DEMO, district=district).ok


def test_a_name_that_is_no_utf8_is_read_and_shown(tmp_path: Path, district: District) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.geojson"))
    path.write_text(written(tmp_path / "a.geojson", collection(feature())).read_text())
    layer = read_layer(path, district=district)
    assert layer.ok
    assert layer.file.endswith("\\udcff\\udcfe.geojson")


def test_layers_are_read_side_by_side(district: District) -> None:
    layers = []
    threads = [
        threading.Thread(target=lambda: layers.append(read_layer(DEMO, district=district))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [layer.ok for layer in layers] == [True] * 3
