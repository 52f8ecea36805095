"""«Время гостей»: what guests have paid for and nobody plays; a code anew, the money back."""

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.customers.rules import own_seconds_left
from lovhub.server.guest_time import queries, rules, service
from lovhub.server.guest_time.forms import NewCodeForm, PayOutForm
from lovhub.server.guest_time.queries import WaitingTime
from lovhub.server.sessions import codes
from lovhub.server.web import current, formatting, forms, texts
from lovhub.server.web.forms import Form
from lovhub.server.web.tables import Column, Table

pages = Blueprint("guest_time", __name__, url_prefix="/admin/guest-time")

TABLE = Table(
    "guest_time",
    (
        Column[WaitingTime]("at", _l("Куплено"), lambda row: row.sold_at, "moment"),
        Column("receipt", _l("Чек №"), lambda row: row.receipt_number, "number"),
        Column("guest", _l("Гость"), lambda row: row.guest_name),
        Column("title", _l("Тариф"), lambda row: row.title),
        Column("seconds", _l("Осталось"), lambda row: row.seconds, "duration"),
        Column("amount", _l("Сумма"), lambda row: row.amount_tiyn, "money"),
        Column("code", _l("Код действует до"), lambda row: row.code_until, "moment"),
    ),
    queries.SORTS,
)


@pages.get("")
def index() -> ResponseReturnValue:
    """All of it, the newest first; found by receipt, name, or the code that the guest shows."""
    club, search = current.club(), request.args.get("q", "").strip()
    now = club.clock.now()
    with club.read() as db:
        find = partial(
            queries.page,
            db,
            club.club_id,
            now=now,
            search=search,
            code_hash=codes.code_hash(club, search),
        )
        if (file := TABLE.file(find)) is not None:
            return file
        listing = TABLE.listing(find)
        owed_tiyn = queries.owed_tiyn(db, club.club_id, now)
    return render_template(
        "guest_time/index.html",
        listing=listing,
        search=search,
        owed_tiyn=owed_tiyn,
        fresh={
            row.lot_id
            for row in listing.rows
            if own_seconds_left(now - row.oldest_at, by_author=True)
        },
        too_old={
            row.lot_id
            for row in listing.rows
            if not rules.end_problem(sold_at=row.newest_at, now=now)
        },
    )


@pages.route("/<int:lot_id>/code", methods=["GET", "POST"])
def give_code(lot_id: int) -> ResponseReturnValue:
    """A code anew, shown once."""
    form = NewCodeForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            given = service.give_code(
                current.club(), lot_id=lot_id, actor=current.actor(), key=form.key.data or ""
            )
            layout = "part.html" if current.is_htmx() else "page.html"
            return render_template("guest_time/code.html", layout=layout, sold=given)
    return forms.show_form("guest_time/give_code.html", form, time=_row(lot_id))


@pages.route("/<int:lot_id>/pay-out", methods=["GET", "POST"])
def pay_out(lot_id: int) -> ResponseReturnValue:
    """The money back: by whoever sold it within two minutes, by a manager later."""
    form = PayOutForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            ways = service.pay_out(
                current.club(),
                lot_id=lot_id,
                expected_tiyn=current.number(form.amount.data) or 0,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            said = ", ".join(
                f"{texts.payment_method(way)} {formatting.money(tiyn, formatting.currency_sign())}"
                for way, tiyn in ways.items()
                if tiyn
            )
            return forms.done(_("Верните гостю: %(said)s", said=said), url_for("guest_time.index"))
    row = _row(lot_id)
    form.amount.data = str(row.amount_tiyn)
    age = current.club().clock.now() - row.oldest_at
    return forms.show_form(
        "guest_time/pay_out.html",
        form,
        time=row,
        is_fresh=own_seconds_left(age, by_author=True) > 0,
    )


@pages.route("/<int:lot_id>/end", methods=["GET", "POST"])
def end(lot_id: int) -> ResponseReturnValue:
    """After three years nobody can claim it."""
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.end(current.club(), lot_id=lot_id, actor=current.actor())
            return forms.done(_("Списано в доход"), url_for("guest_time.index"))
    return forms.show_form("guest_time/end.html", form, time=_row(lot_id))


def _row(lot_id: int) -> WaitingTime:
    club = current.club()
    with club.read() as db:
        return queries.get(db, club.club_id, lot_id, club.clock.now())
