"""The club's settings: what is changed counts at once, and what is wrong is said beside the field."""

from playwright.sync_api import Page, expect

from tests.support.club import People
from tests.support.live_desk import LiveDesk
from tests.support.web import Browser, WebAdmin


def test_settings_are_changed_in_the_browser_and_count_at_once(page: Page, live: LiveDesk) -> None:
    page.goto(f"{live.address}/admin")
    page.get_by_text("Управление").click()
    page.get_by_role("link", name="Настройки клуба").click()
    expect(page.locator("#day_starts_at")).to_have_value("08:00")
    page.fill("#name", "Гонка")
    page.fill("#day_starts_at", "06:30")
    page.fill("#time_zone", "Asia/Nowhere")
    page.get_by_label("Время идёт дальше").check()
    expect(page.locator("#cached_sign_ins")).not_to_be_checked()
    page.get_by_label("Доиграть своё по паролю").check()
    page.locator("[data-test=submit]").click()
    expect(page.locator("[data-test=error-time_zone]")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Гонка")
    expect(page.locator(".navbar-brand")).to_have_text("Арена")
    page.fill("#time_zone", "Europe/Moscow")
    page.locator("[data-test=submit]").click()
    expect(page.locator(".navbar-brand")).to_have_text("Гонка")
    expect(page.locator("#day_starts_at")).to_have_value("06:30")
    expect(page.get_by_label("Время идёт дальше")).to_be_checked()
    expect(page.locator("#cached_sign_ins")).to_be_checked()
    page.goto(f"{live.address}/admin/logs?kind=staff")
    told = page.locator("tbody tr", has_text="Настройки изменены")
    expect(told).to_contain_text("Доиграть своё по паролю, пока нет связи: нет → да")
    expect(told).to_contain_text("Начало рабочего дня: 08:00 → 06:30")
    expect(told).to_contain_text("Часовой пояс: «Asia/Almaty» → «Europe/Moscow»")


def test_a_locked_currency_is_shown_as_locked(desk: Browser, people: People) -> None:
    assert 'name="currency" disabled' not in desk.get("/admin/settings").text
    people.customer(balance_tiyn=100)
    page = desk.get("/admin/settings").text
    assert "Заперта" in page
    assert 'type="hidden" name="currency" value="KZT"' in page


def test_a_manager_reads_and_a_cashier_does_not_see(web: WebAdmin) -> None:
    manager = web.manager()
    page = manager.get("/admin/settings")
    assert page.status_code == 200
    assert 'data-test="submit"' not in page.text
    assert manager.post("/admin/settings", {"name": "Моё"}).status_code == 403
    assert web.cashier().get("/admin/settings").status_code == 403


def test_the_usual_list_is_offered_and_kept_only_when_it_is_saved(desk: Browser) -> None:
    assert "AppData/Local/Steam" not in desk.get("/admin/settings").text
    offered = desk.get("/admin/settings?traces=usual").text
    assert "AppData/Local/Steam/htmlcache" in offered
    assert "AppData/Local/Steam" not in desk.get("/admin/settings").text
