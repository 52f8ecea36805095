"""The counter at one PC: who sits down, what they buy, how they pay, and everything that follows."""

import json
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.computers import queries as computers
from lovhub.server.counter import by_code
from lovhub.server.counter.forms import Offered, SeatAndSellForm
from lovhub.server.customers import queries as customers
from lovhub.server.customers.contacts import phone_search
from lovhub.server.errors import OperationRefused
from lovhub.server.live import HallRow
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.minors import service as minors
from lovhub.server.sessions import codes, seats, service
from lovhub.server.sessions.till import change_due
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.web import current, forms, navigation

pages = Blueprint("counter", __name__, url_prefix="/admin")

_MOST_FOUND = 8


@pages.route("/computers/<int:computer_id>/counter", methods=["GET", "POST"])
def at_computer(computer_id: int) -> ResponseReturnValue:
    """The one dialog of a PC: seat somebody at a free one, or serve whoever plays there.

    The form says whom it was opened for. If somebody else sits there by now, it never becomes theirs.
    """
    pc = seats.row(computer_id)
    form = SeatAndSellForm(
        who="customer" if request.args.get("who") == "customer" else "guest",
        session="" if pc.session is None else str(pc.session.session_id),
    )
    debt_limit_tiyn = _debt_limit()
    if debt_limit_tiyn:
        form.allow_debt()
    # A form without the field is one for a free PC: nothing is ever sold to whoever happens to sit there.
    asked_for = request.form.get("session") if request.method == "POST" else form.session.data
    session_id = current.number(asked_for)
    if session_id is not None:
        pc = seats.row_of(session_id)
    if form.validate_on_submit():
        with form.showing_refusals():
            return _seat(pc, form) if session_id is None else _extend(pc, session_id, form)
    form.offer(_offered(pc), none="" if session_id is not None else _("за оставшееся время"))
    return forms.show_form(
        "counter/free.html" if session_id is None else "counter/busy.html",
        form,
        pc=pc,
        customer=None if session_id is None else _customer(pc),
        chosen=current.number(request.form.get("customer")),
        share=_share(),
        debt_limit_tiyn=debt_limit_tiyn,
        **found(form.search.data or "", pc.computer_id),
    )


@pages.get("/customers/choose")
def choose_customer() -> ResponseReturnValue:
    """Customers to choose from, as one types; `pc`: with the prices that their groups have there."""
    computer_id = current.number(request.args.get("pc"))
    return render_template(
        "counter/found.html",
        share=_share(),
        **found(request.args.get("search", ""), computer_id),
    )


def found(search: str, computer_id: int | None = None) -> dict[str, Any]:
    """Customers that fit what was typed, for the list under the field, and what their groups are offered at a PC."""
    search = search.strip()
    if not search:
        return {"search": "", "found": [], "offers": {}}
    with current.club().read() as db:
        page = customers.page(
            db,
            current.club().club_id,
            search=search,
            phones=phone_search(current.actor().role),
            limit=_MOST_FOUND,
        )
    offers = {}
    if computer_id is not None:
        # One customer of each group will do: they are all offered the same.
        one_of = {row.group_id: row.id for row in page.rows if row.group_id is not None}
        offers = {
            group_id: json.dumps([one.shown() for one in goods_at(computer_id, customer_id)])
            for group_id, customer_id in one_of.items()
        }
    return {"search": search, "found": page.rows, "offers": offers}


def _share() -> int:
    """Up to how many percent of a price are paid with bonuses."""
    with current.club().read() as db:
        return loyalty.bonus_terms(db, current.club().club_id).share_percent


def _debt_limit() -> int:
    """Up to what this person may let a customer play in debt; 0: not at all."""
    return current.club_row().debt_limit_tiyn if navigation.may("sell_in_debt") else 0


def chosen_customer() -> int:
    """The customer chosen in the list; refused with `customer_not_chosen`."""
    customer_id = current.number(request.form.get("customer"))
    if customer_id is None:
        raise OperationRefused("customer_not_chosen")
    return customer_id


