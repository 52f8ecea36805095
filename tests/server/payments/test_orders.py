"""Sales that wait for Kaspi: carried out once when it has paid, and money that comes for nothing is kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from lovhub.clock import ManualClock
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.journal.models import Event as Logged
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, KASPI, AccountKind
from lovhub.server.ledger.models import AccountBalance, LedgerAccount, LedgerPosting
from lovhub.server.loyalty import queries as loyalty_queries
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, Step
from lovhub.server.payments import at_desk, orders, queries, refunds, service
from lovhub.server.payments.models import PaymentOrder
from lovhub.server.payments.orders import Order
from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from lovhub.server.sessions import codes
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.suspicious import unproven
from lovhub.server.suspicious.leads import Leads
from lovhub.server.tariffs import service as tariffs
from tests.server.payments.helpers import (
    alarms,
    assert_books_are_right,
    balance,
    payments,
    story,
)
from tests.support.bank import Bank
from tests.support.club import CASHIER, OWNER, People

PRICE = 500_00


@pytest.fixture
def qr(club: ClubContext) -> Payments:
    bank = Bank()
    found = Payments("qr_r3", bank, {bank.name: bank})
    at_desk.install(club, found)
    return found


def place(
    club: ClubContext,
    qr: Payments,
    order: Order,
    amount_tiyn: int = PRICE,
    *,
    customer_id: int | None = None,
    key: str = "k",
) -> int:
    return orders.place(
        club,
        qr,
        order,
        amount_tiyn=amount_tiyn,
        customer_id=customer_id,
        phone="",
        key=key,
        actor=CASHIER,
    )


def pay(club: ClubContext, qr: Payments, amount_tiyn: int = PRICE, ref: str = "1") -> None:
    assert qr.main is not None
    settle(club, qr.main, Event("paid", f"{ref}:paid", ref, amount_tiyn=amount_tiyn))


def postings(club: ClubContext) -> int:
    with club.read() as db:
        return db.scalars(select(func.count(LedgerPosting.id))).one()


def taken(club: ClubContext, kind: AccountKind) -> int:
    with club.write() as work:
        return -ledger.balance(work.db, ledger.club_account(work, kind).id)


def credit(club: ClubContext) -> list[int]:
    with club.read() as db:
        return list(
            db.scalars(
                select(AccountBalance.balance)
                .join(LedgerAccount, LedgerAccount.id == AccountBalance.account_id)
                .where(LedgerAccount.kind == "desk_credit")
            )
        )


def state(club: ClubContext) -> list[tuple[str, str]]:
    with club.read() as db:
        rows = db.scalars(select(PaymentOrder).order_by(PaymentOrder.payment_id))
        return [(row.state, row.refusal) for row in rows]


def playing(club: ClubContext) -> set[int]:
    with club.read() as db:
        return set(db.scalars(select(PlaySession.computer_id).where(PlaySession.state == "active")))


def guest(people: People, computer_id: int) -> Order:
    return Order(
        "guest",
        {
            "computer_id": computer_id,
            "tariff_id": people.tariff(price_tiyn=PRICE),
            "method": "kaspi",
            "guest_name": "",
            "till": Till(price_tiyn=PRICE),
        },
        [computer_id],
    )


def test_a_company_splits_the_bill_and_sits_down_once_when_kaspi_has_paid(
    club: ClubContext, people: People, qr: Payments
) -> None:
    pcs = [people.computer() for _ in range(3)]
    tariff = people.tariff(price_tiyn=PRICE)
    till = Till(1_500_00, 1_000_00, (Part("kaspi", 1_100_00), Part("cash", 400_00)))
    arguments = {"computer_ids": pcs, "tariff_id": tariff, "payer": Payer("split"), "till": till}
    order = Order("together", arguments, pcs)
    before = postings(club)
    payment_id = place(club, qr, order, 1_100_00)
    assert place(club, qr, order, 1_100_00) == payment_id  # pressed twice
    assert (postings(club), playing(club), alarms(club)) == (before, set(), [])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: pay(club, qr, 1_100_00), range(8)))
    assert (playing(club), state(club)) == (set(pcs), [("done", "")])
    assert (taken(club, CASH), taken(club, KASPI)) == (400_00, 1_100_00)
    assert story(club, payment_id) == ["created", "pending", "order_done", "sold"]
    with club.read() as db:
        assert (
            unproven.find(db, Leads.read(db, club.club_id, 0, club.clock.now() + 1), most=9) == []
        )
        [sold] = db.scalars(select(Logged).where(Logged.kind == "time.sold_together"))
    assert (sold.data["change_tiyn"], sold.actor_name) == (600_00, CASHIER.name)
    with pytest.raises(OperationRefused, match="refund_of_sale"):
        refunds.refund(
            club, qr, payment_id=payment_id, amount_tiyn=1, reason="?", key="r", actor=OWNER
        )
    assert_books_are_right(club)


def test_what_cannot_be_sold_is_not_asked_for(
    club: ClubContext, people: People, qr: Payments
) -> None:
    computer = people.computer()
    order = guest(people, computer)
    dearer = {**order.arguments, "till": Till(price_tiyn=PRICE - 1)}
    with pytest.raises(OperationRefused, match="price_changed"):
        place(club, qr, Order("guest", dearer, [computer]))
    club.links.is_linked = lambda _id: False
    with pytest.raises(OperationRefused, match="computer_silent"):
        place(club, qr, order)
    club.links.is_linked = lambda _id: True
    with pytest.raises(
        OperationRefused, match="kaspi_by_code"
    ):  # nor is it sold on somebody's word
        sessions.seat_guest(club, **order.arguments, key="k", actor=OWNER)
    assert isinstance(qr.main, Bank)
    assert (payments(club), qr.main.made, playing(club)) == ([], [], set())


@pytest.mark.parametrize(
    "why", ["seat_taken", "tariff_not_available", "shift_needed", "order_late"]
)
def test_a_guests_money_that_comes_for_nothing_waits_for_them(
    club: ClubContext, people: People, qr: Payments, customer_id: int, why: str
) -> None:
    computer = people.computer()
    order = guest(people, computer)
    payment_id = place(club, qr, order)
    if why == "seat_taken":
        other = {**order.arguments, "method": "cash"}
        sessions.seat_guest(club, **other, key="faster", actor=CASHIER)
    elif why == "tariff_not_available":
        tariffs.retire(club, tariff_id=order.arguments["tariff_id"], actor=OWNER)
    elif why == "shift_needed":
        with club.write() as work:
            club_service.get(work.db, work.club_id).sales_need_shift = True
    else:
        service.cancel(club, qr, payment_id=payment_id, actor=CASHIER)
    sat = playing(club)
    for _again in range(2):
        pay(club, qr)
    assert (playing(club), state(club), credit(club)) == (sat, [("failed", why)], [PRICE])
    assert alarms(club) == ["payment_order_failed"]
    assert payments(club)[0].state == "paid"
    assert_books_are_right(club)
    if why == "seat_taken":
        refunds.refund(
            club, qr, payment_id=payment_id, amount_tiyn=200_00, reason="-", key="r", actor=OWNER
        )
        assert credit(club) == [300_00]
    with club.write() as work:
        club_service.get(work.db, work.club_id).sales_need_shift = False
    left = credit(club)[0]
    for _twice in range(2):
        orders.give_credit(club, payment_id=payment_id, customer_id=customer_id, actor=OWNER)
    assert (credit(club), balance(club, customer_id)) == ([0], left)
    with pytest.raises(OperationRefused, match="payment_without_credit"):
        orders.give_credit(club, payment_id=payment_id, customer_id=people.customer(), actor=OWNER)
    assert_books_are_right(club)


def test_a_customer_keeps_the_money_on_the_balance_if_the_seat_is_gone(
    club: ClubContext, people: People, qr: Payments, customer_id: int
) -> None:
    tariff, pcs = people.tariff(price_tiyn=PRICE), [people.computer(), people.computer()]

    def buy(computer_id: int) -> Order:
        till = Till(PRICE, 100_00, (Part("cash", 100_00),))
        return Order(
            "buy",
            {
                "computer_id": computer_id,
                "customer_id": customer_id,
                "tariff_id": tariff,
                "top_up": TopUp(100_00, "split"),
                "till": till,
            },
            [computer_id],
        )

    place(club, qr, buy(pcs[0]), 400_00, customer_id=customer_id)
    place(club, qr, buy(pcs[1]), 400_00, customer_id=customer_id, key="other")
    pay(club, qr, 400_00, "1")
    assert (playing(club), balance(club, customer_id), taken(club, CASH)) == ({pcs[0]}, 0, 100_00)
    pay(club, qr, 400_00, "2")  # by now they play elsewhere: bought for nothing it would be
    assert (balance(club, customer_id), taken(club, CASH)) == (400_00, 100_00)
    assert state(club) == [("done", ""), ("failed", "already_elsewhere")]
    assert_books_are_right(club)


def test_drinks_and_other_figures(
    club: ClubContext, people: People, qr: Payments, clock: ManualClock
) -> None:
    cola = goods.create(club, title="Кола", price_tiyn=PRICE, actor=OWNER)
    order = Order("goods", {"lines": [Line(cola, 1)], "method": "kaspi", "expected_tiyn": PRICE})
    for key in ("a", "b"):
        place(club, qr, order, key=key)
    pay(club, qr, ref="1")
    pay(club, qr, PRICE - 1, "2")  # a person looks, and what was paid waits for the guest
    assert [one.state for one in payments(club)] == ["paid", "review"]
    service.accept(club, payment_id=payments(club)[1].id, actor=OWNER)
    assert credit(club) == [PRICE - 1]
    place(club, qr, order, key="c")
    service.cancel(club, qr, payment_id=payments(club)[2].id, actor=CASHIER)
    with club.read() as db:
        shown = [queries.order(db, one.id) for one in payments(club)]
    # Neither goes through by itself any more, and the page says so.
    assert [one and one.state for one in shown] == ["done", "failed", "failed"]
    with club.read() as db:
        sold = db.scalars(select(LedgerPosting.kind).where(LedgerPosting.kind == "goods_sold"))
        assert len(sold.all()) == 1
    assert_books_are_right(club)


def test_kaspi_is_asked_for_what_is_sold_and_a_key_is_one_orders(
    club: ClubContext, people: People, qr: Payments
) -> None:
    """A price of nobody's: one tenge is asked for, five hundred are sold."""
    pc, other = people.computer(), people.computer()
    order = guest(people, pc)
    unpriced = Order("guest", {**order.arguments, "till": Till()}, [pc])
    with pytest.raises(OperationRefused, match="price_changed"):
        place(club, qr, unpriced, 1_00)
    assert payments(club) == []
    payment_id = place(club, qr, order)
    elsewhere = Order("guest", {**order.arguments, "computer_id": other}, [other])
    with pytest.raises(OperationRefused, match="key_reused"):
        place(club, qr, elsewhere)
    assert place(club, qr, order) == payment_id


