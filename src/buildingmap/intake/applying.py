"""Put a previewed import into the registry: the whole of it or nothing; and remember how the table was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from buildingmap.intake.errors import ImportRefusedError
from buildingmap.intake.mapping import fingerprint, mapping_json
from buildingmap.registry import Change

if TYPE_CHECKING:
    from buildingmap.intake.choosing import Chosen
    from buildingmap.intake.preview import Preview
    from buildingmap.registry import Registry, Revision

_LONGEST_NAME = 200


def apply(preview: Preview, registry: Registry, *, actor: str, name: str) -> Revision | None:
    """Write what ``preview`` shows as one revision named after the file ``name``; None where nothing changes.

    Raises ImportRefusedError where there are faults, ConflictError where a row has changed since the preview,
    RecordFaultsError and RegistryWriteError as the registry does; then nothing is written.
    """
    if not preview.ok:
        raise ImportRefusedError([found.fault for found in preview.faults])
    if not preview.changes:
        return None
    return registry.apply(preview.changes, actor=actor, action="import", note=name[:_LONGEST_NAME])


def remember(chosen: Chosen, registry: Registry, *, actor: str, name: str) -> None:
    """Keep how a table was read, so that the next one with the same headers is read alike. ``name``: for people."""
    values = {
        "name": name.strip()[:_LONGEST_NAME] or chosen.mapping.table,
        "document": orjson.dumps(mapping_json(chosen.mapping)).decode(),
    }
    change = Change("import_mapping", fingerprint(chosen.table.headers), values)
    registry.apply([change], actor=actor, action="edit", note="import_mapping")
