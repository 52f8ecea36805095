"""Writing messages down and keeping what became of them. The only writer of notices; nothing here waits for anybody."""

from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext, Work
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import sealing
from lovhub.server.notices import queries, rules, troubles
from lovhub.server.notices.models import Notice, NoticeTarget, Trouble
from lovhub.server.reports.rules import ClubDays

_DUE = Query(
    select(Notice.id, Notice.due_at)
    .where(
        Notice.club_id == bindparam("club"),
        Notice.state == "waiting",
        Notice.due_at <= bindparam("now"),
    )
    .order_by(Notice.due_at, Notice.id)
    .limit(1)
)

CLAIM_SECONDS = 120
"""How long one node has for sending: if it dies over it, the message is sent again after that."""


def set_target(
    club: ClubContext,
    *,
    email: str,
    telegram: str,
    actor: Actor,
    apprise: bool | None = None,
    of_troubles: bool | None = None,
    daily_head: bool | None = None,
) -> None:
    """Where messages go from now on, those that wait too, and of what (None: as before).

    Raises OperationRefused("invalid_fields").
    """
    email, telegram = email.strip(), telegram.strip()
    problems = rules.target_problems(email=email, telegram=telegram)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        target = work.db.get(NoticeTarget, work.club_id)
        if target is None:
            target = NoticeTarget(
                club_id=work.club_id,
                email="",
                telegram="",
                apprise=False,
                troubles=True,
                daily_head=True,
            )
            work.db.add(target)
        before = queries.target(work.db, work.club_id)
        target.email, target.telegram = email, telegram
        target.apprise = target.apprise if apprise is None else apprise
        target.troubles = target.troubles if of_troubles is None else of_troubles
        target.daily_head = target.daily_head if daily_head is None else daily_head
        if before == queries.target(work.db, work.club_id):
            return
        # Whoever is told from now on hears of what goes on already.
        work.db.execute(delete(Trouble).where(Trouble.club_id == work.club_id))
        # Addresses stay out of the journal, which can never be changed.
        journal.record(
            work,
            "notice.target_set",
            actor,
            email=bool(email),
            telegram=bool(telegram),
            apprise=target.apprise,
            troubles=target.troubles,
            daily_head=target.daily_head,
        )


def tell_of_shift(work: Work, shift_id: int) -> None:
    """The owner is to hear of a shift that this operation closes; nothing where no target is set."""
    _write(work, "shift_closed", shift_id)


def send_test(club: ClubContext, *, actor: Actor) -> int:
    """A message to every target, to see whether it arrives; how many. Refused with `notice_target_missing`."""
    with club.write() as work:
        count = _write(work, "test", None)
        if not count:
            raise OperationRefused("notice_target_missing")
        journal.record(work, "notice.test", actor)
        return count


def tell_of_head_if_due(club: ClubContext) -> bool:
    """Once in each of the club's days: the head of the books' chain. Returns whether a message was written.

    Not where a shift's message of this day has carried it, nor where nothing was ever booked.
    """
    with club.read() as db:
        if not _head_is_due(db, club.club_id, club.clock.now()):
            return False
    with club.write() as work:
        # Asked again under the lock: another node may have written it.
        work.db.get(NoticeTarget, work.club_id, with_for_update=True)
        if not _head_is_due(work.db, work.club_id, work.now):
            return False
        return bool(_write(work, "ledger_head", None))


def _head_is_due(db: Session, club_id: int, now: int) -> bool:
    if not queries.wants_head(db, club_id) or sealing.last_block(db, club_id) is None:
        return False
    row = db.get_one(Club, club_id)
    days = ClubDays(row.time_zone, row.day_starts_at)
    told_at = queries.head_told_at(db, club_id)
    return told_at is None or told_at < days.begin(days.day_of(now))


def tell_of_troubles(club: ClubContext, seen: dict[str, dict[str, list[Any]]]) -> None:
    """Write down what begins and what is over, each with a message. `seen`: kind → what of it is seen now."""
    with club.write() as work:
        # One node at a time: of two that look at once the second finds everything told.
        work.db.get(NoticeTarget, work.club_id, with_for_update=True)
        rows = {
            row.kind: row
            for row in work.db.scalars(select(Trouble).where(Trouble.club_id == work.club_id))
        }
        known = {kind: row.gone_at for kind, row in rows.items()}
        changes = troubles.plan(known, seen, work.now)
        for kind in changes.begun:
            work.db.add(Trouble(club_id=work.club_id, kind=kind, since=work.now))
            _write(work, "trouble", None, trouble=kind, **seen[kind])
        for kind in changes.back:
            rows[kind].gone_at = None
        for kind in changes.gone:
            rows[kind].gone_at = work.now
        for kind in changes.over:
            row = rows[kind]
            _write(work, "trouble_over", None, trouble=kind, since=row.since, until=row.gone_at)
            work.db.delete(row)


def _write(work: Work, kind: str, shift_id: int | None, **data: Any) -> int:
    ways = queries.target(work.db, work.club_id).by_way
    for way in ways:
        work.db.add(
            Notice(
                club_id=work.club_id,
                kind=kind,
                way=way,
                shift_id=shift_id,
                created_at=work.now,
                due_at=work.now,
                data=data,
            )
        )
    return len(ways)


def take(club: ClubContext) -> Notice | None:
    """The next message that is due, for this node alone for a while; None if there is none. Old ones are given up."""
    with club.read() as db:
        due = _DUE.first(db, club=club.club_id, now=club.clock.now())
    if due is None:
        return None
    notice_id, due_at = due
    with club.write() as work:
        taken = work.db.scalars(
            update(Notice)
            .where(Notice.id == notice_id, Notice.state == "waiting", Notice.due_at == due_at)
            .values(due_at=work.now + CLAIM_SECONDS, attempts=Notice.attempts + 1)
            .returning(Notice)
        ).one_or_none()
        if taken is not None and rules.is_over(work.now - taken.created_at):
            _end(work, taken, "given_up", taken.problem)
            journal.record(work, "notice.given_up", SYSTEM, way=taken.way, shift_id=taken.shift_id)
    return taken


def sent(club: ClubContext, notice_id: int) -> None:
    """It has arrived at the mail server, at Telegram or at the service behind Apprise."""
    with club.write() as work:
        _end(work, work.db.get_one(Notice, notice_id), "sent", "")


def failed(club: ClubContext, notice_id: int, problem: str) -> None:
    """It did not work: again later."""
    with club.write() as work:
        notice = work.db.get_one(Notice, notice_id)
        if notice.state == "waiting":
            notice.problem = problem
            notice.due_at = work.now + rules.pause_after(notice.attempts)


def _end(work: Work, notice: Notice, state: str, problem: str) -> None:
    notice.state, notice.problem, notice.ended_at = state, problem, work.now
