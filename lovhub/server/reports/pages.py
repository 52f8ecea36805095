"""The dashboard and the charts."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.applications import queries as applications
from lovhub.server.chain import queries as chain
from lovhub.server.reports import books, charts, queries, rules, series
from lovhub.server.reports.books import Stretch
from lovhub.server.reports.forms import read_period
from lovhub.server.reports.rules import Money, Period
from lovhub.server.shifts import queries as shifts
from lovhub.server.web import current, formatting, refusals, tables, texts
from lovhub.server.web.navigation import may

pages = Blueprint("reports", __name__)

MOST_GAMES_ON_THE_DASHBOARD = 5

MOST_DAYS_IN_ROWS = 62
"""Of a longer period, months are told, and the days of a month when one asks for them."""


@pages.get("/admin")
def dashboard() -> ResponseReturnValue:
    """What happens in the club now, and the day's figures.

    An open page asks again for each `part`: what happens now every few seconds, figures once a minute.
    """
    part = request.args.get("part")
    if part == "now":
        return render_template("reports/now.html", **_now())
    if part == "figures":
        return render_template("reports/figures.html", **_figures())
    return render_template(
        "reports/dashboard.html",
        needs_shift=_needs_shift(),
        is_asked_for_customers=_is_asked_for_customers(),
        **_now(),
        **_figures(),
    )


def _needs_shift() -> bool:
    """Whether nothing can be sold until somebody opens a shift."""
    if not current.club_row().sales_need_shift:
        return False
    club = current.club()
    with club.read() as db:
        return shifts.open_now(db, club.club_id) is None


def _is_asked_for_customers() -> bool:
    """Whether another club waits for this owner's answer."""
    club = current.club()
    if not may("see_chain") or club.database.is_sqlite:
        return False
    with club.read() as db:
        return bool(chain.wanted(db, club.club_id, club.clock.now()))


def _now() -> dict[str, object]:
    snapshot = current.server().hall.snapshot()
    return {
        "snapshot": snapshot,
        "problems": [row for row in snapshot.rows if row.problem],
        "problem_texts": texts.PROBLEMS,
    }


def _figures() -> dict[str, object]:
    club, row = current.club(), current.club_row()
    now = club.clock.now()
    sees_money = may("see_revenue")
    with club.read() as db:
        return {
            "today": queries.today(db, row, now),
            "day": formatting.local(now, row.time_zone).strftime("%Y-%m-%d"),
            "money": queries.money_today(db, row, now) if sees_money else None,
            "owed": queries.owed(db, row) if sees_money else None,
            "customers": queries.customers(db, row, now),
            "applications": applications.counts(db, club.club_id),
            "most_games": MOST_GAMES_ON_THE_DASHBOARD,
        }


@pages.get("/admin/reports")
def report() -> ResponseReturnValue:
    """Charts over some days, each with its numbers as a table; `export` takes one table away as a file."""
    club, row = current.club(), current.club_row()
    now = club.clock.now()
    asked = read_period(row, now)
    period = asked.period
    money = None
    with club.read() as db:
        stretch = series.Stretch.read(db, club.club_id, period)
        if may("see_revenue"):
            money = series.money(db, stretch)
        taken = series.occupation(db, stretch, period.days, now)
        games = series.games(db, stretch, now)
    by_day = rules.money_by_day(period, money.by_day) if money else {}
    by_hour = rules.money_by_hour(period.days, money.by_hour) if money else {}
    weekdays = charts.weekdays()
    file = None
    if request.args.get("table") == "games":
        file = charts.GAMES.short_file(games)
    elif request.args.get("table") == "occupation":
        rows = [
            charts.OccupationRow(weekdays[day], hour, got) for (day, hour), got in taken.items()
        ]
        file = charts.OCCUPATION.short_file(rows)
    elif request.args.get("table") == "by-day" and by_day:
        lines = [charts.MoneyRow(f"{day:%d.%m.%Y}", got) for day, got in by_day.items()]
        file = charts.BY_DAY.short_file(lines)
    elif request.args.get("table") == "by-hour" and by_hour:
        lines = [charts.MoneyRow(f"{hour:02}:00", got) for hour, got in by_hour.items()]
        file = charts.BY_HOUR.short_file(lines)
    if file is not None:
        return file
    drawn = {
        "by-day": charts.money_chart(
            _("День"), {f"{day.day:02}.{day.month:02}": got for day, got in by_day.items()}
        ),
        "by-hour": charts.money_chart(
            _("Час"), {f"{hour:02}": got for hour, got in by_hour.items()}
        ),
    }
    return render_template(
        "reports/report.html",
        asked=asked,
        problem=refusals.refusal(asked.problem) if asked.problem else "",
        charts=drawn if money else None,
        by_day=by_day,
        months=_months(period, by_day) if len(by_day) > MOST_DAYS_IN_ROWS else [],
        by_hour=by_hour,
        total=rules.together(by_hour.values()),
        occupation=taken,
        shade=charts.shade,
        weekdays=weekdays,
        games=games,
        export_link=lambda table, format_: tables.address(table=table, export=format_),
    )


def _months(period: Period, by_day: Mapping[date, Money]) -> list[tuple[Stretch, Money]]:
    return [
        (part, rules.together(got for day, got in by_day.items() if part.first <= day <= part.last))
        for part in books.stretches(period, "month")
    ]


@pages.get("/admin/reports/month")
def month() -> ResponseReturnValue:
    """A month in the table of a long period, with its days or `folded`; what of it lies in the period asked for."""
    club, asked = current.club(), read_period(current.club_row(), current.club().clock.now())
    part = books.stretches(asked.period, "month")[0]
    period = Period(asked.period.days, part.first, part.last)
    with club.read() as db:
        money = series.money(db, series.Stretch.read(db, club.club_id, period))
    by_day = rules.money_by_day(period, money.by_day)
    return render_template(
        "reports/month.html",
        part=part,
        total=rules.together(by_day.values()),
        by_shift=asked.by_shift,
        days=None if request.args.get("folded") else by_day,
    )
