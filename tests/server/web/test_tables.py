"""List pages as the desk meets them: sort and filter in the address, parts, and files of exactly what is shown."""

import csv
import io
import re
from html import unescape

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, CUSTOMER_BALANCE
from lovhub.server.ledger.service import Transfer
from lovhub.server.search_key import search_key
from lovhub.server.web import tables
from tests.support.club import CASHIER, People
from tests.support.live_desk import LiveDesk
from tests.support.live_desk import session as hall_session
from tests.support.web import Browser, WebAdmin, row

HEADINGS = [
    "Имя",
    "Логин",
    "Телефон",
    "Дата рождения",
    "Группа",
    "Баланс",
    "Долг",
    "Бонусы",
    "Время",
    "Регистрация",
]


@pytest.fixture
def thirty(club: ClubContext, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Customers with balances from 1 to 30 tenge, twelve to a page; every third is a «Ким». Returns the logins."""
    monkeypatch.setattr(tables, "PAGE_SIZE", 12)
    logins = []
    with club.write() as work:
        cash = ledger.club_account(work, CASH)
        for number in range(1, 31):
            login, name = f"player{number:03}", f"{'Ким' if number % 3 == 0 else 'Ли'} {number:03}"
            account = ledger.open_account(work, CUSTOMER_BALANCE)
            paid = [Transfer(cash, account, number * 100)]
            ledger.post(work, key=login, kind="top_up", transfers=paid, actor=CASHIER)
            work.db.add(
                Customer(
                    club_id=work.club_id,
                    login=login,
                    login_key=login,
                    name=name,
                    name_key=search_key(name),
                    phone=f"+7701{number:07}",
                    password_hash="",
                    balance_account_id=account.id,
                    created_at=work.now,
                )
            )
            logins.append(login)
    return logins


def logins(page: str) -> list[str]:
    return re.findall(r"player\d{3}(?=</td>)", page)


def link(page: str, name: str) -> str | None:
    found = re.search(rf'href="([^"]*)" data-test="{name}"', page)
    return unescape(found[1]) if found else None


@pytest.mark.parametrize("sort", ["", "-name", "login", "-balance", "balance", "phone"])
def test_parts_go_there_and_back_and_keep_filter_and_sort(
    desk: Browser, thirty: list[str], sort: str
) -> None:
    path: str | None = f"/admin/customers?q=player&sort={sort}"
    parts: list[list[str]] = []
    last = ""
    while path is not None:
        last = desk.get(path).text
        parts.append(logins(last))
        path = link(last, "next")
        assert path is None or "q=player" in path
    assert [len(part) for part in parts] == [12, 12, 6]
    shown = [login for part in parts for login in part]
    assert sorted(shown) == thirty
    if sort in {"login", "balance", "phone"}:
        assert shown == thirty
    if sort == "-balance":
        assert shown == thirty[::-1]
    previous = link(last, "previous")
    assert previous is not None
    assert logins(desk.get(previous).text) == parts[1]


def test_a_head_says_what_is_sorted_and_turns_it_round(desk: Browser, thirty: list[str]) -> None:
    page = desk.get("/admin/customers?q=Ким").text
    heads = dict(re.findall(r'href="([^"]*)" data-sort="(\w+)"', page))
    states = re.findall(r'aria-sort="(\w+)"', page)
    assert states == ["ascending", "none", "none", "none"]
    assert {unescape(address) for address in heads} >= {
        "/admin/customers?q=%D0%9A%D0%B8%D0%BC&sort=-name",
        "/admin/customers?q=%D0%9A%D0%B8%D0%BC&sort=balance",
    }


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_file_holds_all_parts_filtered_and_sorted_as_shown(
    desk: Browser, thirty: list[str], format_: str
) -> None:
    page = desk.get("/admin/customers?q=Ли&sort=-balance")
    address = link(page.text, f"export-{format_}")
    assert address is not None
    answer = desk.get(address)
    assert answer.status_code == 200
    assert re.search(
        rf"attachment; filename=customers-\d{{4}}-\d\d-\d\d\.{format_}",
        answer.headers["Content-Disposition"],
    )
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Cache-Control"] == "no-store"
    if format_ == "csv":
        read = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
        balance: object = "29,00"
    else:
        sheet = load_workbook(io.BytesIO(answer.data)).active
        assert sheet is not None
        read = [list(line) for line in sheet.iter_rows(values_only=True)]
        balance = 29
    assert read[0] == HEADINGS
    assert read[1][:3] == ["Ли 029", "player029", "+77010000029"]
    assert read[1][HEADINGS.index("Баланс")] == balance
    assert len(read) == 1 + 20
    wanted = [login for login in reversed(thirty) if int(login[-3:]) % 3]
    assert [line[1] for line in read[1:]] == wanted


def test_a_file_ends_somewhere_and_says_so(
    desk: Browser, thirty: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_EXPORTED", 20)
    monkeypatch.setattr(tables, "_EXPORT_STEP", 7)
    text = desk.get("/admin/customers?export=csv&sort=login").data.decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [line[1] for line in read[1:21]] == thirty[:20]
    assert read[21][0] == "Показаны первые 20 строк: сузьте фильтр."
    assert len(read) == 22


def test_a_file_of_no_rows_has_its_headings(desk: Browser) -> None:
    text = desk.get("/admin/customers?export=csv").data.decode("utf-8-sig")
    assert text == ";".join(HEADINGS) + "\r\n"


def test_nonsense_in_the_address_breaks_nothing(desk: Browser, thirty: list[str]) -> None:
    for query in ("?sort=%00", "?sort=-", "?after=x", "?after=WyJhIiwxXQ", "?before=%D0%BA",
                  "?_scheme=javascript", "?endpoint=x&_external=1&filename=y", "?after=&before="):  # fmt: skip
        for path in ("customers", "tariffs", "applications", "computers"):
            page = desk.get(f"/admin/{path}{query}")
            assert page.status_code == 200
            assert "javascript:" not in page.text


def test_an_unknown_kind_of_file_is_refused(desk: Browser) -> None:
    assert desk.get("/admin/customers?export=exe").status_code == 409


def test_short_lists_are_sorted_and_taken_away_too(
    desk: Browser, web: WebAdmin, people: People
) -> None:
    people.tariff(title="Ночь", seconds=8 * 3600, price_tiyn=200_000)
    people.tariff(title="=час", seconds=3600, price_tiyn=50_050)
    web.hall.rows = [row(2, "ПК-2", hall_session(left=59)), row(1, "ПК-1")]

    def file(path: str) -> list[str]:
        return desk.get(path).data.decode("utf-8-sig").splitlines()

    assert file("/admin/tariffs?export=csv&sort=-price") == [
        "Название;Время;Цена;За час;Вид;Когда продаётся",
        "Ночь;8:00:00;2000,00;250,00;Пакет времени;каждый день",
        "'=час;1:00:00;500,50;500,50;Пакет времени;каждый день",
    ]
    page = desk.get("/admin/tariffs?sort=-price").text
    assert page.index("Ночь") < page.index("=час")
    assert 'href="/admin/tariffs" data-sort="price"' in page, "a third time: the desk's own order"
    assert file("/admin/computers?export=csv&status=used")[1:] == [
        "ПК-2;DESKTOP-2;192.168.1.2;Используется;Ерлан;1 час;0:00:59;"
    ]
    assert [line.split(";")[0] for line in file("/admin/computers?export=csv&sort=name")] == [
        "ПК", "ПК-1", "ПК-2",
    ]  # fmt: skip
    assert file("/admin/applications?export=csv") == ["Название;Путь к .exe;Параметры"]


def test_a_list_is_searched_sorted_paged_and_saved_as_shown_and_no_cell_becomes_a_formula(
    page: Page, live: LiveDesk, club: ClubContext, thirty: list[str]
) -> None:
    with club.write() as work:
        one = work.db.scalars(select(Customer).where(Customer.login == "player030")).one()
        one.name = '=HYPERLINK("http://evil","Ким 030")'
    page.goto(f"{live.address}/admin/customers")
    shown = page.locator("tr[data-customer-id] td:nth-child(2)")
    page.locator("#customer-q").fill("ким")
    expect(shown).to_have_count(10)
    page.locator("[data-sort=balance]").click()
    page.locator("[data-sort=balance]").click()
    expect(page).to_have_url(re.compile("q=%D0%BA%D0%B8%D0%BC.*sort=-balance"))
    expect(shown).to_have_text([f"player{number:03}" for number in range(30, 0, -3)])
    page.reload()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Баланс")
    expect(shown).to_have_count(10)
    logins = shown.all_inner_texts()
    for format_ in ("csv", "xlsx"):
        page.locator("[data-test=export]").click()
        with page.expect_download() as saving:
            page.locator(f"[data-test=export-{format_}]").click()
        file = saving.value.path().read_bytes()
        if format_ == "csv":
            lines = list(csv.reader(io.StringIO(file.decode("utf-8-sig")), delimiter=";"))
            assert lines[1][0] == '\'=HYPERLINK("http://evil","Ким 030")', "Excel reads it as text"
            told = [line[1] for line in lines[1:]]
        else:
            sheet = load_workbook(io.BytesIO(file)).active
            assert sheet is not None
            assert sheet["A2"].data_type == "s", "and here, too"
            told = [str(line[1]) for line in sheet.iter_rows(min_row=2, values_only=True)]
        assert told == logins
    page.goto(f"{live.address}/admin/customers?sort=-balance")
    for step, first in (("next", 18), ("previous", 30)):
        page.locator(f"[data-test={step}]").click()
        expect(shown.first).to_have_text(f"player{first:03}")
