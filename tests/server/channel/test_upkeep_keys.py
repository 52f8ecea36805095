"""Which PCs are told whose codes open them, and when."""

import asyncio

from lovhub.protocol.channel import Catalog, MaintenanceChanged, MaintenanceKeys, Welcome
from lovhub.protocol.channel import Journal as JournalFrame
from lovhub.protocol.entries import KNOWS_CODES, MaintenanceEntered, written
from lovhub.server.bus import NewsMissed
from lovhub.server.staff import people
from tests.server.channel.conftest import ChannelServer, PairPc, run
from tests.support.staff import hire


def names(frame: MaintenanceKeys) -> list[str]:
    return [person.name for person in frame.keys.people]


def test_a_pc_that_takes_codes_is_told_at_hello_and_at_every_change(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    club = channel.club
    owner, technician = hire(club, "Айгуль", "owner"), hire(club, "Тимур", "technician")

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await pc.hello(paired, takes_codes=True)
            assert KNOWS_CODES in (await pc.hear_a(Welcome)).knows
            first = await pc.hear()
            assert isinstance(first, MaintenanceKeys), "at once after the welcome"
            assert names(first) == ["Айгуль", "Тимур"]
            await asyncio.to_thread(people.disable, club, staff_id=technician.id or 0, actor=owner)
            second = await pc.hear_a(MaintenanceKeys)
            assert names(second) == ["Айгуль"]
            assert second.keys.generation == first.keys.generation + 1
            club.bus.publish(NewsMissed())
            assert await pc.hear_a(MaintenanceKeys) == second

    run(work)


def test_a_pc_that_says_nothing_of_codes_hears_nothing_of_them(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    hire(channel.club, "Айгуль", "owner")

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await pc.hello(paired)
            await pc.hear_a(Welcome)
            assert isinstance(await pc.hear(), Catalog)

    run(work)


def test_a_pc_that_was_opened_by_a_code_of_nobodys_is_locked(
    channel: ChannelServer, pair_pc: PairPc
) -> None:
    owner = hire(channel.club, "Айгуль", "owner")

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await pc.hello(paired, takes_codes=True)
            await pc.hear_a(Catalog)
            entry = MaintenanceEntered(
                1, channel.club.clock.now(), lock_number="000000000",
                person_id=owner.id or 0, minutes=30,
            )  # fmt: skip
            await pc.say(JournalFrame(entries=(written(entry),)))
            assert (await pc.hear_a(MaintenanceChanged)).maintenance is None

    run(work)
