"""Customers at the desk: the list, and what is done in its rows."""

from dataclasses import replace
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask import flash as flash_message
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.club.rules import usual_top_ups
from lovhub.server.counter import by_code
from lovhub.server.customers import answers, contacts, history, queries, reversal, service
from lovhub.server.customers.forms import (
    QUICK_MINUTES,
    GiveTimeForm,
    RegisterForm,
    TakeBackForm,
    TopUpForm,
)
from lovhub.server.customers.queries import CustomerRow, Only
from lovhub.server.errors import OperationRefused
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.payments import service as payments
from lovhub.server.reports.queries import day_start
from lovhub.server.web import current, formatting, forms, texts
from lovhub.server.web.tables import Column, Table

pages = Blueprint("customers", __name__, url_prefix="/admin/customers")

TABLE = Table(
    "customers",
    (
        Column[CustomerRow]("name", _l("Имя"), lambda row: row.name),
        Column("login", _l("Логин"), lambda row: row.login),
        Column(
            "phone",
            _l("Телефон"),
            lambda row: contacts.shown_phone(row.phone, current.actor().role),
        ),
        Column(
            "birth_date",
            _l("Дата рождения"),
            lambda row: contacts.shown_birth_date(row.birth_date, current.actor().role),
        ),
        Column("group", _l("Группа"), lambda row: row.group),
        Column("balance", _l("Баланс"), lambda row: row.balance_tiyn, "money"),
        Column("debt", _l("Долг"), lambda row: row.debt_tiyn, "money"),
        Column("bonuses", _l("Бонусы"), lambda row: row.bonus_tiyn, "money"),
        Column("time", _l("Время"), lambda row: row.seconds_available, "duration"),
        Column("registered", _l("Регистрация"), lambda row: row.created_at, "day"),
    ),
    queries.SORTS,
)


@pages.get("")
def index() -> ResponseReturnValue:
    """Customers by name, searched by name, login or phone; while one types, only the list is sent."""
    search = request.args.get("q", "").strip()
    with current.club().read() as db:
        role = current.actor().role
        find = partial(
            queries.page,
            db,
            current.club().club_id,
            search=search,
            phones=contacts.phone_search(role),
            only=_only(),
        )
        table = replace(TABLE, sorts=contacts.sorts(role))
        if (file := table.file(find)) is not None:
            return file
        listing = table.listing(find)
    only_list = request.headers.get("HX-Target") == "customer-list"
    template = "customers/list.html" if only_list else "customers/index.html"
    return render_template(template, listing=listing, search=search, only_list=only_list)


def _only() -> Only:
    """What the address narrows the list to: the dashboard's figures lead here so."""
    wanted = request.args.get("only", "")
    today_at = day_start(current.club_row(), current.club().clock.now())
    return Only(
        registered_since_at=today_at if wanted == "new" else None,
        with_money=wanted == "money",
        with_time=wanted == "time",
        in_debt=wanted == "debt",
    )


@pages.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """A new customer, on a page of its own."""
    form = RegisterForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.register(
                current.club(),
                login=form.login.data or "",
                name=form.name.data or "",
                phone=form.phone.data or "",
                birth_date=form.birth_date.data or "",
                password=form.password.data or "",
                actor=current.actor(),
            )
            flash_message(_("Клиент «%(login)s» зарегистрирован.", login=form.login.data))
            return redirect(url_for("customers.index", q=form.login.data), 303)
    page = render_template("customers/register.html", form=form)
    return page, 422 if form.errors else 200


