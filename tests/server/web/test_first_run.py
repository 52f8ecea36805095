"""The first run by clicking, on the server itself: an empty folder becomes a club, and a club comes back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from lovhub.server.backups import service
from tests.support.serving import Serving

WAIT_MS = 30_000
PHRASE = "длинный пароль для копий"
PASSWORD = "пароль владельца"


@pytest.fixture
def visitor(running_chromium: Chromium) -> Iterator[Page]:
    """Somebody at the server's own computer, not signed in. A script's error fails the test."""
    context = running_chromium.new_context(
        ignore_https_errors=True, viewport={"width": 1366, "height": 768}, locale="ru-RU"
    )
    context.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


def address(server: Serving, path: str) -> str:
    return f"https://localhost:{server.port}{path}"


def link(server: Serving) -> str:
    return address(server, f"/setup?token={server.setup_token()}")


def sign_in(page: Page) -> None:
    page.fill("#login", "owner")
    page.fill("#password", PASSWORD)
    page.locator("[data-test=submit]").click()


def test_an_empty_folder_becomes_a_club_is_backed_up_and_comes_back_elsewhere(
    visitor: Page, tmp_path: Path
) -> None:
    page = visitor
    first, second = tmp_path / "first", tmp_path / "second"
    server = Serving(first)
    found_by_clicking(page, server)
    safe = back_up_by_clicking(page, server, tmp_path / "safe.zip")
    assert server.end() == 0
    elsewhere = Serving(second)
    restore_by_clicking(page, elsewhere, safe)
    sign_in(page)
    expect(page.locator(".navbar-brand")).to_have_text("Арена")
    assert (second / "identity.pem").read_bytes() == (first / "identity.pem").read_bytes()
    assert elsewhere.end() == 0


def found_by_clicking(page: Page, server: Serving) -> None:
    """The set-up, with a wrong time zone at first; then the dashboard with its list."""
    page.goto(address(server, "/admin/computers"))
    expect(page.get_by_text("Нужна одноразовая ссылка")).to_be_visible()
    page.goto(link(server))
    page.locator("[data-test=language-kk]").click()
    expect(page.locator("[data-test=language-kk]")).to_have_attribute("aria-current", "true")
    page.locator("[data-test=language-ru]").click()
    page.fill("#club_name", "Арена")
    page.fill("#time_zone", "Мордор")
    page.fill("#name", "Айгуль")
    page.fill("#login", "owner")
    page.fill("#password", PASSWORD)
    page.get_by_label("С примеров").check()
    page.locator("[data-test=submit]").click()
    expect(page.locator("[data-test=error-time_zone]")).to_be_visible()
    expect(page.get_by_label("С примеров")).to_be_checked()
    page.fill("#time_zone", "Asia/Bishkek")
    page.select_option("#currency", "KGS")
    page.fill("#password", PASSWORD)
    page.locator("[data-test=submit]").click()
    sign_in(page)
    steps = page.locator("[data-test=checklist] [data-test=step]")
    expect(steps.and_(page.locator("[data-step=tariffs]"))).to_have_attribute("data-done", "yes")
    expect(steps.and_(page.locator("[data-step=computers]"))).to_have_attribute("data-done", "no")
    page.goto(address(server, "/admin/tariffs"))
    expect(page.locator("#content")).to_contain_text("500\N{NO-BREAK SPACE}сом")


def back_up_by_clicking(page: Page, server: Serving, safe: Path) -> Path:
    """A passphrase, a backup with the club's keys, and its file in a safe place."""
    page.goto(address(server, "/admin/backups"))
    page.locator("[data-test=passphrase]").click()
    page.fill("#phrase", PHRASE)
    page.fill("#again", PHRASE)
    page.locator("dialog [data-test=submit]").click()
    expect(page.get_by_text("под вашим паролем")).to_be_visible()
    page.locator("[data-test=make]").click()
    expect(page.locator("[data-test=task]")).to_contain_text("Копия готова")
    (made,) = service.backups_of(server.folder).glob("*.zip")
    shutil.copyfile(made, safe)
    return safe


def restore_by_clicking(page: Page, server: Serving, safe: Path) -> None:
    """On a new machine: the backup instead of a new club."""
    page.goto(link(server))
    page.locator("[data-test=to-restore]").click()
    page.set_input_files("#upload-file", str(safe))
    page.locator("[data-test=upload]").click()
    page.locator("[data-test=submit]").click()
    expect(page.locator("[data-test=error-phrase]")).to_be_visible()
    page.fill("#phrase", PHRASE)
    page.locator("[data-test=submit]").click()
    expect(page.locator("[data-test=restoring-text]")).to_contain_text("Клуб восстановлен")
    page.get_by_role("link", name="Войти").click()
