"""The virtual club on the server's real channel, over TLS: PCs pair, players play, the books balance."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from lovhub.agent.settings import Address
from lovhub.clock import Clock, ManualClock, SystemClock
from lovhub.server.applications import service as applications
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.journal.models import Alarm, Event, Launch
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerAccount, LedgerTransfer
from lovhub.server.live import LiveSnapshot
from lovhub.server.pc.models import PcHardware
from lovhub.server.sessions import link
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from lovhub.simulator.club import Club, Settings
from lovhub.simulator.club_api import Waiting
from lovhub.simulator.contents import APPLICATIONS, TARIFFS
from lovhub.simulator.players import Player
from tests.server.channel.conftest import ChannelServer
from tests.support.club import OWNER, found_club
from tests.support.databases import new_sqlite

PATIENCE_SECONDS = 150.0
pytestmark = pytest.mark.timeout(400)


class ServiceDesk:
    """The desk's work done by the server's own services."""

    def __init__(self, channel: ChannelServer) -> None:
        self._channel = channel
        self._club = channel.club
        self.zones: dict[int, str] = {}

    def furnish(self) -> None:
        for tariff in TARIFFS:
            tariffs.create(
                self._club,
                terms=Terms(tariff.title, tariff.seconds, tariff.price_tiyn),
                actor=OWNER,
            )
        for application in APPLICATIONS:
            applications.create(
                self._club,
                title=application.title,
                kind=application.kind,
                exe_path=application.exe_path,
                arguments=list(application.arguments),
                actor=OWNER,
            )

    def pairings(self) -> list[Waiting]:
        return [
            Waiting(pairing_id=pairing.pairing_id, code=pairing.code)
            for pairing in self._channel.hub.hall.snapshot().pairings
        ]

    def approve(self, pairing_id: str) -> int:
        return self._channel.hub.pairings.approve(pairing_id, OWNER)

    def rename(self, computer_id: int, name: str) -> None:
        computers.rename(self._club, computer_id=computer_id, name=name, actor=OWNER)

    def place(self, computer_id: int, zone: str) -> None:
        self.zones[computer_id] = zone

    def add_customer(self, player: Player) -> Player:
        customer_id = customers.register(
            self._club,
            login=player.login,
            name=player.name,
            phone=player.phone,
            password=player.password,
            actor=OWNER,
        )
        return msgspec.structs.replace(player, customer_id=customer_id)

    def confirm_age(self, player: Player) -> Player:
        return msgspec.structs.replace(player, age_confirmed=True)

    def top_up(self, customer_id: int, amount_tiyn: int, method: str, key: str) -> None:
        customers.top_up(
            self._club,
            customer_id=customer_id,
            amount_tiyn=amount_tiyn,
            method=method,
            key=key,
            actor=OWNER,
        )


class Hall:
    """A club's server, its desk and its virtual PCs on one clock."""

    def __init__(self, channel: ChannelServer, folder: Path, clock: Clock) -> None:
        self.channel = channel
        self._clock = clock
        self._folder = folder
        self._desk = ServiceDesk(channel)
        self._desk.furnish()

    def snapshot(self) -> LiveSnapshot:
        return self.channel.hub.hall.snapshot()

    async def live_until(
        self,
        seen: Callable[[LiveSnapshot], bool],
        *,
        pcs: int,
        seed: int,
        speed: float,
        move_clock: Callable[[], None] = lambda: None,
    ) -> Counter[str]:
        """Let the virtual club live until that is seen; returns its figures."""
        settings = Settings(
            address=Address("127.0.0.1", self.channel.port),
            folder=self._folder,
            pcs=pcs,
            seed=seed,
            speed=speed,
        )
        stop = asyncio.Event()
        club = Club(settings, self._desk, [self._desk], self._clock)
        living = asyncio.create_task(club.run(stop))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not seen(self.snapshot()) and not living.done():
            assert time.monotonic() < deadline, (self.snapshot().counts, club.figures)
            await asyncio.sleep(0.1)
            move_clock()
            linked = self.channel.hub.linked_computers()
            await asyncio.to_thread(link.run_due, self.channel.club, linked)
        stop.set()
        await living
        while self.channel.hub.connections:
            assert time.monotonic() < deadline, self.snapshot().counts
            await asyncio.sleep(0.1)
        return club.figures


