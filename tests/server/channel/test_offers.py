"""What is offered is read once for all PCs that ask at a time, and never earlier than any of them asked."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from lovhub.server.channel.hub import Hub
from lovhub.server.channel.telling import Catalogs
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from tests.support.club import People


class SlowReading:
    """Readings that begin when they are asked for, and end when the test says so."""

    def __init__(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[set[int]] = []
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()

        async def in_thread(read: Callable[..., Catalogs], *words: object) -> Catalogs:
            self.asked.append(set(words[-1]))  # type: ignore[call-overload]
            self.began.set()
            await self.may_end.wait()
            return read(*words)

        monkeypatch.setattr(hub, "in_thread", in_thread)


@pytest.fixture
def hub(club: ClubContext) -> Iterator[Hub]:
    """A hub that serves nobody."""
    hub = Hub(club, b"")
    yield hub
    asyncio.run(hub.stop())


def test_who_asks_meanwhile_is_told_together_and_of_what_is_then(
    hub: Hub, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (people.computer() for _ in range(3))
    people.tariff(title="1 час")

    async def ask() -> None:
        reading = SlowReading(hub, monkeypatch)
        one = asyncio.ensure_future(hub.offers.of(first, None))
        await reading.began.wait()
        others = [asyncio.ensure_future(hub.offers.of(pc, None)) for pc in (second, third)]
        await asyncio.sleep(0)
        people.tariff(title="Ночь")
        reading.may_end.set()
        await one
        for told in others:
            assert {tariff.title for tariff in (await told).tariffs} == {"1 час", "Ночь"}
        assert reading.asked == [{first}, {second, third}]

    asyncio.run(ask())


def test_one_that_goes_leaves_the_others_their_answer(
    hub: Hub, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = people.computer(), people.computer()

    async def ask() -> None:
        reading = SlowReading(hub, monkeypatch)
        left = asyncio.ensure_future(hub.offers.of(gone, None))
        told = asyncio.ensure_future(hub.offers.of(stays, None))
        await reading.began.wait()
        left.cancel()
        reading.may_end.set()
        assert (await told).tariffs == ()
        assert reading.asked == [{gone, stays}]

    asyncio.run(ask())


def test_a_reading_that_fails_fails_those_who_asked_for_it_only(
    hub: Hub, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    pc = people.computer()

    async def ask() -> None:
        async def refuse(*_words: object) -> Catalogs:
            raise OperationRefused("database_busy")

        with monkeypatch.context() as patch:
            patch.setattr(hub, "in_thread", refuse)
            with pytest.raises(OperationRefused):
                await hub.offers.of(pc, None)
        assert (await hub.offers.of(pc, None)).tariffs == ()

    asyncio.run(ask())
