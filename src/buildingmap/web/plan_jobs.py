"""Questions about plans under way: each answered in a process of its own, kept for its owner until it is old."""

from __future__ import annotations

import pickle
import secrets
import threading
import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from buildingmap.errors import BilingualError
from buildingmap.placement import candidate_count, expect_answerable, for_planning
from buildingmap.web.plan_process import EndedError, PlanProcess

if TYPE_CHECKING:
    from buildingmap.errors import BuildingmapError
    from buildingmap.model import Lang
    from buildingmap.placement import Question
    from buildingmap.snapshot import Snapshot

State = Literal["waiting", "solving", "done", "refused", "failed", "cancelled"]
PLAN_ID_LENGTH: Final = 16
UNFINISHED: Final[frozenset[State]] = frozenset({"waiting", "solving"})


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """What planning may take of a server.

    ``seconds``: the most that one question may ask for; ``pairs``: candidate sites × sectors; ``at_once``: processes;
    ``own`` and ``all``: unfinished questions of one visitor and of everyone; ``kept`` and ``kept_seconds``: how many
    jobs are remembered, and how long; ``answers``: answers kept for whoever asks the same; ``idle_seconds``: after
    which a process without work ends; ``reserve_seconds``: what an answer may take beyond its plan's own limit.
    """

    seconds: float = 300.0
    pairs: int = 60_000
    at_once: int = 2
    own: int = 4
    all: int = 16
    kept: int = 64
    kept_seconds: float = 3600.0
    answers: int = 64
    idle_seconds: float = 900.0
    reserve_seconds: float = 60.0


class PlanLimitError(BilingualError):
    """A question is larger than this server answers."""


class PlansBusyError(BilingualError):
    """Too many questions are under way."""


