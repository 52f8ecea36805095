"""The launcher's side of the keyboard hook: keeps its process alive, and believes only what it says now."""

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

from lovhub.launcher.hook.command import HOLD, HOLDING, RELEASE, RELEASED

START_SECONDS = 5.0
"""A process that has said nothing so long after it was told to hold is replaced."""

SILENT_SECONDS = 1.5
"""Likewise one that has fallen silent. It speaks four times a second."""

RELEASE_SECONDS = 1.0
"""After the lock Windows has its keys back within this time, or the process is ended, which gives them back."""

if sys.platform == "win32":
    _FLAGS = subprocess.CREATE_NO_WINDOW
else:
    _FLAGS = 0

log = logging.getLogger(__name__)


class HookWatch:
    """Not for two threads. `command` starts the process, see `hook.command`."""

    def __init__(self, command: Sequence[str], now: Callable[[], float] = time.monotonic) -> None:
        self._command = command
        self._now = now
        self._life: _Life | None = None
        self._told_at: float | None = None

    @property
    def holding(self) -> bool:
        """Whether the hook was in place and working a moment ago."""
        life = self._life
        return (
            life is not None
            and self._told_at is not None
            and life.heard_at is not None
            and self._now() - life.heard_at < SILENT_SECONDS
            and life.process.poll() is None
        )

    def warm_up(self) -> None:
        """Start the process, which holds nothing yet."""
        if self._life is None or self._life.process.poll() is not None:
            self._end()
            try:
                self._life = _Life(self._command, self._now)
            except OSError as error:
                log.warning("no keyboard hook: %s", error)

    def hold(self) -> bool:
        """See to it that the keys are held; whether they are. To be asked again and again."""
        life = self._life
        if life is not None and (life.process.poll() is not None or self._is_silent(life)):
            log.warning("the keyboard hook is replaced")
            self._end()
        if self._told_at is None or self._life is None:
            self.warm_up()
            if self._life is not None:
                self._told_at = self._now()
                self._life.tell(HOLD)
        return self.holding

    def release(self) -> None:
        """Give the keys back."""
        life, self._told_at = self._life, None
        if life is None:
            return
        life.heard_at = None
        life.released.clear()
        life.tell(RELEASE)
        if not life.released.wait(RELEASE_SECONDS):
            self._end()

    def _is_silent(self, life: "_Life") -> bool:
        if self._told_at is None:
            return False
        if life.heard_at is None:
            return self._now() - self._told_at > START_SECONDS
        return self._now() - life.heard_at > SILENT_SECONDS

    def _end(self) -> None:
        life, self._life, self._told_at = self._life, None, None
        if life is not None:
            life.end()


class _Life:
    """One process from its start to its end."""

    def __init__(self, command: Sequence[str], now: Callable[[], float]) -> None:
        self._now = now
        self.heard_at: float | None = None
        self.released = threading.Event()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_FLAGS,
        )
        threading.Thread(target=self._listen, name="keyboard-hook", daemon=True).start()

    def tell(self, word: bytes) -> None:
        stdin = self.process.stdin
        if stdin is not None:
            with contextlib.suppress(OSError):  # it died already: that is seen at the next look
                stdin.write(word + b"\n")
                stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def _listen(self) -> None:
        stdout = self.process.stdout
        if stdout is None:
            return
        with stdout:
            for line in stdout:
                if line.strip() == HOLDING:
                    self.heard_at = self._now()
                elif line.strip() == RELEASED:
                    self.heard_at = None
                    self.released.set()
