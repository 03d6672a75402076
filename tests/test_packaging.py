from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from buildingmap import resources

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.command


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def files_below(folder: Path, *patterns: str) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for pattern in patterns
        for path in folder.rglob(pattern)
        if path.is_file()
    }


def packed(wheel: zipfile.ZipFile, below: str) -> set[str]:
    prefix = f"buildingmap/{below}/"
    names = wheel.namelist()
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def test_a_checkout_reads_its_own_templates_and_data() -> None:
    assert resources.templates_folder() == ROOT / "templates"
    assert resources.data_folder() == ROOT / "data"


def test_a_wheel_carries_every_template_script_style_and_translation(wheel: zipfile.ZipFile) -> None:
    package = ROOT / "src" / "buildingmap"
    assert packed(wheel, "templates") == files_below(ROOT / "templates", "*.html", "*.js", "*.txt", "*.xml")
    assert packed(wheel, "web/static") >= files_below(package / "web" / "static", "*.js", "*.css", "*.svg")
    assert packed(wheel, "web/translations") >= files_below(resources.translations_folder(), "*.po", "*.pot")


def test_a_wheel_carries_the_demo_and_no_other_data(wheel: zipfile.ZipFile) -> None:
    demo = {f"{name}.geojson" for name in ("buildings", "clusters", "stations", "basemap")}
    assert packed(wheel, "data") == demo | {"district.toml", "holdings.json", "plan.toml"}


def test_a_wheel_finds_its_own_files_wherever_it_lies(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    question = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from buildingmap import resources;"
        "print(resources.templates_folder(), resources.data_folder(), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", question], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    package = tmp_path / "buildingmap"
    assert done.stdout.splitlines() == [str(package / "templates"), str(package / "data")]
