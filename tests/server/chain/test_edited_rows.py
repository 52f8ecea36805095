"""Rows that somebody edits in the database of a chain: found, named with their club, and no other club is accused."""

import pytest
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.database.base import Base
from lovhub.server.journal import service as journal
from lovhub.server.journal.clubs_of_rows import OWNERS
from lovhub.server.journal.models import Event
from lovhub.server.journal.standing import WATCHED, columns_of
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import service as loyalty
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url
from tests.support.statements import asked
from tests.support.tampering import edit

__all__ = ["database_url"]


def furnish(club: ClubContext) -> tuple[int, int]:
    """A tariff for friends, and a friend."""
    friends = loyalty.create_group(club, name="Друзья", percent=10, actor=OWNER)
    terms = Terms("Час", 3600, 500_00, groups=frozenset({friends}))
    tariff = tariffs.create(club, terms=terms, actor=OWNER)
    friend = People(club).customer()
    loyalty.put_in_group(club, customer_id=friend, group_id=friends, actor=OWNER)
    return tariff, friend


def found(club: ClubContext) -> set[tuple[str, str]]:
    with club.read() as db:
        return {(difference.kind, difference.club) for difference in check_ledger(db)}


def taken_up(club: ClubContext) -> dict[int, int]:
    """How many rows the log of each club says were taken for what they are."""
    with club.read() as db:
        events = db.scalars(select(Event).where(Event.kind == "rows.taken_up"))
        return {event.club_id: event.data["rows"] for event in events}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE tariff SET price_tiyn = 1 WHERE id = :tariff", "tariff"),
        ("UPDATE tariff SET club_id = 1 WHERE id = :tariff", "tariff"),
        ("DELETE FROM tariff_group WHERE tariff_id = :tariff", "tariff_group"),
        ("UPDATE customer SET group_id = NULL WHERE id = :friend", "customer"),
        ("UPDATE customer_group SET discount_percent = 90 WHERE club_id = 2", "customer_group"),
        ("UPDATE club SET debt_limit_tiyn = 1 WHERE id = 2", "club"),
        ("INSERT INTO holiday (club_id, day) VALUES (2, '2027-03-21')", "holiday"),
    ],
)
def test_an_edited_row_is_named_with_its_club_and_only_that_club_is_told_of(
    club: ClubContext, palace: ClubContext, statement: str, kind: str
) -> None:
    furnish(club)
    tariff, friend = furnish(palace)
    assert found(club) == set()
    edit(palace, statement, tariff=tariff, friend=friend)
    assert found(club) == {(f"standing_{kind}", "Дворец")}
    assert journal.accept_rows(club) == 1
    assert (taken_up(club), found(club)) == ({2: 1}, set())


def test_what_was_edited_in_both_is_told_to_each(club: ClubContext, palace: ClubContext) -> None:
    furnish(club)
    furnish(palace)
    edit(
        club,
        "UPDATE customer SET group_id = NULL",
        "UPDATE club SET debt_limit_tiyn = 1 WHERE id = 2",
    )
    assert journal.accept_rows(club) == 3
    assert (taken_up(club), found(club)) == ({1: 1, 2: 2}, set())


def test_whose_the_rows_are_is_not_asked_of_each(club: ClubContext, palace: ClubContext) -> None:
    loyalty.create_group(palace, name="Друзья", percent=10, actor=OWNER)
    people = People(palace)
    strangers = [people.customer() for _number in range(3)]
    to_friends = "UPDATE customer SET group_id = (SELECT id FROM customer_group) WHERE id = :who"
    questions = []
    for stranger in strangers:
        edit(palace, to_friends, who=stranger)
        with asked(club) as told:
            assert found(club) == {("standing_customer", "Дворец")}
        questions.append(len(told))
    assert len(set(questions)) == 1


def test_a_club_alone_in_its_database_is_not_named(club: ClubContext) -> None:
    furnish(club)
    edit(club, "UPDATE tariff SET price_tiyn = 1")
    assert found(club) == {("standing_tariff", "")}


def test_of_every_row_that_is_held_it_is_known_whose_it_is() -> None:
    tables = Base.metadata.tables
    unnamed = {
        name for name in WATCHED if "club_id" not in {one.name for one in columns_of(tables[name])}
    }
    assert set(OWNERS) == unnamed
    assert all(
        "club_id" in tables[owner].c for _column, owner in OWNERS.values() if owner != "club"
    )
