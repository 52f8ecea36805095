"""The shift at the desk: one page with what there is to do now, and the shifts before."""

from functools import partial

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.club.rules import in_the_drawer
from lovhub.server.errors import OperationRefused
from lovhub.server.shifts import figures, queries, rules, service, showing
from lovhub.server.shifts.forms import CloseForm, OpenForm, PayForm
from lovhub.server.shifts.pdf import written
from lovhub.server.shifts.printing import on_paper
from lovhub.server.shifts.queries import ShiftRow
from lovhub.server.shifts.showing import Report
from lovhub.server.web import current, formatting, forms
from lovhub.server.web.forms import Form
from lovhub.server.web.navigation import may
from lovhub.server.web.tables import Column, Table

pages = Blueprint("shifts", __name__, url_prefix="/admin/shifts")

TABLE = Table(
    "shifts",
    (
        Column[ShiftRow]("number", _l("Смена"), lambda row: row.number, "number"),
        Column("person", _l("Кто"), lambda row: row.person),
        Column("opened", _l("Открыта"), lambda row: row.opened_at, "moment"),
        Column("closed", _l("Закрыта"), lambda row: row.closed_at, "moment"),
        Column("float", _l("При открытии"), lambda row: row.float_tiyn, "money"),
        Column("expected", _l("По учёту"), lambda row: row.expected_tiyn, "money"),
        Column("counted", _l("Насчитано"), lambda row: row.counted_tiyn, "money"),
        Column("difference", _l("Разница"), lambda row: row.difference_tiyn, "money"),
        Column("note", _l("Примечание"), lambda row: row.note),
    ),
    queries.SORTS,
)


@pages.get("")
def index() -> ResponseReturnValue:
    """The shift under way, or the way to one; and those before, one's own only for a cashier."""
    club = current.club()
    person_id = None if may("see_revenue") else current.actor().id
    with club.read() as db:
        find = partial(queries.page, db, club.club_id, person_id=person_id)
        if (file := TABLE.file(find)) is not None:
            return file
        listing = TABLE.listing(find)
        under_way = queries.open_now(db, club.club_id)
        last = queries.last_closed(db, club.club_id) if under_way is None else None
        paid = queries.payments(db, under_way.id) if under_way is not None else []
    return render_template(
        "shifts/index.html",
        listing=listing,
        shift=under_way,
        last=last,
        payments=paid,
        may_close=under_way is not None and _may_close(under_way),
        me=current.actor().id,
    )


@pages.get("/<int:shift_id>")
def show(shift_id: int) -> ResponseReturnValue:
    """One shift: what was counted, and what went through the drawer."""
    club = current.club()
    shift = _shift(shift_id)
    with club.read() as db:
        paid = queries.payments(db, shift_id)
    return render_template(
        "shifts/show.html",
        shift=shift,
        payments=paid,
        report=_report(shift) if _sees_figures(shift) else None,
        printer=current.club_row().printer_address,
        form=Form(),
    )


@pages.get("/<int:shift_id>/report.pdf")
def pdf(shift_id: int) -> ResponseReturnValue:
    """The X or Z report as a file."""
    shift = _shift_with_figures(shift_id)
    response = Response(written(_report(shift)), mimetype="application/pdf")
    name = f"{'x' if shift.is_open else 'z'}-{shift.number}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/<int:shift_id>/print")
def print_report(shift_id: int) -> ResponseReturnValue:
    """The X or Z report on the receipt printer."""
    on_paper(_report(_shift_with_figures(shift_id)), current.club_row())
    return forms.done(_("Отчёт отправлен на принтер"), url_for("shifts.show", shift_id=shift_id))


def _shift_with_figures(shift_id: int) -> ShiftRow:
    shift = _shift(shift_id)
    if not _sees_figures(shift):
        raise OperationRefused("shift_count_first")
    return shift


def _report(shift: ShiftRow) -> Report:
    club = current.club()
    with club.read() as db:
        return showing.report(figures.read(db, shift, club.clock.now()))


def _notes() -> tuple[int, ...]:
    return in_the_drawer(current.club_row().currency)


