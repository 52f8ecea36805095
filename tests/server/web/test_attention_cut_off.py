"""The panel where push is cut off, and where nobody answers."""

from playwright.sync_api import Page, expect

from lovhub.server.live import OpenCall
from tests.support.chromium import Heard
from tests.support.live_desk import LiveDesk

LONG_SILENCE = "00:13"
CALL = OpenCall(
    call_id=1,
    computer_id=7,
    computer_name="ПК-7",
    who="Ерлан",
    reason="money",
    text="",
    count=1,
    seconds_ago=130,
    taken_by="",
)


def test_without_push_it_is_asked_for_every_five_seconds(page: Page, live: LiveDesk) -> None:
    live.push_is_cut = True
    page.clock.install()
    with page.expect_response("**/attention/live.json"):
        page.goto(f"{live.address}/admin/tariffs")
    live.web.hall.calls = [CALL]
    with page.expect_response("**/attention/live.json"):
        page.clock.fast_forward("00:05")
    expect(page.locator("#attention-count")).to_have_text("1")


def test_what_may_have_changed_does_not_look_live(page: Page, live: LiveDesk) -> None:
    live.web.hall.calls = [CALL]
    live.tell()
    page.clock.install()
    heard = Heard(page)
    page.goto(f"{live.address}/admin/tariffs")
    heard.first()
    page.locator("#attention-open").click()
    item = page.locator(".attention-item")
    expect(item).to_contain_text("2 мин назад")
    page.route("**/live.json", lambda route: route.abort())
    live.fall_silent()
    page.clock.fast_forward(LONG_SILENCE)
    expect(page.locator("#attention .when-stale")).to_be_visible()


def test_a_page_without_the_hall_hears_nothing_of_its_rows(page: Page, live: LiveDesk) -> None:
    live.web.hall.calls = [CALL]
    live.tell()
    heard = Heard(page)
    page.goto(f"{live.address}/admin/tariffs")
    said = heard.first()
    assert '"type":"attention"' in said
    assert '"rows"' not in said
