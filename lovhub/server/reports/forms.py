"""Which days a report shows, as its address says."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast, get_args

from flask import request

from lovhub.server.club.models import Club
from lovhub.server.reports import rules
from lovhub.server.reports.books import By, Step
from lovhub.server.reports.rules import ClubDays, Period

RECENT = {"today": 1, "7": 7, "30": 30}
"""Periods with a button of their own: how many days, today included."""

USUAL = "7"


@dataclass(frozen=True)
class PeriodAsked:
    """What is shown, and what was typed. `problem` is a code: then the usual period is shown instead."""

    name: str
    period: Period
    by_shift: bool
    typed_first: str
    typed_last: str
    problem: str | None


def read_period(club: Club, now: int) -> PeriodAsked:
    """The period in the address: its name, or `from` and `until`; `day=shift` for working days."""
    by_shift = request.args.get("day") == "shift"
    days = ClubDays(club.time_zone, club.day_starts_at if by_shift else 0)
    today = days.day_of(now)
    typed = request.args.get("from", ""), request.args.get("until", "")
    name = request.args.get("period", "")
    problem = None
    if any(typed):
        first, last = _day(typed[0]), _day(typed[1])
        problem = rules.period_problem(first, last)
        if problem is None and first is not None and last is not None:
            return PeriodAsked("", Period(days, first, last), by_shift, *typed, problem=None)
    named = rules.named_period(name, today)
    if named is not None:
        return PeriodAsked(name, Period(days, *named), by_shift, *typed, problem=problem)
    if name not in RECENT:
        name = USUAL
    first = today - timedelta(days=RECENT[name] - 1)
    return PeriodAsked(name, Period(days, first, today), by_shift, *typed, problem=problem)


@dataclass(frozen=True)
class BooksAsked:
    """Which days of the books are shown, into what they are cut, and what is told apart."""

    days: PeriodAsked
    step: Step
    by: By


def read_books(club: Club, now: int) -> BooksAsked:
    """`step` and `by` of the address beside its period; what is not known counts as not said."""
    step, by = request.args.get("step"), request.args.get("by")
    return BooksAsked(
        read_period(club, now),
        cast("Step", step) if step in get_args(Step) else "day",
        cast("By", by) if by in get_args(By) else "whole",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
