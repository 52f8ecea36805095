"""What `hello` settles."""

import asyncio
from typing import Any

import pytest

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Hello, Welcome
from lovhub.server.channel import handlers
from lovhub.server.channel.hub import Hub
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.statements import asked


class Listener:
    """Stands where a connection stands, and keeps what the PC would be sent."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.address = "10.0.0.5"
        self.computer_id: int | None = None
        self.computer_name = ""
        self.session_id: int | None = None
        self.customer_id: int | None = None
        self.sent: list[Any] = []

    def send(self, frame: object) -> None:
        self.sent.append(frame)


def _say_hello(club: ClubContext, hello: Hello) -> Welcome:
    async def converse() -> Welcome:
        hub = Hub(club, b"certificate")
        await hub.start()
        listener: Any = Listener(hub)
        try:
            await handlers.hello(listener, hello)
        finally:
            hub.connections.clear()
            await hub.stop()
        welcome = listener.sent[0]
        assert isinstance(welcome, Welcome)
        return welcome

    return asyncio.run(converse())


@pytest.mark.parametrize("silent_seconds", [5, 600])
def test_a_pc_that_lost_its_journal_has_played_until_it_was_last_seen(
    club: ClubContext, people: People, clock: ManualClock, silent_seconds: int
) -> None:
    """Not until it said hello again: the seconds in between are not the player's to pay."""
    pairing = computers.pair(club, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER)
    customer_id = people.customer(balance_tiyn=50_000)
    session_id = sessions.buy(
        club,
        computer_id=pairing.computer_id,
        customer_id=customer_id,
        tariff_id=people.tariff(seconds=3600),
        key="purchase-1",
        actor=OWNER,
    )
    clock.advance(100)
    computers.flush_last_seen(club, {pairing.computer_id: clock.now()})
    link.link_lost(club, computer_id=pairing.computer_id)
    clock.advance(silent_seconds)
    welcome = _say_hello(
        club,
        Hello(
            protocol=1,
            agent_version="1",
            computer_id=pairing.computer_id,
            token=pairing.token,
            boot_id="another boot",
            hostname="DESKTOP-1",
            operating_system="Windows",
            journal_id="a new disk",
            lock="locked",
        ),
    )
    assert welcome.session is None, "a new boot shows the sign-in"
    with club.read() as db:
        paused = db.get_one(PlaySession, session_id)
    assert (paused.state, paused.played_seconds) == ("paused", 100)


def test_a_hello_that_says_nothing_new_asks_little_and_writes_nothing(club: ClubContext) -> None:
    """A hall that comes back says hello all at once: what one of them asks for, each asks for."""
    pairing = computers.pair(club, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER)
    hello = Hello(
        protocol=1,
        agent_version="1",
        computer_id=pairing.computer_id,
        token=pairing.token,
        boot_id="boot",
        hostname="DESKTOP-1",
        operating_system="Windows",
        journal_id="journal",
        lock="locked",
    )
    hub = Hub(club, b"certificate")
    first = handlers._settle_and_welcome(hub, hello, "10.0.0.5", None)
    commits = club.database.told().commits
    with asked(club) as questions:
        again = handlers._settle_and_welcome(hub, hello, "10.0.0.5", None)
    assert again == first
    assert club.database.told().commits == commits
    # Whether it is played on, the PC, who may work at it, its session, the club and its call.
    assert len(questions) == 6, questions
