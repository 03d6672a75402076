"""Questions about the best plans under many weights, answered by processes beside this one."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from buildingmap.placement.questions.weighing import Weighing

Answer = TypeVar("Answer")

_MOST_WORKERS: Final = 8

# what a worker process keeps between questions
_KEPT: list[Sequence[Weighing]] = []


def _keep(weighings: Sequence[Weighing]) -> None:
    _KEPT[:] = [weighings]
    # each process has one processor: threads of its own would only take turns with the others
    threadpool_limits(1, user_api="blas")


def _kept(answer: Callable[..., Any], asked: tuple[Any, ...]) -> Any:
    return answer(_KEPT[0], *asked)


class Crew:
    """Answers questions, by processes of its own where there is more than one processor."""

    def __init__(self, weighings: Sequence[Weighing], workers: int | None = None) -> None:
        """Begin; ``workers`` is the number of processes, 1 for none beside this one."""
        self._weighings = weighings
        count = min(os.cpu_count() or 1, _MOST_WORKERS) if workers is None else workers
        self.workers = max(1, count)
        self._executor: ProcessPoolExecutor | None = None
        if count > 1:
            self._executor = ProcessPoolExecutor(
                count,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_keep,
                initargs=(weighings,),
            )
            # they take seconds to start: let them do so while plans are sought here
            for _ in range(count):
                self._executor.submit(os.getpid)

    def close(self) -> None:
        """End; questions that nobody waits for are not begun."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def answers(
        self,
        answer: Callable[..., Answer],
        asked: Sequence[tuple[Any, ...]],
        goes_on: Callable[[], bool],
    ) -> Iterator[Answer]:
        """Yield ``answer(weighings, *each)`` of each that is asked, in order, while ``goes_on``.

        ``answer``: a function of a module, which a process can find by its name.
        """
        if self._executor is None:
            for each in asked:
                if not goes_on():
                    return
                yield answer(self._weighings, *each)
            return
        waiting = [self._executor.submit(_kept, answer, each) for each in asked]
        try:
            for future in waiting:
                if not goes_on():
                    return
                yield future.result()
        finally:
            for future in waiting:
                future.cancel()
