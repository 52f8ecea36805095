"""One virtual PC against a small server that says what the test tells it to say."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Self

import pytest

from lovhub.agent.journal import Journal
from lovhub.agent.settings import Address
from lovhub.agent.store import MemoryStore
from lovhub.clock import ManualClock
from lovhub.protocol import channel, entries, questions
from lovhub.protocol.views import ApplicationView, CustomerView, TariffView
from lovhub.simulator import behaviour
from lovhub.simulator.behaviour import Action, Step
from lovhub.simulator.evening import Evening, Pace
from lovhub.simulator.players import Player
from lovhub.simulator.virtual_pc import Place, VirtualPc
from tests.agent.support.certificates import make_certificate
from tests.agent.support.club_server import WAIT_SECONDS, ClubServer, session_view

PLAYER = Player(login="player1", name="Алия", password="right", customer_id=1)
CUSTOMER = CustomerView(customer_id=1, name="Алия", balance_tiyn=0, seconds_available=0)
TARIFF = TariffView(tariff_id=9, title="1 час", seconds=3600, price_tiyn=50_000)
GAME = ApplicationView(application_id=5, title="Игра", kind="game", exe_path="game.exe")


class RunningPc:
    """A virtual PC living through the given steps (an action alone: at once) in a thread of its own."""

    def __init__(self, port: int, *steps: Action | Step) -> None:
        self.clock = ManualClock()
        self.figures: Counter[str] = Counter()
        self.paid_in: list[Player] = []
        self._port = port
        self._steps = [step if isinstance(step, Step) else Step(0, step) for step in steps]
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._main, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure
        assert self.figures["failures"] == 0

    def _main(self) -> None:
        try:
            asyncio.run(self._until_cancelled())
        except BaseException as failure:  # noqa: BLE001 - told in the test's own thread
            self._failure = failure

    async def _until_cancelled(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._live())
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()

    async def _live(self) -> None:
        async def pay_in(player: Player) -> bool:
            self.paid_in.append(player)
            return True

        place = Place(
            address=Address("127.0.0.1", self._port), clock=self.clock, figures=self.figures
        )
        pc = VirtualPc(1, place, MemoryStore(), Journal(None))
        evening = Evening(pc, [PLAYER, PLAYER], Pace(self.clock, speed=1.0), pay_in)
        await evening.run(chain(self._steps, repeat(Step(10**9, behaviour.Quit()))))


@pytest.fixture
def club(tmp_path: Path) -> Iterator[ClubServer]:
    server = ClubServer(make_certificate(tmp_path / "server")).start()
    yield server
    server.kill()


def let_play(club: ClubServer, *, seconds: int = 3600) -> None:
    """Answer the sign-in with a session that runs."""
    asked = club.wait_for(questions.SignIn)
    club.send(
        channel.Catalog(tariffs=(TARIFF,), applications=(GAME,)),
        channel.CustomerChanged(customer=CUSTOMER),
        channel.SessionChanged(
            session=session_view(seconds_left=seconds), lease=club.lease(seconds=seconds)
        ),
        channel.Answer(request_id=asked.request_id, code="ok"),
    )
    club.wait_until(lambda: any(beat.session_id == 3 for beat in club.all(channel.Heartbeat)))


def let_time_pass(club: ClubServer, pc: RunningPc, seconds: int) -> None:
    """Move the clock and wait until the PC has counted it."""
    pc.clock.advance(seconds)
    club.wait_until(lambda: club.all(channel.Heartbeat)[-1].played_seconds == seconds)


def let_time_flow(club: ClubServer, pc: RunningPc, until: Callable[[], Any]) -> None:
    """Move the clock on and on until something has come of it."""

    def flow() -> Any:
        pc.clock.advance(1)
        return until()

    club.wait_until(flow)


def test_a_player_who_is_short_of_money_pays_at_the_desk_and_plays(club: ClubServer) -> None:
    actions = behaviour.Arrive(0), behaviour.Buy(0.5), behaviour.Launch(0.5), behaviour.Quit()
    with RunningPc(club.port, *actions) as pc:
        asked = club.wait_for(questions.SignIn)
        assert (asked.login, asked.password) == ("player1", "right")
        club.send(
            channel.Catalog(tariffs=(TARIFF,), applications=(GAME,)),
            channel.CustomerChanged(customer=CUSTOMER),
            channel.Answer(request_id=asked.request_id, code="ok"),
        )
        first = club.wait_for(questions.BuyTariff)
        club.send(channel.Answer(request_id=first.request_id, code="not_enough_money"))
        second = club.wait_for(questions.BuyTariff, 2)
        assert pc.paid_in == [PLAYER]
        assert second.tariff_id == TARIFF.tariff_id
        assert second.request_id != first.request_id
        club.send(
            channel.SessionChanged(session=session_view(), lease=club.lease(seconds=3600)),
            channel.Answer(request_id=second.request_id, code="ok"),
        )
        club.wait_until(lambda: len(club.entries()) == 2)
    started, exited = club.entries()
    assert isinstance(started, entries.ApplicationStarted)
    assert isinstance(exited, entries.ApplicationExited)
    assert (started.application_id, started.session_id) == (GAME.application_id, 3)
    assert club.wait_for(channel.Goodbye) == channel.Goodbye(reason="stopped")


def test_who_mistypes_the_password_tries_again(club: ClubServer) -> None:
    with RunningPc(club.port, behaviour.Arrive(0, mistypes=True)):
        wrong = club.wait_for(questions.SignIn)
        club.send(channel.Answer(request_id=wrong.request_id, code="wrong_credentials"))
        right = club.wait_for(questions.SignIn, 2)
        club.send(channel.Answer(request_id=right.request_id, code="ok"))
    assert wrong.password != "right"
    assert right.password == "right"


def test_a_power_cut_is_reported_from_another_boot(club: ClubServer) -> None:
    with RunningPc(club.port, behaviour.Arrive(0), Step(20, behaviour.LosePower(5))) as pc:
        let_play(club)
        let_time_pass(club, pc, 15)
        pc.clock.advance(5)
        club.wait_until(lambda: club.is_left)  # the clock stands still until the power has gone
        let_time_flow(club, pc, lambda: len(club.all(channel.Hello)) == 2)
    before, after = club.all(channel.Hello)
    assert after.boot_id != before.boot_id
    assert after.journal_id == before.journal_id
    assert after.session is not None
    assert after.session.boot_id == before.boot_id
    assert 15 <= after.session.played_seconds <= 20


def test_without_a_link_the_session_plays_on_by_its_lease(club: ClubServer) -> None:
    with RunningPc(club.port, behaviour.Arrive(0), Step(20, behaviour.LoseLink(5))) as pc:
        let_play(club)
        let_time_pass(club, pc, 15)
        let_time_flow(club, pc, lambda: len(club.all(channel.Hello)) == 2)
    before, after = club.all(channel.Hello)
    assert after.boot_id == before.boot_id
    assert after.session is not None
    assert after.session.played_seconds >= 25


def test_a_lease_that_runs_out_without_a_link_stops_the_session(club: ClubServer) -> None:
    with RunningPc(club.port, behaviour.Arrive(0), Step(20, behaviour.LoseLink(15))) as pc:
        let_play(club, seconds=30)
        let_time_flow(club, pc, lambda: len(club.entries()) == 1)
    (stopped,) = club.entries()
    assert isinstance(stopped, entries.SessionStopped)
    assert (stopped.session_id, stopped.played_seconds) == (3, 30)


def test_a_killed_agent_takes_the_session_up_again(club: ClubServer) -> None:
    with RunningPc(club.port, behaviour.Arrive(0), Step(20, behaviour.AgentKilled())) as pc:
        let_play(club)
        let_time_pass(club, pc, 15)
        let_time_flow(club, pc, lambda: len(club.all(channel.Hello)) == 2)
    before, after = club.all(channel.Hello)
    assert after.boot_id == before.boot_id
    assert after.session is not None
    assert after.session.played_seconds >= 20


def test_a_killed_launcher_raises_the_alarm_and_breaks_the_lock(club: ClubServer) -> None:
    with RunningPc(club.port, behaviour.LauncherKilled(5)) as pc:
        club.wait_until(lambda: any(beat.lock == "broken" for beat in club.all(channel.Heartbeat)))
        let_time_flow(club, pc, lambda: club.all(channel.Heartbeat)[-1].lock == "locked")
    (alarm,) = club.entries()
    assert isinstance(alarm, entries.AlarmRaised)
    assert alarm.kind == "launcher_killed"
    assert club.all(channel.Heartbeat)[0].lock == "locked"


def test_a_pc_that_is_switched_off_says_goodbye_and_comes_back(club: ClubServer) -> None:
    with RunningPc(club.port, behaviour.SwitchOff(5)) as pc:
        let_time_flow(club, pc, lambda: len(club.all(channel.Hello)) == 2)
    assert club.all(channel.Goodbye)[0] == channel.Goodbye(reason="shutdown")
