"""Discounts and bonuses in the books: given once, spent by rule, never money, taken back with what brought them."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from lovhub.server.customers import forgetting, reversal
from lovhub.server.ledger.models import DeskPosting
from lovhub.server.lots.models import Lot
from lovhub.server.loyalty import queries, service
from lovhub.server.sessions import group_sale
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.loyalty.helpers import TERMS, Club, refused
from tests.support.club import CASHIER, OWNER

REFUNDED = Terms("Полчаса", 1800, 1_000_00, rest_rule="refunded")


def test_a_group_has_its_price_and_its_tariffs_and_a_refund_gives_back_what_was_paid(
    there: Club,
) -> None:
    friends = service.create_group(there.club, name="Друзья", percent=10, actor=OWNER)
    for_all = tariffs.create(there.club, terms=REFUNDED, actor=OWNER)
    theirs = tariffs.create(
        there.club,
        terms=replace(REFUNDED, title="Для друзей", groups=frozenset({friends})),
        actor=OWNER,
    )
    there.top_up(3_000_00)
    with refused("tariff_not_for_group"):
        there.buy(theirs)
    service.put_in_group(there.club, customer_id=there.customer, group_id=friends, actor=OWNER)
    with refused("price_changed"):
        there.buy(for_all, till=Till(price_tiyn=1_000_00))
    session = there.buy(for_all, till=Till(price_tiyn=900_00))
    assert there.event("time.sold")["discount_tiyn"] == 100_00
    assert there.books()["lot_discount"] == 100_00

    there.clock.advance(900)
    sessions.end(there.club, session_id=session, actor=OWNER, reason="signed_out")
    books = there.books()
    assert there.purse() == (2_550_00, 0)
    assert (books["revenue"], books["discount_used"], books["discount_given"]) == (
        450_00,
        50_00,
        -50_00,
    )
    there.buy(theirs)
    with refused("group_has_tariffs"):
        service.remove_group(there.club, group_id=friends, actor=OWNER)
    tariffs.retire(there.club, tariff_id=theirs, actor=OWNER)
    assert service.remove_group(there.club, group_id=friends, actor=OWNER) == 1
    tariffs.restore(there.club, tariff_id=theirs, actor=OWNER)
    with refused("tariff_not_for_group"):
        there.buy(theirs)


def test_a_top_up_brings_its_bonus_once_and_takes_it_along_when_it_is_taken_back(
    there: Club,
) -> None:
    there.bonuses()
    before = there.books()
    posting = there.top_up(6_000_00, method="card")
    there._number -= 1  # the same form, sent again
    assert there.top_up(6_000_00, method="card") == posting
    assert there.purse() == (6_000_00, 600_00)
    with there.club.read() as db:
        assert db.scalar(select(func.count()).select_from(DeskPosting)) == 1
    reversal.take_back(
        there.club, customer_id=there.customer, posting_id=posting, reason="", actor=CASHIER
    )
    assert there.purse() == (0, 0)
    assert there.books() == before
    assert there.event("customer.top_up_taken_back")["bonus_tiyn"] == 600_00


def test_a_spent_bonus_is_paid_for_when_its_top_up_is_taken_back(there: Club) -> None:
    there.bonuses()
    tariff = there.people.tariff(price_tiyn=500_00)
    posting = there.top_up(6_000_00)
    there.buy(tariff)
    assert there.purse() == (6_000_00, 100_00)
    with refused("top_up_bonus_spent"):
        reversal.take_back(
            there.club, customer_id=there.customer, posting_id=posting, reason="", actor=CASHIER
        )
    there.top_up(1_000_00)
    reversal.take_back(
        there.club, customer_id=there.customer, posting_id=posting, reason="", actor=CASHIER
    )
    assert there.purse() == (500_00, 0)
    assert there.books()["revenue"] == 500_00


def test_bonuses_are_spent_first_up_to_their_share_and_come_back_as_bonuses(there: Club) -> None:
    there.bonuses(replace(TERMS, share_percent=50))
    there.give(700_00)
    there.top_up(2_000_00)
    tariff = tariffs.create(there.club, terms=REFUNDED, actor=OWNER)
    with refused("price_changed"):
        there.buy(tariff, till=Till(price_tiyn=1_000_00, bonus_tiyn=499_99))
    session = there.buy(tariff, till=Till(price_tiyn=1_000_00, bonus_tiyn=500_00))
    assert there.purse() == (1_500_00, 200_00)
    there.clock.advance(450)
    sessions.end(there.club, session_id=session, actor=OWNER, reason="signed_out")
    assert there.purse() == (1_875_00, 575_00)
    assert there.event("time.refunded")["bonus_tiyn"] == 375_00
    books = there.books()
    assert (books["revenue"], books["bonus_used"]) == (125_00, 125_00)
    with there.club.read() as db:
        lot = db.scalars(select(Lot)).one()
        assert (lot.price_tiyn, lot.bonus_tiyn) == (500_00, 500_00)


def test_paid_at_the_desk_only_bonuses_from_before_count(there: Club) -> None:
    there.bonuses()
    there.give(200_00)
    tariff = there.people.tariff(price_tiyn=6_000_00)
    there.buy(
        tariff,
        till=Till(price_tiyn=6_000_00, bonus_tiyn=200_00, received_tiyn=6_000_00),
        top_up=TopUp(5_800_00, "cash"),
    )
    assert there.purse() == (0, 580_00)


def test_each_from_the_own_balance_has_the_own_discount_and_bonuses(there: Club) -> None:
    group = service.create_group(there.club, name="VIP", percent=20, actor=OWNER)
    service.put_in_group(there.club, customer_id=there.customer, group_id=group, actor=OWNER)
    there.bonuses()
    there.give(100_00)
    tariff = there.people.tariff(price_tiyn=500_00)
    there.top_up(1_000_00)
    there.buy(tariff)
    assert there.purse() == (700_00, 0)
    there.give(100_00)
    group_sale.sell_to_each(
        there.club,
        computer_ids=None,
        tariff_id=tariff,
        key="each",
        actor=CASHIER,
        till=Till(price_tiyn=500_00),
    )
    assert there.purse() == (400_00, 0)
    there.books()


def test_one_payment_for_several_is_each_ones_own_price_with_bonuses_first(there: Club) -> None:
    """The example of docs/billing.md; and what is left when the customer leaves goes back to where it came from."""
    club, people = there.club, there.people
    group = service.create_group(club, name="VIP", percent=10, actor=OWNER)
    service.put_in_group(club, customer_id=there.customer, group_id=group, actor=OWNER)
    there.bonuses(replace(TERMS, share_percent=50))
    hour = tariffs.create(club, terms=replace(REFUNDED, seconds=3600), actor=OWNER)
    for_all = tariffs.create(club, terms=Terms("Час", 3600, 1_000_00), actor=OWNER)
    there.top_up(900_00)
    session = there.buy(hour)
    there.give(300_00)
    other, free = people.computer(), people.computer()
    stranger = people.customer(balance_tiyn=5_000_00)
    sessions.buy(
        club, computer_id=other, customer_id=stranger, tariff_id=for_all, key="o", actor=CASHIER
    )
    pcs = [there.computer, other, free]
    shown = {there.computer: (900_00, 300_00), other: (1_000_00, 0), free: (1_000_00, 0)}

    def sell(payer: group_sale.Payer, till: Till, key: str) -> group_sale.PaidTogether:
        return group_sale.sell_together(
            club,
            computer_ids=pcs,
            tariff_id=for_all,
            payer=payer,
            key=key,
            till=till,
            actor=CASHIER,
        )

    cash = group_sale.Payer("cash")
    for wrong in (
        {**shown, there.computer: (900_00, 450_00)},  # more bonuses than there are
        {**shown, there.computer: (900_00, -1)},
        {**shown, other: (900_00, 0)},  # another's discount
        {**shown, free: (900_00, 0)},
        {pc: line for pc, line in shown.items() if pc != free},
    ):
        with refused("price_changed"):
            sell(cash, Till(shares=wrong), "no")
    with refused("price_changed"):
        sell(cash, Till(price_tiyn=2_900_00), "no")  # the price without bonuses
    parts = (Part("card", 2_000_00), Part("cash", 600_00))
    till = Till(2_600_00, 1_000_00, parts, shares=shown)
    paid = sell(group_sale.Payer("split"), till, "once")
    assert paid == sell(group_sale.Payer("split"), till, "once")
    assert (paid.total_tiyn, paid.change_tiyn) == (2_600_00, 400_00)
    assert (paid.prices_tiyn, paid.bonuses_tiyn) == (
        (600_00, 1_000_00, 1_000_00),
        (300_00, 0, 0),
    )
    assert there.purse() == (0, 0)
    books = there.books()
    assert (books["lot_bonus"], books["lot_discount"]) == (300_00, 200_00)
    # Who has more bonuses by now spends those that were shown.
    there.give(100_00)
    from_balance = group_sale.Payer("balance", stranger)
    shown[there.computer] = (900_00, 50_00)
    assert sell(from_balance, Till(shares=shown), "again").total_tiyn == 2_850_00
    assert there.purse() == (0, 50_00)
    there.clock.advance(2 * 3600)
    sessions.end(club, session_id=session, actor=OWNER, reason="signed_out")
    there.books()


def test_a_deleted_customers_bonuses_are_nobodys_and_no_cash(there: Club) -> None:
    there.bonuses()
    there.top_up(5_000_00)
    forgetting.forget(
        there.club,
        customer_id=there.customer,
        fate="pay_out",
        reason="",
        expected_tiyn=5_000_00,
        actor=OWNER,
    )
    assert there.books() == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_done_a_bonus_becomes_no_money_and_taking_back_undoes_a_top_up(
    there: Club, data: st.DataObject
) -> None:
    """`books` looks after each step: all accounts sum to zero, and what is no money does so by itself."""
    there.bonuses(replace(TERMS, share_percent=data.draw(st.sampled_from((0, 30, 100)))))
    tariff = tariffs.create(there.club, terms=REFUNDED, actor=OWNER)
    for step in data.draw(
        st.lists(st.sampled_from(("give", "buy", "top_up", "undone")), max_size=6)
    ):
        amount = data.draw(st.integers(1, 9_000_00))
        paid_in = there.books().get("cash", 0)
        if step == "give":
            there.give(amount, actor=OWNER)
        elif step == "buy":
            before = there.purse()
            with there.club.read() as db:
                share = queries.bonus_terms(db, 1).share_percent
            if before[0] + min(before[1], 1_000_00 * share // 100) < 1_000_00:
                with refused("not_enough_money"):
                    there.buy(tariff)
                continue
            session = there.buy(tariff)
            there.clock.advance(data.draw(st.integers(0, 800)))
            sessions.end(there.club, session_id=session, actor=OWNER, reason="signed_out")
            after = there.purse()
            assert after[0] <= before[0]
            assert after[1] <= before[1]
        else:
            before, posting = there.purse(), there.top_up(amount)
            if step == "undone":
                reversal.take_back(
                    there.club,
                    customer_id=there.customer,
                    posting_id=posting,
                    reason="",
                    actor=CASHIER,
                )
                assert there.purse() == before
                assert there.books().get("cash", 0) == paid_in
        if step in {"give", "buy"}:
            assert there.books().get("cash", 0) == paid_in
