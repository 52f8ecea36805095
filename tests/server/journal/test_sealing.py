"""The log and the stories of payments, chained: whoever edits the database file is found."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select, text

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.journal import sealing
from lovhub.server.journal.models import Event, JournalBlock
from lovhub.server.journal.service import record
from lovhub.server.ledger.check import check_ledger
from lovhub.server.retention.rules import (
    DAY,
    LEAST_DAYS,
    LEAST_SIGN_IN_DAYS,
    MESSAGES,
    SIGN_INS,
)
from tests.support import tampering
from tests.support.club import OWNER

DEEP = '{"a":' + "[" * 3000 + "]" * 3000 + "}"
"""JSON, and more than Python reads, though not more than PostgreSQL does."""


def happens(club: ClubContext, kind: str = "good.created", times: int = 1) -> None:
    for number in range(times):
        with club.write() as work:
            record(work, kind, OWNER, title="Кола", price_tiyn=number)


def seal(club: ClubContext) -> int:
    """All of it, as if PostgreSQL had been watched for long enough."""
    with club.read() as db:
        newest = db.scalar(select(func.max(Event.id))) or 0
    return sealing.seal(club, {"event": newest})


def seal_all(club: ClubContext) -> int:
    """All journals."""
    with club.read() as db:
        newest = db.scalar(select(func.max(Event.id))) or 0
    return sealing.seal(club, dict.fromkeys(sealing.JOURNALS, newest))


def found(club: ClubContext) -> list[tuple[str, int]]:
    with club.read() as db:
        return [(row.kind, row.kept) for row in check_ledger(db)]


def edit(club: ClubContext, statement: str, **values: object) -> None:
    """Write; `:second` is the last event of the second block."""
    if ":second" in statement:
        with club.read() as db:
            block = select(JournalBlock.last_id).where(JournalBlock.number == 2)
            values["second"] = db.scalar(block)
    tampering.edit(club, statement, **values)


@pytest.fixture
def of_three_blocks(club: ClubContext) -> ClubContext:
    for _block in range(3):
        happens(club, times=2)
        assert seal(club) > 0
    assert found(club) == []
    return club


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET data = '{}' WHERE id = :second",
        """UPDATE event SET data = '{"title": "Кола", "price_tiyn": 7, "price_tiyn": 1}' WHERE id = :second""",
        "UPDATE event SET actor_name = 'Другой' WHERE id = :second",
        "UPDATE event SET kind = 'call.made' WHERE id = :second",
        "DELETE FROM event WHERE id = :second - 1",
        "UPDATE journal_block SET sealed_at = sealed_at + 1 WHERE number = 2",
        "UPDATE journal_block SET last_id = last_id - 1 WHERE number = 2",
    ],
)  # fmt: skip
def test_an_edit_of_what_happened_is_found_where_it_was_made(
    of_three_blocks: ClubContext, statement: str
) -> None:
    edit(of_three_blocks, statement)
    assert ("sealed_event", 2) in found(of_three_blocks)


@pytest.mark.parametrize(
    "said", ['{"shift_id": "none"}', '{"shift_id": 1e999}', '{"shift_id": [1]}', "{}", DEEP]
)
def test_words_in_the_log_that_nobody_can_read_neither_stop_its_sealing_nor_the_check(
    of_three_blocks: ClubContext, said: str
) -> None:
    club = of_three_blocks
    happens(club, times=2)
    edit(
        club,
        "UPDATE event SET kind = 'shift.opened', data = :said WHERE id > :second + 2",
        said=said,
    )
    assert seal(club) > 0
    # What is nested too deeply is none of SQLite's JSON, which is told beside it.
    assert [one for one in found(club) if one != ("misfit_event", 0)] == [("shift_log", 0)]
    happens(club)
    assert seal(club) == 1


def test_what_is_slipped_in_and_a_block_taken_out_are_found(of_three_blocks: ClubContext) -> None:
    club = of_three_blocks
    edit(
        club, "UPDATE event SET id = id + 1000 WHERE id = :second - 1"
    )  # a gap, as a rollback leaves
    assert found(club) == [("sealed_event", 2)]
    with club.write() as work:
        work.db.execute(text("DELETE FROM journal_block WHERE number = 2"))
    assert found(club) == [("sealed_event", 3)]


@pytest.mark.parametrize(
    ("kind", "journal", "days"),
    [("staff.signed_in", "sign_in", LEAST_SIGN_IN_DAYS), ("call.made", "message", LEAST_DAYS)],
)
def test_what_may_go_after_a_time_is_compared_until_then(
    of_three_blocks: ClubContext, clock: ManualClock, kind: str, journal: str, days: int
) -> None:
    club = of_three_blocks
    seal_all(club)
    for _block in range(2):
        happens(club, kind, times=2)
        assert seal_all(club) == 2
    edit(club, f"DELETE FROM event WHERE id = (SELECT min(id) FROM event WHERE kind = '{kind}')")  # noqa: S608
    clock.advance((days - 1) * DAY)
    happens(club)
    seal_all(club)
    assert found(club) == [(f"sealed_{journal}", 1)]
    clock.advance(1)
    happens(club)
    seal_all(club)
    assert found(club) == [], "it may soon have gone by age"
    happens(club, kind)
    seal_all(club)
    edit(club, f"UPDATE event SET actor_name = 'Другой' WHERE kind = '{kind}'")  # noqa: S608
    assert found(club) == [(f"sealed_{journal}", 3)]


@pytest.mark.parametrize(
    ("kind", "days"), [("staff.signed_in", LEAST_SIGN_IN_DAYS), ("call.made", LEAST_DAYS)]
)
def test_what_was_sealed_after_a_power_cut_goes_by_its_own_age_and_nobody_is_accused(
    club: ClubContext, clock: ManualClock, kind: str, days: int
) -> None:
    happens(club, kind)
    clock.advance(12 * 3600)  # until the server was on again
    seal_all(club)
    clock.advance(days * DAY - 8 * 3600)
    happens(club)
    seal_all(club)
    assert found(club) == []
    with club.write() as work:  # as at night (`retention`)
        work.db.execute(delete(Event).where(Event.kind == kind, Event.at < work.now - days * DAY))
    assert found(club) == []


@pytest.mark.parametrize("sealed_at", ["0", "sealed_at - 91 * 86400"])
def test_a_block_that_somebody_dates_back_hides_no_edit(
    club: ClubContext, clock: ManualClock, sealed_at: str
) -> None:
    happens(club, "staff.signed_in")
    seal_all(club)
    clock.advance(3600)
    happens(club)
    happens(club, "staff.signed_in")
    seal_all(club)
    assert found(club) == []
    edit(club, "UPDATE event SET actor_name = 'Другой' WHERE kind = 'staff.signed_in'")
    edit(club, f"UPDATE journal_block SET sealed_at = {sealed_at} WHERE journal = 'sign_in'")  # noqa: S608
    assert ("sealed_sign_in", 2) in found(club)


def test_these_kinds_and_no_others_are_in_the_chains_of_what_goes() -> None:
    """Blocks of years hold what these lists said: for another list another name of the journal is needed."""
    assert SIGN_INS == (
        "customer.signed_in", "staff.signed_in", "staff.signed_out", "staff.signed_in_at_pc", "staff.sign_in_failed",
        "staff.second_factor_failed",
    )  # fmt: skip
    assert MESSAGES == (
        "call.made", "call.repeated", "call.taken", "call.closed",
        "command.sent", "command.done", "command.failed", "command.expired",
    )  # fmt: skip


def test_a_long_history_is_sealed_in_blocks_and_in_turns(
    club: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(club)
    monkeypatch.setattr(sealing, "LARGEST_BLOCK", 2)
    monkeypatch.setattr(sealing, "MOST_BLOCKS_A_TURN", 2)
    happens(club, times=7)
    assert [seal(club), seal(club), seal(club)] == [4, 3, 0]
    assert found(club) == []


def test_what_has_not_come_for_long_is_not_looked_for_again_and_again(
    club: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    happens(club, "call.made")
    seal_all(club)
    monkeypatch.setattr(sealing, "FARTHEST", 4)
    happens(club, times=3)
    seal_all(club)
    with club.read() as db:
        block = sealing.last_block(db, "message")
        assert block is not None
        assert block.number == 1
    happens(club)
    assert seal_all(club) == 1
    assert seal_all(club) == 0
    with club.read() as db:
        newest = db.scalar(select(func.max(Event.id)))
        block = sealing.last_block(db, "message")
        assert block is not None
        assert (block.number, block.last_id) == (2, newest)
    assert found(club) == []
    edit(club, "UPDATE event SET kind = 'call.made' WHERE id = (SELECT max(id) FROM event)")
    assert ("sealed_message", 2) in found(club)


def test_of_two_that_seal_at_once_one_does(
    club: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another server of the database is quicker, between our look and our block."""
    happens(club)
    really: Callable[..., bytes] = sealing.rows_digest

    def digest(rows: list[tuple[object, ...]]) -> bytes:
        monkeypatch.setattr(sealing, "rows_digest", really)
        seal(club)
        return really(rows)

    monkeypatch.setattr(sealing, "rows_digest", digest)
    seal(club)
    with club.read() as db:
        assert db.scalar(select(func.count()).select_from(JournalBlock)) == 1
    assert found(club) == []


def test_what_is_still_to_come_below_a_number_holds_it_up(
    club: ClubContext, clock: ManualClock
) -> None:
    """On PostgreSQL, where a row may be committed after one with a higher number."""
    horizon = sealing.Horizon(club)
    happens(club)
    assert horizon.look()["event"] > 0, "nobody writes"
    if club.database.is_sqlite:
        return
    with club.write() as slow:
        record(slow, "good.created", OWNER, title="Чай", price_tiyn=1)
        slow.write_events()
        happens(club)
        assert horizon.look() == {}
        happens(club)
        assert horizon.look() == {}
    with club.write() as another:
        record(another, "good.created", OWNER, title="Кофе", price_tiyn=1)
        another.write_events()
        early = horizon.look()
        assert sealing.seal(club, {"event": early["event"]}) == 4
        clock.advance(int(sealing.LATE_SECONDS) - 1)
        assert horizon.look() == {}
        clock.advance(1)
        assert horizon.look()["event"] > early["event"], "what was left behind holds up nothing"
    assert found(club) == []
