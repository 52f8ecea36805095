"""«Kaspi»: asking for money at the desk, each payment's story, giving back, comparing with the bank."""

from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import segno
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.club.rules import usual_top_ups
from lovhub.server.counter.pages import chosen_customer, found
from lovhub.server.customers import queries as customers_queries
from lovhub.server.customers.queries import CustomerRow
from lovhub.server.errors import OperationRefused
from lovhub.server.payments import asking_again, bank, orders, polling, queries, refunds, service
from lovhub.server.payments.forms import (
    AskForm,
    DecideForm,
    GiveCreditForm,
    RecordForm,
    RefundForm,
    RegistryForm,
)
from lovhub.server.payments.providers.contract import PaymentProvider
from lovhub.server.payments.queries import PaymentRow
from lovhub.server.payments.rules import LOST_STATES, OPEN_STATES, payment_number
from lovhub.server.payments.texts import REFUND_STATES, STATES, step
from lovhub.server.web import current, formatting, forms, refusals
from lovhub.server.web.forms import Form
from lovhub.server.web.tables import Column, Table

pages = Blueprint("payments", __name__, url_prefix="/admin/payments")

FILTER_NAMES = {
    "": _l("Все"),
    "waiting": _l("Ждут"),
    "paid": _l("Оплачены"),
    "review": _l("Проверить"),
    "lost": _l("Не состоялись"),
}

LATE_SECONDS = 3600
"""So long after a payment's end its open page still looks whether it has been paid after all."""

TABLE = Table(
    "payments",
    (
        Column[PaymentRow]("at", _l("Когда"), lambda row: row.created_at, "moment"),
        Column("customer", _l("Клиент"), lambda row: row.customer_name),
        Column("amount", _l("Сумма"), lambda row: row.amount_tiyn, "money"),
        Column("paid", _l("Оплачено"), lambda row: row.paid_tiyn, "money"),
        Column("state", _l("Состояние"), lambda row: str(STATES[row.state])),
        Column("operation", _l("Номер операции"), lambda row: row.provider_ref),
    ),
    queries.SORTS,
)


@pages.get("")
def index() -> ResponseReturnValue:
    """All payments, the newest first."""
    club, only = current.club(), request.args.get("only", "")
    with club.read() as db:
        find = partial(queries.page, db, club.club_id, only=only)
        if (file := TABLE.file(find)) is not None:
            return file
        listing = TABLE.listing(find)
    return render_template(
        "payments/index.html",
        listing=listing,
        only=only,
        filters=FILTER_NAMES,
        states=STATES,
        mode=current.server().payments.mode,
    )


@pages.get("/<int:payment_id>")
def show(payment_id: int) -> ResponseReturnValue:
    """A payment: the code to pay by, and all that became of it. An open page asks for its panel each second."""
    club = current.club()
    now = club.clock.now()
    with club.read() as db:
        payment = queries.get(db, club.club_id, payment_id)
        steps = queries.story(db, payment_id)
        given_back = queries.refunds(db, payment_id)
        order = queries.order(db, payment_id)
        code = orders.code_sold(club, db, payment_id) if order is not None else ""
    provider = current.server().payments.named(payment.provider)
    only_panel = request.headers.get("HX-Target") == "payment-panel"
    return render_template(
        "payments/panel.html" if only_panel else "payments/show.html",
        payment=payment,
        steps=steps,
        refunds=given_back,
        order=order,
        order_text=_order_text(order),
        code=code,
        left_tiyn=queries.left_tiyn(payment, given_back),
        is_open=payment.state in OPEN_STATES,
        look_again_seconds=_look_again_seconds(payment.state, now - payment.expires_at),
        may_ask_again=_may_ask_again(payment, order),
        picture=_picture(payment),
        seconds_left=max(0, payment.expires_at - now),
        states=STATES,
        refund_states=REFUND_STATES,
        step_text=step,
        asks_by_phone=provider is not None and provider.caps.needs_phone,
        at_terminal=provider is not None and provider.caps.at_desk_only,
        tells_refunds=provider is not None and provider.caps.tells_refunds,
        can_look=provider is not None and provider.caps.poll,
    )


@pages.route("/customers/<int:customer_id>", methods=["GET", "POST"])
def take(customer_id: int) -> ResponseReturnValue:
    """Money by Kaspi, from the customer's row: a code on the screen, or what the desk saw in Kaspi Pay."""
    customer, provider = _customer(customer_id), current.server().payments.main
    if provider is None or not (provider.caps.create or provider.caps.by_hand):
        number = payment_number(customer_id)
        return forms.show_row_form(
            "payments/number.html", Form(), customer=customer, number=number, provider=provider
        )
    return _ask(customer, provider) if provider.caps.create else _record(customer, provider)


