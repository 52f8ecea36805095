"""Who may do what: every route, asked for by people of every role and by a stranger, and what pages offer them."""

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter, Rule

from lovhub.server.applications import service as applications
from lovhub.server.live import OpenAlarm
from lovhub.server.staff import endpoints, rights
from tests.server.web.conftest import OpenAs
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk, at, offered, open_hall, session
from tests.support.web import ADDRESS, WebAdmin, row

ROUTES_AT_LEAST = 60
NOT_FOR_PEOPLE = frozenset({"HEAD", "OPTIONS"})


@pytest.fixture
def club_at_work(web: WebAdmin, people: People) -> WebAdmin:
    """A club with one of everything, so that what is asked for exists and lists have rows."""
    people.customer(balance_tiyn=100)
    people.tariff()
    pc = people.computer("ПК-1")
    web.hall.rows = [row(pc, "ПК-1", session())]
    web.hall.alarms = [OpenAlarm(1, "launcher_hung", "ПК-1", {"seconds": 9}, 1)]
    for title, kind in (("Dota 2", "game"), ("Chrome", "program")):
        applications.create(
            web.club, title=title, kind=kind, exe_path="C:\\x.exe", arguments=[], actor=OWNER
        )
    return web


def path_of(rule: Rule) -> str:
    """The rule's address with a number or a word in each gap."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda gap: "1" if gap[1] == "int" else "x", rule.rule)


def ruled_routes(web: WebAdmin) -> list[tuple[str, Rule]]:
    """Every method of every route that asks for a right."""
    routes = [
        (method, rule)
        for rule in web.app.url_map.iter_rules()
        if rule.endpoint not in endpoints.OPEN
        for method in sorted((rule.methods or set()) - NOT_FOR_PEOPLE)
    ]
    assert len(routes) > ROUTES_AT_LEAST
    return routes


def ask(web: WebAdmin, method: str, rule: Rule, role: str) -> tuple[int, str]:
    """What somebody of this role (a stranger for "") is answered: status, and where they are sent."""
    client = web.app.test_client()
    is_api = rule.rule.startswith("/api/")
    headers = {}
    if role and is_api:
        headers["Authorization"] = f"Bearer {web.token(role)}"
    elif role:
        client.set_cookie("lovhub_session", web.token(role), secure=True)
    body: dict[str, Any] = {"json": {}} if is_api and method != "GET" else {}
    answer = client.open(path_of(rule), method=method, base_url=ADDRESS, headers=headers, **body)
    if is_api and answer.status_code == 403 and answer.get_json()["error"]["code"] != "forbidden":
        return 409, ""  # the operation said no, not the guard
    return answer.status_code, (answer.location or "").partition("?")[0]


@pytest.mark.parametrize("role", rights.ROLES)
def test_every_route_is_open_to_those_who_have_its_right_and_to_nobody_else(
    club_at_work: WebAdmin, role: str
) -> None:
    wrong = []
    for method, rule in ruled_routes(club_at_work):
        status, goes_to = ask(club_at_work, method, rule, role)
        refused = status in {401, 403} or goes_to == "/admin/login"
        if rule.endpoint == "staff.sign_out":
            refused = status == 403
        if refused == rights.may(role, endpoints.ENDPOINTS[rule.endpoint]):
            wrong.append((method, rule.rule, status))
    assert wrong == []


def test_no_route_is_open_to_a_stranger(club_at_work: WebAdmin) -> None:
    wrong = []
    for method, rule in ruled_routes(club_at_work):
        answer = ask(club_at_work, method, rule, "")
        if answer not in {(401, ""), (303, "/admin/login")}:
            wrong.append((method, rule.rule, answer))
    assert wrong == []


def test_a_route_without_a_rule_and_a_right_without_words_stop_the_server(web: WebAdmin) -> None:
    existing = [rule.endpoint for rule in web.app.url_map.iter_rules()]
    endpoints.check_complete(existing)
    with pytest.raises(ValueError, match=r"reports\.secret: asks for no right"):
        endpoints.check_complete([*existing, "reports.secret"])
    with pytest.raises(ValueError, match="does not exist"):
        endpoints.check_complete(existing[1:])


def test_the_roles_are_what_owners_are_told() -> None:
    """The table itself, where it hurts: money, prices and people."""
    assert {right for right in rights.RIGHTS if not rights.may("owner", right)} == set()
    for right in ("see_customers", "sell", "run_sessions", "manage_tariffs", "see_revenue"):
        assert not rights.may("technician", right)
    for right in ("manage_tariffs", "manage_applications", "manage_computers", "see_revenue"):
        assert not rights.may("cashier", right)


# --- what pages offer -----------------------------------------------------------------------------

OFFER = re.compile(
    r'\b(href|action|hx-get|hx-post|data-dialog|data-row-form|formaction)="(/[^"]*)"'
)
POSTED = frozenset({"action", "hx-post", "formaction"})


def endpoint_at(routes: MapAdapter, method: str, address: str) -> str | None:
    """What answers there; None for what is no page, such as a picture."""
    path = unescape(address).partition("?")[0].partition("#")[0]
    try:
        endpoint, _ = routes.match(path, method=method)
    except (NotFound, MethodNotAllowed):
        return None
    return str(endpoint)


@pytest.mark.parametrize("role", rights.ROLES)
def test_pages_offer_only_what_one_may_do(club_at_work: WebAdmin, role: str) -> None:
    web = club_at_work
    browser = web.signed_in(role)
    routes = web.app.url_map.bind("localhost", url_scheme="https")
    pages = [
        rule
        for method, rule in ruled_routes(web)
        if method == "GET"
        and not rule.arguments
        and not rule.rule.startswith("/api/")
        and endpoints.may_call(role, rule.endpoint)
    ]
    assert len(pages) >= 5
    found, wrong = 0, set()
    for rule in pages:
        for attribute, address in OFFER.findall(browser.get(rule.rule).text):
            method = "POST" if attribute in POSTED else "GET"
            endpoint = endpoint_at(routes, method, address)
            if endpoint is None or endpoint == "static":
                continue
            found += 1
            if not endpoints.may_call(role, endpoint):
                wrong.add((rule.rule, address))
    assert found > 20
    assert wrong == set()


def test_the_hall_offers_only_what_one_may_do(open_as: OpenAs, live: LiveDesk) -> None:
    live.web.hall.rows = [row(1, "ПК-1"), row(2, "ПК-2", session())]
    cashier, technician = open_as("cashier"), open_as("technician")
    open_hall(cashier, live)
    assert offered(at(cashier, 1)) == [
        "seat-guest",
        "seat-customer",
        "message",
        "remote",
        "keep",
        "broken",
    ]
    assert offered(at(cashier, 2)) == [
        "extend",
        "pause",
        "move",
        "end",
        "message",
        "remote",
        "keep",
        "broken",
    ]
    open_hall(technician, live)
    assert offered(at(technician, 1)) == [
        "message",
        "remote",
        "keep",
        "broken",
        "maintenance",
        "rename",
    ]
    assert offered(at(technician, 2)) == ["message", "remote", "keep", "broken", "rename"]
