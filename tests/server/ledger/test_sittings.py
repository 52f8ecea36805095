"""Who sat where, since when and until when is held against the log: an edited row of a sitting is found."""

import threading
from dataclasses import dataclass

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.database import new_rows
from lovhub.server.journal import service as journal
from lovhub.server.ledger import sittings
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import link, service
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.seating import Room, begin_sitting
from tests.server.sessions.sittings import buy_hour, report
from tests.support.club import CASHIER, People
from tests.support.databases import each_database as database_url
from tests.support.tampering import edit

__all__ = ["database_url"]


@dataclass(frozen=True)
class Played:
    """A sitting that is over, one that goes on, and a third at whose PC nobody is heard."""

    over: int
    live: int


@pytest.fixture
def played(club: ClubContext, people: People, clock: ManualClock) -> Played:
    _, _, over = buy_hour(club, people, key="over")
    clock.advance(100)
    service.end(club, session_id=over, actor=CASHIER, reason="signed_out")
    _, _, live = buy_hour(club, people, key="live")
    assert found(club) == []
    return Played(over, live)


def found(club: ClubContext) -> list[tuple[str, int]]:
    """But for the seal that the row itself bears: here it is seen what the log finds."""
    with club.read() as db:
        return [
            (row.kind, row.subject) for row in check_ledger(db) if row.kind != "seal_play_session"
        ]


EDITS = {
    "computer_id": "(SELECT max(id) FROM computer)", "customer_id": "NULL", "guest_name": "'Аман'",
    "started_at": "started_at - 1", "continues_id": "1", "ended_at": "ended_at - 1", "end_reason": "'time_over'",
    "pause_reason": "'night'", "zone_bound": "NOT zone_bound", "night_leave": "'guardian'",
    "leased_seconds": "leased_seconds + 1", "lease_serial": "lease_serial + 1", "lease_issued_at": "1",
    "lease_not_after": "1", "due_at": "1", "unreachable_since_at": "1", "settled_at": "settled_at - 1",
}  # fmt: skip


@pytest.mark.parametrize("column", EDITS)
def test_an_edited_row_of_one_that_is_over_is_found(
    club: ClubContext, played: Played, column: str
) -> None:
    edit(
        club,
        f"UPDATE play_session SET {column} = {EDITS[column]} WHERE id = :id",  # noqa: S608 (from above)
        id=played.over,
    )
    assert found(club) == [("sitting_edited", played.over)]
    assert journal.accept_rows(club) == 1, "whether its seal holds the column, too, or not"
    assert found(club) == []


def test_who_plays_where_is_found_while_it_lasts_and_no_end_vouches_for_it(
    club: ClubContext, played: Played
) -> None:
    edit(club, "UPDATE play_session SET guest_name = 'Аман' WHERE id = :id", id=played.live)
    assert found(club) == [("sitting_edited", played.live)]
    service.end(club, session_id=played.live, actor=CASHIER, reason="signed_out")
    assert found(club) == [("sitting_edited", played.live)]


@pytest.mark.parametrize("state", ["active", "paused"])
def test_one_that_is_over_does_not_go_on_in_the_file(
    club: ClubContext, played: Played, state: str
) -> None:
    edit(
        club,
        "UPDATE play_session SET state = :state, ended_at = NULL WHERE id = :id",
        state=state,
        id=played.over,
    )
    assert ("sitting_edited", played.over) in found(club)


def test_who_has_one_go_on_in_the_file_is_found_when_it_is_over_again(
    club: ClubContext, played: Played, clock: ManualClock
) -> None:
    edit(
        club,
        "UPDATE play_session SET state = 'paused', ended_at = NULL, end_reason = '' WHERE id = :id",
        id=played.over,
    )
    clock.advance(100)
    service.end(club, session_id=played.over, actor=CASHIER, reason="signed_out")
    assert found(club) == [("sitting_edited", played.over)]
    assert journal.accept_rows(club) == 1, "the log's word and the seal"
    assert found(club) == []


