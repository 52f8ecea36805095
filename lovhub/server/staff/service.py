"""Staff: the owner's account, signing in and out, a forgotten password."""

import hashlib
import hmac
import re
import zoneinfo
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.club import rules as club_rules
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.journal import standing
from lovhub.server.languages import FIRST
from lovhub.server.ledger import service as ledger
from lovhub.server.search_key import search_key
from lovhub.server.staff import passwords, queries, rules, second_factor, session_tokens, sign_ins
from lovhub.server.staff.models import Staff, StaffSession
from lovhub.server.staff.person import Person, SignIn
from lovhub.server.throttle import Attempt

_TICKET = re.compile(r"(\d{1,18})\.(\d{1,18})\.[0-9a-f]{64}")


def create_owner(work: Work, *, login: str, name: str, password: str) -> Staff:
    """Make the club's owner, once.

    Raises OperationRefused: `owner_exists`, or `invalid_fields` with a code for each wrong field.
    """
    problems = rules.owner_problems(login, name, password)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    return _add_owner(work, login, name, passwords.hash_password(password))


def create_owner_from_config(club: ClubContext, *, login: str, password: str) -> bool:
    """Make the owner whose password stood in `config.ini`, in a founded club; False if there is one already.

    The password is taken as it is, even a short one: the club has been signing in with it.
    """
    with club.read() as db:
        if queries.owner_exists(db, club.club_id):
            return False
    password_hash = passwords.hash_password(password)
    with club.write() as work:
        club_service.found_if_missing(work)
        _add_owner(work, login, login, password_hash)
    return True


def _add_owner(
    work: Work, login: str, name: str, password_hash: str, language: str = FIRST
) -> Staff:
    if queries.owner_exists(work.db, work.club_id):
        raise OperationRefused("owner_exists")
    owner = Staff(
        club_id=work.club_id,
        login=login.strip(),
        login_key=search_key(login),
        name=name.strip(),
        role="owner",
        language=language,
        password_hash=password_hash,
        created_at=work.now,
    )
    work.db.add(owner)
    work.db.flush()
    journal.record(work, "staff.owner_created", SYSTEM, staff_id=owner.id, login=owner.login)
    return owner


def actor_of(staff: Staff | Person, address: str) -> Actor:
    """The person, as the one who does something."""
    return Actor(kind="staff", id=staff.id, name=staff.name, role=staff.role, address=address)


class SecondFactorNeeded(OperationRefused):
    """The password is right, and a code is still to come. `ticket` says so for a few minutes, to this server."""

    def __init__(self, ticket: str) -> None:
        super().__init__("second_factor_needed")
        self.ticket = ticket


def identify(
    club: ClubContext, *, login: str, password: str, address: str, code: str = ""
) -> Staff:
    """Who this is, by the own password and, where it is set up, the second factor; opens no session.

    Raises what `sign_in` raises.
    """
    person = _with_right_password(club, login, password, address)
    if person.totp_secret is not None:
        if not code:
            raise SecondFactorNeeded(_ticket(club, person, club.clock.now()))
        actor = actor_of(person, address)
        second_factor.check(club, staff_id=person.id, code=code, actor=actor)
    return person


def sign_in(
    club: ClubContext, *, login: str, password: str, address: str, user_agent: str, code: str = ""
) -> str:
    """Open a staff session; returns its token, of which the server keeps only a hash.

    Raises OperationRefused: `too_many_attempts`, `wrong_credentials` (the same answer after the same time
    whether the login or the password is wrong), SecondFactorNeeded, `wrong_second_factor`.
    """
    person = identify(club, login=login, password=password, address=address, code=code)
    return _open_session(club, person, address, user_agent)


def sign_in_with_code(
    club: ClubContext, *, ticket: str, code: str, address: str, user_agent: str
) -> str:
    """The second step, with the ticket of the first; returns the session's token.

    Raises OperationRefused: `sign_in_expired`, `wrong_second_factor`, `too_many_attempts`.
    """
    person = ticket_holder(club, ticket)
    if person is None:
        raise OperationRefused("sign_in_expired")
    second_factor.check(club, staff_id=person.id, code=code, actor=actor_of(person, address))
    return _open_session(club, person, address, user_agent)


def ticket_holder(club: ClubContext, ticket: str) -> Staff | None:
    """Who has given the right password a moment ago; None if nobody has, or too long ago."""
    found = _TICKET.fullmatch(ticket)
    if found is None:
        return None
    staff_id, issued_at = int(found[1]), int(found[2])
    if not 0 <= club.clock.now() - issued_at <= rules.TICKET_SECONDS:
        return None
    with club.read() as db:
        person = db.get(Staff, staff_id)
    if person is None or person.club_id != club.club_id or person.disabled_at is not None:
        return None
    right = hmac.compare_digest(_ticket(club, person, issued_at), ticket)
    return person if right else None


