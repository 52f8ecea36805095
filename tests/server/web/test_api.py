"""The JSON API as a whole: who is let in, how it refuses, what it says of itself."""

import re
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.staff.endpoints import OPEN as OPEN_ENDPOINTS
from tests.support.api import Api, assert_error_shape
from tests.support.club import People, found_club
from tests.support.databases import new_sqlite
from tests.support.web import ADDRESS, OWNER_LOGIN, OWNER_PASSWORD, FakeHall, WebAdmin, row


def test_a_program_signs_in_and_out(stranger: Api) -> None:
    token = stranger.done("POST", "/session", {"login": OWNER_LOGIN, "password": OWNER_PASSWORD})[
        "token"
    ]
    program = Api(stranger.web, token)
    assert program.done("GET", "/tariffs") == {"tariffs": [], "retired": []}
    program.done("DELETE", "/session")
    assert program.refusal("GET", "/tariffs") == (401, "not_signed_in")


def test_every_error_has_one_shape(api: Api, stranger: Api) -> None:
    assert stranger.refusal("POST", "/session", {"login": "x", "password": "y"}) == (
        401,
        "wrong_credentials",
    )
    assert stranger.refusal("GET", "/customers") == (401, "not_signed_in")
    assert api.refusal("GET", "/nowhere") == (404, "not_found")
    assert api.refusal("GET", "/customers/99") == (404, "customer_unknown")
    assert api.refusal("GET", f"/customers/{2**63}") == (404, "not_found")
    assert api.refusal("DELETE", "/customers") == (405, "method_not_allowed")
    assert api.refusal("POST", "/customers") == (422, "invalid_fields")
    assert api.refusal("POST", "/customers", {"login": "a"}) == (422, "invalid_fields")
    assert api.refusal("POST", "/tariffs", {"title": "x" * 300_000}) == (413, "too_large")
    assert api.refusal("GET", "/customers?after=x") == (422, "invalid_fields")
    not_json = api.web.app.test_client().post(
        "/api/v1/tariffs",
        base_url=ADDRESS,
        data="title=1",
        headers={"Authorization": f"Bearer {api.token}"},
    )
    assert_error_shape(not_json)
    assert not_json.status_code == 415


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/nowhere", 404), ("PUT", "/customers", 405)]
)
def test_what_is_sent_where_nobody_takes_it_is_not_read(
    stranger: Api, method: str, path: str, status: int
) -> None:
    answer = stranger.web.app.test_client().open(
        f"/api/v1{path}", method=method, base_url=ADDRESS, data="{", content_type="application/json"
    )
    assert answer.status_code == status
    assert_error_shape(answer)


def test_a_fault_of_ours_has_the_same_shape(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_hall: FakeHall) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(FakeHall, "snapshot", broken)
    monkeypatch.setitem(api.web.app.config, "PROPAGATE_EXCEPTIONS", False)
    assert api.refusal("GET", "/live") == (500, "server_error")


def test_customers_pcs_and_games_are_found_by_one_search(api: Api, people: People) -> None:
    customer, game = people.customer(name="Ерлан 2"), people.application(title="Dota 2")
    api.web.hall.rows = [row(7, "ПК-2")]
    found = [
        (item["kind"], item["id"], item["title"])
        for item in api.done("GET", "/search?q=2")["items"]
    ]
    assert found == [
        ("customer", customer, "Ерлан 2"),
        ("computer", 7, "ПК-2"),
        ("application", game, "Dota 2"),
    ]
    technician = Api(api.web, api.web.token("technician"))
    kinds = {item["kind"] for item in technician.done("GET", "/search?q=2")["items"]}
    assert kinds == {"computer", "application"}


def test_before_the_set_up_the_api_says_so(tmp_path: Path, clock: ManualClock) -> None:
    empty = found_club(new_sqlite(tmp_path / "empty.sqlite3"), clock)
    answer = Api(WebAdmin(empty), None).ask("GET", "/customers")
    assert_error_shape(answer)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "not_set_up")
    empty.database.close()


def test_the_browsers_cookie_does_not_open_the_api(web: WebAdmin) -> None:
    client = web.app.test_client()
    client.set_cookie("lovhub_session", web.token(), domain="localhost", secure=True)
    assert client.get("/api/v1/customers", base_url=ADDRESS).status_code == 401


def test_strangers_get_nothing_from_any_route(stranger: Api) -> None:
    rules = [
        rule
        for rule in stranger.web.app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint not in OPEN_ENDPOINTS
    ]
    assert len(rules) > 20
    for rule in rules:
        path = rule.rule.removeprefix("/api/v1")
        for argument in rule.arguments:
            path = path.replace(f"<int:{argument}>", "1").replace(f"<{argument}>", "x")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert stranger.refusal(method, path, {}) == (401, "not_signed_in"), rule


def test_refused_fields_are_named_as_the_api_names_them(api: Api, people: People) -> None:
    customer_id = people.customer()
    answer = api.ask(
        "POST",
        f"/customers/{customer_id}/top-ups",
        {"amount_tiyn": 0, "method": "cash", "key": "request-1"},
    )
    assert answer.status_code == 422
    assert set(answer.get_json()["error"]["fields"]) == {"amount_tiyn"}
    answer = api.ask("POST", "/tariffs", {"title": "", "seconds": 0, "price_tiyn": -1})
    assert set(answer.get_json()["error"]["fields"]) == {"title", "seconds", "price_tiyn"}


def test_the_description_names_every_route(stranger: Api) -> None:
    described = stranger.done("GET", "/openapi.json")
    assert described["openapi"].startswith("3.")
    known = {(method, path) for path, item in described["paths"].items() for method in item}
    for rule in stranger.web.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/") or rule.endpoint == "api_description":
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert (method.lower(), path) in known
    for item in described["paths"].values():
        for operation in item.values():
            assert "ErrorAnswer" in str(operation["responses"]["422"])
