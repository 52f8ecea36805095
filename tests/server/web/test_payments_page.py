"""Kaspi at the desk, in a browser: a code on the screen, paid, given back; and the comparison with the bank."""

import io

import pytest
from playwright.sync_api import expect

from lovhub.server.goods import service as goods
from lovhub.server.payments import service
from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.providers.manual import ManualProvider
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from tests.server.web.conftest import OpenAs
from tests.support.bank import Bank
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk
from tests.support.statements import asked
from tests.support.web import Browser, WebAdmin, row


@pytest.fixture
def bank(web: WebAdmin) -> Bank:
    made = Bank()
    web.use(Payments("fake", made, {made.name: made}))
    return made


def test_the_desk_asks_the_customer_pays_and_a_part_goes_back(
    live: LiveDesk, open_as: OpenAs, bank: Bank, people: People
) -> None:
    customer_id = people.customer()
    page = open_as("manager")
    page.goto(f"{live.address}/admin/customers/{customer_id}")
    page.locator('[data-test="kaspi"]').click()
    page.locator("#amount").fill("500")
    page.get_by_role("button", name="Выставить счёт на 500").click()
    expect(page.locator('[data-test="qr"]')).to_be_visible()
    expect(page.locator("[data-state=pending]")).to_be_visible()
    settle(live.web.club, bank, Event("paid", "1:paid", "1", amount_tiyn=500_00))
    expect(page.locator("[data-state=paid]")).to_be_visible()  # by itself
    expect(page.locator('[data-test="qr"]')).to_have_count(0)
    assert people.balance_tiyn(customer_id) == 500_00
    page.locator('[data-test="refund"]').click()
    page.get_by_label("Сколько вернуть").fill("600")
    page.get_by_label("Причина").fill("передумал")
    page.locator('[data-test="submit"]').click()
    expect(page.locator('[data-test="form-error"]')).to_contain_text("не больше")
    page.get_by_label("Сколько вернуть").fill("200")
    page.locator('[data-test="submit"]').click()
    expect(page.locator("[data-refund-state=by_hand]")).to_be_visible()
    assert people.balance_tiyn(customer_id) == 300_00


def test_without_a_contract_the_desk_records_a_number_once(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    manual = ManualProvider()
    web.use(Payments("manual", manual, {"manual": manual}))
    customer_id = people.customer()
    path = f"/admin/payments/customers/{customer_id}"
    form = {"amount": "500", "operation": "QR 12345", "key": "key-1"}
    assert desk.post(path, form).status_code == 303
    again = desk.post(path, {**form, "key": "key-2"})
    assert again.status_code == 422
    assert "Эта операция уже записана" in again.text
    assert 'value="QR 12345"' in again.text
    assert people.balance_tiyn(customer_id) == 500_00


def test_without_a_contract_no_form_takes_kaspi_without_its_number(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    manual = ManualProvider()
    web.use(Payments("manual", manual, {"manual": manual}))
    customer_id, computer_id = people.customer(), people.computer("ПК-1")
    web.hall.rows = [row(computer_id, "ПК-1")]
    tariff = people.tariff(price_tiyn=500_00)
    good = goods.create(web.club, title="Кола", price_tiyn=500_00, actor=OWNER)
    seat = f"/admin/computers/{computer_id}/counter"
    forms: dict[str, dict[str, object]] = {
        f"/admin/customers/{customer_id}/top-up": {"amount": "500", "method": "kaspi"},
        seat: {"who": "guest", "tariff": tariff, "method": "kaspi"},
        "/admin/goods": {f"quantity-{good}": 1, "total": 500_00, "method": "kaspi"},
        "/admin/counter/sell": {
            "pc": computer_id,
            "tariff": tariff,
            "method": "split",
            "part_kaspi": "300",
            "part_cash": "200",
        },
    }
    for number, (path, form) in enumerate(forms.items()):
        sent = {**form, "key": f"key-{number}"}
        assert 'name="operation"' in desk.get(path.replace("/sell", f"/sell?pc={computer_id}")).text
        refused = desk.post(path, sent, htmx=True)
        assert (refused.status_code, "Впишите номер операции" in refused.text) == (422, True), path
        assert desk.post(path, {**sent, "operation": f"QR{number}000"}, htmx=True).status_code < 400
    web.use(Payments())
    assert 'name="operation"' not in desk.get(f"/admin/customers/{customer_id}/top-up").text


def test_the_registry_is_compared_with_the_books(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    manual = ManualProvider()
    for number, operation in enumerate(("111111", "222222")):
        service.record_payment(
            web.club,
            manual,
            customer_id=people.customer(),
            amount_tiyn=500_00,
            operation=operation,
            key=f"key-{number}",
            actor=OWNER,
        )
    # The manual clock stands at 15.01.2027 13:00 in Almaty.
    table = (
        "Дата операции;Номер операции;Сумма\r\n15.01.2027 12:59:00;111111;500,00\r\n"
        "15.01.2027 12:58:00;333333;70,00\r\n"
    )
    path = "/admin/payments/reconciliation?from=2027-01-15&until=2027-01-15"
    for new in (2, 0):
        file = (io.BytesIO(table.encode("cp1251")), "registry.csv")
        sent = desk.post(path, {"file": file})
        assert f"Строк: 2, новых: {new}" in sent.text
    for kind in ("only_ours", "only_theirs"):
        assert sent.text.count(f'data-difference="{kind}"') == 1
    broken = desk.post(path, {"file": (io.BytesIO(b"a;b\r\n1;2\r\n"), "x.csv")})
    assert (broken.status_code, "не нашлось колонок" in broken.text) == (422, True)


def test_the_list_asks_one_question_however_long_it_is(
    web: WebAdmin, desk: Browser, people: People, bank: Bank
) -> None:
    customer_id = people.customer()

    def ask(key: str) -> None:
        service.create_payment(
            web.club, bank, customer_id=customer_id, amount_tiyn=100, key=key, actor=OWNER
        )

    ask("first")
    assert desk.get("/admin/payments").status_code == 200
    with asked(web.club) as few:
        desk.get("/admin/payments")
    for number in range(10):
        ask(f"key-{number}")
    with asked(web.club) as many:
        assert desk.get("/admin/payments?only=waiting").text.count("data-payment-id") == 11
    assert len(many) == len(few)
