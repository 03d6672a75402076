"""Answers made once per version: kept within a bound of bytes, and never sent again to whoever has them."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import Future
from functools import cache
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any, Final

from flask import Response, g

from buildingmap.web.tags import held_by_reader
from buildingmap.web.visitors import role

if TYPE_CHECKING:
    from collections.abc import Callable

    Key = tuple[Any, ...]

DEFAULT_BYTES: Final = 64 * 1024 * 1024


class AnswerCache:
    """The bodies of the latest answers, at most ``most_bytes`` together, each made by one thread only."""

    def __init__(self, *, most_bytes: int = DEFAULT_BYTES) -> None:
        """Start empty."""
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._bodies: OrderedDict[Key, bytes] = OrderedDict()
        self._pending: dict[Key, Future[bytes]] = {}
        self.bytes_held = 0

    def __len__(self) -> int:
        """Return how many answers are held."""
        return len(self._bodies)

    def get(self, key: Key) -> bytes | None:
        """Return the answer of ``key``, or None."""
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def put(self, key: Key, body: bytes) -> None:
        """Keep an answer, dropping the longest unused; one larger than a quarter of the bound is not kept."""
        if len(body) * 4 > self._most_bytes:
            return
        with self._lock:
            self.bytes_held += len(body) - len(self._bodies.pop(key, b""))
            self._bodies[key] = body
            while self.bytes_held > self._most_bytes:
                self.bytes_held -= len(self._bodies.popitem(last=False)[1])

    def get_or_make(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """Return the answer of ``key``, made by ``make`` once even when several threads ask at the same time.

        Whatever ``make`` raises reaches everyone who waited, and nothing is kept.
        """
        body = self.get(key)
        if body is not None:
            return body
        with self._lock:
            waiting = self._pending.get(key)
            if waiting is None:
                mine = self._pending[key] = Future()
        if waiting is not None:
            return waiting.result()
        try:
            body = make()
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            self.put(key, body)
            mine.set_result(body)
            return body
        finally:
            with self._lock:
                del self._pending[key]


class CompressedAnswers:
    """Flask-Compress's store of compressed bodies, inside the same bound; what has no key is not kept."""

    def __init__(self, answers: AnswerCache) -> None:
        """Keep the bodies in ``answers``."""
        self._answers = answers

    def get(self, key: str) -> bytes | None:
        """Return the compressed body of ``key``, or None."""
        return None if key.endswith(";") else self._answers.get(("compressed", key))

    def set(self, key: str, value: bytes) -> None:
        """Keep a compressed body."""
        if not key.endswith(";"):
            self._answers.put(("compressed", key), value)


def compression_key(_request: object) -> str:
    """Return the key of the answer under way for Flask-Compress; empty for what is made anew each time."""
    key: str = g.get("answer_key", "")
    return key


@cache
def _program() -> str:
    return version_of("buildingmap")


def etag_of(version: str, name: str, canonical: str) -> str:
    """Return the tag of the answer ``name`` to ``canonical`` at ``version``, without computing the answer.

    It is used as a weak tag, because the compressed and the plain body share it. The program's own version is
    part of it: a newer program may answer the same request otherwise.
    """
    digest = hashlib.blake2b(f"{_program()}\n{name}\n{canonical}".encode(), digest_size=9).hexdigest()
    return f"{version}-{digest}"


def kept(
    answers: AnswerCache, make: Callable[[], bytes], *, version: str, name: str, canonical: str
) -> bytes:
    """Return the body that ``answer`` would send for the same ``version``, ``name`` and ``canonical``."""
    return answers.get_or_make((etag_of(version, name, canonical),), make)


def answer(
    answers: AnswerCache,
    make: Callable[[], bytes],
    *,
    version: str,
    name: str,
    canonical: str,
    content_type: str,
    cache_control: str = "no-cache",
) -> Response:
    """Answer a request that depends on nothing but ``version``, ``name`` and ``canonical``.

    It is 304, and nothing is computed, when the reader has it; else the body from ``answers``, or made now.
    """
    if content_type.startswith("text/html"):
        canonical = f"{canonical}\n{role()}"  # a page shows its reader what they may do
    tag = etag_of(version, name, canonical)
    if held_by_reader(tag) is not None:
        response = Response(status=304)
        del response.headers["Content-Type"]
    else:
        g.answer_key = tag
        response = Response(answers.get_or_make((tag,), make), content_type=content_type)
    response.headers["ETag"] = f'W/"{tag}"'
    response.headers["Cache-Control"] = cache_control
    return response
