"""The dashboard."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from lovhub.server.applications import queries as applications
from lovhub.server.customers import queries as customers
from lovhub.server.reports import queries
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.web import current, texts

pages = Blueprint("reports", __name__)


@pages.get("/admin")
def dashboard() -> ResponseReturnValue:
    """What happens in the club now, and the day's figures."""
    club = current.club()
    snapshot = current.server().hall.snapshot()
    with club.read() as db:
        today = queries.today(db, current.club_row(), club.clock.now())
        figures = {
            "customers": customers.count(db, club.club_id),
            "applications": applications.counts(db, club.club_id),
            "tariffs": len(tariffs.on_sale(db, club.club_id)),
        }
    return render_template(
        "reports/dashboard.html",
        snapshot=snapshot,
        today=today,
        figures=figures,
        problems=[row for row in snapshot.rows if row.problem],
        problem_texts=texts.PROBLEMS,
    )
