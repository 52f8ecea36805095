"""«Залы и зоны»: where PCs stand, and under which number."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.errors import OperationRefused
from lovhub.server.halls import queries, service
from lovhub.server.halls.forms import (
    WITHOUT_ZONE,
    DeleteHallForm,
    HallForm,
    NewHallForm,
    NumberForm,
    ZoneChoiceForm,
    ZoneForm,
)
from lovhub.server.halls.queries import HallShown, Plan, Stand, ZoneShown
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form

pages = Blueprint("halls", __name__, url_prefix="/admin/halls")


@pages.get("")
def index() -> ResponseReturnValue:
    """Halls, zones and PCs, in order."""
    return render_template("halls/index.html", plan=_plan(), form=Form())


@pages.route("/add", methods=["GET", "POST"])
def create_hall() -> ResponseReturnValue:
    """A hall, with zones at once."""
    form = NewHallForm()
    return _show(
        "halls/new_hall.html",
        form,
        lambda: service.create_hall(
            current.club(),
            name=form.name.data or "",
            zones=form.zone_names(),
            actor=current.actor(),
        ),
        _("Зал добавлен"),
    )


@pages.route("/<int:hall_id>/rename", methods=["GET", "POST"])
def rename_hall(hall_id: int) -> ResponseReturnValue:
    """Another name."""
    hall = _hall(_plan(), hall_id)
    form = HallForm(data={"name": hall.name})
    return _show(
        "halls/rename_hall.html",
        form,
        lambda: service.rename_hall(
            current.club(), hall_id=hall_id, name=form.name.data or "", actor=current.actor()
        ),
        _("Сохранено"),
        hall=hall,
    )


@pages.post("/<int:hall_id>/move")
def move_hall(hall_id: int) -> ResponseReturnValue:
    """One place earlier or later."""
    service.move_hall(current.club(), hall_id=hall_id, places=_places(), actor=current.actor())
    return _done(_("Порядок изменён"))


@pages.route("/<int:hall_id>/delete", methods=["GET", "POST"])
def delete_hall(hall_id: int) -> ResponseReturnValue:
    """Away with it; its zones go to another hall."""
    plan = _plan()
    hall, form = _hall(plan, hall_id), DeleteHallForm()
    others = [other for other in plan.halls if other.hall_id != hall_id]
    form.hall.choices = forms.choices((str(other.hall_id), other.name) for other in others)
    return _show(
        "halls/delete_hall.html",
        form,
        lambda: service.delete_hall(
            current.club(),
            hall_id=hall_id,
            zones_to_hall_id=current.number(form.hall.data),
            actor=current.actor(),
        ),
        _("Зал убран"),
        hall=hall,
        others=others,
    )


@pages.route("/<int:hall_id>/zones/add", methods=["GET", "POST"])
def create_zone(hall_id: int) -> ResponseReturnValue:
    """A zone in this hall."""
    plan = _plan()
    _hall(plan, hall_id)
    form = ZoneForm(data={"hall": str(hall_id)})
    _offer_halls(form, plan)
    return _show(
        "halls/zone.html",
        form,
        lambda: service.create_zone(
            current.club(),
            hall_id=current.number(form.hall.data) or hall_id,
            name=form.name.data or "",
            actor=current.actor(),
        ),
        _("Зона добавлена"),
        zone=None,
        hall_id=hall_id,
    )


@pages.route("/zones/<int:zone_id>/change", methods=["GET", "POST"])
def change_zone(zone_id: int) -> ResponseReturnValue:
    """Another name, another hall."""
    plan = _plan()
    hall, zone = _zone(plan, zone_id)
    form = ZoneForm(data={"name": zone.name, "hall": str(hall.hall_id)})
    _offer_halls(form, plan)
    return _show(
        "halls/zone.html",
        form,
        lambda: service.change_zone(
            current.club(),
            zone_id=zone_id,
            name=form.name.data or "",
            hall_id=current.number(form.hall.data) or hall.hall_id,
            actor=current.actor(),
        ),
        _("Сохранено"),
        zone=zone,
        hall_id=hall.hall_id,
    )


@pages.post("/zones/<int:zone_id>/move")
def move_zone(zone_id: int) -> ResponseReturnValue:
    """One place earlier or later."""
    service.move_zone(current.club(), zone_id=zone_id, places=_places(), actor=current.actor())
    return _done(_("Порядок изменён"))


@pages.route("/zones/<int:zone_id>/delete", methods=["GET", "POST"])
def delete_zone(zone_id: int) -> ResponseReturnValue:
    """Away with it; its PCs go to another zone, or to none."""
    plan = _plan()
    _hall_of, zone = _zone(plan, zone_id)
    form = ZoneChoiceForm()
    _offer_zones(form, plan, without=zone_id)
    return _show(
        "halls/delete_zone.html",
        form,
        lambda: service.delete_zone(
            current.club(),
            zone_id=zone_id,
            to_zone_id=current.number(form.zone.data),
            leave_without_zone=form.zone.data == WITHOUT_ZONE,
            actor=current.actor(),
        ),
        _("Зона убрана"),
        zone=zone,
    )


@pages.route("/place", methods=["GET", "POST"])
def place() -> ResponseReturnValue:
    """The chosen PCs belong to a zone."""
    plan = _plan()
    chosen, form = _chosen(plan), ZoneChoiceForm()
    _offer_zones(form, plan)

    def operation() -> None:
        zone_id = current.number(form.zone.data)
        if zone_id is None and form.zone.data != WITHOUT_ZONE:
            raise OperationRefused("zone_unknown")
        service.place(
            current.club(),
            computer_ids=[stand.computer_id for stand in chosen],
            zone_id=zone_id,
            actor=current.actor(),
        )

    return _show("halls/place.html", form, operation, _("ПК перенесены"), chosen=chosen, plan=plan)


@pages.route("/number", methods=["GET", "POST"])
def number() -> ResponseReturnValue:
    """The chosen PCs get consecutive numbers."""
    chosen = _chosen(_plan())
    form = NumberForm()
    return _show(
        "halls/number.html",
        form,
        lambda: service.number(
            current.club(),
            computer_ids=[stand.computer_id for stand in chosen],
            first=form.first.data,
            actor=current.actor(),
        ),
        _("Номера изменены"),
        chosen=chosen,
    )


def _show(
    template: str, form: Form, operation: Callable[[], object], message: str, **values: object
) -> ResponseReturnValue:
    """Show the form, or do what it asks for."""
    if form.validate_on_submit():
        with form.showing_refusals():
            operation()
            return _done(message)
    return forms.show_form(template, form, **values)


def _done(message: str) -> ResponseReturnValue:
    return forms.done(message, url_for("halls.index"))


def _places() -> int:
    """Which of the two arrows was pressed."""
    return -1 if request.form.get("places") == "-1" else 1


def _plan() -> Plan:
    with current.club().read() as db:
        return queries.plan(db, current.club().club_id)


def _hall(plan: Plan, hall_id: int) -> HallShown:
    for hall in plan.halls:
        if hall.hall_id == hall_id:
            return hall
    raise OperationRefused("hall_unknown")


def _zone(plan: Plan, zone_id: int) -> tuple[HallShown, ZoneShown]:
    for hall in plan.halls:
        for zone in hall.zones:
            if zone.zone_id == zone_id:
                return hall, zone
    raise OperationRefused("zone_unknown")


def _chosen(plan: Plan) -> list[Stand]:
    """The PCs named in the address or the form, in the order they stand."""
    wanted = {current.number(text) for text in request.values.getlist("pc")}
    stands = [stand for hall in plan.halls for zone in hall.zones for stand in zone.computers]
    return [stand for stand in [*stands, *plan.without_zone] if stand.computer_id in wanted]


def _offer_halls(form: ZoneForm, plan: Plan) -> None:
    form.hall.choices = forms.choices((str(hall.hall_id), hall.name) for hall in plan.halls)


def _offer_zones(form: ZoneChoiceForm, plan: Plan, without: int | None = None) -> None:
    """All zones, with the hall's name where there are several halls, and «without a zone»."""
    several = len(plan.halls) > 1
    form.zone.choices = forms.choices(
        [
            *(
                (str(zone.zone_id), f"{hall.name}: {zone.name}" if several else zone.name)
                for hall in plan.halls
                for zone in hall.zones
                if zone.zone_id != without
            ),
            (WITHOUT_ZONE, _("Без зоны")),
        ]
    )
