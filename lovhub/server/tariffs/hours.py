"""The days and hours in which bought time may be played, where it was sold so. Pure.

They are the tariff's hours of sale as they were at the sale, with the holidays that the club knew then: changing the
tariff or the calendar never changes a sold hour. Windows that touch are one.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from lovhub.server.tariffs.rules import (
    LONGEST_SECONDS,
    Calendar,
    Goods,
    HolidayRule,
    Terms,
    window_of,
)

MOST_DAYS_AHEAD = 400
"""So far ahead a next window is looked for: a holiday of next year is found, and after that none is known."""


@dataclass(frozen=True)
class PlayHours:
    """Days and hours as they were sold, named as in `rules.Terms`."""

    weekdays: frozenset[int]
    sold_from: int | None
    sold_until: int | None
    holiday_rule: HolidayRule
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Playable:
    """Until when time may be played from now on (None: no hours end it), or from when if not now (None: now)."""

    until_at: int | None = None
    opens_at: int | None = None


AT_ANY_TIME = Playable()


def sold_hours(terms: Terms, calendar: Calendar, now: int) -> PlayHours | None:
    """What is kept of a tariff's hours with time that is sold now; None: it is played at any time."""
    if terms.play_rule != "sale_hours":
        return None
    holidays: frozenset[date] = frozenset()
    if terms.holiday_rule != "as_weekday":
        # Yesterday's window may still be open.
        since = calendar.day(now) - timedelta(days=1)
        holidays = frozenset(day for day in calendar.holidays if day >= since)
    return PlayHours(
        terms.weekdays, terms.sold_from, terms.sold_until, terms.holiday_rule, holidays
    )


def playable(hours: PlayHours, time_zone: str, now: int) -> Playable:
    """Whether time of these hours may be played now, and when that changes.

    Where no window comes any more (of holidays only, and the last one that was known is over), nothing is lost: it
    may be played at any time.
    """
    calendar = Calendar(time_zone, hours.holidays)
    yesterday, until_at = calendar.day(now) - timedelta(days=1), now
    for days in range(MOST_DAYS_AHEAD):
        window = window_of(hours, calendar, yesterday + timedelta(days=days))
        if window is None or window.until_at <= max(now, window.from_at):
            continue
        if window.from_at > until_at:
            return Playable(opens_at=window.from_at) if until_at == now else Playable(until_at)
        until_at = max(until_at, window.until_at)
        if until_at - now > LONGEST_SECONDS:
            return AT_ANY_TIME
    return AT_ANY_TIME if until_at == now else Playable(until_at)


def seconds_at_once(goods: Goods) -> int:
    """What of it may be played without a break from now on: its own hours may end before it does."""
    hours, seconds = sold_hours(goods.terms, goods.calendar, goods.now), goods.offer.seconds
    if hours is None:
        return seconds
    until_at = playable(hours, goods.calendar.time_zone, goods.now).until_at
    return seconds if until_at is None else min(seconds, until_at - goods.now)


def written(hours: PlayHours) -> str:
    """As it is stored."""
    return json.dumps(
        {
            "weekdays": sorted(hours.weekdays),
            "from": hours.sold_from,
            "until": hours.sold_until,
            "holiday_rule": hours.holiday_rule,
            "holidays": sorted(day.isoformat() for day in hours.holidays),
        }
    )


@lru_cache(maxsize=1024)
def read(stored: str) -> PlayHours:
    """The hours that were written."""
    found = json.loads(stored)
    return PlayHours(
        frozenset(found["weekdays"]),
        found["from"],
        found["until"],
        found["holiday_rule"],
        frozenset(date.fromisoformat(day) for day in found["holidays"]),
    )
