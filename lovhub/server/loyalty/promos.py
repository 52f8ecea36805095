"""Promotions and their codes: the owner makes them, customers use them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged, PromosChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.lots import service as lots
from lovhub.server.loyalty import bonuses, queries, rules
from lovhub.server.loyalty.models import Promo, PromoCode, PromoUse
from lovhub.server.loyalty.rules import PromoTerms
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.sessions.sitting import lengthen_sitting_of
from lovhub.server.throttle import Attempt


@dataclass(frozen=True)
class Gift:
    """What a code gave: a bonus or time, never both."""

    title: str
    bonus_tiyn: int
    seconds: int


def create(
    club: ClubContext,
    *,
    terms: PromoTerms,
    codes: Sequence[str] = (),
    made_codes: int = 0,
    actor: Actor,
) -> int:
    """A promotion with these codes, or with so many made for it; returns its id.

    Raises OperationRefused("invalid_fields").
    """
    problems = rules.promo_problems(terms, codes, made_codes)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    wanted = [code.strip() for code in codes] or _made(made_codes)
    with club.write() as work:
        promo = Promo(
            club_id=work.club_id,
            title=terms.title.strip(),
            kind=terms.kind,
            amount_tiyn=terms.amount_tiyn if terms.kind == "bonus" else 0,
            seconds=terms.seconds if terms.kind == "time" else 0,
            from_at=terms.from_at,
            until_at=terms.until_at,
            uses=terms.uses,
            created_at=work.now,
        )
        work.db.add(promo)
        work.db.flush()
        work.db.add_all(
            PromoCode(
                club_id=work.club_id, promo_id=promo.id, code=code, code_key=rules.code_key(code)
            )
            for code in wanted
        )
        try:
            work.db.flush()
        except IntegrityError as error:
            raise OperationRefused("invalid_fields", codes="promo_code_taken") from error
        journal.record(
            work,
            "promo.created",
            actor,
            promo_id=promo.id,
            title=promo.title,
            amount_tiyn=promo.amount_tiyn,
            seconds=promo.seconds,
            codes=len(wanted),
            uses=promo.uses,
        )
        work.tell(PromosChanged())
        return promo.id


def _made(count: int) -> list[str]:
    """So many different codes that nobody guesses."""
    found: set[str] = set()
    while len(found) < count:
        found.add(
            "".join(secrets.choice(rules.CODE_LETTERS) for _ in range(rules.MADE_CODE_LENGTH))
        )
    return sorted(found)


def stop(club: ClubContext, *, promo_id: int, actor: Actor) -> None:
    """It gives nothing more. Stopping twice is once. Raises OperationRefused("promo_unknown")."""
    with club.write() as work:
        promo = queries.promo(work.db, work.club_id, promo_id)
        if promo.stopped_at is None:
            promo.stopped_at = work.now
            journal.record(work, "promo.stopped", actor, promo_id=promo_id, title=promo.title)
            work.tell(PromosChanged())


def use(club: ClubContext, *, customer_id: int, code: str, key: str, actor: Actor) -> Gift:
    """The customer uses a code, at the desk or at a PC. The same `key` again gives nothing more.

    Raises OperationRefused: `customer_unknown`, `too_many_attempts`, `promo_code_wrong`, `promo_over`,
    `promo_not_yet`, `promo_used_by_customer`, `promo_used_up`.
    """
    guesser = f"promo {actor.kind} {actor.id}"
    attempt = Attempt((club.failures_by_code, guesser))
    try:
        gift = _use(club, customer_id, rules.code_key(code), key, actor)
    except OperationRefused as refusal:
        if refusal.code != "promo_code_wrong":
            attempt.was_right()
        raise
    attempt.was_right()
    return gift


def _use(club: ClubContext, customer_id: int, code_key: str, key: str, actor: Actor) -> Gift:
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        found = work.db.execute(
            select(PromoCode, Promo)
            .join(Promo, Promo.id == PromoCode.promo_id)
            .where(PromoCode.club_id == work.club_id, PromoCode.code_key == code_key)
        ).one_or_none()
        if found is None:
            raise OperationRefused("promo_code_wrong")
        code, promo = found
        gift = Gift(promo.title, promo.amount_tiyn, promo.seconds)
        earlier = work.db.get(PromoUse, (promo.id, customer_id))
        if earlier is not None:
            if earlier.key == key:
                return gift
            raise OperationRefused("promo_used_by_customer")
        problem = rules.promo_problem(
            now=work.now,
            from_at=promo.from_at,
            until_at=promo.until_at,
            is_stopped=promo.stopped_at is not None,
        )
        if problem:
            raise OperationRefused(problem)
        _take_one(work, code, promo)
        posting_id = _give(work, customer, promo, actor)
        work.db.add(
            PromoUse(
                promo_id=promo.id,
                customer_id=customer_id,
                code_id=code.id,
                posting_id=posting_id,
                key=key,
                at=work.now,
            )
        )
        work.db.flush()
        journal.record(
            work,
            "promo.used",
            actor,
            customer_id=customer_id,
            promo_id=promo.id,
            title=promo.title,
            amount_tiyn=promo.amount_tiyn,
            seconds=promo.seconds,
        )
        work.tell(CustomerChanged(customer_id))
        return gift


def _take_one(work: Work, code: PromoCode, promo: Promo) -> None:
    """One use less, unless none is left: the row itself decides, whoever else asks at this moment."""
    taken = work.db.execute(
        update(PromoCode)
        .where(PromoCode.id == code.id, or_(literal(promo.uses == 0), PromoCode.used < promo.uses))
        .values(used=PromoCode.used + 1)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise OperationRefused("promo_used_up")


def _give(work: Work, customer: Customer, promo: Promo, actor: Actor) -> int:
    booked_as = f"promo:{promo.id}:{customer.id}"
    if promo.kind == "bonus":
        return ledger.post(
            work,
            key=booked_as,
            kind="promo_bonus",
            transfers=bonuses.giving(work, customer, promo.amount_tiyn),
            actor=actor,
            reason=promo.title,
        )
    lot = lots.give_for_code(
        work,
        title=promo.title,
        seconds=promo.seconds,
        customer_id=customer.id,
        key=booked_as,
        actor=actor,
    )
    lengthen_sitting_of(work, customer.id, actor)
    return lot.posting_id
