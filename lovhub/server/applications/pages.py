"""Games and programs in the admin."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.applications import queries, rules, service
from lovhub.server.applications.forms import ApplicationForm
from lovhub.server.applications.models import Application
from lovhub.server.errors import OperationRefused
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
    if (file := TABLE.short_file(applications)) is not None:
        return file
    return render_template(
        "applications/index.html",
        listing=TABLE.short_listing(applications),
        retired=retired,
        kind=kind,
        counts=counts,
        in_one_line=rules.join_arguments,
    )


@pages.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Add one."""
    kind = "program" if request.args.get("kind") == "program" else "game"
    form = ApplicationForm(data={"kind": kind})
    if form.validate_on_submit():
        try:
            service.create(
                current.club(),
                title=form.title.data or "",
                kind=form.kind.data,
                exe_path=form.exe_path.data or "",
                arguments=_arguments(form),
                actor=current.actor(),
            )
        except OperationRefused as refusal:
            form.show(refusal)
        else:
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
        }
    )
    if form.validate_on_submit():
        try:
            service.change(
                club,
                application_id=application_id,
                title=form.title.data or "",
                kind=form.kind.data,
                exe_path=form.exe_path.data or "",
                arguments=_arguments(form),
                actor=current.actor(),
            )
        except OperationRefused as refusal:
            form.show(refusal)
        else:
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


def _arguments(form: ApplicationForm) -> list[str]:
    arguments = rules.split_arguments(form.arguments.data or "")
    if arguments is None:
        raise OperationRefused("invalid_fields", arguments="arguments_malformed")
    return arguments
