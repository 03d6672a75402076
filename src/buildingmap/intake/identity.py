"""Which tower and which row of the registry a row of an office's table is about."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from buildingmap.layers.headers import folded
from buildingmap.registry import tax_record_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildingmap.registry import Registry, StoredRow

_NOT_IN_AN_ID: Final = re.compile(r"[^\w.\-]+")
_FIGURES: Final = ("tax_yuan", "district_revenue_yuan")
_LONGEST_ID: Final = 100
# what tells two rows of a table apart where a row has no id of its own
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "tax_record": ("building_id", "year", "quarter", "tax_type"),
    "floor": ("building_id", "number"),
    "unit": ("building_id", "floor", "label"),
    "service_officer": ("building_id", "name", "duty"),
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why it is not known which tower is meant: the code of a fault, and whether ``id`` or ``name`` is to blame."""

    code: str
    by: Literal["id", "name", ""] = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Towers:
    """The towers of the registry by id, the ids of those of each name, and each tower's newest annual figures."""

    by_id: dict[str, StoredRow]
    taxes: dict[tuple[str, str], float] = field(default_factory=dict)
    by_name: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, registry: Registry) -> Towers:
        """Read the towers in force."""
        towers = cls({row.row_id: row for row in registry.rows("building")})
        for row in towers.by_id.values():
            towers.by_name.setdefault(folded(row.values["name"]), []).append(row.row_id)
        for row in sorted(registry.rows("tax_record"), key=lambda row: row.values["year"]):
            values = row.values
            if values["quarter"] is None and values["tax_type"] is None:
                towers.taxes |= {
                    (values["building_id"], name): values[name]
                    for name in _FIGURES
                    if values[name] is not None
                }
        return towers

    def named(self, name: str) -> list[str]:
        """Return the ids of the towers of this name, in any case and width."""
        return self.by_name.get(folded(name), [])

    def figure(self, row_id: str, field_name: str) -> float | None:
        """Return a tower's newest annual figure of taxes."""
        return self.taxes.get((row_id, field_name))

    def find(self, given: Any, name: Any, *, may_be_new: bool) -> str | Unknown:
        """Return the id of the tower that a row names by its id, else by its whole name."""
        same = self.named(name) if isinstance(name, str) and name else []
        if given in self.by_id:
            return str(given)
        if not given and not name:
            return Unknown("import_keys")
        if given and may_be_new:
            # an office's own number for a tower that stands here under another would make it two
            return Unknown("import_other_id", "id", {"other": same[0]}) if same else str(given)
        if len(same) > 1:
            return Unknown("import_one_tower", "name", {"count": len(same)})
        if same:
            return same[0]
        return tower_id(str(name)) if may_be_new else Unknown("import_tower", "id" if given else "name")


@dataclass(slots=True)
class Parcels:
    """The candidate parcels of the registry by id, and the ids of those of each name."""

    by_id: dict[str, StoredRow]
    by_name: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, registry: Registry) -> Parcels:
        """Read the parcels in force."""
        parcels = cls({row.row_id: row for row in registry.rows("site")})
        for row in parcels.by_id.values():
            parcels.by_name.setdefault(folded(row.values["name"]), []).append(row.row_id)
        return parcels

    def named(self, name: str) -> list[str]:
        """Return the ids of the parcels of this name, in any case and width."""
        return self.by_name.get(folded(name), [])

    def figure(self, _row_id: str, _field_name: str) -> None:
        """Return None: a parcel has no figures but those of its row."""
        return

    def find(self, given: Any, name: Any) -> str | Unknown:
        """Return the id of the parcel that a row names by its id, else by its whole name; that of a new one."""
        same = self.named(name) if isinstance(name, str) and name else []
        if given in self.by_id:
            return str(given)
        if not given and not name:
            return Unknown("import_keys")
        if given:
            # an office's own number for a parcel that stands here under another would make it two
            return Unknown("import_other_site", "id", {"other": same[0]}) if same else str(given)
        if len(same) > 1:
            return Unknown("import_one_site", "name", {"count": len(same)})
        return same[0] if same else parcel_id(str(name))


@dataclass(slots=True)
class Holdings:
    """The rows of one table in force, by id and by what tells them apart."""

    table: str
    by_id: dict[str, StoredRow]
    _by_key: dict[tuple[Any, ...], str] = field(default_factory=dict)

    @classmethod
    def of(cls, registry: Registry, table: str) -> Holdings:
        """Read the rows of ``table`` in force."""
        holdings = cls(table, {row.row_id: row for row in registry.rows(table)})
        for row in holdings.by_id.values():
            for key in keys_of(table, row.values):
                holdings._by_key.setdefault(key, row.row_id)
        return holdings

    def row_of(self, key: tuple[Any, ...]) -> StoredRow | None:
        """Return the row in force that ``key``, one of ``keys_of``, stands for."""
        known = self._by_key.get(key)
        return None if known is None else self.by_id[known]

    def id_of(self, values: Mapping[str, Any]) -> str | None:
        """Return the id of the row that ``values`` are about; that of a new one where there is none.

        None where the fields that tell rows apart are missing.
        """
        if values.get("id"):
            return str(values["id"])
        keys = keys_of(self.table, values)
        known = next((self._by_key[key] for key in keys if key in self._by_key), None)
        if known is not None or not keys:
            return known
        fresh = new_id(self.table, values)
        # a person may have given the usual id to another row
        return f"{fresh}-2" if fresh in self.by_id else fresh


def keys_of(table: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return what may stand for a row's id, the surest first; a tenant's code before its name."""
    tower = values.get("building_id")
    if table == "tenant":
        name, code = values.get("name"), values.get("uscc")
        keys = [("code", tower, code)] if tower and code else []
        return [*keys, ("name", tower, folded(name))] if tower and isinstance(name, str) else keys
    names = _KEYS[table]
    optional = {"quarter", "tax_type", "duty"}
    if any(values.get(name) is None for name in names if name not in optional):
        return []
    return [tuple(values.get(name) or None for name in names)]


def new_id(table: str, values: Mapping[str, Any]) -> str:
    """Return the id of a row that is new: readable where its parts are short, the same for the same row."""
    if table == "tax_record":
        return _safe(
            tax_record_id(
                values["building_id"],
                values["year"],
                quarter=values.get("quarter"),
                tax_type=values.get("tax_type") or "",
            )
        )
    first = keys_of(table, values)[0]
    digest = hashlib.sha256(repr(first).encode("utf-8", "replace")).hexdigest()[:10]
    letter = {"tenant": "T", "floor": "F", "unit": "U", "service_officer": "O"}[table]
    return _safe(f"{values['building_id']}:{letter}{digest}")


def tower_id(name: str) -> str:
    """Return the id of a new tower that has none of its own: the one that reading a layer would give it."""
    return "name-" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:10]


def parcel_id(name: str) -> str:
    """Return the id of a new parcel that has none of its own."""
    return "site-" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:10]


def _safe(text: str) -> str:
    parts = [_NOT_IN_AN_ID.sub("_", part) for part in text.split(":")]
    return ":".join(parts)[:_LONGEST_ID]