@pages.route("/<int:customer_id>/top-up", methods=["GET", "POST"])
def top_up(customer_id: int) -> ResponseReturnValue:
    """Money onto the customer's balance, from the row."""
    customer = _customer(customer_id)
    # A debt is paid first: what is owed stands there already.
    form = TopUpForm(data={"amount": customer.debt_tiyn} if customer.debt_tiyn else None)
    if form.validate_on_submit():
        with form.showing_refusals():
            if by_code.asks_kaspi(form.method.data):
                return _ask_kaspi(customer, form)
            posting_id = service.top_up(
                current.club().paid_by_kaspi(form.operation.data),
                customer_id=customer_id,
                amount_tiyn=form.amount.amount_tiyn(),
                method=form.method.data,
                key=form.key.data or "",
                actor=current.actor(),
                **form.cash_counted(),
            )
            sign = formatting.currency_sign()
            text = _(
                "%(name)s: баланс пополнен на %(amount)s",
                name=customer.name,
                amount=formatting.money(form.amount.amount_tiyn(), sign),
            )
            with current.club().read() as db:
                bonus_tiyn = loyalty.bonus_of_posting(db, posting_id)
            if customer.debt_tiyn:
                left = formatting.money(_customer(customer_id).debt_tiyn, sign)
                text = f"{text}. " + _("Долг теперь: %(left)s", left=left)
            if bonus_tiyn:
                bonus = formatting.money(bonus_tiyn, sign)
                text = f"{text}. " + _("Бонусов: +%(bonus)s", bonus=bonus)
            if form.change_tiyn():
                change = formatting.money(form.change_tiyn(), sign)
                text = f"{text}. " + _("Сдача: %(change)s", change=change)
            # What came by Kaspi goes back by way of Kaspi.
            by_number = (
                form.method.data == "kaspi" and current.server().payments.at_desk != "nothing"
            )
            return answers.done(
                customer_id,
                text,
                take_back=None if by_number else posting_id,
                receipt_of=form.key.data or "",
            )
    return forms.show_row_form(
        "customers/top_up.html",
        form,
        customer=customer,
        quick=usual_top_ups(current.club_row().currency),
    )


def _ask_kaspi(customer: CustomerRow, form: TopUpForm) -> ResponseReturnValue:
    """Where Kaspi itself confirms payments, the money comes when it has."""
    provider = current.server().payments.main
    if provider is None:
        raise OperationRefused("payment_not_offered")
    payment_id = payments.create_payment(
        current.club(),
        provider,
        customer_id=customer.id,
        amount_tiyn=form.amount.amount_tiyn(),
        key=form.key.data or "",
        actor=current.actor(),
        phone=form.phone.data or "",
    )
    return by_code.to_payment(payment_id)


@pages.route("/<int:customer_id>/time", methods=["GET", "POST"])
def give_time(customer_id: int) -> ResponseReturnValue:
    """Time without money, from the row."""
    customer, form = _customer(customer_id), GiveTimeForm()
    if form.validate_on_submit():
        with form.showing_refusals(seconds="minutes"):
            service.give_time(
                current.club(),
                customer_id=customer_id,
                seconds=form.seconds(),
                title=texts.given_time(form.seconds() // 60),
                reason=form.reason.data or "",
                key=form.key.data or "",
                actor=current.actor(),
            )
            time = formatting.duration(form.seconds())
            text = _("%(name)s: добавлено время %(time)s", name=customer.name, time=time)
            return answers.done(customer_id, text)
    return forms.show_row_form(
        "customers/give_time.html", form, customer=customer, quick=QUICK_MINUTES
    )


@pages.route("/<int:customer_id>/top-ups/<int:posting_id>/take-back", methods=["GET", "POST"])
def take_back(customer_id: int, posting_id: int) -> ResponseReturnValue:
    """A top-up by mistake, taken back: at once by its author, with a reason by a manager."""
    club = current.club()
    form = TakeBackForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            reversal.take_back(
                club,
                customer_id=customer_id,
                posting_id=posting_id,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            name = _customer(customer_id).name
            return answers.done(customer_id, _("%(name)s: пополнение отменено", name=name))
    customer = _customer(customer_id)
    with club.read() as db:
        top_up = history.top_up(db, club.club_id, customer_id, posting_id)
    return forms.show_row_form(
        "customers/take_back.html",
        form,
        customer=customer,
        top_up=top_up,
        own_seconds=_own_seconds(top_up),
    )


def _customer(customer_id: int) -> CustomerRow:
    club = current.club()
    with club.read() as db:
        return queries.row(db, club.club_id, customer_id)


def _own_seconds(top_up: history.TopUp) -> int:
    return history.own_seconds_left(top_up, current.actor(), current.club().clock.now())
