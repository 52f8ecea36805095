"""A customer's own page: what they have, what became of it, and what the desk does about them."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from lovhub.server.customers import (
    answers,
    contacts,
    forgetting,
    forgiving,
    history,
    pins,
    queries,
    rules,
    service,
)
from lovhub.server.customers.belonging import names_of_sharing
from lovhub.server.customers.forms import DetailsForm, ForgetForm, ForgiveForm, PinForm
from lovhub.server.customers.history import LotRow
from lovhub.server.customers.models import Customer
from lovhub.server.customers.queries import CustomerRow
from lovhub.server.database.keyset import Part, Place, read_place
from lovhub.server.journal import log, sentences
from lovhub.server.journal.log import LogFilter, LogRow
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.minors.night import Watch
from lovhub.server.minors.rules import ADULT_YEARS, years_old
from lovhub.server.tariffs import hours
from lovhub.server.tariffs.words import when
from lovhub.server.web import current, formatting, forms, navigation, texts

pages = Blueprint("customer", __name__, url_prefix="/admin/customers/<int:customer_id>")

TABS = {
    "money": _l("Деньги"),
    "debt": _l("Долг"),
    "bonuses": _l("Бонусы"),
    "time": _l("Время"),
    "sessions": _l("Сеансы"),
    "launches": _l("Запуски"),
    "log": _l("Журнал"),
}

_OF_ONE_CLUB = frozenset({"launches", "log"})
"""Tabs that show what happened at this club only."""


@pages.get("")
def show(customer_id: int) -> ResponseReturnValue:
    """The customer with one of the tabs; older rows by what stands in the address."""
    club = current.club()
    tab = request.args.get("tab", "")
    with club.read() as db:
        customer = queries.row(db, club.club_id, customer_id)
        row = db.get_one(Customer, customer_id)
        # Whoever never had a bonus, or played in debt, needs no tab for it.
        never = {"bonuses": row.bonus_account_id is None, "debt": row.debt_account_id is None}
        tabs = {name: title for name, title in TABS.items() if not never.get(name)}
        tab = tab if tab in tabs else "money"
        part = _READ[tab](db, row, request.args.get("before", ""))
        elsewhere = {} if tab in _OF_ONE_CLUB else _elsewhere(db, club.club_id, part.rows)
        at_work = loyalty.at_work(db, club.club_id)
        taken_back = (
            history.taken_back(db, club.club_id, [row.posting_id for row in part.rows])
            if tab in {"money", "bonuses"}
            else set()
        )
    older = part.next.written() if isinstance(part.next, Place) else part.next
    return render_template(
        "customers/show.html",
        customer=customer,
        tabs=tabs,
        loyalty=at_work,
        tab=tab,
        rows=part.rows,
        elsewhere=elsewhere,
        older=older,
        taken_back=taken_back,
        own_seconds=_own_seconds,
        age=_age(customer),
        movement_text=texts.movement,
        state_text=_state,
        sentence=sentences.sentence,
        hours_text=_hours_text,
    )


def _elsewhere(db: Session, club_id: int, rows: Sequence[Any]) -> dict[int, str]:
    """Names of the other clubs of which there are rows; nothing is asked where there are none."""
    others = {row.club_id for row in rows} - {club_id}
    return (
        {n: name for n, name in names_of_sharing(db, club_id).items() if n in others}
        if others
        else {}
    )


def _hours_text(row: LotRow) -> str:
    """When alone a lot is played, and from when it may be, if not now; "" for one that is played at any time."""
    if row.play_hours is None:
        return ""
    said = str(_("играть %(when)s", when=when(row.play_hours)))
    zone, now = current.club_row().time_zone, current.club().clock.now()
    opens_at = hours.playable(row.play_hours, zone, now).opens_at
    if opens_at is None or not row.left_seconds:
        return said
    day, time = formatting.day(opens_at), formatting.clock(opens_at)
    return said + "; " + str(_("можно с %(day)s %(time)s", day=day, time=time))


@pages.route("/details", methods=["GET", "POST"])
def change_details(customer_id: int) -> ResponseReturnValue:
    """Another name or phone."""
    customer = _customer(customer_id)
    sees_all = navigation.may("see_contacts")
    form = DetailsForm(
        data={
            "name": customer.name,
            "phone": customer.phone if sees_all else rules.masked_phone(customer.phone),
            "birth_date": customer.birth_date if sees_all else "",
        }
    )
    if form.validate_on_submit():
        with form.showing_refusals():
            service.change_details(
                current.club(),
                customer_id=customer_id,
                name=form.name.data or "",
                phone=None if _is_hidden(form.phone.data, customer) else form.phone.data or "",
                birth_date=form.birth_date.data or ("" if sees_all else None),
                actor=current.actor(),
            )
            return answers.done(customer_id, _("%(name)s: сохранено", name=form.name.data))
    return forms.show_row_form("customers/details.html", form, customer=customer, sees_all=sees_all)


def _is_hidden(typed: str | None, customer: CustomerRow) -> bool:
    """Whether the phone was left as it is shown to those who do not see it: it stays."""
    return bool(typed) and typed == rules.masked_phone(customer.phone)


@pages.post("/contacts")
def reveal_contacts(customer_id: int) -> ResponseReturnValue:
    """Phone and birth date of this one customer, which the log tells."""
    found = contacts.reveal(current.club(), customer_id=customer_id, actor=current.actor())
    part = "customers/contacts_part.html" if current.is_htmx() else "customers/contacts.html"
    return render_template(part, contacts=found)


@pages.route("/pin", methods=["GET", "POST"])
def issue_pin(customer_id: int) -> ResponseReturnValue:
    """«Забыл пароль»: a PIN, shown once."""
    customer, form, issued = _customer(customer_id), PinForm(), None
    if form.validate_on_submit():
        issued = pins.issue(current.club(), customer_id=customer_id, actor=current.actor())
    return forms.show_row_form("customers/pin.html", form, customer=customer, issued=issued)


@pages.route("/forget", methods=["GET", "POST"])
def forget(customer_id: int) -> ResponseReturnValue:
    """«Удалить»: with a question about what they still have."""
    club, customer, form = current.club(), _customer(customer_id), ForgetForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            paid_tiyn = forgetting.forget(
                club,
                customer_id=customer_id,
                fate=form.fate.data or "",
                reason=form.reason.data or "",
                expected_tiyn=form.expected(),
                actor=current.actor(),
            )
            return _forgotten(customer, paid_tiyn)
    with club.read() as db:
        estate = queries.estate(db, db.get_one(Customer, customer_id))
    form.expected_tiyn.raw_data = None  # the sum as it is now, not as it was sent
    form.expected_tiyn.data = str(estate.total_tiyn)
    return forms.show_row_form("customers/forget.html", form, customer=customer, estate=estate)


@pages.route("/debt/forgive", methods=["GET", "POST"])
def forgive_debt(customer_id: int) -> ResponseReturnValue:
    """«Простить долг»: with a reason, and under one's name."""
    form = ForgiveForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            forgiving.forgive(
                current.club(),
                customer_id=customer_id,
                expected_tiyn=form.expected(),
                reason=form.reason.data or "",
                key=form.key.data or "",
                actor=current.actor(),
            )
            name = _customer(customer_id).name
            return answers.done(customer_id, _("%(name)s: долг прощён", name=name))
    customer = _customer(customer_id)
    form.expected_tiyn.raw_data = None  # the sum as it is now, not as it was sent
    form.expected_tiyn.data = str(customer.debt_tiyn)
    return forms.show_row_form("customers/forgive.html", form, customer=customer)


