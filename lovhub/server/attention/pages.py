"""The panel of every page: what needs a person, taken and closed from there."""

import msgspec
from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.attention import service
from lovhub.server.attention.forms import CloseAlarmForm
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import queries as journal_queries
from lovhub.server.journal import service as journal
from lovhub.server.journal.texts import alarm_text
from lovhub.server.live import needing_a_person
from lovhub.server.web import current, forms

pages = Blueprint("attention", __name__, url_prefix="/admin/attention")

_NOTHING = 204
"""The answer to a button of the panel: the panel itself is told by the live channel."""


def snapshot_json() -> str:
    """What the panel shows at this moment; memory only, so that every page can carry it."""
    return msgspec.json.encode(needing_a_person(current.server().hall.attention())).decode()


@pages.get("/live.json")
def live() -> ResponseReturnValue:
    """The panel for a page whose live connection is cut off."""
    return Response(snapshot_json(), mimetype="application/json")


@pages.post("/calls/<int:call_id>/take")
def take_call(call_id: int) -> ResponseReturnValue:
    """I am going there."""
    service.take_call(current.club(), call_id=call_id, actor=current.actor())
    return _done()


@pages.post("/calls/<int:call_id>/close")
def close_call(call_id: int) -> ResponseReturnValue:
    """The player has been helped."""
    service.close_call(current.club(), call_id=call_id, actor=current.actor())
    return _done()


@pages.post("/alarms/<int:alarm_id>/take")
def take_alarm(alarm_id: int) -> ResponseReturnValue:
    """I see to it."""
    journal.take_alarm(current.club(), alarm_id=alarm_id, actor=current.actor())
    return _done()


@pages.route("/alarms/<int:alarm_id>/close", methods=["GET", "POST"])
def close_alarm(alarm_id: int) -> ResponseReturnValue:
    """It has been seen to; what it was may be noted."""
    club = current.club()
    with club.read() as db:
        alarm = journal_queries.alarm(db, club.club_id, alarm_id)
    if alarm is None:
        raise OperationRefused("alarm_unknown")
    form = CloseAlarmForm()
    if form.validate_on_submit():
        journal.close_alarm(
            club, alarm_id=alarm_id, actor=current.actor(), note=form.note.data or ""
        )
        return forms.done(_("Тревога закрыта"), url_for("reports.dashboard"))
    return forms.show_form(
        "attention/close_alarm.html",
        form,
        alarm_id=alarm_id,
        text=alarm_text(alarm.kind, alarm.computer_name, alarm.data),
    )


@pages.post("/endings/<int:session_id>/dismiss")
def dismiss_ending(session_id: int) -> ResponseReturnValue:
    """The end of this session needs nobody any more."""
    service.dismiss_shown_ending(
        current.club(), current.server().hall.snapshot(), session_id, current.actor()
    )
    return _done()


def _done() -> ResponseReturnValue:
    if current.is_htmx():
        return Response(status=_NOTHING)
    return forms.done(_("Готово"), request.referrer or url_for("reports.dashboard"))
