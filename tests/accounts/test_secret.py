from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from buildingmap.accounts import AccountError, secret_for

if TYPE_CHECKING:
    from pathlib import Path


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    place = tmp_path / "new" / "server.secret"
    first = secret_for(place)
    assert place.stat().st_mode & 0o777 == 0o600
    assert len(first) >= 32
    assert secret_for(place) == first
    assert [entry.name for entry in place.parent.iterdir()] == ["server.secret"]


def test_two_servers_that_start_at_once_have_one_secret(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(secret_for(tmp_path / "server.secret")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("content", ["", "secret", "ab" * 32, "0" * 64])
def test_a_weak_secret_refuses_to_start(tmp_path: Path, content: str) -> None:
    place = tmp_path / "server.secret"
    place.write_text(content, encoding="ascii")
    place.chmod(0o600)
    with pytest.raises(AccountError, match=r"server\.secret"):
        secret_for(place)
    assert place.read_text(encoding="ascii") == content


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_secret_that_others_can_reach_refuses_to_start(tmp_path: Path, mode: int) -> None:
    place = tmp_path / "server.secret"
    secret_for(place)
    place.chmod(mode)
    with pytest.raises(AccountError, match=r"server\.secret"):
        secret_for(place)