def _age(customer: CustomerRow) -> str:
    """What is known of the customer's age, in words."""
    if customer.born is None:
        return ""
    watch = Watch(current.club_row(), current.club().clock.now())
    years = years_old(customer.born, watch.today)
    if years >= ADULT_YEARS and not navigation.may("see_contacts"):
        if not customer.age_document:
            return str(_("совершеннолетний, не подтверждено"))
        document = texts.DOCUMENTS.get(customer.age_document, customer.age_document)
        return str(_("совершеннолетний: %(document)s", document=document))
    if not customer.age_document:
        return str(_("возраст %(years)s, не подтверждён", years=years))
    document = texts.DOCUMENTS.get(customer.age_document, customer.age_document)
    return str(_("возраст %(years)s: %(document)s", years=years, document=document))


def _forgotten(customer: CustomerRow, paid_tiyn: int) -> ResponseReturnValue:
    text = _("%(name)s: клиент удалён", name=customer.name)
    if paid_tiyn:
        amount = formatting.money(paid_tiyn, formatting.currency_sign())
        text += ". " + _("Выдайте наличными %(amount)s", amount=amount)
    if answers.in_row(customer.id):
        return render_template("customers/forgotten.html", text=text, customer=customer)
    flash(text)
    address = url_for("customers.index")
    if current.is_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _customer(customer_id: int) -> CustomerRow:
    club = current.club()
    with club.read() as db:
        return queries.row(db, club.club_id, customer_id)


def _own_seconds(movement: history.Movement) -> int:
    return history.own_seconds_left(movement, current.actor(), current.club().clock.now())


def _state(row: history.SittingRow) -> str:
    if row.state == "ended":
        return sentences.end_reason(row.end_reason)
    return str(_STATES[row.state])


_STATES = {
    "active": _l("играет"),
    "paused": _l("на паузе"),
    "unreachable": _l("ПК не на связи"),
}


def _log(kind: str) -> Callable[[Session, Customer, str], Any]:
    def read(db: Session, customer: Customer, before: str) -> Part[LogRow]:
        wanted = LogFilter(kind=kind, customer_id=customer.id)
        return log.page(db, current.club().club_id, wanted, place=read_place(before))

    return read


_READ: dict[str, Callable[[Session, Customer, str], Any]] = {
    "money": lambda db, customer, before: history.movements(
        db, customer.balance_account_id, before=current.number(before)
    ),
    "debt": lambda db, customer, before: history.movements(
        db, customer.debt_account_id or 0, before=current.number(before)
    ),
    "bonuses": lambda db, customer, before: history.movements(
        db, customer.bonus_account_id or 0, before=current.number(before)
    ),
    "time": lambda db, customer, before: history.lots(
        db, customer.id, before=current.number(before)
    ),
    "sessions": lambda db, customer, before: history.sittings(
        db, customer.id, before=current.number(before)
    ),
    "launches": _log("launch"),
    "log": _log(""),
}
"""How each tab's rows are read."""