def _ticket(club: ClubContext, person: Staff, issued_at: int) -> str:
    """Signed over the password's hash, too: a changed password makes it worthless."""
    said = f"{person.id}.{issued_at}.{person.password_hash}".encode()
    key = hmac.digest(club.secret_key, b"lovhub sign-in ticket", hashlib.sha256)
    return f"{person.id}.{issued_at}.{hmac.digest(key, said, hashlib.sha256).hex()}"


def _with_right_password(club: ClubContext, login: str, password: str, address: str) -> Staff:
    with club.read() as db:
        staff = queries.by_login(db, club.club_id, login)
        keys = queries.throttle_keys(db, staff, login, address, club.clock.now())
    attempt = Attempt((club.failures_by_address, keys[0]), (club.failures_by_login, keys[1]))
    known = staff.password_hash if staff is not None else passwords.DECOY_HASH
    right = passwords.verify_password(known, password[: rules.LONGEST_PASSWORD])
    if staff is None or not right or staff.disabled_at is not None:
        with club.write() as work:
            # People type their password as the login: what is nobody's login is written down nowhere.
            known_as = "" if staff is None else staff.login
            stranger = Actor(kind="staff", name=known_as, address=address)
            journal.record(work, "staff.sign_in_failed", stranger)
        raise OperationRefused("wrong_credentials")
    # Earlier failures from this address stay: an own password must not buy guesses at those of others.
    attempt.was_right()
    club.failures_by_login.succeeded(keys[1])
    if passwords.needs_rehash(known) and _is_as_told(club, staff):
        newer_hash = passwords.hash_password(password)
        with club.write() as work:
            # Unless the password was changed at this very moment.
            renewed = work.db.execute(
                update(Staff)
                .where(Staff.id == staff.id, Staff.password_hash == known)
                .values(password_hash=newer_hash)
            )
        if renewed.rowcount:  # type: ignore[attr-defined]
            # What is signed over it now, such as the ticket to the second step, is asked with the new one.
            staff.password_hash = newer_hash
    return staff


def _is_as_told(club: ClubContext, staff: Staff) -> bool:
    """Not so of a hash that somebody has left in the file: of another the check would find nothing."""
    with club.read() as db:
        return standing.is_as_told(db, Staff.__tablename__, staff.id, "password_hash")


def _open_session(club: ClubContext, person: Staff, address: str, user_agent: str) -> str:
    token = session_tokens.issue(person.id)
    with club.write() as work:
        begun = _begun(work, club, token, address, user_agent)
        work.db.add(StaffSession(staff_id=person.id, **begun))
        journal.record(work, "staff.signed_in", actor_of(person, address))
    return token


def _begun(
    work: Work, club: ClubContext, token: str, address: str, user_agent: str
) -> dict[str, Any]:
    """The columns of a session that begins now, but for whose it is."""
    return {
        "token_hash": session_tokens.kept(club, token),
        "created_at": work.now,
        "last_seen_at": work.now,
        "expires_at": rules.signed_in_until(work.now, work.now),
        "confirmed_at": work.now,
        "address": address,
        "user_agent": user_agent[:200],
    }


def begin_anew(
    club: ClubContext,
    *,
    person: Person,
    staff_session_id: int,
    password: str,
    code: str,
    address: str,
    user_agent: str,
) -> str:
    """The person at this browser signs in once more, in the same session: its week begins anew.

    Returns the token that it has from now on. Raises what `sign_in` raises (`wrong_own_password` for a wrong one), and
    `sign_in_expired` where the session has ended meanwhile.
    """
    try:
        identify(club, login=person.login, password=password, address=address, code=code)
    except OperationRefused as refusal:
        if refusal.code == "wrong_credentials":
            raise OperationRefused("wrong_own_password") from None
        raise
    token = session_tokens.issue(person.id)
    with club.write() as work:
        renewed = work.db.execute(
            update(StaffSession)
            .where(
                StaffSession.id == staff_session_id,
                StaffSession.staff_id == person.id,
                StaffSession.revoked_at.is_(None),
            )
            .values(_begun(work, club, token, address, user_agent))
        )
        if not renewed.rowcount:  # type: ignore[attr-defined]
            raise OperationRefused("sign_in_expired")
        journal.record(work, "staff.signed_in", actor_of(person, address))
    return token


