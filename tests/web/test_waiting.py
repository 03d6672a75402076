"""Another program holds the registry for longer than anybody waits: writers are told so, readers notice nothing."""

from __future__ import annotations

import http.client
import json
import queue
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from buildingmap.registry import open_registry
from buildingmap.registry.patience import Patience, patience_of
from tests.web.offices import as_role, small_office
from tests.web.planning import PATIENCE_SECONDS
from tests.web.test_rights import csrf
from tests.web.test_serve import served

if TYPE_CHECKING:
    from pathlib import Path

    from buildingmap.model import District, Surroundings

WRITERS = 10
THREADS = 4


def lock(path: Path) -> sqlite3.Connection:
    """Take the write lock of a registry as a program would that knows nothing of us."""
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    return held


@pytest.mark.command
def test_readers_go_on_while_another_program_holds_the_lock_and_writers_are_told(
    tmp_path: Path, district: District
) -> None:
    path = tmp_path / "office.gpkg"
    small_office(path, district).close()
    answers: queue.Queue[tuple[int, Any, dict[str, Any]]] = queue.Queue()

    with served("--registry", str(path), "--threads", str(THREADS)) as server:
        token = json.loads(server.get("/api/session")[1])["csrf"]

        def write(number: int) -> None:
            connection = http.client.HTTPConnection(*server.where, timeout=PATIENCE_SECONDS)
            with closing(connection):
                body = json.dumps(
                    {"values": {"id": f"N-{number}", "building_id": "T-2", "name": f"新{number}"}}
                )
                connection.request("POST", "/api/records/tenant", body, {"X-CSRF-Token": token})
                answer = connection.getresponse()
                answers.put((answer.status, answer.headers["Retry-After"], json.loads(answer.read())))

        threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
        with closing(lock(path)):
            for thread in threads:
                thread.start()
            first = [answers.get(timeout=PATIENCE_SECONDS) for _ in range(WRITERS - THREADS // 2)]
            # those that may wait do so still, or have been told meanwhile: there is a thread for readers either way
            assert [server.get(address)[0] for address in ("/", "/api/buildings", "/buildings/T-1")] == [
                200
            ] * 3
            later = [answers.get(timeout=PATIENCE_SECONDS) for _ in range(THREADS // 2)]

        for status, retry, document in first + later:
            assert (status, retry, document["type"]) == (503, "5", "/api/docs#problem-busy")
            assert document["detail"].startswith("他人或其他程序正在写入登记库")
        write(0)
        assert answers.get(timeout=PATIENCE_SECONDS)[0] == 201, (
            "once the lock is gone, whoever tries again writes"
        )


def test_a_page_says_in_either_language_that_somebody_else_is_writing(
    tmp_path: Path, district: District, surroundings: Surroundings
) -> None:
    small_office(tmp_path / "office.gpkg", district).close()
    with open_registry(tmp_path / "office.gpkg", district=district, surroundings=surroundings) as office:
        editor = as_role(office, "editor")
        data = {"csrf_token": csrf(editor)}
        waiting = threading.Semaphore(0)
        go_on = threading.Event()

        def hold() -> None:
            with patience_of(Patience(PATIENCE_SECONDS)), office.database.writing():
                waiting.release()
                go_on.wait(PATIENCE_SECONDS)

        holder = threading.Thread(target=hold)
        holder.start()
        assert waiting.acquire(timeout=PATIENCE_SECONDS)
        try:
            chinese = editor.post("/history/2/undo", data=data)
            english = editor.post("/history/2/undo?lang=en", data=data)
        finally:
            go_on.set()
            holder.join(PATIENCE_SECONDS)

    for answer, title, words in (
        (chinese, "登记库正忙", "您的修改没有写入；请稍后再试"),
        (english, "The registry is busy", "your change was not made. Try again in a moment"),
    ):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert title in answer.text
        assert words in answer.text
