"""The two commands against the real server in a process of its own."""

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from lovhub.agent.settings import Address
from lovhub.clock import TEST_FOLDER_MARK
from lovhub.simulator.club import FOLDER
from lovhub.simulator.club_api import ApiRefused, ClubApi
from lovhub.simulator.demo import furnish, prepare_folder
from lovhub.simulator.people import STAFF_FILE, Person, read_owner
from tests.support.programs import dies_with_the_tests, stop

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 150.0
pytestmark = pytest.mark.timeout(400)


class Program:
    """A `lovhub` command in a process of its own; what it says is kept, line by line."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [*dies_with_the_tests(), sys.executable, "-m", "lovhub", *words],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.lines: list[str] = []
        self._unread: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self._unread.put(line.decode())
        self._unread.put(None)

    def hear(self, words: str) -> str:
        """Wait for a line with these words in it."""
        while (line := self._unread.get(timeout=PATIENCE_SECONDS)) is not None:
            self.lines.append(line)
            if words in line:
                return line
        raise AssertionError("".join(self.lines))

    def told_cashier(self) -> tuple[str, str]:
        """Login and password in the line that the demonstration says of its cashier."""
        said = re.search(r"Кассир.*логин (\S+), пароль (\S+)", self.hear("Кассир"))
        assert said is not None
        return said[1], said[2]

    def exit_code(self) -> int:
        """Wait for its end."""
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def running(*words: str) -> Iterator[Program]:
    program = Program(*words)
    try:
        yield program
    finally:
        stop(program.process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def desk(data: Path, port: int) -> ClubApi:
    api = ClubApi(Address("127.0.0.1", port), (data / "cert.pem").read_text())
    owner = read_owner(data / FOLDER)
    assert owner is not None
    api.sign_in(owner)
    return api


def books_balance(data: Path) -> bool:
    with running("ledger", "check", "--data", str(data)) as check:
        return check.exit_code() == 0


def lively(hall: dict[str, Any]) -> bool:
    rows = hall["rows"]
    return (
        len(rows) == 20
        and {row["name"] for row in rows if row["condition"]} == {"ПК-16", "ПК-17"}
        and any(row["name"] == "ПК-15" and row["session"] for row in rows)
        and len([row for row in rows if row["session"] is not None]) >= 12
        and any(row["application"] for row in rows)
        and any(row["problem"] == "lock_broken" for row in rows)
        and len(hall["alarms"]) > 0
    )


def test_the_demonstration_opens_a_living_club_and_goes_on_with_it(tmp_path: Path) -> None:
    data, port = tmp_path / "demo", free_port()
    words = ["demo", "--data", str(data), "--port", str(port)]
    with running(*words) as demo:
        assert demo.hear("Адрес:").split()[-1] == f"https://127.0.0.1:{port}"
        password = demo.hear("Пароль:").split()[-1]
        assert read_owner(data / FOLDER) == Person("owner", password)
        api = desk(data, port)
        wait_until(lambda: lively(api.live()))
        hall = api.live()
        names = {row["name"] for row in hall["rows"]}
        assert {alarm["kind"] for alarm in hall["alarms"]} == {"launcher_killed"}
        cashier = Person(*demo.told_cashier())
        assert [call.taken for call in api.signed_in(cashier).open_calls()] == [False]
        assert {"gulnara", "aigerim", "daniyar", "sergey"} < api.staff_ids().keys()
        demo.process.send_signal(signal.SIGINT)
        assert demo.exit_code() == 0
    assert names == {f"ПК-{number}" for number in range(1, 21)}
    assert books_balance(data)
    (data / FOLDER / STAFF_FILE).unlink()  # as after a start that was cut short
    with running(*words) as demo:
        assert demo.hear("Пароль:").split()[-1] == password
        wait_until(lambda: api.live()["counts"]["on"] >= 19)
        api.signed_in(Person(*demo.told_cashier()))
        assert {row["name"] for row in api.live()["rows"]} == names
        demo.process.send_signal(signal.SIGINT)
        assert demo.exit_code() == 0
    assert books_balance(data)


def test_a_killed_demonstration_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    words = ["demo", "--data", str(tmp_path / "demo"), "--port", str(port), "--pcs", "2"]
    with running(*words) as demo:
        demo.hear("Пароль:")
        started = psutil.Process(demo.process.pid).children()
        assert len(started) == 3, "the server, the bank and the operator of fiscal receipts"
        demo.process.kill()
        _gone, left = psutil.wait_procs(started, PATIENCE_SECONDS)
        assert left == []


def test_lost_links_and_power_cuts_on_a_moved_clock(tmp_path: Path) -> None:
    data, clock, port = tmp_path / "club", tmp_path / "clock", free_port()
    prepare_folder(data)
    (data / TEST_FOLDER_MARK).touch()
    clock.write_text("0")
    where = ["--data", str(data), "--test-clock", str(clock)]
    with running("serve", *where, "--host", "127.0.0.1", "--port", str(port)) as server:
        server.hear("HTTPS")
        api = wait_until(lambda: _desk_if_there(data, port))
        furnish(api)
        hall = ["--pcs", "12", "--seed", "3", "--speed", "20"]
        with running("simulate", *where, "--server", f"127.0.0.1:{port}", *hall) as simulator:
            wait_until(lambda: api.live()["counts"]["on"] == 12)
            for moved in range(4, 1000, 4):
                time.sleep(0.1)
                fresh = clock.with_suffix(".new")
                fresh.write_text(str(moved))
                fresh.replace(clock)
            simulator.process.send_signal(signal.SIGINT)
            assert simulator.exit_code() == 0
            figures = _figures(simulator)
    assert figures["approved"] == 12
    assert figures["links lost"] > 12
    assert figures["SignIn.ok"] >= 12
    assert "failures" not in figures
    assert "false server" not in figures
    assert books_balance(data)


def _desk_if_there(data: Path, port: int) -> ClubApi | None:
    try:
        return desk(data, port)
    except (OSError, ApiRefused):
        return None


def _figures(simulator: Program) -> dict[str, int]:
    simulator.hear("welcomes")
    return {
        name: int(number)
        for name, separator, number in (line.strip().rpartition(": ") for line in simulator.lines)
        if separator
    }
