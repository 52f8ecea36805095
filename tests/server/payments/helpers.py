"""What tests of payments ask and send."""

import json
from decimal import Decimal
from urllib.parse import urlencode

from sqlalchemy import func, select

from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.journal.models import Alarm
from lovhub.server.ledger import check
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import REVENUE
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.payments.models import Payment, PaymentStep
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import RawRequest, Reply
from lovhub.server.payments.settling import settle
from tests.server.payments.conftest import SECRET
from tests.support.club import CASHIER

KASPI = "194.187.247.152"


def balance(club: ClubContext, customer_id: int) -> int:
    with club.read() as db:
        account = db.get_one(Customer, customer_id).balance_account_id
        return ledger.balance(db, account)


def spend(club: ClubContext, customer_id: int, amount_tiyn: int) -> None:
    with club.write() as work:
        account = work.db.get_one(Customer, customer_id).balance_account_id
        transfer = ledger.Transfer(
            ledger.Account(account, "tiyn"), ledger.club_account(work, REVENUE), amount_tiyn
        )
        ledger.post(work, key=f"spent:{account}", kind="sale", transfers=[transfer], actor=CASHIER)


def alarms(club: ClubContext) -> list[str]:
    with club.read() as db:
        return list(db.scalars(select(Alarm.kind).order_by(Alarm.id)))


def payments(club: ClubContext) -> list[Payment]:
    with club.read() as db:
        return list(db.scalars(select(Payment).order_by(Payment.id)))


def story(club: ClubContext, payment_id: int) -> list[str]:
    with club.read() as db:
        return list(
            db.scalars(
                select(PaymentStep.kind)
                .where(PaymentStep.payment_id == payment_id)
                .order_by(PaymentStep.id)
            )
        )


def credits_booked(club: ClubContext) -> int:
    with club.read() as db:
        return db.scalars(
            select(func.count()).where(LedgerPosting.key.like("top_up:payment:%"))
        ).one()


def assert_books_are_right(club: ClubContext) -> None:
    with club.read() as db:
        assert check.check_ledger(db) == []


def query(**values: str) -> tuple[tuple[str, str], ...]:
    return tuple(values.items())


def call(
    club: ClubContext,
    biller: BillerProvider,
    *,
    secret: str = SECRET,
    peer: str = KASPI,
    **said: str,
) -> Reply:
    """What the address does with a call of Kaspi's."""
    raw = RawRequest("GET", query(**said), {}, b"", peer, secret)
    biller.authenticate(raw)
    return settle(club, biller, biller.parse(raw))


def pay(
    club: ClubContext, biller: BillerProvider, account: str, *, txn_id: str = "7654321",
    total: str = "10000.00",
) -> Reply:  # fmt: skip
    return call(
        club,
        biller,
        command="pay",
        txn_id=txn_id,
        txn_date="20260807120005",
        account=account,
        sum=total,
    )


def address(**said: str) -> str:
    return f"/payments/kaspi/{SECRET}?{urlencode(said)}"


def json_of(reply: Reply) -> dict[str, object]:
    read: dict[str, object] = json.loads(reply.body, parse_float=Decimal)
    return read


def state(club: ClubContext, payment_id: int) -> str:
    with club.read() as db:
        return db.get_one(Payment, payment_id).state