@pages.route("/open", methods=["GET", "POST"])
def open_shift() -> ResponseReturnValue:
    """Count the drawer, and begin."""
    form = OpenForm()
    club = current.club()
    if form.validate_on_submit():
        with form.showing_refusals():
            shift_id = service.open_shift(
                club, counted_tiyn=form.counted.amount_tiyn(), actor=current.actor()
            )
            message = _("Смена открыта")
            difference = _shift(shift_id).opening_difference_tiyn
            if difference:
                message = f"{message}. {_difference(difference)}"
            return forms.done(message, url_for("shifts.index"))
    with club.read() as db:
        last = queries.last_closed(db, club.club_id)
    return forms.show_form("shifts/open.html", form, last=last, notes=_notes())


@pages.route("/pay-in", methods=["GET", "POST"])
def pay_in() -> ResponseReturnValue:
    """Change brought from the safe, for instance."""
    return _pay(_("Внести в кассу"), _("Внесено %(amount)s"), is_out=False)


@pages.route("/pay-out", methods=["GET", "POST"])
def pay_out() -> ResponseReturnValue:
    """Money taken out, for instance for water."""
    return _pay(_("Выдать из кассы"), _("Выдано %(amount)s"), is_out=True)


def _pay(title: str, pattern: str, *, is_out: bool) -> ResponseReturnValue:
    form = PayForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.pay(
                current.club(),
                is_out=is_out,
                amount_tiyn=form.amount.amount_tiyn(),
                reason=form.reason.data or "",
                key=form.key.data or "",
                actor=current.actor(),
            )
            amount = formatting.money(form.amount.amount_tiyn(), formatting.currency_sign())
            return forms.done(pattern % {"amount": amount}, url_for("shifts.index"))
    return forms.show_form("shifts/pay.html", form, title=title, is_out=is_out)


@pages.route("/<int:shift_id>/close", methods=["GET", "POST"])
def close(shift_id: int) -> ResponseReturnValue:
    """Count first, without knowing what should be there; what the books say comes after."""
    club = current.club()
    shift = _shift(shift_id)
    if not _may_close(shift):
        raise OperationRefused("shift_not_yours")
    form = CloseForm()
    with club.read() as db:
        form.offer(queries.heirs(db, club.club_id, without=shift.person_id))
    is_own = shift.person_id == current.actor().id
    if form.validate_on_submit():
        uncounted = bool(form.uncounted.data) and not is_own
        with form.showing_refusals():
            service.close(
                club,
                shift_id=shift_id,
                count=service.Count(
                    None if uncounted else form.counted.data,
                    None if uncounted else form.left.data,
                    form.note.data or "",
                    card_tiyn=form.card.data,
                ),
                hand_to=form.heir(),
                actor=current.actor(),
            )
            return forms.done_anew(
                _closed(_shift(shift_id)), url_for("shifts.show", shift_id=shift_id)
            )
    return forms.show_form("shifts/close.html", form, shift=shift, is_own=is_own, notes=_notes())


def _closed(shift: ShiftRow) -> str:
    message = str(_("Смена закрыта"))
    if shift.difference_tiyn is None:
        return message
    if shift.difference_tiyn == 0:
        return f"{message}. {_('Касса сошлась')}"
    return f"{message}. {_difference(shift.difference_tiyn)}"


def _difference(difference_tiyn: int) -> str:
    amount = formatting.money(abs(difference_tiyn), formatting.currency_sign())
    if difference_tiyn < 0:
        return str(_("Недостача %(amount)s", amount=amount))
    return str(_("Излишек %(amount)s", amount=amount))


def _shift(shift_id: int) -> ShiftRow:
    """The shift, if the person who asks may see it: a cashier sees their own."""
    club = current.club()
    with club.read() as db:
        shift = queries.row(db, club.club_id, shift_id)
    if shift.person_id != current.actor().id and not may("see_revenue"):
        raise OperationRefused("shift_unknown")
    return shift


def _may_close(shift: ShiftRow) -> bool:
    is_own = shift.person_id == current.actor().id
    return not rules.close_problem(is_own=is_own, may_force=may("close_any_shift"))


def _sees_figures(shift: ShiftRow) -> bool:
    return rules.may_see_figures(
        is_open=shift.is_open,
        is_own=shift.person_id == current.actor().id,
        sees_revenue=may("see_revenue"),
    )
