import base64
import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from lovhub.clock import ManualClock
from lovhub.server.attention import service as attention
from lovhub.server.computers import tokens
from lovhub.server.journal import service as journal
from lovhub.server.journal.api import LogKind
from lovhub.server.journal.log import KINDS
from lovhub.server.live import OpenCall, PendingPairing
from lovhub.server.sessions import codes
from lovhub.server.staff.endpoints import OPEN as OPEN_ENDPOINTS
from tests.support.club import CASHIER, People, found_club
from tests.support.databases import new_sqlite
from tests.support.web import ADDRESS, OWNER_LOGIN, OWNER_PASSWORD, FakeHall, WebAdmin, row


@dataclass
class Api:
    """Asks as a program would."""

    web: WebAdmin
    token: str | None

    def ask(self, method: str, path: str, said: Any = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.web.app.test_client().open(
            f"/api/v1{path}",
            base_url=ADDRESS,
            method=method,
            headers=headers,
            json=said,
            **more,
        )

    def done(self, method: str, path: str, said: Any = None) -> dict[str, Any]:
        answer = self.ask(method, path, said)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def refusal(self, method: str, path: str, said: Any = None) -> tuple[int, str]:
        answer = self.ask(method, path, said)
        assert_error_shape(answer)
        return answer.status_code, answer.get_json()["error"]["code"]


def assert_error_shape(answer: TestResponse) -> None:
    """Every refusal of the API looks like this."""
    body = answer.get_json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    assert isinstance(body["error"]["code"], str)
    assert body["error"]["message"]
    assert all(isinstance(text, str) for text in body["error"]["fields"].values())


@pytest.fixture
def api(web: WebAdmin) -> Api:
    return Api(web, web.token())


@pytest.fixture
def stranger(web: WebAdmin) -> Api:
    return Api(web, None)


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


def test_a_customer_from_registration_to_money(api: Api) -> None:
    said = {"login": "sniper", "name": "Ерлан", "phone": "8 701 123 45 67", "password": "секрет"}
    customer_id = api.done("POST", "/customers", said)["customer_id"]
    top_up = {"amount_tiyn": 2_000_00, "method": "cash", "key": "request-1"}
    first = api.done("POST", f"/customers/{customer_id}/top-ups", top_up)
    assert first == api.done("POST", f"/customers/{customer_id}/top-ups", top_up)
    assert first["balance_tiyn"] == 2_000_00
    assert api.done("GET", f"/customers/{customer_id}")["balance_tiyn"] == 2_000_00
    assert api.done("GET", "/customers?search=Берик")["customers"] == []
    [found] = api.done("GET", "/customers?search=ерлан")["customers"]
    assert found["phone"] == "+77011234567"
    assert received(api) == 2_000_00
    undo = f"/customers/{customer_id}/top-ups/{first['posting_id']}/reversal"
    assert api.refusal("POST", f"/customers/{customer_id}/top-ups/99/reversal", {"reason": ""}) == (
        404,
        "top_up_unknown",
    )
    assert api.done("POST", undo, {"reason": ""}) == api.done("POST", undo, {"reason": ""})
    assert received(api) == 0
    given = {"seconds": 1800, "reason": "Завис ПК", "key": "request-2"}
    assert api.refusal("POST", f"/customers/{customer_id}/time", {**given, "reason": ""}) == (
        422,
        "invalid_fields",
    )
    api.done("POST", f"/customers/{customer_id}/time", given)
    shown = api.done("GET", f"/customers/{customer_id}")
    assert (shown["balance_tiyn"], shown["seconds_available"]) == (0, 1800)
    back, came = api.done("GET", f"/customers/{customer_id}/movements")["movements"]
    assert (back["amount_tiyn"], came["amount_tiyn"]) == (-2_000_00, 2_000_00)
    [lot] = api.done("GET", f"/customers/{customer_id}/lots")["lots"]
    assert (lot["left_seconds"], lot["price_tiyn"], lot["play_hours"]) == (1800, 0, None)
    assert api.done("GET", f"/customers/{customer_id}/sessions")["sessions"] == []
    api.done("PUT", f"/customers/{customer_id}/details", {"name": "Ерлан Ким", "phone": ""})
    assert api.done("GET", f"/customers/{customer_id}")["name"] == "Ерлан Ким"
    assert len(api.done("POST", f"/customers/{customer_id}/pin")["pin"]) == 6
    estate = api.done("GET", f"/customers/{customer_id}/estate")
    assert estate["unplayed_seconds"] == 1800
    decided = {"fate": "write_off", "reason": "Ушёл", "expected_tiyn": estate["total_tiyn"]}
    assert api.done("POST", f"/customers/{customer_id}/forget", decided) == {"paid_tiyn": 0}
    for method, path in (
        ("GET", "movements"),
        ("GET", "lots"),
        ("GET", "sessions"),
        ("POST", "pin"),
    ):
        refused = api.refusal(method, f"/customers/{customer_id}/{path}")
        assert refused == (404, "customer_unknown")


def received(api: Api) -> int:
    """What the dashboard says came in today."""
    today = api.done("GET", "/dashboard")["money_today"]
    return int(today["money"]["received_in_all_tiyn"])


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


def test_tariffs_and_applications(api: Api) -> None:
    tariff = {"title": "1 час", "seconds": 3600, "price_tiyn": 500_00}
    tariff_id = api.done("POST", "/tariffs", tariff)["tariff_id"]
    api.done("PUT", f"/tariffs/{tariff_id}", {**tariff, "price_tiyn": 600_00})
    [shown] = api.done("GET", "/tariffs")["tariffs"]
    simple = {
        "kind": "package", "weekdays": [0, 1, 2, 3, 4, 5, 6], "sold_from": None, "sold_until": None,
        "holiday_rule": "as_weekday", "sold_elsewhere": True, "zones": [], "price_rule": "whole",
        "minimum_tiyn": 0, "valid_days": None, "rest_rule": "kept", "pause_allowed": True,
        "play_rule": "any_time",
    }  # fmt: skip
    assert shown == {
        **tariff, **simple, "id": tariff_id, "price_tiyn": 600_00, "per_hour_tiyn": 600_00, "groups": [],
    }  # fmt: skip
    second_id = api.done("POST", "/tariffs", tariff)["tariff_id"]
    api.done("PUT", f"/tariffs/{second_id}/place", {"place": 0})
    order = [row["id"] for row in api.done("GET", "/tariffs")["tariffs"]]
    assert order == [second_id, tariff_id]
    api.done("DELETE", f"/tariffs/{tariff_id}")
    assert api.refusal("DELETE", f"/tariffs/{tariff_id}") == (409, "tariff_not_available")
    assert api.done("GET", "/tariffs")["retired"] == [shown]
    api.done("POST", f"/tariffs/{tariff_id}/restoration")
    assert len(api.done("GET", "/tariffs")["tariffs"]) == 2

    night = {
        "title": "Ночь", "kind": "fixed_end", "seconds": 3600, "price_tiyn": 3000_00,
        "sold_from": 22 * 3600, "sold_until": 8 * 3600, "holiday_rule": "only",
    }  # fmt: skip
    wrong = api.ask("POST", "/tariffs", {**night, "play_rule": "sale_hours"}).get_json()
    assert set(wrong["error"]["fields"]) == {"play_rule"}
    api.done("PUT", f"/tariffs/{second_id}", {**tariff, "play_rule": "sale_hours"})
    assert [row["play_rule"] for row in api.done("GET", "/tariffs/offers")["offers"]] == [
        "sale_hours",
        "any_time",
    ]
    night_id = api.done("POST", "/tariffs", night)["tariff_id"]
    listed = {row["id"]: row for row in api.done("GET", "/tariffs")["tariffs"]}
    assert (listed[night_id]["seconds"], listed[night_id]["rest_rule"]) == (10 * 3600, "expires")
    offered = [row["tariff_id"] for row in api.done("GET", "/tariffs/offers")["offers"]]
    assert offered == [second_id, tariff_id]
    api.done("PUT", "/tariffs/holidays", {"days": ["2026-12-16"]})
    assert api.done("GET", "/tariffs/holidays") == {"days": ["2026-12-16"]}
    wrong = api.refusal("PUT", "/tariffs/holidays", {"days": ["2026-02-30"]})
    assert wrong == (422, "invalid_fields")

    game = {"title": "CS 2", "kind": "game", "exe_path": "C:\\cs2.exe", "arguments": ["-novid"]}
    application_id = api.done("POST", "/applications", game)["application_id"]
    assert api.done("GET", "/applications")["applications"] == [
        {
            **game,
            "id": application_id,
            "other_paths": [],
            "picture": "",
            "watch": [],
            "zone_ids": [],
        }
    ]
    second_id = api.done("POST", "/applications", game)["application_id"]
    api.done("PUT", f"/applications/{second_id}/place", {"place": 0})
    api.done("PUT", f"/applications/{application_id}", {**game, "title": "CS"})
    api.done("DELETE", f"/applications/{application_id}")
    listed = api.done("GET", "/applications")
    assert [row["id"] for row in listed["applications"]] == [second_id]
    assert [row["title"] for row in listed["retired"]] == ["CS"]
    api.done("POST", f"/applications/{application_id}/restoration")
    order = [row["id"] for row in api.done("GET", "/applications")["applications"]]
    assert order == [second_id, application_id]


def test_an_applications_picture_and_zones(api: Api, people: People) -> None:
    path = f"/applications/{people.application()}"
    file = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(file, "JPEG")
    sent = {"picture_base64": base64.b64encode(file.getvalue()).decode()}
    digest = api.done("PUT", f"{path}/picture", sent)["picture"]
    [shown] = api.done("GET", "/applications")["applications"]
    assert shown["picture"] == digest
    answer = api.ask("GET", f"/applications/pictures/{digest}")
    assert (answer.mimetype, answer.data[:4]) == ("image/png", b"\x89PNG")
    assert "immutable" in answer.headers["Cache-Control"]
    for wrong in ("%", base64.b64encode(b"no picture").decode()):
        answer = api.ask("PUT", f"{path}/picture", {"picture_base64": wrong})
        assert set(answer.get_json()["error"]["fields"]) == {"picture_base64"}
    api.done("DELETE", f"{path}/picture")
    assert api.refusal("GET", f"/applications/pictures/{digest}") == (404, "not_found")
    assert api.refusal("PUT", f"{path}/zones", {"zone_ids": [7]}) == (422, "zone_unknown")
    api.done("PUT", f"{path}/zones", {"zone_ids": []})


def test_sessions_from_seat_to_end(api: Api, people: People) -> None:
    pc, other = people.computer(), people.computer()
    tariff = people.tariff()
    guest = {"tariff_id": tariff, "method": "cash", "key": "request-1"}
    session_id = api.done("POST", f"/computers/{pc}/guests", guest)["session_id"]
    assert api.done("POST", f"/computers/{pc}/guests", guest)["session_id"] == session_id
    api.done(
        "POST",
        f"/sessions/{session_id}/extend",
        {"tariff_id": tariff, "method": "card", "key": "request-2"},
    )
    api.done("POST", f"/sessions/{session_id}/pause")
    api.done("POST", f"/sessions/{session_id}/resume")
    moved = api.done("POST", f"/sessions/{session_id}/move", {"to_computer_id": other})
    api.done("POST", f"/sessions/{moved['session_id']}/end")
    assert api.refusal("POST", f"/sessions/{moved['session_id']}/pause") == (409, "session_over")
    assert api.refusal("POST", f"/sessions/{moved['session_id']}/release", {"reason": " "}) == (
        409,
        "reason_missing",
    )


def test_a_customer_buys_only_with_a_key(api: Api, people: People) -> None:
    pc, customer, tariff = people.computer(), people.customer(balance_tiyn=500_00), people.tariff()
    seat = {"customer_id": customer}
    path = f"/computers/{pc}/customers"
    assert api.refusal("POST", path, seat) == (409, "no_time_left")
    assert api.refusal("POST", path, {**seat, "tariff_id": tariff}) == (422, "invalid_fields")
    buy = {**seat, "tariff_id": tariff, "key": "request-1"}
    assert api.done("POST", path, buy) == api.done("POST", path, buy)
    assert people.balance_tiyn(customer) == 0


def test_bought_time_says_in_which_hours_it_is_played(api: Api, people: People) -> None:
    hours = {"weekdays": [0, 4], "sold_from": 36_000, "sold_until": 64_800, "holiday_rule": "not"}
    tariff = {"title": "День", "seconds": 3600, "price_tiyn": 100_00, "play_rule": "sale_hours"}
    tariff_id = api.done("POST", "/tariffs", {**tariff, **hours})["tariff_id"]
    customer = people.customer(balance_tiyn=500_00)
    buy = {"customer_id": customer, "tariff_id": tariff_id, "key": "request-1"}
    api.done("POST", f"/computers/{people.computer()}/customers", buy)
    api.done("PUT", "/tariffs/holidays", {"days": ["2026-12-16"]})  # too late for this lot
    [lot] = api.done("GET", f"/customers/{customer}/lots")["lots"]
    assert lot["play_hours"] == {**hours, "holidays": []}


def test_a_code_for_a_guest(api: Api, people: People, clock: ManualClock) -> None:
    said = {"tariff_id": people.tariff(), "method": "kaspi", "key": "request-1"}
    sold = api.done("POST", "/seat-codes", said)
    assert sold["code"].isdecimal()
    assert api.done("POST", "/seat-codes", said) == sold  # the answer was lost: it is said again
    clock.advance(codes.SHOWN_AGAIN_SECONDS + 1)
    assert api.refusal("POST", "/seat-codes", said) == (409, "already_booked")


def test_pcs(api: Api, people: People) -> None:
    pc = people.computer()
    api.web.hall.rows = [row(pc, "ПК-1")]
    assert api.done("GET", "/live")["counts"] == {"total": 1, "on": 1, "off": 0, "used": 0}
    assert api.done("GET", "/computers")["computers"][0]["name"] == "ПК-1"
    api.done("PATCH", f"/computers/{pc}", {"name": "ПК-7"})
    api.done("POST", f"/computers/{pc}/messages", {"text": "Привет"})
    assert api.web.commands.sent == [(pc, "Привет")]
    api.web.pairings.waiting = {"p1"}
    assert api.done("POST", "/pairings/p1/approve") == {"computer_id": 1}
    assert api.refusal("POST", "/pairings/p2/approve") == (409, "pairing_gone")


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


def test_the_customers_come_in_parts_as_large_as_asked(api: Api, people: People) -> None:
    everybody = [people.customer(name=f"Игрок {number}") for number in range(5)]
    found: list[int] = []
    after = ""
    while True:
        part = api.done("GET", f"/customers?limit=2{after}")
        found += [customer["id"] for customer in part["customers"]]
        if part["next_after"] is None:
            break
        after = f"&after={part['next_after']}"
    assert found == everybody
    assert api.refusal("GET", "/customers?limit=101") == (422, "invalid_fields")


def test_the_log_comes_in_parts_and_misses_nothing(api: Api, people: People) -> None:
    customer = people.customer()
    for number in range(5):
        top_up = {"amount_tiyn": 100 + number, "method": "kaspi", "key": f"request-{number}"}
        api.done("POST", f"/customers/{customer}/top-ups", top_up)
    lines: list[dict[str, Any]] = []
    before = ""
    while True:
        part = api.done("GET", f"/log?kind=money&limit=2{before}")
        assert len(part["lines"]) <= 2
        lines += part["lines"]
        if part["next"] is None:
            break
        before = f"&before={part['next']}"
    assert [line["data"]["amount_tiyn"] for line in lines] == [104, 103, 102, 101, 100]
    assert {line["actor_name"] for line in lines} == {"Айгуль"}
    assert "Баланс пополнен" in lines[0]["text"]
    assert api.done("GET", "/log?kind=launch")["lines"] == []
    assert api.refusal("GET", "/log?kind=nonsense") == (422, "invalid_fields")
    assert api.refusal("GET", "/log?before=1.2") == (422, "invalid_fields")


def test_an_alarm_waits_until_it_is_closed(api: Api, people: People) -> None:
    pc = people.computer("ПК-1")
    with api.web.club.write() as work:
        alarm_id = journal.raise_alarm(work, "launcher_killed", computer_id=pc)
    [alarm] = api.done("GET", "/alarms")["alarms"]
    assert (alarm["id"], alarm["kind"], alarm["computer_id"]) == (alarm_id, "launcher_killed", pc)
    assert alarm["text"].startswith("ПК-1: ")
    api.done("POST", f"/alarms/{alarm_id}/take")
    assert api.done("GET", "/alarms")["alarms"][0]["taken_by"] == "Айгуль"
    api.done("POST", f"/alarms/{alarm_id}/close", {"note": "перезапустил"})
    assert api.done("GET", "/alarms") == {"alarms": []}
    assert api.refusal("POST", f"/alarms/{alarm_id}/take") == (409, "already_closed")
    assert api.refusal("POST", f"/alarms/{alarm_id + 1}/close", {}) == (404, "alarm_unknown")


def test_a_call_is_taken_and_closed(api: Api, people: People) -> None:
    call_id = attention.call(
        api.web.club, computer_id=people.computer(), reason="game", text="", actor=CASHIER
    )
    api.web.hall.calls = [OpenCall(call_id, 1, "ПК-1", "", "game", "", 1, 5, "")]
    assert api.done("GET", "/attention")["calls"][0]["call_id"] == call_id
    api.done("POST", f"/calls/{call_id}/take")
    api.done("POST", f"/calls/{call_id}/close")
    assert api.refusal("POST", f"/calls/{call_id}/take") == (409, "already_closed")
    assert api.refusal("POST", f"/calls/{call_id + 1}/close") == (404, "call_unknown")


def test_pcs_that_wait_are_listed(api: Api) -> None:
    api.web.hall.pairings = [PendingPairing("p1", "DESKTOP-1", "192.168.1.5", "123456", 7)]
    [waiting] = api.done("GET", "/pairings")["pairings"]
    assert (waiting["pairing_id"], waiting["code"]) == ("p1", "123456")


def test_programs_make_and_take_back_keys(api: Api) -> None:
    made = api.done("POST", "/pairing-tokens", {"computers": 2, "hours": 1})
    assert tokens.usable(api.web.club, made["token"]) == made["token_id"]
    [listed] = api.done("GET", "/pairing-tokens")["tokens"]
    assert (listed["token_id"], listed["counts"], listed["used"]) == (made["token_id"], True, 0)
    assert made["token"] not in str(listed)
    api.done("DELETE", f"/pairing-tokens/{made['token_id']}")
    assert not api.done("GET", "/pairing-tokens")["tokens"][0]["counts"]
    assert api.refusal("DELETE", "/pairing-tokens/99")[1] == "token_unknown"


def test_twenty_requests_with_one_key_at_one_moment_book_once(api: Api, people: People) -> None:
    customer = people.customer()
    top_up = {"amount_tiyn": 500_00, "method": "cash", "key": "request-1"}
    ready = threading.Barrier(20)

    def send(_number: int) -> dict[str, Any]:
        ready.wait(10)
        return api.done("POST", f"/customers/{customer}/top-ups", top_up)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(send, range(20)))
    assert len({answer["posting_id"] for answer in answers}) == 1
    assert people.balance_tiyn(customer) == 500_00
    other = {**top_up, "amount_tiyn": 600_00}
    assert api.refusal("POST", f"/customers/{customer}/top-ups", other) == (409, "key_reused")


def test_the_kinds_of_the_log_are_those_that_are_described() -> None:
    assert set(get_args(LogKind)) == set(KINDS)
