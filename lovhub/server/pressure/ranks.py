"""How much a request matters, by its endpoint."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from lovhub.server.pressure.rules import Rank
from lovhub.server.staff.endpoints import ENDPOINTS

Matched = tuple[Rule, Mapping[str, Any]]
"""An address of the application, and what stands in it."""

RankOf = Callable[[str, str], tuple[Rank, Matched | None]]
"""Method and path → rank, and the address; None for one that leads nowhere, or elsewhere."""

MATCHED = "lovhub.matched"
"""Where a request carries its address, so that it is not looked up again."""

SIGN_IN = frozenset({"staff.sign_in", "staff.second_step", "staff_api.sign_in"})
"""Where a stranger has a password compared, which costs a tenth of a second by design."""

REPORT_ROOMS = frozenset(
    {
        "reports", "reports_api", "books", "books_api", "suspicious", "suspicious_api",
        "journal", "journal_api", "moving", "moving_api", "fiscal", "fiscal_api",
    }
)  # fmt: skip
"""Blueprints of whatever reads much, and can wait: reports, logs, moving in."""

PAGES_IN_REPORT_ROOMS = frozenset({"reports.dashboard", "reports_api.dashboard"})

DESK_RIGHTS = frozenset(
    {
        "sell",
        "run_sessions",
        "give_time",
        "answer_calls",
        "handle_alarms",
        "register_customers",
        "run_shifts",
    }
)
"""Whoever needs one of them to look takes money, or sees to a player: the dialogs and lists of the desk's work."""

DESK_ROOMS = frozenset(
    {"attention", "computers", "computers_api", "conditions", "remote", "remote_api", "sessions", "callbacks",
     "status", "status_api", "staff", "club", "set_up", "restoring", "search", "search_api", "customer"}
)  # fmt: skip
"""Blueprints without which nobody sees the hall, finds a customer, comes in, or learns what is wrong."""

DESK_PAGES = frozenset({"static", "favicon", "home"})

READS = frozenset({"GET", "HEAD", "OPTIONS"})


def rank_of_endpoint(method: str, endpoint: str) -> Rank:
    """How much it matters. What writes is what somebody has decided to do."""
    room = endpoint.partition(".")[0]
    reads = method in READS
    if endpoint in SIGN_IN:
        return "desk" if reads else "sign_in"
    if endpoint in PAGES_IN_REPORT_ROOMS:
        return "page"
    if room in {"moving", "moving_api"} or (reads and room in REPORT_ROOMS):
        return "report"
    if not reads:
        return "deed"
    if ENDPOINTS.get(endpoint) in DESK_RIGHTS or room in DESK_ROOMS or endpoint in DESK_PAGES:
        return "desk"
    return "page"


def ranks_of(app: Flask) -> RankOf:
    """The ranks of this application's addresses; what leads nowhere is a page."""
    addresses = app.url_map.bind("")

    def rank_of(method: str, path: str) -> tuple[Rank, Matched | None]:
        try:
            matched = addresses.match(path, method, return_rule=True)
        except HTTPException:
            return "page", None
        return rank_of_endpoint(method, str(matched[0].endpoint)), matched

    return rank_of
