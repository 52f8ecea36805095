"""The first run: while there is no owner, whoever can read the server's console founds the club or restores one."""

import functools
import hmac
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lovhub.server.actor import SYSTEM
from lovhub.server.backups import service as backups
from lovhub.server.backups import texts as backup_texts
from lovhub.server.backups.folder import Backup
from lovhub.server.backups.forms import SetUpRestoreForm
from lovhub.server.backups.pages import take_upload, to_restoring
from lovhub.server.club import demo
from lovhub.server.club.forms import SetUpForm
from lovhub.server.languages import FIRST, LANGUAGES
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff import service as staff_service
from lovhub.server.web import current
from lovhub.server.web.forms import choices
from lovhub.server.web.language import speak

pages = Blueprint("set_up", __name__)


def guarded(page: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    """Opens only with the console's token, and only until there is an owner; speaks the chosen language."""

    @functools.wraps(page)
    def opened() -> ResponseReturnValue:
        club = current.club()
        with club.read() as db:
            if staff_queries.owner_exists(db, club.club_id):
                return redirect(url_for("staff.sign_in"), 303)
        speak(language())
        expected = current.server().setup_token.encode()
        if not hmac.compare_digest(token().encode(), expected):
            return render_template("club/token_needed.html"), 403
        return page()

    return opened


def token() -> str:
    """The console's token, as the address has it."""
    return request.args.get("token", "")


def language() -> str:
    """The language that was chosen, or the browser's."""
    asked = request.args.get("language", "")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or FIRST


@guarded
def set_up() -> ResponseReturnValue:
    """Make the club and its owner; afterwards this page leads to the sign-in."""
    form = SetUpForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            _found(form)
            flash(_("Клуб создан. Войдите как владелец."))
            return redirect(url_for("staff.sign_in"), 303)
    status = 422 if form.errors or form.form_errors else 200
    page = render_template(
        "club/set_up.html",
        form=form,
        token=token(),
        languages=LANGUAGES,
        language_now=language(),
    )
    return page, status


def _found(form: SetUpForm) -> None:
    club = current.club()
    staff_service.set_up_club(
        club,
        club_name=form.club_name.data or "",
        time_zone=form.chosen_zone,
        currency=form.currency.data or "",
        language=language(),
        login=form.login.data or "",
        name=form.name.data or "",
        password=form.password.data or "",
    )
    if form.start.data == "demo":
        demo.furnish(club, SYSTEM)


@pages.route("/setup/restore", methods=["GET", "POST"])
@guarded
def restore() -> ResponseReturnValue:
    """Begin with a club that there has already been."""
    keeper = current.server().keeper
    found = keeper.backups()
    form = SetUpRestoreForm()
    form.name.choices = choices((backup.name, _describe(backup)) for backup in found)
    if not form.is_submitted() and found:
        form.name.data = found[0].name
    if form.validate_on_submit():
        with form.showing_refusals():
            key = keeper.begin_restore(
                form.name.data or "",
                passphrase=form.phrase.data or "",
                without_keys=form.without_keys.data,
                confirmed="",
                actor=SYSTEM,
            )
            return to_restoring(key)
    page = render_template(
        "club/set_up_restore.html",
        form=form,
        backups=found,
        folder=backups.backups_of(keeper.data),
        token=token(),
        language_now=language(),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _describe(backup: Backup) -> str:
    made = f"{datetime.fromtimestamp(backup.made_at, UTC):%d.%m.%Y %H:%M}"
    kind = backup_texts.KINDS.get(backup.kind, backup.kind)
    keys = _("с ключами клуба") if backup.has_keys else _("без ключей клуба")
    return f"{backup.club_name or backup.name}, {made} UTC ({kind}, {keys})"


@pages.post("/setup/upload")
@guarded
def upload() -> ResponseReturnValue:
    """A piece of a backup that the browser brings."""
    return take_upload(url_for("set_up.restore", token=token(), language=language()))
