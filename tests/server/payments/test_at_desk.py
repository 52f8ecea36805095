"""Kaspi at the desk without an operation's number: nowhere, for nobody."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.payments import at_desk, refunds
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.manual import ManualProvider
from lovhub.server.payments.rules import payment_number
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions import codes, group_sale
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.suspicious import unproven
from lovhub.server.suspicious.leads import Leads
from tests.server.payments.helpers import (
    assert_books_are_right,
    balance,
    pay,
    payments,
    story,
)
from tests.support.club import OWNER, People

PRICE = 500_00
Sale = Callable[[ClubContext], object]


@pytest.fixture
def manual(club: ClubContext) -> Payments:
    provider = ManualProvider()
    found = Payments("manual", provider, {"manual": provider})
    at_desk.install(club, found)
    return found


@pytest.fixture
def sales(club: ClubContext, people: People, customer_id: int) -> dict[str, tuple[Sale, int]]:
    """Each way in which money by Kaspi is booked at the desk, by the owner; and how much is Kaspi's."""
    tariff, who = people.tariff(price_tiyn=PRICE), {"actor": OWNER}
    seated = sessions.seat_guest(
        club,
        computer_id=people.computer(),
        tariff_id=tariff,
        method="cash",
        guest_name="",
        key="before",
        actor=OWNER,
    )
    pcs = [people.computer() for _ in range(4)]
    cola = goods.create(club, title="Кола", price_tiyn=PRICE, actor=OWNER)
    split = Till(parts=(Part("kaspi", 700_00), Part("cash", 300_00)))
    time = {"tariff_id": tariff, **who}
    return {
        "topup": (
            lambda club: customers.top_up(
                club, customer_id=customer_id, amount_tiyn=PRICE, method="kaspi", key="a", **who
            ),
            PRICE,
        ),
        "buy": (
            lambda club: sessions.buy(
                club,
                computer_id=pcs[0],
                customer_id=customer_id,
                key="b",
                top_up=TopUp(PRICE, "kaspi"),
                **time,
            ),
            PRICE,
        ),
        "guest": (
            lambda club: sessions.seat_guest(
                club, computer_id=pcs[1], method="kaspi", guest_name="", key="c", **time
            ),
            PRICE,
        ),
        "more": (
            lambda club: sessions.sell_more(
                club, session_id=seated, method="kaspi", key="d", **time
            ),
            PRICE,
        ),
        "together": (
            lambda club: group_sale.sell_together(
                club, computer_ids=pcs[2:], payer=Payer("split"), key="e", till=split, **time
            ),
            700_00,
        ),
        "code": (
            lambda club: codes.sell_seat_code(
                club, computer_id=None, method="kaspi", guest_name="", key="f", **time
            ),
            PRICE,
        ),
        "goods": (
            lambda club: goods.sell(
                club,
                lines=[Line(cola, 1)],
                method="kaspi",
                expected_tiyn=PRICE,
                key="g",
                **who,
            ),
            PRICE,
        ),
    }


def _postings(club: ClubContext) -> int:
    with club.read() as db:
        return db.scalars(select(func.count(LedgerPosting.id))).one()


def _wrong(sale: Sale, club: ClubContext) -> object:
    with pytest.raises(OperationRefused) as refused:
        sale(club)
    return refused.value.values.get("operation", refused.value.code)


def test_every_sale_by_kaspi_needs_its_own_number(
    club: ClubContext, manual: Payments, sales: dict[str, tuple[Sale, int]], customer_id: int
) -> None:
    for name, (sale, kaspi_tiyn) in sales.items():
        before = _postings(club)
        assert _wrong(sale, club) == "operation_missing", name
        assert _wrong(sale, club.paid_by_kaspi("Ж1")) == "operation_malformed"
        assert _postings(club) == before
        sale(club.paid_by_kaspi(f"qr 1{name}00"))
        payment = payments(club)[-1]
        assert (payment.provider_ref, payment.amount_tiyn) == (
            f"QR1{name}00".upper(),
            kaspi_tiyn,
        )
        assert (payment.state, payment.customer_id) == (
            "paid",
            customer_id if name in {"topup", "buy"} else None,
        )
        told = "sold" if payment.customer_id is None else "paid"
        assert story(club, payment.id) == ["created", told]
        if name != "code":  # its code is shown once only
            sale(club.paid_by_kaspi("another"))  # the same key again: nothing more, no number
    assert len(payments(club)) == len(sales)
    with club.read() as db:  # one number stands behind both PCs of a company
        assert (
            unproven.find(db, Leads.read(db, club.club_id, 0, club.clock.now() + 1), most=9) == []
        )
    assert_books_are_right(club)


def test_a_number_pays_once_even_at_one_moment(
    club: ClubContext, manual: Payments, people: People
) -> None:
    tariff = people.tariff(price_tiyn=PRICE)
    pcs = [people.computer() for _ in range(4)]
    together = threading.Barrier(len(pcs))

    def seat(pc: int) -> str:
        together.wait()
        try:
            sessions.seat_guest(
                club.paid_by_kaspi("QR777"),
                computer_id=pc,
                tariff_id=tariff,
                method="kaspi",
                guest_name="",
                key=f"k{pc}",
                actor=OWNER,
            )
        except OperationRefused as refused:
            return refused.values["operation"]
        return ""

    with ThreadPoolExecutor(len(pcs)) as pool:
        assert sorted(pool.map(seat, pcs)) == ["", *["operation_known"] * 3]
    assert_books_are_right(club)


def test_with_a_biller_customers_pay_themselves_and_guests_by_number(
    club: ClubContext,
    biller: BillerProvider,
    sales: dict[str, tuple[Sale, int]],
    customer_id: int,
) -> None:
    at_desk.install(club, Payments("biller", biller, {"biller": biller}))
    for name in ("topup", "buy"):
        assert _wrong(sales[name][0], club.paid_by_kaspi("QR123")) == "kaspi_by_payment_number"
    pay(club, biller, payment_number(customer_id), txn_id="555111")
    # What Kaspi has told of pays for nobody else's game.
    assert _wrong(sales["guest"][0], club.paid_by_kaspi("555111")) == "operation_known"
    sales["guest"][0](club.paid_by_kaspi("QR123"))
    at_desk.install(club, Payments())
    sales["more"][0](club)  # without a mode Kaspi is a way of paying like others


def test_what_came_by_number_goes_back_once_and_a_sale_does_not(
    club: ClubContext, manual: Payments, sales: dict[str, tuple[Sale, int]], customer_id: int
) -> None:
    posting_id = sales["topup"][0](club.paid_by_kaspi("QR900"))
    assert isinstance(posting_id, int)
    with pytest.raises(OperationRefused, match="top_up_of_payment"):
        reversal.take_back(
            club, customer_id=customer_id, posting_id=posting_id, reason="", actor=OWNER
        )
    [top_up] = payments(club)
    give_back = {"amount_tiyn": PRICE, "reason": "ошибка", "actor": OWNER}
    refunds.refund(club, manual, payment_id=top_up.id, key="r1", **give_back)
    assert balance(club, customer_id) == 0
    sales["goods"][0](club.paid_by_kaspi("QR901"))
    with pytest.raises(OperationRefused, match="refund_of_sale"):
        refunds.refund(club, manual, payment_id=payments(club)[-1].id, key="r2", **give_back)
    assert_books_are_right(club)
