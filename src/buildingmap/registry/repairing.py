"""A registry proved, and mended as far as it can be: the tables, triggers and rows; never the trail of its past."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from buildingmap.registry import guards, outside, proof
from buildingmap.registry.changes import Revision, RowChange, hash_of, written
from buildingmap.registry.damage import Damage
from buildingmap.registry.looking import tell
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, REGISTRY
from buildingmap.registry.sealing import now, sealed
from buildingmap.registry.settings import SETTINGS, put_settings, settings_of
from buildingmap.registry.witness import Head

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from buildingmap.model import District
    from buildingmap.registry.database import Database
    from buildingmap.registry.integrity import Step
    from buildingmap.registry.outside import Taken
    from buildingmap.registry.witness import Witness

# without these tables there is no trail to hold anything against
_PROVED: Final = frozenset({REGISTRY.name, AUDIT.name, AUDIT_CHANGE.name})
# a trail that was changed is evidence: nobody writes it anew
_BEYOND: Final = frozenset({"file", "number", "link", "audit", "changes"})


def damage_of(database: Database, witness: Witness | None) -> list[Damage]:
    """Return each place where the store, its trail, its guards or its past as ``witness`` knows it are not whole."""
    with database.reading() as connection:
        damage = _of_file(connection) if database.is_geopackage else []
        tables = [one for one in guards.differences(connection) if one.code in {"no_table", "other_table"}]
        if not _PROVED.isdisjoint({dict(one.values)["table"] for one in tables}):
            return damage + tables  # nothing else can be proved
        damage += proof.broken_links(connection)
        damage += proof.outside_changes(connection)
        damage += proof.missing_checks(connection)
        if witness is not None:
            damage += proof.unlike_remembered(connection, witness)
    return damage


def _of_file(connection: Connection) -> list[Damage]:
    lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    # a cell that does not pass a CHECK is told with its row, in our own words
    return [
        Damage.of("file", what=line)
        for line in lines
        if line != "ok"
        and not str(line).startswith(("CHECK constraint failed", "NUMERIC value", "TEXT value"))
    ]


def repair(
    database: Database, witness: Witness | None, *, district: District, actor: str, tries: bool
) -> list[Damage]:
    """Mend the store in one transaction and return what was done, or with ``tries`` would be. Raises RegistryError."""
    done: list[Damage] = []
    with database.writing() as connection:
        if _is_marked(connection):
            done.append(Damage.of("make_again", what=Damage.of("mark")))
        taken = outside.take_in(connection, district=district, everything=True)
        done += _done(taken)
        guards.take_mark_away(connection)
        left = list(proof.broken_links(connection))
        otherwise = [] if witness is None else list(proof.unlike_remembered(connection, witness))
        done += [Damage.of("beyond", what=one) for one in left if one.code in _BEYOND]
        done += proof.missing_checks(connection)
        gaps = [Damage.of("note_gap", what=one) for one in left if one.code == "gap"]
        remembered = [Damage.of("remember", what=one) for one in otherwise]
        done += gaps + remembered
        if gaps or remembered:
            _note(connection, actor, anew=bool(remembered))
        if tries:
            connection.rollback()
            return done
    tell(taken)
    if witness is not None:
        with database.reading() as connection:
            found = connection.execute(select(REGISTRY.c.uid, REGISTRY.c.version, REGISTRY.c.head)).one()
        witness.remember_head(Head(*found))
    return done


def _is_marked(connection: Connection) -> bool:
    there = REGISTRY.name in guards.tables_of(connection)
    return there and connection.execute(select(REGISTRY.c.writing)).scalar() is not None


def _done(taken: Taken) -> list[Damage]:
    return [
        *(Damage.of("make_again", what=one) for one in taken.mended),
        *(_taken_in(step) for step in taken.accepted),
        *(
            Damage.of(
                "put_back",
                table=refused.table,
                row=repr(refused.row_id),
                fields=", ".join(sorted({fault.field for fault in refused.faults})),
            )
            for refused in taken.refused
        ),
    ]


def _taken_in(step: Step) -> Damage:
    named = {"table": step.table, "row": repr(step.row_id)}
    if step.before is None:
        return Damage.of("take_in_new", **named)
    if step.after is None:
        return Damage.of("take_in_gone", **named)
    fields = RowChange(0, step.table, step.row_id, step.before, step.after).fields
    return Damage.of("take_in", **named, fields=", ".join(sorted(fields)))


def _note(connection: Connection, actor: str, *, anew: bool) -> None:
    """Seal a revision that takes note of what cannot be mended; ``anew``: of a content that is another one from now."""
    state = connection.execute(select(REGISTRY)).mappings().one()
    before = settings_of(state)
    after = before | {"uid": uuid.uuid4().hex} if anew else before
    rows = [(SETTINGS, SETTINGS, written(before), written(after))] if anew else []
    version = int(state["version"]) + 1
    with guards.as_ours(connection):
        put_settings(connection, after)
        revision = Revision(
            version, now(), actor, proof.REPAIRED, "", len(rows), hash_of(rows), state["head"], ""
        )
        sealed(connection, revision, rows)
