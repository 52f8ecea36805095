import pytest

from lovhub.clock import ManualClock
from lovhub.server.errors import OperationRefused
from lovhub.server.throttle import Throttle


def test_refuses_after_too_many_failures_and_says_how_long() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, attempts=3, per_seconds=60)
    for _ in range(3):
        throttle.check("10.0.0.5")
        throttle.failed("10.0.0.5")
        clock.advance(10)

    with pytest.raises(OperationRefused) as refusal:
        throttle.check("10.0.0.5")

    assert refusal.value.code == "too_many_attempts"
    assert refusal.value.values == {"seconds": 30}
    throttle.check("10.0.0.6")


def test_old_failures_are_forgotten() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, attempts=1, per_seconds=60)
    throttle.failed("key")
    clock.advance(60)
    throttle.check("key")


def test_success_forgets_failures() -> None:
    throttle = Throttle(ManualClock(), attempts=2, per_seconds=60)
    throttle.failed("key")
    throttle.succeeded("key")
    throttle.failed("key")
    throttle.check("key")


def test_memory_is_bounded() -> None:
    throttle = Throttle(ManualClock(), attempts=1, per_seconds=60)
    for number in range(10_001):
        throttle.failed(f"key {number}")
    throttle.check("key 0")
    with pytest.raises(OperationRefused):
        throttle.check("key 10000")
