"""Whatever is sent to the API, its answer is never a fault of ours, and a refusal has its one shape."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lovhub.server.pages import LARGER_REQUESTS_BYTES
from tests.support.club import People
from tests.support.web import ADDRESS, WebAdmin, row

BEYOND = 2**63

VALID: dict[str, dict[str, Any]] = {
    "applications": {"title": "CS 2", "kind": "game", "exe_path": "C:\\cs2.exe", "arguments": []},
    "tariffs": {"title": "1 час", "seconds": 3600, "price_tiyn": 500_00},
    "customers": {"login": "sniper", "name": "Ерлан", "phone": "", "password": "секрет"},
    "top-ups": {"amount_tiyn": 100, "method": "cash", "key": "request-1"},
    "details": {"name": "Ерлан", "phone": ""},
    "forget": {"fate": "write_off", "reason": "Ушёл", "expected_tiyn": 0},
    "pin": {},
    "reversal": {"reason": "Не тот клиент"},
    "time": {"seconds": 1800, "reason": "Завис ПК", "key": "request-6"},
    "computers": {"name": "ПК-1"},
    "messages": {"text": "Привет"},
    "guests": {"tariff_id": 1, "method": "cash", "guest_name": "", "key": "request-2"},
    "seat": {"customer_id": 1, "tariff_id": 1, "key": "request-3"},
    "seat-codes": {"tariff_id": 1, "method": "card", "guest_name": "", "key": "request-4"},
    "extend": {"tariff_id": 1, "method": "cash", "key": "request-5"},
    "move": {"to_computer_id": 2},
    "release": {"reason": "ПК сгорел"},
    "passphrase": {"passphrase": "длинный пароль для копий"},
    "restore": {"confirmed": "Арена"},
    "settings": {
        "name": "Арена",
        "language": "ru",
        "time_zone": "Asia/Almaty",
        "currency": "KZT",
        "day_starts_at": 0,
        "lease_seconds": 900,
        "power_cut_rule": "pause",
        "silence_rule": "wait",
        "backup_at": 0,
        "backups_kept": 14,
        "second_backup_folder": "",
        "sales_need_shift": False,
        "given_minutes_per_shift": 120,
        "minors_rule": False,
        "on_without_session_minutes": 0,
        "grace_seconds": 180,
        "printer_address": "",
        "printer_charset": "cp866",
        "printer_width": 48,
        "warn_unseen_days": 3,
        "warn_disk_free_gb": 5,
        "warn_backup_hours": 36,
    },
    "session": {"login": "owner", "password": "неверный", "code": ""},
    "people": {"login": "kassa", "name": "Данияр", "role": "cashier", "language": "ru"},
    "person": {"name": "Данияр", "role": "cashier", "language": "kk"},
    "me": {"name": "Айгуль", "language": "ru"},
    "password": {"old": "неверный", "new": "новый пароль"},
    "second-factor": {"offer": "AAAA", "code": "123456"},
    "off": {"code": "123456"},
    "recovery-codes": {"code": "123456"},
    "second-factor-rule": {"roles": []},
}
"""What each kind of address takes, by the last word of the address."""

WRONG_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 1e400, float("nan"), BEYOND, -BEYOND - 1, 10**400, "", " ", "\0", "a\0b",
    "\ud800", "\U0010ffff\ufffe", "\u202e", "x" * 5000, [], ["\0"], [["\ud800"]], {}, {"": None},
)  # fmt: skip

BODIES: tuple[bytes, ...] = (
    b"{", b"nonsense", b"null", b"true", b"0", b"1e999", b"NaN", b'""', b'"{}"', b'"\\ud800"', b"[]",
    b"[" * 20_000, b'{"a":' * 20_000, b"\xff\xfe\x00", b"\x00", b'{"\\ud800": 1}', b'{"\\u0000": 1}',
    b'{"login": "a", "login": "b"}', b"1" * 6000, "{}".encode("utf-16"), b"\xef\xbb\xbf{}",
)  # fmt: skip


@dataclass
class Sender:
    """Sends anything, and judges every answer."""

    client: FlaskClient
    token: str

    def send(self, method: str, path: str, **what: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **what.pop("headers", {})}
        answer = self.client.open(path, method=method, base_url=ADDRESS, headers=headers, **what)
        assert answer.status_code < 500, (method, path, what, answer.text)
        if answer.status_code >= 400 and method != "HEAD":
            assert_error_shape(answer)
        return answer


def assert_error_shape(answer: TestResponse) -> None:
    assert answer.mimetype == "application/json", answer.text
    body = answer.get_json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    assert body["error"]["code"]
    assert body["error"]["message"] != body["error"]["code"], "a code without a sentence"
    assert all(isinstance(text, str) for text in body["error"]["fields"].values())


@pytest.fixture
def sender(web: WebAdmin, people: People) -> Sender:
    """A signed-in program; there are PCs, customers and tariffs numbered 1 and 2."""
    for _ in range(2):
        people.computer()
        people.customer(balance_tiyn=10_000_00)
        people.tariff()
    web.hall.rows = [row(1, "ПК-1"), row(2, "ПК-2")]
    web.pairings.waiting = {"x"}
    return Sender(web.app.test_client(), web.token())


def api_rules(web: WebAdmin) -> list[Rule]:
    rules = [rule for rule in web.app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    assert len(rules) > 20
    # Retiring and ending come last, so that the others meet what they ask for; signing out is left out.
    return sorted(rules, key=lambda rule: (rule.rule.endswith("/end"), rule.rule))


def address(rule: Rule, value: str = "1") -> str:
    path = rule.rule
    for argument in rule.arguments:
        path = path.replace(f"<int:{argument}>", value).replace(f"<{argument}>", value)
    return path


def valid_body(rule: Rule) -> dict[str, Any]:
    words = [word for word in rule.rule.split("/") if "<" not in word]
    if rule.rule.endswith("/people/<int:staff_id>"):
        return VALID["person"]
    kind = "seat" if rule.rule.endswith("<int:computer_id>/customers") else words[-1]
    return VALID.get(kind, {})


def writes(web: WebAdmin) -> Iterator[tuple[str, Rule]]:
    for rule in api_rules(web):
        for method in sorted(rule.methods & {"POST", "PUT", "PATCH"}):
            yield method, rule


def test_what_is_not_json_is_refused_everywhere(web: WebAdmin, sender: Sender) -> None:
    for method, rule in writes(web):
        for data in BODIES:
            answer = sender.send(method, address(rule), data=data, content_type="application/json")
            if valid_body(rule):
                assert answer.status_code in {400, 401, 422}, (method, rule, data)


def test_another_kind_of_body_is_refused_everywhere(web: WebAdmin, sender: Sender) -> None:
    for method, rule in writes(web):
        said = json.dumps(valid_body(rule))
        for kind in ("text/plain", "application/x-www-form-urlencoded", "image/png", "text/json"):
            answer = sender.send(method, address(rule), data=said, content_type=kind)
            assert answer.status_code == 415, (method, rule, kind)


def test_what_is_too_large_is_refused_everywhere(web: WebAdmin, sender: Sender) -> None:
    large = json.dumps({"title": "x" * 300_000})
    for method, rule in writes(web):
        if rule.rule in LARGER_REQUESTS_BYTES:
            continue  # a file comes here; tests/server/test_pages.py sends one too many
        answer = sender.send(method, address(rule), data=large, content_type="application/json")
        assert answer.status_code == 413, (method, rule)


def test_a_wrong_value_in_any_field_is_no_fault_of_ours(web: WebAdmin, sender: Sender) -> None:
    web.club.failures_by_address._attempts = 10**6
    for method, rule in writes(web):
        body = valid_body(rule)
        for name in body:
            for value in WRONG_VALUES:
                sender.send(method, address(rule), json={**body, name: value})
        for name in body:
            sender.send(method, address(rule), json={k: v for k, v in body.items() if k != name})
        if body:
            answer = sender.send(method, address(rule), json={**body, "unknown": 1})
            assert answer.status_code == 422, (method, rule)


def test_a_wrong_number_in_any_address_is_no_fault_of_ours(web: WebAdmin, sender: Sender) -> None:
    for rule in api_rules(web):
        for value in (
            "0",
            str(BEYOND - 1),
            str(BEYOND),
            "9" * 400,
            "-1",
            "x",
            "%00",
            "%ff",
            "1%2f",
        ):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                if rule.arguments:
                    sender.send(method, address(rule, value), json=valid_body(rule))


def test_a_wrong_question_in_any_list_is_no_fault_of_ours(web: WebAdmin, sender: Sender) -> None:
    described = sender.send("GET", "/api/v1/openapi.json").get_json()
    asked = 0
    for path, item in described["paths"].items():
        for parameter in item.get("get", {}).get("parameters", []):
            if parameter["in"] != "query":
                continue
            asked += 1
            for value in (
                "",
                "x",
                "-1",
                "0",
                "1.5",
                str(BEYOND),
                "9" * 5000,
                "%00",
                "%ff",
                "%ED%A0%80",
                "%",
            ):
                sender.send("GET", f"{path}?{parameter['name']}={value}")
    assert asked > 5


def test_no_method_is_a_fault_of_ours(web: WebAdmin, sender: Sender) -> None:
    allowed: dict[str, set[str]] = {}
    for rule in api_rules(web):
        allowed.setdefault(address(rule), set()).update(rule.methods)
    for path, methods in allowed.items():
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
            if method not in methods:
                assert sender.send(method, path).status_code == 405, (method, path)


@pytest.mark.parametrize(
    "said",
    ["", "Bearer", "Bearer ", "Basic b3duZXI6eA==", "Bearer \u00e9", "Bearer a b", "x" * 9000],
)
def test_a_strange_token_is_a_stranger(web: WebAdmin, said: str) -> None:
    answer = web.app.test_client().get(
        "/api/v1/customers", base_url=ADDRESS, headers={"Authorization": said}
    )
    assert answer.status_code == 401
    assert_error_shape(answer)
