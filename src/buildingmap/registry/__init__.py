"""The store of towers and their records: versions, audit, history; and a bare layer file in its place."""

from buildingmap.registry.changes import Change, Revision, RowChange
from buildingmap.registry.content import tax_record_id
from buildingmap.registry.copying import move, restore_backup, tables_of_others
from buildingmap.registry.damage import Damage
from buildingmap.registry.errors import (
    Conflict,
    ConflictError,
    RecordFaultsError,
    RegistryBusyError,
    RegistryDamagedError,
    RegistryError,
    RegistryMissingError,
    RegistryReadOnlyError,
    RegistryWriteError,
    UnknownRecordError,
)
from buildingmap.registry.layer import LayerRegistry
from buildingmap.registry.opening import create_registry, open_registry
from buildingmap.registry.record_file import read_holdings
from buildingmap.registry.refusals import Refusal
from buildingmap.registry.rows import checked, fields_of
from buildingmap.registry.store import Registry, StoredRow
from buildingmap.registry.witness import Head, Witness
from buildingmap.registry.workbook import write_records

__all__ = [
    "Change",
    "Conflict",
    "ConflictError",
    "Damage",
    "Head",
    "LayerRegistry",
    "RecordFaultsError",
    "Refusal",
    "Registry",
    "RegistryBusyError",
    "RegistryDamagedError",
    "RegistryError",
    "RegistryMissingError",
    "RegistryReadOnlyError",
    "RegistryWriteError",
    "Revision",
    "RowChange",
    "StoredRow",
    "UnknownRecordError",
    "Witness",
    "checked",
    "create_registry",
    "fields_of",
    "move",
    "open_registry",
    "read_holdings",
    "restore_backup",
    "tables_of_others",
    "tax_record_id",
    "write_records",
]
