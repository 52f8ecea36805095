"""What the hub does when something goes wrong: it goes on."""

import asyncio

import pytest

from lovhub.clock import ManualClock
from lovhub.protocol.channel import Error, SessionChanged
from lovhub.server.context import ClubContext
from lovhub.server.sessions import link, service
from tests.server.channel.conftest import (
    ChannelServer,
    PairPc,
    eventually,
    past_the_grace,
    row,
    run,
    welcomed,
)
from tests.support.club import CASHIER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)


def test_a_silence_that_could_not_be_written_down_is_written_later(
    channel: ChannelServer, pair_pc: PairPc, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_down = link.link_lost
    tries: list[int] = []

    def full_disk_at_first(
        club: ClubContext, *, computer_id: int, node_id: int | None = None
    ) -> None:
        tries.append(computer_id)
        if len(tries) == 1:
            raise OSError("no space left on device")
        write_down(club, computer_id=computer_id, node_id=node_id)

    monkeypatch.setattr(link, "link_lost", full_disk_at_first)
    monkeypatch.setattr("lovhub.server.channel.hub.SILENCE_RETRY_SECONDS", 0.05)
    tariff_id = people.tariff()

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            session_id = await asyncio.to_thread(
                service.seat_guest,
                channel.club,
                computer_id=paired.computer_id,
                tariff_id=tariff_id,
                method="cash",
                guest_name="",
                actor=CASHIER,
                key="guest",
            )
            await pc.hear_a(SessionChanged)
        await eventually(lambda: people.session(session_id).state == "unreachable")

    run(work)
    assert len(tries) == 2


def test_one_look_that_fails_is_not_the_last(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[None] = []

    def fail() -> bool:
        looks.append(None)
        raise RuntimeError("a mistake")

    monkeypatch.setattr(channel.hub.hall, "is_mass_loss", fail)

    async def work() -> None:
        paired = await pair_pc()
        await eventually(lambda: looks)
        past_the_grace(channel, clock)
        async with channel.socket() as pc:
            await welcomed(pc, paired)
            for _ in range(8):
                clock.advance(4)
                channel.hub.hall.judge()
            assert (await pc.hear_a(Error)).code == "timeout"

    run(work)


def test_pcs_lost_after_a_stall_are_no_mass_loss(
    channel: ChannelServer, pair_pc: PairPc, clock: ManualClock
) -> None:
    """The server stood still: the PCs went because of it, not because of the power."""

    async def work() -> None:
        paired = [await pair_pc() for _ in range(5)]
        past_the_grace(channel, clock)
        sockets = [channel.socket() for _ in paired]
        for socket, one in zip(sockets, paired, strict=True):
            await welcomed(await socket.__aenter__(), one)
        clock.advance(20)
        for socket in sockets:
            await socket.__aexit__(None, None, None)
        await eventually(
            lambda: all(row(channel, one.computer_id).link == "lost" for one in paired)
        )
        assert not channel.hub.hall.is_mass_loss()

    run(work)
