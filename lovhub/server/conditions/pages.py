"""Saying from the hall that PCs are broken, or kept for somebody; each for one PC or for several."""

from collections.abc import Callable, Sequence

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.conditions import rules, service
from lovhub.server.conditions.forms import BrokenForm, KeepForm
from lovhub.server.customers import queries as customers
from lovhub.server.customers.contacts import phone_search
from lovhub.server.web import current, formatting, forms
from lovhub.server.web.navigation import may

pages = Blueprint("conditions", __name__, url_prefix="/admin/computers")

_MOST_FOUND = 6


@pages.route("/broken", methods=["GET", "POST"])
def mark_broken() -> ResponseReturnValue:
    """Nobody is seated at these PCs from now on."""
    computer_ids, form = _chosen(), BrokenForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.mark_broken(
                current.club(),
                computer_ids=computer_ids,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            return _done(_("Отмечено: сломан"))
    return forms.show_form(
        "conditions/broken.html", form, computer_ids=computer_ids, names=_names(computer_ids)
    )


@pages.post("/mend")
def mend() -> ResponseReturnValue:
    """They work again."""
    return _undo(service.mend, _("ПК снова в строю"))


@pages.route("/keep", methods=["GET", "POST"])
def keep() -> ResponseReturnValue:
    """Strangers are turned away until the time that is given."""
    computer_ids = _chosen()
    now, time_zone = current.club().clock.now(), current.club_row().time_zone
    suggested = formatting.local(rules.suggested_until(now), time_zone)
    form = KeepForm(data={"until": suggested.time()})
    customer_id = current.number(request.form.get("customer"))
    if form.validate_on_submit() and form.until.data is not None:
        with form.showing_refusals():
            until_at = rules.next_moment(form.until.data, now=now, time_zone=time_zone)
            service.keep(
                current.club(),
                computer_ids=computer_ids,
                for_whom=form.search.data or "",
                customer_id=customer_id,
                until_at=until_at,
                actor=current.actor(),
            )
            return _done(_("Отложено до %(time)s", time=formatting.clock(until_at)))
    return forms.show_form(
        "conditions/keep.html",
        form,
        computer_ids=computer_ids,
        names=_names(computer_ids),
        chosen=customer_id,
        found=_found(form.search.data or ""),
    )


@pages.post("/let-go")
def let_go() -> ResponseReturnValue:
    """They are anybody's again."""
    return _undo(service.let_go, _("ПК больше не отложен"))


@pages.get("/keep/customers")
def choose_customer() -> ResponseReturnValue:
    """Registered customers for whom it may be kept, as one types."""
    return render_template(
        "conditions/found.html", found=_found(request.args.get("search", "")), chosen=None
    )


def _undo(operation: Callable[..., None], message: str) -> ResponseReturnValue:
    operation(current.club(), computer_ids=_chosen(), actor=current.actor())
    return _done(message)


def _done(message: str) -> ResponseReturnValue:
    return forms.done(message, url_for("computers.index"))


def _chosen() -> list[int]:
    """The PCs named in the address or the form."""
    numbers = map(current.number, request.values.getlist("pc"))
    return list(dict.fromkeys(number for number in numbers if number is not None))


def _names(computer_ids: Sequence[int]) -> list[str]:
    """What people call them, in the order of the hall."""
    rows = current.server().hall.snapshot(frozenset(computer_ids)).rows
    return [row.name for row in rows if row.computer_id in computer_ids]


def _found(search: str) -> list[customers.CustomerRow]:
    search = search.strip()
    if not search or not may("see_customers"):
        return []
    with current.club().read() as db:
        return customers.page(
            db,
            current.club().club_id,
            search=search,
            phones=phone_search(current.actor().role),
            limit=_MOST_FOUND,
        ).rows
