"""«Простить долг»: a debt that nobody is asked for any more, with a reason and a name."""

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.context import ClubContext
from lovhub.server.customers import owing, rules
from lovhub.server.customers.forgetting import plays
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import DEBT_FORGIVEN
from lovhub.server.ledger.service import Transfer
from lovhub.server.sessions.locks import lock_customer


def forgive(
    club: ClubContext,
    *,
    customer_id: int,
    expected_tiyn: int,
    reason: str,
    key: str,
    actor: Actor,
) -> int:
    """Forgive all that a customer owes; returns the posting's id. The same `key` again forgives nothing more.

    `expected_tiyn` is the sum that was shown. Refused with `customer_unknown`, `customer_plays`,
    `customer_owes_nothing`, `debt_changed`, `key_reused` and `invalid_fields` (reason).
    """
    problem = rules.reason_problem(reason)
    if problem:
        raise OperationRefused("invalid_fields", reason=problem)
    booked_as = f"debt_forgiven:{key}"
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        debt = owing.account_of(customer)
        done = ledger.find_posting(work.db, work.club_id, booked_as)
        if done is not None:
            if debt is None or not ledger.moves(work.db, done.id, debt):
                raise OperationRefused("key_reused")
            return done.id
        if plays(work, customer_id):
            # What is reserved and what is owed change by the second then, and a silent PC may be playing.
            raise OperationRefused("customer_plays")
        owed_tiyn = owing.debt_tiyn(work.db, customer)
        if debt is None or owed_tiyn <= 0:
            raise OperationRefused("customer_owes_nothing")
        if owed_tiyn != expected_tiyn:
            raise OperationRefused("debt_changed", amount_tiyn=owed_tiyn)
        posting_id = ledger.post(
            work,
            key=booked_as,
            kind="debt_forgiven",
            transfers=[Transfer(ledger.club_account(work, DEBT_FORGIVEN), debt, owed_tiyn)],
            actor=actor,
            reason=reason.strip(),
        )
        journal.record(
            work,
            "debt.forgiven",
            actor,
            customer_id=customer_id,
            amount_tiyn=owed_tiyn,
            reason=reason.strip(),
        )
        journal.alarms_over(work, owing.LEFT, customer_id)
        work.tell(CustomerChanged(customer_id))
        return posting_id
