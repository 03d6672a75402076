"""What other programs write into the registry: taken in as a revision, or put back and kept beside, never lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import delete, insert, select, update

from buildingmap.model import Expected, Fault
from buildingmap.model.faults import shown
from buildingmap.registry import geopackage, guards
from buildingmap.registry.changes import Revision, hash_of, written
from buildingmap.registry.errors import RegistryDamagedError
from buildingmap.registry.integrity import Step, dangling, twice
from buildingmap.registry.rows import TABLES, checked, stored, table_of
from buildingmap.registry.schema import (
    METADATA,
    OUTSIDE,
    OUTSIDE_REFUSED,
    OUTSIDE_WRITE,
    REGISTRY,
)
from buildingmap.registry.sealing import now, sealed
from buildingmap.registry.settings import SETTINGS, checked_settings, put_settings, settings_of
from buildingmap.registry.trail import Told, end_of, told, told_settings
from buildingmap.registry.typed import TypedRow, typed_notes, typed_rows, typed_state, written_typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from buildingmap.model import District
    from buildingmap.registry.damage import Damage

_LONGEST_NOTE: Final = 200
_TRAIL: Final = ("audit", "audit_change")


@dataclass(frozen=True, slots=True)
class Refused:
    """What another program typed and was put back: beside it what is in force, None for no row, and why."""

    table: str
    row_id: str
    typed: dict[str, Any] | None
    in_force: dict[str, Any] | None
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Taken:
    """What came of looking at other programs' writes; ``mended``: triggers and tables that had to be made again."""

    revision: Revision | None = None
    accepted: list[Step] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    mended: list[Damage] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.accepted or self.refused or self.mended)


@dataclass(slots=True)
class _Found:
    """A row that is not as the trail tells it: its number, None where it is gone, and what would become of it."""

    step: Step
    word: Told | None
    fid: int | None
    typed: dict[str, Any] | None


def take_in(connection: Connection, *, district: District, everything: bool = False) -> Taken:
    """Look at what other programs wrote since the last time, inside the transaction of ``connection``.

    ``everything``: hold every row against the trail, not only the tables that were noted. Raises RegistryDamagedError
    where the audit trail itself is gone.
    """
    taken = Taken(mended=guards.differences(connection))
    remade = _mend(connection, taken) if taken.mended else frozenset[str]()
    state, notes = typed_state(connection), typed_notes(connection)
    tables = {note["table_name"] for note in notes}
    if everything or taken.mended or SETTINGS in tables or state is None or state["writing"] is not None:
        tables = {SETTINGS, *TABLES}
    if not tables:
        return taken
    with guards.as_ours(connection):
        if SETTINGS in tables:
            _settings(connection, taken)
    with guards.as_ours(connection):
        for table in remade.intersection(TABLES):
            _refill(connection, table)
        _rows(connection, [table for table in TABLES if table in tables], district, taken, notes)
        connection.execute(delete(OUTSIDE_WRITE))
        if taken.accepted or taken.refused:
            who = sorted({note["who"] for note in notes if note["who"]})
            _tell(connection, taken, ", ".join(who)[:_LONGEST_NOTE])
    return taken


def _mend(connection: Connection, taken: Taken) -> frozenset[str]:
    """Make triggers and tables again that another program took away; return the tables, whose rows are to come back."""
    strange = guards.strange_tables(connection, guards.tables_of(connection))
    for table in strange:
        _put_aside(connection, table, taken)
    present = guards.tables_of(connection)
    if not present.issuperset(_TRAIL):
        raise _trail_gone("audit")
    gone = {*TABLES, SETTINGS, OUTSIDE_WRITE.name, OUTSIDE_REFUSED.name} - present
    for name in sorted(gone):
        METADATA.tables[name].create(connection)
    guards.install(connection)
    if connection.dialect.name == "sqlite":
        geopackage.describe(connection)
    return frozenset(gone)


