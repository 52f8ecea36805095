"""The bank that is none, over its own wire."""

import threading
from collections.abc import Iterator

import pytest

from lovhub.simulator.bank.command import Bank


@pytest.fixture
def bank() -> Iterator[Bank]:
    """The bank that is none; it is never asked to call the club."""

    def nobody() -> object:
        raise AssertionError

    with Bank(0, "device", nobody) as served:  # type: ignore[arg-type]
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        served.shutdown()
        thread.join()
