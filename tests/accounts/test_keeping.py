"""A registry and its accounts: two files that are made, copied, moved and put back together."""

from __future__ import annotations

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from buildingmap.accounts import (
    AccountError,
    Accounts,
    ApiTokens,
    attend,
    back_up,
    move,
    restore_backup,
    store_of,
)
from buildingmap.accounts.schema import ACCOUNT, API_TOKEN, METADATA, SESSION
from buildingmap.registry import Registry, RegistryError, create_registry, migrating, open_registry
from buildingmap.registry.companion import place_beside
from buildingmap.snapshot import LayerNote
from tests.accounts import past
from tests.accounts.conftest import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildingmap.model import District, Surroundings

    Open = Callable[[str | Path], Registry]

HERE = "192.0.2.1"
_TABLES = {"account", "session", "api_token", "sign_in_attempt"}


@pytest.fixture
def opened(district: District, surroundings: Surroundings) -> Open:
    def open_it(place: str | Path) -> Registry:
        return open_registry(place, district=district, surroundings=surroundings)

    return open_it


@pytest.fixture
def old(registry: Registry, location: str) -> str:
    """Where a registry of an older program lies, with accounts inside."""
    registry.close()
    past.put_accounts_inside(location)
    return location


def tables_of(registry: Registry) -> set[str]:
    listed = (
        "SELECT name FROM sqlite_master"
        if registry.database.is_geopackage
        else "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
    )
    with registry.database.reading() as connection:
        return set(connection.execute(text(listed)).scalars())


def bytes_of(registry: str) -> bytes:
    """What a colleague gets who is handed the registry."""
    return b"".join(path.read_bytes() for path in (Path(registry), Path(f"{registry}-wal")) if path.exists())


def test_the_migrations_make_the_schema_that_the_code_describes(registry: Registry) -> None:
    with store_of(registry).engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": METADATA})
        assert compare_metadata(context, METADATA) == []


def test_accounts_that_come_from_inside_a_registry_have_the_schema_that_the_code_describes(
    old: str, opened: Open
) -> None:
    with opened(old) as registry, store_of(registry).engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": METADATA})
        assert compare_metadata(context, METADATA) == []


def test_a_registry_that_is_handed_on_holds_no_account(
    accounts: Accounts, registry: Registry, location: str, tokens: ApiTokens
) -> None:
    accounts.sign_in("lin", PASSWORD, address=HERE)
    tokens.add(accounts.named("lin"), "nightly", "editor", lasts=timedelta(days=1))
    assert not tables_of(registry) & _TABLES
    if registry.database.is_geopackage:
        registry.close()
        assert b"$argon2" not in bytes_of(location)
        assert b"nightly" not in bytes_of(location)


def test_only_its_owner_can_read_the_accounts(
    accounts: Accounts, registry: Registry, location: str, opened: Open
) -> None:
    if not registry.database.is_geopackage:
        return
    accounts.sign_in("lin", PASSWORD, address=HERE)
    beside = place_beside(Path(location))
    files = list(beside.parent.glob(f"{beside.name}*"))
    assert len(files) > 1, "the log beside it is meant too"
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    registry.close()
    beside.chmod(0o644)  # as a copy may come
    with opened(location) as again:
        store_of(again)
        assert stat.S_IMODE(beside.stat().st_mode) == 0o600


def test_accounts_inside_an_old_registry_move_out_without_loss(old: str, opened: Open) -> None:
    with opened(old) as registry:
        accounts = Accounts(registry)
        assert [(entry.name, entry.role) for entry in accounts.all()] == [
            ("boss", "admin"),
            ("lin", "editor"),
        ]
        with store_of(registry).reading() as connection:
            assert connection.execute(select(ACCOUNT.c.password_hash)).scalars().all() == [past.MARK] * 2
            assert connection.execute(select(SESSION.c.id_hash)).scalars().all() == ["session-digest"]
            assert connection.execute(select(API_TOKEN.c.id_hash)).scalars().all() == ["token-digest"]
        assert not tables_of(registry) & _TABLES
        (moved,) = accounts.events()
        assert moved.action == "accounts moved"
        assert registry.verify() == []
    with opened(old) as again:
        Accounts(again).set_role("lin", "analyst", actor="boss")
        assert Accounts(again).named("lin").role == "analyst"


