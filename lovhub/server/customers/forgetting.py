"""«Удалить»: the history stays, the name goes, and what the customer still has is paid out or written off."""

from sqlalchemy import exists, select

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import owing, queries, rules
from lovhub.server.customers.models import Customer, CustomerPin
from lovhub.server.errors import OperationRefused
from lovhub.server.habits import service as habits
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, CUSTOMER_BALANCE, WRITTEN_OFF
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots import service as lots_service
from lovhub.server.loyalty import bonuses
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.sessions.models import IS_LIVE, PlaySession


def forget(
    club: ClubContext, *, customer_id: int, fate: str, reason: str, expected_tiyn: int, actor: Actor
) -> int:
    """Forget a customer; returns what is to be paid out in cash. The login is free again.

    `fate` of what they still have: `pay_out` or `write_off`; `expected_tiyn` is the sum that was shown. Refused
    with `customer_unknown`, `customer_plays`, `customer_owes` and `invalid_fields` (fate, reason). Staff are not
    customers: nobody who runs the club can be forgotten here.
    """
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        if plays(work, customer_id):
            raise OperationRefused("customer_plays")
        owing.check_owes_nothing(work, customer)
        estate = queries.estate(work.db, customer)
        problems = rules.forgetting_problems(
            estate, fate=fate, reason=reason, expected_tiyn=expected_tiyn
        )
        if problems:
            raise OperationRefused("invalid_fields", **problems)
        paid_tiyn = estate.total_tiyn if fate == "pay_out" else 0
        if not estate.is_empty:
            _settle(work, customer, fate, reason.strip(), actor)
        bonus_tiyn = bonuses.annul(
            work, customer, key=f"forget_bonus:{customer.id}", reason=reason.strip(), actor=actor
        )
        habits.forget(work, customer.id)
        _anonymise(work, customer)
        journal.record(
            work,
            "customer.deleted",
            actor,
            customer_id=customer_id,
            paid_tiyn=paid_tiyn,
            written_off_tiyn=estate.total_tiyn - paid_tiyn,
            unplayed_seconds=estate.unplayed_seconds,
            **({"bonus_tiyn": bonus_tiyn} if bonus_tiyn else {}),
            reason=reason.strip(),
        )
        work.tell(CustomerChanged(customer_id))
        return paid_tiyn


def plays(work: Work, customer_id: int) -> bool:
    """Whether a session of theirs is not ended."""
    return bool(
        work.db.scalar(select(exists().where(PlaySession.customer_id == customer_id, IS_LIVE)))
    )


def _settle(work: Work, customer: Customer, fate: str, reason: str, actor: Actor) -> None:
    goes_to = ledger.club_account(work, CASH if fate == "pay_out" else WRITTEN_OFF)
    balance = Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
    ledger.post(
        work,
        key=f"forget:{customer.id}",
        kind="customer_paid_out" if fate == "pay_out" else "customer_written_off",
        transfers=[
            Transfer(balance, goes_to, ledger.balance(work.db, balance.id)),
            *lots_service.give_up(work, customer.id, goes_to),
        ],
        actor=actor,
        reason=reason,
    )


def _anonymise(work: Work, customer: Customer) -> None:
    """No name, no phone, no birth date, no way in. A key with a space is one that nobody can register."""
    customer.login = customer.name = f"#{customer.id}"
    customer.login_key = customer.name_key = f"deleted {customer.id}"
    customer.phone = customer.birth_date = customer.age_document = ""
    customer.age_confirmed_at = customer.age_confirmed_by = None
    customer.password_hash = ""
    customer.group_id = customer.salt = None
    customer.deleted_at = work.now
    pin = work.db.get(CustomerPin, customer.id)
    if pin is not None:
        work.db.delete(pin)
