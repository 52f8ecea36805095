"""Who is there, in memory."""

import pytest

from lovhub.clock import ManualClock
from lovhub.server.channel import rules
from lovhub.server.channel.presence import Presence

PC = 7


@pytest.fixture
def presence(clock: ManualClock) -> Presence:
    return Presence(clock)


def test_the_silence_of_a_cut_pc_counts_from_its_last_heartbeat(
    presence: Presence, clock: ManualClock
) -> None:
    """Its session may be settled by this moment: seconds in which it was dead already are not played."""
    connection = object()
    presence.link(PC, connection, "locked")
    presence.heartbeat(PC, lock="locked")
    last_heartbeat = clock.now()
    clock.advance(20)
    assert presence.unlink(PC, connection, goodbye=False)
    assert presence.sight(PC).signs.silent_seconds == 20
    assert presence.take_unflushed() == {PC: last_heartbeat}


def test_an_older_connection_that_closes_changes_nothing(presence: Presence) -> None:
    old, new = object(), object()
    presence.link(PC, old, "locked")
    presence.link(PC, new, "locked")
    assert not presence.unlink(PC, old, goodbye=False)
    assert presence.linked_ids() == {PC}


def test_a_goodbye_is_told_until_the_pc_comes_back(presence: Presence) -> None:
    connection = object()
    presence.link(PC, connection, "locked")
    presence.unlink(PC, connection, goodbye=True)
    assert presence.sight(PC).signs.said_goodbye
    presence.link(PC, object(), "locked")
    assert not presence.sight(PC).signs.said_goodbye


def test_a_pc_that_hangs_is_named_after_three_heartbeats(
    presence: Presence, clock: ManualClock
) -> None:
    connection = object()
    presence.link(PC, connection, "locked")
    clock.advance(30)
    assert presence.silent_links() == []
    clock.advance(1)
    assert presence.silent_links() == [(PC, connection)]


def test_a_heartbeat_over_https_links_for_a_while(presence: Presence, clock: ManualClock) -> None:
    presence.heartbeat_over_https(PC, lock="unlocked")
    assert presence.linked_ids() == {PC}
    clock.advance(31)
    assert presence.linked_ids() == frozenset()


def test_only_what_is_shown_is_told(presence: Presence) -> None:
    told: list[int] = []
    presence.on_change = told.append
    presence.link(PC, object(), "locked")
    presence.heartbeat(PC, lock="locked")
    assert told == [PC]
    presence.heartbeat(PC, lock="broken")
    presence.heartbeat(PC, lock="broken", application_id=3)
    assert told == [PC, PC, PC]


def test_a_sign_of_life_is_flushed_once(presence: Presence, clock: ManualClock) -> None:
    presence.remember(5, silent_seconds=100, said_goodbye=False)
    presence.heartbeat(PC, lock="locked")
    assert presence.take_unflushed() == {PC: clock.now()}
    assert presence.take_unflushed() == {}


def test_all_links_at_once_are_as_each_is_seen() -> None:
    clock = ManualClock()
    presence = Presence(clock)
    presence.remember(1, silent_seconds=None, said_goodbye=False)  # never heard of
    presence.remember(2, silent_seconds=5, said_goodbye=False)
    presence.remember(3, silent_seconds=5, said_goodbye=True)
    presence.link(4, object(), "locked")
    presence.heartbeat_over_https(5, lock="locked")
    presence.link(6, token := object(), "locked")
    presence.unlink(6, token, goodbye=False)
    for seconds in (0, rules.SILENCE_SECONDS + 1, rules.OFF_AFTER_SECONDS):
        clock.advance(seconds)
        each = {pc: rules.link_of(presence.sight(pc).signs, grace=False) for pc in range(1, 8)}
        assert presence.links(range(1, 8)) == each
    assert set(each.values()) == {"linked", "off", "switched_off"}
