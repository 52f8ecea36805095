"""Backups in the admin."""

from contextlib import suppress

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.backups import sealing, service, texts, uploads
from lovhub.server.backups.away import Stored, own_folder
from lovhub.server.backups.forms import FetchForm, PassphraseForm, RestoreForm
from lovhub.server.errors import OperationRefused
from lovhub.server.pages import file_answer
from lovhub.server.web import confirming, current, forms, refusals
from lovhub.server.web.forms import Form

pages = Blueprint("backups", __name__)

restoring_pages = Blueprint("restoring", __name__)
"""Open to whoever knows the key of a restore: their sign-in may be gone by then."""


@pages.get("/admin/backups")
def index() -> ResponseReturnValue:
    """All backups, what is under way, and how they are kept."""
    keeper = current.server().keeper
    return render_template(
        "backups/index.html",
        backups=keeper.backups(),
        task=keeper.task,
        task_text=texts.task_text,
        check_text=texts.check_text,
        detail_text=texts.detail_text,
        kinds=texts.KINDS,
        sealed=sealing.read_key(keeper.data) is not None,
        folder=service.backups_of(keeper.data),
        facts=current.server().board.known_facts,
        behind_seconds=keeper.continuous.behind_seconds(current.club().clock.now()),
        now=current.club().clock.now(),
        store=keeper.store,
        form=Form(),
    )


@pages.post("/admin/backups")
def make() -> ResponseReturnValue:
    """Make one now."""
    current.server().keeper.begin_backup(current.actor())
    return forms.done(_("Делаем копию"), url_for("backups.index"))


@pages.post("/admin/backups/<name>/check")
def check(name: str) -> ResponseReturnValue:
    """Check one now."""
    current.server().keeper.begin_check(name)
    return forms.done(_("Проверяем копию"), url_for("backups.index"))


@pages.route("/admin/backups/<name>/take", methods=["GET", "POST"])
def take(name: str) -> ResponseReturnValue:
    """The way to the file, for whoever has given the password a moment ago."""
    backup = current.server().keeper.find(name)
    return forms.show_form(
        "backups/take.html", Form(), backup=backup, is_ready=confirming.is_fresh()
    )


@pages.get("/admin/backups/<name>/file")
def download(name: str) -> ResponseReturnValue:
    """The file, for a drawer at home. Everything about the club is in it: the log tells who took it."""
    keeper = current.server().keeper
    path = keeper.path_of(name)
    if not confirming.is_fresh():
        return redirect(url_for("backups.take", name=name), 303)
    service.note_download(current.club(), name=name, actor=current.actor())
    return file_answer(path, name, "application/octet-stream")


@pages.route("/admin/backups/<name>/restore", methods=["GET", "POST"])
def restore(name: str) -> ResponseReturnValue:
    """Put it in the club's place, after the club's name was typed."""
    keeper = current.server().keeper
    backup = keeper.find(name)
    form = RestoreForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            key = keeper.begin_restore(
                name,
                passphrase=form.phrase.data or "",
                without_keys=form.without_keys.data,
                confirmed=form.confirmed.data or "",
                actor=current.actor(),
            )
            return to_restoring(key)
    return forms.show_form("backups/restore.html", form, backup=backup, kinds=texts.KINDS)


def to_restoring(key: str) -> ResponseReturnValue:
    """Lead to the page that tells how far it has come."""
    address = url_for("restoring.index", key=key)
    if current.is_htmx():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


@restoring_pages.get("/restoring", endpoint="index")
def restoring() -> ResponseReturnValue:
    """How far a restore has come."""
    address = url_for("restoring.state", key=request.args.get("key", ""))
    return render_template("backups/restoring.html", address=address)


@restoring_pages.get("/restoring.json", endpoint="state")
def restoring_state() -> ResponseReturnValue:
    """The same, for the open page."""
    task = current.server().keeper.restorations.task(request.args.get("key", ""))
    if task is None:
        return jsonify(state="unknown", text=_("О таком восстановлении сервер ничего не знает."))
    return jsonify(state=task.state, text=texts.task_text(task))


@pages.route("/admin/backups/passphrase", methods=["GET", "POST"])
def passphrase() -> ResponseReturnValue:
    """Seal every backup from now on."""
    form = PassphraseForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.set_passphrase(
                current.club(),
                current.server().keeper.data,
                passphrase=form.checked(),
                actor=current.actor(),
            )
            return forms.done(
                _("Пароль задан: он понадобится при восстановлении"), url_for("backups.index")
            )
    return forms.show_form("backups/passphrase.html", form)


@pages.get("/admin/stored-backups")
def stored() -> ResponseReturnValue:
    """What lies in the store, asked now; or why it does not say."""
    rows: list[Stored] = []
    problem = ""
    try:
        rows = current.server().keeper.stored()
    except OperationRefused as refusal:
        problem = refusals.refusal_of(refusal)
    own = ""
    with suppress(OSError):
        own = own_folder(current.server().keeper.data)
    now = current.club().clock.now()
    return render_template("backups/stored.html", rows=rows, problem=problem, own=own, now=now)


@pages.route("/admin/stored-backups/fetch", methods=["GET", "POST"])
def fetch() -> ResponseReturnValue:
    """Bring one home; it then stands in the list as one that was uploaded."""
    form = FetchForm(key=request.args.get("key", ""))
    if form.validate_on_submit():
        with form.showing_refusals():
            current.server().keeper.begin_fetch(form.key.data or "", form.phrase.data or "")
            return forms.done_anew(_("Забираем копию"), url_for("backups.index"))
    return forms.show_form("backups/fetch.html", form)


@pages.route("/admin/backups/bring", methods=["GET", "POST"])
def bring() -> ResponseReturnValue:
    """Bring a file, for whoever has given the password a moment ago: to check one is to run what stands in it."""
    return forms.show_form("backups/bring.html", Form(), is_ready=confirming.is_fresh())


@pages.post("/admin/backups/upload")
def upload() -> ResponseReturnValue:
    """A piece of a backup that the browser brings. Only the first asks for the password, or a large one never ends."""
    if _offset() == 0 and not confirming.is_fresh():
        return jsonify(error=refusals.refusal("confirmation_needed")), 409
    return take_upload(url_for("backups.index"))


def take_upload(address: str) -> ResponseReturnValue:
    """Take a piece; after the last one the browser goes to `address`."""
    try:
        name = uploads.take_piece(
            current.server().keeper.data,
            upload_id=request.args.get("id", ""),
            offset=_offset(),
            total=request.args.get("total", 0, type=int),
            piece=request.get_data(),
            now=current.club().clock.now(),
        )
    except OperationRefused as refusal:
        return jsonify(error=refusals.refusal_of(refusal)), 409
    return jsonify(name=name, address=address)


def _offset() -> int:
    return request.args.get("offset", -1, type=int)
