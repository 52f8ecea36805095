"""The gate: turns, patience, and what it tells of itself."""

import asyncio

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Alarm
from lovhub.server.pressure import rules
from lovhub.server.pressure.gate import Gate
from lovhub.server.pressure.watch import OverloadWatch


def test_each_rank_has_turns_of_its_own_and_the_first_comes_first() -> None:
    async def work() -> None:
        gate = Gate()
        for _ in range(rules.AT_ONCE["report"]):
            assert await gate.enter("report")
        entered: list[int] = []

        async def wait(number: int) -> None:
            assert await gate.enter("report")
            entered.append(number)

        waiting = [asyncio.create_task(wait(number)) for number in range(3)]
        await asyncio.sleep(0)  # each of them runs until it waits
        assert gate.waiting()["report"] == 3
        assert await gate.enter("page")  # others do not wait for reports
        assert entered == []
        for number in range(3):
            gate.leave("report")
            await waiting[number]
        assert entered == [0, 1, 2]
        assert gate.waiting()["report"] == 0

    asyncio.run(work())


def test_whoever_waits_too_long_or_is_one_too_many_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(rules.PATIENCE_SECONDS, "page", 0.01)
    monkeypatch.setitem(rules.AT_ONCE, "page", 1)
    monkeypatch.setitem(rules.AT_ONCE, "deed", 1)

    async def work() -> None:
        gate = Gate()
        assert await gate.enter("page")
        assert gate.overloaded_since is None
        assert not await gate.enter("page")
        assert (gate.turned_away["page"], gate.turned_away_lately) == (1, 1)
        assert gate.overloaded_since is not None
        assert gate.waiting()["page"] == 0  # who went is not waited for
        gate.leave("page")
        assert await gate.enter("page")
        monkeypatch.setattr(rules, "MOST_WAITING", 0)
        assert await gate.enter("deed"), "nobody waits for it"
        assert not await gate.enter("deed")

    asyncio.run(work())


def test_one_address_keeps_nobody_else_from_signing_in() -> None:
    async def work() -> None:
        gate = Gate()
        for _ in range(rules.AT_ONCE["sign_in"]):
            assert await gate.enter("sign_in", "10.0.0.66")
        most = rules.MOST_WAITING_PER_ADDRESS["sign_in"]
        flood = [asyncio.create_task(gate.enter("sign_in", "10.0.0.66")) for _ in range(most)]
        await asyncio.sleep(0)
        assert not await gate.enter("sign_in", "10.0.0.66")
        cashier = asyncio.create_task(gate.enter("sign_in", "10.0.0.2"))
        owner = asyncio.create_task(gate.enter("sign_in", "127.0.0.1"))
        for _ in range(most + 2):
            gate.leave("sign_in")
        assert all(await asyncio.gather(*flood, cashier, owner))
        assert not gate._by_address

    asyncio.run(work())


def test_a_late_loop_is_seen_and_forgotten() -> None:
    async def work() -> None:
        gate = Gate()
        now = asyncio.get_running_loop().time()
        for number in range(10):
            gate._ticked(now + number / 10, now + number / 10 - 0.3)
        assert gate.signals.lag == pytest.approx(0.3)
        assert not await gate.enter("page")
        assert not await gate.enter("report")
        assert await gate.enter("deed")
        # One long breath among many short ones is no overload.
        for number in range(30):
            gate._ticked(
                now + 10 + number / 20, now + 10 + number / 20 - (0.9 if number == 7 else 0)
            )
        assert gate.signals.lag == 0
        assert gate.overloaded_since is None  # it has been calm for long enough
        assert gate.turned_away_lately == 2
        gate._ticked(now + 800, now + 800)
        assert gate.turned_away_lately == 0

    asyncio.run(work())


def test_the_desk_is_told_once_of_an_overload_that_goes_on(
    club: ClubContext, clock: ManualClock
) -> None:
    gate = Gate()
    watch = OverloadWatch(club, gate)

    def alarms() -> list[str]:
        with club.read() as db:
            return list(db.scalars(select(Alarm.kind)))

    for _ in range(2):
        watch.look()
        clock.advance(5)
    gate._since = 1.0
    for _ in range(3):
        watch.look()
        clock.advance(5)
    assert alarms() == []
    for _ in range(3):
        watch.look()
        clock.advance(5)
    assert alarms() == ["overloaded"]
    gate._since = None
    watch.look()
    gate._since = 2.0
    for _ in range(5):
        watch.look()
        clock.advance(5)
    assert alarms() == ["overloaded"]
