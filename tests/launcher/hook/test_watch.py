"""The keyboard hook's process as the launcher sees it, played by small programs."""

import sys
import time
from collections.abc import Callable

import pytest

from lovhub.launcher.hook import watch
from lovhub.launcher.hook.watch import HookWatch

WELL = """
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(b"holding\\n" if line == b"hold\\n" else b"released\\n")
    sys.stdout.buffer.flush()
"""
DEAF = "sys.stdin.buffer.read()  # until whoever speaks to it is gone"


class At:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def hook(code: str, now: At) -> HookWatch:
    return HookWatch([sys.executable, "-c", f"import sys\n{code}"], now)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def pid(kept: HookWatch) -> int:
    assert kept._life is not None
    return kept._life.process.pid


@pytest.fixture
def now() -> At:
    return At()


def test_keys_are_held_once_the_process_says_so_and_until_it_is_silent(now: At) -> None:
    kept = hook(WELL, now)
    kept.warm_up()
    assert not kept.holding
    assert not kept.hold()
    until(kept.hold)
    now.seconds += watch.SILENT_SECONDS + 0.1
    assert not kept.holding
    silent = pid(kept)
    until(kept.hold)
    assert pid(kept) != silent
    kept.release()
    assert not kept.holding
    released = pid(kept)
    until(kept.hold)  # the same process again: a lock comes and goes
    assert pid(kept) == released
    kept._end()


def test_a_process_that_ends_is_started_again(now: At) -> None:
    kept = hook(WELL, now)
    until(kept.hold)
    assert kept._life is not None
    kept._life.process.kill()
    kept._life.process.wait()
    assert not kept.holding
    until(kept.hold)
    kept._end()


def test_one_that_never_says_anything_is_replaced_and_ended_when_it_does_not_let_go(
    now: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = hook(DEAF, now)
    assert not kept.hold()
    first = pid(kept)
    now.seconds += watch.START_SECONDS + 0.1
    assert not kept.hold()
    assert pid(kept) != first
    monkeypatch.setattr(watch, "RELEASE_SECONDS", 0.05)
    assert kept._life is not None
    process = kept._life.process
    kept.release()
    assert process.poll() is not None


def test_one_that_cannot_be_started_holds_nothing(now: At) -> None:
    kept = HookWatch(["/no/such/program"], now)
    assert not kept.hold()
    kept.release()
