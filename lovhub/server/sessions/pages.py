"""Seating people and what follows, from the PC's own row."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.customers import queries as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.live import HallRow
from lovhub.server.sessions import codes, service
from lovhub.server.sessions.forms import (
    CustomerSeatForm,
    ExtendForm,
    GuestForm,
    MoveForm,
    ReleaseForm,
)
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs.models import Tariff
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form

pages = Blueprint("sessions", __name__, url_prefix="/admin")

_MOST_FOUND = 8


@pages.route("/computers/<int:computer_id>/seat-guest", methods=["GET", "POST"])
def seat_guest(computer_id: int) -> ResponseReturnValue:
    """Take a walk-in's money and seat them, or give them a code."""
    pc, form = _row(computer_id), GuestForm()
    form.tariff.offer(_on_sale())
    if form.validate_on_submit():
        try:
            if form.with_code.data:  # the guest may come back later: the PC need not be there now
                sold = codes.sell_seat_code(
                    current.club(),
                    tariff_id=form.tariff.tariff_id(),
                    method=form.method.data,
                    computer_id=computer_id,
                    guest_name=form.guest_name.data or "",
                    actor=current.actor(),
                    key=f"desk:{form.key.data}",
                    despite_kept=form.despite_kept.data,
                )
                return render_template(
                    "sessions/code.html", layout=_layout(), sold=sold, computer=pc
                )
            _require_link(pc)
            service.seat_guest(
                current.club(),
                computer_id=computer_id,
                tariff_id=form.tariff.tariff_id(),
                method=form.method.data,
                guest_name=form.guest_name.data or "",
                actor=current.actor(),
                key=f"desk:{form.key.data}",
                despite_kept=form.despite_kept.data,
            )
            return _done(_("%(pc)s: гость посажен", pc=pc.name))
        except OperationRefused as refusal:
            form.show(refusal)
    return forms.show_form("sessions/guest.html", form, computer=pc)


@pages.route("/computers/<int:computer_id>/seat-customer", methods=["GET", "POST"])
def seat_customer(computer_id: int) -> ResponseReturnValue:
    """Seat a registered customer, with the time they have or from their balance."""
    pc, form = _row(computer_id), CustomerSeatForm()
    form.tariff.offer(_on_sale(), none=_("за оставшееся время"))
    if form.validate_on_submit():
        try:
            _require_link(pc)
            customer_id = _chosen_customer()
            if form.tariff.data:
                service.buy(
                    current.club(),
                    computer_id=computer_id,
                    customer_id=customer_id,
                    tariff_id=form.tariff.tariff_id(),
                    key=f"desk:{form.key.data}",
                    actor=current.actor(),
                    despite_kept=form.despite_kept.data,
                )
            else:
                service.seat_customer(
                    current.club(),
                    computer_id=computer_id,
                    customer_id=customer_id,
                    actor=current.actor(),
                    despite_kept=form.despite_kept.data,
                )
            return _done(_("%(pc)s: клиент посажен", pc=pc.name))
        except OperationRefused as refusal:
            form.show(refusal)
    return forms.show_form(
        "sessions/customer.html",
        form,
        computer=pc,
        chosen=current.number(request.form.get("customer")),
        **_found(form.search.data or ""),
    )


@pages.get("/customers/choose")
def choose_customer() -> ResponseReturnValue:
    """Customers to choose from, as one types."""
    return render_template("sessions/found.html", **_found(request.args.get("search", "")))


@pages.route("/sessions/<int:session_id>/extend", methods=["GET", "POST"])
def extend(session_id: int) -> ResponseReturnValue:
    """Sell more time."""
    pc, form = _row_of(session_id), ExtendForm()
    form.tariff.offer(_on_sale())
    guest = pc.session is not None and pc.session.customer_id is None
    if form.validate_on_submit():
        try:
            service.sell_more(
                current.club(),
                session_id=session_id,
                tariff_id=form.tariff.tariff_id(),
                method=form.method.data if guest else "balance",
                actor=current.actor(),
                key=f"desk:{form.key.data}",
            )
            return _done(_("%(pc)s: время добавлено", pc=pc.name))
        except OperationRefused as refusal:
            form.show(refusal)
    return forms.show_form(
        "sessions/extend.html",
        form,
        computer=pc,
        session_id=session_id,
        guest=guest,
        balance=_balance(pc),
    )


@pages.route("/sessions/<int:session_id>/pause", methods=["GET", "POST"])
def pause(session_id: int) -> ResponseReturnValue:
    """Stop the clock."""
    return _ask(
        session_id,
        "pause",
        lambda: service.pause(current.club(), session_id=session_id, actor=current.actor()),
        _("Время остановлено"),
    )


