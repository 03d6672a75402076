from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import hypothesis
import pytest
import shapely
from argon2 import PasswordHasher

from buildingmap import resources
from buildingmap.accounts import passwords
from buildingmap.layers import read_surroundings
from buildingmap.model import Building, District, Surroundings, building_from_row
from buildingmap.registry import LayerRegistry
from buildingmap.snapshot import Holdings, LayerNote, Snapshot, build_snapshot
from tests import postgresql
from tests.examples import examples
from tests.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Row = Mapping[str, object]


# what answers at once comes first, what drives a browser last
_SLOWNESS = ("command", "browser")
# the folder that all processes of one run share
_SHARED = "BUILDINGMAP_TESTS_FOLDER"
_WITHOUT_POSTGRESQL = (
    "not run: the tests of the PostgreSQL store; found no server with PostGIS here, "
    "expected one (on Debian and Ubuntu: apt-get install postgresql-postgis)"
)
_ROOM_BYTES = 4 << 30

# no test is timed: a machine under load is slow, not wrong
hypothesis.settings.register_profile("run", max_examples=examples(100), deadline=None, print_blob=True)
hypothesis.settings.load_profile("run")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return  # one of several processes: the first has seen to it
    if os.environ.get("CI") and not postgresql.is_there():
        raise pytest.UsageError(_WITHOUT_POSTGRESQL)
    memory = Path("/dev/shm")  # noqa: S108 - each run makes folders of its own there
    # a registry waits for the disk at each change; in memory nobody does
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_BYTES:
        tempfile.tempdir = str(memory)
        os.environ["TMPDIR"] = str(memory)
    os.environ[_SHARED] = tempfile.mkdtemp(prefix="bm-tests-")
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", os.environ[_SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and (shared := os.environ.pop(_SHARED, "")):
        postgresql.stop(Path(shared))
        shutil.rmtree(shared, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not postgresql.is_there():
        terminalreporter.write_line(_WITHOUT_POSTGRESQL, yellow=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not postgresql.is_there():
        needless = [item for item in items if not _wants_postgresql(item)]
        config.hook.pytest_deselected(items=[item for item in items if _wants_postgresql(item)])
        items[:] = needless
    items.sort(
        key=lambda item: max(
            (_SLOWNESS.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in _SLOWNESS),
            default=0,
        )
    )


def _wants_postgresql(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and call.params.get("location") == "postgresql"


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


@pytest.fixture(scope="session", autouse=True)
def product_hasher() -> Iterator[PasswordHasher]:
    """Hash passwords in a moment, and give what the product itself hashes them with."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patched:
        own = passwords._HASHER  # noqa: SLF001 - a quarter of a processor's second for each sign-in
        patched.setattr(passwords, "_HASHER", quick)
        yield own


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
def postgresql_server() -> str:
    """The PostgreSQL server of this run, by its URL."""
    return postgresql.server_of_run(Path(os.environ[_SHARED]))


@pytest.fixture(params=["geopackage", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a store can be made: a new file, or an empty database."""
    if request.param == "geopackage":
        yield str(tmp_path / "registry.gpkg")
        return
    url = postgresql.new_database(request.getfixturevalue("postgresql_server"))
    yield url
    postgresql.drop(url)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Registries made once and copied."""
    return Prepared(tmp_path_factory.mktemp("prepared"))
