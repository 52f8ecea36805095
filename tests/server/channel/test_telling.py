"""The catalogues that PCs are told are read as seldom as can be, and are never old ones."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from lovhub.clock import ManualClock
from lovhub.server.channel import telling
from lovhub.server.channel.telling import KeptCatalogs
from lovhub.server.context import ClubContext
from lovhub.server.halls import service as halls
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
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


def titles(kept: KeptCatalogs, computer_id: int) -> list[str]:
    return [tariff.title for tariff in kept.read({None}).of(computer_id, None).tariffs]


def test_who_asks_at_the_same_time_waits_for_one_reading(
    kept: KeptCatalogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = counted(monkeypatch, telling, "catalogs_by_zone")
    together = Barrier(8)

    def ask() -> telling.Catalogs:
        together.wait(10)
        return kept.read({None})

    with ThreadPoolExecutor(8) as threads:
        answers = [one.result() for one in [threads.submit(ask) for _ in range(8)]]
    assert reads() == 1
    assert all(answer is answers[0] for answer in answers)


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
    assert titles(kept, pc) == []
    for _second in range(3):
        clock.advance(1)
        assert titles(kept, pc) == []
    assert asked() == 1
    halls.place(club, computer_ids=[pc], zone_id=vip.zone_id, actor=OWNER)
    assert titles(kept, pc) == ["Час VIP"]
    assert asked() == 2
