"""How long parts of the logs are kept. Money and what staff did with it are no part of this: they stay."""

from collections.abc import Mapping

DAY = 24 * 3600

SIGN_INS = (
    "customer.signed_in", "staff.signed_in", "staff.signed_out", "staff.signed_in_at_pc", "staff.sign_in_failed",
    "staff.second_factor_failed",
)  # fmt: skip
"""Events that tell who came in when and from where."""

MESSAGES = (
    "call.made", "call.repeated", "call.taken", "call.closed",
    "command.sent", "command.done", "command.failed", "command.expired",
)  # fmt: skip
"""Events that hold what players and the desk wrote to each other, and what PCs were asked to do."""

KINDS_THAT_GO = SIGN_INS + MESSAGES
"""The only events that the database lets go of: its trigger, made by a migration, has a list of its own."""

LEAST_DAYS = 30
LEAST_SIGN_IN_DAYS = 90
"""By sign-ins of the last 60 days a login is counted apart where its owner works or plays."""
MOST_DAYS = 3650

MOST_DAYS_A_NIGHT = 31
"""No more of the oldest goes in one night: a clock that is years ahead costs a month, and is noticed by then."""


def goes_before(
    now: int, keep_days: int, oldest_at: int | None, needed_from: int | None = None
) -> int | None:
    """What is older than this instant goes tonight; None if nothing is that old.

    `needed_from`: from there on it is still to be summed up for the reports.
    """
    if oldest_at is None:
        return None
    limit = min(now - keep_days * DAY, oldest_at + MOST_DAYS_A_NIGHT * DAY)
    if needed_from is not None:
        limit = min(limit, needed_from)
    return limit if oldest_at < limit else None


def told(removed: Mapping[str, int]) -> dict[str, int]:
    """What the journal says of a night: how many of each, without those of which none went."""
    return {what: count for what, count in removed.items() if count}
