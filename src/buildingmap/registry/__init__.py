"""The store of towers and their records: versions, audit, history; and a bare layer file in its place."""

from buildingmap.registry.changes import Change, Revision, RowChange
from buildingmap.registry.copying import move, restore_backup
from buildingmap.registry.errors import (
    Conflict,
    ConflictError,
    RecordFaultsError,
    RegistryError,
    RegistryMissingError,
    RegistryReadOnlyError,
    RegistryWriteError,
    UnknownRecordError,
)
from buildingmap.registry.layer import LayerRegistry
from buildingmap.registry.record_file import read_holdings
from buildingmap.registry.store import Registry, StoredRow, create_registry, open_registry

__all__ = [
    "Change",
    "Conflict",
    "ConflictError",
    "LayerRegistry",
    "RecordFaultsError",
    "Registry",
    "RegistryError",
    "RegistryMissingError",
    "RegistryReadOnlyError",
    "RegistryWriteError",
    "Revision",
    "RowChange",
    "StoredRow",
    "UnknownRecordError",
    "create_registry",
    "move",
    "open_registry",
    "read_holdings",
    "restore_backup",
]
