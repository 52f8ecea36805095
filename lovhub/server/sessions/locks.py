"""Locking PCs, customers and sessions, inside an operation.

On PostgreSQL two operations at the same moment wait for each other's rows, and must never wait in a ring. So all lock
in one order: a guest's code or a payment, PCs, customers, sessions, and last the accounts that are booked on; of
several rows of one kind by their ids. Who needs a session's customer or PC looks up which they are without a lock,
locks them, and then the session. The locks are weak ones (`FOR NO KEY UPDATE`): a row that only refers to a locked one,
as every event does to its PC, is written without waiting.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, bindparam, or_, select

from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.computers.models import Computer
from lovhub.server.context import Work
from lovhub.server.customers.belonging import whose
from lovhub.server.customers.models import Customer
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.sessions.models import IS_LIVE, PlaySession

_OF_CUSTOMER_OR_ON = Query(
    select(PlaySession)
    .where(
        IS_LIVE,
        or_(
            PlaySession.customer_id == bindparam("customer"),
            PlaySession.computer_id == bindparam("computer"),
        ),
    )
    .order_by(PlaySession.id)
    .with_for_update(key_share=True)
)
_COMPUTER = Query(
    select(Computer, Club)
    .join(Club, Club.id == Computer.club_id)
    .where(
        Computer.id == bindparam("computer"),
        Computer.club_id == bindparam("club"),
        Computer.revoked_at.is_(None),
    )
    .with_for_update(of=Computer, key_share=True)
)
_CUSTOMER = Query(
    select(Customer)
    .where(
        Customer.id == bindparam("customer"),
        Customer.club_id == whose(bindparam("club")),
        Customer.deleted_at.is_(None),
    )
    .with_for_update(key_share=True)
)


def lock_computer(work: Work, computer_id: int) -> Computer:
    """The PC, locked; refused with `computer_unknown`.

    The club's rules, which its sittings go by, are read with it: as they were when the lock was asked for.
    """
    found = _COMPUTER.first(work.db, computer=computer_id, club=work.club_id)
    if found is None:
        raise OperationRefused("computer_unknown")
    computer, club = found
    club_service.remember(work.db, club)
    return computer


def lock_customer(work: Work, customer_id: int) -> Customer:
    """The customer, locked; refused with `customer_unknown`."""
    customer = _CUSTOMER.value(work.db, customer=customer_id, club=work.club_id)
    if customer is None:
        raise OperationRefused("customer_unknown")
    return customer


def lock_sessions(work: Work, *which: ColumnElement[bool]) -> None:
    """Lock all sessions that are not ended and of which anything of `which` is true, in the order of ids.

    Those of other clubs too: what a customer plays at another club of the chain takes from the same balance.
    """
    work.db.execute(
        select(PlaySession.id)
        .where(IS_LIVE, or_(*which))
        .order_by(PlaySession.id)
        .with_for_update(key_share=True)
    )


def lock_sessions_of(work: Work, *, customer_id: int, computer_id: int) -> list[PlaySession]:
    """Lock all sessions of a customer or on a PC that are not ended, in the order of ids; returns this club's.

    Refused with `already_elsewhere` (`club`, `pc`: their names) for a customer who plays or pauses at another club of
    the chain. What a silent PC there holds stays there, as it does here.
    """
    found = _OF_CUSTOMER_OR_ON.values(work.db, customer=customer_id, computer=computer_id)
    for one in found:
        if one.club_id != work.club_id and one.state != "unreachable":
            raise OperationRefused(
                "already_elsewhere",
                club=work.db.get_one(Club, one.club_id).name,
                pc=work.db.get_one(Computer, one.computer_id).name,
            )
    return [one for one in found if one.club_id == work.club_id]


def lock_customers_of(work: Work, session_ids: Collection[int]) -> None:
    """Lock the customers who play in these sessions, in the order of ids: before the sessions are locked."""
    theirs = select(PlaySession.customer_id).where(
        PlaySession.id.in_(session_ids), PlaySession.club_id == work.club_id
    )
    work.db.execute(
        select(Customer.id)
        .where(Customer.id.in_(theirs))
        .order_by(Customer.id)
        .with_for_update(key_share=True)
    )