def test_nothing_of_the_accounts_stays_in_the_file_not_even_in_freed_pages(
    old: str, opened: Open, tmp_path: Path
) -> None:
    if "://" in old:
        return
    past.delete_a_session_and_leave_its_page(old)
    before = bytes_of(old)
    assert past.MARK.encode() in before
    assert b"freed-digest" in before, "this test would prove nothing"
    opened(old).close()
    for word in (past.MARK, "freed-digest", "session-digest", "token-digest", "nightly"):
        assert word.encode() not in bytes_of(old)
    (kept,) = tmp_path.glob("*backup*.gpkg")
    assert past.MARK.encode() in kept.read_bytes(), "a copy of before is kept"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_file_that_could_not_be_written_anew_is_at_the_next_start(
    old: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "://" in old:
        return
    past.delete_a_session_and_leave_its_page(old)
    with monkeypatch.context() as killed:
        killed.setattr(migrating, "_sweep", lambda _database: None)
        opened(old).close()
    assert b"freed-digest" in bytes_of(old)
    with opened(old) as registry:
        assert migrating.UNSWEPT not in tables_of(registry)
    assert b"freed-digest" not in bytes_of(old)


@pytest.mark.parametrize("moment", ["before the new file", "after the new file"])
def test_a_move_that_breaks_off_leaves_every_account_and_is_done_the_next_time(
    old: str, opened: Open, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    upgraded = command.upgrade

    def broken(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    def after(config: object, target: str) -> None:
        upgraded(config, target)  # type: ignore[arg-type]
        raise OSError("the machine stopped")

    with monkeypatch.context() as patched:
        if moment == "after the new file":
            patched.setattr("buildingmap.registry.migrating.command.upgrade", after)
        else:
            patched.setattr(Path, "replace", broken)
            patched.setattr("alembic.operations.base.Operations.get_bind", broken)
        with pytest.raises((OSError, RegistryError)):
            opened(old)
    with opened(old) as registry:
        assert [entry.name for entry in Accounts(registry).all()] == ["boss", "lin"]
        assert registry.verify() == []
        if registry.database.path is not None:
            left = [path.name for path in registry.database.path.parent.glob(".*")]
            assert not left


def test_an_old_copy_of_a_registry_does_not_bring_back_who_was_closed_out_since(
    old: str, opened: Open, tmp_path: Path
) -> None:
    if "://" in old:
        return
    shutil.copy(old, tmp_path / "copy.gpkg")
    with opened(old) as registry:
        Accounts(registry).disable("lin", actor="boss")
    shutil.copy(tmp_path / "copy.gpkg", old)
    with opened(old) as registry:
        assert Accounts(registry).named("lin").disabled


def test_a_backup_is_two_files_of_which_one_may_be_handed_on(
    accounts: Accounts, registry: Registry, tmp_path: Path, opened: Open
) -> None:
    kept = tmp_path / "kept.gpkg"
    assert back_up(registry, kept) == registry.version
    assert b"$argon2" not in kept.read_bytes()
    beside = place_beside(kept)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (kept, beside)} == {0o600}
    with opened(kept) as copy:
        assert [entry.name for entry in Accounts(copy).all()] == ["boss", "lin"]
        assert Accounts(copy).sign_in("lin", PASSWORD, address=HERE)
        assert attend(copy).verify() == []
    assert accounts.named("lin").role == "editor"


def test_a_backup_that_cannot_be_whole_is_none(
    accounts: Accounts, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert accounts.exist()
    taken = place_beside(tmp_path / "taken.gpkg")
    taken.touch()
    with pytest.raises(RegistryError, match="expected a name that is free"):
        back_up(registry, tmp_path / "taken.gpkg")
    assert not (tmp_path / "taken.gpkg").exists()

    def full(*_: object, **__: object) -> int:
        raise RegistryError("the disk is full")

    monkeypatch.setattr(Registry, "backup", full)
    with pytest.raises(RegistryError, match="full"):
        back_up(registry, tmp_path / "kept.gpkg")
    assert not list(tmp_path.glob("*kept*"))


def test_no_backup_gives_back_what_was_taken_from_an_account(
    accounts: Accounts, registry: Registry, location: str, tmp_path: Path, tokens: ApiTokens
) -> None:
    session = accounts.sign_in("lin", PASSWORD, address=HERE).session
    token = tokens.add(accounts.named("lin"), "nightly", "editor", lasts=timedelta(days=7))
    back_up(registry, tmp_path / "kept.gpkg")
    accounts.set_role("lin", "analyst", actor="boss")
    accounts.disable("lin", actor="boss")
    accounts.add("new", "admin", password=PASSWORD, actor="boss")

    restore_backup(tmp_path / "kept.gpkg", location)

    found = accounts.named("lin")
    assert (found.role, found.disabled) == ("analyst", True)
    assert accounts.of_session(session) is None
    assert tokens.owner(token) is None
    assert accounts.sign_in("new", PASSWORD, address=HERE)
    assert registry.verify() == []


def test_a_backup_brings_accounts_but_no_session_to_a_new_place(
    accounts: Accounts, registry: Registry, tmp_path: Path, opened: Open
) -> None:
    session = accounts.sign_in("lin", PASSWORD, address=HERE).session
    back_up(registry, tmp_path / "kept.gpkg")

    restore_backup(tmp_path / "kept.gpkg", tmp_path / "new.gpkg")

    with opened(tmp_path / "new.gpkg") as other:
        there = Accounts(other)
        assert there.of_session(session) is None
        assert there.sign_in("lin", PASSWORD, address=HERE)
        assert len(there.events()) == len(accounts.events())
        assert attend(other).verify() == []


def test_a_backup_that_cannot_be_put_in_place_brings_no_account_either(
    accounts: Accounts, registry: Registry, tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert accounts.exist()
    back_up(registry, tmp_path / "kept.gpkg")

    def full(*_: object, **__: object) -> int:
        raise RegistryError("the disk is full")

    monkeypatch.setattr("buildingmap.accounts.keeping.restore_registry", full)
    with pytest.raises(RegistryError, match="full"):
        restore_backup(tmp_path / "kept.gpkg", tmp_path / "new.gpkg")
    monkeypatch.undo()
    restore_backup(tmp_path / "kept.gpkg", tmp_path / "new.gpkg")
    with opened(tmp_path / "new.gpkg") as other:
        assert len(Accounts(other).all()) == 2


def test_an_old_backup_with_accounts_inside_brings_them_to_a_new_place(
    old: str, opened: Open, tmp_path: Path
) -> None:
    if "://" in old:
        return
    restore_backup(Path(old), tmp_path / "new.gpkg")
    with opened(tmp_path / "new.gpkg") as registry:
        assert [entry.name for entry in Accounts(registry).all()] == ["boss", "lin"]
        assert not tables_of(registry) & _TABLES


def test_a_registry_moves_with_its_accounts_and_their_trail(
    accounts: Accounts, registry: Registry, location: str, tmp_path: Path, opened: Open
) -> None:
    session = accounts.open_session(accounts.named("lin").id)
    assert move(location, tmp_path / "moved.gpkg") == registry.version
    with opened(tmp_path / "moved.gpkg") as moved:
        there = Accounts(moved, clock=lambda: datetime(2026, 3, 2, 9, 1, tzinfo=UTC))
        assert there.of_session(session) is not None
        assert there.events() == accounts.events()
        there.set_role("lin", "analyst", actor="boss")
        assert attend(moved).verify() == []
    assert accounts.named("lin").role == "editor"


def test_accounts_move_into_postgresql_and_back(
    accounts: Accounts, registry: Registry, location: str, tmp_path: Path, opened: Open
) -> None:
    if registry.database.is_geopackage:
        return
    move(location, tmp_path / "file.gpkg")
    with opened(tmp_path / "file.gpkg") as file:
        Accounts(file).add("wang", "analyst", password=PASSWORD, actor="boss")
    with store_of(registry).writing() as connection:
        connection.execute(text("DROP SCHEMA buildingmap_accounts CASCADE"))
    with registry.database.writing() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    registry.close()
    move(tmp_path / "file.gpkg", location)
    with opened(location) as again:
        back = Accounts(again)
        assert [entry.name for entry in back.all()] == ["boss", "lin", "wang"]
        # numbers go on after those that were copied
        back.add("zhao", "public", password=PASSWORD, actor="boss")
        assert back.sign_in("zhao", PASSWORD, address=HERE)
    assert accounts is not None


def test_nothing_moves_onto_accounts_that_are_there(
    accounts: Accounts, location: str, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    assert accounts.exist()
    with create_registry(
        tmp_path / "other.gpkg", district=district, surroundings=surroundings, note=LayerNote(title="另一库")
    ) as other:
        Accounts(other).add("zhao", "admin", password=PASSWORD, actor="test")
    (tmp_path / "other.gpkg").unlink()
    with pytest.raises(RegistryError, match="expected an empty store"):
        move(location, tmp_path / "other.gpkg")


def test_a_registry_set_back_to_an_earlier_state_is_noticed_by_what_lies_beside_it(
    registry: Registry, location: str, opened: Open, tmp_path: Path
) -> None:
    if not registry.database.is_geopackage:
        return
    attend(registry)
    registry.backup(tmp_path / "earlier.gpkg")
    for number in range(3):
        attend(registry).apply(past.rename(number), actor="editor")
    registry.close()
    shutil.copy(tmp_path / "earlier.gpkg", location)
    with opened(location) as set_back:
        assert any("set back" in line.text("en") for line in attend(set_back).verify())


def test_a_registry_set_back_and_written_on_from_there_is_noticed_all_the_same(
    registry: Registry, location: str, opened: Open, tmp_path: Path
) -> None:
    if not registry.database.is_geopackage:
        return
    registry.backup(tmp_path / "earlier.gpkg")
    for number in range(3):
        attend(registry).apply(past.rename(number), actor="editor")
    registry.close()
    shutil.copy(tmp_path / "earlier.gpkg", location)
    with opened(location) as set_back:
        for number in range(10, 20):
            attend(set_back).apply(past.rename(number), actor="somebody")
        assert set_back.verify() != []


def test_a_weak_first_account_leaves_no_trail(registry: Registry) -> None:
    accounts = Accounts(registry)
    with pytest.raises(AccountError):
        accounts.add("boss", "admin", password="short", actor="test")  # noqa: S106 - the tests' own
    assert accounts.events() == []
