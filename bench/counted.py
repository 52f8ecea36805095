"""`lovhub …`, and in it is counted what open desks cost, live and loaded anew; run by the measure of live pages.

python -m bench.counted FILE serve …    the figures stand in the file all the while: see `Figures`
"""

import asyncio
import mmap
import struct
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from lovhub.cli import main
from lovhub.server import pages
from lovhub.server.channel import live
from lovhub.server.sockets import ClubSocket

LIVE_PATH, PAGE_PATH = "/live", "/admin/computers"
Value = TypeVar("Value")


class Figures(NamedTuple):
    """Nanoseconds of computing for desks since the start: the loop's, and other threads'."""

    loop: int = 0
    threads: int = 0
    whole: int = 0
    """Of the loop's, the whole pictures that live pages are told."""
    wholes: int = 0
    """How many of them."""

    @property
    def all(self) -> int:
        """The loop's and other threads'."""
        return self.loop + self.threads

    @classmethod
    def read(cls, path: Path) -> Self:
        """As they are now."""
        return cls(*_FORM.unpack(path.read_bytes()))

    def since(self, before: "Figures") -> "Figures":
        """What has come since then."""
        return Figures(*(now - then for now, then in zip(self, before, strict=True)))


_FORM = struct.Struct(f"<{len(Figures._fields)}q")


def make_file(path: Path) -> None:
    """With nothing counted yet."""
    path.write_bytes(_FORM.pack(*Figures()))


class Counter:
    """The computing for desks.

    What is sent goes out when the loop has run what was ready, after the steps that we see: it is counted until the
    loop has come round once without a step of ours. A PC that beats in just these moments is counted, too; what wakes
    the loop, and reads what has come, before it calls what we see, is not.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._file = mmap.mmap(file.fileno(), 0)
        self._figures = Figures()
        self._lock = threading.Lock()
        self._began: int | None = None
        self._is_quiet = False
        self._is_watched = False
        self._is_whole = False
        self._has_sent = False

    def step(self, work: Callable[[], Value]) -> Value:
        """Something that the loop does for desks."""
        self._is_quiet = False
        if self._began is None:
            self._began = time.thread_time_ns()
        try:
            return work()
        finally:
            if self._has_sent and not self._is_watched:
                self._is_watched = True
                asyncio.get_running_loop().call_soon(self._come_round)
            elif not self._is_watched:
                self._close()

    def sends(self) -> None:
        """Within a step: something goes out."""
        self._has_sent = True

    def tells_whole(self) -> None:
        """Within a step: it is the whole picture."""
        self._is_whole = True

    def in_thread(self, work: Callable[[], Value]) -> Value:
        """Something that another thread does for desks."""
        before = time.thread_time_ns()
        try:
            return work()
        finally:
            self._add(Figures(threads=time.thread_time_ns() - before))

    def _come_round(self) -> None:
        if self._is_quiet:
            self._close()
            return
        self._is_quiet = True
        asyncio.get_running_loop().call_soon(self._come_round)

    def _close(self) -> None:
        took = time.thread_time_ns() - (self._began or 0)
        whole = took if self._is_whole else 0
        self._add(Figures(loop=took, whole=whole, wholes=int(self._is_whole)))
        self._began = None
        self._is_watched = self._is_whole = self._has_sent = False

    def _add(self, more: Figures) -> None:
        with self._lock:
            self._figures = Figures(*map(sum, zip(self._figures, more, strict=True)))
            _FORM.pack_into(self._file, 0, *self._figures)


class _Steps(Coroutine[Any, Any, Value]):
    """A coroutine whose steps are counted. `sends`: each of them may send something."""

    def __init__(
        self, work: Coroutine[Any, Any, Value], counter: Counter, *, sends: bool = False
    ) -> None:
        self._work = work
        self._counter = counter
        self._sends = sends

    def send(self, value: Any) -> Any:
        return self._counter.step(lambda: self._step(value))

    def _step(self, value: Any) -> Any:
        if self._sends:
            self._counter.sends()
        return self._work.send(value)

    def throw(
        self,
        kind: Any,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
    ) -> Any:
        return self._work.throw(kind, value, traceback)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Any:
        return self._work.__await__()


def count(counter: Counter) -> None:
    """From now on. Live pages: who tells, who sends, whether they may still look, pings; and pages loaded anew."""
    _count_live(counter)
    _count_loading(counter)


def _count_live(counter: Counter) -> None:
    told, page, wire = live.LivePages, live._Page, ClubSocket  # noqa: SLF001
    broadcast, tell_whole, find = told.broadcast_for_ever, told._tell_whole, told._find_session  # noqa: SLF001
    send, put = page._send, page.put  # noqa: SLF001
    ping, hear = wire.send_keepalive_ping, wire.data_received

    def put_and_note(self: Any, *words: Any) -> None:
        counter.sends()
        put(self, *words)

    def tell_whole_and_note(self: Any, now: float) -> None:
        counter.tells_whole()
        tell_whole(self, now)

    def counted_ping(self: Any) -> None:
        if self.scope["path"] != LIVE_PATH:
            ping(self)
            return

        def work() -> None:
            counter.sends()
            ping(self)

        counter.step(work)

    def counted_hear(self: Any, data: bytes) -> None:
        if getattr(self, "scope", None) is None or self.scope["path"] != LIVE_PATH:
            hear(self, data)
        else:
            counter.step(lambda: hear(self, data))

    changed: dict[Any, dict[str, Any]] = {
        told: {
            "broadcast_for_ever": lambda self: _Steps(broadcast(self), counter),
            "_tell_whole": tell_whole_and_note,
            "_find_session": lambda self, *words: counter.in_thread(lambda: find(self, *words)),
        },
        page: {"_send": lambda self: _Steps(send(self), counter), "put": put_and_note},
        wire: {"send_keepalive_ping": counted_ping, "data_received": counted_hear},
    }
    for kind, methods in changed.items():
        for name, method in methods.items():
            setattr(kind, name, method)


def _count_loading(counter: Counter) -> None:
    cycle, threads = RequestResponseCycle, pages._InThreads  # noqa: SLF001
    run, answer = cycle.run_asgi, threads._answer  # noqa: SLF001

    def counted_run(self: Any, app: Any) -> Any:
        work = run(self, app)
        if self.scope["path"] != PAGE_PATH:
            return work
        return _Steps(work, counter, sends=True)

    def counted_answer(self: Any, environ: Any, *words: Any) -> None:
        if environ["PATH_INFO"] != PAGE_PATH:
            answer(self, environ, *words)
        else:
            counter.in_thread(lambda: answer(self, environ, *words))

    for kind, name, method in (
        (cycle, "run_asgi", counted_run),
        (threads, "_answer", counted_answer),
    ):
        setattr(kind, name, method)


if __name__ == "__main__":
    count(Counter(Path(sys.argv[1])))
    sys.argv = ["lovhub", *sys.argv[2:]]
    sys.exit(main())
