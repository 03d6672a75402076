"""What the model says of a field, as CHECK constraints that both stores understand: other programs write here too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from buildingmap.model import RECORDS, Building

if TYPE_CHECKING:
    from collections.abc import Iterator

# what the model holds against one another in code, which its schema cannot say
_RULES: Final[dict[str, dict[str, str]]] = {
    "building": {
        "shape": "geometry IS NOT NULL",
        "leasable_over_gross": "leasable_area_m2 <= floor_area_m2",
    },
    "tax_record": {"revenue_over_tax": "district_revenue_yuan <= tax_yuan"},
    "tenant": {"lease_order": "lease_end >= lease_start"},
    "floor": {"ground": "number <> 0"},
    "unit": {"ground": "floor <> 0"},
}
# kept as text with commas between, not as the model has it
_OTHERWISE_KEPT: Final = frozenset({"sectors"})
# texts of more than a plain line: their outer white space is theirs
_NO_LINES: Final = frozenset({("tenant", "floors"), ("plan", "document"), ("import_mapping", "document")})
_BOUNDS: Final = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}


def checks_of(table: str, columns: frozenset[str]) -> dict[str, str]:
    """Return the conditions on the rows of a table by name, in SQL that SQLite and PostgreSQL read alike.

    ``columns``: those that the table has. A condition that is unknown because a field is empty holds.
    """
    kind = Building if table == "building" else RECORDS[table]
    described = kind.model_json_schema()
    checks = {}
    for name, field in described["properties"].items():
        if name in columns and name not in _OTHERWISE_KEPT:
            known, may_be_empty = _of_field(field)
            parts = [*_parts(name, known)]
            if known.get("type") == "string" and "maxLength" in known and (table, name) not in _NO_LINES:
                parts.insert(0, f"{name} = trim({name})")
            if not may_be_empty:
                parts.insert(0, f"{name} IS NOT NULL")
            if parts:
                checks[f"ck_{table}_{name}"] = " AND ".join(parts)
    return checks | {f"ck_{table}_{name}": rule for name, rule in _RULES.get(table, {}).items()}


def _of_field(field: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return what the schema says of a field's value, and whether the field may be empty."""
    choices = field.get("anyOf", [field])
    (known,) = [choice for choice in choices if choice.get("type") != "null"]
    return known, len(choices) > 1


def _parts(name: str, known: dict[str, Any]) -> Iterator[str]:
    kind = known.get("type")
    if "enum" in known:
        listed = ", ".join(f"'{choice}'" for choice in known["enum"])
        yield f"{name} IN ({listed})"
    elif known.get("format") == "date":
        # SQLite keeps a day as text, and any text; what is no day has no date
        yield f"({name} IS NULL) = (date({name}) IS NULL) AND {name} = date({name})"
        yield f"{name} >= '0001-01-01' AND {name} <= '9999-12-31'"  # PostgreSQL has infinite ones
    elif kind == "string":
        yield from _lengths(name, known)
    elif kind == "boolean":
        yield f"{name} IN (TRUE, FALSE)"
    elif kind in {"integer", "number"}:
        # SQLite keeps what is no number as it was typed
        yield f"{name} = CAST({name} AS {'INTEGER' if kind == 'integer' else 'DOUBLE PRECISION'})"
        yield from (f"{name} {sign} {known[bound]}" for bound, sign in _BOUNDS.items() if bound in known)


def _lengths(name: str, known: dict[str, Any]) -> Iterator[str]:
    if "minLength" in known:
        yield f"length({name}) >= {known['minLength']}"
    if "maxLength" in known:
        yield f"length({name}) <= {known['maxLength']}"
