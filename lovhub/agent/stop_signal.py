"""Being told to end: by the system, or at the terminal."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator

LOOK_SECONDS = 0.1


@contextlib.contextmanager
def told_to_end(do: Callable[[], object]) -> Iterator[None]:
    """Meanwhile being told to end does this, and no more. Only in the main thread."""
    before = {
        number: signal.signal(number, lambda *_received: do())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class StopSignal:
    """Whether this process has been told to end, for what waits without an event loop.

    Hearing it sets a flag and no more: a `threading.Event` has a lock, which the very wait that the signal interrupts
    may hold, and which would then be waited for for ever.
    """

    def __init__(self) -> None:
        self.has_come = False

    def heard(self) -> contextlib.AbstractContextManager[None]:
        """Meanwhile the signals do nothing else. Only in the main thread."""
        return told_to_end(self._come)

    def wait(self, seconds: float) -> bool:
        """Let so much time pass, or less if it comes meanwhile; whether it has come."""
        until = time.monotonic() + seconds
        while not self.has_come and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_SECONDS))
        return self.has_come

    def _come(self) -> None:
        self.has_come = True
