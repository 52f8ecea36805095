"""What `hello` settles."""

import asyncio
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

import pytest
from msgspec import structs
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Hello, ReportedSession, Welcome
from lovhub.server.attention import service as attention
from lovhub.server.channel import hello as hellos
from lovhub.server.channel.hub import Hub
from lovhub.server.channel.refused import Refused
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.maintenance import service as maintenance
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.staff import hire
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

    def finish(self) -> None:
        """A newer one takes its place."""


def _say_hello(club: ClubContext, hello: Hello) -> Welcome:
    async def converse() -> Welcome:
        hub = Hub(club, b"certificate")
        await hub.start()
        listener: Any = Listener(hub)
        try:
            await hellos.hello(listener, hello)
        finally:
            hub.connections.clear()
            await hub.stop()
        welcome = listener.sent[0]
        assert isinstance(welcome, Welcome)
        return welcome

    return asyncio.run(converse())


def _paired(club: ClubContext) -> computers.Pairing:
    return computers.pair(club, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER)


def _played_on(club: ClubContext, people: People) -> tuple[computers.Pairing, int]:
    """A PC, and the session that has begun there with an hour."""
    pairing = _paired(club)
    session_id = sessions.buy(
        club,
        computer_id=pairing.computer_id,
        customer_id=people.customer(balance_tiyn=50_000),
        tariff_id=people.tariff(seconds=3600),
        key="purchase-1",
        actor=OWNER,
    )
    return pairing, session_id


def _hello(pairing: computers.Pairing, **changes: Any) -> Hello:
    told: dict[str, Any] = {
        "protocol": 1,
        "agent_version": "1",
        "computer_id": pairing.computer_id,
        "token": pairing.token,
        "boot_id": "boot",
        "hostname": "DESKTOP-1",
        "operating_system": "Windows",
        "journal_id": "journal",
        "lock": "locked",
    }
    return Hello(**{**told, **changes})


@pytest.mark.parametrize("silent_seconds", [5, 600])
def test_a_pc_that_lost_its_journal_has_played_until_it_was_last_seen(
    club: ClubContext, people: People, clock: ManualClock, silent_seconds: int
) -> None:
    """Not until it said hello again: the seconds in between are not the player's to pay."""
    pairing, session_id = _played_on(club, people)
    clock.advance(100)
    computers.flush_last_seen(club, {pairing.computer_id: clock.now()})
    link.link_lost(club, computer_id=pairing.computer_id)
    clock.advance(silent_seconds)
    welcome = _say_hello(club, _hello(pairing, boot_id="another boot", journal_id="a new disk"))
    assert welcome.session is None, "a new boot shows the sign-in"
    with club.read() as db:
        paused = db.get_one(PlaySession, session_id)
    assert (paused.state, paused.played_seconds) == ("paused", 100)


@dataclass
class Cut:
    """A PC that has played 100 seconds of its hour, and then lost its power for a quarter of an hour."""

    club: ClubContext
    pairing: computers.Pairing
    session_id: int

    def hello(self) -> Hello:
        """As it says it when it is back: its journal has all that was played."""
        told = ReportedSession(
            session_id=self.session_id,
            lease_serial=1,
            played_seconds=100,
            boot_id="boot",
            last_tick_at=0,
        )
        return _hello(self.pairing, boot_id="another boot", session=told)

    def played_seconds(self) -> int:
        with self.club.read() as db:
            return db.get_one(PlaySession, self.session_id).played_seconds


@pytest.fixture
def cut(club: ClubContext, people: People, clock: ManualClock) -> Cut:
    pairing, session_id = _played_on(club, people)
    clock.advance(100)
    link.link_lost(club, computer_id=pairing.computer_id)
    clock.advance(900)
    return Cut(club, pairing, session_id)


