"""Plans as jobs: answered beside the server, told how far they are, stopped, outlived by nobody."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from buildingmap.placement import PlanError, Question, answer, planning
from buildingmap.web.plan_jobs import PlanJobs, PlanLimitError, PlanLimits, PlansBusyError
from tests.web.planning import finished, large_town, long, quick, quick_plan, small_town, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildingmap.model import District
    from buildingmap.snapshot import Snapshot
    from buildingmap.web.plan_jobs import PlanJob


@pytest.fixture(scope="module")
def small(district: District) -> Snapshot:
    return small_town(district)


@pytest.fixture(scope="module")
def large(district: District) -> Snapshot:
    # the processes of all tests here are the same: the towns are told apart by their versions
    return replace(large_town(district), version="large")


@pytest.fixture(scope="module")
def warm_jobs() -> Iterator[PlanJobs]:
    made = PlanJobs()
    yield made
    made.close()


@pytest.fixture
def jobs(warm_jobs: PlanJobs) -> Iterator[PlanJobs]:
    """Jobs whose processes are warm from test to test; what a test leaves unfinished is stopped after it."""
    asked: list[PlanJob] = []
    ask = warm_jobs.ask

    def remember(question: Question, snapshot: Snapshot, owner: str) -> PlanJob:
        asked.append(ask(question, snapshot, owner))
        return asked[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(warm_jobs, "ask", remember)
        yield warm_jobs
    for job in asked:
        warm_jobs.cancel(job)
    until(lambda: all(job.process is None for job in asked))


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_the_process_beside_the_server_finds_what_the_room_finds(jobs: PlanJobs, small: Snapshot) -> None:
    job = finished(jobs.ask(quick(), small, "lin"))
    here = answer(planning(small, quick_plan()))

    assert job.state == "done"
    assert replace(job.answer, seconds=0) == replace(here, seconds=0)


def test_what_was_answered_is_not_solved_again_but_for_another_version(
    jobs: PlanJobs, small: Snapshot
) -> None:
    first = finished(jobs.ask(quick(), small, "lin"))
    again = jobs.ask(quick(), small, "wang")
    other_plan = jobs.ask(quick(towers=4), small, "lin")
    other_version = jobs.ask(quick(), replace(small, version="later"), "lin")

    assert again.state == "done"
    assert again.answer is first.answer
    assert again.id != first.id
    assert other_plan.unfinished
    assert other_version.unfinished
    assert finished(other_version).answer.version == "later"


def test_few_answers_are_kept(small: Snapshot) -> None:
    jobs = PlanJobs(PlanLimits(answers=2))
    for towers in (1, 2, 3):
        finished(jobs.ask(quick(towers=towers), small, "lin"))
    states = [jobs.ask(quick(towers=towers), small, "lin").state for towers in (3, 2, 1)]
    jobs.close()
    assert states[:2] == ["done", "done"]
    assert states[2] != "done"


def test_the_same_question_of_the_same_visitor_is_under_way_once(jobs: PlanJobs, large: Snapshot) -> None:
    one = jobs.ask(long(), large, "lin")
    same = jobs.ask(long(), large, "lin")
    another_s = jobs.ask(long(), large, "wang")
    assert same is one
    assert another_s is not one


def test_score_and_bound_are_told_while_it_is_solved_and_the_bound_lies_above(
    jobs: PlanJobs, large: Snapshot
) -> None:
    job = jobs.ask(long(), large, "lin")
    until(lambda: job.score is not None and job.bound is not None)
    assert job.state == "solving"
    assert job.score is not None
    assert job.bound is not None
    assert job.bound >= job.score > 0
    assert job.gap is not None
    assert job.gap >= 0


def test_a_stopped_question_ends_and_its_process_serves_the_next(jobs: PlanJobs, large: Snapshot) -> None:
    job = jobs.ask(long(), large, "lin")
    until(lambda: job.score is not None)
    jobs.cancel(job)
    assert job.state == "cancelled"
    until(lambda: job.process is None)
    assert job.answer is None
    assert finished(jobs.ask(quick(), large, "lin")).state == "done"
    assert jobs.known(job.question, large) is None


def test_a_waiting_question_can_be_stopped_before_it_begins(large: Snapshot) -> None:
    jobs = PlanJobs(PlanLimits(at_once=1))
    running = jobs.ask(long(), large, "lin")
    waiting = jobs.ask(long(towers=29), large, "lin")
    assert (running.state, waiting.state) == ("solving", "waiting")
    jobs.cancel(waiting)
    jobs.cancel(running)
    until(lambda: running.process is None)
    jobs.close()
    assert waiting.state == "cancelled"
    assert waiting.score is None


def test_closing_begins_no_process_for_what_waits(large: Snapshot) -> None:
    jobs = PlanJobs(PlanLimits(at_once=1))
    running = jobs.ask(long(), large, "lin")
    waiting = jobs.ask(long(towers=29), large, "lin")
    until(lambda: running.score is not None)
    jobs.close()
    finished(running)
    assert jobs.processes() == []
    assert waiting.process is None


def test_what_takes_longer_than_it_may_is_ended(large: Snapshot) -> None:
    jobs = PlanJobs(PlanLimits(reserve_seconds=-249))
    job = finished(jobs.ask(long(), large, "lin"))
    jobs.close()
    assert job.state == "failed"
    assert "time limit" in str(job.error)


def test_a_killed_process_fails_its_question_and_another_takes_its_place(
    jobs: PlanJobs, large: Snapshot, small: Snapshot
) -> None:
    job = jobs.ask(long(), large, "lin")
    until(lambda: job.score is not None)
    assert job.process is not None
    pid = job.process.pid
    psutil.Process(pid).kill()
    assert finished(job).state == "failed"
    assert "ended before it answered" in str(job.error)
    assert finished(jobs.ask(quick(), small, "lin")).state == "done"
    assert pid not in jobs.processes()


def test_a_job_is_its_owner_s_alone(jobs: PlanJobs, small: Snapshot) -> None:
    job = jobs.ask(quick(), small, "lin")
    assert jobs.of(job.id, "lin") is job
    assert jobs.of(job.id, "wang") is None
    assert jobs.of("none", "lin") is None


def test_old_and_many_jobs_are_forgotten(small: Snapshot) -> None:
    jobs = PlanJobs(PlanLimits(kept=3))
    first = finished(jobs.ask(quick(), small, "lin"))
    made = [jobs.ask(quick(), small, "lin") for _ in range(5)]
    kept = [job.id for job in (first, *made) if jobs.of(job.id, "lin") is not None]
    jobs.close()
    assert kept == [job.id for job in made[-3:]]


def test_too_many_unfinished_questions_are_refused(large: Snapshot) -> None:
    jobs = PlanJobs(PlanLimits(own=2, all=3))
    for towers in (28, 29):
        jobs.ask(long(towers=towers), large, "lin")
    with pytest.raises(PlansBusyError, match="2 unfinished plans of yours"):
        jobs.ask(long(), large, "lin")
    jobs.ask(long(), large, "wang")
    with pytest.raises(PlansBusyError, match="3 in all"):
        jobs.ask(long(), large, "zhao")
    jobs.close()


@pytest.mark.parametrize(
    ("limits", "found"),
    [(PlanLimits(seconds=10), "found 250, expected at most 10"), (PlanLimits(pairs=1000), "found 200 × 8")],
)
def test_what_is_larger_than_the_server_allows_is_refused(
    large: Snapshot, limits: PlanLimits, found: str
) -> None:
    jobs = PlanJobs(limits)
    with pytest.raises(PlanLimitError, match=found):
        jobs.ask(long(), large, "lin")
    assert jobs.processes() == []


@pytest.mark.parametrize(
    ("entries", "entry"),
    [({"fixed": [{"site": "nowhere"}]}, "fixed"), ({"sectors": {"gold": {"max": 1}}}, "sectors")],
)
def test_what_there_is_not_is_refused_at_once(
    jobs: PlanJobs, small: Snapshot, entries: dict[str, object], entry: str
) -> None:
    with pytest.raises(PlanError) as refused:
        jobs.ask(quick(**entries), small, "lin")
    assert [fault.entry for fault in refused.value.faults] == [entry]


def test_why_not_is_answered_with_and_without_the_plan_known(jobs: PlanJobs, small: Snapshot) -> None:
    best = answer(planning(small, quick_plan()))
    left_out = best.runners_up[0].site
    asked = Question(quick_plan(), "why_not", site=left_out)
    cold = finished(jobs.ask(asked, small, "lin"))
    finished(jobs.ask(quick(), small, "lin"))
    with_sector = finished(
        jobs.ask(Question(quick_plan(), "why_not", site=left_out, sector="digital"), small, "lin")
    )
    assert cold.answer.gives_up == pytest.approx(best.score - cold.answer.instead.score)
    assert left_out in cold.answer.enter
    assert with_sector.answer.gives_up >= cold.answer.gives_up - 1e-9


def test_a_sector_that_no_tower_can_be_for_is_named_as_what_keeps_a_site_out(
    jobs: PlanJobs, small: Snapshot
) -> None:
    job = finished(jobs.ask(Question(quick_plan(), "why_not", site="DK-01", sector="other"), small, "lin"))
    assert job.state == "done"
    assert job.answer.gives_up is None
    assert [term.kind for term in job.answer.clash] == ["leading", "fixed"]
    assert job.answer.clash[1].subject == ("DK-01", "other")


def test_processes_end_with_what_keeps_them(small: Snapshot) -> None:
    jobs = PlanJobs()
    finished(jobs.ask(quick(), small, "lin"))
    (pid,) = jobs.processes()
    del jobs
    until(lambda: gone(pid))


def test_processes_without_work_end(small: Snapshot) -> None:
    jobs = PlanJobs(PlanLimits(idle_seconds=0.2))
    job = finished(jobs.ask(quick(), small, "lin"))
    until(lambda: jobs.processes() == [])
    assert finished(jobs.ask(quick(towers=2), small, "lin")).state == "done"
    assert job.state == "done"
    jobs.close()


_SERVER = """
import sys, tomllib
from buildingmap import resources
from buildingmap.model import District, Surroundings
from buildingmap.web.plan_jobs import PlanJobs
from tests.web.planning import large_town, long, until
with (resources.data_folder() / "district.toml").open("rb") as file:
    district = District.model_validate(tomllib.load(file))
jobs = PlanJobs()
job = jobs.ask(long(), large_town(district), "lin")
until(lambda: job.score is not None)
print(jobs.processes()[0], flush=True)
sys.stdin.read()
"""


@pytest.mark.command
@pytest.mark.parametrize("ending", ["ends", "killed"])
def test_no_process_outlives_its_server_however_that_ends(ending: str) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdin is not None
    pid = int(server.stdout.readline())
    assert not gone(pid)
    if ending == "killed":
        server.kill()
    server.stdin.close()
    server.wait(timeout=60)
    server.stdout.close()
    until(lambda: gone(pid))
