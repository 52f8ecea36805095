"""People in a real browser: two-step sign-in, forced set-up, a thrown-out browser, theme, language."""

import re

from playwright.sync_api import Page, expect

from lovhub.server.staff import rights
from tests.server.web.conftest import OpenAs
from tests.support.chromium import wait_until
from tests.support.club import People
from tests.support.live_desk import LiveDesk, open_hall
from tests.support.staff import PASSWORD
from tests.support.web import WebAdmin, row

BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def sign_in(page: Page, live: LiveDesk, login: str, password: str = PASSWORD) -> None:
    page.goto(f"{live.address}/admin/login")
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("[data-test=submit]")


def test_signing_in_with_a_telephone(web: WebAdmin, live: LiveDesk, open_as: OpenAs) -> None:
    secret = web.give_second_factor("cashier")
    page = open_as("")
    sign_in(page, live, "cashier")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.locator("[data-test=error-code]")).to_contain_text("Код не подошёл")
    page.fill("#code", web.staff.code(secret))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live.address}/admin")
    expect(page.locator("[data-test=account]")).to_contain_text("Данияр")


def test_whoever_must_have_a_second_factor_sets_it_up_first(
    web: WebAdmin, live: LiveDesk, open_as: OpenAs
) -> None:
    web.staff_id("cashier")
    owner = open_as("owner")
    owner.goto(f"{live.address}/admin/people")
    owner.click("[data-test=second-factor-rule]")
    owner.check("dialog [value=cashier]")
    owner.click("dialog [data-test=submit]")
    expect(owner.locator("#toasts")).to_contain_text("Сохранено")
    expect(owner.locator("#content")).to_contain_text("нет, а обязателен")

    page = open_as("")
    sign_in(page, live, "cashier")
    expect(page).to_have_url(f"{live.address}/admin/me/second-factor")
    page.goto(f"{live.address}/admin/customers")
    expect(page).to_have_url(f"{live.address}/admin/me/second-factor")
    expect(page.locator("#menu a")).to_have_count(0)
    picture = page.locator("img.qr")
    assert picture.evaluate("it => it.complete && it.naturalWidth > 100"), "the policy lets it in"
    secret = page.locator("[data-test=secret]").inner_text().replace(" ", "")
    page.fill("#code", "000000")
    page.click("[data-test=submit]")
    expect(page.locator("[data-test=error-code]")).to_be_visible()
    assert page.locator("[data-test=secret]").inner_text().replace(" ", "") == secret
    page.fill("#code", web.staff.code(secret))
    page.click("[data-test=submit]")
    expect(page.locator("[data-test=recovery-codes] li")).to_have_count(10)
    page.click("[data-test=written]")
    expect(page.locator("[data-test=second-factor]")).to_contain_text("включён")
    page.goto(f"{live.address}/admin/customers")
    expect(page).to_have_url(f"{live.address}/admin/customers")


def test_a_new_cashier_comes_in_with_a_password_of_their_own(
    live: LiveDesk, open_as: OpenAs
) -> None:
    owner = open_as("owner")
    owner.goto(f"{live.address}/admin/people")
    owner.click("[data-test=add]")
    owner.fill("dialog #name", "Сауле")
    owner.fill("dialog #login", "saule")
    owner.select_option("dialog #role", "cashier")
    owner.click("dialog [data-test=submit]")
    password = owner.locator("[data-test=one-time-password]").inner_text()
    owner.click("[data-test=written]")
    expect(owner.locator("#content")).to_contain_text("ещё не сменил пароль")

    page = open_as("")
    sign_in(page, live, "saule", password)
    page.fill("#old", password)
    page.fill("#new", "short")
    page.click("[data-test=submit]")
    expect(page.locator("[data-test=error-new]")).to_contain_text("Не короче 8")
    expect(page.locator("#new")).to_be_focused()
    page.fill("#old", password)
    page.fill("#new", "моё новое слово")
    page.click("[data-test=submit]")
    expect(page.locator("h1")).to_contain_text("Моя учётная запись")


def test_a_revoked_browser_is_out_at_once(web: WebAdmin, live: LiveDesk, open_as: OpenAs) -> None:
    web.hall.rows = [row(1, "ПК-1")]
    cashier, owner = open_as("cashier"), open_as("owner")
    open_hall(cashier, live)
    owner.goto(f"{live.address}/admin/people/sessions")
    line = owner.locator("tbody tr", has_text="Данияр")
    line.locator("[data-test=end-session]").click()
    owner.click("dialog [data-test=submit]")
    expect(cashier).to_have_url(re.compile("/admin/login"))
    expect(line).to_have_count(0)
    expect(owner.locator("#content")).to_contain_text("этот браузер")