def change_of(cash_tiyn: int, received_tiyn: int | None) -> int:
    """The change of cash that was counted; 0 where none was."""
    if received_tiyn is None:
        return 0
    return change_due(cash_tiyn, received_tiyn) or 0


def _offered(pc: HallRow) -> list[Offered]:
    """What is sold at this PC; who plays by the minute already does not start it again."""
    customer_id = None if pc.session is None else pc.session.customer_id
    offered = goods_at(pc.computer_id, customer_id)
    if pc.session is None or all(time.hour_tiyn is None for time in pc.session.plan):
        return offered
    return [one for one in offered if one.goods.terms.kind != "per_minute"]


def _seat(pc: HallRow, form: SeatAndSellForm) -> ResponseReturnValue:
    if form.who.data == "customer":
        return _seat_customer(pc, form)
    if form.with_code.data:  # the guest may come back later: the PC need not be there now
        if amount := by_code.kaspi_tiyn(form, form.price_tiyn() or 0):
            return by_code.place(
                "code",
                amount_tiyn=amount,
                key=f"desk:{form.key.data}",
                phone=form.phone.data or "",
                computer_id=pc.computer_id,
                tariff_id=form.tariff.tariff_id(),
                method=form.method.data,
                guest_name=form.guest_name.data or "",
                till=form.till(),
                despite_kept=form.despite_kept.data,
                night_leave=form.night_leave.data or "",
            )
        sold = codes.sell_seat_code(
            current.club().paid_by_kaspi(form.operation.data),
            tariff_id=form.tariff.tariff_id(),
            method=form.method.data,
            computer_id=pc.computer_id,
            guest_name=form.guest_name.data or "",
            actor=current.actor(),
            key=f"desk:{form.key.data}",
            till=form.till(),
            despite_kept=form.despite_kept.data,
            night_leave=form.night_leave.data or "",
        )
        change = change_of(form.paid_tiyn(form.price_tiyn() or 0), form.received_tiyn())
        return render_template(
            "sessions/code.html",
            layout=_layout(),
            sold=sold,
            computer=pc,
            change=change,
            receipt_of=f"desk:{form.key.data}",
        )
    seats.require_link(pc)
    if amount := by_code.kaspi_tiyn(form, form.price_tiyn() or 0):
        return by_code.place(
            "guest",
            amount_tiyn=amount,
            key=f"desk:{form.key.data}",
            phone=form.phone.data or "",
            at=[pc.computer_id],
            computer_id=pc.computer_id,
            tariff_id=form.tariff.tariff_id(),
            method=form.method.data,
            guest_name=form.guest_name.data or "",
            till=form.till(),
            despite_kept=form.despite_kept.data,
            night_leave=form.night_leave.data or "",
        )
    service.seat_guest(
        current.club().paid_by_kaspi(form.operation.data),
        computer_id=pc.computer_id,
        tariff_id=form.tariff.tariff_id(),
        method=form.method.data,
        guest_name=form.guest_name.data or "",
        actor=current.actor(),
        key=f"desk:{form.key.data}",
        till=form.till(),
        despite_kept=form.despite_kept.data,
        night_leave=form.night_leave.data or "",
    )
    return _told(_("%(pc)s: гость посажен", pc=pc.name), form, form.price_tiyn() or 0)


