"""How much a request matters, by its endpoint."""

import re
from collections import Counter
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

_MOST_DIGITS = 18
"""Python itself refuses to read a number of some thousand."""


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
    plain = _plain(app)

    def rank_of(method: str, path: str) -> tuple[Rank, Matched | None]:
        shape, numbers = _shape(path)
        if (known := plain.get((method, shape))) is not None:
            rank, rule, names = known
            if len(names) == len(numbers):
                return rank, (rule, dict(zip(names, numbers, strict=True)))
        try:
            matched = addresses.match(path, method, return_rule=True)
        except HTTPException:
            return "page", None
        return rank_of_endpoint(method, str(matched[0].endpoint)), matched

    return rank_of


_NUMBER = re.compile(r"<int:(\w+)>")
_SOME_NUMBER = "#"


def _shape(path: str) -> tuple[str, list[int]]:
    """The path with a sign in place of each number, and these."""
    numbers = []
    parts = path.split("/")
    for at, part in enumerate(parts):
        if part.isascii() and part.isdecimal() and len(part) <= _MOST_DIGITS:
            numbers.append(int(part))
            parts[at] = _SOME_NUMBER
    return "/".join(parts), numbers


def _plain(app: Flask) -> dict[tuple[str, str], tuple[Rank, Rule, list[str]]]:
    """By method and shape, the addresses in which nothing but numbers varies: nearly all of them.

    Werkzeug walks through the tree of all addresses, part by part. It prefers what stands there to a number, and a
    number to any other text, so that it finds the same, where only one has this shape.
    """
    found: dict[tuple[str, str], tuple[Rank, Rule, list[str]]] = {}
    taken: Counter[tuple[str, str]] = Counter()
    for rule in app.url_map.iter_rules():
        names = _NUMBER.findall(rule.rule)
        shape, _ = _shape(_NUMBER.sub("0", rule.rule))
        for method in rule.methods or ():
            taken[method, shape] += 1
            found[method, shape] = rank_of_endpoint(method, rule.endpoint), rule, names
    return {
        (method, shape): known
        for (method, shape), known in found.items()
        if taken[method, shape] == 1 and "<" not in shape and not _is_peculiar(known[1])
    }


def _is_peculiar(rule: Rule) -> bool:
    """Whether more than a path leads there, or it leads elsewhere."""
    return bool(
        rule.defaults or rule.redirect_to or rule.alias or rule.build_only or rule.websocket
    )
