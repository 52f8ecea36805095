"""What is done with a session: pause, resume, end, move, release. Selling is in the room `counter`."""

from collections.abc import Callable

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.live import HallRow
from lovhub.server.sessions import moves, seats, service
from lovhub.server.sessions.forms import MoveForm, ReleaseForm
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form

pages = Blueprint("sessions", __name__, url_prefix="/admin")


@pages.route("/sessions/<int:session_id>/pause", methods=["GET", "POST"])
def pause(session_id: int) -> ResponseReturnValue:
    """Stop the clock."""
    return _ask(
        session_id,
        "pause",
        lambda: service.pause(current.club(), session_id=session_id, actor=current.actor()),
        _("Время остановлено"),
    )


@pages.route("/sessions/<int:session_id>/resume", methods=["GET", "POST"])
def resume(session_id: int) -> ResponseReturnValue:
    """Start the clock again."""
    return _ask(
        session_id,
        "resume",
        lambda: service.resume(current.club(), session_id=session_id, actor=current.actor()),
        _("Время пошло"),
    )


@pages.route("/sessions/<int:session_id>/end", methods=["GET", "POST"])
def end(session_id: int) -> ResponseReturnValue:
    """End the session, after a question that says what is left."""
    return _ask(
        session_id,
        "end",
        lambda: service.end(
            current.club(), session_id=session_id, actor=current.actor(), reason="ended_by_desk"
        ),
        _("Сеанс завершён"),
    )


@pages.route("/sessions/<int:session_id>/move", methods=["GET", "POST"])
def move(session_id: int) -> ResponseReturnValue:
    """To a free PC, with the time that is left."""
    rows, form = current.server().hall.snapshot().rows, MoveForm()
    pc = seats.row_of(session_id, rows)
    free = [
        row for row in rows if row.link == "linked" and row.session is None and not _is_broken(row)
    ]
    # Where somebody is expected, last, and before them where the lock may let everybody in: the first one is offered.
    free.sort(key=lambda row: (row.condition is not None, row.problem != ""))
    form.computer.choices = forms.choices((str(row.computer_id), _named(row)) for row in free)
    if form.validate_on_submit():
        with form.showing_refusals():
            goal = seats.row(current.number(form.computer.data))
            seats.require_link(goal)
            moves.move(
                current.club(),
                session_id=session_id,
                to_computer_id=goal.computer_id,
                actor=current.actor(),
                despite_kept=form.despite_kept.data,
                consent=form.consent(),
            )
            return _done(_("Игрок пересажен на %(pc)s", pc=goal.name))
    return forms.show_form(
        "sessions/move.html", form, computer=pc, session_id=session_id, free=free
    )


@pages.route("/sessions/<int:session_id>/release", methods=["GET", "POST"])
def release(session_id: int) -> ResponseReturnValue:
    """Give back what a silent PC holds; needs a reason."""
    pc, form = seats.row_of(session_id), ReleaseForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.release(
                current.club(),
                session_id=session_id,
                reason=form.reason.data or "",
                actor=current.actor(),
            )
            return _done(_("Резерв снят, сеанс завершён"))
    return forms.show_form("sessions/release.html", form, computer=pc, session_id=session_id)


def _ask(
    session_id: int, what: str, operation: Callable[[], None], message: str
) -> ResponseReturnValue:
    pc, form = seats.row_of(session_id), Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            operation()
            return _done(f"{pc.name}: {message}")
    return forms.show_form("sessions/ask.html", form, computer=pc, session_id=session_id, what=what)


def _done(message: str) -> ResponseReturnValue:
    return forms.done(message, url_for("computers.index"))


def _is_broken(row: HallRow) -> bool:
    return row.condition is not None and row.condition.kind == "broken"


def _named(row: HallRow) -> str:
    """The PC's name, and for whom it is kept, or that its lock does not answer."""
    if row.condition is not None:
        return str(_("%(pc)s (отложен: %(who)s)", pc=row.name, who=row.condition.text))
    if row.problem == "lock_broken":
        return str(_("%(pc)s (замок не отвечает)", pc=row.name))
    return row.name
