"""CHECK constraints on every table of records, and room for what other programs write."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DEFAULTS = {"version": "0", "changed_at": "1970-01-01T00:00:00.000000Z", "changed_by": "outside"}


def _known(name: str, rule: str) -> str:
    return f"{name} IS NOT NULL" + (f" AND {rule}" if rule else "")


def _all(*parts: str) -> str:
    return " AND ".join(parts)


def _text(name: str, shortest: int | None, longest: int | None, *, line: bool) -> str:
    parts = [f"{name} = trim({name})"] if line else []
    parts += [] if shortest is None else [f"length({name}) >= {shortest}"]
    parts += [] if longest is None else [f"length({name}) <= {longest}"]
    return _all(*parts)


def _day(name: str) -> str:
    is_day = f"({name} IS NULL) = (date({name}) IS NULL) AND {name} = date({name})"
    return _all(is_day, f"{name} >= '0001-01-01' AND {name} <= '9999-12-31'")


def _flag(name: str) -> str:
    return f"{name} IN (TRUE, FALSE)"


def _one_of(name: str, *choices: str) -> str:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return f"{name} IN ({listed})"


def _whole(name: str, *bounds: str) -> str:
    return _all(f"{name} = CAST({name} AS INTEGER)", *(f"{name} {bound}" for bound in bounds))


def _real(name: str, *bounds: str) -> str:
    return _all(f"{name} = CAST({name} AS DOUBLE PRECISION)", *(f"{name} {bound}" for bound in bounds))


_CHECKS: dict[str, dict[str, str]] = {
    "building": {
        "id": _known("id", _text("id", 1, 64, line=True)),
        "name": _known("name", _text("name", 1, 200, line=True)),
        "name_en": _text("name_en", None, 200, line=True),
        "address": _text("address", None, 300, line=True),
        "status": _known("status", _one_of("status", "existing", "under_construction", "planned")),
        "completion_year": _whole("completion_year", ">= 1900", "<= 2100"),
        "floors": _whole("floors", ">= 1", "<= 200"),
        "height_m": _real("height_m", "<= 1000", "> 0"),
        "floor_area_m2": _real("floor_area_m2", "<= 2000000", "> 0"),
        "leasable_area_m2": _real("leasable_area_m2", ">= 0", "<= 2000000"),
        "vacancy_rate": _real("vacancy_rate", ">= 0", "<= 1"),
        "grade": _text("grade", None, 40, line=True),
        "grade_standard": _text("grade_standard", None, 80, line=True),
        "grade_date": _day("grade_date"),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "shape": "geometry IS NOT NULL",
        "leasable_over_gross": "leasable_area_m2 <= floor_area_m2",
    },
    "tax_record": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "building_id": _known("building_id", _text("building_id", 1, 100, line=True)),
        "year": _known("year", _whole("year", ">= 1990", "<= 2100")),
        "quarter": _whole("quarter", ">= 1", "<= 4"),
        "tax_type": _text("tax_type", None, 60, line=True),
        "tax_yuan": _real("tax_yuan", ">= 0", "<= 100000000000"),
        "district_revenue_yuan": _real("district_revenue_yuan", ">= 0", "<= 100000000000"),
        "taxpayer_count": _whole("taxpayer_count", ">= 0", "<= 100000"),
        "revenue_over_tax": "district_revenue_yuan <= tax_yuan",
    },
    "tenant": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "building_id": _known("building_id", _text("building_id", 1, 100, line=True)),
        "name": _known("name", _text("name", 1, 200, line=True)),
        "floors": _text("floors", None, 200, line=False),
        "area_m2": _real("area_m2", "<= 2000000", "> 0"),
        "lease_start": _day("lease_start"),
        "lease_end": _day("lease_end"),
        "locally_registered": _flag("locally_registered"),
        "locally_taxed": _flag("locally_taxed"),
        "registered_address": _text("registered_address", None, 300, line=True),
        "registration_moved_on": _day("registration_moved_on"),
        "moved_out_on": _day("moved_out_on"),
        "lease_order": "lease_end >= lease_start",
    },
    "floor": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "building_id": _known("building_id", _text("building_id", 1, 100, line=True)),
        "number": _known("number", _whole("number", ">= -20", "<= 200")),
        "leasable_area_m2": _real("leasable_area_m2", "<= 2000000", "> 0"),
        "use": _text("use", None, 60, line=True),
        "ground": "number <> 0",
    },
    "unit": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "building_id": _known("building_id", _text("building_id", 1, 100, line=True)),
        "floor": _known("floor", _whole("floor", ">= -20", "<= 200")),
        "label": _known("label", _text("label", None, 60, line=True)),
        "area_m2": _known("area_m2", _real("area_m2", "<= 2000000", "> 0")),
        "position": _whole("position", ">= 0", "<= 100000"),
        "tenant_id": _text("tenant_id", 1, 100, line=True),
        "available_from": _day("available_from"),
        "asking_rent_yuan_m2_day": _real("asking_rent_yuan_m2_day", ">= 0", "<= 1000"),
        "ground": "floor <> 0",
    },
    "service_officer": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "building_id": _known("building_id", _text("building_id", 1, 100, line=True)),
        "name": _known("name", _text("name", 1, 200, line=True)),
        "duty": _known("duty", _one_of("duty", "head", "service")),
        "phone": _text("phone", None, 60, line=True),
        "since": _day("since"),
    },
    "document": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "building_id": _text("building_id", 1, 100, line=True),
        "title": _known("title", _text("title", 1, 200, line=True)),
        "kind": _text("kind", None, 60, line=True),
        "reference": _text("reference", None, 300, line=True),
        "issued_on": _day("issued_on"),
    },
    "project": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "building_id": _known("building_id", _text("building_id", 1, 100, line=True)),
        "investment_yuan": _real("investment_yuan", ">= 0", "<= 1000000000000.0"),
        "responsible": _text("responsible", 1, 200, line=True),
        "note": _text("note", None, 300, line=True),
    },
    "milestone": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "building_id": _known("building_id", _text("building_id", 1, 100, line=True)),
        "kind": _known("kind", _one_of("kind", "land", "permit", "start", "topping_out", "hand_over")),
        "planned_on": _day("planned_on"),
        "expected_on": _day("expected_on"),
        "done_on": _day("done_on"),
    },
    "goal": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "year": _known("year", _whole("year", ">= 1990", "<= 2100")),
        "measure": _known("measure", _text("measure", None, 60, line=True)),
        "label": _text("label", 1, 200, line=True),
        "value": _known("value", _real("value")),
        "unit": _text("unit", None, 60, line=True),
        "reached": _real("reached"),
    },
    "site": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "name": _known("name", _text("name", 1, 200, line=True)),
        "area_m2": _real("area_m2", "<= 10000000", "> 0"),
        "floor_area_ratio": _real("floor_area_ratio", "<= 50", "> 0"),
        "height_limit_m": _real("height_limit_m", "<= 1000", "> 0"),
        "earliest_year": _whole("earliest_year", ">= 1990", "<= 2100"),
        "rule": _known("rule", _one_of("rule", "open", "fixed", "forbidden")),
    },
    "plan": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "title": _known("title", _text("title", 1, 200, line=True)),
        "document": _known("document", _text("document", None, None, line=False)),
        "registry_version": _whole("registry_version", ">= 0", "<= 2000000000"),
    },
    "import_mapping": {
        "id": _known("id", _text("id", 1, 100, line=True)),
        "source": _text("source", None, 300, line=True),
        "as_of": _day("as_of"),
        "name": _known("name", _text("name", 1, 200, line=True)),
        "document": _known("document", _text("document", None, None, line=False)),
    },
}


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("registry", sa.Column("writing", sa.Integer(), nullable=True))
    op.create_table(
        "outside_write",
        _fid(),
        *_texts("table_name", "row_id", "what", "at", nullable=False),
        *_texts("who"),
        sa.PrimaryKeyConstraint("fid", name="pk_outside_write"),
    )
    op.create_table(
        "outside_refused",
        _fid(),
        sa.Column("version", _NUMBER, nullable=False),
        *_texts("table_name", "row_id", nullable=False),
        *_texts("typed", "in_force", "faults", "settled_by", "settled_at"),
        sa.PrimaryKeyConstraint("fid", name="pk_outside_refused"),
    )
    op.create_index("ix_outside_refused_version", "outside_refused", ["version"], unique=False)
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _rebuild(connection)
        return
    for table, checks in _CHECKS.items():
        for name, value in _DEFAULTS.items():
            op.alter_column(table, name, server_default=value)
        _constrain(connection, table, checks)


def _constrain(connection: sa.Connection, table: str, checks: dict[str, str]) -> None:
    """Add the checks of a table; where old rows do not hold, another program's, the check is for new ones only.

    The registry looks at such rows one by one; they must not keep it from being opened.
    """
    added = [f"ADD CONSTRAINT ck_{table}_{name} CHECK ({rule})" for name, rule in checks.items()]
    for statements in ([", ".join(added)], [f"{one} NOT VALID" for one in added]):
        try:
            with connection.begin_nested():
                for statement in statements:
                    connection.exec_driver_sql(f"ALTER TABLE {table} {statement}")
        except sa.exc.IntegrityError:
            continue
        return


def _rebuild(connection: sa.Connection) -> None:
    """Make each table anew with its checks: SQLite adds none to a table that is there."""
    # what another program typed before must not keep the registry from being opened, see _constrain
    connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
    connection.exec_driver_sql(
        "PRAGMA legacy_alter_table=ON"
    )  # somebody's view of a table stays one of that table
    try:
        for table, checks in _CHECKS.items():
            _rebuild_one(connection, table, checks)
    finally:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
        connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")


def _rebuild_one(connection: sa.Connection, table: str, checks: dict[str, str]) -> None:
    asked = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type = ? AND sql IS NOT NULL"
    (made,) = connection.exec_driver_sql(asked, (table, "table")).scalars()
    indexes = connection.exec_driver_sql(asked, (table, "index")).scalars().all()
    body = made[made.index("(") : made.rindex(")")].rstrip()
    for name, value in _DEFAULTS.items():
        body = re.sub(rf"\b{name} (INTEGER|TEXT) NOT NULL", rf"{name} \1 DEFAULT '{value}' NOT NULL", body)
    rules = "".join(f",\n\tCONSTRAINT ck_{table}_{name} CHECK ({rule})" for name, rule in checks.items())
    connection.exec_driver_sql(f'CREATE TABLE "{table}_anew" {body}{rules}\n)')
    connection.exec_driver_sql(f'INSERT INTO "{table}_anew" SELECT * FROM "{table}"')  # noqa: S608 - our own names
    connection.exec_driver_sql(f'DROP TABLE "{table}"')
    connection.exec_driver_sql(f'ALTER TABLE "{table}_anew" RENAME TO "{table}"')
    for index in indexes:
        connection.exec_driver_sql(index)


def _fid() -> sa.Column[Any]:
    return sa.Column("fid", _NUMBER, autoincrement=True, nullable=False)


def _texts(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]