def found(folder: Path, clock: Clock) -> ClubContext:
    return found_club(new_sqlite(folder / "club.sqlite3"), clock)


def events(club: ClubContext) -> Counter[str]:
    with club.read() as db:
        rows = db.execute(
            select(Event.kind, func.count().label("number")).group_by(Event.kind)
        ).all()
    return Counter({row.kind: row.number for row in rows})


def alarms(club: ClubContext) -> set[str]:
    with club.read() as db:
        return set(db.scalars(select(Alarm.kind)))


def test_a_hall_of_twenty_comes_to_life_and_the_books_balance(tmp_path: Path) -> None:
    clock = SystemClock()
    club = found(tmp_path, clock)

    def lively(snapshot: LiveSnapshot) -> bool:
        sessions = [row for row in snapshot.rows if row.session is not None]
        return (
            snapshot.counts.total == 20
            and len(sessions) >= 12
            and any(row.application for row in snapshot.rows)
            and any(row.problem == "lock_broken" for row in snapshot.rows)
            and any(row.link == "lost" for row in snapshot.rows)
            and any(call.reason == "money" for call in snapshot.calls)
        )

    with ChannelServer(club, tmp_path) as channel:
        hall = Hall(channel, tmp_path / "simulator", clock)
        figures = asyncio.run(hall.live_until(lively, pcs=20, seed=1, speed=1.0))
        snapshot = hall.snapshot()
    assert {row.name for row in snapshot.rows} == {f"ПК-{number}" for number in range(1, 21)}
    assert len({row.session.seconds_left // 600 for row in snapshot.rows if row.session}) >= 3
    assert figures["failures"] == figures["false server"] == 0
    assert alarms(club) == {"launcher_killed"}
    with club.read() as db:
        assert db.scalar(select(func.count()).select_from(Launch))
        assert db.scalar(select(func.count()).select_from(PcHardware)) == 20
        paid_in = db.scalars(
            select(LedgerAccount.kind)
            .join(LedgerTransfer, LedgerTransfer.debit_account_id == LedgerAccount.id)
            .where(LedgerAccount.kind.in_(("cash", "card", "kaspi")))
        )
        assert set(paid_in) == {"cash", "card", "kaspi"}
        assert check_ledger(db) == []
    club.database.close()


def test_lost_links_and_power_cuts_cost_nobody_anything(tmp_path: Path) -> None:
    clock = ManualClock()
    club = found(tmp_path, clock)

    def enough(_snapshot: LiveSnapshot) -> bool:
        seen = events(club)
        return seen["session.power_cut"] >= 2 and seen["session.linked_again"] >= 2

    with ChannelServer(club, tmp_path) as channel:
        hall = Hall(channel, tmp_path / "simulator", clock)
        figures = asyncio.run(
            hall.live_until(enough, pcs=12, seed=3, speed=20.0, move_clock=lambda: clock.advance(4))
        )
    assert figures["failures"] == figures["false server"] == 0
    assert alarms(club) <= {"launcher_killed", "mass_loss"}
    with club.read() as db:
        assert check_ledger(db) == []
        sessions = db.scalars(select(PlaySession)).all()
        assert all(session.played_seconds <= session.leased_seconds for session in sessions)
    club.database.close()


def test_the_next_run_is_the_same_club(tmp_path: Path) -> None:
    clock = SystemClock()
    club = found(tmp_path, clock)
    with ChannelServer(club, tmp_path) as channel:
        hall = Hall(channel, tmp_path / "simulator", clock)

        def all_on(snapshot: LiveSnapshot) -> bool:
            return [row.link for row in snapshot.rows] == ["linked"] * 4

        first = asyncio.run(hall.live_until(all_on, pcs=4, seed=1, speed=1.0))
        computers_before = {row.computer_id for row in hall.snapshot().rows}
        second = asyncio.run(hall.live_until(all_on, pcs=4, seed=2, speed=1.0))
        assert {row.computer_id for row in hall.snapshot().rows} == computers_before
    assert first["approved"] == 4
    assert second["approved"] == 0
    assert events(club)["customer.registered"] == 8
    club.database.close()
