"""The second factor of a person: set up, asked for at the sign-in, switched off, lost."""

import base64
import binascii
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.staff import queries, rules, sign_ins, totp
from lovhub.server.staff.models import RecoveryCode, Staff
from lovhub.server.staff.person import Person


@dataclass(frozen=True)
class Offer:
    """A secret to put into a telephone: as text, as the QR code's words and picture, and sealed.

    Nothing is written down until it is confirmed: the sealed offer comes back with the first code.
    """

    secret: str
    address: str
    picture: str
    sealed: str


def offer(club: ClubContext, person: Staff | Person, sealed: str = "") -> Offer:
    """A fresh secret for the person; the one of an earlier offer, if that is given."""
    vault = totp.Vault(club.secret_key)
    secret = _opened(vault, sealed, person.id) or totp.new_secret()
    with club.read() as db:
        club_name = db.get_one(Club, club.club_id).name
    address = totp.address(secret, login=person.login, club_name=club_name)
    fresh = base64.b64encode(vault.seal(secret, person.id, "offer")).decode()
    return Offer(secret, address, totp.picture(address), fresh)


@dataclass(frozen=True)
class TurnedOn:
    """What is told only now: the recovery codes, and the token that the sign-in in use has from now on."""

    codes: list[str]
    token: str


def turn_on(
    club: ClubContext, *, sealed: str, code: str, actor: Actor, staff_session_id: int
) -> TurnedOn:
    """Confirm an offer by the telephone's first code.

    The person's other sign-ins end, and so does whatever has copied this one: they were made without it.
    Raises OperationRefused: `second_factor_on`, `offer_expired`, `wrong_second_factor`, `too_many_attempts`.
    """
    vault = totp.Vault(club.secret_key)
    secret = _opened(vault, sealed, _id(actor))
    if secret is None:
        raise OperationRefused("offer_expired")
    throttle = _Attempt(club, _id(actor))
    step = totp.matching_step(secret, _typed(code), now=club.clock.now(), after_step=0)
    if step is None:
        raise OperationRefused("wrong_second_factor")
    throttle.succeeded()
    with club.write() as work:
        person = queries.locked(work.db, work.club_id, _id(actor))
        if person.totp_secret is not None:
            raise OperationRefused("second_factor_on")
        person.totp_secret = vault.seal(secret, person.id, "kept")
        person.totp_last_step = step
        person.totp_since = work.now
        codes = _renew_recovery_codes(work, vault, person.id)
        sign_ins.end_all(work, person.id, but=staff_session_id)
        token = sign_ins.renewed_token(
            work, club, staff_session_id=staff_session_id, staff_id=person.id
        )
        journal.record(work, "staff.second_factor_on", actor, staff_id=person.id)
    return TurnedOn(codes, token)


def check(club: ClubContext, *, staff_id: int, code: str, actor: Actor) -> None:
    """Spend a code of the telephone or a recovery code: neither works twice.

    Raises OperationRefused: `wrong_second_factor`, `too_many_attempts`.
    """
    attempt = _Attempt(club, staff_id)
    with club.write() as work:
        right = _spend(work, totp.Vault(club.secret_key), staff_id, code, actor)
        if not right:
            journal.record(work, "staff.second_factor_failed", actor, staff_id=staff_id)
    if not right:
        raise OperationRefused("wrong_second_factor")
    attempt.succeeded()


def turn_off(club: ClubContext, *, code: str, actor: Actor) -> None:
    """Do without it, where the owner allows that.

    Raises OperationRefused: `second_factor_required`, and what `check` raises.
    """
    with club.read() as db:
        required = rules.asks_second_factor(
            actor.role, db.get_one(Club, club.club_id).second_factor_roles
        )
    if required:
        raise OperationRefused("second_factor_required")
    check(club, staff_id=_id(actor), code=code, actor=actor)
    with club.write() as work:
        _forget(work, _id(actor))
        journal.record(work, "staff.second_factor_off", actor, staff_id=actor.id)


