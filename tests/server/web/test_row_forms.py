"""What the desk does from a PC's row, with real clicks and keys."""

from msgspec.structs import replace
from playwright.sync_api import Locator, Page, expect

from lovhub.server.context import ClubContext
from lovhub.server.sessions import service
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk, at, open_hall, session
from tests.support.web import row


def test_a_guest_is_seated_from_the_row_without_a_reload(
    page: Page, live: LiveDesk, club: ClubContext, people: People
) -> None:
    pc, hour = people.computer("ПК-1"), people.tariff()
    night = people.tariff(title="Ночь", price_tiyn=1_500_00)
    live.web.hall.rows = [row(pc, "ПК-1")]
    open_hall(page, live)
    page.evaluate("window.notReloaded = true")
    at(page, pc).locator("summary").click()
    at(page, pc).locator("[data-test=seat-guest]").click()
    submit = page.locator("dialog [data-test=submit]")
    page.select_option("#tariff", str(hour))
    expect(submit).to_have_text("Принять 500 ₸ и посадить")
    page.select_option("#tariff", str(night))
    expect(submit).to_have_text("Принять 1\N{NO-BREAK SPACE}500 ₸ и посадить")
    page.locator("#dialog").get_by_text("Kaspi", exact=True).click()
    page.fill("#guest_name", "я" * 41)
    page.locator("#guest_name").evaluate("it => { it.value = 'я'.repeat(41); }")
    submit.click()
    expect(page.locator("dialog [data-test=error-guest_name]")).to_be_visible()
    expect(page.locator("#tariff")).to_have_value(str(night))
    expect(page.locator('dialog input[value="kaspi"]')).to_be_checked()
    page.fill("#guest_name", "Аслан")
    # Both at once: on a busy machine the second would meet what lies under the closed dialog, and take its focus.
    submit.evaluate("it => { it.click(); it.click(); }")
    expect(page.locator("#toasts")).to_contain_text("ПК-1: гость посажен")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(at(page, pc).locator("summary")).to_be_focused()
    assert page.evaluate("window.notReloaded")
    page.goto(f"{live.address}/admin/logs?kind=money")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_customer_is_found_while_one_types_and_pays_from_the_balance(
    page: Page, live: LiveDesk, people: People
) -> None:
    pc, tariff = people.computer("ПК-1"), people.tariff()
    customer = people.customer(name="Ерлан", balance_tiyn=2_000_00)
    people.customer(name="Ержан")
    live.web.hall.rows = [row(pc, "ПК-1")]
    open_hall(page, live)
    at(page, pc).locator("summary").click()
    at(page, pc).locator("[data-test=seat-customer]").click()
    found = page.locator("dialog [data-test=found]")
    page.locator("#search").press_sequentially("ер")
    expect(found).to_have_count(2)
    page.locator("#search").press_sequentially("лан")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("2\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}₸")
    submit = page.locator("dialog [data-test=submit]")
    expect(submit).to_have_text("Списать 500 ₸ и посадить")
    page.select_option("#tariff", "")
    expect(submit).to_have_text("Посадить")
    page.select_option("#tariff", str(tariff))
    expect(submit).to_have_text("Списать 500 ₸ и посадить")
    submit.click()
    expect(page.locator("#toasts")).to_contain_text("ПК-1: клиент посажен")
    assert people.balance_tiyn(customer) == 1_500_00


def test_who_plays_is_paused_goes_on_moves_and_is_let_go(
    page: Page, live: LiveDesk, club: ClubContext, people: People
) -> None:
    first, second = people.computer("ПК-1"), people.computer("ПК-2")
    session_id = service.seat_guest(
        club, computer_id=first, tariff_id=people.tariff(), method="cash", guest_name="Аслан", actor=OWNER,
        key="guest",
    )  # fmt: skip
    plays = replace(session(), session_id=session_id)
    live.web.hall.rows = [row(first, "ПК-1", plays), row(second, "ПК-2")]
    open_hall(page, live)
    page.evaluate("window.notReloaded = true")

    def choose(pc: int, action: str) -> Locator:
        at(page, pc).locator("summary").click()
        at(page, pc).locator(f"[data-test={action}]").click()
        return page.locator("dialog [data-test=submit]")

    choose(first, "pause").click()
    expect(page.locator("#toasts")).to_contain_text("ПК-1: Время остановлено")
    live.show(row(first, "ПК-1", replace(plays, state="paused")), row(second, "ПК-2"))
    choose(first, "resume").click()
    expect(page.locator("#toasts")).to_contain_text("ПК-1: Время пошло")
    live.show(row(first, "ПК-1", plays), row(second, "ПК-2"))
    # Whatever is clicked in the row before goes with it.
    expect(at(page, first).locator("[data-test=pause]")).to_be_attached()
    move = choose(first, "move")
    page.select_option("dialog #computer", str(second))
    move.click()
    expect(page.locator("#toasts")).to_contain_text("Игрок пересажен на ПК-2")
    live.show(row(first, "ПК-1"), row(second, "ПК-2", plays))
    expect(at(page, first)).to_contain_text("Активен")
    choose(second, "end").click()
    expect(page.locator("#toasts")).to_contain_text("ПК-2: Сеанс завершён")
    assert page.evaluate("window.notReloaded")
    page.goto(f"{live.address}/admin/logs?kind=session")
    for told in ("Пауза", "Сеанс продолжен", "Игрок пересел на этот ПК", "Сеанс завершён"):
        expect(page.locator("tbody")).to_contain_text(told)


def test_a_refusal_that_no_field_is_to_blame_for_is_a_message(
    page: Page, live: LiveDesk, club: ClubContext, people: People
) -> None:
    pc = people.computer("ПК-1")
    seated = service.seat_guest(
        club, computer_id=pc, tariff_id=people.tariff(), method="cash", guest_name="", actor=OWNER,
        key="guest",
    )  # fmt: skip
    playing = session()
    live.web.hall.rows = [row(pc, "ПК-1", playing)]
    assert playing.session_id != seated
    open_hall(page, live)
    at(page, pc).locator("summary").click()
    at(page, pc).locator("[data-test=pause]").click()
    page.click("dialog [data-test=submit]")
    expect(page.locator("dialog, #toasts").get_by_text("Такого сеанса нет.")).to_be_visible()
