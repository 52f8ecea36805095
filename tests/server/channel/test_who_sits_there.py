"""Who a PC is told to sit there: the newest that was read, and nobody's name where they no longer are."""

import asyncio
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lovhub.clock import ManualClock
from lovhub.protocol.channel import (
    Answer,
    Catalog,
    CustomerChanged,
    Journal,
    NameChanged,
    Paired,
    ReportedSession,
    ServerFrame,
    SessionChanged,
    SessionEnded,
    Welcome,
)
from lovhub.protocol.entries import SessionStopped, written
from lovhub.protocol.questions import SignIn, Star
from lovhub.server import bus
from lovhub.server.applications import service as applications
from lovhub.server.channel import hello as hellos
from lovhub.server.channel import push, telling
from lovhub.server.channel.connection import Connection
from lovhub.server.channel.hub import Hub
from lovhub.server.computers import service as computers
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.loyalty import service as loyalty
from lovhub.server.maintenance import service as maintenance
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.channel.conftest import (
    ChannelServer,
    PairPc,
    Pc,
    all_news_told,
    eventually,
    much_to_be_shown,
    run,
    welcomed,
)
from tests.support.club import OWNER, People
from tests.support.staff import hire

NEWS_SECONDS = 0.3


async def sit_down(channel: ChannelServer, paired: Paired, people: People, seconds: int) -> int:
    """Sell somebody time at the PC, which is told so and falls silent; returns the session."""
    async with channel.socket() as pc:
        await welcomed(pc, paired)
        session_id = sessions.buy(
            channel.club,
            customer_id=people.customer(balance_tiyn=100_000),
            computer_id=paired.computer_id,
            tariff_id=people.tariff(seconds=seconds),
            key="sitting",
            actor=OWNER,
        )
        await pc.hear_a(SessionChanged)
    await eventually(lambda: not channel.hub.connections)
    return session_id


def top_up(club: ClubContext, customer_id: int) -> None:
    customers.top_up(
        club, customer_id=customer_id, amount_tiyn=700, method="cash", key="more", actor=OWNER
    )


def test_a_pc_that_comes_back_is_told_once_of_its_sitting_and_of_all_that_comes_after(
    channel: ChannelServer, pair_pc: PairPc, people: People
) -> None:
    async def evening() -> None:
        paired = await pair_pc()
        session_id = await sit_down(channel, paired, people, 3600)
        report = ReportedSession(session_id, 1, 0, "boot-1", channel.club.clock.now())
        async with channel.socket() as pc:
            welcome = await welcomed(pc, paired, session=report)
            assert welcome.session is not None
            assert welcome.customer is not None
            await all_news_told(channel)
            top_up(channel.club, welcome.customer.customer_id)
            # Nothing else comes before it.
            changed = await pc.hear()
            assert isinstance(changed, CustomerChanged)
            assert changed.customer is not None
            assert changed.customer.balance_tiyn == welcome.customer.balance_tiyn + 700
            computers.rename(channel.club, computer_id=paired.computer_id, name="ПК-1", actor=OWNER)
            assert isinstance(await pc.hear(), NameChanged)

    run(evening)


@pytest.mark.parametrize("earlier", ["is gone", "is still open"])
def test_what_a_customer_is_paid_while_the_welcome_is_made_is_told_after_it(
    channel: ChannelServer,
    pair_pc: PairPc,
    people: People,
    monkeypatch: pytest.MonkeyPatch,
    earlier: str,
) -> None:
    make_welcome = hellos._welcome

    def slow_welcome(hub: Hub, db: Session, computer: Computer) -> Welcome:
        welcome = make_welcome(hub, db, computer)
        assert welcome.customer is not None
        top_up(hub.club, welcome.customer.customer_id)
        time.sleep(NEWS_SECONDS)  # the news find them at no PC, or at the earlier connection
        return welcome

    async def evening() -> None:
        paired = await pair_pc()
        session_id = await sit_down(channel, paired, people, 3600)
        report = ReportedSession(session_id, 1, 0, "boot-1", channel.club.clock.now())
        async with channel.socket() as before, channel.socket() as pc:
            if earlier == "is still open":
                await welcomed(before, paired, session=report)
            monkeypatch.setattr(hellos, "_welcome", slow_welcome)
            welcome = await welcomed(pc, paired, session=report)
            assert welcome.customer is not None
            changed = await pc.hear_a(CustomerChanged)
            assert changed.customer is not None
            assert changed.customer.balance_tiyn == welcome.customer.balance_tiyn + 700

    run(evening)


