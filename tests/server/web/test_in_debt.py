"""A customer plays in debt, and pays: the desk's way through it in a real browser, and what programs may do."""

from typing import Any

from playwright.sync_api import Page, expect

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.sessions import link, service
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from lovhub.server.web.formatting import SPACE
from tests.support.club import CASHIER, OWNER, People
from tests.support.counter_page import Counter
from tests.support.live_desk import LiveDesk
from tests.support.web import WebAdmin

BY_MINUTE = Terms("По минутам", 3600, 600_00, "per_minute")


def allow(club: ClubContext, limit_tiyn: int) -> None:
    with club.write() as work:
        work.db.get_one(Club, club.club_id).debt_limit_tiyn = limit_tiyn


def play(club: ClubContext, clock: ManualClock, computer: int, seconds: int) -> None:
    for _ in range(seconds // 100):
        clock.advance(100)
        link.run_due(club, {computer})


def test_a_customer_is_seated_in_debt_pays_a_part_and_is_forgiven_the_rest(
    page: Page, live: LiveDesk, club: ClubContext, people: People, clock: ManualClock
) -> None:
    counter = Counter(page, live, club, people)
    [pc] = counter.computers("ПК-5")
    customer = people.customer(name="Ерлан")
    tariffs.create(club, terms=BY_MINUTE, actor=OWNER)
    counter.open()
    counter.type("5", "Enter")
    counter.dialog.locator("[name=who][value=customer]").check(force=True)
    # Without the owner's limit nobody is offered a debt.
    expect(counter.dialog.locator("[name=method]")).not_to_have_count(0)
    expect(counter.dialog.locator("[name=method][value=debt]")).to_have_count(0)
    counter.type("Escape")
    expect(counter.dialog).to_have_count(0)
    allow(club, 1000_00)
    counter.type("5", "Enter")
    counter.dialog.locator("[name=who][value=customer]").check(force=True)
    page.fill("#search", "Ерлан")
    counter.by_test("found").click()
    counter.dialog.locator("[name=method][value=debt]").check(force=True)
    submit = counter.by_test("submit")
    expect(submit).to_have_text(f"Посадить в долг до 1{SPACE}000{SPACE}₸: 600 ₸ за час")
    submit.click()
    counter.expect_toast("ПК-5: клиент посажен")
    play(club, clock, pc, 1800)
    counter.refresh()
    counter.type("5", "Enter")
    expect(counter.by_test("nothing-sold")).to_contain_text("Пополнить баланс")
    expect(counter.by_test("facts")).to_contain_text(f"Долг300{SPACE}₸")
    counter.type("Escape")
    [event] = counter.events("session.in_debt")
    service.end(club, session_id=event.session_id or 0, actor=CASHIER, reason="ended_by_desk")

    page.goto(f"{live.address}/admin/customers?only=debt")
    expect(page.locator("[data-test=only]")).to_contain_text("С долгом")
    expect(page.locator("tr [data-test=debt]")).to_have_text(f"долг 300{SPACE}₸")
    page.get_by_role("link", name="Ерлан").click()
    page.click("[data-test=top-up]")
    expect(page.locator("[data-test=debt-first]")).to_contain_text(f"300{SPACE}₸")
    expect(page.locator("#amount")).to_have_value("300")
    page.fill("#amount", "100")
    page.keyboard.press("Enter")
    expect(page.locator(".stat[data-test=debt]")).to_have_text(f"200{SPACE}₸")
    page.click("[data-test=forgive-debt]")
    page.fill("#reason", "Зависал ПК")
    page.get_by_role("button", name="Простить 200").click()
    expect(page.locator(".stat[data-test=balance]")).to_have_text(f"0{SPACE}₸")
    expect(page.locator(".stat[data-test=debt]")).to_have_count(0)
    page.click("[data-test=tab-debt]")
    expect(page.locator("[data-movement]").first).to_contain_text("Долг прощён: Зависал ПК")
    page.goto(f"{live.address}/admin/suspicious?group=debt")
    expect(page.locator("main")).to_contain_text("Прощён долг 200")
    assert customer


def test_programs_seat_in_debt_and_only_managers_forgive(
    web: WebAdmin, club: ClubContext, people: People, clock: ManualClock
) -> None:
    customer, computer = people.customer(), people.computer()
    tariff = tariffs.create(club, terms=BY_MINUTE, actor=OWNER)

    def call(role: str, path: str, **body: object) -> tuple[int, Any]:
        answer = web.app.test_client().post(
            f"/api/v1/{path}",
            json=body,
            headers={"Authorization": f"Bearer {web.token(role)}"},
            base_url="https://localhost",
        )
        return answer.status_code, answer.get_json()

    seat = {"customer_id": customer, "tariff_id": tariff, "key": "seat-in-debt", "in_debt": True}
    status, said = call("cashier", f"computers/{computer}/customers", **seat)
    assert (status, said["error"]["code"]) == (409, "debt_not_offered")
    allow(club, 500_00)
    status, said = call("cashier", f"computers/{computer}/customers", **seat)
    assert status == 201
    play(club, clock, computer, 600)
    service.end(club, session_id=said["session_id"], actor=CASHIER, reason="ended_by_desk")  # fmt: skip
    forgiving = {"expected_tiyn": 100_00, "reason": "друг", "key": "forgive-it"}
    assert call("cashier", f"customers/{customer}/debt/forgive", **forgiving)[0] == 403
    assert call("manager", f"customers/{customer}/debt/forgive", **forgiving)[0] == 200
