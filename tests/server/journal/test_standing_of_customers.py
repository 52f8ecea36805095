"""In which group a customer is, and so the discount, is held against the log; of those in none nothing is told."""

import pytest
from sqlalchemy import select, update

from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting
from lovhub.server.customers.models import Customer
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Standing
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import service as loyalty
from lovhub.server.moving import service as moving
from tests.support.club import OWNER, People
from tests.support.tampering import edit


def found(club: ClubContext) -> list[tuple[str, int, str]]:
    with club.read() as db:
        return [(row.kind, row.subject, row.detail) for row in check_ledger(db)]


def told(club: ClubContext) -> list[tuple[str, str | None]]:
    """What was told of customers."""
    with club.read() as db:
        rows = db.execute(
            select(Standing.row_key, Standing.told)
            .where(Standing.table_name == "customer")
            .order_by(Standing.id)
        )
        return [(row.row_key, row.told) for row in rows]


@pytest.fixture
def friends(club: ClubContext) -> int:
    """A group with a discount."""
    return loyalty.create_group(club, name="Друзья", percent=50, actor=OWNER)


def put(club: ClubContext, customer: int, group: int | None) -> None:
    loyalty.put_in_group(club, customer_id=customer, group_id=group, actor=OWNER)


def test_a_discount_that_somebody_gave_in_the_file_is_found(
    club: ClubContext, people: People, friends: int
) -> None:
    stranger, friend = people.customer(), people.customer()
    put(club, friend, friends)
    assert found(club) == []
    edit(club, "UPDATE customer SET group_id = :group WHERE id = :id", group=friends, id=stranger)
    edited = [("standing_customer", stranger, f"group_id: None → {friends}")]
    assert found(club) == edited
    # Whoever changes something else vouches for no group.
    with club.write() as work:
        work.db.execute(update(Customer).where(Customer.id == stranger).values(name="Ерлан"))
        work.db.get_one(Customer, stranger).phone = "+77011234567"
    assert found(club) == edited
    put(club, stranger, None)
    assert found(club) == []


@pytest.mark.parametrize("is_left", [True, False])
def test_a_group_that_was_taken_away_or_changed_in_the_file_is_found(
    club: ClubContext, people: People, friends: int, *, is_left: bool
) -> None:
    customer = people.customer()
    others = loyalty.create_group(club, name="Свои", percent=90, actor=OWNER)
    put(club, customer, friends)
    put(club, customer, others)
    now = None if is_left else friends
    edit(club, "UPDATE customer SET group_id = :group", group=now)
    assert found(club) == [("standing_customer", customer, f"group_id: {others} → {now}")]
    assert journal.accept_rows(club) == 1
    assert found(club) == []
    edit(club, "UPDATE customer SET group_id = :group", group=others)
    assert [kind for kind, *_ in found(club)] == ["standing_customer"], "accepted is what was there"


def test_of_a_customer_in_no_group_no_line_tells(club: ClubContext, people: People) -> None:
    customer = people.customer(balance_tiyn=500_00)
    put(club, customer, None)
    with club.write() as work:
        work.db.get_one(Customer, customer).name = "Ерлан"
    assert (told(club), found(club)) == ([], [])


def test_who_comes_and_goes_with_a_group_is_told_of(
    club: ClubContext, people: People, friends: int
) -> None:
    first, second = people.customer(), people.customer()
    put(club, first, friends)
    put(club, second, friends)
    forgetting.forget(
        club, customer_id=first, fate="pay_out", reason="-", expected_tiyn=0, actor=OWNER
    )
    assert loyalty.remove_group(club, group_id=friends, actor=OWNER) == 1
    nowhere = '{"group_id":null}'
    assert told(club)[2:] == [(f"[{first}]", nowhere), (f"[{second}]", nowhere)]
    assert found(club) == []


def test_thousands_who_move_in_are_told_of_where_they_have_a_group_and_again_when_they_go(
    club: ClubContext, friends: int
) -> None:
    content = "Логин;Группа;Баланс\nsniper;Друзья;100\nghost;;0\n".encode()
    move = moving.bring(club, file_name="gizmo.csv", content=content, actor=OWNER)
    assert moving.bring_in(club, move_id=move, actor=OWNER) == 2
    with club.read() as db:
        member = db.scalars(select(Customer.id).where(Customer.group_id == friends)).one()
    assert told(club) == [(f"[{member}]", f'{{"group_id":{friends}}}')]
    assert found(club) == []
    moving.take_back(club, move_id=move, actor=OWNER)
    assert told(club)[1:] == [(f"[{member}]", '{"group_id":null}')]
    assert found(club) == []


def test_whoever_is_slipped_in_with_a_group_is_found(
    club: ClubContext, people: People, friends: int
) -> None:
    customer = people.customer()
    edit(
        club,
        "INSERT INTO ledger_account (id, club_id, kind, unit, is_club)"
        " SELECT 9999, club_id, kind, unit, is_club FROM ledger_account WHERE kind = 'customer_balance'",
        "INSERT INTO customer (id, club_id, login, login_key, name, name_key, phone, password_hash, birth_date,"
        " age_document, balance_account_id, created_at, group_id)"
        " SELECT 9999, club_id, 'x', 'x', 'X', 'x', '', '', '', '', 9999, created_at, :group"
        " FROM customer WHERE id = :id",
        group=friends,
        id=customer,
    )  # fmt: skip
    assert ("standing_customer", 9999, f"group_id: None → {friends}") in found(club)
