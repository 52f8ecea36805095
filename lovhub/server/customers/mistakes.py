"""Who may undo what was booked by mistake at the desk, where nothing of it can have been spent."""

from collections.abc import Iterable

from lovhub.server.actor import Actor
from lovhub.server.customers import rules
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.staff import rights


def check_mistake(
    actor: Actor, postings: Iterable[LedgerPosting], *, booked_at: int, now: int, reason: str
) -> None:
    """Let pass whoever booked all of `postings`, the oldest of it at `booked_at`, within two minutes; later a manager.

    Raises OperationRefused: `take_back_not_yours`, `take_back_too_late`, `invalid_fields` (reason).
    """
    problem = rules.take_back_problem(
        rules.TopUpBooked(0, 0, now - booked_at),
        by_author=all((one.actor_kind, one.actor_id) == (actor.kind, actor.id) for one in postings),
        may_take_back_any=rights.may(actor.role, "take_back_money"),
        reason=reason,
    )
    if problem.startswith("reason_"):
        raise OperationRefused("invalid_fields", reason=problem)
    if problem:
        raise OperationRefused(problem)
