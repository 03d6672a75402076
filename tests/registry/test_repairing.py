"""``verify`` sees what is wrong, ``repair`` mends what can be mended, and says so before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from sqlalchemy import select, text, update

from buildingmap.registry import Change, Head
from buildingmap.registry.changes import Revision, hash_of, written
from buildingmap.registry.schema import AUDIT, AUDIT_CHANGE, REGISTRY
from buildingmap.registry.sealing import sealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.registry import Registry

    Rows = list[tuple[str, str, str | None, str | None]]


class Notebook:
    """A witness that keeps the highest version of each content, as one should."""

    def __init__(self) -> None:
        self.heads: dict[str, Head] = {}

    def remember_head(self, head: Head) -> None:
        known = self.heads.pop(head.uid, head)
        self.heads[head.uid] = max(known, head, key=lambda one: one.version)

    def remembered_heads(self) -> Sequence[Head]:
        return list(self.heads.values())


def codes(registry: Registry) -> list[str]:
    return [damage.code for damage in registry.verify()]


def with_a_gap(registry: Registry) -> None:
    """Seal a change over what another program had typed, as the registry once did without noticing."""
    with registry.database.writing() as connection:
        connection.execute(text("UPDATE registry SET writing = 1"))
        state = connection.execute(select(REGISTRY)).mappings().one()
        asked = select(AUDIT_CHANGE.c.after).where(AUDIT_CHANGE.c.row_id == "CBD-01")
        before = orjson.loads(
            connection.execute(asked.where(AUDIT_CHANGE.c.table_name == "building")).scalar_one()
        )
        typed, after = before | {"floors": 26}, before | {"floors": 26, "name": "新名"}
        rows: Rows = [("building", "CBD-01", written(typed), written(after))]
        revision = Revision(
            2, "2026-01-01T00:00:00.000000Z", "editor", "edit", "", 1, hash_of(rows), state["head"], ""
        )
        sealed(connection, revision, rows)
        connection.execute(
            text(
                "UPDATE building SET floors = 26, name = '新名', version = 2, changed_by = 'editor', "
                "changed_at = '2026-01-01T00:00:00.000000Z' WHERE id = 'CBD-01'"
            )
        )
        connection.execute(text("UPDATE registry SET writing = NULL"))


def test_a_trail_in_which_a_change_does_not_begin_where_the_last_one_ended_is_not_whole(
    registry: Registry,
) -> None:
    with_a_gap(registry)
    assert codes(registry) == ["gap"]
    assert [step.code for step in registry.repair(actor="admin", tries=True)] == ["note_gap"]
    assert registry.version == 2
    registry.repair(actor="admin")
    assert registry.revisions(limit=1)[0].actor == "admin"
    assert registry.verify() == []
    # the old gap is known, a new one is not
    registry.apply([Change("building", "CBD-01", {"floors": 27})], actor="editor")
    assert registry.verify() == []


def test_a_trial_of_the_repair_changes_nothing(registry: Registry) -> None:
    with registry.database.writing() as connection:
        connection.execute(text("UPDATE building SET floors = 26 WHERE id = 'CBD-01'"))
    before = codes(registry)
    assert [step.text() for step in registry.repair(actor="admin", tries=True)] == [
        "take in as a revision by 'outside': building 'CBD-01' (floors)"
    ]
    assert codes(registry) == before == ["row"]
    registry.repair(actor="admin")
    assert registry.verify() == []
    assert registry.repair(actor="admin", tries=True) == []


def test_a_trail_that_was_rewritten_is_told_and_never_mended(registry: Registry) -> None:
    with registry.database.writing() as connection:
        connection.execute(text("UPDATE registry SET writing = 1"))
        connection.execute(update(AUDIT).values(actor="somebody else"))
        connection.execute(text("UPDATE registry SET writing = NULL"))
    assert codes(registry) == ["audit", *["stamp"] * (len(codes(registry)) - 1)]
    registry.repair(actor="admin")
    assert "audit" in codes(registry)


def test_a_registry_set_back_is_remembered_anew_only_by_repair(registry: Registry) -> None:
    witness = Notebook()
    registry.attach_witness(witness)
    witness.remember_head(Head(next(iter(witness.heads)), 9, "x"))
    assert codes(registry) == ["remembered"]
    assert [step.code for step in registry.repair(actor="admin", tries=True)] == ["remember"]
    registry.repair(actor="admin")
    assert registry.verify() == []
    registry.apply([Change("building", "CBD-01", {"floors": 27})], actor="editor")
    assert registry.verify() == []


def test_a_table_without_its_checks_is_named(registry: Registry) -> None:
    with registry.database.writing() as connection:
        if registry.database.is_geopackage:
            connection.exec_driver_sql("CREATE TABLE other AS SELECT * FROM goal")
            connection.exec_driver_sql("DROP TABLE goal")
            connection.exec_driver_sql("ALTER TABLE other RENAME TO goal")
        else:
            connection.exec_driver_sql("ALTER TABLE goal DROP CONSTRAINT ck_goal_year")
    assert "no_checks" in codes(registry)
