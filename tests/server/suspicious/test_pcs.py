"""PCs that are on, or open, without a session: each stretch is told once, and only after its time."""

from lovhub.server.live import Unattended
from lovhub.server.suspicious.pcs import OPEN_SECONDS, Watch

IDLE = 3600
NONE = Unattended(on=frozenset(), open=frozenset())
LOCKED = Unattended(on={1}, open=frozenset())
OPEN = Unattended(on={1}, open={1})


def seen(watch: Watch, now: float, pcs: Unattended, *, idle_seconds: int = IDLE) -> list[str]:
    found = watch.look(pcs, now=now, idle_seconds=idle_seconds)
    return [one.kind.split(".")[1].split("_", maxsplit=1)[0] for one in found]


def test_an_idle_pc_is_told_once_until_somebody_has_played_there() -> None:
    watch = Watch()
    assert [seen(watch, at, LOCKED) for at in (0, 3599, 3600, 3601, 90_000)] == [
        [], [], ["on"], [], [],
    ]  # fmt: skip
    assert seen(watch, 90_010, NONE) == []
    assert [seen(watch, at, LOCKED) for at in (90_020, 93_619, 93_620)] == [[], [], ["on"]]


def test_an_open_pc_is_told_soon_also_where_nobody_asks_for_idle_ones() -> None:
    watch = Watch()
    told = [seen(watch, at, OPEN, idle_seconds=0) for at in (0, OPEN_SECONDS - 1, OPEN_SECONDS, 99)]
    assert told == [[], [], ["open"], []]
    assert seen(watch, 100, LOCKED, idle_seconds=0) == []
    assert seen(watch, 110, OPEN, idle_seconds=0) == []
    assert seen(watch, 110 + OPEN_SECONDS, OPEN, idle_seconds=0) == ["open"]
    assert seen(Watch(), 9e9, LOCKED, idle_seconds=0) == []


def test_each_pc_has_a_time_of_its_own_and_a_longer_patience_counts_from_its_beginning() -> None:
    watch = Watch()
    both = Unattended(on={1, 2}, open=frozenset())

    def told(now: float, pcs: Unattended, idle_seconds: int) -> list[int]:
        found = watch.look(pcs, now=now, idle_seconds=idle_seconds)
        return [one.computer_id for one in found]

    assert told(0, LOCKED, 100) == []
    assert told(50, both, 100) == []
    assert told(100, both, 100) == [1]
    assert told(150, both, 200) == []
    assert told(250, both, 200) == [2]
    assert told(300, both, 100) == []
