"""«Забыл пароль»: a one-time PIN from the desk, which the customer replaces by a new password at the PC.

The old password goes on working until the new one is set: whoever is talked into issuing a PIN has not locked
anybody out.
"""

import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import queries, rules
from lovhub.server.customers.models import CustomerPin
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.staff import passwords
from lovhub.server.throttle import Attempt


@dataclass(frozen=True)
class PinIssued:
    """A PIN, shown to the desk once."""

    pin: str
    expires_at: int


def issue(club: ClubContext, *, customer_id: int, actor: Actor) -> PinIssued:
    """Issue a PIN; an earlier one opens nothing any more. Refused with `customer_unknown`."""
    pin = f"{secrets.randbelow(10**rules.PIN_DIGITS):0{rules.PIN_DIGITS}d}"
    with club.write() as work:
        lock_customer(work, customer_id)
        expires_at = work.now + rules.PIN_LIFETIME_SECONDS
        work.db.merge(
            CustomerPin(
                customer_id=customer_id,
                pin_hash=_hash(club, customer_id, pin),
                issued_at=work.now,
                expires_at=expires_at,
                tries_left=rules.PIN_TRIES,
            )
        )
        journal.record(work, "customer.pin_issued", actor, customer_id=customer_id)
    return PinIssued(pin, expires_at)


def is_pin(club: ClubContext, customer_id: int, typed: str) -> bool:
    """Whether `typed` is the customer's PIN. A wrong guess at one that is alive costs one of its tries."""
    if not rules.looks_like_pin(typed):
        return False
    with club.read() as db:
        if not _alive(db, customer_id, club.clock.now()):
            return False
    with club.write() as work:
        return _try(club, work, customer_id, typed)


def set_password(club: ClubContext, *, login: str, pin: str, password: str, address: str) -> int:
    """Put a new password in place of the PIN, and of the old password; returns the customer's id.

    Raises OperationRefused: `too_many_attempts`, `wrong_code` (the PIN), `password_too_short`,
    `password_too_long`, `password_common`. The last costs the PIN one of its tries: it is also the answer for a part of
    the phone, and whoever was issued the PIN need not be who knows it.
    """
    customer = queries.by_login_or_phone(club.database, club.club_id, login)
    keys = queries.throttle_keys(club.database, customer, login, address, club.clock.now())
    attempt = Attempt((club.failures_by_address, keys[0]), (club.failures_by_login, keys[1]))
    if customer is None or not is_pin(club, customer.customer_id, pin):
        raise OperationRefused("wrong_code")
    attempt.was_right()
    if problem := rules.password_problem(password, customer.login, customer.phone):
        code = problem.removeprefix("customer_")  # the PC's answers know customers only
        if code == "password_common":
            with club.write() as work:
                _spend_try(work, customer.customer_id)
        raise OperationRefused(code)
    password_hash = passwords.hash_password(password)
    with club.write() as work:
        known = lock_customer(work, customer.customer_id)
        if not _try(club, work, known.id, pin):
            raise OperationRefused("wrong_code")
        known.password_hash = password_hash
        work.db.delete(work.db.get_one(CustomerPin, known.id))
        who = Actor("customer", known.id, known.name, address=address)
        journal.record(work, "customer.password_set", who, customer_id=known.id)
    club.failures_by_login.succeeded(keys[1])
    return customer.customer_id


def _hash(club: ClubContext, customer_id: int, pin: str) -> bytes:
    return hmac.digest(club.secret_key, f"customer pin:{customer_id}:{pin}".encode(), "sha256")


def _alive(db: Session, customer_id: int, now: int) -> CustomerPin | None:
    pin = db.get(CustomerPin, customer_id)
    if pin is None or not rules.pin_counts(
        now=now, issued_at=pin.issued_at, expires_at=pin.expires_at, tries_left=pin.tries_left
    ):
        return None
    return pin


def _spend_try(work: Work, customer_id: int) -> None:
    pin = work.db.get(CustomerPin, customer_id, with_for_update=True, populate_existing=True)
    if pin is not None and pin.tries_left > 0:
        pin.tries_left -= 1


def _try(club: ClubContext, work: Work, customer_id: int, typed: str) -> bool:
    work.db.get(CustomerPin, customer_id, with_for_update=True, populate_existing=True)
    pin = _alive(work.db, customer_id, work.now)
    if pin is None:
        return False
    if hmac.compare_digest(pin.pin_hash, _hash(club, customer_id, typed)):
        return True
    pin.tries_left -= 1
    return False
