"""An import over HTTP and on its page: taken in, previewed, read another way, applied whole, undone; for editors."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pytest

from buildingmap import crs
from buildingmap.registry import Change
from buildingmap.web.import_jobs import MOST_BYTES, ImportJobs, Job
from tests.intake.ledgers import MONTHLY, MONTHLY_MERGES, monthly, written
from tests.reading import files_read_here
from tests.web.test_rights import csrf, doors, guarded, office, signed_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from buildingmap.registry import Registry

__all__ = ["doors", "files_read_here", "guarded", "office"]


@pytest.fixture
def editor(guarded: Flask) -> FlaskClient:
    return signed_in(guarded, "editor-1")


def handed_in(client: FlaskClient, path: Path, name: str = "月报.xlsx") -> dict[str, Any]:
    answer = client.post(
        "/api/imports",
        query_string={"name": name},
        data=path.read_bytes(),
        headers={"X-CSRF-Token": csrf(client), "Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 202, answer.text
    return settled(client, answer.get_json()["id"])


def settled(client: FlaskClient, job_id: str) -> dict[str, Any]:
    for _ in range(600):
        job: dict[str, Any] = client.get(f"/api/imports/{job_id}").get_json()
        if job["state"] not in {"reading", "applying"}:
            return job
        time.sleep(0.05)
    raise AssertionError(job)


@pytest.mark.command
def test_a_file_is_previewed_and_applied_as_one_revision_of_who_sent_it(
    editor: FlaskClient, office: Registry, tmp_path: Path
) -> None:
    job = handed_in(editor, monthly(tmp_path / "a.xlsx"))
    assert (job["state"], job["preview"]["ok"], job["preview"]["table"]) == ("ready", True, "building")
    assert job["preview"]["counts"] == {
        "new": 2, "changed": 2, "unchanged": 0, "missing": len(office.snapshot()) - 2, "faults": 0
    }  # fmt: skip
    assert [entry["kind"] for entry in job["preview"]["left_out"]] == ["title", "title", "total", "note"]
    before = office.version

    editor.post(f"/api/imports/{job['id']}/apply", headers={"X-CSRF-Token": csrf(editor)})
    job = settled(editor, job["id"])

    assert (job["state"], job["version"]) == ("applied", before + 1)
    revision = office.revision(before + 1)
    assert (revision.actor, revision.action, revision.note) == ("editor-1", "import", "月报.xlsx")
    again = editor.post(f"/api/imports/{job['id']}/apply", headers={"X-CSRF-Token": csrf(editor)})
    assert (again.status_code, again.get_json()["type"]) == (422, "/api/docs#problem-import")


def test_faults_stand_by_sheet_row_and_column_and_keep_it_from_being_written(
    editor: FlaskClient, office: Registry, tmp_path: Path
) -> None:
    rows = [list(row) for row in MONTHLY]
    rows[4][2] = "待定"
    job = handed_in(editor, written(tmp_path / "a.xlsx", rows, merges=MONTHLY_MERGES))
    (fault,) = job["preview"]["faults"]
    assert (fault["sheet"], fault["row"], fault["column"], fault["found"]) == ("台账", 5, "C", "'待定'")
    assert "/tmp" not in fault["line"]  # noqa: S108 - where the server keeps it is no one's business

    before = office.version
    refused = editor.post(f"/api/imports/{job['id']}/apply", headers={"X-CSRF-Token": csrf(editor)})
    assert refused.status_code == 422
    assert office.version == before

    editor.patch(
        f"/api/imports/{job['id']}", json={"leave_unread": True}, headers={"X-CSRF-Token": csrf(editor)}
    )
    job = settled(editor, job["id"])
    assert (job["preview"]["ok"], len(job["preview"]["unread"])) == (True, 1)


def test_the_form_takes_any_epsg_code_and_names_it(
    editor: FlaskClient, office: Registry, tmp_path: Path
) -> None:
    towers = office.snapshot()
    x, y = crs.from_wgs84("epsg:32651", np.array(towers.lon[:2]), np.array(towers.lat[:2]))
    rows: list[list[Any]] = [["楼宇名称", "经度", "纬度"]]
    rows += [[towers.buildings[row].name, float(x[row]), float(y[row])] for row in range(2)]
    job = handed_in(editor, written(tmp_path / "a.xlsx", rows))
    assert not job["preview"]["ok"]

    def read_as(datum: str) -> str:
        form = {"sheet": "", "table": "building", "datum": datum, "csrf_token": csrf(editor)}
        answer = editor.post(f"/import/{job['id']}/reading", data=form)
        assert answer.status_code == 303, answer.text
        settled(editor, job["id"])
        return editor.get(f"/import/{job['id']}?lang=en").text

    page = read_as("EPSG:32651")
    assert "EPSG:32651 (WGS 84, UTM zone 51N)" in page
    assert "UTM 投影 51N 带" in editor.get(f"/import/{job['id']}?lang=zh").text
    found = settled(editor, job["id"])["preview"]
    assert (found["ok"], found["datum"], found["counts"]["unchanged"]) == (True, "epsg:32651", 2)

    page = read_as("EPSG:5773")
    assert "(EGM96 height), expected wgs84, cgcs2000" in page
    assert "坐标系为" in editor.get(f"/import/{job['id']}?lang=zh").text
    assert "EPSG:32651" in read_as("32651")


def test_a_wrong_option_is_refused_by_name(editor: FlaskClient, tmp_path: Path) -> None:
    job = handed_in(editor, monthly(tmp_path / "a.xlsx"))
    for wrong in ({"colour": "red"}, {"year": "2024"}, {"columns": {"x": "name"}}, ["sheet"]):
        answer = editor.patch(f"/api/imports/{job['id']}", json=wrong, headers={"X-CSRF-Token": csrf(editor)})
        assert answer.status_code == 400, wrong


def test_a_file_that_is_no_table_is_refused_in_lines_and_can_be_dropped(
    editor: FlaskClient, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>")
    job = handed_in(editor, path)
    assert (job["state"], job["preview"]) == ("refused", None)
    assert len(job["errors"]) == 1
    assert "VRT" in job["errors"][0]
    gone = editor.delete(f"/api/imports/{job['id']}", headers={"X-CSRF-Token": csrf(editor)})
    assert gone.status_code == 204


def test_a_name_with_a_path_in_it_is_only_a_name(editor: FlaskClient, tmp_path: Path) -> None:
    for name in ("../../etc/x.xlsx", "C:\\secret\\x.xlsx", "/vsicurl/http://127.0.0.1/x.xlsx"):
        job = handed_in(editor, monthly(tmp_path / "a.xlsx"), name=name)
        assert (job["file"], job["state"]) == ("x.xlsx", "ready")


def test_an_import_is_its_own_visitors_alone(guarded: Flask, editor: FlaskClient, tmp_path: Path) -> None:
    job = handed_in(editor, monthly(tmp_path / "a.xlsx"))
    admin = signed_in(guarded, "admin-1")
    assert admin.get(f"/api/imports/{job['id']}").status_code == 404
    assert admin.get(f"/import/{job['id']}").status_code == 404
    assert job["id"] not in admin.get("/import").text


@pytest.mark.parametrize("role", ["public", "analyst"])
def test_others_cannot_hand_a_file_in_and_their_bytes_are_not_taken(
    guarded: Flask, role: str, tmp_path: Path
) -> None:
    client = guarded.test_client() if role == "public" else signed_in(guarded, "analyst-1")
    token = csrf(client)
    body = monthly(tmp_path / "a.xlsx").read_bytes() + b"\0" * 100_000
    answer = client.post(
        "/api/imports",
        query_string={"name": "a.xlsx"},
        data=body,
        headers={"X-CSRF-Token": token},
        content_type="application/octet-stream",
    )
    assert answer.status_code in {401, 403}


def test_a_file_over_the_limit_is_refused(editor: FlaskClient) -> None:
    answer = editor.post(
        "/api/imports",
        query_string={"name": "a.xlsx"},
        data=b"PK",
        headers={"X-CSRF-Token": csrf(editor)},
        content_type="application/octet-stream",
        environ_overrides={"CONTENT_LENGTH": str(MOST_BYTES + 1)},
    )
    assert answer.status_code == 413


def test_a_file_for_which_there_is_no_room_is_refused_in_a_sentence(
    editor: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Job, "path", property(lambda _: Path("/dev/full")))
    answer = editor.post(
        "/api/imports",
        query_string={"name": "月报.xlsx"},
        data=monthly(tmp_path / "a.xlsx").read_bytes(),
        headers={"X-CSRF-Token": csrf(editor), "Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 503
    assert answer.get_json(force=True)["detail"].startswith(
        "月报.xlsx: No space left on device, expected room"
    )
    assert "月报" not in editor.get("/import").text


def test_a_foreign_page_cannot_make_an_editor_import(editor: FlaskClient, tmp_path: Path) -> None:
    body = monthly(tmp_path / "a.xlsx").read_bytes()
    for headers in (
        {},
        {"X-CSRF-Token": "x"},
        {"X-CSRF-Token": csrf(editor), "Origin": "http://evil.example"},
    ):
        answer = editor.post("/api/imports?name=a.xlsx", data=body, headers=headers)
        assert answer.status_code == 403


def test_the_page_works_by_forms_alone(editor: FlaskClient, office: Registry, tmp_path: Path) -> None:
    token = csrf(editor)
    with monthly(tmp_path / "a.xlsx").open("rb") as file:
        sent = editor.post("/import", data={"csrf_token": token, "file": (file, "月报.xlsx")})
    assert sent.status_code == 303
    job_id = sent.headers["Location"].rsplit("/", 1)[1]
    settled(editor, job_id)
    page = editor.get(f"/import/{job_id}").text
    assert "全口径税收" in page
    assert re.search(r'<option value="tax_yuan" selected>', page)
    assert re.search(r"<option selected>万元</option>", page)

    editor.post(f"/import/{job_id}/reading", data={"csrf_token": token, "field-4": "", "year": "2025"})
    settled(editor, job_id)
    editor.post(f"/import/{job_id}/apply", data={"csrf_token": token, "remember": "税收月报"})
    job = settled(editor, job_id)

    assert job["state"] == "applied"
    assert office.row("tax_record", "CBD-01:2025").values["tax_yuan"] == 10_000_000
    assert office.row("building", "CBD-01").values["vacancy_rate"] != 0.12
    assert "税收月报" in editor.get("/import").text
    assert f"/history/{job['version']}/undo" in editor.get(f"/import/{job_id}").text


def test_two_columns_for_one_field_are_asked_about_and_one_is_left_out(
    editor: FlaskClient, tmp_path: Path
) -> None:
    rows: list[list[Any]] = [["楼宇名称", "地址", "详细地址"], ["CBD-01号楼宇", "甲路 1 号", "乙路 2 号"]]
    job = handed_in(editor, written(tmp_path / "a.xlsx", rows))
    (fault,) = job["preview"]["faults"]
    assert (fault["row"], fault["column"], fault["found"]) == (2, "C", "'乙路 2 号'")
    page = editor.get(f"/import/{job['id']}").text
    assert page.count('<option value="address" selected>') == 2

    form = {"csrf_token": csrf(editor), "field-0": "name", "field-1": "address", "field-2": ""}
    editor.post(f"/import/{job['id']}/reading", data=form)
    job = settled(editor, job["id"])
    assert job["preview"]["ok"]
    (row,) = (row for row in job["preview"]["rows"] if row["id"] == "CBD-01")
    assert row["fields"]["address"]["new"] == "甲路 1 号"


def test_a_ledger_none_of_whose_money_is_read_is_not_called_up_to_date(
    editor: FlaskClient, tmp_path: Path
) -> None:
    rows: list[list[Any]] = [["楼宇名称", "本年累计入库(万元)"], ["CBD-01号楼宇", 12_000]]
    job = handed_in(editor, written(tmp_path / "a.xlsx", rows))
    assert (job["preview"]["ok"], job["preview"]["up_to_date"]) == (True, False)
    assert any("本年累计入库(万元)" in line for line in job["preview"]["warnings"])
    page = editor.get(f"/import/{job['id']}").text
    assert "登记库中已全部如此" not in page
    assert "不会写入任何内容：金额列均未读取" in page


def test_a_column_that_is_not_recognised_is_told_until_somebody_leaves_it_out(
    editor: FlaskClient, tmp_path: Path
) -> None:
    rows: list[list[Any]] = [["楼宇名称", "本年累计入库(万元)"], ["CBD-01号楼宇", 12_000]]
    job = handed_in(editor, written(tmp_path / "a.xlsx", rows))
    page = editor.get(f"/import/{job['id']}").text
    assert '<option value="?">未识别</option><option value="">不读取</option>' in page

    def previewed_with(choice: str) -> Any:
        form = {"csrf_token": csrf(editor), "field-0": "name", "field-1": choice}
        editor.post(f"/import/{job['id']}/reading", data=form)
        return settled(editor, job["id"])["preview"]

    assert not previewed_with("?")["up_to_date"]
    left = previewed_with("")
    assert (left["up_to_date"], left["warnings"]) == (True, [])
    assert "未识别" not in editor.get(f"/import/{job['id']}").text


def test_names_in_a_table_are_text_on_the_page(editor: FlaskClient, tmp_path: Path) -> None:
    rows = [
        ["楼宇名称", "<script>x</script>", "地址"],
        ["CBD-01号楼宇", "<b>bold</b>", "<img src=x onerror=y>"],
    ]
    job = handed_in(editor, written(tmp_path / "a.xlsx", rows), name="<i>a</i>.xlsx")
    page = editor.get(f"/import/{job['id']}").text
    for markup in ("<script>x", "<b>bold", "<img src=x", "<i>a"):
        assert markup not in page
    assert "&lt;img src=x onerror=y&gt;" in page


def test_the_annotated_copy_and_the_faults_are_files(editor: FlaskClient, tmp_path: Path) -> None:
    rows = [list(row) for row in MONTHLY]
    rows[4][2] = "=1+1x"
    rows[5][2] = "待定"
    job = handed_in(editor, written(tmp_path / "a.xlsx", rows, merges=MONTHLY_MERGES))
    copy = editor.get(f"/import/{job['id']}/annotated.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(copy.data))
    assert book.sheetnames == ["台账", "导入说明"]
    listed = editor.get(f"/import/{job['id']}/findings.csv")
    assert listed.mimetype == "text/csv"
    assert "台账,6,C,全口径税收" in listed.data.decode("utf-8-sig")


def test_what_someone_changed_since_the_preview_refuses_it_whole(
    editor: FlaskClient, office: Registry, tmp_path: Path
) -> None:
    job = handed_in(editor, monthly(tmp_path / "a.xlsx"))
    office.apply([Change("building", "CBD-02", {"address": "新址"})], actor="wang")
    before = office.version
    editor.post(f"/api/imports/{job['id']}/apply", headers={"X-CSRF-Token": csrf(editor)})
    job = settled(editor, job["id"])
    assert job["state"] == "ready"
    assert "wang" in job["errors"][0]
    assert office.version == before


def test_a_layer_file_has_nothing_to_import_into(client: FlaskClient) -> None:
    assert client.get("/import").status_code == 404


def test_what_a_killed_server_left_of_users_files_goes_when_one_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    dead = int(ended.stdout)
    gone = [tmp_path / f"buildingmap-{work}-{dead}-x" for work in ("import", "read", "export")]
    kept = [tmp_path / f"buildingmap-import-{os.getpid()}-x", tmp_path / "buildingmap-elsewhere-1-x"]
    for folder in (*gone, *kept):
        folder.mkdir()
        (folder / "file.csv").write_text("税收", encoding="utf-8")

    jobs = ImportJobs()

    assert not any(folder.exists() for folder in gone)
    assert all((folder / "file.csv").exists() for folder in kept)
    assert len(list(tmp_path.glob(f"buildingmap-import-{os.getpid()}-*"))) == 2
    del jobs
