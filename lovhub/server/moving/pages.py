"""«Переезд»: a file, a look at what would be made of it, the import, and the way back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lovhub.server.errors import OperationRefused
from lovhub.server.moving import queries, service
from lovhub.server.moving.forms import FIELD_NAMES, FileForm
from lovhub.server.moving.rules import LeftOut
from lovhub.server.web import current, forms, refusals
from lovhub.server.web.forms import Form
from lovhub.server.web.tables import Column, Table

pages = Blueprint("moving", __name__, url_prefix="/admin/moving")

_ROWS_SHOWN = 5
_LEFT_OUT_SHOWN = 100

TABLE = Table(
    "left-out",
    (
        Column[LeftOut]("line", _l("Строка"), lambda left: left.line, "number"),
        Column("reason", _l("Почему"), lambda left: refusals.refusal(left.code)),
        Column("shown", _l("Что в строке"), lambda left: left.shown),
    ),
)


@pages.get("")
def index() -> ResponseReturnValue:
    """A file to bring, and what was brought before."""
    return _index(FileForm()), 200


@pages.post("")
def bring() -> ResponseReturnValue:
    """Take the file in, for a look at it."""
    form = FileForm()
    if not form.validate_on_submit():
        return _index(form), 422
    if not form.file.data:
        form.file.errors = [refusals.refusal("moving_file_missing")]
        return _index(form), 422
    try:
        move_id = service.bring(
            current.club(),
            file_name=form.file.data.filename or "",
            content=form.file.data.read(),
            actor=current.actor(),
        )
    except OperationRefused as refusal:
        form.file.errors = [refusals.refusal_of(refusal)]
        return _index(form), 422
    return redirect(url_for("moving.show", move_id=move_id), 303)


@pages.get("/<int:move_id>")
def show(move_id: int) -> ResponseReturnValue:
    """The dry run of a draft; of an import, what came in; in between, how far it is (`part=progress`: only that)."""
    club = current.club()
    with club.read() as db:
        move = queries.get(db, club.club_id, move_id)
        if request.args.get("part") == "progress":
            progress = queries.under_way(db, move)
            if progress is None:
                return "", {"HX-Refresh": "true"}
            return render_template("moving/progress.html", move=move, progress=progress)
        if move.state == "draft" and "export" in request.args:
            return TABLE.short_file(queries.plan(db, move).left_out) or _show(move_id)
    return _show(move_id)


@pages.post("/<int:move_id>")
def choose(move_id: int) -> ResponseReturnValue:
    """Say what the columns hold, and look again."""
    try:
        service.choose_columns(
            current.club(),
            move_id=move_id,
            columns=request.form.getlist("column"),
            has_headings="headings" in request.form,
        )
    except OperationRefused as refusal:
        return _show(move_id, problem=refusals.refusal_of(refusal)), 422
    return redirect(url_for("moving.show", move_id=move_id), 303)


@pages.post("/<int:move_id>/import")
def bring_in(move_id: int) -> ResponseReturnValue:
    """Let the customers come in. Pressed twice, they come in once."""
    club = current.club()
    try:
        count = service.bring_in(club, move_id=move_id, actor=current.actor())
    except OperationRefused as refusal:
        return _show(move_id, problem=refusals.refusal_of(refusal)), 422
    with club.read() as db:
        if move_id not in queries.waiting_moves(db, club.club_id):
            flash(_("Заведено клиентов: %(count)s", count=count))
    return redirect(url_for("moving.show", move_id=move_id), 303)


@pages.route("/<int:move_id>/take-back", methods=["GET", "POST"])
def take_back(move_id: int) -> ResponseReturnValue:
    """Undo an import as a whole, after a question."""
    club = current.club()
    with club.read() as db:
        move = queries.get(db, club.club_id, move_id)
    form = Form()
    if form.validate_on_submit():
        with form.showing_refusals():
            service.take_back(club, move_id=move_id, actor=current.actor())
            return forms.done(_("Переезд отменён"), url_for("moving.index"))
    return forms.show_form("moving/take_back.html", form, move=move)


@pages.post("/<int:move_id>/drop")
def drop(move_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    service.drop(current.club(), move_id=move_id)
    return redirect(url_for("moving.index"), 303)


def _index(form: FileForm) -> str:
    club = current.club()
    with club.read() as db:
        moves = queries.moves(db, club.club_id)
        coming_in = queries.waiting_moves(db, club.club_id)
    return render_template("moving/index.html", form=form, moves=moves, coming_in=coming_in)


def _show(move_id: int, problem: str = "") -> str:
    club = current.club()
    with club.read() as db:
        move = queries.get(db, club.club_id, move_id)
        if move.state != "draft":
            return render_template("moving/done.html", move=move, form=Form())
        progress = queries.under_way(db, move)
        if progress is not None:
            return render_template("moving/coming_in.html", move=move, progress=progress)
        plan = queries.plan(db, move)
    rows = queries.table(move)
    return render_template(
        "moving/draft.html",
        move=move,
        form=Form(),
        plan=plan,
        problem=problem,
        heads=TABLE.short_heads(),
        left_out=plan.left_out[:_LEFT_OUT_SHOWN],
        reason=refusals.refusal,
        fields=FIELD_NAMES,
        headings=rows[0] if move.has_headings else [],
        rows=rows[1 if move.has_headings else 0 :][:_ROWS_SHOWN],
    )
