"""Confirming an age, letting somebody stay for a sitting, and what the night does to those who do not play then."""

from sqlalchemy import and_, or_, select

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.minors import night, rules
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.sessions.sitting import lengthen_sitting_of, load_sitting
from lovhub.server.tariffs.rules import Calendar


def confirm_age(
    club: ClubContext, *, customer_id: int, birth_date: str, document: str, actor: Actor
) -> None:
    """Staff have seen a document with this birth date; its number is nobody's business and is not kept.

    Raises OperationRefused: `customer_unknown`, `invalid_fields` (birth_date, document).
    """
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        read = read_birth_date(work, birth_date)
        if read is None:
            raise OperationRefused("invalid_fields", birth_date="birth_date_missing")
        if document not in rules.DOCUMENTS:
            raise OperationRefused("invalid_fields", document="choice_unknown")
        customer.birth_date = read
        customer.age_document = document
        customer.age_confirmed_at = work.now
        customer.age_confirmed_by = actor.id if actor.kind == "staff" else None
        # No date in the journal: it is never changed, and people may ask to be forgotten.
        journal.record(work, "age.confirmed", actor, customer_id=customer_id, document=document)
        _take_effect(work, customer_id, actor)


def read_birth_date(work: Work, text: str) -> str | None:
    """A typed birth date as it is stored; None for none. Refused with `invalid_fields` for what cannot be one."""
    if not text.strip():
        return None
    found = rules.read_date(text)
    problem = "date_malformed"
    if found is not None:
        problem = rules.birth_date_problem(found, night.watch(work).today)
    if found is None or problem:
        raise OperationRefused("invalid_fields", birth_date=problem)
    return found.isoformat()


def change_birth_date(work: Work, customer: Customer, birth_date: str, actor: Actor) -> bool:
    """Another birth date, which nobody has confirmed yet; inside an operation. Returns whether it is another one."""
    if birth_date == customer.birth_date:
        return False
    customer.birth_date = birth_date
    customer.age_document = ""
    customer.age_confirmed_at = customer.age_confirmed_by = None
    _take_effect(work, customer.id, actor)
    return True


def let_stay(club: ClubContext, *, session_id: int, leave: str, actor: Actor) -> None:
    """Whoever sits there may stay, for this sitting: `adult` (staff saw a document) or `accompanied`.

    Raises OperationRefused: `session_unknown`, `session_over`, `minor_by_birth_date`, `choice_unknown`, `forbidden`.
    """
    with club.write() as work:
        customer_id = work.db.scalar(
            select(PlaySession.customer_id).where(
                PlaySession.id == session_id, PlaySession.club_id == work.club_id
            )
        )
        customer = None if customer_id is None else lock_customer(work, customer_id)
        sitting = load_sitting(work, session_id, live=True)
        if leave not in rules.LEAVES:
            raise OperationRefused("choice_unknown")
        night.check_leave(work, leave, customer, actor)
        sitting.let_stay(leave, actor)


def stop_for_night(club: ClubContext) -> None:
    """Stop those who stand still when the night begins, as those who play are stopped by the session clock.

    Of those whose PC has been silent since before, nothing expires.
    """
    now = club.clock.now()
    with club.read() as db:
        row = club_service.get(db, club.club_id)
        if not row.minors_rule:
            return
        if rules.seconds_allowed(rules.UNKNOWN, "", Calendar(row.time_zone), now) != 0:
            return
        not_running = db.scalars(
            select(PlaySession.id)
            .where(
                PlaySession.club_id == club.club_id,
                IS_LIVE,
                or_(
                    PlaySession.state == "unreachable",
                    and_(PlaySession.state == "paused", PlaySession.pause_reason != rules.NIGHT),
                ),
                PlaySession.night_leave == "",
            )
            .order_by(PlaySession.id)
        ).all()
    for session_id in not_running:
        with club.write() as work:
            sitting = load_sitting(work, session_id)
            if sitting.allowed != 0:
                continue
            if sitting.row.state == "unreachable":
                sitting.keep_rests()
            elif sitting.row.state == "paused" and sitting.row.pause_reason != rules.NIGHT:
                sitting.stop_standing()


def _take_effect(work: Work, customer_id: int, actor: Actor) -> None:
    """What is known now counts for a session that is under way."""
    lengthen_sitting_of(work, customer_id, actor)
    work.tell(CustomerChanged(customer_id))
