"""Who may play at night, until when, and what is sold to whom. Pure; `docs/billing.md` says it in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from lovhub.server.sessions.lot_seconds import LotSeconds, seconds_left
from lovhub.server.sessions.rules import Decision
from lovhub.server.tariffs.rules import DAY_SECONDS, Calendar

ADULT_YEARS = 18
OLDEST_YEARS = 120
NIGHT_FROM = 22 * 3600
NIGHT_UNTIL = 6 * 3600
"""By the club's clock, in seconds after midnight (article 132 of the code on administrative offences)."""

AT_ONCE_SECONDS = 60
"""A PC's own count may be so much ahead of the clock when it stops for the night."""

REST_CODE_SECONDS = 30 * DAY_SECONDS
"""How long a guest who was sent home may come back for the rest."""

Leave = Literal["", "adult", "accompanied"]
LEAVES: tuple[Leave, ...] = ("adult", "accompanied")
DOCUMENTS = ("id_card", "passport", "birth_certificate", "other")
"""Kinds of documents by which staff confirm an age; never a number."""

Standing = Literal["adult", "minor", "unconfirmed"]
Stop = Literal["", "minor", "unconfirmed"]
"""Why a sitting will be stopped for the night, or was: "" if it will not."""

NIGHT = "night"
"""The reason for which such a session ends or stands still."""

_GIVEN_UP = ("lease_over", "released")
"""Ends of a session whose PC is silent: by the owner's rule, or by a person."""

_SOLD_FOR_TODAY = ("package", "fixed_end")


@dataclass(frozen=True)
class Age:
    """What the club knows of somebody's age. `confirmed`: staff have seen a document."""

    birth_date: date | None = None
    confirmed: bool = False


UNKNOWN = Age()
"""A guest, or an account without a birth date."""


def adult_from(birth_date: date) -> date:
    """The day on which somebody turns 18; born on 29 February, the 1 March of a year without one."""
    try:
        return birth_date.replace(year=birth_date.year + ADULT_YEARS)
    except ValueError:
        return date(birth_date.year + ADULT_YEARS, 3, 1)


def years_old(birth_date: date, today: date) -> int:
    """Full years."""
    not_yet = (today.month, today.day) < (birth_date.month, birth_date.day)
    return today.year - birth_date.year - not_yet


def birth_date_problem(birth_date: date, today: date) -> str:
    """Why nobody alive was born then; "" if they may have been."""
    return "" if 0 <= years_old(birth_date, today) <= OLDEST_YEARS else "birth_date_out_of_range"


def read_date(text: str) -> date | None:
    """«2009-01-16» or «16.01.2009» as a date; None if it is none."""
    parts = text.strip().split("-")
    if len(parts) == 1:
        parts = text.strip().split(".")[::-1]
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    if len(parts[0]) != 4:
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def standing(age: Age, today: date) -> Standing:
    """What they are today, as far as the club knows."""
    if age.birth_date is not None and today < adult_from(age.birth_date):
        return "minor"
    return "adult" if age.birth_date is not None and age.confirmed else "unconfirmed"


def seconds_allowed(age: Age, leave: str, calendar: Calendar, now: int) -> int | None:
    """How long they may play on from now; 0: not at all, None: the rule does not stop them."""
    today = calendar.day(now)
    if leave or standing(age, today) == "adult":
        return None
    if now < calendar.instant(today, NIGHT_UNTIL):
        return 0
    return max(0, calendar.instant(today, NIGHT_FROM) - now)


def stopped_since(age: Age, leave: str, calendar: Calendar, since: int, now: int) -> int | None:
    """When a night that began after `since` stopped them, whatever the hour is now; None: none did."""
    day = calendar.day(since)
    begins_at = calendar.instant(day, NIGHT_FROM)
    if begins_at <= since:
        begins_at = calendar.instant(date.fromordinal(day.toordinal() + 1), NIGHT_FROM)
    stays = leave or standing(age, calendar.day(begins_at)) == "adult"
    return None if stays or begins_at > now else begins_at


def morning_after(calendar: Calendar, now: int) -> int:
    """When the night that is on, or comes next, is over."""
    today = calendar.day(now)
    this_morning = calendar.instant(today, NIGHT_UNTIL)
    if now < this_morning:
        return this_morning
    return calendar.instant(date.fromordinal(today.toordinal() + 1), NIGHT_UNTIL)


def night_refusal(age: Age, today: date) -> str:
    """Why somebody without a leave does not play at night, as a code."""
    return "minor_at_night" if standing(age, today) == "minor" else "age_unconfirmed"


def leave_problem(leave: str, age: Age, today: date) -> str:
    """Why this leave cannot be given; "" if it can."""
    if leave not in LEAVES:
        return "choice_unknown"
    return "minor_by_birth_date" if leave == "adult" and standing(age, today) == "minor" else ""


def sale_refusal(
    age: Age, leave: str, calendar: Calendar, now: int, *, kind: str, begins_in: int, seconds: int
) -> str:
    """Why this time is not sold, as a code; "" if it is. `begins_in`: what is played before it."""
    allowed = seconds_allowed(age, leave, calendar, now)
    if allowed is None or kind not in _SOLD_FOR_TODAY or begins_in + seconds <= allowed:
        return ""
    if standing(age, calendar.day(now)) == "minor":
        return "minor_past_night"
    return "age_unconfirmed_past_night" if kind == "fixed_end" else ""


def bounded(lots: Sequence[LotSeconds], allowed: int | None) -> list[LotSeconds]:
    """The lots as they may be played: as if all of them expired when the night begins."""
    if allowed is None:
        return list(lots)
    return [
        replace(lot, expires_in=allowed if lot.expires_in is None else min(lot.expires_in, allowed))
        for lot in lots
    ]


def stop(lots: Sequence[LotSeconds], allowed: int | None, age: Age, today: date) -> Stop:
    """Whether the night will stop them (or has), and not the end of their time."""
    if allowed is None or seconds_left(lots) <= allowed:
        return ""
    return "minor" if standing(age, today) == "minor" else "unconfirmed"


def as_stopped(
    decision: Decision, lots: Sequence[LotSeconds], allowed: int | None, *, minor: bool
) -> Decision:
    """The decision as it is where a session ends for the night only: a minor's ends so, another one stands still.

    `lots`: as they were before the decision, not bounded by the night. A silent PC has stopped with the night as
    well, so what is given up of it then is no leaving either.
    """
    session = decision.session
    if session.state != "ended" or allowed is None:
        return decision
    if session.end_reason in _GIVEN_UP:
        if allowed > 0:
            return decision
    elif session.end_reason != "time_over" or allowed > AT_ONCE_SECONDS:
        return decision
    consumed = sum(move.seconds for move in decision.moves if move.kind == "consume")
    if seconds_left(lots) - consumed <= allowed:
        return decision
    stopped = replace(session, end_reason=NIGHT)
    if not minor:
        stopped = replace(
            session,
            state="paused",
            pause_reason=NIGHT,
            ended_at=None,
            end_reason="",
            due_at=None,
            unreachable_since_at=None,
        )
    return replace(decision, session=stopped)


def kept_until(kind: str, expires_at: int, morning_at: int) -> int | None:
    """Until when the rest of a lot counts after the stop: None is for ever."""
    if kind == "fixed_end":
        return None
    return expires_at + DAY_SECONDS if expires_at <= morning_at else expires_at
