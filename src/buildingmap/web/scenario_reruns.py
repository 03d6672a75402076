"""Scenarios being made again: each in a process of its own with a time limit, so that no request waits for it."""

from __future__ import annotations

import pickle
import secrets
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from buildingmap.placement.scenarios import scenario_document
from buildingmap.web.plan_jobs import PlansBusyError

if TYPE_CHECKING:
    from buildingmap.placement.scenarios import Scenario
    from buildingmap.snapshot import Snapshot

RerunState = Literal["running", "done", "failed", "cancelled"]
_MODULE: Final = "buildingmap.placement.scenarios.child"
_MOST_RUNNING: Final = 2
_MOST_KEPT: Final = 100
_KEPT_SECONDS: Final = 3600.0
# reading, laying out and clashes come on top of the proof, which has the plan's own limit
_MORE_SECONDS: Final = 60.0
_MOST_SECONDS: Final = 900.0


@dataclass(slots=True)
class RerunJob:
    """A scenario being made again, or made; ``score`` and ``bound`` as far as the proof is."""

    id: str
    scenario_id: str
    owner: str
    began: float
    state: RerunState = "running"
    score: float | None = None
    bound: float | None = None
    rerun: dict[str, Any] | None = None
    error: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        names = ("id", "scenario_id", "state", "score", "bound", "rerun", "error")
        return {name: getattr(self, name) for name in names}


class RerunJobs:
    """The jobs of this server's process."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._jobs: dict[str, RerunJob] = {}

    def start(self, scenario_id: str, scenario: Scenario, snapshot: Snapshot, owner: str) -> RerunJob:
        """Begin to make ``scenario`` again from ``snapshot``. Raises PlansBusyError where too many run already."""
        job = RerunJob(secrets.token_hex(8), scenario_id, owner, time.monotonic())
        with self._lock:
            self._forget_old()
            if sum(each.state == "running" for each in self._jobs.values()) >= _MOST_RUNNING:
                raise PlansBusyError(
                    "found several scenarios being made again, expected one to end first",
                    "正在重算的方案过多，请等其中一个结束",
                )
            self._jobs[job.id] = job
        seconds = min(scenario.plan.seconds + _MORE_SECONDS, _MOST_SECONDS)
        asked = pickle.dumps((scenario_document(scenario), snapshot))
        threading.Thread(target=self._run, args=(job, asked, seconds), daemon=True).start()
        return job

    def of(self, job_id: str, owner: str) -> RerunJob | None:
        """Return a job of ``owner``'s, None where there is none."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.owner == owner else None

    def cancel(self, job: RerunJob) -> None:
        """End a job."""
        with self._lock:
            if job.state == "running":
                job.state = "cancelled"
                if job.process is not None:
                    job.process.kill()

    def _forget_old(self) -> None:
        now = time.monotonic()
        ended = [each for each in self._jobs.values() if each.state != "running"]
        old = [each for each in ended if now - each.began > _KEPT_SECONDS]
        for job in old or ended[: max(0, len(self._jobs) - _MOST_KEPT + 1)]:
            del self._jobs[job.id]

    def _run(self, job: RerunJob, asked: bytes, seconds: float) -> None:
        with self._lock:
            if job.state != "running":
                return
            job.process = subprocess.Popen(  # noqa: S603 - this program's own module
                [sys.executable, "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        limit = threading.Timer(seconds, self._out_of_time, (job, seconds))
        limit.daemon = True
        limit.start()
        try:
            self._follow(job, job.process, asked)
        finally:
            limit.cancel()

    def _follow(self, job: RerunJob, process: subprocess.Popen[bytes], asked: bytes) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        with process:
            try:
                process.stdin.write(asked)
                process.stdin.close()
            except OSError:
                process.kill()
            for line in process.stdout:
                self._heard(job, orjson.loads(line))
        with self._lock:
            if job.state == "running":
                job.state, job.error = "failed", "the process that made it ended without an answer"

    def _heard(self, job: RerunJob, said: dict[str, Any]) -> None:
        with self._lock:
            if job.state != "running":
                return
            if "rerun" in said:
                job.state, job.rerun = "done", said["rerun"]
            elif "error" in said:
                job.state, job.error = "failed", said["error"]
            else:
                job.score, job.bound = said["score"], said["bound"]

    def _out_of_time(self, job: RerunJob, seconds: float) -> None:
        with self._lock:
            if job.state == "running":
                job.state, job.error = "failed", f"found no answer within {seconds:.0f} s"
                if job.process is not None:
                    job.process.kill()
