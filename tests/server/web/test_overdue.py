"""A week after the sign-in: the password once more, and one goes on where one was."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from lovhub.clock import ManualClock
from lovhub.server.staff.models import Staff, StaffSession
from lovhub.server.staff.rules import OVERDUE_SECONDS, SIGNED_IN_AT_MOST_SECONDS
from tests.server.web.conftest import OpenAs
from tests.support.live_desk import LiveDesk, open_hall
from tests.support.staff import PASSWORD
from tests.support.web import ADDRESS, Browser, WebAdmin, row

PLAYER = {"login": "erlan", "name": "Ерлан", "password": "пароль игрока"}
ANEW = "/admin/login/again"


def let_a_week_pass(web: WebAdmin) -> None:
    """Everybody has been at work for a week."""
    with web.club.write() as work:
        work.db.execute(
            update(StaffSession).values(created_at=work.now - SIGNED_IN_AT_MOST_SECONDS)
        )


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("lovhub_session")
    assert found is not None
    return found.value


def name_of_owner(web: WebAdmin) -> str:
    with web.club.read() as db:
        return db.get_one(Staff, web.staff_id("owner")).name


@pytest.fixture
def overdue(web: WebAdmin) -> Browser:
    """The owner's browser, a week after the sign-in."""
    browser = web.owner()
    let_a_week_pass(web)
    return browser


def test_a_page_that_is_opened_asks_first_and_then_leads_there(
    web: WebAdmin, overdue: Browser
) -> None:
    asked = overdue.get("/admin/customers?q=7")
    assert asked.location == f"{ANEW}?next=/admin/customers?q%3D7"
    assert 'name="code"' not in overdue.get(asked.location).text
    token, copied = overdue.form_token(ANEW), cookie(overdue)
    wrong = overdue.post(asked.location, {"password": "нет"}, token=token)
    assert (wrong.status_code, "Пароль не подошёл." in wrong.text) == (422, True)
    right = overdue.post(asked.location, {"password": PASSWORD}, token=token)
    assert right.location == "/admin/customers?q=7"
    assert overdue.get("/admin/customers").status_code == 200
    thief = web.stranger()
    thief.client.set_cookie("lovhub_session", copied, secure=True)
    assert thief.get("/admin/customers").location.startswith("/admin/login?")


def test_what_an_open_page_sends_waits_for_the_password(web: WebAdmin, overdue: Browser) -> None:
    token, before = overdue.form_token(ANEW), name_of_owner(web)
    said = {"name": "Айгуль К.", "language": "ru"}
    for _time in range(2):
        asked = overdue.post("/admin/me/edit", said, htmx=True, token=token)
        assert asked.status_code == 401
        assert asked.headers["HX-Trigger"] == "lovhub:begin_anew"
    assert name_of_owner(web) == before
    assert overdue.get("/admin/me/edit", htmx=True).status_code == 200
    assert overdue.get("/admin/attention/live.json").status_code == 200
    done = overdue.post(ANEW, {"password": PASSWORD}, htmx=True, token=token)
    assert (done.status_code, "begun_anew" in done.headers["HX-Trigger"]) == (204, True)
    assert overdue.post("/admin/me/edit", said, htmx=True, token=token).status_code == 204
    assert name_of_owner(web) == "Айгуль К."


def test_what_a_plain_form_carries_is_not_lost(web: WebAdmin, overdue: Browser) -> None:
    token, copied = overdue.form_token(ANEW), cookie(overdue)
    said = {"name": "Айгуль К.", "language": "ru"}
    asked = overdue.post("/admin/me/edit", said, token=token)
    assert (asked.status_code, 'value="Айгуль К."' in asked.text) == (422, True)
    done = overdue.post("/admin/me/edit", {**said, "confirm_password": PASSWORD}, token=token)
    assert (done.status_code, name_of_owner(web)) == (303, "Айгуль К.")
    assert cookie(overdue) != copied
    assert overdue.get("/admin/me").status_code == 200
    let_a_week_pass(web)
    change = {"old": PASSWORD, "new": "совсем новый пароль", "confirm_password": PASSWORD}
    assert overdue.post("/admin/me/password", change, token=token).status_code == 303
    assert overdue.get("/admin/me").status_code == 200, "the last token counts"


def test_whoever_has_a_second_factor_gives_that_too(web: WebAdmin, clock: ManualClock) -> None:
    secret = web.give_second_factor("owner")
    browser = web.owner()
    let_a_week_pass(web)
    token = browser.form_token(ANEW)
    without = browser.post(ANEW, {"password": PASSWORD}, token=token)
    assert (without.status_code, "Нужен ещё код" in without.text) == (422, True)
    assert browser.get("/admin/me").status_code == 303
    said = {"name": "Айгуль К.", "language": "ru", "confirm_password": PASSWORD}
    assert 'name="confirm_code"' in browser.post("/admin/me/edit", said, token=token).text
    said["confirm_code"] = web.staff.code(secret)
    assert browser.post("/admin/me/edit", said, token=token).status_code == 303


def test_an_hour_later_nothing_is_told_any_more(
    web: WebAdmin, overdue: Browser, clock: ManualClock
) -> None:
    assert overdue.get("/admin/attention/live.json").status_code == 200
    clock.advance(OVERDUE_SECONDS)
    assert overdue.get("/admin/attention/live.json").status_code == 401
    assert overdue.get("/admin/me").location == "/admin/login?next=/admin/me"


def test_who_is_too_late_for_it_and_signs_in_from_the_start_is_not_asked_twice(
    overdue: Browser, clock: ManualClock
) -> None:
    asked = overdue.get("/admin/customers").location
    clock.advance(OVERDUE_SECONDS)
    sign_in = overdue.get(asked).location
    assert sign_in.startswith("/admin/login?next=")
    back = overdue.post(sign_in, {"login": "owner", "password": PASSWORD})
    assert back.location == asked
    assert overdue.get(asked).location == "/admin/customers"


def test_a_program_signs_in_anew_and_one_signs_out_as_ever(web: WebAdmin) -> None:
    token, browser = web.token(), web.owner()
    let_a_week_pass(web)
    answer = browser.client.get(
        "/api/v1/me", base_url=ADDRESS, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 401
    form_token = browser.form_token(ANEW)
    assert browser.post("/admin/logout", {}, token=form_token).location == "/admin/login"


def test_at_an_open_desk_nothing_typed_is_lost(
    web: WebAdmin, live: LiveDesk, open_as: OpenAs
) -> None:
    page = open_as("owner")
    open_hall(page, live)
    page.evaluate("window.lovhubDialog('/admin/me/edit')")
    page.fill("#dialog #name", "Айгуль К.")
    let_a_week_pass(web)
    page.click("#dialog [data-test=submit]")
    page.fill("#begin-anew #password", "нет")
    page.keyboard.press("Enter")
    expect(page.locator("#begin-anew [data-test=error-password]")).to_be_visible()
    page.fill("#begin-anew #password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Вход продлён")
    expect(page.locator("#begin-anew")).not_to_be_visible()
    expect(page.locator("#dialog #name")).to_have_value("Айгуль К.")
    live.drop_signed_out()  # who opened the live channel has another token by now
    live.show(row(7, "ПК-7"))
    expect(page.get_by_text("ПК-7").first).to_be_attached()
    expect(page.locator("#dialog #name")).to_have_value("Айгуль К.")
    page.click("#dialog [data-test=submit]")
    expect(page.locator("[data-test=account]")).to_contain_text("Айгуль К.")