def _put_aside(connection: Connection, table: str, taken: Taken) -> None:
    """Keep a table of our name and other columns under another name, and make room for ours."""
    if table in _TRAIL:
        raise _trail_gone(table)
    there = guards.tables_of(connection)
    aside = next(name for number in count(1) if (name := f"{table}_outside_{number}") not in there)
    connection.exec_driver_sql(f'CREATE TABLE "{aside}" AS SELECT * FROM "{table}"')  # noqa: S608 - our own names
    if connection.dialect.name == "sqlite":
        geopackage.forget(connection, table)
    connection.exec_driver_sql(f'DROP TABLE "{table}"')
    typed = {"table": aside}
    taken.refused.append(Refused(table, "*", typed, {"table": table}, (_own("*", "table", aside, table),)))


def _trail_gone(table: str) -> RegistryDamagedError:
    return RegistryDamagedError([Fault(Expected.of("registry_own", value=table), table, "nothing")])


def _refill(connection: Connection, table: str) -> None:
    rows = [
        stored(table, word.values) | word.stamp
        for word in told(connection, table).values()
        if word.values is not None
    ]
    if rows:
        connection.execute(insert(table_of(table)), rows)


def _settings(connection: Connection, taken: Taken) -> None:
    in_force, end = told_settings(connection), end_of(connection)
    if in_force is None or end is None:
        return
    version, head = end
    state = typed_state(connection)
    typed = None if state is None else settings_of(state)
    if typed != in_force:
        found = [_gone(SETTINGS)] if typed is None else checked_settings(typed, in_force)
        if isinstance(found, list):
            put_settings(connection, in_force)
            taken.refused.append(Refused(SETTINGS, SETTINGS, typed, in_force, tuple(found)))
        else:
            taken.accepted.append(Step(SETTINGS, SETTINGS, in_force, found))
    if state is not None and (state["version"], state["head"]) != end:
        faults = [
            _own(SETTINGS, name, state[name], value)
            for name, value in (("version", version), ("head", head))
            if state[name] != value
        ]
        own = {"version": state["version"], "head": state["head"]}
        taken.refused.append(
            Refused(SETTINGS, SETTINGS, own, {"version": version, "head": head}, tuple(faults))
        )
    connection.execute(update(REGISTRY).values(version=version, head=head))


def _own(row_id: str, name: str, typed: object, value: object) -> Fault:
    return Fault(Expected.of("registry_own", value=value), name, shown(typed), building_id=row_id)


def _gone(row_id: str) -> Fault:
    return Fault(Expected.of("record_known"), "id", "nothing", building_id=row_id, found_zh="空")


def _rows(
    connection: Connection,
    tables: Sequence[str],
    district: District,
    taken: Taken,
    notes: Sequence[dict[str, Any]],
) -> None:
    left: list[_Found] = []
    for table in tables:
        left += _not_renamed(connection, _unlike(connection, table, district, taken), table, notes, taken)
    while True:
        steps = [found.step for found in left]
        faults = dangling(connection, steps) or twice(connection, steps)
        if not faults:
            break
        by_row: dict[str, list[Fault]] = {}
        for fault in faults:
            for name in {fault.building_id, dict(fault.expected.values).get("other")} - {None}:
                by_row.setdefault(str(name), []).append(fault)
        wrong = [found for found in left if found.step.row_id in by_row] or left
        for found in wrong:
            _refuse(connection, found, tuple(by_row.get(found.step.row_id, faults)), taken)
        put_back = {id(found) for found in wrong}
        left = [found for found in left if id(found) not in put_back]
    for found in left:
        taken.accepted.append(found.step)
        found.step.fid = found.fid


def _not_renamed(
    connection: Connection, unlike: list[_Found], table: str, notes: Sequence[dict[str, Any]], taken: Taken
) -> list[_Found]:
    """Put back the rows whose id was changed, the old one and the new one together; return the others.

    Everything else names a row by its id. As two changes, the old row could come back beside the new one.
    """
    own = [note for note in notes if note["table_name"] == table]
    renamed: dict[str, tuple[str, str]] = {}
    for first, second in pairwise(own):  # the triggers note the new id, then the former one
        if first["what"] == second["what"] == "update" and first["row_id"] != second["row_id"]:
            renamed[first["row_id"]] = renamed[second["row_id"]] = (second["row_id"], first["row_id"])
    whole = {note["row_id"] for note in own if note["what"] in {"insert", "delete"}}
    left = []
    for found in unlike:
        row_id, step = found.step.row_id, found.step
        half = step.before is None or step.after is None
        if half and row_id in renamed and row_id not in whole:
            former, new = renamed[row_id]
            _refuse(connection, found, (_own(row_id, "id", new, former),), taken)
        else:
            left.append(found)
    return left


