"""Questions about staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from lovhub.server.club.models import Club
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.search_key import search_key
from lovhub.server.staff.devices import Device, device_of
from lovhub.server.staff.models import RecoveryCode, Staff, StaffSession
from lovhub.server.staff.rules import KNOWN_PLACE_SECONDS
from lovhub.server.throttle import place_of

PAGE_SIZE = 50


def owner_exists(db: Session, club_id: int) -> bool:
    """Whether the club is set up: somebody owns it."""
    return bool(db.scalar(select(exists().where(Staff.club_id == club_id, Staff.role == "owner"))))


def by_login(db: Session, club_id: int, login: str) -> Staff | None:
    """The person with this login, however it is spelled."""
    return db.scalars(
        select(Staff).where(Staff.club_id == club_id, Staff.login_key == search_key(login))
    ).one_or_none()


def throttle_keys(
    db: Session, staff: Staff | None, login: str, address: str, now: int
) -> tuple[str, str]:
    """Under which keys a failed sign-in counts: of the address, and of the login.

    At an address from which the person has signed in the login is counted apart: a stranger on the Wi-Fi who guesses
    on purpose locks nobody out of the desk.
    """
    key = f"staff {search_key(login)}"
    known_here = select(StaffSession.id).where(
        # The same work for a login that is nobody's.
        StaffSession.staff_id == (0 if staff is None else staff.id),
        StaffSession.address == address,
        StaffSession.created_at > now - KNOWN_PLACE_SECONDS,
    )
    is_known = db.scalar(known_here.limit(1)) is not None
    # On IPv6 the whole network counts as one stranger, but the desk in it is none.
    place = address if is_known else place_of(address)
    return f"staff {place}", f"{key} {address}" if is_known else key


@dataclass(frozen=True)
class PersonRow:
    """A person as lists show them. `last_seen_at`: None for somebody who never signed in."""

    id: int
    login: str
    name: str
    role: str
    language: str
    created_at: int
    disabled_at: int | None
    password_must_change: bool
    second_factor_since: int | None
    last_seen_at: int | None


@dataclass(frozen=True)
class SignInRow:
    """A live staff session as lists show it."""

    id: int
    staff_id: int
    name: str
    role: str
    address: str
    device: Device
    created_at: int
    last_seen_at: int


@dataclass(frozen=True)
class SignInPage:
    """Part of a list. `next_after`: the session's id to go on after; None at the end."""

    rows: list[SignInRow]
    next_after: int | None


def person(db: Session, club_id: int, staff_id: int) -> Staff:
    """The person; OperationRefused("person_unknown")."""
    found = db.get(Staff, staff_id)
    if found is None or found.club_id != club_id:
        raise OperationRefused("person_unknown")
    return found


def locked(db: Session, club_id: int, staff_id: int) -> Staff:
    """The person, in an operation that changes who may do what: such operations wait for one another.

    Otherwise two owners could take each other's role away in the same moment, and leave the club none.
    """
    db.execute(select(Club.id).where(Club.id == club_id).with_for_update(key_share=True))
    return person(db, club_id, staff_id)


def name_of(db: Session, staff_id: int) -> str:
    """What the person is called."""
    return db.get_one(Staff, staff_id).name


def names(db: Session, club_id: int) -> dict[int, str]:
    """Everybody who has or had an account, by id: those who may sign in first, then by name."""
    rows = db.execute(
        select(Staff.id, Staff.name)
        .where(Staff.club_id == club_id)
        .order_by(Staff.disabled_at.is_not(None), Staff.name, Staff.id)
    )
    return dict(iter(rows))


def people(
    db: Session, club_id: int, *, roles: Iterable[str], staff_id: int | None = None
) -> list[PersonRow]:
    """Everybody of these roles, those who may sign in first. Accounts are few: made by hand, one by one."""
    last_seen = (
        select(func.max(StaffSession.last_seen_at))
        .where(StaffSession.staff_id == Staff.id)
        .correlate(Staff)
        .scalar_subquery()
    )
    statement = (
        select(Staff, last_seen)
        .where(Staff.club_id == club_id, Staff.role.in_(tuple(roles)))
        .order_by(Staff.disabled_at.is_not(None), Staff.name, Staff.id)
    )
    if staff_id is not None:
        statement = statement.where(Staff.id == staff_id)
    return [
        PersonRow(
            id=staff.id,
            login=staff.login,
            name=staff.name,
            role=staff.role,
            language=staff.language,
            created_at=staff.created_at,
            disabled_at=staff.disabled_at,
            password_must_change=staff.password_must_change,
            second_factor_since=staff.totp_since,
            last_seen_at=seen,
        )
        for staff, seen in db.execute(statement)
    ]


def person_row(db: Session, club_id: int, staff_id: int, *, roles: Iterable[str]) -> PersonRow:
    """One of them; OperationRefused("person_unknown"), also for somebody of another role."""
    found = people(db, club_id, roles=roles, staff_id=staff_id)
    if not found:
        raise OperationRefused("person_unknown")
    return found[0]


def account_of(db: Session, staff_id: int) -> str:
    """The login of the customer account under which the person plays; "" if none is known."""
    login = db.scalar(
        select(Customer.login)
        .join(Staff, Staff.customer_id == Customer.id)
        .where(Staff.id == staff_id)
    )
    return login or ""


def recovery_codes_left(db: Session, staff_id: int) -> int:
    """How many recovery codes still open something."""
    return db.scalar(
        select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    ) or 0  # fmt: skip


def sign_in_by_id(db: Session, club_id: int, staff_session_id: int) -> StaffSession | None:
    """A session of one of the club's people."""
    return db.scalars(
        select(StaffSession)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(Staff.club_id == club_id, StaffSession.id == staff_session_id)
    ).one_or_none()


def live_sign_ins(
    db: Session,
    club_id: int,
    now: int,
    *,
    staff_id: int | None = None,
    after: int | None = None,
    limit: int = PAGE_SIZE,
) -> SignInPage:
    """Sessions that are open now, of a person or of everybody, the newest first."""
    statement = (
        select(StaffSession, Staff.name, Staff.role)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            Staff.club_id == club_id,
            Staff.disabled_at.is_(None),
            StaffSession.revoked_at.is_(None),
            StaffSession.expires_at > now,
        )
        .order_by(StaffSession.id.desc())
        .limit(limit + 1)
    )
    if staff_id is not None:
        statement = statement.where(StaffSession.staff_id == staff_id)
    if after is not None:
        statement = statement.where(StaffSession.id < after)
    found = [
        SignInRow(
            id=session.id,
            staff_id=session.staff_id,
            name=name,
            role=role,
            address=session.address,
            device=device_of(session.user_agent),
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
        )
        for session, name, role in db.execute(statement)
    ]
    shown = found[:limit]
    return SignInPage(shown, shown[-1].id if len(found) > limit else None)
