"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from buildingmap.registry.geometry import Shape

revision = "0001"
down_revision = None
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _fid() -> sa.Column[Any]:
    return sa.Column("fid", _NUMBER, autoincrement=True, nullable=False)


def _texts(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _stamp() -> list[sa.Column[Any]]:
    return [
        sa.Column("source", sa.Text()),
        sa.Column("as_of", sa.Date()),
        sa.Column("version", _NUMBER, nullable=False),
        *_texts("changed_at", "changed_by", nullable=False),
    ]


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "account",
        _fid(),
        *_texts("id", "name", "role", nullable=False),
        *_texts("password_hash", "oidc_issuer", "oidc_subject"),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        *_texts("created_at", "changed_at", nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_account"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "api_token",
        _fid(),
        *_texts("id", "id_hash", "account_id", "label", "role", "created_at", "expires_at", nullable=False),
        *_texts("revoked_at"),
        sa.PrimaryKeyConstraint("fid", name="pk_api_token"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("id_hash"),
    )
    op.create_index("ix_api_token_account_id", "api_token", ["account_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("version", _NUMBER, autoincrement=False, nullable=False),
        *_texts("at", "actor", "action", "note", nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        *_texts("changes_hash", "previous", "hash", nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_audit"),
    )
    op.create_table(
        "audit_change",
        _fid(),
        sa.Column("version", _NUMBER, nullable=False),
        *_texts("table_name", "row_id", nullable=False),
        *_texts("before", "after"),
        sa.PrimaryKeyConstraint("fid", name="pk_audit_change"),
    )
    op.create_index("ix_audit_change_row", "audit_change", ["table_name", "row_id"], unique=False)
    op.create_index("ix_audit_change_version", "audit_change", ["version"], unique=False)
    op.create_table(
        "building",
        _fid(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("geometry", Shape(), nullable=True),
        *_texts("name", "name_en", "address", "cluster", "status"),
        sa.Column("completion_year", sa.Integer(), nullable=True),
        sa.Column("floors", sa.Integer(), nullable=True),
        sa.Column("height_m", sa.Double(), nullable=True),
        sa.Column("floor_area_m2", sa.Double(), nullable=True),
        sa.Column("leasable_area_m2", sa.Double(), nullable=True),
        sa.Column("vacancy_rate", sa.Double(), nullable=True),
        *_texts("sector", "sectors", "grade", "grade_standard"),
        sa.Column("grade_date", sa.Date(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_building"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "document",
        _fid(),
        *_texts("id", nullable=False),
        *_texts("building_id", "title", "kind", "reference"),
        sa.Column("issued_on", sa.Date(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_document"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_document_building_id", "document", ["building_id"], unique=False)
    op.create_table(
        "floor",
        _fid(),
        *_texts("id", "building_id", nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("leasable_area_m2", sa.Double(), nullable=True),
        sa.Column("use", sa.Text(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_floor"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_floor_building_id", "floor", ["building_id"], unique=False)
    op.create_table(
        "goal",
        _fid(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        *_texts("measure", "label"),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("reached", sa.Double(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_goal"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "import_mapping",
        _fid(),
        *_texts("id", nullable=False),
        *_texts("name", "document"),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_import_mapping"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "milestone",
        _fid(),
        *_texts("id", "building_id", nullable=False),
        *_texts("kind"),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_milestone"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_milestone_building_id", "milestone", ["building_id"], unique=False)
    op.create_table(
        "plan",
        _fid(),
        *_texts("id", nullable=False),
        *_texts("title", "document"),
        sa.Column("registry_version", sa.Integer(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_plan"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "project",
        _fid(),
        *_texts("id", "building_id", nullable=False),
        sa.Column("investment_yuan", sa.Double(), nullable=True),
        *_texts("responsible", "note"),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_project"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_project_building_id", "project", ["building_id"], unique=False)
    op.create_table(
        "registry",
        _fid(),
        *_texts("uid", "title", "source", "as_of"),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("version", _NUMBER, nullable=False),
        *_texts("head", "created_at", nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_registry"),
    )
    op.create_table(
        "service_officer",
        _fid(),
        *_texts("id", "building_id", nullable=False),
        *_texts("name", "duty", "phone"),
        sa.Column("since", sa.Date(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_service_officer"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_service_officer_building_id", "service_officer", ["building_id"], unique=False)
    op.create_table(
        "session",
        _fid(),
        *_texts("id_hash", "account_id", "created_at", "seen_at", "expires_at", nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_session"),
        sa.UniqueConstraint("id_hash"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"], unique=False)
    op.create_table(
        "sign_in_attempt",
        _fid(),
        *_texts("key", "at", nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_sign_in_attempt"),
    )
    op.create_index("ix_sign_in_attempt_key", "sign_in_attempt", ["key"], unique=False)
    op.create_table(
        "site",
        _fid(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("geometry", Shape(), nullable=True),
        *_texts("name", "cluster"),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("floor_area_ratio", sa.Double(), nullable=True),
        sa.Column("height_limit_m", sa.Double(), nullable=True),
        sa.Column("earliest_year", sa.Integer(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_site"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "tax_record",
        _fid(),
        *_texts("id", "building_id", nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=True),
        sa.Column("tax_type", sa.Text(), nullable=True),
        sa.Column("tax_yuan", sa.Double(), nullable=True),
        sa.Column("district_revenue_yuan", sa.Double(), nullable=True),
        sa.Column("taxpayer_count", sa.Integer(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_tax_record"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_tax_record_building_id", "tax_record", ["building_id"], unique=False)
    op.create_index("ix_tax_record_year", "tax_record", ["year"], unique=False)
    op.create_table(
        "tenant",
        _fid(),
        *_texts("id", "building_id", nullable=False),
        *_texts("name", "uscc", "sector", "floors"),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("lease_start", sa.Date(), nullable=True),
        sa.Column("lease_end", sa.Date(), nullable=True),
        sa.Column("locally_registered", sa.Boolean(), nullable=True),
        sa.Column("locally_taxed", sa.Boolean(), nullable=True),
        sa.Column("registered_address", sa.Text(), nullable=True),
        sa.Column("registration_moved_on", sa.Date(), nullable=True),
        sa.Column("moved_out_on", sa.Date(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_tenant"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_tenant_building_id", "tenant", ["building_id"], unique=False)
    op.create_table(
        "unit",
        _fid(),
        *_texts("id", "building_id", nullable=False),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Text(), nullable=True),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("asking_rent_yuan_m2_day", sa.Double(), nullable=True),
        *_stamp(),
        sa.PrimaryKeyConstraint("fid", name="pk_unit"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_unit_building_id", "unit", ["building_id"], unique=False)