def renew_recovery_codes(club: ClubContext, *, code: str, actor: Actor) -> list[str]:
    """New recovery codes; the old ones open nothing any more. Raises what `check` raises."""
    check(club, staff_id=_id(actor), code=code, actor=actor)
    with club.write() as work:
        codes = _renew_recovery_codes(work, totp.Vault(club.secret_key), _id(actor))
        journal.record(work, "staff.recovery_codes_renewed", actor, staff_id=actor.id)
    return codes


def reset(work: Work, person: Staff, actor: Actor) -> None:
    """The telephone is lost, and so are the codes: the person signs in without, and everywhere anew."""
    _forget(work, person.id)
    sign_ins.end_all(work, person.id)
    journal.record(
        work, "staff.second_factor_reset", actor, staff_id=person.id, person_name=person.name
    )


def reset_by_login(club: ClubContext, login: str) -> None:
    """The same from the server's console; OperationRefused("login_unknown")."""
    with club.write() as work:
        person = queries.by_login(work.db, work.club_id, login)
        if person is None:
            raise OperationRefused("login_unknown")
        reset(work, person, SYSTEM)


def require(club: ClubContext, *, roles: list[str], actor: Actor) -> None:
    """Say whose people must have a second factor; OperationRefused("role_unknown")."""
    if not set(roles) <= set(rules.ROLES):
        raise OperationRefused("role_unknown")
    wanted = rules.written_roles(roles)
    with club.write() as work:
        row = work.db.get_one(Club, work.club_id)
        if row.second_factor_roles == wanted:
            return
        row.second_factor_roles = wanted
        journal.record(work, "staff.second_factor_rule_changed", actor, roles=wanted)


class _Attempt:
    """A guess, counted before it is judged: guesses at the same time are all counted."""

    def __init__(self, club: ClubContext, staff_id: int) -> None:
        self._throttle = club.failures_by_code
        self._key = f"second factor {staff_id}"
        self._throttle.take(self._key)

    def succeeded(self) -> None:
        self._throttle.succeeded(self._key)


def _id(actor: Actor) -> int:
    if actor.id is None:
        raise ValueError("only people have a second factor")
    return actor.id


def _typed(code: str) -> str:
    return "".join(code.split())


def _opened(vault: totp.Vault, sealed: str, staff_id: int) -> str | None:
    try:
        return vault.open(base64.b64decode(sealed, validate=True), staff_id, "offer")
    except (binascii.Error, ValueError):
        return None


def _spend(work: Work, vault: totp.Vault, staff_id: int, code: str, actor: Actor) -> bool:
    person = work.db.get_one(Staff, staff_id)
    if person.totp_secret is None:
        return False
    if totp.is_recovery_code(code):
        return _spend_recovery_code(work, vault, staff_id, code, actor)
    # A secret that cannot be opened (the club's key was changed) opens nothing: it has to be reset.
    secret = vault.open(person.totp_secret, staff_id, "kept")
    step = secret and totp.matching_step(
        secret, _typed(code), now=work.now, after_step=person.totp_last_step
    )
    if not step:
        return False
    # Whoever comes first with the same code has spent it.
    spent = work.db.scalars(
        update(Staff)
        .where(Staff.id == staff_id, Staff.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(Staff.id)
    ).all()
    return bool(spent)


def _spend_recovery_code(
    work: Work, vault: totp.Vault, staff_id: int, code: str, actor: Actor
) -> bool:
    spent = work.db.scalars(
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == staff_id,
            RecoveryCode.code_hash == vault.recovery_hash(staff_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=work.now)
        .returning(RecoveryCode.id)
    ).all()
    if not spent:
        return False
    left = work.db.scalar(
        select(func.count()).where(
            RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None)
        )
    )
    journal.record(work, "staff.recovery_code_used", actor, staff_id=staff_id, left=left)
    return True


def _renew_recovery_codes(work: Work, vault: totp.Vault, staff_id: int) -> list[str]:
    codes = totp.new_recovery_codes()
    work.db.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    for code in codes:
        hashed = vault.recovery_hash(staff_id, code)
        work.db.add(RecoveryCode(staff_id=staff_id, code_hash=hashed))
    return codes


def _forget(work: Work, staff_id: int) -> None:
    work.db.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    work.db.execute(
        update(Staff)
        .where(Staff.id == staff_id)
        .values(totp_secret=None, totp_since=None)  # the last step stays: no code works twice
    )
