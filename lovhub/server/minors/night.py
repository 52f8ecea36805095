"""The rule inside an operation: whose age is known, until when they play, and what they are refused."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.context import Work
from lovhub.server.customers.models import Customer
from lovhub.server.database import known_rows
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.lots.models import Lot
from lovhub.server.minors import rules
from lovhub.server.minors.rules import UNKNOWN, Age
from lovhub.server.sessions.lot_seconds import LotSeconds, seconds_left
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.staff import rights
from lovhub.server.tariffs.hours import seconds_at_once
from lovhub.server.tariffs.rules import Calendar, Goods

_RIGHTS = {"adult": "confirm_ages", "accompanied": "let_minors_stay"}


class Watch:
    """The club's rule at one instant. Where the owner has it off, it stops nobody and asks nothing."""

    def __init__(self, club: Club, now: int) -> None:
        self.on = club.minors_rule
        self.calendar = Calendar(club.time_zone)
        self.now = now

    @property
    def today(self) -> date:
        """The club's date."""
        return self.calendar.day(self.now)

    def seconds_allowed(self, age: Age, leave: str) -> int | None:
        """How long they may play on; None: the rule does not stop them."""
        if not self.on:
            return None
        return rules.seconds_allowed(age, leave, self.calendar, self.now)

    def stopped_since(self, age: Age, leave: str, since: int) -> int | None:
        """When a night that began after `since` stopped them; None: none did, or the rule is off."""
        if not self.on:
            return None
        return rules.stopped_since(age, leave, self.calendar, since, self.now)

    def is_minor(self, age: Age, at: int | None) -> bool:
        """Whether they are known to be younger than 18; or were so at an earlier instant."""
        day = self.today if at is None else self.calendar.day(at)
        return rules.standing(age, day) == "minor"

    def stop(self, age: Age, leave: str, lots: Sequence[LotSeconds]) -> rules.Stop:
        """Whether the night will stop who has these lots."""
        return rules.stop(lots, self.seconds_allowed(age, leave), age, self.today)


def watch(work: Work) -> Watch:
    """The rule in this operation."""
    return Watch(club_service.get(work.db, work.club_id), work.now)


def age_of(customer: Customer | None) -> Age:
    """What is known of a customer's age; of a guest (None), nothing."""
    if customer is None or not customer.birth_date:
        return UNKNOWN
    return Age(date.fromisoformat(customer.birth_date), confirmed=bool(customer.age_document))


def age_of_player(db: Session, row: PlaySession) -> Age:
    """What is known of the age of whoever sits there."""
    return age_of(
        None if row.customer_id is None else known_rows.get_one(db, Customer, row.customer_id)
    )


def admit(work: Work, customer: Customer | None, leave: str) -> None:
    """Refuse who may not play now: `minor_at_night`, `age_unconfirmed`."""
    now, age = watch(work), age_of(customer)
    if now.seconds_allowed(age, leave) == 0:
        raise OperationRefused(rules.night_refusal(age, now.today))


def leave_of(work: Work, customer_id: int) -> str:
    """The leave of the session that the customer is in at this club, if they have one."""
    found = work.db.scalars(
        select(PlaySession.night_leave).where(
            PlaySession.customer_id == customer_id,
            PlaySession.club_id == work.club_id,
            IS_LIVE,
            PlaySession.night_leave != "",
        )
    ).first()
    return found or ""


def check_leave(work: Work, leave: str, customer: Customer | None, actor: Actor) -> None:
    """Refuse a leave that cannot be given, or not by this person.

    With `minor_by_birth_date`, `choice_unknown`, `forbidden`.
    """
    if not leave:
        return
    problem = rules.leave_problem(leave, age_of(customer), watch(work).today)
    if problem:
        raise OperationRefused(problem)
    if actor.kind != "staff" or not rights.may(actor.role, _RIGHTS[leave]):
        raise OperationRefused("forbidden")


def give_leave(work: Work, row: PlaySession, leave: str, actor: Actor) -> None:
    """Let them stay for this sitting, and write down who said so. What is checked already is not checked again."""
    if not leave or row.night_leave == leave:
        return
    row.night_leave = leave
    journal.record(
        work,
        "age.let_stay",
        actor,
        computer_id=row.computer_id,
        customer_id=row.customer_id,
        session_id=row.id,
        leave=leave,
    )


def check_sale(
    work: Work,
    goods: Goods,
    customer: Customer | None,
    leave: str,
    *,
    played_before: Sequence[tuple[str, LotSeconds]] = (),
) -> None:
    """Refuse time that would be played into the night: `minor_past_night`, `age_unconfirmed_past_night`.

    `played_before`: what the buyer has already, each with its kind.
    """
    now = watch(work)
    if not now.on:
        return
    kinds = ("fixed_end",) if goods.terms.kind == "fixed_end" else ("fixed_end", "package")
    before = [lot for kind, lot in played_before if kind in kinds]
    code = rules.sale_refusal(
        age_of(customer),
        leave,
        now.calendar,
        work.now,
        kind=goods.terms.kind,
        begins_in=0 if goods.terms.kind == "fixed_end" else seconds_left(before),
        seconds=seconds_at_once(goods),
    )
    if code:
        raise OperationRefused(code)


def keep_rests(work: Work, lots: Sequence[Lot], stopped_at: int | None) -> None:
    """The night has stopped whoever these lots belong to (None: now): nothing of them is lost by that."""
    since = work.now if stopped_at is None else stopped_at
    morning_at = rules.morning_after(watch(work).calendar, since)
    for lot in lots:
        if lot.expires_at is None or lot.exhausted or lot.expires_at <= since:
            continue
        until_at = rules.kept_until(lot.kind, lot.expires_at, morning_at)
        if until_at == lot.expires_at:
            continue
        lot.expires_at = until_at
        if until_at is None:
            # From now on it is time like any other, to be played when there is no night.
            lot.kind, lot.rest_rule = "package", "kept"
        journal.record(
            work,
            "time.kept_for_night",
            SYSTEM,
            customer_id=lot.customer_id,
            session_id=lot.guest_session_id,
            lot_id=lot.id,
            title=lot.title,
            until_at=until_at,
        )
