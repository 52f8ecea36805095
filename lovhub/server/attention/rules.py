"""What needs a person, and who may take it: pure decisions."""

ENDING_SECONDS = 600
"""A session with no more than this is about to end."""

NIGHT_SECONDS = 1800
"""What the night ends is told so long before."""

LONGEST_WARNING_SECONDS = max(ENDING_SECONDS, NIGHT_SECONDS)
"""Whoever has longer than this is asked nothing."""

SAME_END_SECONDS = 60
"""A session that was lengthened by less than this is still the one that was dismissed."""

REASONS = ("device", "game", "money", "other")
"""Why a player calls."""

LONGEST_TEXT = 200
LONGEST_NOTE = 500


def is_ending(state: str, seconds_left: int, *, at_night: bool = False) -> bool:
    """Whether the desk should ask the player now. Where the time stands still, nothing ends.

    `at_night`: the rule on minors ends it, and a document or a parent takes longer to find than money.
    """
    soon = NIGHT_SECONDS if at_night else ENDING_SECONDS
    return state == "active" and seconds_left <= soon


def is_dismissed(*, ends_at: int, dismissed_until: int | None) -> bool:
    """Whether this very end was seen by somebody; one that was put off since then is not."""
    return dismissed_until is not None and ends_at <= dismissed_until + SAME_END_SECONDS


def may_take(*, taken_by: int | None, closed: bool, by: int | None) -> str:
    """A person wants to see to it: "" if it is theirs (also when it was before), or why not."""
    if closed:
        return "already_closed"
    if taken_by is not None and taken_by != by:
        return "already_taken"
    return ""