def test_bonuses_that_the_payment_itself_brings_are_for_the_next_purchase(
    club: ClubContext, people: People, qr: Payments, customer_id: int
) -> None:
    def buy(shown_bonus: int | None, tariff: int) -> Order:
        computer = people.computer()
        arguments = {
            "computer_id": computer,
            "customer_id": customer_id,
            "tariff_id": tariff,
            "till": Till(PRICE, bonus_tiyn=shown_bonus),
        }
        return Order("buy", arguments, [computer])

    def purse() -> tuple[int, int]:
        with club.read() as db:
            customer = db.get_one(Customer, customer_id)
            return balance(club, customer_id), loyalty_queries.bonus_of(db, customer)

    terms = BonusTerms(is_on=True, steps=(Step(300_00, 20),))
    loyalty.set_bonus_terms(club, terms=terms, actor=OWNER)
    tariff = people.tariff(price_tiyn=PRICE)
    place(club, qr, buy(0, tariff), customer_id=customer_id)
    pay(club, qr)
    assert (state(club), purse()) == ([("done", "")], (0, 100_00))
    # What was there before is spent, as it was shown; and if it is not there any more, nothing is sold.
    for session in playing_sessions(club):
        sessions.end(club, session_id=session, actor=CASHIER, reason="signed_out")
    place(club, qr, buy(100_00, tariff), 400_00, customer_id=customer_id, key="second")
    place(club, qr, buy(100_00, tariff), 400_00, customer_id=customer_id, key="third")
    pay(club, qr, 400_00, "2")
    assert (state(club)[1], purse()) == (("done", ""), (0, 80_00))
    for session in playing_sessions(club):
        sessions.end(club, session_id=session, actor=CASHIER, reason="signed_out")
    pay(club, qr, 400_00, "3")
    assert (state(club)[2], purse()) == (("failed", "price_changed"), (400_00, 160_00))
    assert_books_are_right(club)