def test_a_session_that_its_own_hello_ends_is_told_with_the_reason(
    channel: ChannelServer, pair_pc: PairPc, people: People, clock: ManualClock
) -> None:
    async def evening() -> None:
        paired = await pair_pc()
        session_id = await sit_down(channel, paired, people, 60)
        clock.advance(60)
        report = ReportedSession(session_id, 1, 60, "boot-1", channel.club.clock.now())
        async with channel.socket() as pc:
            assert (await welcomed(pc, paired, session=report)).session is None
            ended = await pc.hear_a(SessionEnded)
            assert (ended.session_id, ended.reason) == (session_id, "time_over")

    run(evening)


def register(club: ClubContext, login: str = "sniper", *, group_id: int | None = None) -> int:
    customer_id = customers.register(
        club, login=login, name=login, phone="", password="длинный пароль", actor=OWNER
    )
    if group_id is not None:
        loyalty.put_in_group(club, customer_id=customer_id, group_id=group_id, actor=OWNER)
    return customer_id


async def sign_in(pc: Pc, login: str = "sniper") -> None:
    await pc.say(SignIn(request_id=login, login=login, password="длинный пароль"))
    assert await pc.hear_a(Answer) == Answer(login, "ok")


async def told_until_now(channel: ChannelServer, pc: Pc, paired: Paired) -> list[ServerFrame]:
    """All that the PC has been told since it was last asked."""
    await all_news_told(channel)
    computers.rename(
        channel.club, computer_id=paired.computer_id, name=f"{time.monotonic()}", actor=OWNER
    )
    heard: list[ServerFrame] = []
    while not isinstance(frame := await pc.hear(), NameChanged):
        heard.append(frame)
    return heard


async def stops_by_itself(pc: Pc, channel: ChannelServer, session_id: int) -> None:
    stopped = SessionStopped(
        1, channel.club.clock.now(), session_id=session_id, played_seconds=0, reason="lease_over"
    )
    await pc.say(Journal(entries=(written(stopped),)))
    await eventually(lambda: _state(channel.club, session_id) == "ended")


def _state(club: ClubContext, session_id: int) -> str:
    with club.read() as db:
        return db.get_one(PlaySession, session_id).state


def test_whose_pc_has_stopped_by_itself_is_shown_there_no_more(
    channel: ChannelServer, pair_pc: PairPc, people: People
) -> None:
    async def evening() -> None:
        paired = await pair_pc()
        session_id = await sit_down(channel, paired, people, 3600)
        report = ReportedSession(session_id, 1, 0, "boot-1", channel.club.clock.now())
        async with channel.socket() as pc:
            await welcomed(pc, paired, session=report)
            await stops_by_itself(pc, channel, session_id)
            told = await told_until_now(channel, pc, paired)
            news = [one for one in told if isinstance(one, SessionEnded | CustomerChanged)]
            assert [type(one) for one in news] == [SessionEnded, CustomerChanged]
            assert news[1] == CustomerChanged(customer=None)
            assert channel.hub.connections[paired.computer_id].customer_id is None

    run(evening)


@pytest.mark.parametrize("is_shown", [True, False])
def test_who_signs_out_while_their_next_session_is_read_is_shown_as_its_player(
    channel: ChannelServer,
    pair_pc: PairPc,
    people: People,
    monkeypatch: pytest.MonkeyPatch,
    is_shown: bool,
) -> None:
    club, customer_id = channel.club, register(channel.club)
    read, times = push._read_session, 0

    def signed_out_meanwhile(hub: Hub, computer_id: int, *args: Any) -> Any:
        nonlocal times
        found, times = read(hub, computer_id, *args), times + 1
        if times == 1:
            went = threading.Event()
            heard = hub.heard.note(bus.ConditionsChanged())
            hub.on_loop(telling.show_nobody, hub.connections[computer_id], heard)
            hub.on_loop(went.set)
            assert went.wait(30)
        return found

    async def evening() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            if is_shown:
                await sign_in(pc)
                await all_news_told(channel)
            monkeypatch.setattr(push, "_read_session", signed_out_meanwhile)
            customers.top_up(
                club,
                customer_id=customer_id,
                amount_tiyn=50_000,
                method="cash",
                key="money",
                actor=OWNER,
            )
            sessions.buy(
                club,
                customer_id=customer_id,
                computer_id=paired.computer_id,
                tariff_id=people.tariff(),
                key="hour",
                actor=OWNER,
            )
            await pc.hear_a(SessionChanged)
            told = await told_until_now(channel, pc, paired)
            shown = [one.customer for one in told if isinstance(one, CustomerChanged)][-1]
            assert shown is not None
            assert shown.customer_id == customer_id
            assert channel.hub.connections[paired.computer_id].customer_id == customer_id

    run(evening)


