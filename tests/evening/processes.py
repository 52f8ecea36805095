"""The evening's programs, each started as a club would start it."""

import contextlib
import os
import re
import selectors
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from lovhub.clock import TEST_FOLDER_MARK
from tests.support.programs import dies_with_the_tests, stop
from tests.support.warm import WarmProcess
from tests.support.xvfb import Screen

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 90.0
Value = TypeVar("Value")


def wait_for(
    what: str, question: Callable[[], Value | None], seconds: float = WAIT_SECONDS
) -> Value:
    """Ask until the answer is neither None nor false; fails with `what` when it takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)


def free_port() -> int:
    """A port of the loopback address that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_folder(path: Path) -> Path:
    """A data folder in which the test clock is allowed."""
    path.mkdir(parents=True, exist_ok=True)
    (path / TEST_FOLDER_MARK).touch()
    return path


test_folder.__test__ = False  # type: ignore[attr-defined]  # a helper, whatever its name looks like


class SharedClock:
    """The file that moves the time of server and agent together."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset_seconds = 0
        self._write()

    def advance(self, seconds: int) -> None:
        """Let time pass for all of them at once."""
        self.offset_seconds += seconds
        self._write()

    def _write(self) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(str(self.offset_seconds), encoding="ascii")
        fresh.replace(self.path)


class Program:
    """A process whose output is kept line by line."""

    def __init__(self, name: str, words: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.lines: list[str] = []
        self.process = self._start(words, environment)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _start(
        self, words: list[str], environment: dict[str, str]
    ) -> "subprocess.Popen[bytes] | WarmProcess":
        return subprocess.Popen(
            [*dies_with_the_tests(), *words],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))

    @property
    def output(self) -> str:
        """All that it printed so far."""
        return "\n".join(self.lines)

    def said(self, pattern: str, seconds: float = WAIT_SECONDS) -> re.Match[str]:
        """Wait until it has printed something that matches."""

        def look() -> re.Match[str] | None:
            match = re.search(pattern, self.output)
            if match is None and self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended:\n{self.output}")
            return match

        return wait_for(f"{self.name} says {pattern!r}", look, seconds)

    def kill(self) -> None:
        """The way a power cut or a `kill -9` ends it."""
        self.process.kill()
        self.process.wait(WAIT_SECONDS)

    def stop(self) -> None:
        """Ask it to end."""
        stop(self.process)
        self._reader.join(WAIT_SECONDS)


def lovhub(*words: str) -> list[str]:
    """The command line of a LoVHub program."""
    return [sys.executable, "-m", "lovhub", *words]


def ledger_check(folder: Path) -> str:
    """What `lovhub ledger check` says of the club in `folder`; it must find nothing wrong."""
    done = subprocess.run(
        lovhub("ledger", "check", "--data", str(folder)),
        capture_output=True,
        check=True,
        cwd=ROOT,
        timeout=WAIT_SECONDS,
    )
    return done.stdout.decode()


def start_server(folder: Path, port: int, clock: SharedClock) -> Program:
    """`lovhub serve`, ready to answer."""
    server = Program(
        "server",
        lovhub(
            *("serve", "--data", str(folder), "--host", "127.0.0.1", "--port", str(port)),
            *("--test-clock", str(clock.path)),
        ),
        dict(os.environ),
    )
    server.said(r"Запуск сервера в режиме HTTPS\.\.\.")

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for("the server accepts connections", answers)
    return server


class GamingPc:
    """A PC: its agent, and through the agent its launcher and games, on a screen of its own."""

    def __init__(
        self, screen: Screen, folder: Path, server_port: int, clock: SharedClock, *, name: str
    ) -> None:
        self.screen = screen
        self.name = name
        self.folder = test_folder(folder)
        self._port = server_port
        self._clock = clock
        self.boot = 1
        self.agent = self._start()

    def _start(self) -> Program:
        return Program(
            "agent",
            lovhub(
                *("agent", "--data", str(self.folder), "--server", f"127.0.0.1:{self._port}"),
                *("--test-clock", str(self._clock.path), "--boot-id", f"boot-{self.boot}"),
                *("--name", self.name),
            ),
            self.screen.environment(),
        )

    def launcher_pid(self) -> int | None:
        """The launcher's process, as a process list shows it."""
        return next(iter(self._running("lovhub launcher")), None)

    def wait_for_the_launcher(self) -> None:
        """Until what is typed comes to it."""

        def has_the_keyboard() -> bool:
            pid = self.launcher_pid()
            return pid is not None and self.screen.keyboard_pid() == pid

        wait_for("the launcher has the keyboard", has_the_keyboard)

    def game_pids(self, title: str) -> list[int]:
        """Processes of the game."""
        return self._running(title)

    def _running(self, words: str) -> list[int]:
        found = []
        for process in psutil.Process(self.agent.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if words in " ".join(process.cmdline()):
                    found.append(process.pid)
        return sorted(found)

    def kill_launcher(self) -> None:
        """`kill -9`."""
        pid = self.launcher_pid()
        if pid is not None:
            psutil.Process(pid).kill()

    def window_shown(self, title: str) -> bool:
        """Whether a window with this title is mapped."""
        return self.windows(title) > 0

    def windows(self, title: str) -> int:
        """How many mapped windows have this title."""
        shown: list[int] = []

        def look() -> bool:
            done = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--name", f"^{re.escape(title)}$"],
                env=self.screen.environment(),
                capture_output=True,
                check=False,
            )
            shown[:] = [len(done.stdout.split())]
            # It goes through all windows, and gives up where one ends meanwhile, such as a menu's or a launcher's.
            return b"X Error" not in done.stderr

        wait_for("a look at all windows", look)
        return shown[0]

    def type(self, text: str) -> None:
        """Type as a person does, key after key."""
        self.screen.xdotool("type", "--delay", "25", text)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.screen.xdotool("key", key)
            time.sleep(0.05)

    def lose_power(self) -> None:
        """Everything dies at once; the next start is another boot."""
        everything = psutil.Process(self.agent.process.pid)
        for process in [*everything.children(recursive=True), everything]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.agent.process.wait(WAIT_SECONDS)
        self.boot += 1

    def start_again(self) -> None:
        """Switch the PC on."""
        self.agent = self._start()

    def off(self) -> None:
        """Switch the PC off in an orderly way."""
        self.agent.stop()


def make_game(folder: Path, title: str) -> Path:
    """An executable file that starts the game."""
    path = folder / "game"
    words = [sys.executable, "-m", "tests.evening.game", title]
    path.write_text(
        f"#!/bin/sh\ncd {shlex.quote(str(ROOT))}\nexec {shlex.join(words)}\n", encoding="utf-8"
    )
    path.chmod(0o755)
    return path


class Cable:
    """The network cable between a PC and the server: may be pulled, and plugged in again."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._plugged = True
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> None:
        """Nothing gets through from now on."""
        with self._lock:
            self._plugged = False
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def plug_in(self) -> None:
        """New connections get through again."""
        self._plugged = True

    def close(self) -> None:
        """Throw the cable away."""
        self.pull()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._server_port), timeout=5)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with near, far, selectors.DefaultSelector() as selector:
            with self._lock:
                if not self._plugged:
                    return
                self._open += [near, far]
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            with contextlib.suppress(OSError):
                while True:
                    for key, _ in selector.select():
                        data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                        if not data:
                            return
                        key.data.sendall(data)
