"""Clubs that share their customers: the one that has none asks, and an owner of the other one consents, for good."""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.chain import queries
from lovhub.server.chain.models import ShareRequest
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.loyalty.models import CustomerGroup
from lovhub.server.staff.models import Staff
from lovhub.server.staff.service import actor_of

REQUEST_SECONDS = 7 * 24 * 3600
"""How long an owner has for an answer: one is not at the club every day."""

PAUSE_SECONDS = 24 * 3600
"""From a request that was withdrawn until the same club may be asked again: asking and withdrawing by turns would fill
the log of a club whose people cannot stop it."""


def share_customers(club: ClubContext, *, of_club_id: int, actor: Actor) -> bool:
    """The club is to have the customers of another one, for good. Returns whether it has them now.

    It has them at once where the person is proven to be the other club's only owner; else one of the others there,
    or any owner of a club that is not the person's, is asked (`answer`).

    Raises OperationRefused: `chain_club_unknown`, `chain_has_customers`, `chain_shares_already`, `chain_currency`,
    `share_asked_already` (and not answered, or refused or withdrawn not long ago).
    """
    with club.write() as work:
        own, other = _locked(work, work.club_id, of_club_id)
        _check(work.db, own, other)
        is_theirs = other.id in queries.clubs_of(work.db, actor.id or 0)
        there = (
            actor_of(queries.account_at(work.db, actor.id or 0, other.id), actor.address)
            if is_theirs
            else None
        )
        if there is not None and not queries.has_other_owners(work.db, other.id, actor.id or 0):
            _share(work, own, other, actor, there)
            return True
        earlier = select(ShareRequest.id).where(
            ShareRequest.club_id == own.id,
            ShareRequest.expires_at > work.now,
            or_(
                ShareRequest.state == "waiting",
                and_(ShareRequest.state == "refused", ShareRequest.of_club_id == other.id),
                and_(
                    ShareRequest.state == "withdrawn",
                    ShareRequest.of_club_id == other.id,
                    ShareRequest.asked_at > work.now - PAUSE_SECONDS,
                ),
            ),
        )
        if work.db.scalar(earlier.limit(1)) is not None:
            raise OperationRefused("share_asked_already")
        work.db.add(
            ShareRequest(
                club_id=own.id,
                of_club_id=other.id,
                asked_by=actor.id,
                asked_at=work.now,
                expires_at=work.now + REQUEST_SECONDS,
            )
        )
        journal.record(work, "club.share_asked", actor, club=_named(other, is_known=is_theirs))
        journal.record(work, "club.share_wanted", there or SYSTEM, club_id=other.id, club=own.name)
        return False


def withdraw(club: ClubContext, *, actor: Actor) -> None:
    """The club asks no longer. Raises OperationRefused("share_request_over"), where nothing of its waits."""
    with club.write() as work:
        asked = queries.asked(work.db, work.club_id, work.now)
        if asked is None:
            raise OperationRefused("share_request_over")
        request, own, other = _waiting(work, asked.id)
        _end(work, request, "withdrawn", actor)
        told = _named(other, is_known=other.id in queries.clubs_of(work.db, actor.id or 0))
        journal.record(work, "club.share_withdrawn", actor, club=told)
        journal.record(work, "club.share_withdrawn", SYSTEM, club_id=other.id, club=own.name)


def answer(club: ClubContext, *, request_id: int, consents: bool, actor: Actor) -> str:
    """An owner of the club whose customers are wanted says yes or no; returns the other club's name.

    Raises OperationRefused: `share_request_over` (answered, withdrawn, too late, or whoever asked is no owner there any
    more), `share_request_own` (whoever is known to have asked does not answer), and what `share_customers` does.
    """
    with club.write() as work:
        request, own, other = _waiting(work, request_id)
        asker = work.db.get_one(Staff, request.asked_by)
        if other.id != work.club_id:
            raise OperationRefused("share_request_over")
        if not consents:
            _end(work, request, "refused", actor)
            told = _named(other, is_known=other.id in queries.clubs_of(work.db, asker.id))
            journal.record(work, "club.share_refused", actor, club=own.name)
            journal.record(work, "club.share_refused", SYSTEM, club_id=own.id, club=told)
            return own.name
        if asker.role != "owner" or asker.disabled_at is not None:
            raise OperationRefused("share_request_over")
        if queries.is_same_person(work.db, asker.id, actor.id or 0) and queries.has_other_owners(
            work.db, other.id, asker.id
        ):
            raise OperationRefused("share_request_own")
        _check(work.db, own, other)
        _end(work, request, "granted", actor)
        _share(work, own, other, actor_of(asker, ""), actor)
        return own.name


def _locked(work: Work, club_id: int, of_club_id: int) -> tuple[Club, Club]:
    """Both clubs, in the order of their numbers: two at once must not wait for each other."""
    found = {
        number: work.db.get(Club, number, with_for_update=True, populate_existing=True)
        for number in sorted({club_id, of_club_id})
    }
    own, other = found[club_id], found[of_club_id]
    if own is None or other is None or own is other:
        raise OperationRefused("chain_club_unknown")
    return own, other


def _check(db: Session, own: Club, other: Club) -> None:
    is_another_s = db.scalar(select(Club.id).where(Club.customers_of == own.id).limit(1))
    if own.customers_of is not None or other.customers_of is not None or is_another_s:
        raise OperationRefused("chain_shares_already")
    has_groups = db.scalar(
        select(CustomerGroup.id)
        .where(CustomerGroup.club_id == own.id, CustomerGroup.deleted_at.is_(None))
        .limit(1)
    )
    if queries.has_customers(db, own.id) or has_groups:
        raise OperationRefused("chain_has_customers")
    if own.currency != other.currency:
        raise OperationRefused("chain_currency")


def _share(work: Work, own: Club, other: Club, here: Actor, there: Actor) -> None:
    """`here`, `there`: whoever wanted it at the one, and allowed it at the other."""
    own.customers_of = other.id
    journal.record(work, "club.customers_shared", here, club_id=own.id, of=other.name)
    journal.record(work, "club.customers_taken_up", there, club_id=other.id, by=own.name)


def _waiting(work: Work, request_id: int) -> tuple[ShareRequest, Club, Club]:
    """A request that nobody has answered, with the club that asks and the one that is asked, locked."""
    request = work.db.get(ShareRequest, request_id)
    if request is None or work.club_id not in (request.club_id, request.of_club_id):
        raise OperationRefused("share_request_over")
    own, other = _locked(work, request.club_id, request.of_club_id)
    work.db.refresh(request)  # it may have been answered meanwhile
    if request.state != "waiting" or request.expires_at <= work.now:
        raise OperationRefused("share_request_over")
    return request, own, other


def _end(work: Work, request: ShareRequest, state: str, actor: Actor) -> None:
    request.state, request.answered_by, request.answered_at = state, actor.id, work.now


def _named(other: Club, *, is_known: bool) -> str:
    """How the club that is asked is called in the log of the one that asks: only its owners know its name there."""
    return other.name if is_known else f"№ {other.id}"
