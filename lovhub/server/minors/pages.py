"""What the desk does about ages: confirm one, let somebody stay, send a guest home with the rest."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.customers import answers, queries
from lovhub.server.errors import OperationRefused
from lovhub.server.minors import service
from lovhub.server.minors.forms import ConfirmAgeForm, LetStayForm
from lovhub.server.sessions import codes, seats
from lovhub.server.web import current, forms, navigation
from lovhub.server.web.forms import Form

pages = Blueprint("minors", __name__, url_prefix="/admin")


@pages.route("/sessions/<int:session_id>/let-stay", methods=["GET", "POST"])
def let_stay(session_id: int) -> ResponseReturnValue:
    """They may stay at night, for this sitting."""
    pc, form = seats.row_of(session_id), LetStayForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            if not form.leave.data:
                raise OperationRefused("invalid_fields", leave="choice_unknown")
            service.let_stay(
                current.club(),
                session_id=session_id,
                leave=form.leave.data,
                actor=current.actor(),
            )
            return forms.done(
                _("%(pc)s: можно играть ночью", pc=pc.name), url_for("computers.index")
            )
    return forms.show_form("minors/let_stay.html", form, computer=pc, session_id=session_id)


@pages.route("/sessions/<int:session_id>/send-home", methods=["GET", "POST"])
def send_home(session_id: int) -> ResponseReturnValue:
    """A guest leaves for the night, with a code for the rest."""
    pc, form, sent = seats.row_of(session_id), Form(), None
    if form.validate_on_submit():
        with form.showing_refusals():
            sent = codes.send_home(current.club(), session_id=session_id, actor=current.actor())
            layout = "part.html" if current.is_htmx() else "page.html"
            return render_template("minors/rest_code.html", layout=layout, sold=sent, computer=pc)
    return forms.show_form("minors/send_home.html", form, computer=pc, session_id=session_id)


@pages.route("/customers/<int:customer_id>/age", methods=["GET", "POST"])
def confirm_age(customer_id: int) -> ResponseReturnValue:
    """The birth date of a document that somebody at the desk has seen."""
    club = current.club()
    with club.read() as db:
        customer = queries.row(db, club.club_id, customer_id)
    form = ConfirmAgeForm(
        data={
            # Who need not see it writes it from the document, which is what is asked for.
            "birth_date": customer.birth_date if navigation.may("see_contacts") else "",
            "document": customer.age_document or "id_card",
        }
    )
    if form.validate_on_submit():
        with form.showing_refusals():
            service.confirm_age(
                club,
                customer_id=customer_id,
                birth_date=form.birth_date.data or "",
                document=form.document.data or "",
                actor=current.actor(),
            )
            return answers.done(customer_id, _("%(name)s: возраст подтверждён", name=customer.name))
    return forms.show_row_form("minors/confirm_age.html", form, customer=customer)
