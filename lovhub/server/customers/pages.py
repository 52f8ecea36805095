"""Customers at the desk."""

from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask import flash as flash_message
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.customers import queries, service
from lovhub.server.customers.forms import RegisterForm, TopUpForm
from lovhub.server.customers.queries import CustomerRow
from lovhub.server.errors import OperationRefused
from lovhub.server.web import current, formatting, forms
from lovhub.server.web.tables import Column, Table

pages = Blueprint("customers", __name__, url_prefix="/admin/customers")

TABLE = Table(
    "customers",
    (
        Column[CustomerRow]("name", _l("Имя"), lambda row: row.name),
        Column("login", _l("Логин"), lambda row: row.login),
        Column("phone", _l("Телефон"), lambda row: row.phone),
        Column("balance", _l("Баланс"), lambda row: row.balance_tiyn, "money"),
        Column("time", _l("Время"), lambda row: row.seconds_available, "duration"),
        Column("registered", _l("Регистрация"), lambda row: row.created_at, "day"),
    ),
    queries.SORTS,
)


@pages.get("")
def index() -> ResponseReturnValue:
    """Customers by name, searched by name, login or phone."""
    search = request.args.get("q", "").strip()
    with current.club().read() as db:
        find = partial(queries.page, db, current.club().club_id, search=search)
        if (file := TABLE.file(find)) is not None:
            return file
        listing = TABLE.listing(find)
    return render_template("customers/index.html", listing=listing, search=search)


@pages.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """A new customer, on a page of its own."""
    form = RegisterForm()
    status = 200
    if form.validate_on_submit():
        try:
            service.register(
                current.club(),
                login=form.login.data or "",
                name=form.name.data or "",
                phone=form.phone.data or "",
                password=form.password.data or "",
                actor=current.actor(),
            )
        except OperationRefused as refusal:
            form.show(refusal)
            status = 422
        else:
            flash_message(_("Клиент «%(login)s» зарегистрирован.", login=form.login.data))
            return redirect(url_for("customers.index", q=form.login.data), 303)
    return render_template("customers/register.html", form=form), status


@pages.route("/<int:customer_id>/top-up", methods=["GET", "POST"])
def top_up(customer_id: int) -> ResponseReturnValue:
    """Money onto the customer's balance."""
    club = current.club()
    with club.read() as db:
        customer = queries.row(db, club.club_id, customer_id)
    form = TopUpForm()
    if form.validate_on_submit():
        try:
            service.top_up(
                club,
                customer_id=customer_id,
                amount_tiyn=form.amount.amount_tiyn(),
                method=form.method.data,
                key=form.key.data or "",
                actor=current.actor(),
            )
        except OperationRefused as refusal:
            form.show(refusal)
        else:
            amount = formatting.money(form.amount.amount_tiyn(), formatting.currency_sign())
            text = _("%(name)s: баланс пополнен на %(amount)s", name=customer.name, amount=amount)
            return forms.done(text, url_for("customers.index", q=customer.login))
    return forms.show_form("customers/top_up.html", form, customer=customer)
