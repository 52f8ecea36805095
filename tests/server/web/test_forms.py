"""Forms of customers, tariffs and applications, with scripts and without: what they do, once, and what they say."""

from datetime import date
from html import unescape

from lovhub.server.context import ClubContext
from lovhub.server.customers import view as customers_view
from lovhub.server.tariffs import queries as tariffs
from tests.support.club import People
from tests.support.web import Browser, hidden_value

# --- customers and money --------------------------------------------------------------------------


def register(desk: Browser, **values: str) -> str:
    said = {"login": "sniper", "name": "Ерлан", "phone": "", "password": "секрет", **values}
    answer = desk.post("/admin/customers/register", said)
    return answer.text if answer.status_code != 303 else answer.location


def test_a_registered_customer_is_the_one_on_the_list(desk: Browser) -> None:
    location = register(desk)
    page = desk.get(location).text
    assert "Ерлан" in page
    assert "sniper" in page


def test_a_refused_registration_keeps_what_was_typed(desk: Browser) -> None:
    register(desk)
    page = register(desk, name="Другой <b>Ерлан</b>", phone="звонить")
    assert "Телефон, например" in page
    assert 'value="Другой &lt;b&gt;Ерлан&lt;/b&gt;"' in page
    assert "Такой логин уже занят." in register(desk, login="SNIPER")


def test_a_top_up_sent_twice_moves_money_once(
    desk: Browser, club: ClubContext, people: People
) -> None:
    customer = people.customer(name="Ерлан")
    path = f"/admin/customers/{customer}/top-up"
    form = {
        "amount": "2 000",
        "method": "kaspi",
        "key": hidden_value(desk.get(path, htmx=True).text, "key"),
    }
    first = desk.post(path, form, htmx=True)
    second = desk.post(path, form, htmx=True)
    assert (first.status_code, second.status_code) == (204, 204)
    assert "lovhub:done" in first.headers["HX-Trigger"]
    with club.read() as db:
        assert (
            customers_view.customer_view(db, 1, customer, club.clock.now()).balance_tiyn == 2_000_00
        )


def test_a_wrong_amount_is_said_beside_the_field_and_kept(desk: Browser, people: People) -> None:
    path = f"/admin/customers/{people.customer()}/top-up"
    key = hidden_value(desk.get(path).text, "key")
    for typed, said in [("много", "Введите сумму числом"), ("0", "Сумма больше нуля")]:
        answer = desk.post(path, {"amount": typed, "method": "cash", "key": key}, htmx=True)
        assert answer.status_code == 422
        assert said in answer.text
        assert f'value="{typed}"' in answer.text
        assert hidden_value(answer.text, "key") == key


def test_without_scripts_a_form_is_a_page_and_leads_back(desk: Browser, people: People) -> None:
    customer = people.customer()
    path = f"/admin/customers/{customer}/top-up"
    page = desk.get(path).text
    assert "<html" in page
    form = {"amount": "100", "method": "cash", "key": hidden_value(page, "key")}
    answer = desk.post(path, form)
    assert answer.status_code == 303
    assert "баланс пополнен на 100" in desk.get(answer.location).text


# --- tariffs and applications ---------------------------------------------------------------------


def test_tariffs_are_added_changed_and_retired(
    desk: Browser, club: ClubContext, people: People
) -> None:
    form = {
        "kind": "package", "title": "1 час", "hours": "1", "minutes": "0", "price": "500", "weekdays": ["0", "5"],
        "holiday_rule": "not", "price_rule": "whole", "rest_rule": "kept", "pause_allowed": "y",
    }  # fmt: skip
    said = desk.post("/admin/tariffs/preview", form, htmx=True).text.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert said == (
        "Продаётся пн, сб, кроме праздников, во всех зонах за 500 ₸. Даёт 1 ч игры. Если уйти раньше, остаток"
        " ждёт клиента."
    )
    assert desk.post("/admin/tariffs/preview", {**form, "price": "?"}, htmx=True).text == ""
    assert desk.post("/admin/tariffs/new", form, htmx=True).status_code == 204
    with club.read() as db:
        [tariff] = tariffs.on_sale(db, club.club_id)
    assert (tariff.seconds, tariff.price_tiyn) == (3600, 500_00)

    page = desk.get(f"/admin/tariffs/{tariff.id}/edit", htmx=True).text
    assert 'value="500"' in page
    wrong = desk.post(f"/admin/tariffs/{tariff.id}/edit", {**form, "hours": "0"}, htmx=True)
    assert wrong.status_code == 422
    assert "От 1 минуты до 31 дня." in wrong.text
    zone = people.zone().zone_id
    of_zone = {f"zone_{zone}_sold": "y", f"zone_{zone}_price": "много"}
    wrong = desk.post("/admin/tariffs/new", {**form, **of_zone}, htmx=True)
    assert wrong.status_code == 422
    assert "Введите сумму числом" in wrong.text
    assert desk.post(f"/admin/tariffs/{tariff.id}/retire", {}, htmx=True).status_code == 204
    with club.read() as db:
        assert tariffs.on_sale(db, club.club_id) == []
    assert desk.post(f"/admin/tariffs/{tariff.id}/retire", {}, htmx=True).status_code == 409


def test_holidays_are_a_list_of_dates(desk: Browser, club: ClubContext) -> None:
    wrong = desk.post("/admin/tariffs/holidays", {"days": "16.12.2026\n31.02.2026"}, htmx=True)
    assert wrong.status_code == 422
    assert "Не похоже на дату: 31.02.2026." in wrong.text
    days = {"days": " 31.12.2026 \n\n16.12.2026\n16.12.2026"}
    assert desk.post("/admin/tariffs/holidays", days, htmx=True).status_code == 204
    with club.read() as db:
        assert tariffs.holidays(db, club.club_id) == [date(2026, 12, 16), date(2026, 12, 31)]
    assert "16.12.2026\n31.12.2026" in desk.get("/admin/tariffs/holidays", htmx=True).text


def test_an_application_needs_an_absolute_path(desk: Browser) -> None:
    form = {"title": "CS 2", "kind": "game", "exe_path": "cs2.exe", "arguments": '-x "a b"'}
    answer = desk.post("/admin/applications/new", form, htmx=True)
    assert answer.status_code == 422
    assert "Нужен полный путь" in answer.text
    form["exe_path"] = '"C:\\Games\\cs2.exe"'
    assert desk.post("/admin/applications/new", form, htmx=True).status_code == 204
    page = unescape(desk.get("/admin/applications").text)
    assert "C:\\Games\\cs2.exe" in page
    edited = unescape(desk.get("/admin/applications/1/edit", htmx=True).text)
    assert 'value="-x "a b""' in edited
