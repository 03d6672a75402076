from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from buildingmap import resources
from buildingmap.accounts import ROLES, Accounts
from buildingmap.cli import main
from buildingmap.cli.account import ROLE_WORDS
from buildingmap.cli.location import location_of, shown
from buildingmap.registry import Change, open_registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from buildingmap.model import District, Surroundings
    from buildingmap.registry import Registry
    from tests.prepared import Prepared


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, [*arguments], input=typed, env={"LC_ALL": "C.UTF-8"})


def own_district(folder: Path) -> Path:
    """Write the demo's district with another sector in place of finance, and its layers, into ``folder``."""
    for layer in ("clusters", "stations", "basemap"):
        shutil.copy(resources.data_folder() / f"{layer}.geojson", folder)
    known = (resources.data_folder() / "district.toml").read_text(encoding="utf-8")
    path = folder / "district.toml"
    own = known.replace('id = "finance"', 'id = "money"').replace('en = "Finance"', 'en = "Money"')
    path.write_text(own, encoding="utf-8")
    return path


def make_demo(location: str) -> None:
    made = run("init", "--demo", "--registry", location, "--lang", "en")
    assert made.exit_code == 0, made.output


@pytest.fixture
def place(tmp_path: Path, prepared: Prepared) -> str:
    """The demo's registry as ``init --demo`` makes it, a copy of one's own."""
    location = str(tmp_path / "office.gpkg")
    prepared.copy("init-demo", location, make_demo)
    return location


@pytest.fixture
def kept(place: str, district: District, surroundings: Surroundings) -> Iterator[Registry]:
    with open_registry(place, district=district, surroundings=surroundings) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory, prepared: Prepared) -> str:
    """The demo's registry for tests that only read it."""
    location = str(tmp_path_factory.mktemp("office") / "office.gpkg")
    prepared.copy("init-demo", location, make_demo)
    return location


def rename(registry: Registry, name: str) -> int:
    revision = registry.apply([Change("building", registry.snapshot().ids[0], {"name": name})], actor="lin")
    assert revision is not None
    return revision.version


def test_the_demo_is_made_says_that_it_is_synthetic_and_is_its_owners_alone(tmp_path: Path) -> None:
    place = tmp_path / "office.gpkg"
    made = run("init", "--demo", "--registry", str(place), "--lang", "en")
    assert made.exit_code == 0, made.output
    assert "a registry of 123 towers" in made.output
    assert "synthetic" in made.output
    assert place.stat().st_mode & 0o777 == 0o600


def test_an_empty_registry_holds_nothing_and_says_what_it_is(tmp_path: Path) -> None:
    place = str(tmp_path / "new.gpkg")

    made = run("init", "--registry", place, "--title", "市北楼宇", "--lang", "zh")

    assert made.exit_code == 0
    assert "共 0 栋楼宇" in made.output
    assert "合成" not in made.output


def test_a_layer_with_faults_makes_no_registry(tmp_path: Path) -> None:
    layer = tmp_path / "bad.csv"
    layer.write_text("id,name\n1,\n", encoding="utf-8")
    place = tmp_path / "new.gpkg"

    made = run("init", str(layer), "--registry", str(place))

    assert made.exit_code == 1
    assert "bad.csv" in made.output
    assert not place.exists()


def test_a_demo_that_the_district_does_not_know_is_told_by_its_own_faults(tmp_path: Path) -> None:
    place = tmp_path / "new.gpkg"

    made = run("init", "--demo", "--district", str(own_district(tmp_path)), "--registry", str(place))

    assert made.exit_code == 1
    assert "buildings.geojson" in made.output
    assert "'finance'" in made.output
    assert not place.exists()


def test_a_district_whose_layers_are_not_beside_it_is_told_which(tmp_path: Path) -> None:
    district = own_district(tmp_path)
    (tmp_path / "stations.geojson").unlink()

    made = run("init", "--district", str(district), "--registry", str(tmp_path / "new.gpkg"))

    assert made.exit_code == 1
    assert f"{tmp_path / 'stations.geojson'}: expected a file that exists" in made.output


def test_an_office_with_sectors_of_its_own_takes_back_what_it_did(tmp_path: Path) -> None:
    district, place = str(own_district(tmp_path)), str(tmp_path / "new.gpkg")
    table = tmp_path / "towers.csv"
    table.write_text("id,name,lon,lat,sector\nA,甲楼,120.37,36.09,money\n", encoding="utf-8")
    assert run("init", "--district", district, "--registry", place).exit_code == 0
    imported = run("import", str(table), "--yes", "--district", district, "--registry", place)
    assert imported.exit_code == 0, imported.output

    for version in ("2", "3"):
        undone = run("undo", version, "--district", district, "--registry", place, "--lang", "en")
        assert undone.exit_code == 0, undone.output

    exported = run("export", str(tmp_path / "out.csv"), "--district", district, "--registry", place)
    assert exported.exit_code == 0, exported.output
    assert "甲楼" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_a_registry_that_is_there_is_never_made_anew(place: str) -> None:
    again = run("init", "--registry", place)

    assert again.exit_code == 1
    assert "expected none there yet" in again.output
    assert "Traceback" not in again.output


