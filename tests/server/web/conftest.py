"""The web admin of a real club on SQLite, with a hall, PCs and pairings that a test arranges."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from lovhub.server.certificate import ensure_certificate
from lovhub.server.context import ClubContext
from lovhub.server.ledger.check import check_ledger
from tests.support.api import Api
from tests.support.chromium import chromium, shell
from tests.support.club import People
from tests.support.counter_page import Counter
from tests.support.live_desk import LiveDesk
from tests.support.web import Browser, WebAdmin

WAIT_MS = 40_000


@pytest.fixture
def web(club: ClubContext) -> Iterator[WebAdmin]:
    """A club with an owner."""
    admin = WebAdmin(club)
    admin.make_owner()
    yield admin
    admin.give_back()


@pytest.fixture
def desk(web: WebAdmin) -> Browser:
    """The owner's browser."""
    return web.owner()


@pytest.fixture(scope="session")
def certificate_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate for all servers of these tests, which their browsers trust."""
    folder = tmp_path_factory.mktemp("certificate")
    ensure_certificate(folder, time.time())
    return folder


@pytest.fixture(scope="module")
def running_chromium(certificate_folder: Path) -> Iterator[Chromium]:
    """One browser for a file of tests; each test gets a profile of its own."""
    with chromium(certificate_folder / "cert.pem", program=shell()) as running:
        yield running


@pytest.fixture
def live(web: WebAdmin, certificate_folder: Path) -> Iterator[LiveDesk]:
    """Pages and push over TLS."""
    desk = LiveDesk(web, certificate_folder)
    desk.start()
    yield desk
    desk.stop()


OpenAs = Callable[[str], Page]


@pytest.fixture
def open_as(running_chromium: Chromium, live: LiveDesk) -> Iterator[OpenAs]:
    """Opens a browser of its own for the persona of a role; for "" one that is not signed in.

    A script's error, or anything the page's policy forbids, fails the test.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    expect.set_options(timeout=WAIT_MS)

    def open_browser(role: str) -> Page:
        context = running_chromium.new_context(
            viewport={"width": 1366, "height": 768},
            locale="ru-RU",
            timezone_id="America/New_York",  # one looks from far away: the club's time is shown
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        if role:
            token = live.web.token(role)
            context.add_cookies(
                [{"name": "lovhub_session", "value": token, "url": live.address, "secure": True}]
            )
        opened = context.new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security" in said.text else None,
        )
        return opened

    yield open_browser
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_as: OpenAs) -> Page:
    """The owner's browser."""
    return open_as("owner")


@pytest.fixture
def counter(page: Page, live: LiveDesk, club: ClubContext, people: People) -> Iterator[Counter]:
    """The counter, after which the books must balance."""
    yield Counter(page, live, club, people)
    with club.read() as db:
        assert check_ledger(db) == []


@pytest.fixture
def api(web: WebAdmin) -> Api:
    """The owner's program."""
    return Api(web, web.token())


@pytest.fixture
def stranger(web: WebAdmin) -> Api:
    """A program that nobody let in."""
    return Api(web, None)