def _quick() -> tuple[int, ...]:
    """Amounts at one press."""
    return usual_top_ups(current.club_row().currency)


def _ask(customer: CustomerRow, provider: PaymentProvider) -> ResponseReturnValue:
    # After a question that came to nothing: the same once more.
    again_tiyn = current.number(request.args.get("tiyn"))
    form = AskForm(data={"amount": again_tiyn})
    if form.validate_on_submit():
        with form.showing_refusals():
            payment_id = service.create_payment(
                current.club(),
                provider,
                customer_id=customer.id,
                amount_tiyn=form.amount.amount_tiyn(),
                key=form.key.data or "",
                actor=current.actor(),
                phone=form.phone.data or "",
                as_link=bool(form.as_link.data),
            )
            return _go_to(payment_id)
    return forms.show_row_form(
        "payments/ask.html", form, customer=customer, caps=provider.caps, quick=_quick()
    )


def _record(customer: CustomerRow, provider: PaymentProvider) -> ResponseReturnValue:
    form = RecordForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            payment_id = service.record_payment(
                current.club(),
                provider,
                customer_id=customer.id,
                amount_tiyn=form.amount.amount_tiyn(),
                operation=form.operation.data or "",
                key=form.key.data or "",
                actor=current.actor(),
            )
            return _go_to(payment_id)
    return forms.show_row_form("payments/record.html", form, customer=customer, quick=_quick())


@pages.post("/<int:payment_id>/look")
def look(payment_id: int) -> ResponseReturnValue:
    """Ask the provider at once."""
    polling.ask_now(current.club(), current.server().payments, payment_id)
    return _go_to(payment_id)


@pages.route("/<int:payment_id>/cancel", methods=["GET", "POST"])
def cancel(payment_id: int) -> ResponseReturnValue:
    """Ask for it no longer, after a question."""
    payment, form = _payment(payment_id), Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.cancel(
                current.club(),
                current.server().payments,
                payment_id=payment_id,
                actor=current.actor(),
            )
            return forms.done(_("Счёт отменён"), url_for("payments.show", payment_id=payment_id))
    return forms.show_form("payments/cancel.html", form, payment=payment)


@pages.route("/<int:payment_id>/accept", methods=["GET", "POST"])
def accept(payment_id: int) -> ResponseReturnValue:
    """Credit a payment that came otherwise than it was asked for."""
    payment, form = _payment(payment_id), Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.accept(current.club(), payment_id=payment_id, actor=current.actor())
            return forms.done(_("Зачислено"), url_for("payments.show", payment_id=payment_id))
    return forms.show_form("payments/accept.html", form, payment=payment)


@pages.route("/<int:payment_id>/credit", methods=["GET", "POST"])
def give_credit(payment_id: int) -> ResponseReturnValue:
    """Put a guest's money, which paid for nothing, on a customer's balance."""
    payment, form = _payment(payment_id), GiveCreditForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            orders.give_credit(
                current.club(),
                payment_id=payment_id,
                customer_id=chosen_customer(),
                actor=current.actor(),
            )
            return forms.done(_("Зачислено"), url_for("payments.show", payment_id=payment_id))
    return forms.show_form(
        "payments/credit.html",
        form,
        payment=payment,
        chosen=current.number(request.form.get("customer")),
        **found(form.search.data or ""),
    )


def _order_text(order: queries.OrderRow | None) -> str:
    """How the sale stands."""
    if order is None:
        return ""
    if order.state == "done":
        return str(_("Продажа проведена"))
    if order.state == "failed" and not order.refusal:
        return str(_("Не оплачено, продажа не прошла. Нужна ещё — проведите её заново."))
    if order.state == "failed":
        return str(_("Продать уже не вышло. %(why)s", why=refusals.refusal(order.refusal)))
    return str(_("Продажа пройдёт сама, как только Kaspi подтвердит оплату"))


