"""One dialog of all that may be asked of the chosen PCs, and their answers as they come."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.protocol.views import CommandKind
from lovhub.server.applications import queries as applications
from lovhub.server.club import texts as club_texts
from lovhub.server.counter.chosen import Chosen, chosen_computers
from lovhub.server.remote import queries, service, texts
from lovhub.server.remote.rules import CUTS_OFF, Order
from lovhub.server.remote.service import Asked
from lovhub.server.sessions.together import MOST_COMPUTERS
from lovhub.server.web import current, forms, refusals
from lovhub.server.web.forms import Form

pages = Blueprint("remote", __name__, url_prefix="/admin/remote")

LONGEST_COMMAND_ID = 40
USUAL_PERCENT = 40


@pages.get("")
def panel() -> ResponseReturnValue:
    """What may be asked of these PCs."""
    with current.club().read() as db:
        offered = applications.in_use(db, current.club().club_id)
    return forms.show_form(
        "remote/panel.html",
        Form(),
        chosen=chosen_computers(),
        applications=offered,
        percent=USUAL_PERCENT,
        names=texts.COMMANDS,
    )


@pages.post("/lock")
def lock() -> ResponseReturnValue:
    """Cover the screens while time runs."""
    return _asked(Order("lock"))


@pages.post("/unlock")
def unlock() -> ResponseReturnValue:
    """Uncover them."""
    return _asked(Order("unlock"))


@pages.post("/volume")
def volume() -> ResponseReturnValue:
    """How loud these PCs are."""
    typed = request.form.get("percent", "")
    percent = int(typed) if typed.isdecimal() and len(typed) <= len("100") else -1
    return _asked(Order("volume", percent=percent))


@pages.post("/wake")
def wake() -> ResponseReturnValue:
    """Switch on those that are off."""
    return _asked(Order("wake"))


@pages.post("/start")
def start() -> ResponseReturnValue:
    """Start a program in the sessions there."""
    application_id = current.number(request.form.get("application")) or 0
    return _asked(Order("start", application_id=application_id))


@pages.post("/screenshot")
def screenshot() -> ResponseReturnValue:
    """Look at the screens; the players see that somebody did."""
    return _asked(Order("screenshot"))


@pages.route("/sign-out", methods=["GET", "POST"])
def sign_out() -> ResponseReturnValue:
    """End the sessions, and sign out who is signed in without one."""
    return _after_a_question("sign_out")


@pages.route("/restart", methods=["GET", "POST"])
def restart() -> ResponseReturnValue:
    """Start the PCs anew."""
    return _after_a_question("restart")


@pages.route("/shut-down", methods=["GET", "POST"])
def shut_down() -> ResponseReturnValue:
    """Switch the PCs off."""
    return _after_a_question("shut_down")


@pages.get("/answers")
def answers() -> ResponseReturnValue:
    """What the PCs have said so far."""
    asked = request.args.getlist("command")[:MOST_COMPUTERS]
    command_ids = [text for text in asked if len(text) <= LONGEST_COMMAND_ID]
    return render_template("remote/answers_list.html", **_answers(command_ids))


@pages.get("/pictures/<command_id>")
def picture(command_id: str) -> ResponseReturnValue:
    """The screen, for whoever asked for it."""
    jpeg = current.server().commands.screenshot(command_id, current.actor().id)
    if jpeg is None:
        abort(HTTPStatus.NOT_FOUND)
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def _after_a_question(kind: CommandKind) -> ResponseReturnValue:
    """First what becomes of those who play there, then the deed."""
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            return _asked(Order(kind))
    club = current.club_row()
    return forms.show_form(
        "remote/question.html",
        form,
        chosen=chosen_computers(),
        kind=kind,
        cuts_off=kind in CUTS_OFF,
        power_cut_rule=club_texts.shown("power_cut_rule", club.power_cut_rule),
        names=texts.COMMANDS,
    )


def _asked(order: Order) -> ResponseReturnValue:
    these = chosen_computers()
    shown = {number for text in request.form.getlist("playing") if (number := current.number(text))}
    asked = service.ask(
        current.club(),
        current.server().commands,
        order=order,
        computer_ids=these.ids,
        shown_playing=shown,
        actor=current.actor(),
    )
    page = render_template(
        "remote/answers.html",
        layout="part.html" if current.is_htmx() else "page.html",
        chosen=these,
        title=texts.COMMANDS[order.kind],
        refused=_refused(these, asked),
        **_answers([one.command_id for one in asked if one.command_id]),
    )
    response = make_response(page)
    response.headers["HX-Trigger"] = "lovhub:commands"
    return response


def _answers(command_ids: Sequence[str]) -> dict[str, object]:
    with current.club().read() as db:
        found = queries.commands(db, current.club().club_id, command_ids)
    return {
        "command_ids": list(command_ids),
        "commands": found,
        "waiting": any(command.state == "sent" for command, _name in found),
        "names": texts.COMMANDS,
        "states": texts.STATES,
        "detail_of": texts.detail,
    }


def _refused(these: Chosen, asked: Sequence[Asked]) -> list[tuple[str, str]]:
    names = {row.computer_id: row.name for row in these.rows}
    return [
        (names.get(one.computer_id, _("ПК")), refusals.refusal(one.refusal))
        for one in asked
        if one.refusal
    ]