def test_that_a_hello_was_heard_is_not_written_down_before_its_session_is_settled(
    club: ClubContext, cut: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time without power would be billed. The server had not yet written down that it was ever heard."""
    flushed: list[dict[int, int]] = []

    def returned(club: ClubContext, **what: Any) -> int | None:
        flushed.append(hubs[0].drain_last_seen())
        computers.flush_last_seen(club, flushed[-1])
        return settle(club, **what)

    hubs: list[Hub] = []
    settle = link.link_returned
    monkeypatch.setattr(link, "link_returned", returned)

    async def converse() -> None:
        hub = Hub(club, b"certificate")
        hubs.append(hub)
        await hub.start()
        listener: Any = Listener(hub)
        await hellos.hello(listener, cut.hello())
        hub.connections.clear()
        await hub.stop()
        assert hub.drain_last_seen() == {cut.pairing.computer_id: club.clock.now()}

    asyncio.run(converse())
    assert flushed == [{}]
    assert cut.played_seconds() == 100


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_hello_that_failed_is_not_billed_by_the_next(
    club: ClubContext,
    cut: Cut,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    is_closed: bool,
) -> None:
    computers.flush_last_seen(club, {cut.pairing.computer_id: clock.now() - 900})

    async def converse() -> None:
        hub = Hub(club, b"certificate")
        await hub.start()
        first: Any = Listener(hub)
        second: Any = Listener(hub)
        with monkeypatch.context() as patched:
            patched.setattr(link, "link_returned", Mock(side_effect=OSError("disk full")))
            with pytest.raises(OSError, match="full"):
                await hellos.hello(first, cut.hello())
        if is_closed:
            hub.presence.unlink(cut.pairing.computer_id, first, goodbye=False)
        clock.advance(5)
        await hellos.hello(second, cut.hello())
        hub.connections.clear()
        await hub.stop()

    asyncio.run(converse())
    assert cut.played_seconds() == 100


def _seat_guest(club: ClubContext, people: People, computer_id: int) -> None:
    sessions.seat_guest(
        club,
        computer_id=computer_id,
        tariff_id=people.tariff(),
        method="cash",
        guest_name="",
        actor=OWNER,
        key="seated",
    )


@pytest.mark.parametrize("node_id", [None, 1])
def test_what_a_pc_reports_of_a_session_that_is_over_is_settled(
    club: ClubContext, people: People, monkeypatch: pytest.MonkeyPatch, node_id: int | None
) -> None:
    """It may have been played on, without the server, after that was ended here."""
    pairing, session_id = _played_on(club, people)
    _say_hello(club, _hello(pairing))
    sessions.end(club, session_id=session_id, actor=OWNER, reason="ended_by_desk")
    told = ReportedSession(
        session_id=session_id, lease_serial=1, played_seconds=9, boot_id="boot", last_tick_at=0
    )
    hub = Hub(club, b"certificate", place=Mock(node_id=node_id))
    listener: Any = Listener(hub)

    async def took(*_what: object) -> str:
        return ""

    monkeypatch.setattr(hub.neighbours, "took", took)
    returned = Mock(wraps=link.link_returned)
    monkeypatch.setattr(link, "link_returned", returned)
    asyncio.run(hellos.hello(listener, _hello(pairing, session=told)))
    assert returned.call_args.kwargs["report"] == told


def test_of_several_servers_too_one_question_finds_that_nothing_is_to_be_settled(
    club: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    hello = _hello(_paired(club))
    _say_hello(club, hello)
    hub = Hub(club, b"certificate", place=Mock(node_id=1))
    listener: Any = Listener(hub)

    async def took(*_what: object) -> str:
        return ""

    monkeypatch.setattr(hub.neighbours, "took", took)
    monkeypatch.setattr(link, "link_returned", Mock(side_effect=AssertionError))
    asyncio.run(hellos.hello(listener, hello))
    assert isinstance(listener.sent[0], Welcome)


def _call(club: ClubContext, _people: People, computer_id: int) -> None:
    attention.call(club, computer_id=computer_id, reason="game", text="", actor=OWNER)


def _open_for_technician(club: ClubContext, _people: People, computer_id: int) -> None:
    technician = hire(club, "Тимур", "technician")
    maintenance.begin(club, computer_id=computer_id, minutes=10, reason="мышь", actor=technician)


@pytest.mark.parametrize(("takes_codes", "questions_most"), [(False, 1), (True, 2)])
def test_a_hello_that_says_nothing_new_asks_little_and_writes_nothing(
    club: ClubContext, people: People, takes_codes: bool, questions_most: int
) -> None:
    """A hall that comes back says hello all at once: what one of them asks for, each asks for."""
    hello = _hello(_paired(club), takes_codes=takes_codes)
    busy = people.computer()
    _seat_guest(club, people, busy)
    _call(club, people, busy)
    hub = Hub(club, b"certificate")
    listener: Any = Listener(hub)
    first = hellos._settle_and_welcome(hub, hello, listener, None)
    commits = club.database.told().commits
    with asked(club) as questions:
        again = hellos._look_up(hub, hello, listener.address)
    assert again == first
    assert club.database.told().commits == commits
    assert len(questions) == questions_most, questions


@pytest.mark.parametrize(
    ("happen", "told"),
    [(_call, "call"), (_open_for_technician, "maintenance")],
)
def test_what_happened_at_a_pc_is_told_it_with_its_welcome(
    club: ClubContext,
    people: People,
    happen: Callable[[ClubContext, People, int], None],
    told: str,
) -> None:
    hello = _hello(_paired(club))
    assert getattr(_say_hello(club, hello), told) is None
    happen(club, people, hello.computer_id)
    assert getattr(_say_hello(club, hello), told) is not None


def test_who_was_seated_while_the_pc_was_away_is_settled(club: ClubContext, people: People) -> None:
    hello = _hello(_paired(club))
    _say_hello(club, hello)
    _seat_guest(club, people, hello.computer_id)
    assert hellos._look_up(Hub(club, b"certificate"), hello, "10.0.0.5") is None


@pytest.mark.parametrize("happen", [None, _call, _seat_guest])
@pytest.mark.parametrize("knows", [True, False])
@pytest.mark.parametrize("of_several", [True, False])
def test_who_has_another_token_takes_nothing_from_the_pc(
    club: ClubContext,
    people: People,
    monkeypatch: pytest.MonkeyPatch,
    happen: Callable[[ClubContext, People, int], None] | None,
    knows: bool,
    of_several: bool,
) -> None:
    """Neither its place nor what was played there: whether it is at rest, or says that somebody plays (`knows`)."""
    other = computers.pair(club, hostname="DESKTOP-2", public_key=bytes([1] * 32), actor=OWNER)
    hello = _hello(_paired(club), token=other.token)
    if happen is not None:
        happen(club, people, hello.computer_id)
    if knows:
        told = ReportedSession(
            session_id=1, lease_serial=1, played_seconds=3600, boot_id="boot", last_tick_at=0
        )
        hello = structs.replace(hello, session=told)
    returned = Mock()
    monkeypatch.setattr(link, "link_returned", returned)
    hub = Hub(club, b"certificate", place=Mock(node_id=1 if of_several else None))
    own: Any = Listener(hub)
    hub.connections[hello.computer_id] = own
    stranger: Any = Listener(hub)
    with pytest.raises(Refused):
        asyncio.run(hellos.hello(stranger, hello))
    assert hub.connections == {hello.computer_id: own}
    assert own.sent == stranger.sent == []
    assert not hub.presence.is_linked(hello.computer_id)
    returned.assert_not_called()


@pytest.mark.parametrize("happen", [None, _call])
def test_a_pc_of_another_club_is_told_nothing(
    club: ClubContext, people: People, happen: Callable[[ClubContext, People, int], None] | None
) -> None:
    hello = _hello(_paired(club))
    if happen is not None:
        happen(club, people, hello.computer_id)
    elsewhere = dataclasses.replace(club, club_id=club.club_id + 1)
    with pytest.raises(Refused):
        hellos._look_up(Hub(elsewhere, b"certificate"), hello, "10.0.0.5")


def test_what_another_server_writes_of_a_pc_before_it_gives_it_up_is_settled(
    club: ClubContext, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest is seated at the PC there, just as it comes here."""
    hello = _hello(_paired(club))
    _say_hello(club, hello)
    hub = Hub(club, b"certificate", place=Mock(node_id=1))
    listener: Any = Listener(hub)

    async def took(*_what: object) -> str:
        _seat_guest(club, people, hello.computer_id)
        return str(listener.address)

    monkeypatch.setattr(hub.neighbours, "took", took)
    asyncio.run(hellos.hello(listener, hello))
    assert listener.sent[0].session is None, "it knows nothing of that"
    with club.read() as db:
        assert db.scalars(select(PlaySession.state)).one() == "paused"
