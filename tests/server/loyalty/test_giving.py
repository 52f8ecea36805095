"""Bonuses that staff give: with a reason, within a limit, taken back by mistake once."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from lovhub.server.actor import Actor
from lovhub.server.club import service as clubs
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import DeskPosting
from lovhub.server.loyalty import mistakes, service
from lovhub.server.reports import queries as reports
from tests.server.loyalty.helpers import Club, refused
from tests.support.club import CASHIER, OWNER
from tests.support.staff import StaffMaker
from tests.support.suspicious import told


def test_staff_give_bonuses_with_a_reason_and_within_a_limit(there: Club) -> None:
    with refused("bonuses_off"):
        there.give(1_00)
    there.bonuses()
    with refused("invalid_fields"):
        there.give(1_00, reason=" ")
    there.give(800_00)
    with refused("given_bonus_limit"):
        there.give(201_00)
    there.give(200_00)
    there.give(5_000_00, actor=OWNER)
    assert there.purse() == (0, 6_000_00)
    with there.club.read() as db:
        assert db.scalar(select(func.count()).select_from(DeskPosting)) == 0
        owed = reports.owed(db, clubs.get(db, 1))
    assert (owed.balances_tiyn, owed.bonuses_tiyn) == (0, 6_000_00)


def test_a_bonus_by_mistake_is_taken_back_once_while_it_is_unspent(there: Club) -> None:
    there.bonuses()

    def back(posting_id: int, actor: Actor = CASHIER, reason: str = "") -> int:
        return mistakes.take_back(
            there.club,
            customer_id=there.customer,
            posting_id=posting_id,
            reason=reason,
            actor=actor,
        )

    given = there.give(1_000_00)
    other = StaffMaker(there.club).make("cashier", login="daniyar")
    with refused("bonus_not_yours"):
        back(given, actor=other)
    there.clock.advance(119)
    assert back(given) == back(given)  # pressed twice
    assert there.purse() == (0, 0)
    assert there.books() == {}
    there.give(100_00)
    with refused("given_bonus_limit"):
        there.give(900_01)
    late = there.give(900_00)  # what was taken back does not count any more
    with there.club.read() as db:
        assert db.scalar(select(func.count()).select_from(DeskPosting)) == 0
    found = told(there.club)
    assert sorted(one.judged.amount_tiyn for one in found if one.judged.group == "bonus") == [
        -1_000_00, 100_00, 900_00, 1_000_00,
    ]  # fmt: skip
    there.clock.advance(120)
    with refused("bonus_too_late"):
        back(late)
    with refused("invalid_fields"):
        back(late, actor=OWNER)
    there.buy(there.people.tariff(price_tiyn=300_00))
    with refused("bonus_spent") as refusal:
        back(late, actor=OWNER, reason="Не тому")
    assert refusal.value.values == {"left_tiyn": 700_00}
    there.give(200_00, actor=OWNER)
    back(late, actor=OWNER, reason="Не тому")
    assert there.purse() == (0, 0)
    assert there.event("bonus.taken_back")["given_because"] == "Турнир"
    for wrong in (there.top_up(6_000_00), 0):  # another's mistake, or none
        with refused("bonus_unknown"):
            back(wrong, actor=OWNER, reason="?")
    there.books()


def test_the_limit_holds_for_bonuses_at_one_moment(there: Club) -> None:
    there.bonuses()
    cashier = StaffMaker(there.club).make("cashier", login="daniyar")
    friends = [there.people.customer() for _ in range(6)]
    together = threading.Barrier(len(friends))

    def give(friend: int) -> str:
        together.wait()
        try:
            service.give_bonus(
                there.club, customer_id=friend, amount_tiyn=900_00, reason="Турнир",
                key=f"gift {friend}", actor=cashier,
            )  # fmt: skip
        except OperationRefused as refusal:
            return refusal.code
        return ""

    with ThreadPoolExecutor(len(friends)) as pool:
        assert sorted(pool.map(give, friends)) == ["", *["given_bonus_limit"] * 5]
