"""What `make serve` and `make test` install: one tested version of all that pyproject.toml asks for, by its hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def locked(name: str) -> dict[str, list[Requirement]]:
    """The requirements of a file, by package; one may have several versions, each for other Pythons or systems."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[Requirement]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        requirement, *hashes = re.split(r"\s+--hash=", line)
        assert hashes, f"{line}: expected hashes"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), line
        one = Requirement(requirement)
        found.setdefault(canonicalize_name(one.name), []).append(one)
    return found


def asked(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + [
        line for extra in extras for line in project["optional-dependencies"][extra]
    ]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(("name", "extras"), [("serve", ()), ("test", ("dev",))])
def test_every_dependency_is_locked_at_a_version_that_it_allows(name: str, extras: tuple[str, ...]) -> None:
    versions = locked(name)
    for wanted in asked(*extras):
        found = versions.get(canonicalize_name(wanted.name), [])
        assert found, f"{wanted}: expected in requirements/{name}.txt (make lock writes it)"
        for one in found:
            (exactly,) = one.specifier
            assert exactly.operator == "=="
            assert wanted.specifier.contains(exactly.version), f"{one}: expected {wanted} (make lock)"


def test_what_serves_is_what_was_tested() -> None:
    tested = {name: {str(one) for one in found} for name, found in locked("test").items()}
    for name, found in locked("serve").items():
        assert {str(one) for one in found} <= tested[name]
