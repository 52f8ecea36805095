"""The live page of the hall, and what is done to a PC itself."""

from collections.abc import Collection, Iterable, Mapping

import msgspec
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.computers import queries, rules, service
from lovhub.server.computers.forms import MessageForm, PairingsForm, RenameForm
from lovhub.server.computers.models import Computer
from lovhub.server.errors import OperationRefused
from lovhub.server.live import HallRow, LiveSnapshot, PendingPairing
from lovhub.server.web import current, forms, refusals
from lovhub.server.web.forms import Form
from lovhub.server.web.tables import Column, Table

pages = Blueprint("computers", __name__, url_prefix="/admin/computers")

_STATUSES = {"off": _l("Отключен"), "active": _l("Активен"), "used": _l("Используется")}

TABLE = Table(
    "computers",
    (
        Column[HallRow]("name", _l("ПК"), lambda row: row.name),
        Column("hostname", _l("Имя в сети"), lambda row: row.hostname),
        Column("address", _l("Адрес"), lambda row: row.address),
        Column("status", _l("Статус"), lambda row: str(_STATUSES[row.status])),
        Column("player", _l("Игрок"), lambda row: row.session.who if row.session else ""),
        Column("tariff", _l("Тариф"), lambda row: row.session.title if row.session else ""),
        Column(
            "left",
            _l("Осталось"),
            lambda row: row.session.seconds_left if row.session else None,
            "duration",
        ),
        Column("application", _l("Запущено"), lambda row: row.application),
    ),
)


def _json(snapshot: LiveSnapshot) -> bytes:
    return msgspec.json.encode({"type": "snapshot", **msgspec.structs.asdict(snapshot)})


@pages.get("")
def index() -> ResponseReturnValue:
    """The hall, live."""
    snapshot = current.server().hall.snapshot()
    status = request.args.get("status", "")
    shown = (row for row in snapshot.rows if _is_shown(row, status))  # looked at for a file only
    if (file := TABLE.short_file(shown)) is not None:
        return file
    return render_template(
        "computers/index.html", snapshot_json=_json(snapshot).decode(), heads=TABLE.short_heads()
    )


def _is_shown(row: HallRow, status: str) -> bool:
    """Whether the page's filter leaves the row, as its script does it."""
    if status == "on":
        return row.status != "off"
    if status == "problem":
        return bool(row.problem)
    return status in {"", row.status}


@pages.get("/live.json")
def live() -> ResponseReturnValue:
    """The same picture for a page whose live connection is cut off."""
    return Response(_json(current.server().hall.snapshot()), mimetype="application/json")


@pages.route("/<int:computer_id>/rename", methods=["GET", "POST"])
def rename(computer_id: int) -> ResponseReturnValue:
    """Give the PC another name."""
    computer = _computer(computer_id)
    form = RenameForm(data={"name": computer.name})
    if form.validate_on_submit():
        with form.showing_refusals():
            service.rename(
                current.club(),
                computer_id=computer_id,
                name=form.name.data or "",
                actor=current.actor(),
            )
            return forms.done(_("ПК переименован"), url_for("computers.index"))
    return forms.show_form("computers/rename.html", form, computer=computer)


@pages.route("/<int:computer_id>/message", methods=["GET", "POST"])
def message(computer_id: int) -> ResponseReturnValue:
    """Show the player a message."""
    computer = _computer(computer_id)
    form = MessageForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            current.server().commands.send_message(
                computer_id, form.text.data or "", current.actor()
            )
            return forms.done(_("Сообщение отправлено"), url_for("computers.index"))
    return forms.show_form("computers/message.html", form, computer=computer)


@pages.route("/pairings/<pairing_id>/approve", methods=["GET", "POST"])
def approve(pairing_id: str) -> ResponseReturnValue:
    """Take a waiting PC into the club, once the codes were compared."""
    return _pairing(pairing_id, approve_it=True)


@pages.route("/pairings/<pairing_id>/refuse", methods=["GET", "POST"])
def refuse(pairing_id: str) -> ResponseReturnValue:
    """Send a waiting PC away."""
    return _pairing(pairing_id, approve_it=False)


@pages.route("/pairings", methods=["GET", "POST"])
def approve_many() -> ResponseReturnValue:
    """All PCs that wait, to be named and taken in together."""
    waiting = current.server().hall.snapshot().pairings
    form = PairingsForm()
    names = {
        pending.pairing_id: request.form.get(f"name-{pending.pairing_id}", pending.name)
        for pending in waiting
    }
    chosen = set(request.form.getlist("chosen"))
    if request.method == "GET":
        chosen = {pending.pairing_id for pending in waiting if pending.token_id}
    problems: dict[str, str] = {}
    taken_in = 0
    unclear: list[str] = []
    if form.validate_on_submit():
        if "fill" in request.form:
            listed, unclear = rules.names_by_mac(form.names.data or "")
            names.update(
                (pending.pairing_id, listed[pending.mac])
                for pending in waiting
                if pending.mac in listed
            )
            chosen |= {pending.pairing_id for pending in waiting if pending.mac in listed}
        else:
            taken_in, problems = _take_in(waiting, chosen, names)
            if not problems:
                flash(_("Подключено ПК: %(count)s", count=taken_in))
                return redirect(url_for("computers.index"))
            waiting = tuple(
                one for one in waiting if one.pairing_id in problems or one.pairing_id not in chosen
            )
    return render_template(
        "computers/pairings.html",
        form=form,
        waiting=waiting,
        names=names,
        chosen=chosen,
        problems=problems,
        taken_in=taken_in,
        unclear=unclear,
    )


def _take_in(
    waiting: Iterable[PendingPairing], chosen: Collection[str], names: Mapping[str, str]
) -> tuple[int, dict[str, str]]:
    """Take the chosen ones in, each by itself; returns how many, and what was wrong with the others."""
    taken_in, problems = 0, {}
    for pending in waiting:
        if pending.pairing_id not in chosen:
            continue
        try:
            current.server().pairings.approve(
                pending.pairing_id, current.actor(), names[pending.pairing_id]
            )
            taken_in += 1
        except OperationRefused as refusal:
            problems[pending.pairing_id] = refusals.refusal_of(refusal)
    return taken_in, problems


def _pairing(pairing_id: str, *, approve_it: bool) -> ResponseReturnValue:
    desk = current.server().pairings
    waiting = {pending.pairing_id: pending for pending in current.server().hall.snapshot().pairings}
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            if approve_it:
                desk.approve(pairing_id, current.actor())
                return forms.done(_("ПК подключён"), url_for("computers.index"))
            desk.refuse(pairing_id, current.actor())
            return forms.done(_("ПК отклонён"), url_for("computers.index"))
    pending = waiting.get(pairing_id)
    if pending is None and not form.form_errors:
        raise OperationRefused("pairing_gone")
    return forms.show_form(
        "computers/pairing.html", form, pending=pending, pairing_id=pairing_id, approve=approve_it
    )


def _computer(computer_id: int) -> Computer:
    with current.club().read() as db:
        computer = queries.by_id(db, current.club().club_id, computer_id)
    if computer is None or computer.revoked_at is not None:
        abort(404)
    return computer
