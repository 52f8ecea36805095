"""«Найти игры на ПК»: a PC looks through its libraries, and what it found is added with one press."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.applications import service as applications
from lovhub.server.libraries import queries, rules
from lovhub.server.libraries.forms import Line, SearchForm, as_found, as_sent
from lovhub.server.libraries.rules import Findings
from lovhub.server.pc.models import PcCommand
from lovhub.server.remote import service as remote
from lovhub.server.remote import texts as remote_texts
from lovhub.server.remote.rules import Order
from lovhub.server.web import current, forms, refusals
from lovhub.server.web.forms import Form

pages = Blueprint("libraries", __name__, url_prefix="/admin/libraries")


@pages.route("", methods=["GET", "POST"])
def search() -> ResponseReturnValue:
    """Choose a PC that is on; it is asked."""
    club, desk = current.club(), current.server().commands
    with club.read() as db:
        linked = queries.linked(db, club.club_id, desk.understood())
    able = [pc.computer_id for pc in linked if pc.can_find]
    form = SearchForm(data={"computer": able[0] if able else None})
    if form.validate_on_submit():
        with form.showing_refusals():
            [asked] = remote.ask(
                club,
                desk,
                order=Order("find_games"),
                computer_ids=[form.computer.data or 0],
                actor=current.actor(),
            )
            if asked.command_id:
                address = url_for("libraries.found", command_id=asked.command_id)
                return redirect(address, 303)
            form.form_errors = [*form.form_errors, refusals.refusal(asked.refusal)]
    return forms.show_form("libraries/search.html", form, linked=linked, able=able)


@pages.route("/<command_id>", methods=["GET", "POST"])
def found(command_id: str) -> ResponseReturnValue:
    """What the PC has found so far: nothing yet, or games to choose from."""
    club = current.club()
    with club.read() as db:
        command = queries.search(db, club.club_id, command_id)
    # In this order: an answer that comes between is seen with the next look, and does not pass for one long gone.
    findings = current.server().commands.findings(command_id, current.actor().id)
    if findings is None:
        return _waiting(command_id, command)
    with club.read() as db:
        candidates = rules.compared(findings.games, queries.offered(db, club.club_id))
    form = Form()
    if not form.validate_on_submit():
        return _choice(command_id, form, findings, as_found(candidates))
    lines = as_sent(candidates)
    wanted = [line for line in lines if line.is_chosen]
    if not wanted:
        form.form_errors = [*form.form_errors, _("Отметьте хотя бы одну игру.")]
    elif not any(line.errors for line in wanted):
        with form.showing_refusals():
            added = applications.create_games(
                club,
                games=[line.wanted for line in wanted],
                actor=current.actor(),
                computer_id=findings.computer_id,
            )
            message = _("Добавлено игр: %(n)s", n=len(added))
            return forms.done(message, url_for("applications.index", kind="game"))
    return _choice(command_id, form, findings, lines)


def _choice(
    command_id: str, form: Form, findings: Findings, lines: Sequence[Line]
) -> ResponseReturnValue:
    wrong = bool(form.form_errors) or any(line.errors for line in lines)
    page = render_template(
        "libraries/found.html",
        layout=_layout(),
        wide=True,
        form=form,
        command_id=command_id,
        findings=findings,
        lines=lines,
        store_names=rules.STORES,
        stores_here=", ".join(rules.STORES[store] for store in findings.stores),
        new=sum(line.candidate.standing == "new" for line in lines),
        state="found",
    )
    return page, 422 if wrong else 200


def _waiting(command_id: str, command: PcCommand | None) -> ResponseReturnValue:
    """Nothing to choose from: it still looks, it said no, it fell silent, or all that was long ago."""
    is_linked = command is not None and (
        command.computer_id in current.server().commands.understood()
    )
    return render_template(
        "libraries/found.html",
        layout=_layout(),
        state=command.state if command is not None and command.state != "done" else "gone",
        detail=remote_texts.detail(command.detail) if command is not None else "",
        command_id=command_id,
        is_linked=is_linked,
    )


def _layout() -> str:
    """A part that replaces itself asks for itself alone."""
    if request.args.get("part"):
        return "libraries/alone.html"
    return "part.html" if current.is_htmx() else "page.html"
