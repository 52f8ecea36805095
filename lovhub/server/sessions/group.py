"""What the desk does at several PCs at once: time for everybody after a failure, pause, resume, end.

Giving time is one transaction under one key. What only runs sessions is one operation a PC, and some may refuse.
"""

from collections.abc import Callable, Collection

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.lots import service as lots_service
from lovhub.server.sessions import rules, service
from lovhub.server.sessions.models import IS_LIVE, PlaySession
from lovhub.server.sessions.parts import posting_key
from lovhub.server.sessions.sale import once
from lovhub.server.sessions.together import (
    Outcome,
    done_before,
    in_one_order,
    lengthen,
    who_sits_at,
)


def give_time(
    club: ClubContext,
    *,
    computer_ids: Collection[int] | None,
    seconds: int,
    title: str,
    reason: str,
    key: str,
    actor: Actor,
) -> tuple[Outcome, ...]:
    """Give time without money to those who play at these PCs, and say why. None: to all that play now.

    `title` is what the time is called on the player's screen. Refused with `invalid_fields` (minutes, reason)
    and `nobody_plays`; a PC where nobody plays is named.
    """
    problems = {}
    if problem := rules.extra_seconds_problem(seconds):
        problems["minutes"] = problem
    if not reason.strip():
        problems["reason"] = "reason_missing"
    if problems:
        raise OperationRefused("invalid_fields", **problems)

    def attempt() -> tuple[Outcome, ...]:
        with club.write() as work:
            if ledger.find_posting(work.db, work.club_id, key) is not None:
                return done_before(work, key, "time.given")
            outcomes = []
            number = 0
            given: set[int | None] = set()
            for computer_id, sitting in who_sits_at(work, computer_ids):
                if sitting is None or sitting.row.customer_id in given - {None}:
                    refusal = "nobody_plays" if sitting is None else "already_elsewhere"
                    outcomes.append(Outcome(computer_id, refusal=refusal))
                    continue
                number += 1
                given.add(sitting.row.customer_id)
                lot = lots_service.grant(
                    work,
                    title=title,
                    seconds=seconds,
                    customer_id=sitting.row.customer_id,
                    guest_session_id=None if sitting.row.customer_id else sitting.row.id,
                    key=posting_key(key, number),
                    reason=reason,
                    actor=actor,
                )
                journal.record(
                    work,
                    "time.given",
                    actor,
                    computer_id=computer_id,
                    customer_id=sitting.row.customer_id,
                    session_id=sitting.row.id,
                    lot_id=lot.id,
                    seconds=seconds,
                    reason=reason.strip(),
                    operation=key,
                )
                lengthen(work, sitting, actor)
                outcomes.append(Outcome(computer_id, sitting.row.id))
            if number == 0:
                raise OperationRefused("nobody_plays")
            return tuple(outcomes)

    return once(attempt)


def pause(club: ClubContext, *, computer_ids: Collection[int], actor: Actor) -> tuple[Outcome, ...]:
    """Stop the clock at each PC."""
    return _each(
        club,
        computer_ids,
        lambda session_id: service.pause(club, session_id=session_id, actor=actor),
    )


def resume(
    club: ClubContext, *, computer_ids: Collection[int], actor: Actor
) -> tuple[Outcome, ...]:
    """Go on at each PC."""
    return _each(
        club,
        computer_ids,
        lambda session_id: service.resume(club, session_id=session_id, actor=actor),
    )


def end(club: ClubContext, *, computer_ids: Collection[int], actor: Actor) -> tuple[Outcome, ...]:
    """End the session at each PC."""
    return _each(
        club,
        computer_ids,
        lambda session_id: service.end(
            club, session_id=session_id, actor=actor, reason="ended_by_desk"
        ),
    )


def _each(
    club: ClubContext, computer_ids: Collection[int], operation: Callable[[int], None]
) -> tuple[Outcome, ...]:
    asked = in_one_order(computer_ids)
    with club.read() as db:
        live = dict(
            iter(
                db.execute(
                    select(PlaySession.computer_id, PlaySession.id).where(
                        PlaySession.club_id == club.club_id,
                        PlaySession.computer_id.in_(asked),
                        IS_LIVE,
                    )
                )
            )
        )
    outcomes = []
    for computer_id in asked:
        session_id = live.get(computer_id)
        refusal = "" if session_id is not None else "nobody_plays"
        if session_id is not None:
            try:
                operation(session_id)
            except OperationRefused as refused:
                refusal = refused.code
        outcomes.append(Outcome(computer_id, session_id, refusal))
    return tuple(outcomes)
