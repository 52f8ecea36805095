"""The log."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from lovhub.server.computers import queries as computers
from lovhub.server.customers import queries as customers
from lovhub.server.journal import queries, sentences
from lovhub.server.journal.queries import LogFilter
from lovhub.server.web import current
from lovhub.server.web.navigation import may

pages = Blueprint("journal", __name__, url_prefix="/admin/logs")


@pages.get("")
def index() -> ResponseReturnValue:
    """Launches, sign-ins, sessions, money and alarms, the newest first; filters stay in the address."""
    club = current.club()
    kind = request.args.get("kind", "")
    kind = kind if kind in queries.KINDS else ""
    login = request.args.get("customer", "").strip()
    sees_money = may("see_customers")
    with club.read() as db:
        pcs = computers.current(db, club.club_id)
        customer = customers.by_login(db, club.club_id, login) if login else None
        if login and customer is None:
            page = queries.LogPage([], None)
        else:
            wanted = LogFilter(
                kind=kind,
                computer_id=current.number(request.args.get("computer")),
                customer_id=customer.id if customer else None,
                from_at=_day(request.args.get("from", ""), days=0),
                until_at=_day(request.args.get("until", ""), days=1),
                without_money=not sees_money,
            )
            before = queries.read_cursor(request.args.get("before", ""))
            page = queries.log(db, club.club_id, wanted, before=before)
    return render_template(
        "journal/index.html",
        page=page,
        computers=pcs,
        kinds={
            name: words
            for name, words in sentences.kind_names().items()
            if sees_money or name != "money"
        },
        kind=kind,
        login_unknown=bool(login) and customer is None,
        sentence=sentences.sentence,
        filtered=any(request.args.values()),
        address={key: value for key, value in request.args.items() if key != "before" and value},
    )


def _day(text: str, *, days: int) -> int | None:
    """Midnight of a day in the club's time zone, so many days later; None for no day."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 (the club's zone is set below)
        local = (day + timedelta(days=days)).replace(tzinfo=ZoneInfo(current.club_row().time_zone))
        return int(local.timestamp())
    except (ValueError, OverflowError):
        return None
