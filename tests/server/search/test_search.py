"""What the palette is told, by whom it is asked."""

from typing import Any, cast
from urllib.parse import urlencode

from lovhub.server.customers import service as customers
from tests.support.club import CASHIER, People
from tests.support.live_desk import changed
from tests.support.statements import asked
from tests.support.web import Browser, WebAdmin, row

MOST_STATEMENTS = 12
"""Three of them for the person who asks."""


def found(browser: Browser, text: str) -> dict[str, list[dict[str, Any]]]:
    answer = browser.get("/admin/search?" + urlencode({"q": text}))
    assert answer.status_code == 200
    groups = cast("dict[str, Any]", answer.get_json())["groups"]
    return {group["kind"]: group["items"] for group in groups}


def titles(browser: Browser, text: str) -> dict[str, list[str]]:
    return {kind: [item["title"] for item in items] for kind, items in found(browser, text).items()}


def register(web: WebAdmin, login: str, name: str, phone: str = "") -> int:
    return customers.register(
        web.club, login=login, name=name, phone=phone, password="секрет", actor=CASHIER
    )


def test_a_customer_by_name_login_and_phone(web: WebAdmin) -> None:
    customer = register(web, "sniper", "Алёна <b>Ким", "8 701 123 45 67")
    cashier = web.cashier()
    for text in ("алена", "NIPE", "8 701 123 45 67", "7011234567"):
        assert titles(cashier, text)["customer"] == ["Алёна <b>Ким"]
    for part in ("8701123", "123-45"):  # the desk sees no phones, and is not to guess them
        assert "customer" not in titles(cashier, part)
        assert titles(web.signed_in("manager"), part)["customer"] == ["Алёна <b>Ким"]
    item = found(cashier, "sniper")["customer"][0]
    assert item["href"] == f"/admin/customers/{customer}#top-up"
    assert "sniper · +7 70* *** ** 67 · 0" in item["note"]


def test_who_has_just_this_login_stands_first_and_there_are_six(
    web: WebAdmin, people: People
) -> None:
    people.customer(name="Яна")  # her login is player1
    for number in range(8):
        people.customer(name=f"Player1 {number}")
    shown = titles(web.cashier(), "PLAYER1")["customer"]
    assert shown == ["Яна", *(f"Player1 {number}" for number in range(5))]


def test_a_pc_by_number_name_and_hostname(web: WebAdmin) -> None:
    web.hall.rows = [
        row(1, "ПК-10"),
        row(2, "ПК-1"),
        changed(row(3, "У окна"), number=1),
        row(4, "ПК-2"),
    ]
    cashier = web.cashier()
    assert titles(cashier, "1")["computer"] == ["ПК-1", "У окна", "ПК-10"]
    assert titles(cashier, "окна")["computer"] == ["У окна"]
    assert titles(cashier, "desktop-4")["computer"] == ["ПК-2"]
    assert found(cashier, "пк-2")["computer"][0]["dialog"] == "/admin/computers/4/counter"


def test_a_game_and_a_place(web: WebAdmin, people: People) -> None:
    game = people.application(title="Dota 2")
    people.application(title="Discord", kind="program")
    cashier = web.cashier()
    assert titles(cashier, "d")["application"] == ["Discord", "Dota 2"]
    assert found(cashier, "dota")["application"][0]["href"] == (
        f"/admin/applications?kind=game#application-{game}"
    )
    assert titles(cashier, "тариф") == {"place": ["Тарифы"]}
    assert titles(cashier, "ничего такого") == {}


def test_before_one_types_the_pages_are_offered(web: WebAdmin, people: People) -> None:
    people.customer()
    assert titles(web.cashier(), " ")["place"][:3] == ["Дашборд", "Компьютеры", "Клиенты"]
    assert list(found(web.cashier(), "")) == ["place"]


def test_a_technician_finds_no_customers_and_is_led_to_the_pcs_page(
    web: WebAdmin, people: People
) -> None:
    people.customer(name="ПК-любитель")
    web.hall.rows = [row(7, "ПК-7")]
    technician = web.technician()
    assert titles(technician, "пк") == {"computer": ["ПК-7"], "place": ["Обновления ПК"]}
    item = found(technician, "пк-7")["computer"][0]
    assert (item["href"], item["dialog"]) == ("/admin/computers/7", "")
    assert titles(technician, "клиенты") == {}
    assert titles(web.cashier(), "настройки клуба") == {}
    assert titles(web.owner(), "настройки клуба") == {"place": ["Настройки клуба"]}


def test_strangers_find_nothing(web: WebAdmin) -> None:
    assert web.stranger().get("/admin/search?q=a").status_code == 401


def test_any_text_is_borne(web: WebAdmin) -> None:
    for text in ("%", "_", "'", "²", "٣", "1" * 3000, "\x00", "😀", "#" * 200):
        found(web.cashier(), text)


def test_the_number_of_statements_does_not_grow(web: WebAdmin, people: People) -> None:
    cashier = web.cashier()
    people.customer(name="Ерлан")
    people.application(title="Ерлан")
    found(cashier, "ер")
    with asked(web.club) as few:
        found(cashier, "ер")
    for _number in range(9):
        people.customer(name="Ерлан")
        people.application(title="Ерлан")
    found(cashier, "ер")  # on SQLite, who is new is read
    with asked(web.club) as many:
        found(cashier, "ер")
    assert len(many) == len(few) <= MOST_STATEMENTS
