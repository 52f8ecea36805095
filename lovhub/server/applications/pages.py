"""Games and programs in the admin."""

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.applications import queries, rules, service, showing
from lovhub.server.applications.forms import ApplicationForm, PictureForm, ZonesForm
from lovhub.server.applications.models import Application
from lovhub.server.errors import OperationRefused
from lovhub.server.halls import queries as halls
from lovhub.server.web import current, forms
from lovhub.server.web.forms import Form
from lovhub.server.web.tables import Column, Table

pages = Blueprint("applications", __name__, url_prefix="/admin/applications")

TABLE = Table(
    "applications",
    (
        Column[Application]("title", _l("Название"), lambda application: application.title),
        Column("path", _l("Путь к .exe"), lambda application: application.exe_path),
        Column(
            "arguments",
            _l("Параметры"),
            lambda application: rules.join_arguments(application.arguments),
        ),
    ),
)


@pages.get("")
def index() -> ResponseReturnValue:
    """One tab: games, or programs."""
    kind = "program" if request.args.get("kind") == "program" else "game"
    with current.club().read() as db:
        applications = queries.in_use(db, current.club().club_id, kind)
        retired = queries.retired(db, current.club().club_id, kind)
        counts = queries.counts(db, current.club().club_id)
        zones = halls.zones(db, current.club().club_id)
        zones_of = queries.zones_of(db, current.club().club_id)
    if (file := TABLE.short_file(applications)) is not None:
        return file
    return render_template(
        "applications/index.html",
        listing=TABLE.short_listing(applications),
        retired=retired,
        kind=kind,
        counts=counts,
        zones=zones,
        zones_of=zones_of,
        in_one_line=rules.join_arguments,
    )


@pages.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Add one."""
    kind = "program" if request.args.get("kind") == "program" else "game"
    form = ApplicationForm(data={"kind": kind})
    if form.validate_on_submit():
        with form.showing_refusals():
            service.create(
                current.club(),
                title=form.title.data or "",
                kind=form.kind.data,
                exe_path=form.exe_path.data or "",
                arguments=_arguments(form),
                other_paths=form.others(),
                watch=form.watched(),
                actor=current.actor(),
            )
            done_at = url_for("applications.index", kind=form.kind.data)
            return forms.done(_("Приложение добавлено"), done_at)
    address = url_for("applications.create")
    title = _("Новое приложение")
    return forms.show_form("applications/form.html", form, title=title, address=address)


@pages.route("/<int:application_id>/edit", methods=["GET", "POST"])
def change(application_id: int) -> ResponseReturnValue:
    """Change one."""
    club = current.club()
    with club.read() as db:
        application = queries.get(db, club.club_id, application_id)
    form = ApplicationForm(
        data={
            "title": application.title,
            "kind": application.kind,
            "exe_path": application.exe_path,
            "arguments": rules.join_arguments(application.arguments),
            "other_paths": "\n".join(application.other_paths),
            "watch": ", ".join(application.watch),
        }
    )
    if form.validate_on_submit():
        with form.showing_refusals():
            service.change(
                club,
                application_id=application_id,
                title=form.title.data or "",
                kind=form.kind.data,
                exe_path=form.exe_path.data or "",
                arguments=_arguments(form),
                other_paths=form.others(),
                watch=form.watched(),
                actor=current.actor(),
            )
            done_at = url_for("applications.index", kind=form.kind.data)
            return forms.done(_("Приложение изменено"), done_at)
    address = url_for("applications.change", application_id=application_id)
    title = _("Изменить приложение")
    return forms.show_form("applications/form.html", form, title=title, address=address)


@pages.route("/<int:application_id>/retire", methods=["GET", "POST"])
def retire(application_id: int) -> ResponseReturnValue:
    """Offer it no longer, after a question."""
    club = current.club()
    with club.read() as db:
        application = queries.get(db, club.club_id, application_id)
    form = Form()
    if form.validate_on_submit():
        service.retire(club, application_id=application_id, actor=current.actor())
        done_at = url_for("applications.index", kind=application.kind)
        return forms.done(
            _("Приложение «%(title)s» убрано", title=application.title),
            done_at,
            undo=url_for("applications.restore", application_id=application_id),
        )
    return forms.show_form("applications/retire.html", form, application=application)


@pages.post("/<int:application_id>/restore")
def restore(application_id: int) -> ResponseReturnValue:
    """Offer it again: a retirement taken back."""
    service.restore(current.club(), application_id=application_id, actor=current.actor())
    return forms.done(_("Приложение снова в списке"), url_for("applications.index"))


@pages.post("/<int:application_id>/move")
def move(application_id: int) -> ResponseReturnValue:
    """Put it at another place of its tab."""
    service.move(
        current.club(),
        application_id=application_id,
        place=forms.place_asked(),
        actor=current.actor(),
    )
    return forms.done(_("Порядок изменён"), url_for("applications.index"))


@pages.route("/<int:application_id>/picture", methods=["GET", "POST"])
def set_picture(application_id: int) -> ResponseReturnValue:
    """Show it with a picture."""
    club = current.club()
    with club.read() as db:
        application = queries.get(db, club.club_id, application_id)
    form = PictureForm()
    if form.validate_on_submit():
        with form.showing_refusals():
            showing.set_picture(
                club, application_id=application_id, sent=form.sent(), actor=current.actor()
            )
            done_at = url_for("applications.index", kind=application.kind)
            return forms.done(_("Картинка изменена"), done_at)
    return forms.show_form("applications/picture.html", form, application=application)


@pages.post("/<int:application_id>/picture/remove")
def remove_picture(application_id: int) -> ResponseReturnValue:
    """Show it without one."""
    showing.remove_picture(current.club(), application_id=application_id, actor=current.actor())
    return forms.done(_("Картинка убрана"), url_for("applications.index"))


@pages.get("/pictures/<digest>.png")
def picture(digest: str) -> ResponseReturnValue:
    """A picture. Its address is made of what is in it: a browser asks for it once."""
    return show_picture(digest)


def show_picture(digest: str) -> Response:
    """The picture as PNG; 404 if there is none."""
    with current.club().read() as db:
        png = queries.picture(db, current.club().club_id, digest)
    if png is None:
        abort(404)
    response = Response(png, mimetype="image/png")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@pages.route("/<int:application_id>/zones", methods=["GET", "POST"])
def limit_to_zones(application_id: int) -> ResponseReturnValue:
    """Offer it in some zones only, or everywhere."""
    club = current.club()
    with club.read() as db:
        application = queries.get(db, club.club_id, application_id)
        zones = halls.live_zones(db, club.club_id)
        limits = queries.zones_of(db, club.club_id).get(application_id, set())
    form = ZonesForm(data={"zones": sorted(limits)})
    if form.validate_on_submit():
        with form.showing_refusals():
            showing.limit_to_zones(
                club,
                application_id=application_id,
                zone_ids=form.zones.data or [],
                actor=current.actor(),
            )
            done_at = url_for("applications.index", kind=application.kind)
            return forms.done(_("Зоны изменены"), done_at)
    return forms.show_form("applications/zones.html", form, application=application, zones=zones)


def _arguments(form: ApplicationForm) -> list[str]:
    arguments = rules.split_arguments(form.arguments.data or "")
    if arguments is None:
        raise OperationRefused("invalid_fields", arguments="arguments_malformed")
    return arguments