def _seat_customer(pc: HallRow, form: SeatAndSellForm) -> ResponseReturnValue:
    customer_id = chosen_customer()
    seats.require_link(pc)
    if not form.tariff.data:
        service.seat_customer(
            current.club(),
            computer_id=pc.computer_id,
            customer_id=customer_id,
            actor=current.actor(),
            despite_kept=form.despite_kept.data,
            night_leave=form.night_leave.data or "",
            consent=form.consent(),
        )
        return forms.done(_("%(pc)s: клиент посажен", pc=pc.name), url_for("computers.index"))
    top_up = form.top_up()
    if amount := by_code.kaspi_tiyn(form, top_up.amount_tiyn if top_up else 0):
        others, till = by_code.the_rest(form)
        return by_code.place(
            "buy",
            amount_tiyn=amount,
            key=f"desk:{form.key.data}",
            phone=form.phone.data or "",
            payer_id=customer_id,
            customer_id=customer_id,
            at=[pc.computer_id],
            computer_id=pc.computer_id,
            tariff_id=form.tariff.tariff_id(),
            top_up=others,
            till=till,
            despite_kept=form.despite_kept.data,
            night_leave=form.night_leave.data or "",
        )
    service.buy(
        current.club().paid_by_kaspi(form.operation.data),
        computer_id=pc.computer_id,
        customer_id=customer_id,
        tariff_id=form.tariff.tariff_id(),
        key=f"desk:{form.key.data}",
        actor=current.actor(),
        top_up=top_up,
        till=form.till(),
        despite_kept=form.despite_kept.data,
        night_leave=form.night_leave.data or "",
        in_debt=form.in_debt(),
    )
    paid = 0 if top_up is None else top_up.amount_tiyn
    return _told(_("%(pc)s: клиент посажен", pc=pc.name), form, paid)


def _extend(pc: HallRow, session_id: int, form: SeatAndSellForm) -> ResponseReturnValue:
    guest = pc.session is not None and pc.session.customer_id is None
    top_up = None if guest else form.top_up()
    if form.night_leave.data:
        minors.let_stay(
            current.club(),
            session_id=session_id,
            leave=form.night_leave.data,
            actor=current.actor(),
        )
    price = form.price_tiyn() or 0
    due = price if guest else 0 if top_up is None else top_up.amount_tiyn
    if amount := by_code.kaspi_tiyn(form, due):
        others, till = (None, form.till()) if guest else by_code.the_rest(form)
        return by_code.place(
            "more",
            amount_tiyn=amount,
            key=f"desk:{form.key.data}",
            phone=form.phone.data or "",
            payer_id=None if pc.session is None else pc.session.customer_id,
            at=[pc.computer_id],
            session_id=session_id,
            tariff_id=form.tariff.tariff_id(),
            method=form.method.data if guest else "balance",
            top_up=others,
            till=till,
        )
    service.sell_more(
        current.club().paid_by_kaspi(form.operation.data),
        session_id=session_id,
        tariff_id=form.tariff.tariff_id(),
        method=form.method.data if guest else "balance",
        actor=current.actor(),
        key=f"desk:{form.key.data}",
        top_up=top_up,
        till=form.till(),
        in_debt=form.in_debt(),
    )
    return _told(_("%(pc)s: время добавлено", pc=pc.name), form, due)


def _told(message: str, form: SeatAndSellForm, paid_tiyn: int) -> ResponseReturnValue:
    """The confirmation. Change that is due stays on the screen until somebody has counted it out."""
    change = change_of(form.paid_tiyn(paid_tiyn), form.received_tiyn())
    if change == 0:
        return forms.done(message, url_for("computers.index"), receipt_of=f"desk:{form.key.data}")
    return render_template(
        "counter/change.html",
        layout=_layout(),
        message=message,
        paid=form.paid_tiyn(paid_tiyn),
        received=form.received_tiyn(),
        change=change,
        receipt_of=f"desk:{form.key.data}",
    )


def _layout() -> str:
    return "part.html" if current.is_htmx() else "page.html"


def goods_at(computer_id: int, customer_id: int | None = None) -> list[Offered]:
    """What is sold now at this PC; to this customer, as their group gets it."""
    club, group = current.club(), None
    with club.read() as db:
        if customer_id is not None:
            group = loyalty.of_customer(db, club.club_id, customer_id)
        found = computers.current(db, club.club_id, [computer_id])
        shelf = tariffs.shelf(db, club.club_id, club.clock.now())
    zone_id = found[0].zone_id if found else None
    return [Offered(one, ((zone_id, one.price_tiyn, 1),)) for one in shelf.goods(zone_id, group)]


def _customer(pc: HallRow) -> customers.CustomerRow | None:
    if pc.session is None or pc.session.customer_id is None:
        return None
    with current.club().read() as db:
        return customers.row(db, current.club().club_id, pc.session.customer_id)
