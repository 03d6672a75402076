"""The tables of the accounts' own store, the same in a file and in PostgreSQL; ``migrations`` make them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

METADATA: Final = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
)
_Number: Final = BigInteger().with_variant(Integer(), "sqlite")


def _fid() -> Column[Any]:
    return Column("fid", _Number, primary_key=True, autoincrement=True)


def _id() -> Column[Any]:
    return Column("id", Text, nullable=False, unique=True)


def _texts(*names: str, nullable: bool = True) -> list[Column[Any]]:
    return [Column(name, Text, nullable=nullable) for name in names]


# ``browser_key``: what the browsers that were signed in before are known by; a new password has a new one
ACCOUNT: Final = Table(
    "account",
    METADATA,
    _fid(),
    _id(),
    Column("name", Text, nullable=False, unique=True),
    *_texts("role", nullable=False),
    *_texts("password_hash", "oidc_issuer", "oidc_subject"),
    Column("disabled", Boolean, nullable=False),
    *_texts("created_at", "changed_at", nullable=False),
    *_texts("browser_key"),
)
SESSION: Final = Table(
    "session",
    METADATA,
    _fid(),
    Column("id_hash", Text, nullable=False, unique=True),
    Column("account_id", Text, nullable=False, index=True),
    *_texts("created_at", "seen_at", "expires_at", nullable=False),
)
API_TOKEN: Final = Table(
    "api_token",
    METADATA,
    _fid(),
    _id(),
    Column("id_hash", Text, nullable=False, unique=True),
    Column("account_id", Text, nullable=False, index=True),
    *_texts("label", "role", "created_at", "expires_at", nullable=False),
    *_texts("revoked_at"),
)
SIGN_IN_ATTEMPT: Final = Table(
    "sign_in_attempt",
    METADATA,
    _fid(),
    Column("key", Text, nullable=False, index=True),
    Column("at", Text, nullable=False),
)

# the trail: one row for each change of an account, ``hash`` seals it and everything before it
EVENT: Final = Table(
    "account_event",
    METADATA,
    Column("number", _Number, primary_key=True, autoincrement=False),
    *_texts("at", "actor", "action", "note", "changes_hash", "previous", "hash", nullable=False),
)
EVENT_CHANGE: Final = Table(
    "account_event_change",
    METADATA,
    _fid(),
    Column("number", _Number, nullable=False, index=True),
    *_texts("table_name", "row_id", nullable=False),
    *_texts("before", "after"),
)
Index("ix_account_event_change_row", EVENT_CHANGE.c.table_name, EVENT_CHANGE.c.row_id)
# one row: where the trail ends
TRAIL: Final = Table(
    "account_trail",
    METADATA,
    _fid(),
    Column("number", _Number, nullable=False),
    *_texts("head", nullable=False),
)

# how far the registry's own trail had come, kept outside the registry's file
REGISTRY_HEAD: Final = Table(
    "registry_head",
    METADATA,
    _fid(),
    *_texts("uid", nullable=False),
    Column("version", _Number, nullable=False),
    *_texts("hash", nullable=False),
    UniqueConstraint("uid", "version"),
)

# who read what is confidential, and never what stood there
CONFIDENTIAL_READ: Final = Table(
    "confidential_read",
    METADATA,
    _fid(),
    Column("at", Text, nullable=False, index=True),
    *_texts("account", "address", "route", "filter", nullable=False),
    Column("status", Integer, nullable=False),
)
Index("ix_confidential_read_account", CONFIDENTIAL_READ.c.account)
