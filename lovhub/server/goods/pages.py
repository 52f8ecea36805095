"""Selling goods in two presses, and the list of them."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.counter import by_code
from lovhub.server.customers.rules import own_seconds_left
from lovhub.server.goods import queries, service
from lovhub.server.goods.forms import GoodForm, SellForm, TakeBackForm, typed_quantities
from lovhub.server.web import current, formatting, forms
from lovhub.server.web.forms import Form

pages = Blueprint("goods", __name__, url_prefix="/admin/goods")


@pages.route("", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """What there is to sell: press what is wanted, then how it is paid."""
    club = current.club()
    form = SellForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            if by_code.asks_kaspi(form.method.data):
                return by_code.place(
                    "goods",
                    amount_tiyn=max(0, form.expected_tiyn()),
                    key=f"goods:{form.key.data}",
                    phone=form.phone.data or "",
                    lines=form.lines(),
                    method="kaspi",
                    expected_tiyn=form.expected_tiyn(),
                )
            posting_id = service.sell(
                club.paid_by_kaspi(form.operation.data),
                lines=form.lines(),
                method=form.method.data or "",
                expected_tiyn=form.expected_tiyn(),
                key=form.key.data or "",
                actor=current.actor(),
            )
            amount = formatting.money(form.expected_tiyn(), formatting.currency_sign())
            return forms.done(
                _("Продано на %(amount)s", amount=amount),
                url_for("goods.index"),
                undo=url_for("goods.take_back_at_once", posting_id=posting_id),
                receipt_of=form.key.data or "",
            )
    with club.read() as db:
        goods = queries.on_sale(db, club.club_id)
        sales = queries.latest_sales(db, club.club_id)
    page = render_template(
        "goods/index.html",
        form=form,
        goods=goods,
        sales=sales,
        typed=typed_quantities([good.id for good in goods]),
        own_seconds={
            sale.posting_id: own_seconds_left(
                club.clock.now() - sale.at, by_author=sale.person_id == current.actor().id
            )
            for sale in sales
        },
    )
    return page, 422 if form.errors or form.form_errors else 200


@pages.post("/sales/<int:posting_id>/take-back-at-once")
def take_back_at_once(posting_id: int) -> ResponseReturnValue:
    """A slip of the finger, by its author within two minutes."""
    service.take_back(current.club(), posting_id=posting_id, reason="", actor=current.actor())
    return forms.done(_("Продажа отменена"), url_for("goods.index"))


@pages.route("/sales/<int:posting_id>/take-back", methods=["GET", "POST"])
def take_back(posting_id: int) -> ResponseReturnValue:
    """A mistake, with a reason."""
    form = TakeBackForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.take_back(
                current.club(),
                posting_id=posting_id,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            return forms.done(_("Продажа отменена"), url_for("goods.index"))
    return forms.show_form("goods/take_back.html", form, posting_id=posting_id)


@pages.get("/list")
def listed() -> ResponseReturnValue:
    """The list with prices, for whoever keeps it."""
    club = current.club()
    with club.read() as db:
        goods = queries.on_sale(db, club.club_id)
        retired = queries.retired(db, club.club_id)
    return render_template("goods/list.html", goods=goods, retired=retired)


@pages.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Something new to sell."""
    form = GoodForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.create(
                current.club(),
                title=form.title.data or "",
                price_tiyn=form.price.amount_tiyn(),
                actor=current.actor(),
            )
            return forms.done(_("Товар добавлен"), url_for("goods.listed"))
    return forms.show_form(
        "goods/form.html", form, title=_("Новый товар"), address=url_for("goods.create")
    )


@pages.route("/<int:good_id>/edit", methods=["GET", "POST"])
def change(good_id: int) -> ResponseReturnValue:
    """Another name or price from now on."""
    club = current.club()
    with club.read() as db:
        good = queries.get(db, club.club_id, good_id)
    form = GoodForm(data={"title": good.title, "price": good.price_tiyn})
    if form.validate_on_submit():
        with form.showing_refusals():
            service.change(
                club,
                good_id=good_id,
                title=form.title.data or "",
                price_tiyn=form.price.amount_tiyn(),
                actor=current.actor(),
            )
            return forms.done(_("Товар изменён"), url_for("goods.listed"))
    address = url_for("goods.change", good_id=good_id)
    return forms.show_form("goods/form.html", form, title=_("Изменить товар"), address=address)


@pages.route("/<int:good_id>/retire", methods=["GET", "POST"])
def retire(good_id: int) -> ResponseReturnValue:
    """Sell it no longer, after a question."""
    club = current.club()
    with club.read() as db:
        good = queries.get(db, club.club_id, good_id)
    form = Form()
    if form.validate_on_submit():
        service.retire(club, good_id=good_id, actor=current.actor())
        return forms.done(
            _("«%(title)s» больше не продаётся", title=good.title),
            url_for("goods.listed"),
            undo=url_for("goods.restore", good_id=good_id),
        )
    return forms.show_form("goods/retire.html", form, good=good)


@pages.post("/<int:good_id>/restore")
def restore(good_id: int) -> ResponseReturnValue:
    """Sell it again."""
    service.restore(current.club(), good_id=good_id, actor=current.actor())
    return forms.done(_("Товар снова продаётся"), url_for("goods.listed"))
