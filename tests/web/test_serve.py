from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from click.testing import CliRunner, Result

from buildingmap.cli import main
from buildingmap.errors import BuildingmapError, PortTakenError, ServeError
from buildingmap.web.server import DEFAULT_PORT, check_host, is_loopback, listen, waitress_server
from buildingmap.web.watching import watch
from tests.web.planning import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.snapshot import Snapshot
    from tests.prepared import Prepared
    from tests.web.conftest import OneVersion

COMMAND = str(Path(sys.executable).with_name("buildingmap"))


def layer_of(folder: Path, *towers: dict[str, Any], synthetic: bool = True) -> Path:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [120.3745, 36.0895]},
            "properties": {"name": f"示例楼 {tower['id']}", "cluster": "cbd"} | tower,
        }
        for tower in towers
    ]
    path = folder / "towers.geojson"
    document = {"type": "FeatureCollection", "synthetic": synthetic, "features": features}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    return layer_of(tmp_path, {"id": "A-1"}, {"id": "A-2"})


class Served:
    """``buildingmap serve`` in a process of its own."""

    def __init__(self, *arguments: str, port: str = "0") -> None:
        environment = os.environ | {"PORT": port, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            [COMMAND, "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
        )
        self.said: list[str] = []

    def until(self, words: str) -> str:
        """Read its output up to the first line that holds ``words``."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if words in line:
                return line.strip()
        raise AssertionError(f"ended after {self.said}: {self.ended()}")

    def address(self) -> tuple[str, int]:
        host, _, port = self.until("http://").removeprefix("buildingmap: http://").rstrip("/").partition(":")
        return host, int(port)

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        host, port = self.where
        connection = http.client.HTTPConnection(host, port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    @property
    def where(self) -> tuple[str, int]:
        return getattr(self, "_where", None) or self._remember()

    def _remember(self) -> tuple[str, int]:
        self._where = self.address()
        return self._where

    def ended(self, signal_number: int | None = None) -> tuple[int, str]:
        """Return its exit code and what it wrote to standard error."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
        _, errors = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, errors


@contextlib.contextmanager
def served(*arguments: str, port: str = "0") -> Iterator[Served]:
    running = Served(*arguments, port=port)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.communicate()


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a layer, for tests that only read."""
    layer = layer_of(tmp_path_factory.mktemp("reading"), {"id": "A-1"}, {"id": "A-2"})
    with served(str(layer)) as server:
        yield server


class Refused(Protocol):
    """``buildingmap serve`` where it must not serve: its exit code, and what it wrote to standard error."""

    def __call__(self, *arguments: str, port: str = "0") -> tuple[int, str]: ...


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refused]:
    def built(*_: object, **__: object) -> None:
        raise AssertionError("it serves")

    def serve(*arguments: str, port: str = "0") -> tuple[int, str]:
        monkeypatch.setenv("PORT", port)
        result = run("serve", *arguments)
        assert result.stdout == ""
        return result.exit_code, result.stderr

    monkeypatch.setattr("buildingmap.web.server.waitress_server", built)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield serve
    for number, handler in handlers.items():
        signal.signal(number, handler)


def run(*arguments: str) -> Result:
    """Run the command in this process, as one that cannot end well does not need a process of its own."""
    return CliRunner().invoke(main, arguments, env={"LC_ALL": "C.UTF-8"}, catch_exceptions=False)


def make_demo(location: str) -> None:
    assert run("init", "--demo", "--registry", location).exit_code == 0


@pytest.fixture
def own_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Prepared) -> Path:
    """The user's own registry of the demo towers, in a folder of the test's own."""
    location = tmp_path / "registry.gpkg"
    prepared.copy("init-demo", location, make_demo)
    monkeypatch.setenv("BUILDINGMAP_REGISTRY", str(location))
    return location


@pytest.mark.command
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_layer_is_served_until_it_is_told_to_stop(layer: Path, number: int) -> None:
    with served(str(layer)) as server:
        status, body = server.get("/api/buildings")

        assert status == 200
        assert json.loads(body)["numberMatched"] == 2
        assert server.where[0] == "127.0.0.1"
        assert f"layer: {layer}, 2 towers" in server.said
        assert "synthetic demo data, not real statistics" in server.said
        assert server.ended(number) == (0, "")


@pytest.mark.command
def test_a_foreign_host_name_is_refused_by_the_running_server(reading: Served) -> None:
    assert reading.get("/api/buildings", Host="evil.example")[0] == 400


@pytest.mark.parametrize("asked", ["PORT", "--port"])
def test_a_port_that_was_asked_for_and_is_taken_ends_the_server(
    layer: Path, refused: Refused, asked: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        # an option is stronger than the environment
        options, port = (("--port", taken), "0") if asked == "--port" else ((), taken)
        code, errors = refused(str(layer), *options, port=port)

    assert code == 1
    line = (
        f"port {taken} of 127.0.0.1 is taken by another program, or not for this user: expected a free one\n"
    )
    assert errors == line


def test_a_taken_port_is_said_in_the_reader_s_language() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortTakenError) as caught:
        listen("127.0.0.1", other.getsockname()[1])

    assert caught.value.text("zh").endswith("已被其他程序占用，或当前用户无权使用：应为空闲端口")


@pytest.mark.command
def test_only_the_usual_port_moves_when_it_is_taken_and_that_is_said(layer: Path) -> None:
    with contextlib.ExitStack() as holding:
        with contextlib.suppress(OSError):  # another program of this machine may have it already
            holding.enter_context(socket.create_server(("127.0.0.1", DEFAULT_PORT)))
        server = holding.enter_context(served(str(layer), port=""))
        assert server.get("/api/district")[0] == 200
        assert server.where[1] != DEFAULT_PORT
        assert "port 8000 is taken by another program, a free one is used instead" in server.said


def test_a_wrong_layer_is_not_served_and_its_faults_are_printed(tmp_path: Path, refused: Refused) -> None:
    wrong = layer_of(tmp_path, {"id": "A-1", "tax_yuan": -5}, {"id": "A-2", "sector": "gold"})
    code, errors = refused(str(wrong))

    assert code == 1
    assert [line for line in errors.splitlines() if "tax_yuan" in line and "-5" in line]
    assert [line for line in errors.splitlines() if "sector" in line and "gold" in line]
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "0.0.0.0"], "until there is an account of the role admin"),  # noqa: S104 - the point of the test
        (["--host", "::1"], "expected a name or an IPv4 address"),
        (["--host", "203.0.113.9"], "until there is an account of the role admin"),
        (["--district", "nowhere.toml"], "expected a district's TOML file"),
    ],
)
def test_what_cannot_be_served_is_refused_with_one_line(
    tmp_path: Path, refused: Refused, arguments: list[str], words: str
) -> None:
    real = layer_of(tmp_path, {"id": "A-1"}, synthetic=False)
    code, errors = refused(str(real), *arguments)

    assert code == 1
    assert words in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.command
def test_a_changed_layer_is_taken_in_whole_or_not_at_all(tmp_path: Path) -> None:
    path = layer_of(tmp_path, {"id": "A-1"})
    with served(str(path)) as server:
        assert json.loads(server.get("/api/buildings")[1])["numberMatched"] == 1
        layer_of(tmp_path, {"id": "A-1"}, {"id": "A-2"}, {"id": "A-3"})
        server.until("3 towers now")
        assert json.loads(server.get("/api/buildings")[1])["numberMatched"] == 3
        layer_of(tmp_path, {"id": "A-1"}, {"id": "A-1"})
        assert server.process.stderr is not None
        assert "stays in force" in server.process.stderr.readline()
        assert json.loads(server.get("/api/buildings")[1])["numberMatched"] == 3


def test_only_this_machine_sees_a_layer_that_is_not_synthetic() -> None:
    check_host("127.0.0.1", synthetic=False)
    check_host("localhost", synthetic=False)
    check_host("0.0.0.0", synthetic=True)  # noqa: S104 - checked, not bound
    for host in ("0.0.0.0", "10.0.0.5", "map.example.cn", "localhost.example.cn", ""):  # noqa: S104 - the same
        assert not is_loopback(host)
        with pytest.raises(ServeError, match="confidential"):
            check_host(host, synthetic=False)


def test_a_registry_is_served_to_other_machines_once_somebody_can_sign_in() -> None:
    check_host("0.0.0.0", synthetic=False, has_admin=True)  # noqa: S104 - checked, not bound
    check_host("127.0.0.1", synthetic=False, has_admin=True, proxy="127.0.0.1")


def test_no_proxy_is_served_before_somebody_can_sign_in() -> None:
    with pytest.raises(ServeError, match=r"--proxy: found '127\.0\.0\.1', expected none until"):
        check_host("127.0.0.1", synthetic=False, proxy="127.0.0.1")


@pytest.mark.command
def test_who_comes_through_a_proxy_is_not_taken_for_the_owner_of_the_machine(reading: Served) -> None:
    assert json.loads(reading.get("/api/session")[1])["role"] == "admin"
    for name in ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via", "X-Real-IP"):
        status, body = reading.get("/api/buildings", **{name: "203.0.113.9"})
        assert status == 403, name
        assert b"A-1" not in body
        assert reading.get("/no/such/page", **{name: "203.0.113.9"})[0] == 403
        assert reading.get("/", **{name: "203.0.113.9"})[0] == 403


@pytest.mark.command
def test_a_server_behind_a_proxy_on_the_same_machine_goes_by_the_proxy_s_name(layer: Path) -> None:
    named = {
        "X-Forwarded-Host": "towers.example.cn",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
    }
    with served(str(layer), "--proxy", "127.0.0.1") as server:
        assert server.get("/api/buildings", **named)[0] == 200
        assert json.loads(server.get("/api/session", **named)[1])["role"] == "analyst"


@pytest.mark.command
def test_the_user_s_own_registry_is_made_at_first_start_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDINGMAP_REGISTRY", str(tmp_path / "own" / "registry.gpkg"))
    with served("--lang", "en") as server:
        first = json.loads(server.get("/api/revisions")[1])
        assert json.loads(server.get("/api/session")[1])["role"] == "admin"
        server.ended(signal.SIGTERM)
    with served("--lang", "en") as again:
        second = json.loads(again.get("/api/revisions")[1])

    assert any(line.startswith("made a registry of the demo towers") for line in server.said)
    assert "no accounts yet: whoever opens it here is an administrator" in server.said
    assert not any(line.startswith("made") for line in again.said)
    assert first == second
    secret = tmp_path / "own" / "registry.gpkg.secret"
    assert secret.stat().st_mode & 0o777 == 0o600


@pytest.mark.command
@pytest.mark.usefixtures("own_demo")
def test_a_registry_with_an_admin_listens_elsewhere_and_tells_strangers_no_tax(refused: Refused) -> None:
    everywhere = ["--host", "0.0.0.0"]  # noqa: S104 - the point of the test
    code, errors = refused(*everywhere)
    assert not run("account", "add", "lin", "--role", "admin", "--openid", "4711").exit_code

    with served(*everywhere) as server:
        status, body = server.get("/api/buildings")
        unknown, _ = server.get("/api/revisions")

    assert code == 1
    assert "account add" in errors
    assert status == 200
    assert {feature["properties"]["tax_yuan"] for feature in json.loads(body)["features"]} == {None}
    assert unknown == 401


def test_a_secret_that_others_can_read_refuses_to_start(own_demo: Path, refused: Refused) -> None:
    secret = own_demo.with_name("registry.gpkg.secret")
    secret.write_text("0123456789abcdef" * 4, encoding="ascii")
    secret.chmod(0o644)

    code, errors = refused()

    assert code == 1
    assert "registry.gpkg.secret" in errors
    assert len(errors.splitlines()) == 1


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(ServeError, match="expected an address of this machine"):
        listen("203.0.113.9", 0)


def test_many_readers_are_answered_at_once_by_the_production_server(registry: OneVersion) -> None:
    listening = listen("127.0.0.1", 0)
    server = waitress_server(registry, listening, host="127.0.0.1")
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    host, port = listening.socket.getsockname()
    answers: list[tuple[int, int]] = []

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=10)
        with contextlib.closing(connection):
            for again in range(5):
                connection.request("GET", f"/api/buildings?limit={number + again + 1}")
                answer = connection.getresponse()
                assert answer.getheader("Server") == "buildingmap"
                answers.append((answer.status, len(json.loads(answer.read())["features"])))

    readers = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    server.close()
    server.task_dispatcher.shutdown()

    assert sorted(answers) == sorted((200, number + again + 1) for number in range(8) for again in range(5))


class Changing:
    """A registry that can be told to fail."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.fails = False
        self._snapshot = snapshot

    def reload(self) -> Snapshot:
        if self.fails:
            raise BuildingmapError("wrong")
        return self._snapshot


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path, towers: Snapshot) -> None:
    path, registry, told = tmp_path / "layer.geojson", Changing(towers), []
    path.write_text("1")
    ended = watch(
        registry,
        path,
        renewed=lambda _: told.append("new"),
        kept=lambda e: told.append(str(e)),
        every_seconds=0.02,
    )
    time.sleep(0.1)
    assert told == []
    path.write_text("22")
    _wait_for(told, 1)
    registry.fails = True
    path.unlink()
    time.sleep(0.1)
    path.write_text("333")
    _wait_for(told, 2)
    ended.set()

    assert told == ["new", "wrong"]


def _wait_for(told: list[str], count: int) -> None:
    deadline = time.monotonic() + 10
    while len(told) < count and time.monotonic() < deadline:
        time.sleep(0.02)
