"""What a customer's row says is held against the log, and of who they were nothing is left when they are forgotten."""

import json
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting, pins
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Standing
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import service as loyalty
from lovhub.server.moving import service as moving
from lovhub.server.staff import service as staff
from tests.support.club import OWNER, People
from tests.support.staff import SIGN_IN_FROM, StaffMaker
from tests.support.tampering import edit


def found(club: ClubContext) -> list[tuple[str, int, str]]:
    with club.read() as db:
        return [(row.kind, row.subject, row.detail) for row in check_ledger(db)]


def told(club: ClubContext) -> list[tuple[str, dict[str, Any]]]:
    """What was told of customers."""
    with club.read() as db:
        rows = db.execute(
            select(Standing.row_key, Standing.told)
            .where(Standing.table_name == "customer")
            .order_by(Standing.id)
        )
        return [(row.row_key, json.loads(row.told)) for row in rows]


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


def registered(club: ClubContext, login: str = "sniper") -> int:
    """A customer of whom the club knows what it can know."""
    return customers.register(
        club,
        login=login,
        name="Ерлан Ахметов",
        phone="+7 701 123 45 67",
        password="7-horses-and-a-yurt",
        birth_date="1990-01-16",
        actor=OWNER,
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("password_hash", "$argon2id$of-somebody-else"),
        ("phone", "+77770000000"),
        ("login_key", "other"),
        ("name", "Айгуль"),
        ("birth_date", "2012-01-16"),
        ("age_document", "passport"),
    ],
)
def test_who_a_customer_is_was_edited_in_the_file(
    club: ClubContext, column: str, value: str
) -> None:
    customer = registered(club)
    assert found(club) == []
    edit(club, f"UPDATE customer SET {column} = :value", value=value)  # noqa: S608 (from above)
    (kind, subject, words), *others = found(club)
    assert (kind, subject, others) == ("standing_customer", customer, [])
    assert words == {"login_key": "login"}.get(column, column)
    assert value not in words
    # A change of something else by the program vouches for nothing of it.
    own = loyalty.create_group(club, name="Свои", percent=1, actor=OWNER)
    put(club, customer, own)
    assert found(club) == [(kind, customer, words)]
    assert journal.accept_rows(club) == 1
    assert found(club) == []


CHEAP = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)


def test_who_signs_in_with_a_password_left_in_the_file_has_it_vouched_for_by_nobody(
    club: ClubContext,
) -> None:
    customer, person = registered(club), StaffMaker(club).make("manager", login="manager")
    # Of less cost than today's: the program hashes it anew.
    edit(
        club,
        "UPDATE customer SET password_hash = :theirs",
        "UPDATE staff SET password_hash = :theirs",
        theirs=CHEAP.hash("a-thief"),
    )
    edited = [
        ("standing_customer", customer, "password_hash"),
        ("standing_staff", person.id or 0, "password_hash"),
    ]
    assert found(club) == edited
    customers.check_credentials(club, login="sniper", password="a-thief", address="10.0.0.7")
    staff.sign_in(club, login="manager", password="a-thief", **SIGN_IN_FROM)
    assert found(club) == edited


def test_who_was_slipped_in_and_who_was_taken_out_is_found(
    club: ClubContext, people: People
) -> None:
    customer = people.customer()
    edit(
        club,
        "INSERT INTO ledger_account (id, club_id, kind, unit, is_club)"
        " SELECT 9999, club_id, kind, unit, is_club FROM ledger_account WHERE kind = 'customer_balance'",
        "INSERT INTO customer (id, club_id, login, login_key, name, name_key, phone, password_hash, birth_date,"
        " age_document, balance_account_id, created_at)"
        " SELECT 9999, club_id, 'x', 'x', 'X', 'x', '', '', '', '', 9999, created_at FROM customer WHERE id = :id",
        id=customer,
    )  # fmt: skip
    assert found(club) == [("standing_customer", 9999, "+")]
    assert journal.accept_rows(club) == 1
    assert found(club) == []
    edit(club, "DELETE FROM customer WHERE id = 9999")
    assert ("standing_customer", 9999, "-") in found(club)


def test_the_salt_that_was_taken_away_is_found_and_who_accepts_gives_another(
    club: ClubContext,
) -> None:
    registered(club)
    edit(club, "UPDATE customer SET salt = NULL")
    assert [kind for kind, *_ in found(club)] == ["standing_customer"]
    assert journal.accept_rows(club) == 1
    assert found(club) == []
    with club.read() as db:
        assert db.scalars(select(Customer.salt)).one() is not None


def test_what_the_program_changes_is_no_edit(club: ClubContext) -> None:
    customer = registered(club)
    customers.change_details(
        club, customer_id=customer, name="Ерлан", phone="", birth_date="1991-01-16", actor=OWNER
    )
    pin = pins.issue(club, customer_id=customer, actor=OWNER).pin
    pins.set_password(
        club, login="sniper", pin=pin, password="8-horses-and-a-yurt", address="10.0.0.1"
    )
    assert found(club) == []
    assert set(told(club)[-1][1]) == {"password_hash"}, "what was not changed is not told again"


def test_of_who_they_were_no_line_tells_and_the_salt_goes(club: ClubContext) -> None:
    first, second = registered(club), registered(club, "shadow")
    with club.read() as db:
        salt = db.get_one(Customer, first).salt
    lines = [line for key, line in told(club) if key == f"[{first}]"]
    others = [line for key, line in told(club) if key == f"[{second}]"]
    assert lines[0]["phone"] != others[0]["phone"], (
        "one phone is told of two as two different things"
    )
    forgetting.forget(
        club, customer_id=first, fate="pay_out", reason="-", expected_tiyn=0, actor=OWNER
    )
    with club.read() as db:
        assert db.get_one(Customer, first).salt is None
        everything = repr(db.execute(select(Standing.told)).all())
    assert salt is not None
    for kept in ("Ерлан", "ерлан", "7011234567", "1990", "sniper", salt.hex()):
        assert kept not in everything
    assert found(club) == []


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
    *_, (one, of_one), (other, of_other) = told(club)
    assert (one, of_one["group_id"], of_one["salt"]) == (f"[{first}]", None, None)
    assert (other, of_other) == (f"[{second}]", {"group_id": None})
    assert found(club) == []


def test_thousands_who_move_in_are_told_of_and_again_when_they_go(
    club: ClubContext, friends: int
) -> None:
    content = "Логин;Группа;Баланс\nsniper;Друзья;100\nghost;;0\n".encode()
    move = moving.bring(club, file_name="gizmo.csv", content=content, actor=OWNER)
    assert moving.bring_in(club, move_id=move, actor=OWNER) == 2
    assert [line["group_id"] for _key, line in told(club)] == [friends, None]
    assert found(club) == []
    moving.take_back(club, move_id=move, actor=OWNER)
    assert [line["salt"] for _key, line in told(club)[2:]] == [None, None]
    assert found(club) == []
