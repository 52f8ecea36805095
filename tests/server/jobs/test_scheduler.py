"""Jobs run in their time on the injected clock, and none takes the others with it."""

import threading

from structlog.testing import capture_logs

from lovhub.clock import ManualClock
from lovhub.server.jobs.scheduler import REMIND_SECONDS, Job, Scheduler


def test_each_job_runs_at_its_own_interval(clock: ManualClock) -> None:
    done: list[str] = []
    scheduler = Scheduler(
        clock,
        [
            Job("often", 1, lambda: done.append("often")),
            Job("seldom", 5, lambda: done.append("seldom")),
        ],
    )
    for _ in range(6):
        scheduler.run_due()
        scheduler.run_due()
        clock.advance(1)
    assert (done.count("often"), done.count("seldom")) == (6, 2)


def test_of_several_servers_one_does_what_one_must_do(clock: ManualClock) -> None:
    done: list[str] = []
    leads = False
    scheduler = Scheduler(
        clock,
        [
            Job("bill", 1, lambda: done.append("bill"), at_stop=True),
            Job("own", 1, lambda: done.append("own"), at_stop=True, everywhere=True),
        ],
        lambda: leads,
    )
    for _ in range(3):
        scheduler.run_due()
        clock.advance(1)
    scheduler.run_last()
    assert done == ["own"] * 4
    leads = True
    scheduler.run_due()
    scheduler.run_last()
    assert done[4:] == ["bill", "own"] * 2, "at once, and not at its next turn"


def test_a_clock_moved_far_makes_a_job_due_once(clock: ManualClock) -> None:
    done: list[int] = []
    scheduler = Scheduler(clock, [Job("tick", 1, lambda: done.append(1))])
    scheduler.run_due()
    clock.advance(3600)
    scheduler.run_due()
    scheduler.run_due()
    assert len(done) == 2


def test_a_failing_job_is_tried_again_and_the_others_go_on(clock: ManualClock) -> None:
    attempts: list[int] = []
    others: list[int] = []

    def fails() -> None:
        attempts.append(1)
        raise OSError("no space left")

    scheduler = Scheduler(
        clock, [Job("fails", 1, fails), Job("other", 1, lambda: others.append(1))]
    )
    with capture_logs() as logs:
        for _ in range(int(REMIND_SECONDS) + 1):
            scheduler.run_due()
            clock.advance(1)
    assert len(attempts) == len(others) == REMIND_SECONDS + 1
    # Told at the first failure and a minute later, not sixty times.
    assert [line["event"] for line in logs] == ["job_failed", "job_failed"]
    assert logs[0]["job"] == "fails"


def test_that_a_job_works_again_is_told(clock: ManualClock) -> None:
    broken = [True]

    def work() -> None:
        if broken:
            raise OSError

    scheduler = Scheduler(clock, [Job("work", 1, work)])
    with capture_logs() as logs:
        scheduler.run_due()
        broken.clear()
        for _ in range(2):
            clock.advance(1)
            scheduler.run_due()
    assert [line["event"] for line in logs] == ["job_failed", "job_works_again"]


def test_the_thread_outlives_a_failing_job_and_ends_when_told(clock: ManualClock) -> None:
    ran_twice = threading.Event()
    attempts: list[int] = []

    def fails() -> None:
        attempts.append(1)
        if len(attempts) > 1:
            ran_twice.set()
        raise OSError

    scheduler = Scheduler(clock, [Job("fails", 0, fails)])
    with capture_logs():
        scheduler.start()
        assert ran_twice.wait(10)
        scheduler.stop()
    count = len(attempts)
    scheduler.stop()
    assert len(attempts) == count


def test_at_the_stop_only_what_must_not_wait_is_done(clock: ManualClock) -> None:
    done: list[str] = []
    Scheduler(
        clock,
        [
            Job("tick", 1, lambda: done.append("tick")),
            Job("flush", 5, lambda: done.append("flush"), at_stop=True),
        ],
    ).run_last()
    assert done == ["flush"]


def test_without_jobs_there_is_no_thread(clock: ManualClock) -> None:
    scheduler = Scheduler(clock, [])
    scheduler.start()
    assert not scheduler._thread.is_alive()
    scheduler.stop()
