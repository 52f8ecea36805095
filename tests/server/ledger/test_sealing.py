"""The chain: whoever edits the database file is found, and whoever books never waits."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.database.triggers import trigger_names
from lovhub.server.ledger import sealing
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerBlock, LedgerPosting
from lovhub.server.sessions import service as sessions
from tests.support.club import OWNER, People


def kinds(club: ClubContext) -> list[str]:
    with club.read() as db:
        return [difference.kind for difference in check_ledger(db)]


def edit(club: ClubContext, statement: str) -> None:
    """What a person with the file and an SQL shell can do: switch the guards off, and write."""
    with club.write() as work:
        postgres = work.db.get_bind().dialect.name == "postgresql"
        for name in sorted(trigger_names()):
            table = name.rsplit("_no_", 1)[0]
            work.db.execute(text(f"DROP TRIGGER {name}" + (f" ON {table}" if postgres else "")))
        work.db.execute(text(statement))


def play_a_little(club: ClubContext, people: People) -> None:
    sessions.buy(
        club,
        computer_id=people.computer(),
        customer_id=people.customer(balance_tiyn=200_000),
        tariff_id=people.tariff(),
        key="hour",
        actor=OWNER,
    )


def test_what_is_booked_is_sealed_once_and_the_chain_holds(
    club: ClubContext, people: People
) -> None:
    play_a_little(club, people)
    assert sealing.seal(club) > 0
    assert sealing.seal(club) == 0
    people.customer(balance_tiyn=100)
    assert sealing.seal(club) == 1
    assert kinds(club) == []


def test_more_than_a_block_holds_is_sealed_in_several(
    club: ClubContext, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "LARGEST_BLOCK", 2)
    for _ in range(5):
        people.customer(balance_tiyn=100)

    assert sealing.seal(club) == 5

    with club.read() as db:
        head = sealing.last_block(db, club.club_id)
        assert head is not None
        assert head.number == 3
    assert kinds(club) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount = amount + 1 WHERE unit = 'tiyn'",
        "UPDATE ledger_posting SET at = at - 86400",
        "UPDATE ledger_posting SET actor_id = 77",
        "UPDATE ledger_posting SET key = 'another' WHERE key = 'hour'",
        "DELETE FROM ledger_transfer WHERE unit = 'tiyn'",
    ],
)
def test_an_edit_of_the_file_is_found(club: ClubContext, people: People, statement: str) -> None:
    play_a_little(club, people)
    sealing.seal(club)

    edit(club, statement)

    assert "chain" in kinds(club)


def test_a_block_taken_out_is_missed(club: ClubContext, people: People) -> None:
    for _ in range(3):
        people.customer(balance_tiyn=100)
        sealing.seal(club)

    edit(club, "DELETE FROM ledger_seal WHERE block_id = 2")
    edit_block = "DELETE FROM ledger_block WHERE number = 2"
    with club.write() as work:
        work.db.execute(text(edit_block))

    assert "chain_gap" in kinds(club)


def test_erasing_a_reason_breaks_nothing(club: ClubContext, people: People) -> None:
    """Reasons may name people: they are not hashed."""
    play_a_little(club, people)
    sealing.seal(club)

    edit(club, "UPDATE ledger_posting SET reason = ''")

    assert kinds(club) == []


def test_blocks_cannot_be_changed_by_mistake(club: ClubContext, people: People) -> None:
    people.customer(balance_tiyn=100)
    sealing.seal(club)

    def unseal() -> None:
        with club.write() as work:
            work.db.execute(text("DELETE FROM ledger_seal"))

    with pytest.raises(DatabaseError, match="append-only"):
        unseal()


def test_a_posting_that_was_committed_late_is_sealed_all_the_same(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    """On PostgreSQL a lower id may be committed after a higher one has been sealed."""
    early, late = people.customer(balance_tiyn=100), people.customer(balance_tiyn=100)
    assert early < late
    with club.read() as db:
        ids = [posting.id for posting in db.query(LedgerPosting).order_by(LedgerPosting.id)]
    with club.write() as work:
        sealing._add_block(work, ids[-1:])
    clock.advance(sealing.LATE_SECONDS - 1)

    assert sealing.seal(club) == len(ids) - 1
    assert kinds(club) == []


def test_two_that_seal_at_once_make_one_chain(club: ClubContext, people: People) -> None:
    for _ in range(20):
        people.customer(balance_tiyn=100)
    failures: list[Exception] = []

    def seal() -> None:
        try:
            sealing.seal(club)
        except DatabaseError as error:  # the second of two on PostgreSQL: its turn comes again
            failures.append(error)

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealing.seal(club)

    with club.read() as db:
        numbers = [block.number for block in db.query(LedgerBlock).order_by(LedgerBlock.number)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert kinds(club) == []
