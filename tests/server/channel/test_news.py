"""News that come close together: what is told and shown in the end is the newest, in its order."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lovhub.protocol.channel import (
    Catalog,
    Command,
    Paired,
    Welcome,
)
from lovhub.server import bus
from lovhub.server.applications import service as applications
from lovhub.server.applications import showing
from lovhub.server.channel import hall, newsroom
from lovhub.server.channel import hello as hellos
from lovhub.server.channel.heard import CUSTOMERS_REMEMBERED, Heard
from lovhub.server.channel.hub import Hub
from lovhub.server.computers import service as computers
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.halls import service as halls
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.channel.conftest import (
    ChannelServer,
    Pc,
    all_news_told,
    eventually,
    much_to_be_shown,
    run,
)
from tests.support.club import OWNER

NEWS_SECONDS = 0.3


def test_a_new_name_and_a_new_tariff_wait_for_the_welcome(
    channel: ChannelServer,
    pair_pc: Callable[[], Awaitable[Paired]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_welcome = hellos._welcome

    def slow_welcome(hub: Hub, db: Session, computer: Computer) -> Welcome:
        welcome = make_welcome(hub, db, computer)
        computers.rename(hub.club, computer_id=computer.id, name="ПК-1", actor=OWNER)
        tariffs.create(hub.club, terms=Terms("Новый", 3600, 50_000), actor=OWNER)
        time.sleep(NEWS_SECONDS)  # the news would have been told by now, if nothing held it back
        return welcome

    async def evening() -> None:
        paired = await pair_pc()
        monkeypatch.setattr(hellos, "_welcome", slow_welcome)
        async with channel.socket() as pc:
            await pc.hello(paired)
            assert isinstance(await pc.hear(), Welcome)
            assert isinstance(await pc.hear(), Catalog)

    asyncio.run(evening())


def test_a_slow_reading_does_not_undo_a_newer_one(
    channel: ChannelServer,
    pair_pc: Callable[[], Awaitable[Paired]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read_sessions = hall.sessions.hall_sessions
    slow = iter([True])

    def first_is_slow(*args: Any) -> Any:
        if next(slow, False):
            time.sleep(NEWS_SECONDS)
        return read_sessions(*args)

    def name() -> str:
        return channel.hub.hall.snapshot().rows[0].name

    async def evening() -> None:
        paired = await pair_pc()
        await eventually(lambda: channel.hub.hall.snapshot().rows)
        monkeypatch.setattr(hall.sessions, "hall_sessions", first_is_slow)
        for new_name in ("Первое", "Второе"):
            computers.rename(
                channel.club, computer_id=paired.computer_id, name=new_name, actor=OWNER
            )
            await asyncio.sleep(NEWS_SECONDS / 3)
        await eventually(lambda: name() == "Второе")
        await asyncio.sleep(NEWS_SECONDS)  # the slow one is over by now
        assert name() == "Второе"

    asyncio.run(evening())


def test_a_message_from_the_desk_waits_for_the_welcome(
    channel: ChannelServer,
    pair_pc: Callable[[], Awaitable[Paired]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_welcome = hellos._welcome

    def slow_welcome(hub: Hub, db: Session, computer: Computer) -> Welcome:
        channel.hub.commands.send_message(computer.id, "Закрываемся", OWNER)
        time.sleep(NEWS_SECONDS)
        return make_welcome(hub, db, computer)

    async def evening() -> None:
        paired = await pair_pc()
        monkeypatch.setattr(hellos, "_welcome", slow_welcome)
        async with channel.socket() as pc:
            await pc.hello(paired)
            assert isinstance(await pc.hear(), Welcome)
            assert (await pc.hear_a(Command)).text == "Закрываемся"

    asyncio.run(evening())


def test_a_pc_is_offered_what_its_zone_is_offered(
    channel: ChannelServer, pair_pc: Callable[[], Awaitable[Paired]]
) -> None:
    async def told(pc: Pc, *titles: str) -> None:
        """The PC is told so; what was on its way from before is passed over."""
        heard = await pc.hear_a(Catalog)
        while tuple(application.title for application in heard.applications) != titles:
            heard = await pc.hear_a(Catalog)

    async def evening() -> None:
        paired = await pair_pc()
        club = channel.club
        hall_id = halls.create_hall(club, name="Зал", zones=[], actor=OWNER)
        vip = halls.create_zone(club, hall_id=hall_id, name="VIP", actor=OWNER)
        game = applications.create(
            club, title="CS 2", kind="game", exe_path="C:\\cs2.exe", arguments=[], actor=OWNER
        )
        async with channel.socket() as pc:
            await pc.hello(paired)
            await told(pc, "CS 2")
            showing.limit_to_zones(club, application_id=game, zone_ids=[vip], actor=OWNER)
            await told(pc)
            halls.place(club, computer_ids=[paired.computer_id], zone_id=vip, actor=OWNER)
            await told(pc, "CS 2")

    asyncio.run(evening())


def test_many_news_at_once_are_one_reading(
    channel: ChannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = hall.journal.open_alarms
    has_begun, may_end = threading.Event(), threading.Event()
    times = 0

    def slow(*args: Any) -> Any:
        nonlocal times
        times += 1
        has_begun.set()
        assert may_end.wait(30)
        return read(*args)

    async def evening() -> None:
        monkeypatch.setattr(hall.journal, "open_alarms", slow)
        channel.club.bus.publish(bus.AlarmChanged(1))
        await eventually(has_begun.is_set)
        for alarm_id in range(2, 50):
            channel.club.bus.publish(bus.AlarmChanged(alarm_id))
        may_end.set()
        await eventually(lambda: times > 1)
        await all_news_told(channel)
        assert times == 2  # what was heard while the first was under way is in the second

    run(evening)


def test_what_could_not_be_read_is_read_for_the_next_news(
    club: ClubContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = hall.journal.open_alarms
    readings: list[str] = []

    def second_fails(*args: Any) -> Any:
        readings.append("begun")
        if len(readings) == 2:
            raise OSError
        return read(*args)

    async def evening(channel: ChannelServer) -> None:
        async with much_to_be_shown(channel.hub):  # both are heard before the first is acted on
            channel.club.bus.publish(bus.AlarmChanged(1))
            channel.club.bus.publish(bus.AlarmChanged(2))
        await eventually(lambda: len(readings) == 3)

    monkeypatch.setattr(newsroom, "CATCH_UP_SECONDS", 3600)
    monkeypatch.setattr(hall.journal, "open_alarms", second_fails)
    with ChannelServer(club, tmp_path) as channel:
        assert readings == ["begun"]
        run(lambda: evening(channel))


def test_the_newest_news_of_a_customer_are_known_and_older_ones_may_be_anybodys() -> None:
    heard = Heard()
    for customer_id in range(1, CUSTOMERS_REMEMBERED + 1):
        assert heard.note(bus.CustomerChanged(customer_id)) == customer_id
    assert heard.of_customer(CUSTOMERS_REMEMBERED) == CUSTOMERS_REMEMBERED
    assert heard.of_customer(CUSTOMERS_REMEMBERED + 1) == 0
    heard.note(bus.CustomerChanged(1))
    heard.note(bus.CustomerChanged(CUSTOMERS_REMEMBERED + 1))
    assert heard.of_customer(1) == CUSTOMERS_REMEMBERED + 1
    assert heard.of_customer(2) == heard.of_customer(-1) == 2
    heard.note(bus.PromosChanged())
    assert heard.of_customer(1) == heard.count == CUSTOMERS_REMEMBERED + 3
