"""The rooms and their order, and what a reader is promised about docs, addresses and commands."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from buildingmap import resources
from buildingmap.cli import main
from buildingmap.model import EXPECTATIONS
from buildingmap.web import create_app, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.snapshot import Snapshot

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "buildingmap"
# each imports only from itself and from those before it
ROOMS = (
    "errors",
    "resources",
    "crs",
    "model",
    "amounts",
    "layers",
    "snapshot",
    "sites",
    "registry",
    "intake",
    "accounts",
    "filters",
    "analysis",
    "placement",
    "map",
    "web",
    "cli",
    "__main__",
)
# what an XML document must say to be an SVG: a name, not an address that anyone visits
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@dataclass(frozen=True)
class Import:
    importer: str
    imported: str
    line: int
    only_for_types: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def type_only_lines(tree: ast.Module) -> set[int]:
    blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {line for block in blocks for line in range(block.lineno, (block.end_lineno or 0) + 1)}


def absolute(node: ast.ImportFrom, importer: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    base = importer.split(".")
    base = base[: len(base) - node.level + is_package]
    return ".".join([*base, *([node.module] if node.module else [])])


def imports_of(importer: str, path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = type_only_lines(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = absolute(node, importer, is_package=path.name == "__init__.py")
            # a name taken from a package is a module of it, or else the package's own
            named = [f"{source}.{alias.name}" for alias in node.names]
            names = [name if name in modules() else source for name in named]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "buildingmap":
                yield Import(importer, name, node.lineno, node.lineno in for_types)


@cache
def imports() -> tuple[Import, ...]:
    return tuple(found for importer, path in modules().items() for found in imports_of(importer, path))


def test_every_module_stands_in_a_room_that_has_its_place() -> None:
    assert {room(module) for module in modules()} == {"", *ROOMS}


def test_a_room_imports_only_from_the_rooms_before_it() -> None:
    assert len(imports()) > 100
    wrong = [
        f"{found.importer}:{found.line} imports {found.imported}"
        for found in imports()
        if room(found.imported) not in ROOMS[: ROOMS.index(room(found.importer)) + 1]
    ]
    assert wrong == []


def test_the_scan_sees_imports_in_functions_and_for_types_alike(tmp_path: Path) -> None:
    path = tmp_path / "early.py"
    path.write_text(
        "if TYPE_CHECKING:\n    from buildingmap.web import create_app\n"
        "def late():\n    from buildingmap import cli\n    import buildingmap.map\n    from ..filters import parse\n"
    )
    found = {(each.imported, each.only_for_types) for each in imports_of("buildingmap.model.early", path)}
    assert found == {
        ("buildingmap.web", True),
        ("buildingmap.cli", False),
        ("buildingmap.map", False),
        ("buildingmap.filters.parse", False),
    }


def test_no_module_needs_itself_to_be_imported() -> None:
    needed: dict[str, set[str]] = {}
    for found in imports():
        if not found.only_for_types and found.imported != found.importer:
            needed.setdefault(found.importer, set()).add(found.imported)

    def walk(module: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if module in path:
            yield (*path[path.index(module) :], module)
        elif module not in seen:
            for next_module in sorted(needed.get(module, ())):
                yield from walk(next_module, (*path, module))
            seen.add(module)

    seen: set[str] = set()
    assert [circle for module in sorted(needed) for circle in walk(module, ())] == []


def test_files_stay_short_enough_to_read_in_one_go() -> None:
    sources = [
        path
        for pattern in ("src/**/*.py", "src/**/*.js", "templates/*.html", "data/*.py")
        for path in ROOT.glob(pattern)
    ]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def served_files() -> list[Path]:
    static = PACKAGE / "web" / "static"
    return [
        *resources.templates_folder().rglob("*.html"),
        *(path for path in static.rglob("*") if path.suffix in {".js", ".css", ".svg", ".json"}),
    ]


def test_no_page_script_or_style_names_an_outside_address() -> None:
    outside = []
    for path in served_files():
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"""(?:https?|wss?)://[^\s"'`<>)]+""", text)
        named += re.findall(r"""["'(=]//[\w.-]+\.\w+""", text)
        outside += [(path.name, address) for address in named if address not in NAMESPACES]
    assert outside == []
    assert len(served_files()) > 5


@cache
def docs() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md")))


def test_every_route_is_documented(demo_snapshot: Snapshot) -> None:
    class Registry:
        def snapshot(self) -> Snapshot:
            return demo_snapshot

    rules = create_app(Registry()).url_map.iter_rules()
    routes = {re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule) for rule in rules}
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    assert {route for route in routes if f"`{route}`" not in text and f"`GET {route}`" not in text} == set()


def test_every_error_of_the_api_is_documented() -> None:
    kinds = [value for value in vars(problems).values() if isinstance(value, problems.Problem)]
    assert kinds
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    assert {kind.type for kind in kinds if f"`{kind.type}`" not in text} == set()


def commands(group: click.Command = main, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    assert isinstance(group, click.Group)
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def test_every_command_and_option_is_documented() -> None:
    missing = []
    for name, command in commands():
        if f"buildingmap {name}" not in docs():
            missing.append(name)
        options = [
            option
            for option in command.get_params(click.Context(command))
            if isinstance(option, click.Option)
        ]
        for option in options:
            long = max(option.opts, key=len)
            if long != "--help" and not re.search(rf"`{re.escape(long)}[` ]", docs()):
                missing.append(f"{name} {long}")
    assert missing == []


def test_every_fault_is_documented() -> None:
    assert {code for code in EXPECTATIONS if f"`{code}`" not in docs()} == set()


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_that_are_told_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL))
    assert set(re.findall(r"\bmake ([a-z]+)", code)) <= make_targets()
    assert set(re.findall(r"\bbuildingmap(?:\.exe)? ([a-z]+)", code)) <= {
        command.split()[0] for command, _ in commands()
    }


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/demo-data.md"]
)
def test_the_files_that_are_linked_exist(name: str) -> None:
    source = ROOT / name
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", source.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (source.parent / link).exists()] == []