class Found(NamedTuple):
    """A live session, whose it is, what that person must do before anything else, and from where they may work."""

    session: SignIn
    person: Person
    duty: rules.Duty | None
    allowed: str


_PERSON = (
    Staff.id,
    Staff.login,
    Staff.name,
    Staff.role,
    Staff.language,
    Staff.password_must_change,
    Staff.totp_secret.is_not(None),
    Staff.totp_since,
)
"""What makes a Person, in their order."""

_SIGN_IN = (
    StaffSession.id,
    StaffSession.created_at,
    StaffSession.last_seen_at,
    StaffSession.confirmed_at,
)

_BY_TOKEN = Query(
    select(*_PERSON, *_SIGN_IN, Club.second_factor_roles, Club.staff_addresses)
    .select_from(StaffSession)
    .join(Staff, Staff.id == StaffSession.staff_id)
    .join(Club, Club.id == Staff.club_id)
    .where(
        StaffSession.token_hash == bindparam("token_hash"),
        StaffSession.staff_id == bindparam("holder"),
        Staff.club_id == bindparam("club"),
        StaffSession.revoked_at.is_(None),
        StaffSession.expires_at > bindparam("now"),
        Staff.disabled_at.is_(None),
    )
)


def session_by_token(club: ClubContext, token: str) -> Found | None:
    """The club's live session that `token` belongs to, in one statement; None if it is unknown, over or revoked.

    Each request asks it: it makes no objects of rows, for which nobody asks.
    """
    holder = session_tokens.holder(token)
    if holder is None:
        return None
    rows = club.database.ask(
        _BY_TOKEN,
        token_hash=session_tokens.kept(club, token),
        holder=holder,
        club=club.club_id,
        now=club.clock.now(),
    )
    if not rows:
        return None
    *found, required_roles, addresses = rows[0]
    person, session = Person(*found[: len(_PERSON)]), SignIn(*found[len(_PERSON) :])
    duty = rules.duty(
        password_must_change=person.password_must_change,
        has_second_factor=person.has_second_factor,
        role=person.role,
        required_roles=required_roles,
    )
    return Found(session, person, duty, addresses)


def keep_signed_in(club: ClubContext, session: SignIn) -> None:
    """The session was used: its idleness begins anew, but not its week. Written at most every TOUCH_SECONDS."""
    if club.clock.now() - session.last_seen_at < rules.TOUCH_SECONDS:
        return
    with club.write() as work:
        work.db.execute(
            update(StaffSession)
            .where(
                StaffSession.id == session.id,
                StaffSession.created_at
                == session.created_at,  # else another week has begun meanwhile
                StaffSession.revoked_at.is_(None),
            )
            .values(
                last_seen_at=work.now,
                expires_at=rules.signed_in_until(work.now, session.created_at),
            )
        )


def sign_out(club: ClubContext, *, staff_session_id: int, actor: Actor) -> None:
    """End a staff session. A second time changes nothing."""
    with club.write() as work:
        if sign_ins.end(work, StaffSession.id == staff_session_id):
            journal.record(work, "staff.signed_out", actor)


def reset_password(club: ClubContext, login: str, new_password: str) -> None:
    """Give somebody a new password, to be changed at the sign-in, and sign them out everywhere.

    Raises OperationRefused("login_unknown").
    """
    password_hash = passwords.hash_password(new_password)
    with club.write() as work:
        staff = queries.by_login(work.db, work.club_id, login)
        if staff is None:
            raise OperationRefused("login_unknown")
        staff.password_hash = password_hash
        staff.password_must_change = True
        sign_ins.end_all(work, staff.id)
        journal.record(
            work, "staff.password_reset", SYSTEM, staff_id=staff.id, person_name=staff.name
        )


def set_up_club(
    club: ClubContext,
    *,
    club_name: str,
    time_zone: str,
    currency: str,
    language: str = "ru",
    login: str,
    name: str,
    password: str,
) -> None:
    """Make the club and its owner, both or neither, once.

    Raises OperationRefused: `owner_exists`, or `invalid_fields` with a code for each wrong field.
    """
    problems = rules.owner_problems(login, name, password)
    for field, code in club_rules.club_problems(
        club_name, language, time_zone, currency, zoneinfo.available_timezones()
    ).items():
        problems["club_name" if field == "name" else field] = code
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    password_hash = passwords.hash_password(password)
    with club.write() as work:
        if not club_service.exists(work.db, work.club_id):
            club_service.found(
                work,
                name=club_name.strip(),
                time_zone=time_zone,
                currency=currency,
                language=language,
                minors_rule=club_rules.keeps_minors_home(currency),
            )
            ledger.open_club_accounts(work)
        _add_owner(work, login, name, password_hash, language)
