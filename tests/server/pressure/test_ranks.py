"""How much each endpoint matters."""

import re

import pytest
from werkzeug.exceptions import HTTPException

from lovhub.server.context import ClubContext
from lovhub.server.pressure import ranks
from lovhub.server.pressure.rules import Rank
from lovhub.server.staff.endpoints import ENDPOINTS, OPEN
from tests.support.web import WebAdmin


@pytest.mark.parametrize(
    ("method", "path", "rank"),
    [
        ("GET", "/admin/reports", "report"),
        ("GET", "/api/v1/reports/revenue", "report"),
        ("GET", "/admin/logs", "report"),
        ("GET", "/admin", "page"),
        ("GET", "/admin/tariffs", "page"),
        ("GET", "/admin/customers", "page"),
        ("GET", "/admin/customers/1", "desk"),
        ("GET", "/admin/search", "desk"),
        ("GET", "/nowhere", "page"),
        ("GET", "/admin/computers", "desk"),
        ("GET", "/admin/status", "desk"),
        ("GET", "/static/app.js", "desk"),
        ("GET", "/admin/login", "desk"),
        ("POST", "/admin/login", "sign_in"),
        ("POST", "/api/v1/session", "sign_in"),
        ("POST", "/admin/tariffs/new", "deed"),
        ("POST", "/api/v1/customers/1/top-ups", "deed"),
        ("POST", "/api/v1/moves", "report"),
    ],
)
def test_of_addresses(club: ClubContext, method: str, path: str, rank: Rank) -> None:
    web = WebAdmin(club)
    assert ranks.ranks_of(web.app)(method, path)[0] == rank
    web.give_back()


def test_nothing_that_sells_waits_behind_a_page_and_no_name_is_stale() -> None:
    for endpoint, right in ENDPOINTS.items():
        if right in {"sell", "run_sessions", "give_time"}:
            assert ranks.rank_of_endpoint("GET", endpoint) == "desk", endpoint
            assert ranks.rank_of_endpoint("POST", endpoint) == "deed", endpoint
    known = {*ENDPOINTS, *OPEN}
    rooms = {endpoint.partition(".")[0] for endpoint in known}
    assert rooms >= ranks.DESK_ROOMS | ranks.REPORT_ROOMS
    assert known >= ranks.DESK_PAGES | ranks.SIGN_IN | ranks.PAGES_IN_REPORT_ROOMS
    assert set(ENDPOINTS.values()) >= ranks.DESK_RIGHTS


def test_each_address_is_the_one_that_the_application_knows(club: ClubContext) -> None:
    """Also where a number is none, is written oddly or is too long, and where something stands before or behind."""
    web = WebAdmin(club)
    rank_of, addresses = ranks.ranks_of(web.app), web.app.url_map.bind("")
    found = set()
    for rule in web.app.url_map.iter_rules():
        for number in ("7", "007", "9" * 40, "-1", "x", "#", "\u0667", ""):
            path = re.sub("<[^>]*>", number, rule.rule)
            for asked in (path, f"/{path}", f"{path}/"):
                for method in ("GET", "POST", "DELETE"):
                    try:
                        expected = addresses.match(asked, method, return_rule=True)
                    except HTTPException:
                        expected = None
                    assert rank_of(method, asked)[1] == expected, (method, asked)
                    found.add(expected and expected[0].endpoint)
    assert len(found) > 300
    web.give_back()
