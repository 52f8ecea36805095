"""The PCs kept in memory: whose sessions may have to be asked about by now."""

import pytest
from msgspec.structs import replace

from lovhub.server.attention.rules import LONGEST_WARNING_SECONDS
from lovhub.server.channel.known import KnownComputer, KnownComputers
from lovhub.server.live import HallSession
from lovhub.server.minors.rules import NIGHT

READ_AT = 1_000_000
SOON = LONGEST_WARNING_SECONDS
SESSION = HallSession(1, "active", "Алия", 7, "1 час", 3600, 0, "")


def pc(session: HallSession | None, read_at: int = READ_AT) -> KnownComputer:
    return KnownComputer("ПК-1", 1, None, "D-1", "", b"", session, read_at)


def asked(known: KnownComputers, now: int) -> list[int]:
    return [computer_id for computer_id, _pc in known.to_ask(now)]


@pytest.fixture
def known() -> KnownComputers:
    found = KnownComputers()
    found.begin_anew({1: pc(SESSION), 2: pc(None), 3: pc(replace(SESSION, seconds_left=7200))})
    return found


def test_a_session_is_asked_about_from_shortly_before_its_end(known: KnownComputers) -> None:
    assert asked(known, READ_AT) == []
    assert asked(known, READ_AT + 3600 - SOON - 1) == []
    assert asked(known, READ_AT + 3600 - SOON) == [1]
    assert asked(known, READ_AT + 99_999) == [1, 3]


def test_who_waits_for_the_nights_end_is_asked_about_and_who_just_pauses_is_not(
    known: KnownComputers,
) -> None:
    paused = replace(SESSION, state="paused", seconds_left=5, pause_reason=NIGHT)
    known.begin_anew(
        {
            1: pc(paused),
            2: pc(replace(paused, pause_reason="staff")),
            3: pc(replace(SESSION, state="unreachable", seconds_left=5)),
        }
    )
    assert asked(known, READ_AT) == [1]


@pytest.mark.parametrize("how", ["lengthened", "ended", "read later", "read anew", "gone"])
def test_what_becomes_of_a_session_is_seen_at_once(known: KnownComputers, how: str) -> None:
    now = READ_AT + 3600 - SOON
    assert asked(known, now) == [1]
    longer = replace(SESSION, seconds_left=7200)
    if how == "lengthened":
        known.change(1, session=longer)
    elif how == "ended":
        known.change(1, session=None)
    elif how == "read later":
        known.put(1, pc(replace(SESSION), READ_AT + 60))
    elif how == "read anew":
        known.begin_anew({1: pc(longer)})
    else:
        known.drop(1)
    assert asked(known, now) == []


def test_who_sits_down_is_seen_at_once(known: KnownComputers) -> None:
    assert asked(known, READ_AT) == []
    known.change(2, session=replace(SESSION, seconds_left=60), session_read_at=READ_AT)
    known.put(4, pc(replace(SESSION, seconds_left=SOON)))
    assert asked(known, READ_AT) == [2, 4]


def test_where_a_pc_stands_is_no_matter_of_its_session(known: KnownComputers) -> None:
    now = READ_AT + 3600 - SOON
    assert asked(known, now) == [1]
    known.change(1, name="ПК-9")
    [(computer_id, seen)] = known.to_ask(now)
    assert (computer_id, seen.name) == (1, "ПК-9")