def test_a_backup_is_brought_back_and_what_was_there_is_kept(
    place: str, kept: Registry, tmp_path: Path
) -> None:
    first = kept.snapshot().buildings[0].name
    saved = run("backup", str(tmp_path / "saved.gpkg"), "--registry", place, "--lang", "en")
    rename(kept, "改名")

    refused = run("restore", str(tmp_path / "saved.gpkg"), "--registry", place, typed="n\n")
    done = run("restore", str(tmp_path / "saved.gpkg"), "--registry", place, "--yes", "--lang", "en")

    assert saved.exit_code == 0, saved.output
    assert refused.exit_code == 1
    assert done.exit_code == 0, done.output
    assert "version 1" in done.output
    before = list(tmp_path.glob("office-before-restore-*.gpkg"))
    with closing(sqlite3.connect(before[0])) as copy:
        assert copy.execute("SELECT count(*) FROM building WHERE name = '改名'").fetchone() == (1,)
    with closing(sqlite3.connect(place)) as now:
        assert now.execute("SELECT name FROM building ORDER BY id").fetchone() == (first,)


def test_a_backup_never_overwrites_a_file(place: str, tmp_path: Path) -> None:
    (tmp_path / "saved.gpkg").write_text("mine", encoding="utf-8")

    saved = run("backup", str(tmp_path / "saved.gpkg"), "--registry", place)

    assert saved.exit_code == 1
    assert (tmp_path / "saved.gpkg").read_text(encoding="utf-8") == "mine"