@dataclass(slots=True, eq=False)
class PlanJob:
    """One question of one visitor: ``score``, ``bound``, ``done`` and ``of`` are the latest that was heard."""

    id: str
    owner: str
    question: Question
    snapshot: Snapshot
    state: State = "waiting"
    score: float | None = None
    bound: float | None = None
    done: int | None = None
    of: int | None = None
    answer: Any = None
    error: BuildingmapError | None = None
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    touched: float = field(default_factory=time.monotonic)
    process: PlanProcess | None = None
    number: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What its answer is kept under: the version of the registry and the question."""
        return self.snapshot.version, self.question.key

    def errors(self, lang: Lang) -> list[str]:
        """Return why it was not answered, a line for each reason."""
        return [] if self.error is None else self.error.text(lang).splitlines()

    @property
    def unfinished(self) -> bool:
        """Whether its answer is still to come."""
        return self.state in UNFINISHED

    @property
    def seconds(self) -> float:
        """How long it has taken, or took."""
        return (self.ended or time.monotonic()) - self.began

    @property
    def gap(self) -> float | None:
        """How far the bound is above the score, as a share of it; None while either is unknown."""
        if self.score is None or self.bound is None:
            return None
        return max(0.0, self.bound - self.score) / max(abs(self.score), 1e-9)


class PlanJobs:
    """The plans of one server process. Answers live here, never in the registry."""

    def __init__(self, limits: PlanLimits | None = None) -> None:
        """Start without any job or process."""
        self.limits = limits or PlanLimits()
        self._jobs: dict[str, PlanJob] = {}
        self._answers: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._packed: tuple[str, bytes] | None = None
        self._waiting: list[PlanJob] = []
        self._lock = threading.Lock()
        self._processes: set[PlanProcess] = set()
        self._idle: list[PlanProcess] = []
        self._rest: threading.Timer | None = None
        self._closed = False
        # the processes go with the server, or with the test that drops it
        self._finalizer = weakref.finalize(self, _end_all, self._processes)

    def ask(self, question: Question, snapshot: Snapshot, owner: str) -> PlanJob:
        """Take a question in; its job is done at once where the answer is known.

        Raises PlanError where it names what there is not, PlanLimitError, PlansBusyError.
        """
        self._expect_within(question, snapshot)
        expect_answerable(question, snapshot)
        job = PlanJob(secrets.token_urlsafe(PLAN_ID_LENGTH * 3 // 4), owner, question, snapshot)
        with self._lock:
            self._make_room()
            known = self._answers.get(job.key)
            if known is not None:
                self._answers.move_to_end(job.key)
                job.answer, job.state, job.ended = known, "done", time.monotonic()
            else:
                same = next((o for o in self._unfinished() if o.owner == owner and o.key == job.key), None)
                if same is not None:
                    return same
                self._expect_room(owner)
                self._waiting.append(job)
            self._jobs[job.id] = job
            self._start()
        return job

    def known(self, question: Question, snapshot: Snapshot) -> Any:
        """Return the answer to a question where it is known already, else None."""
        with self._lock:
            return self._answers.get((snapshot.version, question.key))

    def of(self, job_id: str, owner: str) -> PlanJob | None:
        """Return a visitor's job, None where they have none of this id."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.owner != owner:
                return None
            job.touched = time.monotonic()
            return job

    def cancel(self, job: PlanJob) -> None:
        """End a job; one that is finished stays as it is."""
        with self._lock:
            if not job.unfinished:
                return
            job.state, job.ended = "cancelled", time.monotonic()
            if job in self._waiting:
                self._waiting.remove(job)
            process, number = job.process, job.number
        if process is not None:
            # it may be busy reading a snapshot: nobody waits for that
            threading.Thread(target=process.stop, args=(number,), name="plan-stop", daemon=True).start()

    def processes(self) -> list[int]:
        """Return the ids of the processes that run."""
        with self._lock:
            return [process.pid for process in self._processes if process.alive]

    def close(self) -> None:
        """End every process, and begin none for what still waits."""
        with self._lock:
            self._closed = True
        self._finalizer()

    def _expect_within(self, question: Question, snapshot: Snapshot) -> None:
        limits, plan = self.limits, question.plan
        if plan.seconds > limits.seconds:
            raise PlanLimitError(
                f"plan: seconds: found {plan.seconds:g}, expected at most {limits.seconds:g} on this server",
                f"plan：seconds：实为 {plan.seconds:g}，本服务器应至多为 {limits.seconds:g}",
            )
        sectors = len(plan.leading_sectors(snapshot.district))
        sites = candidate_count(snapshot, plan)
        if sites * sectors > limits.pairs:
            raise PlanLimitError(
                f"plan: candidates × leading: found {sites:,} × {sectors}, expected at most {limits.pairs:,} pairs "
                "on this server: fewer sectors, or the command buildingmap plan",
                f"plan：candidates × leading：实为 {sites:,} × {sectors}，本服务器应至多为 {limits.pairs:,} 对："
                "请减少产业，或改用命令 buildingmap plan",
            )

    def _expect_room(self, owner: str) -> None:
        unfinished = list(self._unfinished())
        own = sum(job.owner == owner for job in unfinished)
        if own >= self.limits.own or len(unfinished) >= self.limits.all:
            raise PlansBusyError(
                f"found {own} unfinished plans of yours and {len(unfinished)} in all, expected fewer than "
                f"{self.limits.own} and {self.limits.all}: cancel one, or try again in a minute",
                f"您有 {own} 个未完成的规划，全部共 {len(unfinished)} 个，应分别少于 {self.limits.own} 个和 "
                f"{self.limits.all} 个：请取消一个，或稍后再试",
            )

    def _unfinished(self) -> list[PlanJob]:
        return [job for job in self._jobs.values() if job.unfinished]

    def _make_room(self) -> None:
        now = time.monotonic()
        finished = sorted((j for j in self._jobs.values() if not j.unfinished), key=lambda job: job.touched)
        over = len(self._jobs) + 1 - self.limits.kept
        for place, job in enumerate(finished):
            if place < over or now - job.touched > self.limits.kept_seconds:
                del self._jobs[job.id]

    def _start(self) -> None:
        """Start as many waiting jobs as there may be processes."""
        solving = sum(job.process is not None for job in self._jobs.values())
        while self._waiting and solving < self.limits.at_once and not self._closed:
            job = self._waiting.pop(0)
            job.state, job.process = "solving", self._process(job.snapshot.version)
            job.number = job.process.begin()
            solving += 1
            # a thread that ends with the server: what it waits for is ended then
            threading.Thread(target=self._run, args=(job, job.process), name="plan", daemon=True).start()

    def _process(self, version: str) -> PlanProcess:
        """Return a process without work, one that knows the version before others, or a new one."""
        self._idle = [process for process in self._idle if process.alive]
        if not self._idle:
            for process in [each for each in self._processes if not each.alive]:
                process.close()
                self._processes.remove(process)
            started = PlanProcess()
            self._processes.add(started)
            return started
        place = next((at for at, each in enumerate(self._idle) if each.version == version), 0)
        return self._idle.pop(place)

    def _run(self, job: PlanJob, process: PlanProcess) -> None:
        """Have a job answered; the process is ended where that takes longer than it may."""
        most_seconds = job.question.plan.seconds * _solves(job.question) + self.limits.reserve_seconds
        timer = threading.Timer(most_seconds, process.kill)
        timer.daemon = True
        timer.start()
        begun = time.monotonic()
        try:
            kind, content = process.ask(
                job.number,
                job.question,
                job.snapshot.version,
                lambda: self._pack(job.snapshot),
                lambda *told: _hear(job, *told),
            )
        except EndedError:
            late = time.monotonic() - begun >= most_seconds
            self._finish(job, process, "failed", error=_LATE if late else _ENDED)
        else:
            if kind == "refused":
                self._finish(job, process, "refused", error=content[0])
            else:
                self._finish(job, process, "done", answer=content[0])
        finally:
            timer.cancel()

    def _finish(
        self,
        job: PlanJob,
        process: PlanProcess,
        state: State,
        *,
        answer: Any = None,
        error: BuildingmapError | None = None,
    ) -> None:
        with self._lock:
            process.done()
            job.process = None
            if job.state != "cancelled":
                job.answer, job.error, job.ended = answer, error, time.monotonic()
                job.state = state
                if state == "done":
                    self._keep(job.key, answer)
            self._idle.append(process)
            self._start()
            self._let_rest()

    def _keep(self, key: tuple[str, str], answer: Any) -> None:
        self._answers[key] = answer
        while len(self._answers) > self.limits.answers:
            self._answers.popitem(last=False)

    def _let_rest(self) -> None:
        """End processes that have nothing to do for long."""
        if self._rest is not None:
            self._rest.cancel()
        self._rest = threading.Timer(self.limits.idle_seconds, _end_idle, [weakref.ref(self)])
        self._rest.daemon = True
        self._rest.start()

    def end_idle(self) -> None:
        """End the processes that have nothing to do."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._processes.difference_update(idle)
        for process in idle:
            process.close()

    def _pack(self, snapshot: Snapshot) -> bytes:
        held = self._packed
        if held is None or held[0] != snapshot.version:
            held = self._packed = (snapshot.version, pickle.dumps(for_planning(snapshot), protocol=5))
        return held[1]


_LATE: Final = BilingualError(
    "the time limit is over: the process was ended before it answered", "时限已过：求解进程未及回答即被结束"
)
_ENDED: Final = BilingualError(
    "the process that solved it has ended before it answered", "求解进程未及回答就已结束"
)


def _solves(question: Question) -> int:
    """How many times the plan's own limit of time a question may take: most may have to solve the plan first."""
    return 1 if question.ask == "plan" else 2


def _hear(job: PlanJob, score: float | None, bound: float | None, done: int | None, of: int | None) -> None:
    job.score = _finite(score)
    job.bound = _finite(bound)
    job.done, job.of = done, of


def _finite(value: float | None) -> float | None:
    return None if value is None or abs(value) == float("inf") else value


def _end_idle(jobs: weakref.ref[PlanJobs]) -> None:
    found = jobs()
    if found is not None:
        found.end_idle()


def _end_all(processes: set[PlanProcess]) -> None:
    for process in list(processes):
        process.close()