def test_one_that_goes_on_is_not_over_in_the_file(club: ClubContext, played: Played) -> None:
    edit(club, "UPDATE play_session SET state = 'ended' WHERE id = :id", id=played.live)
    assert ("sitting_edited", played.live) in found(club)


def slip_in(club: ClubContext, computer: int) -> int:
    with club.write() as work:
        row = new_rows.write(
            work.db, PlaySession, club_id=1, computer_id=computer, state="ended", started_at=1,
            settled_at=1, ended_at=1,
        )  # fmt: skip
        return row.id


def test_one_that_was_slipped_in_or_taken_out_is_found(
    club: ClubContext, people: People, played: Played
) -> None:
    number = slip_in(club, people.computer())
    assert found(club) == [("sitting_added", number)]
    assert journal.accept_rows(club) == 1
    assert found(club) == []
    edit(club, "DELETE FROM play_session WHERE id = :id", id=number)
    assert found(club) == [("sitting_some", 1)]
    assert journal.accept_rows(club) == 1
    assert found(club) == []


def test_whatever_happens_after_they_were_accepted_is_held_on(
    club: ClubContext, people: People, played: Played
) -> None:
    slip_in(club, people.computer())
    journal.accept_rows(club)
    service.end(club, session_id=played.live, actor=CASHIER, reason="signed_out")
    _, _, later = buy_hour(club, people, key="later")
    assert found(club) == []
    for number in (played.live, later):
        edit(club, "UPDATE play_session SET guest_name = 'Аман' WHERE id = :id", id=number)
    assert found(club) == [("sitting_edited", played.live), ("sitting_edited", later)]
    edit(club, "UPDATE play_session SET started_at = 7 WHERE id = :id", id=played.over)
    assert ("sitting_some", 1) in found(club)


def test_whoever_sits_down_while_they_are_accepted_is_no_stranger_afterwards(
    club: ClubContext, people: People, played: Played
) -> None:
    edit(club, "UPDATE play_session SET guest_name = 'Аман' WHERE id = :id", id=played.over)
    accepting = threading.Thread(target=journal.accept_rows, args=(club,))
    computer = people.computer()
    with club.write() as work:
        begin_sitting(
            work, Room(computer, None), customer_id=None, guest_name="Данияр", actor=CASHIER
        )
        accepting.start()
        accepting.join(0.3)  # it waits; else it would be done by now
    accepting.join()
    assert found(club) == []


def test_what_a_pc_tells_late_is_no_edit(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    _, computer, session = buy_hour(club, people)
    clock.advance(100)
    link.link_lost(club, computer_id=computer)
    service.release(club, session_id=session, reason="сгорел", actor=CASHIER)
    clock.advance(100)
    before = people.session(session).played_seconds
    link.link_returned(
        club, computer_id=computer, boot_id="boot-1", report=report(session, before + 50)
    )
    assert people.session(session).played_seconds > before
    assert found(club) == []


def test_those_of_years_are_taken_up_by_thousands_and_it_is_said_where_one_was_edited(
    club: ClubContext, people: People, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sittings, "AT_ONCE", 2)
    computer = people.computer()
    numbers = [slip_in(club, computer) for _ in range(5)]
    assert journal.accept_rows(club) == 5
    edit(club, "UPDATE play_session SET started_at = 7 WHERE id = :id", id=numbers[-1])
    assert found(club) == [("sitting_some", numbers[-1] - 1 + numbers[-1] % 2)]


@pytest.mark.parametrize("data", ["{", "[1]", '{"row": ["x"]}', "{}"])
def test_an_event_that_nobody_can_read_does_not_stop_the_check(
    club: ClubContext, played: Played, data: str
) -> None:
    if data == "{" and not club.database.is_sqlite:
        data = "null"  # PostgreSQL takes nothing else that is not JSON
    edit(club, "UPDATE event SET data = :data WHERE kind = 'session.ended'", data=data)
    assert ("sitting_edited", played.over) in found(club)
