"""The chain: whoever edits the database file is found, and whoever books never waits."""

import sqlite3
import threading
from contextlib import closing
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.database import row_seals
from lovhub.server.database.triggers import trigger_names
from lovhub.server.ledger import sealing
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerBlock, LedgerPosting
from lovhub.server.ledger.rules import VERSIONS, block_hash
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms
from lovhub.server.sessions import service as sessions
from tests.support.club import OWNER, People
from tests.support.tampering import edit


def kinds(club: ClubContext) -> list[str]:
    with club.read() as db:
        return [difference.kind for difference in check_ledger(db)]


def edit_with_a_tool(club: ClubContext, *statements: str) -> None:
    """As `edit`, and nobody asks whether what a row leads to is there."""
    if club.database.is_sqlite:
        with closing(sqlite3.connect(str(club.database.engine.url.database))) as file:
            for name in trigger_names() | row_seals.trigger_names("sqlite"):
                file.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                file.execute(statement)
            file.commit()
        return
    with club.write() as work:
        rows = work.db.execute(
            text("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'")
        ).all()
        for table, name in rows:
            work.db.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
    edit(club, *statements)


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


@pytest.mark.parametrize(
    ("statements", "kind"),
    [
        (  # what the drawer and the card terminal took change places
            (
                "UPDATE ledger_account SET kind = 'x' WHERE kind = 'cash'",
                "UPDATE ledger_account SET kind = 'cash' WHERE kind = 'card'",
                "UPDATE ledger_account SET kind = 'card' WHERE kind = 'x'",
            ),
            "chain",
        ),
        (  # two customers' money changes places
            (
                "UPDATE customer SET balance_account_id = -balance_account_id",
                (
                    "UPDATE customer SET balance_account_id ="
                    " balance_account_id - (SELECT SUM(balance_account_id) FROM customer)"
                ),
            ),
            "chain",
        ),
        # an hour, half played, is somebody else's; so is what is kept of it for whoever plays
        (("UPDATE lot SET customer_id = 2",), "chain"),
        (("UPDATE lot SET granted_seconds = 7200, price_tiyn = 1",), "chain"),
        (("UPDATE hold SET session_id = 77",), "chain"),
        (("UPDATE customer SET bonus_account_id = NULL",), "chain"),
        (
            (
                (
                    "UPDATE customer SET bonus_account_id ="
                    " (SELECT MAX(bonus_account_id) FROM customer)"
                ),
            ),
            "owners",
        ),
        (("UPDATE ledger_account SET kind = 'nothing' WHERE kind = 'revenue'",), "account"),
        (("UPDATE ledger_account SET is_club = false WHERE kind = 'revenue'",), "account"),
        (("UPDATE account_balance SET minimum = -500000 WHERE minimum = 0",), "account"),
        (("UPDATE ledger_posting SET club_id = 2",), "stray"),
        (("UPDATE ledger_account SET club_id = 2",), "stray"),
    ],
)
def test_an_edit_of_what_accounts_are_is_found(
    club: ClubContext, people: People, statements: tuple[str, ...], kind: str
) -> None:
    play_a_little(club, people)
    other = people.customer(balance_tiyn=100)
    terms = BonusTerms(is_on=True, share_percent=50, steps=())
    loyalty.set_bonus_terms(club, terms=terms, actor=OWNER)
    loyalty.give_bonus(
        club, customer_id=other, amount_tiyn=100_00, reason="-", key="b", actor=OWNER
    )
    sealing.seal(club)
    assert kinds(club) == []

    edit_with_a_tool(club, *statements)

    assert kind in kinds(club)


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_chain_sealed_by_an_earlier_version_is_still_believed(
    club: ClubContext, people: People, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    monkeypatch.setattr(sealing, "block_hash", partial(block_hash, version=version))
    play_a_little(club, people)
    sealing.seal(club)
    monkeypatch.undo()
    people.customer(balance_tiyn=100)
    sealing.seal(club)
    assert kinds(club) == []
    edit(club, "UPDATE ledger_posting SET at = at - 1 WHERE key = 'hour'")
    assert kinds(club) == ["chain"]


def test_a_block_taken_out_is_missed(club: ClubContext, people: People) -> None:
    for _ in range(3):
        people.customer(balance_tiyn=100)
        sealing.seal(club)

    edit(club, "DELETE FROM ledger_seal WHERE block_id = 2")
    edit_block = "DELETE FROM ledger_block WHERE number = 2"
    with club.write() as work:
        work.db.execute(text(edit_block))

    assert "chain_gap" in kinds(club)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET reason = 'подарок' WHERE key = 'hour'",
        "UPDATE ledger_posting SET request_id = 'x' WHERE key = 'hour'",
        "UPDATE lot SET title = '10 часов'",
    ],
)
def test_words_are_sealed_but_not_of_before_they_were(
    club: ClubContext, people: People, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(sealing, "block_hash", partial(block_hash, version=3))
    play_a_little(club, people)
    sealing.seal(club)
    monkeypatch.undo()
    edit(club, statement)
    assert kinds(club) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET reason = 'подарок' WHERE key = 'hour'",
        "UPDATE ledger_posting SET request_id = 'x' WHERE key = 'hour'",
        "UPDATE lot SET title = '10 часов'",
    ],
)
def test_an_edited_reason_or_title_is_found(
    club: ClubContext, people: People, statement: str
) -> None:
    play_a_little(club, people)
    sealing.seal(club)
    edit(club, statement)
    assert kinds(club) == ["chain"]


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
