"""A registry that was set back is noticed by whoever remembers how far it had come."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from buildingmap.registry import Change, Head, create_registry, open_registry, restore_backup
from buildingmap.snapshot import LayerNote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry


class Notebook:
    """A witness that keeps everything it is told."""

    def __init__(self) -> None:
        self.heads: list[Head] = []

    def remember_head(self, head: Head) -> None:
        self.heads.append(head)

    def remembered_heads(self) -> Sequence[Head]:
        return self.heads


def rename(registry: Registry, name: str) -> None:
    registry.apply([Change("building", "CBD-01", {"name": name})], actor="editor")


def test_a_witness_learns_every_revision_and_agrees_with_the_registry(registry: Registry) -> None:
    witness = Notebook()
    registry.attach_witness(witness)
    rename(registry, "甲")
    rename(registry, "乙")
    assert [head.version for head in witness.heads] == [1, 2, 3]
    assert witness.heads[-1].hash == registry.head
    assert registry.verify() == []


def test_a_file_set_back_to_an_earlier_state_is_noticed(
    registry: Registry,
    tmp_path: Path,
    district: District,
    surroundings: Surroundings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    witness, earlier = Notebook(), tmp_path / "earlier.gpkg"
    registry.backup(earlier)
    registry.attach_witness(witness)
    rename(registry, "甲")
    shutil.copy(earlier, tmp_path / "put-in-place.gpkg")
    with open_registry(
        tmp_path / "put-in-place.gpkg", district=district, surroundings=surroundings
    ) as set_back:
        set_back.attach_witness(witness)
        assert "it was set back to an earlier state" in caplog.text
        assert [str(d) for d in set_back.verify()] == [
            "expected version 2, which was remembered: it was set back to an earlier state"
        ]
        # who goes on writing there does not hide it
        set_back.apply([Change("building", "CBD-02", {"name": "乙"})], actor="editor")
        witness.heads.pop()
        assert [str(d) for d in set_back.verify()] == [
            "expected version 2, which was remembered: its past is not the one that was remembered"
        ]


def test_another_registry_in_the_place_of_the_one_remembered_is_noticed(
    registry: Registry, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    witness = Notebook()
    registry.attach_witness(witness)
    with create_registry(
        tmp_path / "other.gpkg", district=district, surroundings=surroundings, note=LayerNote(title="另一库")
    ) as other:
        other.attach_witness(witness)
        assert [str(d) for d in other.verify()] == [
            "expected version 1, which was remembered: another content was put in its place"
        ]


def test_a_backup_put_in_place_as_it_should_be_is_no_damage(
    registry: Registry, location: str, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    witness = Notebook()
    registry.attach_witness(witness)
    registry.backup(tmp_path / "backup.gpkg")
    rename(registry, "甲")
    restore_backup(tmp_path / "backup.gpkg", location, witness=witness)
    assert registry.verify() == []
    with open_registry(location, district=district, surroundings=surroundings) as again:
        again.attach_witness(witness)
        assert again.verify() == []