@pages.route("/sessions/<int:session_id>/resume", methods=["GET", "POST"])
def resume(session_id: int) -> ResponseReturnValue:
    """Start the clock again."""
    return _ask(
        session_id,
        "resume",
        lambda: service.resume(current.club(), session_id=session_id, actor=current.actor()),
        _("Время пошло"),
    )


@pages.route("/sessions/<int:session_id>/end", methods=["GET", "POST"])
def end(session_id: int) -> ResponseReturnValue:
    """End the session, after a question that says what is left."""
    return _ask(
        session_id,
        "end",
        lambda: service.end(
            current.club(), session_id=session_id, actor=current.actor(), reason="ended_by_desk"
        ),
        _("Сеанс завершён"),
    )


@pages.route("/sessions/<int:session_id>/move", methods=["GET", "POST"])
def move(session_id: int) -> ResponseReturnValue:
    """To a free PC, with the time that is left."""
    pc, form = _row_of(session_id), MoveForm()
    free = [
        row
        for row in current.server().hall.snapshot().rows
        if row.link == "linked" and row.session is None and not _is_broken(row)
    ]
    form.computer.choices = forms.choices((str(row.computer_id), _named(row)) for row in free)
    if form.validate_on_submit():
        try:
            goal = _row(current.number(form.computer.data))
            _require_link(goal)
            service.move(
                current.club(),
                session_id=session_id,
                to_computer_id=goal.computer_id,
                actor=current.actor(),
                despite_kept=form.despite_kept.data,
            )
            return _done(_("Игрок пересажен на %(pc)s", pc=goal.name))
        except OperationRefused as refusal:
            form.show(refusal)
    return forms.show_form(
        "sessions/move.html", form, computer=pc, session_id=session_id, free=free
    )


@pages.route("/sessions/<int:session_id>/release", methods=["GET", "POST"])
def release(session_id: int) -> ResponseReturnValue:
    """Give back what a silent PC holds; needs a reason."""
    pc, form = _row_of(session_id), ReleaseForm()
    if form.validate_on_submit():
        try:
            service.release(
                current.club(),
                session_id=session_id,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            return _done(_("Резерв снят, сеанс завершён"))
        except OperationRefused as refusal:
            form.show(refusal)
    return forms.show_form("sessions/release.html", form, computer=pc, session_id=session_id)


def _ask(
    session_id: int, what: str, operation: Callable[[], None], message: str
) -> ResponseReturnValue:
    pc, form = _row_of(session_id), Form()
    if form.validate_on_submit():
        try:
            operation()
            return _done(f"{pc.name}: {message}")
        except OperationRefused as refusal:
            form.show(refusal)
    return forms.show_form("sessions/ask.html", form, computer=pc, session_id=session_id, what=what)


def _chosen_customer() -> int:
    customer_id = current.number(request.form.get("customer"))
    if customer_id is None:
        raise OperationRefused("customer_not_chosen")
    return customer_id


def _done(message: str) -> ResponseReturnValue:
    return forms.done(message, url_for("computers.index"))


def _layout() -> str:
    return "part.html" if current.is_htmx() else "page.html"


def _require_link(pc: HallRow) -> None:
    """Nobody pays for a PC that does not answer: its lock would stay shut."""
    if pc.link != "linked":
        raise OperationRefused("computer_silent")


def _is_broken(row: HallRow) -> bool:
    return row.condition is not None and row.condition.kind == "broken"


def _named(row: HallRow) -> str:
    """The PC's name, and for whom it is kept."""
    if row.condition is None:
        return row.name
    return str(_("%(pc)s (отложен: %(who)s)", pc=row.name, who=row.condition.text))


def _row(computer_id: int | None) -> HallRow:
    for row in current.server().hall.snapshot().rows:
        if row.computer_id == computer_id:
            return row
    raise OperationRefused("computer_unknown")


def _row_of(session_id: int) -> HallRow:
    for row in current.server().hall.snapshot().rows:
        if row.session is not None and row.session.session_id == session_id:
            return row
    raise OperationRefused("session_over")


def _on_sale() -> list[Tariff]:
    with current.club().read() as db:
        return tariffs.on_sale(db, current.club().club_id)


def _found(search: str) -> dict[str, Any]:
    search = search.strip()
    if not search:
        return {"search": "", "found": []}
    with current.club().read() as db:
        page = customers.page(db, current.club().club_id, search=search, limit=_MOST_FOUND)
    return {"search": search, "found": page.rows}


def _balance(pc: HallRow) -> int | None:
    if pc.session is None or pc.session.customer_id is None:
        return None
    with current.club().read() as db:
        return customers.customer_view(db, pc.session.customer_id).balance_tiyn
