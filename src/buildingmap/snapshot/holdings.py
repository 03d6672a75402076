"""The records of one version of the registry beside its towers: tenants, floors, milestones and the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar, cast

from buildingmap.model import RECORDS, Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import shapely

Kind = TypeVar("Kind", bound=Record)
TABLES: Final[dict[type[Record], str]] = {kind: table for table, kind in RECORDS.items()}


@dataclass(frozen=True, slots=True)
class Stamp:
    """A row's own version, from 1, and who changed it last and when (UTC)."""

    version: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, eq=False)
class Holdings:
    """All records of one version, by table; empty for a bare layer file.

    ``site_shapes``: the Polygon of each site, WGS84. ``stamps``: by table (``building`` too) and row id.
    """

    records: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    site_shapes: Mapping[str, shapely.Geometry] = field(default_factory=dict)
    stamps: Mapping[tuple[str, str], Stamp] = field(default_factory=dict)
    _by_tower: dict[str, dict[str, tuple[Record, ...]]] = field(default_factory=dict, repr=False)

    def all(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return every record of ``kind``, such as ``Tenant``, in the order of their ids."""
        return cast("tuple[Kind, ...]", self.records.get(TABLES[kind], ()))

    def of(self, kind: type[Kind], building_id: str) -> tuple[Kind, ...]:
        """Return the records of ``kind`` that belong to one tower."""
        table = TABLES[kind]
        found = self._by_tower.get(table)
        if found is None:
            found = self._by_tower[table] = _grouped(self.records.get(table, ()))
        return cast("tuple[Kind, ...]", found.get(building_id, ()))


def _grouped(records: tuple[Record, ...]) -> dict[str, tuple[Record, ...]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(getattr(record, "building_id", None) or "", []).append(record)
    return {building_id: tuple(group) for building_id, group in groups.items()}
