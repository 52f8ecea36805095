"""Questions about messages to the owner."""

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from lovhub.server.notices.models import Notice, NoticeTarget, Trouble
from lovhub.server.shifts.models import Shift
from lovhub.server.staff.models import Staff

LATEST = 20
TROUBLE_DAYS = 7


@dataclass(frozen=True)
class NoticeRow:
    """A message as the list shows it. `trouble`: which one it tells of."""

    id: int
    kind: str
    way: str
    shift_number: int | None
    created_at: int
    due_at: int
    attempts: int
    state: str
    ended_at: int | None
    problem: str
    trouble: str = ""


@dataclass(frozen=True)
class Target:
    """Where messages go, and of what beside shifts: of both unless somebody said otherwise."""

    email: str = ""
    telegram: str = ""
    apprise: bool = False
    troubles: bool = True
    daily_head: bool = True

    @property
    def by_way(self) -> dict[str, str]:
        """Every way that is wanted → to whom; Apprise's address in `config.ini` says that itself."""
        found = {"email": self.email, "telegram": self.telegram}
        wanted = {way: to for way, to in found.items() if to}
        return {**wanted, "apprise": ""} if self.apprise else wanted


def target(db: Session, club_id: int) -> Target:
    """Who is told, and of what."""
    row = db.get(NoticeTarget, club_id)
    if row is None:
        return Target()
    return Target(row.email, row.telegram, row.apprise, row.troubles, row.daily_head)


def wants_troubles(db: Session, club_id: int) -> bool:
    """Whether there is somebody to be told of troubles."""
    found = target(db, club_id)
    return bool(found.by_way) and found.troubles


def wants_head(db: Session, club_id: int) -> bool:
    """Whether there is somebody to be told of the chain's head each day."""
    found = target(db, club_id)
    return bool(found.by_way) and found.daily_head


def open_troubles(db: Session, club_id: int) -> dict[str, int | None]:
    """Kind of each trouble that was told of and is not over → since when it is seen no more."""
    rows = db.execute(select(Trouble.kind, Trouble.gone_at).where(Trouble.club_id == club_id))
    return {row.kind: row.gone_at for row in rows}


def head_told_at(db: Session, club_id: int) -> int | None:
    """When a message with the chain's head was last written; None before the first."""
    return db.scalar(
        select(func.max(Notice.created_at)).where(
            Notice.club_id == club_id, Notice.kind.in_(("shift_closed", "ledger_head"))
        )
    )


def latest(db: Session, club_id: int) -> list[NoticeRow]:
    """The newest messages first; one statement."""
    rows = db.execute(
        select(Notice, Shift.number)
        .outerjoin(Shift, Shift.id == Notice.shift_id)
        .where(Notice.club_id == club_id)
        .order_by(Notice.id.desc())
        .limit(LATEST)
    )
    return [
        NoticeRow(
            one.id, one.kind, one.way, number, one.created_at, one.due_at, one.attempts, one.state,
            one.ended_at, one.problem, one.data.get("trouble", ""),
        )
        for one, number in rows
    ]  # fmt: skip


def trouble(db: Session, club_id: int, now: int) -> int:
    """How many messages have failed more than once and wait, or were given up within a week."""
    return (
        db.scalar(
            select(func.count()).where(
                Notice.club_id == club_id,
                or_(
                    and_(Notice.state == "waiting", Notice.attempts > 1, Notice.problem != ""),
                    and_(
                        Notice.state == "given_up",
                        Notice.due_at > now - TROUBLE_DAYS * 24 * 3600,
                    ),
                ),
            )
        )
        or 0
    )


def owners_language(db: Session, club_id: int) -> str | None:
    """The language of the club's first owner; None where there is none."""
    return db.scalar(
        select(Staff.language)
        .where(Staff.club_id == club_id, Staff.role == "owner", Staff.disabled_at.is_(None))
        .order_by(Staff.id)
        .limit(1)
    )
