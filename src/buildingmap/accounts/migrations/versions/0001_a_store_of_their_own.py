"""The accounts' own store: new, or with the four tables that the registry had until then."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _fid() -> sa.Column[Any]:
    return sa.Column("fid", _NUMBER, autoincrement=True, nullable=False)


def _texts(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def upgrade() -> None:
    """Bring the schema up."""
    if sa.inspect(op.get_bind()).has_table("account"):
        op.add_column("account", sa.Column("browser_key", sa.Text()))
    else:
        _four_tables()
    op.create_table(
        "account_event",
        sa.Column("number", _NUMBER, autoincrement=False, nullable=False),
        *_texts("at", "actor", "action", "note", "changes_hash", "previous", "hash", nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_account_event"),
    )
    op.create_table(
        "account_event_change",
        _fid(),
        sa.Column("number", _NUMBER, nullable=False),
        *_texts("table_name", "row_id", nullable=False),
        *_texts("before", "after"),
        sa.PrimaryKeyConstraint("fid", name="pk_account_event_change"),
    )
    op.create_index("ix_account_event_change_number", "account_event_change", ["number"])
    op.create_index("ix_account_event_change_row", "account_event_change", ["table_name", "row_id"])
    op.create_table(
        "account_trail",
        _fid(),
        sa.Column("number", _NUMBER, nullable=False),
        *_texts("head", nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_account_trail"),
    )
    op.create_table(
        "registry_head",
        _fid(),
        *_texts("uid", nullable=False),
        sa.Column("version", _NUMBER, nullable=False),
        *_texts("hash", nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_registry_head"),
        sa.UniqueConstraint("uid", "version"),
    )
    op.create_table(
        "confidential_read",
        _fid(),
        *_texts("at", "account", "address", "route", "filter", nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_confidential_read"),
    )
    op.create_index("ix_confidential_read_at", "confidential_read", ["at"])
    op.create_index("ix_confidential_read_account", "confidential_read", ["account"])


def _four_tables() -> None:
    op.create_table(
        "account",
        _fid(),
        *_texts("id", "name", "role", nullable=False),
        *_texts("password_hash", "oidc_issuer", "oidc_subject"),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        *_texts("created_at", "changed_at", nullable=False),
        *_texts("browser_key"),
        sa.PrimaryKeyConstraint("fid", name="pk_account"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "session",
        _fid(),
        *_texts("id_hash", "account_id", "created_at", "seen_at", "expires_at", nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_session"),
        sa.UniqueConstraint("id_hash"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
    op.create_table(
        "api_token",
        _fid(),
        *_texts("id", "id_hash", "account_id", "label", "role", "created_at", "expires_at", nullable=False),
        *_texts("revoked_at"),
        sa.PrimaryKeyConstraint("fid", name="pk_api_token"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("id_hash"),
    )
    op.create_index("ix_api_token_account_id", "api_token", ["account_id"])
    op.create_table(
        "sign_in_attempt",
        _fid(),
        *_texts("key", "at", nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_sign_in_attempt"),
    )
    op.create_index("ix_sign_in_attempt_key", "sign_in_attempt", ["key"])
