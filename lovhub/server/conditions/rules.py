"""Who may sit at a PC that is broken or kept for somebody: pure decisions."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Kind = Literal["broken", "kept"]

LONGEST_KEPT_SECONDS = 24 * 3600
"""A PC kept for longer is a PC forgotten."""

LONGEST_TEXT = 120


@dataclass(frozen=True)
class Standing:
    """What is the matter with a PC. `customer_id`: for whom it is kept, if that is a registered customer."""

    kind: Kind
    since_at: int
    until_at: int | None = None
    customer_id: int | None = None


def is_over(standing: Standing, now: int) -> bool:
    """Whether it has ended by itself."""
    return standing.until_at is not None and standing.until_at <= now


def refusal(
    standing: Standing | None, *, now: int, customer_id: int | None, despite_kept: bool = False
) -> str:
    """Why nobody may sit down here: `computer_broken`, `computer_kept`, or "" if they may.

    `customer_id`: who would sit (None for a guest). `despite_kept`: the desk seats them on purpose, or has sold
    them this very PC since it was kept. Nothing seats anybody at a broken PC.
    """
    if standing is None or is_over(standing, now):
        return ""
    if standing.kind == "broken":
        return "computer_broken"
    expected = customer_id is not None and customer_id == standing.customer_id
    return "" if expected or despite_kept else "computer_kept"


def was_sold_since(standing: Standing | None, sold_at: int) -> bool:
    """Whether a code for this PC was sold when the PC was already kept: the desk then meant it."""
    return standing is not None and sold_at >= standing.since_at


def kept_problem(until_at: int, now: int) -> str:
    """Why a PC cannot be kept until then; "" if it can."""
    return "" if now < until_at <= now + LONGEST_KEPT_SECONDS else "kept_until_out_of_range"


def next_moment(typed: time, *, now: int, time_zone: str) -> int:
    """The next instant at which the club's clocks show this time: today, or tomorrow if it has passed."""
    zone = ZoneInfo(time_zone)
    local = datetime.fromtimestamp(now, UTC).astimezone(zone)
    moment = local.replace(hour=typed.hour, minute=typed.minute, second=0, microsecond=0)
    if moment <= local:
        moment = (local + timedelta(days=1)).replace(
            hour=typed.hour, minute=typed.minute, second=0, microsecond=0
        )
    return int(moment.timestamp())


def suggested_until(now: int) -> int:
    """An hour from now, at a full five minutes."""
    return -(-(now + 3600) // 300) * 300
