"""The catalogues that PCs are told are read as seldom as can be, and are never old ones."""

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import update

from lovhub.clock import ManualClock
from lovhub.server.channel import telling
from lovhub.server.channel.telling import Catalogs, KeptCatalogs
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.halls import service as halls
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from tests.server.channel.conftest import run
from tests.support.club import OWNER, People

Counted = Callable[[], int]


@pytest.fixture
def kept(club: ClubContext) -> KeptCatalogs:
    catalogs = KeptCatalogs(club)
    club.bus.listen(catalogs.hear)
    return catalogs


def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Counted:
    """How often it was called since."""
    calls: list[None] = []
    real = getattr(owner, name)

    def count(*args: object) -> object:
        calls.append(None)
        return real(*args)

    monkeypatch.setattr(owner, name, count)
    return lambda: len(calls)


def asking(kept: KeptCatalogs) -> Any:
    """As much of a hub as is asked for them."""
    return SimpleNamespace(catalogs=kept, in_thread=asyncio.to_thread)


def titles(catalogs: Catalogs, computer_id: int) -> list[str]:
    return [tariff.title for tariff in catalogs.of(computer_id, None).tariffs]


def test_who_asks_at_the_same_time_waits_for_one_reading(
    club: ClubContext, kept: KeptCatalogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = counted(monkeypatch, telling, "catalogs_by_zone")

    async def work() -> None:
        answers = await asyncio.gather(*(telling.offered(asking(kept), {None}) for _ in range(8)))
        assert reads() == 1
        assert all(answer is answers[0] for answer in answers)

    run(work)


def test_who_asks_after_the_news_is_told_no_older_reading(
    club: ClubContext, people: People, kept: KeptCatalogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    pc = people.computer()
    read_by_zone = telling.catalogs_by_zone
    began, goes_on = threading.Event(), threading.Event()

    def slow(*args: Any) -> Catalogs:
        found = read_by_zone(*args)
        began.set()
        assert goes_on.wait(10)
        return found

    monkeypatch.setattr(telling, "catalogs_by_zone", slow)

    async def work() -> None:
        hub = asking(kept)
        before = asyncio.create_task(telling.offered(hub, {None}))
        await asyncio.to_thread(began.wait, 10)
        tariffs.create(club, terms=Terms("Ночь", 3600, 90_000), actor=OWNER)
        after = [asyncio.create_task(telling.offered(hub, {None})) for _ in range(2)]
        await asyncio.sleep(0)
        goes_on.set()
        assert titles(await before, pc) == []
        for asked in after:
            assert titles(await asked, pc) == ["Ночь"]

    run(work)


def test_a_reading_that_fails_is_the_fault_of_none_that_come_after_it(
    club: ClubContext, people: People, kept: KeptCatalogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.computer()
    monkeypatch.setattr(telling, "catalogs_by_zone", Mock(side_effect=OSError))

    async def work() -> None:
        hub = asking(kept)
        asked = [telling.offered(hub, {None}) for _ in range(3)]
        failed = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(one) for one in failed] == 3 * [OSError]
        monkeypatch.undo()
        assert isinstance(await telling.offered(hub, {None}), Catalogs)

    run(work)


def test_where_pcs_stand_is_read_again_only_after_news(
    club: ClubContext,
    people: People,
    clock: ManualClock,
    kept: KeptCatalogs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of thousands it takes longer than all else, and a hall that comes back asks anew each second."""
    asked = counted(monkeypatch, telling.computers, "zones_of_computers")
    pc, vip = people.computer(), people.zone("VIP")
    only_vip = Terms(
        "Час VIP", 3600, 90_000, sold_elsewhere=False, zones={vip.zone_id: ZonePrice()}
    )
    tariffs.create(club, terms=only_vip, actor=OWNER)
    assert titles(kept.read({None}), pc) == []
    for _second in range(3):
        clock.advance(1)
        assert titles(kept.read({None}), pc) == []
    assert asked() == 1
    halls.place(club, computer_ids=[pc], zone_id=vip.zone_id, actor=OWNER)
    assert titles(kept.read({None}), pc) == ["Час VIP"]
    assert asked() == 2


def test_a_move_of_which_no_news_came_is_seen_within_a_minute(
    club: ClubContext, people: People, clock: ManualClock, kept: KeptCatalogs
) -> None:
    """As where PostgreSQL has committed and its answer was lost."""
    pc, vip = people.computer(), people.zone("VIP")
    assert kept.read({None}).zones == {pc: None}
    with club.database.write() as db:
        db.execute(update(Computer).values(zone_id=vip.zone_id))
    clock.advance(telling.ZONES_SECONDS)
    assert kept.read({None}).zones == {pc: vip.zone_id}
