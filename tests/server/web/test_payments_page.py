"""Kaspi at the desk, in a browser: a code on the screen, paid, given back; and the comparison with the bank."""

import io
import json
import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from lovhub.server.goods import service as goods
from lovhub.server.payments import service
from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.providers.manual import ManualProvider
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from lovhub.server.sessions import service as sessions
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
    # The form by its own address, as a new tab has it.
    page.goto(f"{live.address}/admin/payments/customers/{customer_id}")
    page.locator("#amount").fill("700")
    page.locator('[data-test="submit"]').click()
    expect(page.locator('[data-test="qr"]')).to_be_visible()
    settle(live.web.club, bank, Event("failed", "2:failed", "2"))
    page.locator('[data-test="ask-again"]').click()
    expect(page.locator("#amount")).to_have_value("700")


def test_a_page_looks_after_its_payment_as_long_as_money_may_come(
    web: WebAdmin, desk: Browser, people: People, bank: Bank
) -> None:
    """What was taken back may be paid all the same: the desk must not send the customer away as unpaid."""
    payment_id = service.create_payment(
        web.club, bank, customer_id=people.customer(), amount_tiyn=500_00, key="k", actor=OWNER
    )
    address = f"/admin/payments/{payment_id}"
    assert 'hx-trigger="every 1s"' in desk.get(address).text
    service.cancel(web.club, Payments(), payment_id=payment_id, actor=OWNER)
    lost = desk.get(address).text
    assert 'hx-trigger="every 3s"' in lost
    assert "tiyn=50000" in lost
    settle(web.club, bank, Event("paid", "1:paid", "1", amount_tiyn=500_00))
    over = desk.get(address).text
    assert 'data-state="paid"' in over
    assert "hx-trigger" not in over.split('id="payment-panel"')[1].split(">", maxsplit=1)[0]
    assert "tiyn=" not in over


@pytest.mark.parametrize("tells", [False, True])
def test_a_paid_page_says_whether_refunds_made_elsewhere_are_seen(
    web: WebAdmin, desk: Browser, people: People, bank: Bank, *, tells: bool
) -> None:
    bank.caps = replace(bank.caps, tells_refunds=tells)
    payment_id = service.create_payment(
        web.club, bank, customer_id=people.customer(), amount_tiyn=500_00, key="k", actor=OWNER
    )
    address = f"/admin/payments/{payment_id}"
    assert "refunds-not-told" not in desk.get(address).text
    settle(web.club, bank, Event("paid", "1:paid", "1", amount_tiyn=500_00))
    assert ("refunds-not-told" in desk.get(address).text) is not tells


def test_a_sale_waits_for_kaspi_on_its_payments_page_and_goes_through_by_itself(
    web: WebAdmin, desk: Browser, people: People, bank: Bank
) -> None:
    pcs = [people.computer("ПК-1"), people.computer("ПК-2")]
    free = people.computer("ПК-3")
    web.hall.rows = [row(computer_id, f"ПК-{computer_id}") for computer_id in (*pcs, free)]
    tariff, customer_id = people.tariff(price_tiyn=500_00), people.customer(name="Гость Ерлан")
    good = goods.create(web.club, title="Кола", price_tiyn=500_00, actor=OWNER)
    split = {"method": "split", "part_kaspi": "600", "part_cash": "400", "received": "1000"}
    posts: list[tuple[str, dict[str, object]]] = [
        ("/admin/counter/sell", {"pc": pcs[0], "tariff": tariff, "method": "kaspi"}),
        (
            f"/admin/computers/{pcs[1]}/counter",
            {"who": "customer", "customer": customer_id, "tariff": tariff, "method": "kaspi"},
        ),
        ("/admin/goods", {f"quantity-{good}": 1, "total": 500_00, "method": "kaspi"}),
        (f"/admin/customers/{customer_id}/top-up", {"amount": "700", "method": "kaspi"}),
        (
            f"/admin/computers/{free}/counter",
            {"who": "guest", "with_code": "y", "tariff": tariff, "method": "kaspi"},
        ),
        ("/admin/counter/sell", {"pc": pcs, "tariff": tariff, **split}),
    ]
    amounts = (500_00, 500_00, 500_00, 700_00, 500_00, 600_00)
    for number, ((path, form), amount) in enumerate(zip(posts, amounts, strict=True), start=1):
        prices = json.dumps({str(tariff): [[None, 500_00, 1]]})
        shares = json.dumps(
            {str(tariff): [[pc, 500_00, 0] for pc in pcs[: 2 if number == 6 else 1]]}
        )
        shown = {"prices": prices, "shares": shares, "key": f"key-{number}"}
        sent = desk.post(path, {**form, **shown}, htmx=True)
        assert (sent.status_code, bank.made[-1].amount_tiyn) == (204, amount), path
        address = sent.headers["HX-Redirect"]
        assert ('data-order="waiting"' in desk.get(address).text) == (number != 4)
        if number == 6:
            break
        event = Event("paid", f"{number}:paid", str(number), amount_tiyn=amount)
        settle(web.club, bank, event)
        shown_there = desk.get(address).text
        assert ('data-order="done"' in shown_there) == (number != 4)
        assert ('data-test="seat-code"' in shown_there) == (number == 5)
    assert people.balance_tiyn(customer_id) == 700_00
    page = desk.get(address).text
    assert re.search("Наличные.*возьмите, когда Kaspi подтвердит", page, re.DOTALL)
    assert re.search('data-test="change-due">Сдача.*600', page)
    sessions.end(web.club, session_id=1, actor=OWNER, reason="ended_by_desk")
    settle(web.club, bank, Event("paid", "6:paid", "6", amount_tiyn=600_00))
    assert 'data-order="failed"' in desk.get(address).text
    give = f"{address}/credit"
    assert "Спросите, кто он" in desk.get(give).text
    assert desk.post(give, {}, htmx=True).status_code == 422
    assert desk.post(give, {"customer": customer_id}, htmx=True).status_code < 400
    assert people.balance_tiyn(customer_id) == 1_300_00


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
        "15.01.2027 13:30:00;333333;70,00\r\n"
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
