"""Writing messages down and keeping what became of them. The only writer of notices; nothing here waits for anybody."""

from sqlalchemy import select, update

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.notices import rules
from lovhub.server.notices.models import Notice, NoticeTarget

CLAIM_SECONDS = 120
"""How long one node has for sending: if it dies over it, the message is sent again after that."""


def set_target(club: ClubContext, *, email: str, telegram: str, actor: Actor) -> None:
    """Where messages go from now on, those that wait too. Raises OperationRefused("invalid_fields")."""
    email, telegram = email.strip(), telegram.strip()
    problems = rules.target_problems(email=email, telegram=telegram)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        target = work.db.get(NoticeTarget, work.club_id)
        if target is None:
            target = NoticeTarget(club_id=work.club_id, email="", telegram="")
            work.db.add(target)
        if (target.email, target.telegram) == (email, telegram):
            return
        target.email, target.telegram = email, telegram
        # Addresses stay out of the journal, which can never be changed.
        journal.record(work, "notice.target_set", actor, email=bool(email), telegram=bool(telegram))


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


def _write(work: Work, kind: str, shift_id: int | None) -> int:
    target = work.db.get(NoticeTarget, work.club_id)
    ways = [way for way in rules.WAYS if target is not None and getattr(target, way)]
    for way in ways:
        work.db.add(
            Notice(
                club_id=work.club_id,
                kind=kind,
                way=way,
                shift_id=shift_id,
                created_at=work.now,
                due_at=work.now,
            )
        )
    return len(ways)


def take(club: ClubContext) -> Notice | None:
    """The next message that is due, for this node alone for a while; None if there is none. Old ones are given up."""
    with club.read() as db:
        due = db.execute(
            select(Notice.id, Notice.due_at)
            .where(
                Notice.club_id == club.club_id,
                Notice.state == "waiting",
                Notice.due_at <= club.clock.now(),
            )
            .order_by(Notice.due_at, Notice.id)
            .limit(1)
        ).one_or_none()
    if due is None:
        return None
    with club.write() as work:
        taken = work.db.scalars(
            update(Notice)
            .where(Notice.id == due.id, Notice.state == "waiting", Notice.due_at == due.due_at)
            .values(due_at=work.now + CLAIM_SECONDS, attempts=Notice.attempts + 1)
            .returning(Notice)
        ).one_or_none()
        if taken is not None and rules.is_over(work.now - taken.created_at):
            _end(work, taken, "given_up", taken.problem)
            journal.record(work, "notice.given_up", SYSTEM, way=taken.way, shift_id=taken.shift_id)
    return taken


def sent(club: ClubContext, notice_id: int) -> None:
    """It has arrived at the mail server or at Telegram."""
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
