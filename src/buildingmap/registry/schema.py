"""The tables of the registry, the same on both stores. ``migrations`` make them; a test holds the two together."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

from buildingmap.registry.constraints import checks_of
from buildingmap.registry.geometry import Shape

METADATA: Final = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
)
# whom a row or a revision names that came from another program
OUTSIDE: Final = "outside"
# when a row changed that was added by another program and not yet taken in; GDAL takes an empty text for no default
BEFORE_TAKEN_IN: Final = "1970-01-01T00:00:00.000000Z"
# SQLite makes only an INTEGER PRIMARY KEY the row's own number, which a GeoPackage asks of every table
_Number: Final = BigInteger().with_variant(Integer(), "sqlite")


def _fid() -> Column[Any]:
    return Column("fid", _Number, primary_key=True, autoincrement=True)


def _id() -> Column[Any]:
    return Column("id", Text, nullable=False, unique=True)


def _tower(*, nullable: bool = False) -> Column[Any]:
    return Column("building_id", Text, nullable=nullable, index=True)


def _text(*names: str) -> list[Column[Any]]:
    return [Column(name, Text) for name in names]


def _days(*names: str) -> list[Column[Any]]:
    return [Column(name, Date) for name in names]


def _reals(*names: str) -> list[Column[Any]]:
    return [Column(name, Double) for name in names]


def _wholes(*names: str) -> list[Column[Any]]:
    return [Column(name, Integer) for name in names]


def _record(name: str, *columns: Column[Any]) -> Table:
    """Return a table whose rows carry their source, their version (the registry's when they changed) and who did.

    Those three have defaults, so that another program can add a row at all; the registry sets them when it takes it in.
    """
    own = [_fid(), _id(), *columns, *_text("source"), *_days("as_of")]
    checks = checks_of(name, frozenset(column.name for column in own))
    return Table(
        name,
        METADATA,
        *own,
        Column("version", _Number, nullable=False, server_default="0"),
        Column("changed_at", Text, nullable=False, server_default=BEFORE_TAKEN_IN),
        Column("changed_by", Text, nullable=False, server_default=OUTSIDE),
        *(CheckConstraint(rule, name=check) for check, rule in checks.items()),
    )


BUILDING: Final = _record(
    "building",
    Column("geometry", Shape),
    *_text("name", "name_en", "address", "cluster", "status"),
    *_wholes("completion_year", "floors"),
    *_reals("height_m", "floor_area_m2", "leasable_area_m2", "vacancy_rate"),
    *_text("sector", "sectors", "grade", "grade_standard"),
    *_days("grade_date"),
)
_record(
    "tax_record",
    _tower(),
    Column("year", Integer, nullable=False, index=True),
    *_wholes("quarter"),
    *_text("tax_type"),
    *_reals("tax_yuan", "district_revenue_yuan"),
    *_wholes("taxpayer_count"),
)
_record(
    "tenant",
    _tower(),
    *_text("name", "uscc", "sector", "floors"),
    *_reals("area_m2"),
    *_days("lease_start", "lease_end"),
    Column("locally_registered", Boolean),
    Column("locally_taxed", Boolean),
    *_text("registered_address"),
    *_days("registration_moved_on", "moved_out_on"),
)
_record("floor", _tower(), *_wholes("number"), *_reals("leasable_area_m2"), *_text("use"))
_record(
    "unit",
    _tower(),
    *_wholes("floor"),
    *_text("label"),
    *_reals("area_m2"),
    *_wholes("position"),
    *_text("tenant_id"),
    *_days("available_from"),
    *_reals("asking_rent_yuan_m2_day"),
)
_record("service_officer", _tower(), *_text("name", "duty", "phone"), *_days("since"))
_record("document", _tower(nullable=True), *_text("title", "kind", "reference"), *_days("issued_on"))
_record("project", _tower(), *_reals("investment_yuan"), *_text("responsible", "note"))
_record("milestone", _tower(), *_text("kind"), *_days("planned_on", "expected_on", "done_on"))
_record(
    "goal", *_wholes("year"), *_text("measure", "label"), *_reals("value"), *_text("unit"), *_reals("reached")
)
_record(
    "site",
    Column("geometry", Shape),
    *_text("name", "cluster"),
    *_reals("area_m2", "floor_area_ratio", "height_limit_m"),
    *_wholes("earliest_year"),
    *_text("rule"),
)
_record("plan", *_text("title", "document"), *_wholes("registry_version"))
_record("import_mapping", *_text("name", "document"))

# the registry's own row: there is one once its first content has landed
REGISTRY: Final = Table(
    "registry",
    METADATA,
    _fid(),
    *_text("uid", "title", "source", "as_of"),
    Column("synthetic", Boolean, nullable=False),
    Column("version", _Number, nullable=False),
    Column("head", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    # set by our writer inside its transaction and empty again at its end: who writes while it is empty is an outsider
    Column("writing", Integer),
)
# one row per change of the registry; ``hash`` seals it and everything before it
AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("version", _Number, primary_key=True, autoincrement=False),
    *(Column(name, Text, nullable=False) for name in ("at", "actor", "action", "note")),
    Column("row_count", Integer, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("changes_hash", "previous", "hash")),
)
AUDIT_CHANGE: Final = Table(
    "audit_change",
    METADATA,
    _fid(),
    Column("version", _Number, nullable=False, index=True),
    Column("table_name", Text, nullable=False),
    Column("row_id", Text, nullable=False),
    *_text("before", "after"),
)
# one row for each write of another program that was not yet looked at; triggers fill it
OUTSIDE_WRITE: Final = Table(
    "outside_write",
    METADATA,
    _fid(),
    *(Column(name, Text, nullable=False) for name in ("table_name", "row_id", "what", "at")),
    *_text("who"),
)
# what another program typed and was put back: beside the values in force, what was typed and why it was not taken
OUTSIDE_REFUSED: Final = Table(
    "outside_refused",
    METADATA,
    _fid(),
    Column("version", _Number, nullable=False, index=True),
    Column("table_name", Text, nullable=False),
    Column("row_id", Text, nullable=False),
    *_text("typed", "in_force", "faults", "settled_by", "settled_at"),
)
Index("ix_audit_change_row", AUDIT_CHANGE.c.table_name, AUDIT_CHANGE.c.row_id)
