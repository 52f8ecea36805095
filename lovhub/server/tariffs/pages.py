"""Tariffs in the admin."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.errors import OperationRefused
from lovhub.server.tariffs import queries, rules, service
from lovhub.server.tariffs.forms import TariffForm
from lovhub.server.tariffs.models import Tariff
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form
from lovhub.server.web.tables import Column, Table

pages = Blueprint("tariffs", __name__, url_prefix="/admin/tariffs")

TABLE = Table(
    "tariffs",
    (
        Column[Tariff]("title", _l("Название"), lambda tariff: tariff.title),
        Column("time", _l("Время"), lambda tariff: tariff.seconds, "duration"),
        Column("price", _l("Цена"), lambda tariff: tariff.price_tiyn, "money"),
        Column(
            "hour",
            _l("За час"),
            lambda tariff: rules.per_hour_tiyn(tariff.price_tiyn, tariff.seconds),
            "money",
        ),
    ),
)


@pages.get("")
def index() -> ResponseReturnValue:
    """Tariffs on sale, and those that can be put on sale again."""
    with current.club().read() as db:
        tariffs = queries.on_sale(db, current.club().club_id)
        retired = queries.retired(db, current.club().club_id)
    if (file := TABLE.short_file(tariffs)) is not None:
        return file
    return render_template(
        "tariffs/index.html",
        listing=TABLE.short_listing(tariffs),
        retired=retired,
        per_hour_tiyn=rules.per_hour_tiyn,
    )


@pages.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """A new tariff."""
    form = TariffForm()
    if form.validate_on_submit():
        try:
            service.create(
                current.club(),
                title=form.title.data or "",
                seconds=form.seconds(),
                price_tiyn=form.price.amount_tiyn(),
                actor=current.actor(),
            )
        except OperationRefused as refusal:
            form.show(refusal, seconds="hours")
        else:
            return forms.done(_("Тариф добавлен"), url_for("tariffs.index"))
    address = url_for("tariffs.create")
    return forms.show_form("tariffs/form.html", form, title=_("Новый тариф"), address=address)


@pages.route("/<int:tariff_id>/edit", methods=["GET", "POST"])
def change(tariff_id: int) -> ResponseReturnValue:
    """Change what is sold from now on; what was sold keeps its rules."""
    club = current.club()
    with club.read() as db:
        tariff = queries.get(db, club.club_id, tariff_id)
    hours, minutes = divmod(tariff.seconds // 60, 60)
    form = TariffForm(
        data={"title": tariff.title, "hours": hours, "minutes": minutes, "price": tariff.price_tiyn}
    )
    if form.validate_on_submit():
        try:
            service.change(
                club,
                tariff_id=tariff_id,
                title=form.title.data or "",
                seconds=form.seconds(),
                price_tiyn=form.price.amount_tiyn(),
                actor=current.actor(),
            )
        except OperationRefused as refusal:
            form.show(refusal, seconds="hours")
        else:
            return forms.done(_("Тариф изменён"), url_for("tariffs.index"))
    address = url_for("tariffs.change", tariff_id=tariff_id)
    return forms.show_form("tariffs/form.html", form, title=_("Изменить тариф"), address=address)


@pages.route("/<int:tariff_id>/retire", methods=["GET", "POST"])
def retire(tariff_id: int) -> ResponseReturnValue:
    """Sell it no longer, after a question."""
    club = current.club()
    with club.read() as db:
        tariff = queries.get(db, club.club_id, tariff_id)
    form = Form()
    if form.validate_on_submit():
        service.retire(club, tariff_id=tariff_id, actor=current.actor())
        return forms.done(
            _("Тариф «%(title)s» убран из продажи", title=tariff.title),
            url_for("tariffs.index"),
            undo=url_for("tariffs.restore", tariff_id=tariff_id),
        )
    return forms.show_form("tariffs/retire.html", form, tariff=tariff)


@pages.post("/<int:tariff_id>/restore")
def restore(tariff_id: int) -> ResponseReturnValue:
    """Sell it again: a retirement taken back."""
    service.restore(current.club(), tariff_id=tariff_id, actor=current.actor())
    return forms.done(_("Тариф снова продаётся"), url_for("tariffs.index"))


@pages.post("/<int:tariff_id>/move")
def move(tariff_id: int) -> ResponseReturnValue:
    """Put it at another place of the list."""
    service.move(
        current.club(), tariff_id=tariff_id, place=forms.place_asked(), actor=current.actor()
    )
    return forms.done(_("Порядок изменён"), url_for("tariffs.index"))