@pytest.mark.parametrize("ended_by", ["its hello", "its journal"])
def test_whoever_signs_in_before_an_older_end_is_told_stays_signed_in(
    channel: ChannelServer, pair_pc: PairPc, people: People, clock: ManualClock, ended_by: str
) -> None:
    register(channel.club)
    game_id = applications.create(
        channel.club, title="CS 2", kind="game", exe_path="C:\\cs2.exe", arguments=[], actor=OWNER
    )

    async def evening() -> None:
        paired = await pair_pc()
        session_id = await sit_down(channel, paired, people, 60)
        played_seconds = 60 if ended_by == "its hello" else 0
        clock.advance(played_seconds)
        report = ReportedSession(session_id, 1, played_seconds, "boot-1", channel.club.clock.now())
        async with channel.socket() as pc:
            async with much_to_be_shown(channel.hub):
                await welcomed(pc, paired, session=report)
                if ended_by == "its journal":
                    await stops_by_itself(pc, channel, session_id)
                await sign_in(pc)
            assert (await pc.hear_a(SessionEnded)).session_id == session_id
            told = await told_until_now(channel, pc, paired)
            assert None not in [one.customer for one in told if isinstance(one, CustomerChanged)]
            await pc.say(Star(request_id="star", application_id=game_id, is_favourite=True))
            assert await pc.hear_a(Answer) == Answer("star", "ok")

    run(evening)


def test_an_answer_shows_nobody_where_something_newer_was_told(club: ClubContext) -> None:
    hub, earlier, later = Hub(club, b"certificate"), register(club), register(club, "second")

    async def nothing(*_values: object) -> Any:
        return None

    class Nowhere:
        client = None

    connection = Connection(hub, Nowhere(), nothing, nothing)  # type: ignore[arg-type]
    before = telling.customer_now(hub, earlier)
    telling.show_customer(connection, replace(telling.customer_now(hub, later), heard=7))
    telling.show_customer(connection, replace(before, heard=6))
    assert connection.customer_id == later
    for heard in (8, 10):  # whether somebody was shown or nobody
        telling.show_nobody(connection, heard)
        telling.show_customer(connection, replace(before, heard=heard - 1))
        assert connection.customer_id is None
    telling.show_customer(connection, replace(before, heard=10))
    assert connection.customer_id == earlier


def test_whose_pc_is_opened_for_a_technician_leaves_nobody_else_the_prices_of_their_group(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    club = channel.club
    group_id = loyalty.create_group(club, name="Друзья", percent=10, actor=OWNER)
    register(club, group_id=group_id)
    tariffs.create(club, terms=Terms("1 час", 3600, 50_000), actor=OWNER)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await sign_in(pc)
            await until_sold_for(pc, 45_000)
            maintenance.begin(
                club,
                computer_id=paired.computer_id,
                minutes=10,
                reason="мышь",
                actor=hire(club, "Тимур", "technician"),
            )
            await until_sold_for(pc, 50_000)

    run(work)


async def until_sold_for(pc: Pc, price_tiyn: int) -> None:
    while (await pc.hear_a(Catalog)).tariffs[0].price_tiyn != price_tiyn:
        pass


def test_whoever_signs_in_while_nobodys_prices_are_looked_up_sees_their_own(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    club = channel.club
    group_id = loyalty.create_group(club, name="Друзья", percent=10, actor=OWNER)
    customer_id = register(club, group_id=group_id)
    tariffs.create(club, terms=Terms("1 час", 3600, 50_000), actor=OWNER)
    group_of, times = telling.group_of, 0

    def signed_in_meanwhile(club: ClubContext, who: int | None) -> int | None:
        nonlocal times
        found, times = group_of(club, who), times + 1
        if times == 2:
            [connection] = channel.hub.connections.values()
            came = threading.Event()
            channel.hub.on_loop(setattr, connection, "customer_id", customer_id)
            channel.hub.on_loop(came.set)
            assert came.wait(30)
        return found

    async def evening() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            await sign_in(pc)
            await until_sold_for(pc, 45_000)
            hub, connection = channel.hub, channel.hub.connections[paired.computer_id]
            assert hub._loop is not None
            monkeypatch.setattr(telling, "group_of", signed_in_meanwhile)
            hub.on_loop(telling.show_nobody, connection, hub.heard.count)
            fit = telling.fit_catalog(hub, paired.computer_id)
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(fit, hub._loop))
            assert connection.group_id == group_id
            told = await told_until_now(channel, pc, paired)
            assert not [one for one in told if isinstance(one, Catalog)]

    run(evening)
