"""The accounts' store remembers how far the registry's trail had come: a file set back without it is noticed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from buildingmap.accounts.schema import REGISTRY_HEAD
from buildingmap.registry import Head
from buildingmap.registry.errors import RegistryReadOnlyError, RegistryWriteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.registry.database import Database

# so many: a trail that was set back and written on from there stays unlike what was remembered
_KEPT: Final = 1000


class AccountsWitness:
    """A ``registry.Witness`` that keeps the heads beside the registry, in the accounts' store."""

    def __init__(self, accounts: Database) -> None:
        """Keep the heads in the store ``accounts``, as ``store_of`` opens it."""
        self._database = accounts

    def remember_head(self, head: Head) -> None:
        """Keep ``head``; what was remembered first of a version stays."""
        column = REGISTRY_HEAD.c
        with (
            suppress(RegistryWriteError, RegistryReadOnlyError),
            self._database.writing() as connection,
        ):
            known = connection.execute(
                select(column.fid).where(column.uid == head.uid, column.version == head.version)
            )
            if known.first() is not None:
                return
            connection.execute(
                insert(REGISTRY_HEAD), {"uid": head.uid, "version": head.version, "hash": head.hash}
            )
            connection.execute(
                delete(REGISTRY_HEAD).where(
                    (column.uid != head.uid) | (column.version <= head.version - _KEPT)
                )
            )

    def remembered_heads(self) -> Sequence[Head]:
        """Return the heads that are remembered of the content in force, by version."""
        column = REGISTRY_HEAD.c
        asked = select(column.uid, column.version, column.hash).order_by(column.version)
        with self._database.reading() as connection:
            return [Head(*row) for row in connection.execute(asked)]
