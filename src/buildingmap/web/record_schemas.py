"""The shapes of what the registry answers about its rows and revisions, as JSON Schema."""

from __future__ import annotations

from typing import Final

from buildingmap.accounts import ROLES
from buildingmap.registry.rows import TABLES
from buildingmap.registry.settings import SETTINGS
from buildingmap.web.schemas import Schema, closed, ref

_TEXT: Final[Schema] = {"type": "string"}
_VERSION: Final[Schema] = {"type": "integer", "minimum": 0}
_CELL: Final[Schema] = closed({"old": {}, "new": {}})

_AT: Final[Schema] = {"type": "string", "format": "date-time"}
_EVENT: Final[Schema] = {
    "number": _VERSION,
    "at": _AT,
    **dict.fromkeys(("actor", "action", "note"), _TEXT),
    "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
_READ: Final[Schema] = {
    "number": _VERSION,
    "at": _AT,
    **dict.fromkeys(("account", "address", "route", "filter"), _TEXT),
    "status": _VERSION,
}


def record_components() -> Schema:
    """Return the named schemas of rows, revisions and the session."""
    table: Schema = {"enum": sorted(TABLES)}
    # and the registry's own row: its title, source and as-of date
    every_table: Schema = {"enum": sorted((*TABLES, SETTINGS))}
    revision: Schema = {
        "version": _VERSION,
        "at": {"type": "string", "format": "date-time"},
        "actor": _TEXT,
        "action": _TEXT,
        "note": _TEXT,
        "row_count": _VERSION,
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
    change = {
        "table": every_table,
        "id": _TEXT,
        "kind": {"enum": ["added", "changed", "deleted"]},
        "fields": {"type": "object", "additionalProperties": _CELL},
    }
    return {
        "Session": closed(
            {"role": {"enum": list(ROLES)}, "name": {"type": ["string", "null"]}, "csrf": _TEXT}
        ),
        "Values": closed({"values": {"type": "object", "description": "fields by name"}}),
        "Row": closed(
            {
                "table": table,
                "id": _TEXT,
                "version": _VERSION,
                "changed_at": _TEXT,
                "changed_by": _TEXT,
                "values": {"type": "object"},
            }
        ),
        "Revision": closed(revision),
        "Revisions": closed({"revisions": {"type": "array", "items": ref("Revision")}}),
        "Change": closed(change),
        "RevisionWithChanges": closed(
            {
                **revision,
                "changes": {"type": "array", "items": ref("Change")},
                "refused": {"type": "array", "items": ref("Refusal")},
                "refused_count": _VERSION,
            }
        ),
        "Refusal": closed(
            {
                "version": _VERSION,
                "table": every_table,
                "id": _TEXT,
                "typed": {"type": ["object", "null"]},
                "in_force": {"type": ["object", "null"]},
                "faults": {
                    "type": "array",
                    "items": closed({"field": _TEXT, "found": _TEXT, "expected": _TEXT}),
                },
                "settled_by": {"type": ["string", "null"]},
                "settled_at": {"type": ["string", "null"]},
            }
        ),
        "Refusals": closed(
            {
                "refusals": {"type": "array", "items": ref("Refusal")},
                "count": _VERSION,
                "older": {"type": ["integer", "null"]},
            }
        ),
        "AccountEvents": closed({"events": {"type": "array", "items": closed(_EVENT)}}),
        "AccessLog": closed(
            {
                "days": _VERSION,
                "reads": {"type": "array", "items": closed(_READ)},
                "next_before": {"type": ["integer", "null"]},
            }
        ),
        "RevisionMade": closed({"revision": {"anyOf": [ref("Revision"), {"type": "null"}]}}),
    }
