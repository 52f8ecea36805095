"""A process that is told to end, whatever it is doing at that moment, does so."""

import signal
import sys
from types import FrameType
from typing import Any

import pytest

from lovhub.agent.stop_signal import StopSignal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_waits_hears_it(number: signal.Signals) -> None:
    stop = StopSignal()
    before = signal.getsignal(number)
    with stop.heard():
        assert not stop.wait(0)
        signal.raise_signal(number)
        assert stop.wait(60)
    assert signal.getsignal(number) is before


@pytest.mark.timeout(10)
def test_it_may_come_between_any_two_steps_of_the_wait() -> None:
    """With a lock in the handler one of these would stand still for ever."""
    for step in range(1, 40):
        stop = StopSignal()
        left = step

        def trace(_frame: FrameType, _event: str, _more: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                signal.raise_signal(signal.SIGTERM)
            return trace

        with stop.heard():
            before = sys.gettrace()
            sys.settrace(trace)
            try:
                stop.wait(0.001)
            finally:
                sys.settrace(before)
            assert stop.has_come == (left <= 0)
