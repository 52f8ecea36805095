"""Tariffs in the admin."""

from dataclasses import dataclass
from typing import NamedTuple

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.halls import queries as halls
from lovhub.server.live import HallZone
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.loyalty.models import CustomerGroup
from lovhub.server.tariffs import queries, rules, service, words
from lovhub.server.tariffs.forms import HolidaysForm, TariffForm
from lovhub.server.tariffs.rules import Terms
from lovhub.server.web import current, forms
from lovhub.server.web.formatting import club_money
from lovhub.server.web.forms import Form
from lovhub.server.web.tables import Column, Table

pages = Blueprint("tariffs", __name__, url_prefix="/admin/tariffs")


@dataclass(frozen=True)
class Row:
    """A tariff in the list. `sold_now`: somewhere in the club, at this moment."""

    id: int
    terms: Terms
    sold_now: bool

    @property
    def hour_tiyn(self) -> int:
        """What an hour of it costs."""
        return rules.per_hour_tiyn(self.terms.price_tiyn, self.terms.seconds)


class Said(NamedTuple):
    """The same in words. `when`: all of its terms, as a sentence."""

    id: int
    title: str
    when: str
    sold_now: bool
    time: str
    price: str
    hour: str


TABLE = Table(
    "tariffs",
    (
        Column[Row]("title", _l("Название"), lambda row: row.terms.title),
        Column("time", _l("Время"), lambda row: row.terms.seconds, "duration"),
        Column("price", _l("Цена"), lambda row: row.terms.price_tiyn, "money"),
        Column(
            "hour",
            _l("За час"),
            lambda row: row.hour_tiyn,
            "money",
        ),
        Column("kind", _l("Вид"), lambda row: str(words.KINDS[row.terms.kind])),
        Column("when", _l("Когда продаётся"), lambda row: words.when(row.terms)),
    ),
)


@pages.get("")
def index() -> ResponseReturnValue:
    """Tariffs on sale, and those that can be put on sale again."""
    club = current.club()
    with club.read() as db:
        shelf = queries.shelf(db, club.club_id, club.clock.now())
        retired = queries.retired(db, club.club_id)
        zones = halls.live_zones(db, club.club_id)
        named = any(terms.groups for terms in shelf.tariffs.values())
        groups = loyalty.groups(db, club.club_id) if named else []
    rows = [
        Row(tariff_id, terms, tariff_id in shelf.windows)
        for tariff_id, terms in shelf.tariffs.items()
    ]
    if (file := TABLE.short_file(rows)) is not None:
        return file
    listing = TABLE.short_listing(rows)
    return render_template(
        "tariffs/index.html",
        listing=listing,
        tariffs=_said(listing.rows, _names(zones), _group_names(groups)),
        retired=retired,
        holidays=len(shelf.calendar.holidays),
    )


def _said(rows: list[Row], zone_names: dict[int, str], group_names: dict[int, str]) -> list[Said]:
    return [
        Said(
            row.id,
            row.terms.title,
            words.sentence(row.terms, zone_names, group_names),
            row.sold_now,
            words.time_of(row.terms),
            club_money(row.terms.price_tiyn),
            club_money(row.hour_tiyn),
        )
        for row in rows
    ]


@pages.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """A new tariff."""
    form = TariffForm(_zones(), groups=_groups())
    if form.validate_on_submit():
        with form.showing_refusals():
            service.create(current.club(), terms=form.terms(), actor=current.actor())
            return forms.done(_("Тариф добавлен"), url_for("tariffs.index"))
    return _show(form, _("Новый тариф"), url_for("tariffs.create"))


@pages.route("/<int:tariff_id>/edit", methods=["GET", "POST"])
def change(tariff_id: int) -> ResponseReturnValue:
    """Change what is sold from now on; what was sold keeps its rules."""
    club = current.club()
    with club.read() as db:
        tariff = queries.get(db, club.club_id, tariff_id)
        terms = queries.terms_of(db, club.club_id, [tariff])[tariff_id]
    form = TariffForm(_zones(), terms, _groups())
    if form.validate_on_submit():
        with form.showing_refusals():
            service.change(club, tariff_id=tariff_id, terms=form.terms(), actor=current.actor())
            return forms.done(_("Тариф изменён"), url_for("tariffs.index"))
    return _show(form, _("Изменить тариф"), url_for("tariffs.change", tariff_id=tariff_id))


@pages.post("/preview")
def preview() -> ResponseReturnValue:
    """What is being filled in, in words; nothing while something in it is wrong."""
    zones = _zones()
    form = TariffForm(zones)
    if not form.validate() or rules.problems(
        (terms := form.terms()), {zone.zone_id for zone in zones}
    ):
        return ""
    return words.sentence(terms, _names(zones), _group_names(_groups())), {
        "Content-Type": "text/plain; charset=utf-8"
    }


@pages.route("/holidays", methods=["GET", "POST"])
def holidays() -> ResponseReturnValue:
    """The dates that the club calls holidays."""
    club = current.club()
    with club.read() as db:
        days = queries.holidays(db, club.club_id)
    form = HolidaysForm(data={"days": "\n".join(f"{day:%d.%m.%Y}" for day in days)})
    if form.validate_on_submit():
        with form.showing_refusals():
            service.set_holidays(club, days=form.dates(), actor=current.actor())
            return forms.done(_("Праздники сохранены"), url_for("tariffs.index"))
    return forms.show_form("tariffs/holidays.html", form)


def _zones() -> list[HallZone]:
    with current.club().read() as db:
        return halls.live_zones(db, current.club().club_id)


def _groups() -> list[CustomerGroup]:
    with current.club().read() as db:
        return loyalty.groups(db, current.club().club_id)


def _group_names(groups: list[CustomerGroup]) -> dict[int, str]:
    return {group.id: group.name for group in groups}


def _names(zones: list[HallZone]) -> dict[int, str]:
    return {zone.zone_id: zone.name for zone in zones}


def _show(form: TariffForm, title: str, address: str) -> ResponseReturnValue:
    return forms.show_form("tariffs/form.html", form, title=title, address=address)


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
