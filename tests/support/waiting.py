"""Waiting for what another process or thread is about to do."""

import time
from collections.abc import Callable
from typing import TypeVar

WAIT_SECONDS = 40.0

Found = TypeVar("Found")


def eventually(question: Callable[[], Found]) -> Found:
    """The first answer that is true of one asked again and again."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := question()):
        assert time.monotonic() < deadline, question
        time.sleep(0.01)
    return found
