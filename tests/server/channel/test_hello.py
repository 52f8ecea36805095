"""A PC that comes back with nothing to settle is told all in one go, and misses nothing of what comes meanwhile."""

import threading
from collections.abc import Callable

import pytest

from lovhub.protocol.channel import (
    Catalog,
    Error,
    MaintenanceKeys,
    NameChanged,
    Paired,
    ServerFrame,
    Welcome,
)
from lovhub.server.channel import hello as hellos
from lovhub.server.computers import service as computers
from lovhub.server.sessions import link
from lovhub.server.staff import people
from tests.server.channel.conftest import ChannelServer, PairPc, eventually, run
from tests.support.club import OWNER
from tests.support.staff import hire

Change = Callable[[int], object]


async def come_and_go(channel: ChannelServer, paired: Paired) -> None:
    """What is new of the PC is noted."""
    async with channel.socket() as pc:
        await pc.hello(paired, takes_codes=True)
        await pc.hear_a(Catalog)
    await eventually(lambda: not channel.hub.connections)


async def told(
    channel: ChannelServer, paired: Paired, last: type[ServerFrame]
) -> list[ServerFrame]:
    """What the PC hears until the frame of this kind."""
    heard: list[ServerFrame] = []
    async with channel.socket() as pc:
        await pc.hello(paired, takes_codes=True)
        while not heard or not isinstance(heard[-1], last):
            heard.append(await pc.hear())
    return heard


def once_looked_up(channel: ChannelServer, monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Make the change when the next PC is looked up, and have it heard of before the PC is linked."""
    look_up = hellos._look_up

    def looked_up(*asked: object) -> object:
        found = look_up(*asked)  # type: ignore[arg-type]
        assert found is not None, "nothing is to be settled"
        change(asked[1].computer_id)  # type: ignore[attr-defined]
        went = threading.Event()
        channel.hub.on_loop(went.set)
        assert went.wait(10)
        return found

    monkeypatch.setattr(hellos, "_look_up", looked_up)


def before_it_is_linked(
    channel: ChannelServer, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    """Make the change in the moment in which the next PC is linked, so that it is heard of afterwards."""
    linked = channel.hub.presence.link

    def link_it(*what: object) -> None:
        change(what[0])  # type: ignore[arg-type]
        linked(*what)  # type: ignore[arg-type]

    monkeypatch.setattr(channel.hub.presence, "link", link_it)


Moment = Callable[[ChannelServer, pytest.MonkeyPatch, Change], None]


def test_nothing_is_settled_where_there_is_nothing(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[int] = []
    settle = link.link_returned

    def returned(*club: object, computer_id: int, **what: object) -> int | None:
        settled.append(computer_id)
        return settle(*club, computer_id=computer_id, **what)  # type: ignore[arg-type]

    monkeypatch.setattr(link, "link_returned", returned)

    async def work() -> None:
        paired = await pair_pc()
        await come_and_go(channel, paired)
        assert settled == [paired.computer_id], "its boot and its version were news"
        await come_and_go(channel, paired)
        assert settled == [paired.computer_id]
        async with channel.socket() as first, channel.socket() as second:
            await first.hello(paired)
            await first.hear_a(Welcome)
            assert settled == [paired.computer_id]
            await second.hello(paired)
            await second.hear_a(Welcome)
            assert settled == 2 * [paired.computer_id], (
                "the earlier one may have said something yet"
            )

    run(work)


def test_a_quiet_hello_is_a_sign_of_life(channel: ChannelServer, pair_pc: PairPc) -> None:
    async def work() -> None:
        paired = await pair_pc()
        await come_and_go(channel, paired)
        channel.hub.drain_last_seen()
        async with channel.socket() as pc:
            await pc.hello(paired)
            await pc.hear_a(Welcome)
            assert channel.hub.drain_last_seen() == {paired.computer_id: channel.club.clock.now()}

    run(work)


@pytest.mark.parametrize("moment", [once_looked_up, before_it_is_linked])
def test_a_name_given_meanwhile_is_told(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch, moment: Moment
) -> None:
    def rename(computer_id: int) -> None:
        computers.rename(channel.club, computer_id=computer_id, name="VIP-1", actor=OWNER)

    async def work() -> None:
        paired = await pair_pc()
        await come_and_go(channel, paired)
        moment(channel, monkeypatch, rename)
        if moment is once_looked_up:
            heard = await told(channel, paired, Welcome)
            assert isinstance(heard[-1], Welcome)
            assert heard[-1].computer_name == "VIP-1"
        else:
            heard = await told(channel, paired, NameChanged)
            assert heard[-1] == NameChanged(computer_name="VIP-1")

    run(work)


@pytest.mark.parametrize("moment", [once_looked_up, before_it_is_linked])
def test_who_was_dismissed_meanwhile_opens_it_by_no_code(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch, moment: Moment
) -> None:
    owner = hire(channel.club, "Айгуль", "owner")
    technician = hire(channel.club, "Тимур", "technician")

    def dismiss(_computer_id: int) -> None:
        people.disable(channel.club, staff_id=technician.id or 0, actor=owner)

    async def work() -> None:
        paired = await pair_pc()
        await come_and_go(channel, paired)
        moment(channel, monkeypatch, dismiss)
        keys: list[list[str]] = []
        async with channel.socket() as pc:
            await pc.hello(paired, takes_codes=True)
            while not keys or keys[-1] != ["Айгуль"]:
                frame = await pc.hear_a(MaintenanceKeys)
                keys.append([person.name for person in frame.keys.people])
        assert len(keys) == (1 if moment is once_looked_up else 2)

    run(work)


@pytest.mark.parametrize("moment", [once_looked_up, before_it_is_linked])
def test_a_pc_that_was_revoked_meanwhile_is_sent_away(
    channel: ChannelServer, pair_pc: PairPc, monkeypatch: pytest.MonkeyPatch, moment: Moment
) -> None:
    def revoke(computer_id: int) -> None:
        computers.revoke(channel.club, computer_id=computer_id, actor=OWNER)

    async def work() -> None:
        paired = await pair_pc()
        await come_and_go(channel, paired)
        moment(channel, monkeypatch, revoke)
        heard = await told(channel, paired, Error)
        assert isinstance(heard[-1], Error)
        assert heard[-1].code == "unknown_computer"
        if moment is once_looked_up:
            assert not any(isinstance(frame, Welcome) for frame in heard)

    run(work)
