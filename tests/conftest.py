from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Protocol

import pytest
import shapely

from buildingmap import resources
from buildingmap.layers import read_surroundings
from buildingmap.model import Building, District, Surroundings, building_from_row
from buildingmap.registry import LayerRegistry
from buildingmap.snapshot import Holdings, LayerNote, Snapshot, build_snapshot
from tests import postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    Row = Mapping[str, object]


# what answers at once comes first, what drives a browser last
_SLOWNESS = ("command", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: max(
            (_SLOWNESS.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in _SLOWNESS),
            default=0,
        )
    )


class LayOut(Protocol):
    """Rows of the layer's contract, as a snapshot; ids, names and places are filled in where absent."""

    def __call__(
        self,
        rows: Sequence[Row],
        *,
        shapes: Sequence[shapely.Geometry] | None = None,
        surroundings: Surroundings = ...,
        district: District | None = None,
        synthetic: bool = False,
        holdings: Holdings | None = None,
    ) -> Snapshot: ...


@pytest.fixture(scope="session", autouse=True)
def nobody_s_own_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every command of the tests away from the registry of whoever runs them."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BUILDINGMAP_REGISTRY", str(tmp_path_factory.mktemp("own") / "registry.gpkg"))
        yield


def place_of(number: int) -> shapely.Polygon:
    """A footprint of about 27 m by 33 m in the CBD, 27 m of street between two of them."""
    west, south = 120.370 + 0.0006 * (number % 10), 36.086 + 0.0006 * (number // 10)
    return shapely.box(west, south, west + 0.0003, south + 0.0003)


@pytest.fixture(scope="session")
def district() -> District:
    with (resources.data_folder() / "district.toml").open("rb") as file:
        return District.model_validate(tomllib.load(file))


@pytest.fixture(scope="session")
def surroundings(district: District) -> Surroundings:
    """The schematic boundaries, stations and basemap of the demo."""
    return read_surroundings(district, resources.data_folder())


@pytest.fixture(scope="session")
def demo_snapshot(district: District, surroundings: Surroundings) -> Snapshot:
    """The demo layer, read as the server reads it."""
    path = resources.data_folder() / "buildings.geojson"
    return LayerRegistry(path, district=district, surroundings=surroundings).snapshot()


@pytest.fixture(scope="session")
def lay_out(district: District) -> LayOut:
    usual = district

    def laid_out(
        rows: Sequence[Row],
        *,
        shapes: Sequence[shapely.Geometry] | None = None,
        surroundings: Surroundings | None = None,
        district: District | None = None,
        synthetic: bool = False,
        holdings: Holdings | None = None,
    ) -> Snapshot:
        buildings = [
            building_from_row(
                {"id": f"T-{number:03d}", "name": f"示例楼{number}"} | dict(row), district or usual
            )
            for number, row in enumerate(rows)
        ]
        good = [building for building in buildings if isinstance(building, Building)]
        assert len(good) == len(rows), buildings
        return build_snapshot(
            good,
            [place_of(number) for number in range(len(rows))] if shapes is None else shapes,
            district=district or usual,
            surroundings=surroundings or Surroundings(),
            version="v1",
            note=LayerNote(title="演示数据", synthetic=synthetic),
            holdings=holdings,
        )

    return laid_out


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A running PostgreSQL server, by its URL."""
    for server in postgresql.running_server():
        postgresql.prepare(server)
        yield server


@pytest.fixture(params=["geopackage", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store can be made: a new file, or an empty database."""
    if request.param == "geopackage":
        return str(tmp_path / "registry.gpkg")
    return postgresql.empty_database(request.getfixturevalue("postgresql_server"))
