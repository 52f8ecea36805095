"""The books: what was sold, what was played, what is owed; over any days, cut in any way, on screen and as a file."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from lovhub.server.errors import OperationRefused
from lovhub.server.reports import book_tables, books
from lovhub.server.reports.books import Stretch
from lovhub.server.reports.forms import read_books
from lovhub.server.web import current, formatting, pdf, refusals, tables
from lovhub.server.web.navigation import may

pages = Blueprint("books", __name__)

MOST_SHOWN = 500
"""More lines nobody reads on a page; they are all in the files."""


@pages.get("/admin/books")
def index() -> ResponseReturnValue:
    """The books as the address asks for them; `export` takes them away, with `table=owed` what is owed."""
    club, row = current.club(), current.club_row()
    now = club.clock.now()
    asked = read_books(row, now)
    period = asked.days.period
    with club.read() as db:
        found = books.read(db, club.club_id, period, asked.step, asked.by)
        told = book_tables.told(db, club.club_id, found)
    if request.args.get("export") == "pdf":
        if not may("export_lists"):
            raise OperationRefused("forbidden")
        made_at = f"{formatting.local(now, row.time_zone):%d.%m.%Y %H:%M}"
        span = Stretch(period.first, period.last)
        response = Response(
            book_tables.as_pdf(told, asked.by, span, made_at), mimetype=pdf.MIME_TYPE
        )
        name = f"books-{period.first}-{period.last}.pdf"
        response.headers.set("Content-Disposition", "attachment", filename=name)
        response.headers["Cache-Control"] = "no-store"
        return response
    if request.args.get("table") == "owed":
        file = book_tables.OWED.short_file(told.owed)
    else:
        file = told.table.short_file(told.rows)
    if file is not None:
        return file
    return render_template(
        "reports/books.html",
        asked=asked,
        period=period,
        problem=refusals.refusal(asked.days.problem) if asked.days.problem else "",
        told=told,
        most_shown=MOST_SHOWN,
        shown=book_tables.SHOWN[asked.by],
        title=book_tables.title,
        steps=book_tables.STEPS,
        cuts=book_tables.CUTS,
        owed_columns=book_tables.OWED.columns,
        export_link=tables.address,
    )
