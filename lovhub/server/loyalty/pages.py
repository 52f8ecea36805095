"""Groups, bonuses and promotions in the admin, and what the desk does of it for one customer."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.customers import answers
from lovhub.server.customers import queries as customers
from lovhub.server.customers.forms import TakeBackForm
from lovhub.server.customers.queries import CustomerRow
from lovhub.server.loyalty import mistakes, promos, queries, service
from lovhub.server.loyalty.forms import (
    BonusRulesForm,
    GiveBonusForm,
    GroupForm,
    PromoForm,
    PutInGroupForm,
    UseCodeForm,
)
from lovhub.server.web import current, formatting, forms
from lovhub.server.web.forms import Form

pages = Blueprint("loyalty", __name__, url_prefix="/admin/loyalty")
of_customer = Blueprint(
    "customer_loyalty", __name__, url_prefix="/admin/customers/<int:customer_id>"
)


@pages.get("")
def index() -> ResponseReturnValue:
    """The groups, how bonuses work, and the promotions."""
    club = current.club()
    with club.read() as db:
        return render_template(
            "loyalty/index.html",
            groups=queries.groups(db, club.club_id),
            members=queries.members(db, club.club_id),
            terms=queries.bonus_terms(db, club.club_id),
            promos=queries.promos(db, club.club_id),
            now=club.clock.now(),
        )


@pages.route("/groups/new", methods=["GET", "POST"])
def create_group() -> ResponseReturnValue:
    """A new group."""
    form = GroupForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.create_group(
                current.club(),
                name=form.name.data or "",
                percent=int(form.percent.data or 0),
                actor=current.actor(),
            )
            return forms.done(_("Группа добавлена"), url_for("loyalty.index"))
    address = url_for("loyalty.create_group")
    return forms.show_form("loyalty/group.html", form, title=_("Новая группа"), address=address)


@pages.route("/groups/<int:group_id>/edit", methods=["GET", "POST"])
def change_group(group_id: int) -> ResponseReturnValue:
    """Another name or discount from now on."""
    club = current.club()
    with club.read() as db:
        group = queries.group(db, club.club_id, group_id)
    form = GroupForm(data={"name": group.name, "percent": group.discount_percent})
    if form.validate_on_submit():
        with form.showing_refusals():
            service.change_group(
                club,
                group_id=group_id,
                name=form.name.data or "",
                percent=int(form.percent.data or 0),
                actor=current.actor(),
            )
            return forms.done(_("Группа изменена"), url_for("loyalty.index"))
    address = url_for("loyalty.change_group", group_id=group_id)
    return forms.show_form("loyalty/group.html", form, title=_("Изменить группу"), address=address)


@pages.route("/groups/<int:group_id>/remove", methods=["GET", "POST"])
def remove_group(group_id: int) -> ResponseReturnValue:
    """Remove a group, after a question."""
    club, form = current.club(), Form()
    with club.read() as db:
        group = queries.group(db, club.club_id, group_id)
        count = queries.members_of(db, club.club_id, group_id)
    if form.validate_on_submit():
        with form.showing_refusals():
            service.remove_group(club, group_id=group_id, actor=current.actor())
            return forms.done(_("Группа убрана"), url_for("loyalty.index"))
    return forms.show_form("loyalty/remove_group.html", form, group=group, count=count)


@pages.route("/bonuses", methods=["GET", "POST"])
def bonuses() -> ResponseReturnValue:
    """How bonuses work."""
    club = current.club()
    with club.read() as db:
        form = BonusRulesForm(queries.bonus_terms(db, club.club_id))
    if form.validate_on_submit():
        with form.showing_refusals():
            service.set_bonus_terms(club, terms=form.terms(), actor=current.actor())
            return forms.done(_("Правила бонусов сохранены"), url_for("loyalty.index"))
    return forms.show_form("loyalty/bonuses.html", form)


@pages.route("/promos/new", methods=["GET", "POST"])
def create_promo() -> ResponseReturnValue:
    """A new promotion."""
    club, form = current.club(), PromoForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            promos.create(
                club,
                terms=form.terms(current.club_row().time_zone, club.clock.now()),
                codes=form.own_codes(),
                made_codes=int(form.made_codes.data or 0),
                actor=current.actor(),
            )
            return forms.done(_("Акция добавлена"), url_for("loyalty.index"))
    return forms.show_form("loyalty/promo.html", form)


@pages.get("/promos/<int:promo_id>")
def show_promo(promo_id: int) -> ResponseReturnValue:
    """The codes of a promotion, to be copied."""
    club = current.club()
    with club.read() as db:
        promo = queries.promo(db, club.club_id, promo_id)
        codes = queries.codes(db, promo_id)
    return render_template("loyalty/codes.html", promo=promo, codes=codes)


@pages.route("/promos/<int:promo_id>/stop", methods=["GET", "POST"])
def stop_promo(promo_id: int) -> ResponseReturnValue:
    """It gives nothing more, after a question."""
    club, form = current.club(), Form()
    with club.read() as db:
        promo = queries.promo(db, club.club_id, promo_id)
    if form.validate_on_submit():
        promos.stop(club, promo_id=promo_id, actor=current.actor())
        return forms.done(_("Акция остановлена"), url_for("loyalty.index"))
    return forms.show_form("loyalty/stop_promo.html", form, promo=promo)


@of_customer.route("/group", methods=["GET", "POST"])
def put_in_group(customer_id: int) -> ResponseReturnValue:
    """Into which group the customer belongs."""
    club, customer = current.club(), _customer(customer_id)
    form = PutInGroupForm(data={"group": str(customer.group_id or "")})
    with club.read() as db:
        form.offer(queries.groups(db, club.club_id))
    if form.validate_on_submit():
        with form.showing_refusals():
            service.put_in_group(
                club, customer_id=customer_id, group_id=form.group_id(), actor=current.actor()
            )
            return answers.done(customer_id, _("%(name)s: сохранено", name=customer.name))
    return forms.show_row_form("loyalty/put_in_group.html", form, customer=customer)


@of_customer.route("/bonus", methods=["GET", "POST"])
def give_bonus(customer_id: int) -> ResponseReturnValue:
    """A bonus without money."""
    customer, form = _customer(customer_id), GiveBonusForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.give_bonus(
                current.club(),
                customer_id=customer_id,
                amount_tiyn=form.amount.amount_tiyn(),
                reason=form.reason.data or "",
                key=form.key.data or "",
                actor=current.actor(),
            )
            amount = formatting.money(form.amount.amount_tiyn(), formatting.currency_sign())
            text = _("%(name)s: начислено бонусами %(amount)s", name=customer.name, amount=amount)
            return answers.done(customer_id, text)
    return forms.show_row_form("loyalty/give_bonus.html", form, customer=customer)


@of_customer.route("/bonuses/<int:bonus_id>/take-back", methods=["GET", "POST"])
def take_back_bonus(customer_id: int, bonus_id: int) -> ResponseReturnValue:
    """A bonus by mistake, taken back: at once by its author, with a reason by a manager. `bonus_id`: its posting."""
    club, form = current.club(), TakeBackForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            mistakes.take_back(
                club,
                customer_id=customer_id,
                posting_id=bonus_id,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            name = _customer(customer_id).name
            return answers.done(customer_id, _("%(name)s: начисление отменено", name=name))
    customer = _customer(customer_id)
    with club.read() as db:
        bonus = mistakes.given(db, club.club_id, customer_id, bonus_id)
    return forms.show_row_form(
        "loyalty/take_back_bonus.html",
        form,
        customer=customer,
        bonus=bonus,
        own_seconds=mistakes.own_seconds_left(bonus, current.actor(), club.clock.now()),
    )


@of_customer.route("/promo-code", methods=["GET", "POST"])
def use_code(customer_id: int) -> ResponseReturnValue:
    """A code that the customer has brought."""
    customer, form = _customer(customer_id), UseCodeForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            gift = promos.use(
                current.club(),
                customer_id=customer_id,
                code=form.code.data or "",
                key=form.key.data or "",
                actor=current.actor(),
            )
            return answers.done(customer_id, _given(customer, gift))
    return forms.show_row_form("loyalty/use_code.html", form, customer=customer)


def _given(customer: CustomerRow, gift: promos.Gift) -> str:
    if gift.bonus_tiyn:
        amount = formatting.money(gift.bonus_tiyn, formatting.currency_sign())
        return str(_("%(name)s: промокод, бонусами %(amount)s", name=customer.name, amount=amount))
    time = formatting.duration(gift.seconds)
    return str(_("%(name)s: промокод, время %(time)s", name=customer.name, time=time))


def _customer(customer_id: int) -> CustomerRow:
    club = current.club()
    with club.read() as db:
        return customers.row(db, club.club_id, customer_id)
