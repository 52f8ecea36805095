"""Who is there, in memory."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lovhub.clock import ManualClock
from lovhub.server.channel import rules
from lovhub.server.channel.presence import Elsewhere, Presence

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
    presence.settled(PC, connection)
    presence.heartbeat(PC, lock="locked")
    last_heartbeat = clock.now()
    clock.advance(20)
    assert presence.unlink(PC, connection, goodbye=False)
    assert presence.sight(PC).signs.silent_seconds == 20
    assert presence.take_unflushed() == {PC: last_heartbeat}


def test_a_hello_counts_once_its_session_is_settled(presence: Presence, clock: ManualClock) -> None:
    """Until then the server bills by when the PC was heard before: it may have been without power."""
    presence.remember(PC, silent_seconds=900, said_goodbye=False)
    heard_at = presence.last_seen_at(PC)
    connection = object()
    presence.link(PC, connection, "locked")
    assert PC in presence
    assert presence.last_seen_at(PC) == heard_at == clock.now() - 900
    assert presence.take_unflushed() == {}
    presence.heartbeat_over_https(PC, lock="locked")
    assert presence.last_seen_at(PC) == heard_at, "its session is no more settled than before"
    presence.settled(PC, object())
    assert presence.last_seen_at(PC) == heard_at, "of another connection"
    presence.settled(PC, connection)
    assert presence.last_seen_at(PC) == clock.now()
    assert presence.take_unflushed() == {PC: clock.now()}


def test_an_older_connection_that_closes_changes_nothing(presence: Presence) -> None:
    old, new = object(), object()
    presence.link(PC, old, "locked")
    presence.link(PC, new, "locked")
    assert not presence.unlink(PC, old, goodbye=False)
    assert PC in presence


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
    assert PC in presence
    clock.advance(31)
    assert PC not in presence


def test_only_what_is_shown_is_told(presence: Presence) -> None:
    told: list[int] = []
    programs: list[int] = []
    presence.on_change = told.append
    presence.on_program = programs.append
    presence.link(PC, object(), "locked")
    presence.heartbeat(PC, lock="locked")
    assert told == [PC]
    presence.heartbeat(PC, lock="broken")
    presence.heartbeat(PC, lock="locked", application_id=2)
    assert (told, programs) == ([PC, PC, PC], [])
    presence.heartbeat(PC, lock="locked", application_id=3)
    assert (told, programs) == ([PC, PC, PC], [PC]), "nobody waits to see which program it is"


def test_of_a_pc_elsewhere_another_program_alone_is_told_apart(presence: Presence) -> None:
    told: list[int] = []
    programs: list[int] = []
    presence.on_change = told.append
    presence.on_program = programs.append
    there = Elsewhere(2, "10.0.0.7", "locked", None, frozenset())
    for seen in (
        there,
        there,
        replace(there, application_id=3),
        replace(there, lock="broken", application_id=4),
    ):
        presence.note_elsewhere(PC, seen)
    assert (told, programs) == ([PC, PC], [PC])


def test_a_sign_of_life_is_flushed_once(presence: Presence, clock: ManualClock) -> None:
    presence.remember(5, silent_seconds=100, said_goodbye=False)
    presence.heartbeat(PC, lock="locked")
    assert presence.take_unflushed() == {PC: clock.now()}
    assert presence.take_unflushed() == {}


def test_a_sign_of_life_that_was_not_written_down_is_flushed_again_as_it_is_by_then(
    presence: Presence, clock: ManualClock
) -> None:
    gone = object()
    presence.link(5, gone, "locked")
    presence.settled(5, gone)
    presence.unlink(5, gone, goodbye=True)
    presence.heartbeat(PC, lock="locked")
    taken = presence.take_unflushed()
    went_at = clock.now()
    clock.advance(3)
    presence.heartbeat(PC, lock="locked")
    presence.forget(6)
    presence.not_flushed([*taken, 6])
    assert presence.take_unflushed() == {5: went_at, PC: clock.now()}


def test_what_time_changes_is_told_once_and_is_what_is_seen() -> None:
    clock = ManualClock()
    presence = Presence(clock)
    told: set[int] = set()
    presence.on_change = told.add
    presence.remember(1, silent_seconds=None, said_goodbye=False)  # never heard of
    presence.remember(2, silent_seconds=5, said_goodbye=False)
    presence.remember(3, silent_seconds=5, said_goodbye=True)
    presence.link(4, object(), "locked")
    presence.heartbeat_over_https(5, lock="locked")
    presence.link(6, token := object(), "locked")
    presence.unlink(6, token, goodbye=False)
    shown: dict[int, str] = {}
    for _ in range(rules.SILENCE_SECONDS + rules.OFF_AFTER_SECONDS + 5):
        told |= set(presence.changed_by_time(grace=False))
        seen = {pc: rules.link_of(presence.sight(pc).signs, grace=False) for pc in range(1, 7)}
        assert {pc for pc in seen if shown.get(pc) != seen[pc]} <= told
        shown = seen
        told.clear()
        clock.advance(1)
    assert shown == {1: "off", 2: "off", 3: "switched_off", 4: "linked", 5: "off", 6: "off"}
    assert presence.changed_by_time(grace=False) == []


def test_a_pc_that_comes_back_and_goes_again_fades_again(
    presence: Presence, clock: ManualClock
) -> None:
    for _ in range(2):
        presence.link(PC, token := object(), "locked")
        presence.settled(PC, token)
        assert presence.changed_by_time(grace=False) == []
        presence.unlink(PC, token, goodbye=False)
        assert presence.changed_by_time(grace=False) == [PC]
        clock.advance(rules.OFF_AFTER_SECONDS + 1)
        assert presence.changed_by_time(grace=False) == [PC]
        assert presence.changed_by_time(grace=False) == []


def test_only_who_was_not_heard_is_silent(presence: Presence, clock: ManualClock) -> None:
    tokens = {pc: object() for pc in (1, 2, 3)}
    for pc, token in tokens.items():
        presence.link(pc, token, "locked")
        clock.advance(5)
    presence.heartbeat(1, lock="locked")
    clock.advance(rules.SILENCE_SECONDS - 4)
    assert presence.silent_links() == [(2, tokens[2]), (3, tokens[3])]


STEPS = ["link", "beat", "unlock", "cut", "forget", "look", "look"]


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 3))))
def test_silence_is_seen_at_every_look(steps: list[tuple[str, int]]) -> None:
    """However often it was looked before, and whoever came, went or was heard since."""
    clock = ManualClock(1_700_000_000)
    presence = Presence(clock)
    heard: dict[int, tuple[float, object]] = {}
    for number, (step, pc) in enumerate(steps):
        clock.advance(3 + number % 11)
        now = clock.monotonic()
        if step == "link":
            heard[pc] = (now, token := object())
            presence.link(pc, token, "locked")
        elif step == "beat" and pc in heard:
            heard[pc] = (now, heard[pc][1])
            presence.heartbeat(pc, lock="locked")
        elif step == "unlock" and pc in heard:
            heard[pc] = (now, heard[pc][1])
            presence.heartbeat(pc, lock="unlocked")
        elif step == "forget":
            heard.pop(pc, None)
            presence.forget(pc)
        elif step == "cut" and pc in heard:
            presence.unlink(pc, heard.pop(pc)[1], goodbye=False)
        else:
            assert set(presence.silent_links()) == {
                (each, token)
                for each, (at, token) in heard.items()
                if now - at > rules.SILENCE_SECONDS
            }


def test_linked_are_those_with_a_channel_and_those_heard_over_https_lately(
    presence: Presence, clock: ManualClock
) -> None:
    presence.remember(1, silent_seconds=1, said_goodbye=False)
    presence.link(2, object(), "locked")
    presence.heartbeat(2, lock="unlocked", application_id=9)
    presence.heartbeat_over_https(3, lock="broken")
    assert presence.linked() == {2, 3}
    clock.advance(rules.SILENCE_SECONDS + 1)
    assert presence.linked() == {2}


def test_who_is_not_just_locked_is_known_without_a_look_at_the_others(presence: Presence) -> None:
    connection = object()
    presence.link(1, object(), "locked")
    presence.link(2, connection, "unlocked")
    presence.heartbeat(2, lock="unlocked", application_id=9)
    presence.heartbeat_over_https(3, lock="broken")
    presence.note_elsewhere(4, Elsewhere(1, "10.0.0.4", "unlocked", 8, frozenset()))
    assert sorted(presence.not_just_locked()) == [
        (2, "unlocked", 9), (3, "broken", None), (4, "unlocked", 8),
    ]  # fmt: skip
    presence.heartbeat(2, lock="locked", application_id=9)
    presence.heartbeat(1, lock="locked", application_id=5)
    presence.forget(3)
    presence.note_gone(4, silent_seconds=0, said_goodbye=False)
    assert sorted(presence.not_just_locked()) == [(1, "locked", 5), (2, "locked", 9)]
    presence.unlink(2, connection, goodbye=False)
    presence.heartbeat(1, lock="locked")
    assert presence.not_just_locked() == []
    presence.link(5, object(), "broken")
    presence.link(2, object(), "unlocked")
    assert sorted(presence.not_just_locked()) == [(2, "unlocked", None), (5, "broken", None)]
    presence.link(2, object(), "locked")
    assert presence.not_just_locked() == [(5, "broken", None)]
