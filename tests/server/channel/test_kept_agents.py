"""Agents of earlier versions, their own code as git has kept it, at today's server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.clock import TEST_FOLDER_MARK, ManualClock
from lovhub.protocol import PROTOCOL_VERSION
from lovhub.server.applications import service as applications
from lovhub.server.channel import connection as server_side
from lovhub.server.computers import service as computers
from lovhub.server.conditions import service as conditions
from lovhub.server.customers import pins
from lovhub.server.journal.models import Launch
from lovhub.server.ledger.check import check_ledger
from lovhub.server.maintenance import service as maintenance
from lovhub.server.sessions import link
from lovhub.server.sessions.models import PlaySession
from tests.agent.support import stand_in_launcher
from tests.server.channel.conftest import ChannelServer, all_news_told, eventually, run
from tests.server.channel.test_playing import hour, register
from tests.support.club import OWNER
from tests.support.programs import dies_with_the_tests
from tests.support.staff import StaffMaker

HERE = Path(__file__).parent
KEPT = sorted((HERE / "kept").glob("*.zip"))


class KeptAgent:
    """A PC with an agent of before, and somebody who sits there."""

    def __init__(self, package: Path, folder: Path, port: int) -> None:
        self.folder = folder
        self._package = package
        self._port = port
        self._boots = 0
        self._said = 0
        self._away_seconds = 0
        folder.mkdir()
        (folder / TEST_FOLDER_MARK).touch()
        (folder / "clock").write_text("0")
        self.start()

    def start(self) -> None:
        """The PC is switched on."""
        self._boots += 1
        for file in ("heard", "say"):
            (self.folder / file).write_text("")
        self.process = subprocess.Popen(
            [
                *dies_with_the_tests(), sys.executable, str(HERE / "kept_agent.py"),
                stand_in_launcher.__file__, str(self.folder),
                "--data", str(self.folder), "--server", f"127.0.0.1:{self._port}",
                "--test-clock", str(self.folder / "clock"), "--boot-id", f"boot {self._boots}",
            ],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(self._package), sysconfig.get_paths()["purelib"]]),
            },
        )  # fmt: skip

    def cut_the_power(self) -> None:
        """Nobody says goodbye, nothing is written any more."""
        launcher = int((self.folder / "pid").read_text())
        self.process.kill()
        self.process.wait()
        os.kill(launcher, signal.SIGKILL)

    def later(self, seconds: int) -> None:
        """Time goes by on the PC."""
        self._away_seconds += seconds
        new = self.folder / "clock.new"
        new.write_text(str(self._away_seconds))
        new.replace(self.folder / "clock")

    def says(self, kind: str, **fields: object) -> str:
        """The player does something; returns the number of the question."""
        self._said += 1
        number = f"question-{self._said}"
        with (self.folder / "say").open("a", encoding="utf-8") as say:
            say.write(json.dumps({"type": kind, "request_id": number, **fields}) + "\n")
        return number

    def heard(self) -> list[dict[str, object]]:
        """All that its window was told since it was switched on."""
        lines = (self.folder / "heard").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def answer(self, number: str) -> object:
        """What a question was answered; None: nothing yet."""
        return next(
            (word["code"] for word in self.heard() if word.get("request_id") == number), None
        )

    def shown(self) -> dict[str, object]:
        """The state that its window was told last."""
        return next((word for word in reversed(self.heard()) if word["type"] == "state"), {})

    def shows(self) -> object:
        """What its window shows: `locked`, `playing`…"""
        return self.shown().get("mode")

    async def asks(self, kind: str, **fields: object) -> object:
        """Say it, and wait for the answer."""
        number = self.says(kind, **fields)
        await eventually(lambda: self.answer(number))
        return self.answer(number)

    async def signs_in(self, password: str) -> object:
        """The only customer types a password; how that is answered."""
        return await self.asks("sign_in", login="sniper", password=password)


@pytest.fixture(params=KEPT, ids=lambda package: package.stem)
def kept(
    request: pytest.FixtureRequest, channel: ChannelServer, tmp_path: Path
) -> Iterator[KeptAgent]:
    agent = KeptAgent(request.param, tmp_path / "pc", channel.port)
    yield agent
    agent.process.terminate()
    agent.process.wait(20)


def test_an_hour_a_power_cut_and_what_its_journal_holds(
    channel: ChannelServer, kept: KeptAgent, clock: ManualClock
) -> None:
    club = channel.club
    register(club)
    tariff_id = hour(club)
    application_id = applications.create(
        club, title="Игра", kind="game", exe_path="/bin/true", arguments=[], actor=OWNER
    )

    async def pass_by(seconds: int, computer_id: int) -> None:
        beats = channel.hub.presence.heartbeats
        # First on the PC: the server may still be telling it of the last step, and of what it would have played by
        # now; the PC would count these seconds once more.
        kept.later(seconds)
        clock.advance(seconds)
        await eventually(lambda: channel.hub.presence.heartbeats > beats)
        await asyncio.to_thread(link.run_due, club, {computer_id})
        await all_news_told(channel)
        # What it is answered it hears after what it was told before: it has the lease that it is to live on.
        assert await kept.asks("buy", tariff_id=0) == "tariff_not_available"

    async def work() -> None:
        computer_id = await joined(channel, kept)

        assert await kept.signs_in("не тот") == "wrong_credentials"
        assert await kept.signs_in("длинный пароль") == "ok"
        await eventually(lambda: kept.shows() == "signed_in")
        assert await kept.asks("buy", tariff_id=tariff_id) == "ok"
        await eventually(lambda: kept.shows() == "playing")
        assert await kept.asks("launch", application_id=application_id) == "ok"
        await eventually(lambda: exited(channel) == [(application_id, True)])

        for _ in range(5):
            await pass_by(300, computer_id)
        kept.cut_the_power()
        await eventually(lambda: not channel.hub.connections)
        clock.advance(600)
        kept.later(600)
        kept.start()
        await eventually(lambda: channel.hub.connections)
        await eventually(lambda: kept.shows() == "locked")
        assert played(channel) == [("paused", 1500)]

        assert await kept.signs_in("длинный пароль") == "ok"
        await eventually(lambda: kept.shows() == "playing")
        for _ in range(6):
            await pass_by(300, computer_id)
        for time_passes in (clock.advance, kept.later):
            time_passes(301)
        await eventually(lambda: kept.shows() != "playing")  # it has stopped by itself, and tells
        await eventually(lambda: played(channel) == [("ended", 3600)])

    run(work)
    with club.read() as db:
        assert check_ledger(db) == []


def test_what_is_newer_than_it_costs_it_no_link(channel: ChannelServer, kept: KeptAgent) -> None:
    club = channel.club
    customer_id = register(club)
    technician = StaffMaker(club).make("technician")

    async def work() -> None:
        computer_id = await joined(channel, kept)
        link_of_before = channel.hub.connections[computer_id]
        pcs = [computer_id]
        pin = await asyncio.to_thread(pins.issue, club, customer_id=customer_id, actor=OWNER)
        assert await kept.signs_in(pin.pin) in {"wrong_credentials", "new_password_needed"}
        conditions.mark_broken(club, computer_ids=pcs, reason="нет звука", actor=OWNER)
        assert await kept.signs_in("длинный пароль") in {"computer_busy", "computer_broken"}
        conditions.mend(club, computer_ids=pcs, actor=OWNER)
        maintenance.begin(club, computer_id=computer_id, minutes=5, reason="мышь", actor=technician)
        maintenance.end(club, computer_id=computer_id, actor=technician)
        computers.rename(club, computer_id=computer_id, name="Крайний", actor=OWNER)
        await eventually(lambda: kept.shown().get("computer_name") == "Крайний")
        assert channel.hub.connections[computer_id] is link_of_before

    run(work)


def test_a_server_of_the_next_protocol_understands_it_and_one_beyond_sends_it_away(
    channel: ChannelServer, kept: KeptAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_side, "PROTOCOL_VERSION", PROTOCOL_VERSION + 1)

    async def work() -> None:
        await joined(channel, kept)
        monkeypatch.setattr(server_side, "OLDEST_PROTOCOL_VERSION", PROTOCOL_VERSION + 1)
        for connection in list(channel.hub.connections.values()):
            channel.hub.on_loop(connection.finish)
        log = kept.folder / "agent.log"
        await eventually(lambda: "the server speaks protocol 2" in log.read_text(encoding="utf-8"))

    run(work)
    assert not channel.hub.connections


async def joined(channel: ChannelServer, kept: KeptAgent) -> int:
    """The desk takes it in, by the code that both show; its number."""
    await eventually(channel.hub.pairings.pending)
    (pairing,) = channel.hub.pairings.pending()
    await eventually(lambda: kept.shown().get("pairing_code") == pairing.code)
    await asyncio.to_thread(channel.hub.pairings.approve, pairing.pairing_id, OWNER)
    await eventually(lambda: kept.shows() == "locked")
    (computer_id,) = channel.hub.connections
    return computer_id


def played(channel: ChannelServer) -> list[tuple[str, int]]:
    with channel.club.read() as db:
        return [(one.state, one.played_seconds) for one in db.query(PlaySession)]


def exited(channel: ChannelServer) -> list[tuple[int, bool]]:
    """The programs that were started, and whether each has ended, as the PCs' journals say."""
    with channel.club.read() as db:
        return [(one.application_id, one.ended_at is not None) for one in db.query(Launch)]