def test_another_role_counts_at_once(web: WebAdmin, live: LiveDesk, open_as: OpenAs) -> None:
    web.hall.rows = [row(1, "ПК-1")]
    cashier, owner = open_as("cashier"), open_as("owner")
    open_hall(cashier, live)
    owner.goto(f"{live.address}/admin/people")
    owner.locator("tr", has_text="Данияр").locator("[data-test=edit]").click()
    owner.select_option("dialog #role", "technician")
    owner.click("dialog [data-test=submit]")
    expect(cashier).to_have_url(re.compile("/admin/login"))
    expect(owner.locator("tr", has_text="Данияр").locator("[data-test=role]")).to_have_text(
        "Техник"
    )


def test_what_a_person_did_is_read_by_name_what_a_role_may_in_a_table_and_nobody_is_deleted(
    people: People, live: LiveDesk, open_as: OpenAs
) -> None:
    people.customer(name="Ерлан")
    cashier, owner = open_as("cashier"), open_as("owner")
    cashier.goto(f"{live.address}/admin/customers")
    cashier.click("[data-test=top-up]")
    cashier.fill("#amount", "500")
    cashier.click(".row-form [data-test=submit]")
    expect(cashier.locator("[data-test=done]")).to_be_visible()

    owner.goto(f"{live.address}/admin/people")
    offered = owner.locator("tbody [data-test]").evaluate_all(
        "all => [...new Set(all.map((it) => it.dataset.test))].sort()"
    )
    assert offered == ["disable", "edit", "password", "role"], "closed, but never deleted"
    owner.get_by_role("link", name="Данияр").click()
    deed = owner.locator("table.log tbody tr").first
    for said in ("Баланс пополнен на 500", "player1", "127.0.0.1"):
        expect(deed).to_contain_text(said)
    owner.go_back()
    owner.click("[data-test=rights]")
    expect(owner.locator("table.rights tbody tr")).to_have_count(len(rights.RIGHTS))
    told = owner.locator("table.rights tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((it) => it.innerText.trim()))"
    )
    assert told == [
        [str(rights.NAMES[right]), *("да" if role in may else "" for role in rights.ROLE_NAMES)]
        for right, may in rights.RIGHTS.items()
    ]


def test_the_theme_follows_the_system_until_one_chooses_and_never_flashes(
    page: Page, live: LiveDesk
) -> None:
    page.add_init_script(
        "new MutationObserver((seen, observer) => { if (document.documentElement.dataset.bsTheme) {"
        " window.themeWasThereBeforeThePage = !document.body; observer.disconnect(); } })"
        ".observe(document, { subtree: true, childList: true, attributes: true });"
    )
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live.address}/admin/me")
    assert page.evaluate("window.themeWasThereBeforeThePage"), "chosen before anything was painted"
    dark = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="light")
    wait_until(page, f"{BACKGROUND} !== '{dark}'")  # without a reload
    light = page.evaluate(BACKGROUND)
    expect(page.locator("[data-themes] [value=system]")).to_be_checked()

    page.locator("[data-themes] label", has_text="Тёмная").click()
    wait_until(page, f"{BACKGROUND} === '{dark}'")
    page.reload()
    assert page.evaluate("window.themeWasThereBeforeThePage")
    assert page.evaluate(BACKGROUND) == dark, "remembered, whatever the system says"
    expect(page.locator("[data-themes] [value=dark]")).to_be_checked()
    page.locator("[data-themes] label", has_text="Как в системе").click()
    wait_until(page, f"{BACKGROUND} === '{light}'")


def test_the_language_is_changed_for_oneself(
    web: WebAdmin, live: LiveDesk, open_as: OpenAs
) -> None:
    page, owner = open_as("cashier"), open_as("owner")
    page.goto(f"{live.address}/admin/me")
    page.click("[data-test=edit]")
    page.select_option("dialog #language", "en")
    page.click("dialog [data-test=submit]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[data-test=language]")).to_have_text("English")
    wait_until(page, "window.lovhubLocale === 'en-GB'")  # scripts run after the page is there
    owner.goto(f"{live.address}/admin/me")
    expect(owner.locator("html")).to_have_attribute("lang", "ru")


def test_one_signs_out_everywhere_else(web: WebAdmin, live: LiveDesk, open_as: OpenAs) -> None:
    here, elsewhere = open_as("cashier"), open_as("cashier")
    open_hall(elsewhere, live)
    here.goto(f"{live.address}/admin/me")
    here.click("[data-test=end-others]")
    here.click("dialog [data-test=submit]")
    expect(elsewhere).to_have_url(re.compile("/admin/login"))
    expect(here.locator("[data-session-id]")).to_have_count(1)