def test_a_company_has_its_customers_discounts_and_bonuses_when_kaspi_has_paid(
    club: ClubContext, people: People, qr: Payments, customer_id: int
) -> None:
    group = loyalty.create_group(club, name="VIP", percent=10, actor=OWNER)
    loyalty.put_in_group(club, customer_id=customer_id, group_id=group, actor=OWNER)
    loyalty.set_bonus_terms(club, terms=BonusTerms(is_on=True), actor=OWNER)

    def give(key: str) -> None:
        loyalty.give_bonus(
            club, customer_id=customer_id, amount_tiyn=100_00, reason="Приз", key=key, actor=OWNER
        )

    def bonus() -> int:
        with club.read() as db:
            return loyalty_queries.bonus_of(db, db.get_one(Customer, customer_id))

    tariff, pcs = people.tariff(price_tiyn=PRICE), [people.computer(), people.computer()]
    sessions.buy(
        club, computer_id=pcs[0], customer_id=customer_id, tariff_id=tariff, key="s", actor=CASHIER,
        top_up=TopUp(450_00, "cash"),
    )  # fmt: skip
    give("one")
    shares = {pcs[0]: (450_00, 100_00), pcs[1]: (PRICE, 0)}
    till = Till(850_00, None, (Part("kaspi", 600_00), Part("cash", 250_00)), shares=shares)
    payer = Payer("split")
    arguments = {"computer_ids": pcs, "tariff_id": tariff, "payer": payer, "till": till}
    order = Order("together", arguments, pcs)
    wrong = Till(950_00, None, till.parts, shares={**shares, pcs[0]: (450_00, 0)})
    with pytest.raises(OperationRefused, match="parts_differ"):
        place(club, qr, Order("together", {**arguments, "till": wrong}, pcs), 600_00)
    place(club, qr, order, 600_00)
    give("more meanwhile")
    pay(club, qr, 600_00)
    assert (state(club), bonus()) == ([("done", "")], 100_00)
    assert (taken(club, CASH), taken(club, KASPI)) == (450_00 + 250_00, 600_00)
    # Those that were shown are spent elsewhere before the money comes: nothing is sold, and a guest's money waits.
    place(club, qr, order, 600_00, key="second")
    session = playing_sessions(club)[0]
    sessions.sell_more(
        club, session_id=session, tariff_id=tariff, method="balance", actor=CASHIER, key="m",
        top_up=TopUp(350_00, "cash"), till=Till(450_00, bonus_tiyn=100_00),
    )  # fmt: skip
    pay(club, qr, 600_00, "2")
    assert (state(club)[1], bonus()) == (("failed", "price_changed"), 0)
    assert credit(club) == [600_00]
    assert_books_are_right(club)


