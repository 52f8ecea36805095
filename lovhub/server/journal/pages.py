"""The log."""

from dataclasses import replace
from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from lovhub.server.applications import queries as applications
from lovhub.server.computers import queries as computers
from lovhub.server.customers import queries as customers
from lovhub.server.database.keyset import Part
from lovhub.server.journal import forms, log, sentences
from lovhub.server.journal.log import LogFilter, LogRow
from lovhub.server.reports.rules import ClubDays
from lovhub.server.shifts import queries as shifts
from lovhub.server.staff import queries as staff
from lovhub.server.web import current, tables
from lovhub.server.web.navigation import may
from lovhub.server.web.tables import Column, Find, Table

pages = Blueprint("journal", __name__, url_prefix="/admin/logs")


def _who(row: LogRow) -> str:
    """The customer's login, or the guest."""
    if row.customer_login or row.guest_name is None:
        return row.customer_login
    return str(_("Гость %(name)s", name=row.guest_name)).strip()


TABLE = Table(
    "logs",
    (
        Column[LogRow]("at", _l("Время"), lambda row: row.at, "moment"),
        Column("computer", _l("ПК"), lambda row: row.computer_name),
        Column("customer", _l("Клиент"), _who),
        Column("event", _l("Событие"), sentences.sentence),
        Column("actor", _l("Кто"), lambda row: row.actor_name),
        Column("ran", _l("Сколько шло"), lambda row: row.ran_seconds, "duration"),
    ),
    log.SORTS,
)


@pages.get("")
def index() -> ResponseReturnValue:
    """Launches, sign-ins, sessions, money and alarms, the newest first; filters stay in the address."""
    club, row = current.club(), current.club_row()
    sees_money = may("see_customers")
    days, now = ClubDays(row.time_zone, row.day_starts_at), club.clock.now()
    with club.read() as db:
        asked = forms.read(request.args, days, now, partial(_customer_id, db, club.club_id))
        shown = replace(asked.wanted, without_money=not sees_money)
        find: Find[LogRow] = partial(log.page, db, club.club_id, shown)
        if asked.errors:
            find = _nothing
        if (file := TABLE.file(find)) is not None:
            return file
        listing = TABLE.listing(find)
        choices = _choices(db, club.club_id, asked.wanted)
        shift = shifts.open_now(db, club.club_id)
    stretches = forms.quick_links(days, now, None if shift is None else shift.opened_at)
    return render_template(
        "journal/index.html",
        listing=listing,
        wanted=asked.wanted,
        errors=asked.errors,
        kinds={
            name: words
            for name, words in sentences.kind_names().items()
            if sees_money or name != "money"
        },
        quick={name: _in_address(values) for name, values in stretches.items()},
        quick_now=next((name for name, values in stretches.items() if _is_asked(values)), ""),
        who=_who,
        sentence=sentences.sentence,
        filtered=any(request.args.get(name) for name in forms.FIELDS),
        **choices,
    )


def _customer_id(db: Session, club_id: int, login: str) -> int | None:
    customer = customers.by_login(db, club_id, login)
    return customer.id if customer else None


def _nothing(**_part: object) -> Part[LogRow]:
    """What a filter shows that cannot be meant."""
    return Part([])


def _choices(db: Session, club_id: int, wanted: LogFilter) -> dict[str, dict[int, str]]:
    """What there is to choose from, by id; a PC that left the club only while it is chosen."""
    pcs = computers.names(db, club_id)
    if wanted.computer_id is not None and wanted.computer_id not in pcs:
        former = computers.by_id(db, club_id, wanted.computer_id)
        if former is not None:
            pcs[former.id] = former.name
    return {
        "computers": pcs,
        "applications": applications.titles(db, club_id),
        "people": staff.names(db, club_id),
    }


_TIME_FIELDS = ("from", "from_time", "until", "until_time")


def _in_address(values: dict[str, str]) -> str:
    """The page with another stretch of time."""
    sort = request.args.get("sort", "")
    return tables.address(**{**dict.fromkeys(_TIME_FIELDS, ""), **values}, sort=sort)


def _is_asked(values: dict[str, str]) -> bool:
    return all(request.args.get(name, "") == values.get(name, "") for name in _TIME_FIELDS)