def test_a_registry_is_moved_with_its_history_and_accounts(
    place: str, kept: Registry, tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    rename(kept, "改名")
    run("account", "add", "lin", "--role", "editor", "--without-password", "--registry", place)

    moved = run("move", str(tmp_path / "moved.gpkg"), "--registry", place)

    assert moved.exit_code == 0, moved.output
    with open_registry(tmp_path / "moved.gpkg", district=district, surroundings=surroundings) as copy:
        assert copy.verify() == []
        assert [entry.hash for entry in copy.revisions()] == [entry.hash for entry in kept.revisions()]
        assert Accounts(copy).named("lin").role == "editor"


def test_verify_prints_the_last_seal_and_fails_for_what_was_changed_outside(
    place: str, kept: Registry
) -> None:
    whole = run("verify", "--registry", place, "--lang", "en")
    with closing(sqlite3.connect(place)) as other, other:
        other.execute("UPDATE building SET name = 'x' WHERE id = ?", (kept.snapshot().ids[0],))

    damaged = run("verify", "--registry", place)

    assert whole.exit_code == 0
    assert kept.head in whole.output
    assert damaged.exit_code == 1
    assert "changed outside the registry" in damaged.output


def test_repair_says_what_it_would_do_asks_and_does_it(place: str, kept: Registry) -> None:
    first, second = kept.snapshot().ids[:2]
    with closing(sqlite3.connect(place)) as other, other:
        other.execute("PRAGMA ignore_check_constraints = ON")
        other.execute("UPDATE building SET floors = 26 WHERE id = ?", (first,))
        other.execute("UPDATE building SET status = 'demolished' WHERE id = ?", (second,))
        other.execute("DROP TRIGGER guard_tax_record_delete")

    asked = run("verify", "--repair", "--registry", place, "--lang", "en", typed="n\n")
    assert asked.exit_code == 1
    assert f"take in as a revision by 'outside': building '{first}' (floors)" in asked.output
    assert f"put back, and keep beside what was typed: building '{second}' (status)" in asked.output
    assert "trigger guard_tax_record_delete on tax_record is missing" in asked.output
    assert kept.version == 1
    assert run("verify", "--registry", place).exit_code == 1

    done = run("verify", "--repair", "--yes", "--registry", place, "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert "恢复原值并留存所填内容" in done.output
    assert kept.row("building", first).values["floors"] == 26
    assert kept.row("building", second).values["status"] != "demolished"
    assert "已完成 3 项" in done.output
    (copy,) = Path(place).parent.glob("office-before-repair-*.gpkg")
    with closing(sqlite3.connect(copy)) as before:
        held = dict(before.execute("SELECT id, status FROM building WHERE id IN (?, ?)", (first, second)))
        assert held[second] == "demolished"
        assert before.execute("SELECT floors FROM building WHERE id = ?", (first,)).fetchone() == (26,)
        assert not before.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'guard_tax_record_delete'"
        ).fetchone()
    assert "nothing to repair" in run("verify", "--repair", "--registry", place, "--lang", "en").output


def test_repair_takes_away_the_mark_under_which_others_would_write_unseen(place: str, kept: Registry) -> None:
    with closing(sqlite3.connect(place)) as other, other:
        other.execute("UPDATE registry SET writing = 1")
    assert "mark of its own writing" in run("verify", "--registry", place, "--lang", "en").output

    done = run("verify", "--repair", "--yes", "--registry", place, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "1 done" in done.output
    with closing(sqlite3.connect(place)) as other, other:
        other.execute("UPDATE building SET floors = 26 WHERE id = ?", (kept.snapshot().ids[0],))
    kept.look()
    assert kept.revisions()[0].action == "outside"


def test_what_cannot_be_mended_is_named_and_nothing_is_asked_copied_or_counted(
    place: str, kept: Registry
) -> None:
    rename(kept, "改名")
    with closing(sqlite3.connect(place)) as other, other:
        for (name,) in other.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall():
            other.execute(f"DROP TRIGGER {name}")
        other.execute("UPDATE audit SET actor = 'somebody' WHERE version = 2")
    run("verify", "--repair", "--yes", "--registry", place)  # the triggers

    again = run("verify", "--repair", "--registry", place, "--lang", "en")
    assert again.exit_code == 1
    assert "cannot be mended" in again.output
    assert "nothing of this can be mended here" in again.output
    assert "done" not in again.output
    assert len(list(Path(place).parent.glob("office-before-repair-*.gpkg"))) == 1


def test_accounts_that_another_program_changed_are_told_and_can_be_acknowledged(
    place: str, kept: Registry
) -> None:
    for name, role in (("lin", "admin"), ("wang", "editor")):
        run("account", "add", name, "--role", role, "--without-password", "--registry", place)
    with closing(sqlite3.connect(f"{place}.accounts.sqlite")) as other, other:
        other.execute("UPDATE account SET role = 'admin' WHERE name = 'wang'")
    told = run("verify", "--registry", place, "--lang", "en")
    assert (told.exit_code, "account 'wang': role 'editor' → 'admin'" in told.output) == (1, True)

    asked = run("verify", "--repair", "--registry", place, "--lang", "en", typed="n\n")
    assert "take the accounts as they are for right: account 'wang'" in asked.output
    assert run("verify", "--registry", place).exit_code == 1

    done = run("verify", "--repair", "--yes", "--registry", place, "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert "已完成 1 项" in done.output
    newest = Accounts(kept).events(limit=1)[0]
    assert newest.action == "accounts acknowledged"
    assert newest.actor.startswith("terminal")


def test_a_registry_without_accounts_is_not_called_one_whose_accounts_are_whole(
    place: str, kept: Registry
) -> None:
    assert run("verify", "--registry", place, "--lang", "en").output.endswith("its accounts: none\n")
    assert kept.version == 1


@pytest.mark.parametrize("table", ["registry", "audit", "building"])
def test_a_table_that_is_gone_is_named_by_verify_and_no_traceback_is_shown(place: str, table: str) -> None:
    with closing(sqlite3.connect(place)) as other, other:
        other.execute(f"DROP TABLE {table}")
    told = run("verify", "--registry", place, "--lang", "en")
    assert told.exit_code == 1
    assert told.output.count(table) == 1
    assert f"table {table} is missing" in told.output
    repaired = run("verify", "--repair", "--yes", "--registry", place, "--lang", "en")
    assert repaired.exception is None or isinstance(repaired.exception, SystemExit)
    assert "Traceback" not in repaired.output


@pytest.mark.parametrize("word", ["move", "restore"])
def test_tables_of_other_programs_that_stay_behind_are_named(place: str, tmp_path: Path, word: str) -> None:
    with closing(sqlite3.connect(place)) as other, other:
        other.execute("CREATE TABLE my_notes (note TEXT)")
    new = str(tmp_path / "new.gpkg")
    arguments = (
        ["move", new, "--registry", place] if word == "move" else ["restore", place, "--registry", new]
    )
    done = run(*arguments, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "not copied, tables that are not the registry's: 'my_notes'" in done.output


@pytest.mark.parametrize("word", ["move", "restore"])
def test_what_is_refused_leaves_no_new_file(tmp_path: Path, word: str) -> None:
    wrong, new = tmp_path / "wrong.gpkg", tmp_path / "there" / "new.gpkg"
    wrong.write_bytes(b"no registry")
    (tmp_path / "there").mkdir()
    beside = new.with_name("new.gpkg.notes")
    beside.write_text("somebody's own", encoding="utf-8")
    arguments = (
        ["move", str(new), "--registry", str(wrong)]
        if word == "move"
        else ["restore", str(wrong), "--registry", str(new)]
    )
    assert run(*arguments).exit_code == 1
    assert list(new.parent.iterdir()) == [beside]


def test_history_tells_each_version_and_every_cell_that_it_changed(place: str, kept: Registry) -> None:
    version = rename(kept, "=改名")

    listed = run("history", "--registry", place)
    cells = run("history", str(version), "--registry", place, "--lang", "zh")
    document = json.loads(run("history", str(version), "--registry", place, "--json").output)

    assert [line.split()[0] for line in listed.output.splitlines()] == ["2", "1"]
    assert "lin" in listed.output
    assert "  修改  " in cells.output
    assert "楼宇 " in cells.output
    assert "楼宇名称: " in cells.output
    assert "→ =改名" in cells.output
    assert document["changes"][0]["fields"]["name"][1] == "=改名"


def test_a_version_is_taken_back_from_the_terminal(place: str, kept: Registry) -> None:
    first = kept.snapshot().buildings[0].name
    version = rename(kept, "改名")

    undone = run("undo", str(version), "--registry", place, "--lang", "en")

    assert undone.exit_code == 0, undone.output
    assert "version 2 is taken back" in undone.output
    assert kept.row("building", kept.snapshot().ids[0]).values["name"] == first
    assert kept.revisions()[0].actor.startswith("terminal")


def test_an_account_is_made_with_a_password_that_is_asked_for(place: str, kept: Registry) -> None:
    password = "a long enough 密码 here"  # noqa: S105 - the test's own

    made = run("account", "add", "Lin", "--role", "admin", "--registry", place, typed=f"{password}\n" * 2)
    weak = run("account", "add", "wang", "--role", "editor", "--registry", place, typed="short\nshort\n")

    assert made.exit_code == 0, made.output
    assert password not in made.output
    assert weak.exit_code == 1
    assert Accounts(kept).sign_in("lin", password, address="127.0.0.1")
    assert run("account", "list", "--registry", place).output == "lin: admin\n"


def test_the_last_admin_can_be_neither_demoted_nor_disabled_from_the_terminal(
    place: str, kept: Registry
) -> None:
    run("account", "add", "lin", "--role", "admin", "--without-password", "--registry", place)

    demoted = run("account", "role", "lin", "editor", "--registry", place)
    disabled = run("account", "disable", "lin", "--registry", place)

    assert (demoted.exit_code, disabled.exit_code) == (1, 1)
    assert Accounts(kept).named("lin").role == "admin"


def test_an_account_is_closed_and_opened_again(place: str, kept: Registry) -> None:
    for name in ("lin", "wang"):
        run("account", "add", name, "--role", "admin", "--without-password", "--registry", place)

    assert run("account", "disable", "wang", "--registry", place).exit_code == 0
    assert Accounts(kept).named("wang").disabled
    assert run("account", "enable", "wang", "--registry", place).exit_code == 0
    assert not Accounts(kept).named("wang").disabled


def test_an_unknown_account_has_no_password_to_set(place: str) -> None:
    asked = run("account", "password", "nobody", "--registry", place)

    assert asked.exit_code == 1
    assert "nobody" in asked.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("history",),
        ("undo", "1"),
        ("account", "list"),
        ("serve",),
        ("backup", "somewhere-else.gpkg"),
        ("move", "somewhere-else.gpkg"),
    ],
)
def test_a_registry_that_is_not_there_is_said_in_a_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    place = tmp_path / "none.gpkg"

    answer = run(*arguments, "--registry", str(place))

    assert answer.exit_code == 1
    assert len(answer.output.splitlines()) == 1
    assert str(place) in answer.output
    assert not place.exists()


def test_a_database_s_password_is_never_printed() -> None:
    location = "postgresql://office:geheim@127.0.0.1:9/registry"

    answer = run("verify", "--registry", location)

    assert answer.exit_code == 1
    assert "geheim" not in answer.output
    assert "geheim" not in shown(location)


def test_the_environment_names_the_registry_where_the_command_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BUILDINGMAP_REGISTRY", "elsewhere.gpkg")
    assert location_of(None) == "elsewhere.gpkg"
    assert location_of("here.gpkg") == "here.gpkg"
    monkeypatch.delenv("BUILDINGMAP_REGISTRY")
    assert location_of(None).endswith("registry.gpkg")


def test_the_roles_of_the_command_are_those_of_the_accounts() -> None:
    assert ROLE_WORDS == ROLES