def _unlike(connection: Connection, table: str, district: District, taken: Taken) -> list[_Found]:
    """Return the rows of a table that are not as the trail tells them and may be so; put the others back."""
    words, left = told(connection, table), []
    for row in list(typed_rows(connection, table)):
        word = words.pop(row.row_id, None)
        if word is not None and word.after == written_typed(row.values):
            _stamp_back(connection, table, row, word, taken)
            continue
        before = None if word is None else word.values
        found = checked(table, row.values, district)
        step = Step(table, row.row_id, before, None if isinstance(found, list) else found)
        unlike = _Found(step, word, row.fid, row.values)
        if isinstance(found, list):
            _refuse(connection, unlike, tuple(found), taken)
        elif found == before:  # the same, written otherwise
            _put_back(connection, unlike)
        else:
            left.append(unlike)
    return left + [
        _Found(Step(table, row_id, word.values, None), word, None, None)
        for row_id, word in words.items()
        if word.after is not None
    ]


def _stamp_back(connection: Connection, table: str, row: TypedRow, word: Told, taken: Taken) -> None:
    if row.stamp == word.stamp:
        return
    faults = [
        _own(row.row_id, name, row.stamp[name], value)
        for name, value in word.stamp.items()
        if row.stamp[name] != value
    ]
    columns = table_of(table)
    connection.execute(update(columns).where(columns.c.fid == row.fid).values(**word.stamp))
    taken.refused.append(Refused(table, row.row_id, row.stamp, word.stamp, tuple(faults)))


def _refuse(connection: Connection, found: _Found, faults: tuple[Fault, ...], taken: Taken) -> None:
    _put_back(connection, found)
    taken.refused.append(Refused(found.step.table, found.step.row_id, found.typed, found.step.before, faults))


def _put_back(connection: Connection, found: _Found) -> None:
    columns, word = table_of(found.step.table), found.word
    own = columns.c.fid == found.fid
    if word is None or word.values is None:
        connection.execute(delete(columns).where(own))
        return
    row = stored(found.step.table, word.values) | word.stamp
    if found.fid is None:
        connection.execute(insert(columns), row)
    else:
        connection.execute(update(columns).where(own).values(**row))


def _tell(connection: Connection, taken: Taken, note: str) -> None:
    """Stamp what was taken in, and seal a revision that tells of it and of what was put back."""
    state = connection.execute(select(REGISTRY)).mappings().one()
    version, at = int(state["version"]) + 1, now()
    for step in taken.accepted:
        if step.after is not None and step.table != SETTINGS:
            columns = table_of(step.table)
            row = stored(step.table, step.after) | {
                "version": version,
                "changed_at": at,
                "changed_by": OUTSIDE,
            }
            connection.execute(update(columns).where(columns.c.fid == step.fid).values(**row))
    rows = [(step.table, step.row_id, written(step.before), written(step.after)) for step in taken.accepted]
    action = "outside" if rows else "outside put back"
    revision = Revision(version, at, OUTSIDE, action, note, len(rows), hash_of(rows), state["head"], "")
    taken.revision = sealed(connection, revision, rows)
    if taken.refused:
        connection.execute(insert(OUTSIDE_REFUSED), [_kept(refused, version) for refused in taken.refused])


def _kept(refused: Refused, version: int) -> dict[str, Any]:
    return {
        "version": version,
        "table_name": refused.table,
        "row_id": _plain(refused.row_id),
        "typed": None if refused.typed is None else _lenient(refused.typed),
        "in_force": written(refused.in_force),
        "faults": _lenient([_fault_kept(fault) for fault in refused.faults]),
    }


def _fault_kept(fault: Fault) -> dict[str, Any]:
    return {
        "code": fault.expected.code,
        "values": dict(fault.expected.values),
        "field": fault.field,
        "found": fault.found,
        "found_zh": fault.found_zh,
    }


def _lenient(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return orjson.dumps(_plainly(value), option=orjson.OPT_SORT_KEYS).decode()


def _plainly(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plainly(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_plainly(entry) for entry in value]
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    r"""Return typed text as UTF-8 can hold it, each byte that is no text as ``\xff``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
