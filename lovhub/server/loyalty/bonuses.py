"""What bonuses a customer has, gets and spends, inside an operation's transaction."""

from sqlalchemy import String, cast, exists, func, literal, select
from sqlalchemy.orm import aliased

from lovhub.server.actor import Actor
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import BONUS_GIVEN, CUSTOMER_BALANCE, CUSTOMER_BONUS, REVENUE
from lovhub.server.ledger.models import LedgerPosting, LedgerTransfer
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots.parts import WithBonuses
from lovhub.server.loyalty import queries, rules
from lovhub.server.loyalty.rules import Purse, TakenBack, ToppedUp
from lovhub.server.shifts import limits
from lovhub.server.staff import rights

BY_STAFF = "bonus_by_staff"
"""The kind of posting by which staff give a bonus."""


def account_of(work: Work, customer: Customer) -> Account:
    """The customer's bonuses. The account is opened with the first one; the caller has locked the customer."""
    if customer.bonus_account_id is None:
        customer.bonus_account_id = ledger.open_account(work, CUSTOMER_BONUS).id
    return Account(customer.bonus_account_id, CUSTOMER_BONUS.unit)


def giving(work: Work, customer: Customer, amount_tiyn: int) -> list[Transfer]:
    """What gives the customer a bonus; the caller posts it."""
    if amount_tiyn == 0:
        return []
    given = ledger.club_account(work, BONUS_GIVEN)
    return [Transfer(given, account_of(work, customer), amount_tiyn)]


def for_top_up(work: Work, amount_tiyn: int) -> int:
    """The bonus that a top-up brings now."""
    return queries.bonus_terms(work.db, work.club_id).for_top_up(amount_tiyn)


def paying(
    work: Work, customer: Customer, price_tiyn: int, *, most_tiyn: int | None = None
) -> WithBonuses | None:
    """What of a price is paid with the customer's bonuses, `most_tiyn` of them if that is set; None: nothing."""
    has_tiyn = queries.bonus_of(work.db, customer)
    if most_tiyn is not None:
        has_tiyn = min(has_tiyn, most_tiyn)
    if has_tiyn == 0:
        return None
    share = queries.bonus_terms(work.db, work.club_id).share_percent
    part = rules.part_of_price(price_tiyn, has_tiyn=has_tiyn, share_percent=share)
    return WithBonuses(account_of(work, customer), part) if part else None


def purse(work: Work, customer: Customer) -> Purse:
    """What the customer has."""
    balance_tiyn = ledger.balance(work.db, customer.balance_account_id)
    return Purse(balance_tiyn, queries.bonus_of(work.db, customer))


def taking_back(
    work: Work, customer: Customer, top_up: ToppedUp, amount_tiyn: int
) -> tuple[TakenBack | None, list[Transfer]]:
    """What giving so much of a top-up back takes for its bonus, and the transfers; the caller posts them.

    None where the balance does not reach for both.
    """
    taken = rules.take_back(top_up, amount_tiyn, purse(work, customer))
    if taken is None:
        return None, []
    transfers = []
    if taken.bonus_tiyn:
        given = ledger.club_account(work, BONUS_GIVEN)
        transfers.append(Transfer(account_of(work, customer), given, taken.bonus_tiyn))
    if taken.money_tiyn:
        balance = Account(customer.balance_account_id, CUSTOMER_BALANCE.unit)
        transfers.append(Transfer(balance, ledger.club_account(work, REVENUE), taken.money_tiyn))
    return taken, transfers


def annul(work: Work, customer: Customer, *, key: str, reason: str, actor: Actor) -> int:
    """All the customer's bonuses go back to where they come from; returns how much that was."""
    has_tiyn = queries.bonus_of(work.db, customer)
    if has_tiyn:
        given = ledger.club_account(work, BONUS_GIVEN)
        ledger.post(
            work,
            key=key,
            kind="bonus_annulled",
            transfers=[Transfer(account_of(work, customer), given, has_tiyn)],
            actor=actor,
            reason=reason,
        )
    return has_tiyn


def check_given(work: Work, amount_tiyn: int, actor: Actor) -> None:
    """Refused with `given_bonus_limit` beyond what a cashier may give in a shift."""
    if actor.kind != "staff" or rights.may(actor.role, "give_more_bonuses"):
        return
    limits.one_at_a_time(work, actor)
    back = aliased(LedgerPosting)
    taken_back = exists().where(
        back.club_id == LedgerPosting.club_id,
        # `customers.reversal.key_of`, which cannot be imported here.
        back.key == literal("take_back:") + cast(LedgerPosting.id, String),
    )
    given = work.db.scalar(
        select(func.sum(LedgerTransfer.amount))
        .select_from(LedgerPosting)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .where(
            LedgerPosting.club_id == work.club_id,
            LedgerPosting.at >= limits.since(work),
            LedgerPosting.kind == BY_STAFF,
            LedgerPosting.actor_kind == actor.kind,
            LedgerPosting.actor_id == actor.id,
            ~taken_back,
        )
    )
    problem = rules.given_bonus_problem(
        given_tiyn=int(given or 0),
        amount_tiyn=amount_tiyn,
        limit_tiyn=queries.bonus_terms(work.db, work.club_id).per_shift_tiyn,
    )
    if problem:
        raise OperationRefused(problem)
