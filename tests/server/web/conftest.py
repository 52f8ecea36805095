"""The web admin of a real club on SQLite, with a hall, PCs and pairings that a test arranges."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from lovhub.server.context import ClubContext
from tests.evening.desk import chromium
from tests.support.live_desk import LiveDesk
from tests.support.web import Browser, WebAdmin

WAIT_MS = 15_000


@pytest.fixture
def web(club: ClubContext) -> WebAdmin:
    """A club with an owner."""
    admin = WebAdmin(club)
    admin.make_owner()
    return admin


@pytest.fixture
def desk(web: WebAdmin) -> Browser:
    """The owner's browser."""
    return web.owner()


@pytest.fixture(scope="module")
def running_chromium() -> Iterator[Chromium]:
    """One browser for a file of tests; each test gets a profile of its own."""
    with chromium() as running:
        yield running


@pytest.fixture
def live(web: WebAdmin, tmp_path: Path) -> Iterator[LiveDesk]:
    """Pages and push over TLS."""
    desk = LiveDesk(web, tmp_path)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def page(running_chromium: Chromium, live: LiveDesk) -> Iterator[Page]:
    """The owner's browser. A script's error, or anything the page's policy forbids, fails the test."""
    context = running_chromium.new_context(
        ignore_https_errors=True,
        viewport={"width": 1366, "height": 768},
        locale="ru-RU",
        timezone_id="America/New_York",  # the owner looks from far away: the club's time is shown
    )
    context.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    context.add_cookies(
        [{"name": "lovhub_session", "value": live.web.token(), "url": live.address, "secure": True}]
    )
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console",
        lambda said: errors.append(said.text) if "Content Security" in said.text else None,
    )
    yield opened
    context.close()
    assert errors == []
