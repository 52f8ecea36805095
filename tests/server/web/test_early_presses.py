"""A page shows its buttons before its scripts have all arrived; what is pressed meanwhile is not lost."""

from playwright.sync_api import Page, Route, expect

from tests.support.club import People
from tests.support.live_desk import LiveDesk
from tests.support.web import row


class SlowScript:
    """A script that does not arrive before the test lets it."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self._waiting: list[Route] = []
        page.route(f"**/static/{name}", self._keep)

    def _keep(self, route: Route) -> None:
        self._waiting.append(route)

    def arrive(self) -> None:
        while not self._waiting:  # the browser may not have come to ask for it yet
            self._page.wait_for_timeout(10)
        for route in self._waiting:
            route.continue_()


def test_a_button_pressed_before_the_scripts_are_there_does_its_work_once_they_are(
    page: Page, live: LiveDesk, people: People
) -> None:
    people.customer(name="Ерлан")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    script = SlowScript(page, "row_form.js")
    page.goto(f"{live.address}/admin/customers", wait_until="commit")
    page.locator("[data-test=top-up]").click()
    page.locator("[data-test=top-up]").click()  # nothing has happened, so one presses again
    expect(page.locator("#amount")).to_have_count(0)
    script.arrive()
    expect(page.locator("#amount")).to_be_focused()
    assert len([url for url in asked if url.endswith("/top-up")]) == 1
    page.locator("[data-close-row]").first.click()
    page.locator("[data-test=top-up]").click()
    expect(page.locator("#amount")).to_be_focused()


def test_keys_typed_before_the_scripts_are_there_open_the_pc(
    page: Page, live: LiveDesk, people: People
) -> None:
    people.tariff()
    live.web.hall.rows = [row(people.computer("ПК-17"), "ПК-17")]
    script = SlowScript(page, "desk_numbers.js")
    page.goto(f"{live.address}/admin/computers", wait_until="commit")
    expect(page.locator("#rows")).to_contain_text("ПК-17")
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    script.arrive()
    expect(page.locator("#dialog[open]")).to_contain_text("ПК-17")


def test_a_file_asked_for_before_the_scripts_are_there_comes_and_leaves_the_page_alive(
    page: Page, live: LiveDesk, people: People
) -> None:
    people.customer(name="Ерлан")
    script = SlowScript(page, "row_form.js")
    page.goto(f"{live.address}/admin/customers", wait_until="commit")
    page.locator("[data-test=export]").click()
    page.locator("[data-test=export-csv]").click()
    with page.expect_download():
        script.arrive()
    page.locator("[data-test=top-up]").click()
    expect(page.locator("#amount")).to_be_focused()