@pages.route("/<int:payment_id>/refund", methods=["GET", "POST"])
def refund(payment_id: int) -> ResponseReturnValue:
    """Give back all of it, or part."""
    club, payment = current.club(), _payment(payment_id)
    with club.read() as db:
        left_tiyn = queries.left_tiyn(payment, queries.refunds(db, payment_id))
    provider = current.server().payments.named(payment.provider)
    form = RefundForm(data={"amount": left_tiyn})
    if form.validate_on_submit():
        with form.showing_refusals():
            made = refunds.refund(
                club,
                current.server().payments,
                payment_id=payment_id,
                amount_tiyn=form.amount.amount_tiyn(),
                reason=form.reason.data or "",
                key=form.key.data or "",
                actor=current.actor(),
            )
            amount = formatting.money(made.amount_tiyn, formatting.currency_sign())
            state = str(REFUND_STATES[made.state])
            text = _("Возврат %(amount)s: %(state)s", amount=amount, state=state)
            return forms.done(text, url_for("payments.show", payment_id=payment_id))
    return forms.show_form(
        "payments/refund.html",
        form,
        payment=payment,
        left_tiyn=left_tiyn,
        by_wire=provider is not None and provider.caps.refund,
    )


@pages.route("/<int:payment_id>/refunds/<int:refund_id>", methods=["GET", "POST"])
def decide(payment_id: int, refund_id: int) -> ResponseReturnValue:
    """A person has looked in Kaspi whether a refund without an answer was done."""
    payment, form = _payment(payment_id), DecideForm()
    if form.validate_on_submit() and form.found.data in {"done", "not_done"}:
        refunds.decide_unknown(
            current.club(),
            refund_id=refund_id,
            was_done=form.found.data == "done",
            actor=current.actor(),
        )
        return forms.done(_("Записано"), url_for("payments.show", payment_id=payment_id))
    return forms.show_form("payments/decide.html", form, payment=payment, refund_id=refund_id)


@pages.route("/reconciliation", methods=["GET", "POST"])
def reconciliation() -> ResponseReturnValue:
    """Ours, theirs, and where they differ."""
    form, taken, status = RegistryForm(), None, 200
    if form.validate_on_submit():
        try:
            taken = _registry(form)
        except OperationRefused as refusal:
            form.file.errors = [refusals.refusal_of(refusal)]
            status = 422
    club = current.club()
    first, last = _days()
    zone = ZoneInfo(current.club_row().time_zone)
    with club.read() as db:
        found = bank.comparison(
            db,
            club.club_id,
            _midnight(first, zone),
            _midnight(last + timedelta(days=1), zone),
            now=club.clock.now(),
            asked_at_night=asking_again.names(current.server().payments),
        )
    page = render_template(
        "payments/reconciliation.html",
        form=form,
        taken=taken,
        first=first,
        last=last,
        found=found,
        asks=asking_again.can_ask(current.server().payments.main),
    )
    return page, status


def _registry(form: RegistryForm) -> bank.Taken:
    if not form.file.data:
        raise OperationRefused("moving_file_missing")
    return bank.take_registry(
        current.club(),
        file_name=form.file.data.filename or "",
        content=form.file.data.read(),
        actor=current.actor(),
    )


def _days() -> tuple[date, date]:
    """The days the address asks for; today, if it asks for none that make sense."""
    today = formatting.local(current.club().clock.now(), current.club_row().time_zone).date()
    try:
        first = date.fromisoformat(request.args.get("from", ""))
        last = date.fromisoformat(request.args.get("until", ""))
    except ValueError:
        return today, today
    return (first, last) if first <= last < date.max else (today, today)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _go_to(payment_id: int) -> ResponseReturnValue:
    address = url_for("payments.show", payment_id=payment_id)
    if current.is_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _look_again_seconds(state: str, over_seconds: int) -> int:
    """How often an open page asks what has become of it; 0: no more. What was taken back may be paid all the same."""
    if state in OPEN_STATES:
        return 1
    return 3 if state in LOST_STATES and over_seconds < LATE_SECONDS else 0


def _may_ask_again(payment: PaymentRow, order: queries.OrderRow | None) -> bool:
    """Whether it has come to nothing, or nobody knows; and the same may be asked for at one press."""
    main = current.server().payments.main
    came_to_nothing = payment.state in LOST_STATES | {"unknown"}
    is_offered = main is not None and main.caps.create and order is None
    return came_to_nothing and is_offered and bool(payment.customer_id and payment.customer_name)


def _picture(payment: PaymentRow) -> str:
    """The code as a picture, while it may still be paid."""
    if not payment.qr_payload or payment.state not in OPEN_STATES:
        return ""
    return str(
        segno.make(payment.qr_payload, error="m").svg_data_uri(scale=6, border=4, light="#fff")
    )


def _payment(payment_id: int) -> PaymentRow:
    club = current.club()
    with club.read() as db:
        return queries.get(db, club.club_id, payment_id)


def _customer(customer_id: int) -> CustomerRow:
    club = current.club()
    with club.read() as db:
        return customers_queries.row(db, club.club_id, customer_id)