def playing_sessions(club: ClubContext) -> list[int]:
    with club.read() as db:
        active = select(PlaySession.id).where(PlaySession.state == "active")
        return list(db.scalars(active.order_by(PlaySession.id)))


def code_of(club: ClubContext, payment: int) -> str:
    with club.read() as db:
        return orders.code_sold(club, db, payment)


def test_a_guests_code_is_made_when_it_is_paid_and_only_then(
    club: ClubContext, people: People, qr: Payments, clock: ManualClock
) -> None:
    pc, tariff = people.computer(), people.tariff()
    said = {
        "tariff_id": tariff,
        "method": "kaspi",
        "computer_id": pc,
        "guest_name": "Тимур",
        "till": Till(PRICE),
    }
    payment = place(club, qr, Order("code", said))
    assert (code_of(club, payment), taken(club, KASPI)) == ("", 0)
    # Somebody else sits there by then: that is nothing to a code for later.
    customer = people.customer(balance_tiyn=PRICE)
    sitting = sessions.buy(
        club, computer_id=pc, customer_id=customer, tariff_id=tariff, key="b", actor=CASHIER
    )
    for _twice in range(2):
        pay(club, qr)
    assert (state(club), taken(club, KASPI), credit(club)) == ([("done", "")], PRICE, [])
    code = code_of(club, payment)
    assert (len(code), code_of(club, payment)) == (6, code)
    sessions.end(club, session_id=sitting, actor=CASHIER, reason="ended_by_desk")
    codes.begin_with_code(club, computer_id=pc, code=code)
    assert code_of(club, payment) == ""  # typed
    assert_books_are_right(club)


def test_a_guests_code_that_cannot_be_sold_any_more_leaves_the_money_waiting(
    club: ClubContext, people: People, qr: Payments, clock: ManualClock
) -> None:
    tariff = people.tariff()
    said = {
        "tariff_id": tariff,
        "method": "kaspi",
        "computer_id": None,
        "guest_name": "",
        "till": Till(PRICE),
    }
    payment = place(club, qr, Order("code", said))
    tariffs.retire(club, tariff_id=tariff, actor=OWNER)
    pay(club, qr)
    assert (state(club)[0][0], credit(club), code_of(club, payment)) == ("failed", [PRICE], "")
    assert_books_are_right(club)
