"""The web admin as a browser sees it: who may look, signing in, PCs, the log, how much the database is asked."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from lovhub.clock import ManualClock
from lovhub.server.applications import service as applications
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers_service
from lovhub.server.journal import service as journal
from lovhub.server.staff.endpoints import OPEN as OPEN_ENDPOINTS
from tests.support.club import CASHIER, OWNER, People
from tests.support.web import (
    ADDRESS,
    OWNER_LOGIN,
    OWNER_PASSWORD,
    Browser,
    WebAdmin,
    hidden_value,
    row,
)

PAGES = (
    "/admin",
    "/admin/reports",
    "/admin/reports?period=30&day=shift",
    "/admin/computers",
    "/admin/customers",
    "/admin/customers/register",
    "/admin/tariffs",
    "/admin/tariffs/new",
    "/admin/applications",
    "/admin/applications?kind=program",
    "/admin/applications/new",
    "/admin/logs",
)


@contextmanager
def counted_queries(engine: Engine) -> Iterator[list[str]]:
    """Collects every statement that is sent to the database."""
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


# --- who may look ---------------------------------------------------------------------------------


def test_strangers_are_led_to_the_sign_in_from_every_page(web: WebAdmin) -> None:
    stranger = web.stranger()
    rules = [
        rule
        for rule in web.app.url_map.iter_rules()
        if not rule.rule.startswith("/api/") and rule.endpoint not in OPEN_ENDPOINTS
    ]
    assert len(rules) > 20
    for rule in rules:
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<int:{argument}>", "1").replace(f"<{argument}>", "x")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = stranger.client.open(path, method=method, base_url=ADDRESS)
            if rule.endpoint in {"computers.live", "attention.live", "search.find"}:
                assert answer.status_code == 401
            else:
                assert (answer.status_code, answer.location.partition("?")[0]) == (
                    303,
                    "/admin/login",
                ), rule


def test_an_open_page_of_a_stranger_is_sent_to_the_sign_in_as_a_whole(web: WebAdmin) -> None:
    answer = web.stranger().get("/admin/tariffs/new", htmx=True)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/admin/login"


@pytest.mark.parametrize("path", PAGES)
def test_pages_open_and_load_nothing_from_elsewhere(desk: Browser, path: str) -> None:
    answer = desk.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", answer.text)
    assert "style=" not in answer.text
    assert not re.search(r"\son\w+=", answer.text)
    for script in re.findall(r"<script([^>]*)>", answer.text):
        assert "src=" in script or 'type="application/json"' in script


def test_scripts_hold_no_words_for_people(web: WebAdmin) -> None:
    folder = Path(web.app.static_folder or "")
    scripts = sorted(folder.glob("*.js"))
    assert len(scripts) >= 3
    for script in scripts:
        code = re.sub(r"//.*", "", script.read_text(encoding="utf-8"))
        code = code.replace('"ё"', "").replace('"е"', "")  # how a search is compared, not shown
        assert not re.search("[А-Яа-яЁё]", code), script.name


def test_no_write_without_the_forms_token(web: WebAdmin, people: People) -> None:
    customer = people.customer()
    desk = web.owner()
    for rule in web.app.url_map.iter_rules():
        if rule.rule.startswith("/api/") or "POST" not in rule.methods:
            continue
        if rule.endpoint == "club.set_up":
            continue  # leads to the sign-in: there is an owner
        if rule.endpoint == "callbacks.payment_webhook":
            continue  # no browser's: each call is signed
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<int:{argument}>", str(customer)).replace(f"<{argument}>", "x")
        answer = desk.client.post(path, base_url=ADDRESS, headers={"Referer": ADDRESS + path})
        assert answer.status_code == 400, rule
        assert "Страница устарела" in answer.text


def test_a_number_no_row_can_have_is_a_page_that_is_not_there(desk: Browser) -> None:
    assert desk.get(f"/admin/customers/{2**63}/top-up").status_code == 404
    assert desk.get(f"/admin/customers?after={2**63}").status_code == 200
    assert (
        desk.get(
            f"/admin/logs?computer={2**63}&staff={2**63}&application={2**63}&after=x"
        ).status_code
        == 200
    )
    # Longer than Python reads at all.
    assert desk.get(f"/admin/logs?computer={'9' * 5_000}").status_code == 200


# --- signing in -----------------------------------------------------------------------------------


def test_signing_in_and_out(web: WebAdmin) -> None:
    browser = web.stranger()
    answer = browser.post(
        "/admin/login?next=/admin/logs", {"login": OWNER_LOGIN, "password": OWNER_PASSWORD}
    )
    assert (answer.status_code, answer.location) == (303, "/admin/logs")
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("lovhub_session=")]
    for word in ("Secure", "HttpOnly", "SameSite=Lax"):
        assert word in cookie
    assert browser.get("/admin").status_code == 200
    assert browser.post("/admin/logout", {}).location == "/admin/login"
    assert browser.get("/admin").status_code == 303


@pytest.mark.parametrize(
    "goal",
    [
        "//evil.example",
        "https://evil.example",
        "https:evil.example",
        "/\\evil",
        "/\t/evil",
        "/\n/evil",
        "/\r\nLocation: //evil",
        "\\\\evil",
        " //evil",
    ],
)
def test_after_signing_in_one_stays_here(web: WebAdmin, goal: str) -> None:
    answer = web.stranger().client.get(
        "/admin/login", base_url=ADDRESS, query_string={"next": goal}
    )
    assert answer.status_code == 200
    browser = web.owner()
    signed_in = browser.client.get("/admin/login", base_url=ADDRESS, query_string={"next": goal})
    assert signed_in.location == "/admin"


def test_a_false_host_is_in_no_answer(web: WebAdmin) -> None:
    client = web.app.test_client(use_cookies=False)
    signed_in = {"Cookie": f"lovhub_session={web.token()}"}
    for path, who, status in (
        ("/admin/customers", {}, 303),
        ("/admin/login", {}, 200),
        ("/admin/login", signed_in, 303),
        ("/admin/customers", signed_in, 200),
        ("/admin//customers", signed_in, 404),
        ("/admin/customers/", signed_in, 404),
        ("/static//vendor", {}, 404),
    ):
        answer = client.get(path, base_url=ADDRESS, headers={**who, "Host": "evil.example"})
        assert answer.status_code == status, path
        assert "evil.example" not in f"{answer.headers} {answer.text}"


def test_a_wrong_password_says_so_and_keeps_the_login(web: WebAdmin) -> None:
    answer = web.stranger().post("/admin/login", {"login": "Айгуль", "password": "мимо"})
    assert answer.status_code == 401
    assert "Неверный логин или пароль." in answer.text
    assert 'value="Айгуль"' in answer.text
    assert "мимо" not in answer.text


# --- PCs and sessions -----------------------------------------------------------------------------


@pytest.fixture
def pc(web: WebAdmin, people: People) -> int:
    computer_id = people.computer("ПК-1")
    web.hall.rows = [row(computer_id, "ПК-1")]
    return computer_id


def test_a_guest_is_seated_once_however_often_the_form_is_sent(
    desk: Browser, people: People, pc: int
) -> None:
    tariff = people.tariff()
    path = f"/admin/computers/{pc}/counter"
    form = {
        "tariff": tariff,
        "method": "cash",
        "guest_name": "Гость",
        "key": hidden_value(desk.get(path, htmx=True).text, "key"),
    }
    assert desk.post(path, form, htmx=True).status_code == 204
    assert desk.post(path, form, htmx=True).status_code == 204
    page = desk.get("/admin").text
    assert page.count("500") >= 1
    assert "1 000" not in page
    busy = desk.post(path, {**form, "key": "another"}, htmx=True)
    assert busy.status_code == 422
    assert "Этот ПК занят." in busy.text


def test_a_guests_code_is_sold_once_and_shown_again_for_ten_minutes(
    desk: Browser, people: People, pc: int, clock: ManualClock
) -> None:
    form = {"tariff": people.tariff(), "method": "cash", "with_code": "y", "key": "key-1"}
    path = f"/admin/computers/{pc}/counter"
    first = desk.post(path, form, htmx=True)
    assert first.status_code == 200
    assert (code := re.search(r"\d{3} \d{3}", first.text))
    again = desk.post(path, form, htmx=True)
    assert code[0] in again.text
    clock.advance(601)
    again = desk.post(path, form, htmx=True)
    assert "Эта операция уже выполнена." in again.text


def test_a_customer_without_time_is_told_so(desk: Browser, people: People, pc: int) -> None:
    customer = people.customer(balance_tiyn=500_00)
    path = f"/admin/computers/{pc}/counter"
    form = {
        "who": "customer",
        "customer": customer,
        "tariff": "",
        "method": "balance",
        "key": "key-1",
    }
    answer = desk.post(path, form, htmx=True)
    assert answer.status_code == 422
    assert "нет купленного времени" in answer.text
    form["tariff"] = people.tariff()
    assert desk.post(path, form, htmx=True).status_code == 204
    assert people.balance_tiyn(customer) == 0


def test_a_pc_is_renamed_and_written_to(
    web: WebAdmin, desk: Browser, people: People, pc: int
) -> None:
    people.computer("ПК-2")
    path = f"/admin/computers/{pc}/rename"
    assert "Такое название уже есть." in desk.post(path, {"name": "ПК-2"}, htmx=True).text
    assert desk.post(path, {"name": "ПК-7"}, htmx=True).status_code == 204
    path = f"/admin/computers/{pc}/message"
    assert "Введите текст." in desk.post(path, {"text": " "}, htmx=True).text
    assert desk.post(path, {"text": "Привет"}, htmx=True).status_code == 204
    assert web.commands.sent == [(pc, "Привет")]
    web.commands.silent = {pc}
    assert "ПК не на связи." in desk.post(path, {"text": "Привет"}, htmx=True).text


def test_a_hall_of_hostile_names_stays_text(web: WebAdmin, desk: Browser) -> None:
    web.hall.rows = [row(1, "</script><script>alert(1)</script>'\"")]
    page = desk.get("/admin/computers").text
    assert "<script>alert" not in page


# --- the log --------------------------------------------------------------------------------------


def test_the_log_tells_what_happened_and_pages_by_time(
    desk: Browser, club: ClubContext, clock: ManualClock
) -> None:
    customers_service.register(
        club, login="player", name="", phone="", password="секрет", actor=CASHIER
    )
    for number in range(120):
        clock.advance(number % 2)  # two lines of every second: no line is lost or told twice
        with club.write() as work:
            journal.record(work, "tariff.created", OWNER, title=f"ПК-тест-{number}")
    first = desk.get("/admin/logs").text
    assert "Клиент зарегистрирован" not in first
    seen: list[str] = []
    page = first
    while True:
        seen += re.findall(r"ПК-тест-(\d+)<", page)
        older = re.search(r'href="(/admin/logs\?[^"]*after=[^"]*)" data-test="next"', page)
        if older is None:
            break
        page = desk.get(unescape(older[1])).text
    assert "Клиент зарегистрирован" in page
    assert seen == [str(number) for number in range(119, -1, -1)]


# --- how much the database is asked ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/admin", 18),
        ("/admin?part=now", 4),
        ("/admin?part=figures", 18),
        ("/admin/reports?period=30", 9),
        ("/admin/computers", 3),
        ("/admin/computers/live.json", 2),
        ("/admin/customers", 5),
        ("/admin/tariffs", 10),
        ("/admin/applications", 8),
        ("/admin/logs", 9),
    ],
)
def test_lists_ask_the_database_no_more_the_longer_they_are(
    web: WebAdmin, club: ClubContext, people: People, path: str, most: int
) -> None:
    desk = web.owner()
    for number in range(20):
        people.customer(balance_tiyn=100 + number)
        people.tariff(title=f"Тариф {number}")
        applications.create(
            club,
            title=f"Игра {number}",
            kind="game",
            exe_path="/opt/game",
            arguments=[],
            actor=OWNER,
        )
        pc = people.computer()
        web.hall.rows.append(row(pc, f"ПК-{number}"))
    desk.get(path)
    with counted_queries(club.database.engine) as statements:
        assert desk.get(path).status_code == 200
    assert len(statements) <= most, "\n\n".join(statements)


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/admin", ["Дашборд"]),
        ("/admin/reports", ["Управление"]),
        ("/admin/people", ["Управление"]),
        ("/admin/computers", ["Компьютеры"]),
        ("/admin/computers/{pc}", ["Компьютеры"]),
        ("/admin/me", []),
    ],
)
def test_the_bar_marks_where_one_is(
    web: WebAdmin, people: People, path: str, marked: list[str]
) -> None:
    page = web.owner().get(path.format(pc=people.computer())).text
    assert re.findall(r'class="nav-link active"[^>]*title="([^"]*)"', page) == marked
