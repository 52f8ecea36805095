"""What holds for every page there is: it opens, it loads nothing from elsewhere, and anybody can use it.

A page that is added is found by its route. If its address has a part that no other has, `SAMPLES` must say what
stands there.
"""

import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from lovhub.server.web import navigation
from tests.support.club import People
from tests.support.furnished import Furnished
from tests.support.live_desk import LiveDesk
from tests.support.pages import page_rules
from tests.support.web import Browser, WebAdmin

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_LOOK = {
    "dark": ["color-contrast"],
    "phone": ["target-size", "meta-viewport", "scrollable-region-focusable"],
}
"""What another look may change: the theme the colours, the width the places. The rest of a page is the same in all."""

LOOKS = ("light", "dark", "phone")

LOTS = 4
"""All pages together would take a slow machine minutes, in which nothing could tell a slow one from one that hangs."""


@pytest.fixture
def visitor(running_chromium: Chromium, live: LiveDesk) -> Iterator[Page]:
    """The owner's browser, with axe in it."""
    context = running_chromium.new_context(reduced_motion="reduce")
    context.add_cookies(
        [{"name": "lovhub_session", "value": live.web.token(), "url": live.address, "secure": True}]
    )
    context.add_init_script(path=AXE)
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("lot", range(LOTS))
def test_every_page_is_within_reach_of_everybody_and_of_itself(
    web: WebAdmin, people: People, live: LiveDesk, visitor: Page, lot: int
) -> None:
    furnished, owner = Furnished(web, people), web.owner()
    own = urlsplit(live.address).netloc
    outside: list[str] = []
    wrong: list[str] = []

    visitor.on(
        "request",
        lambda asked: outside.append(asked.url) if urlsplit(asked.url).netloc != own else None,
    )
    visitor.on("pageerror", lambda error: wrong.append(f"{visitor.url}: {error}"))
    visitor.on(
        "console",
        lambda said: wrong.append(f"{visitor.url}: {said.text}") if said.type == "error" else None,
    )
    for rule in page_rules(web.app)[lot::LOTS]:
        address = furnished.address(rule)
        if not opens_as_page(owner, address):
            continue  # a part of a page, data, a file to keep, or the way to another page
        is_whole = stays_whole(owner, address)
        for look in LOOKS:
            put_on(visitor, look)
            if look == LOOKS[0]:
                visitor.goto(live.address + address)
            # What stands around the content is the same on all: looked at once, and whole pages once as such.
            is_first = rule.endpoint == "reports.dashboard"
            part = "html" if is_first or (look == "light" and is_whole) else "#content"
            wrong += [f"{rule.rule}, {look}: {it}" for it in _problems(visitor, look, part)]
    assert outside == []
    assert not wrong, "\n".join(wrong)


def test_every_page_is_pictured(web: WebAdmin, people: People) -> None:
    furnished, owner = Furnished(web, people), web.owner()
    whole = {
        rule.endpoint
        for rule in page_rules(web.app)
        if opens_as_page(owner, address := furnished.address(rule)) and stays_whole(owner, address)
    }

    assert whole > {place.endpoint for place in navigation.AT_HAND + navigation.MANAGEMENT}
    assert never_pictured(web, whole) == set()


def opens_as_page(owner: Browser, address: str) -> bool:
    """Whether the owner finds a page there, and not a part of one, data, a file, or the way to another page."""
    answer = owner.get(address)
    assert answer.status_code in {200, 302, 303}, f"{address}: {answer.status_code}"
    return answer.status_code == 200 and answer.data.startswith(b"<!doctype html>")


def stays_whole(owner: Browser, address: str) -> bool:
    """Whether a page is always one, and never a dialog over another."""
    return owner.get(address, htmx=True).data.startswith(b"<!doctype html>")


def never_pictured(web: WebAdmin, whole: set[str]) -> set[str]:
    """Which of these pages `make screenshots` forgets: a page that is added gets its line in the script's `SHOTS`."""
    script, known = screenshots(), web.app.url_map.bind("localhost")
    paths = [re.sub(r"\{\w+\}", "1", urlsplit(shot.path).path) for shot in script.SHOTS]
    return whole - {known.match(path)[0] for path in paths} - script.NEVER_SEEN


def screenshots() -> ModuleType:
    """The script."""
    described = spec_from_file_location("screenshots", ROOT / "scripts" / "screenshots.py")
    assert described is not None
    assert described.loader is not None
    script = module_from_spec(described)
    described.loader.exec_module(script)
    return script


def put_on(page: Page, look: str) -> None:
    """The open page in this look; the theme is the system's, and follows it without a reload."""
    width, height = (390, 844) if look == "phone" else (1366, 768)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")


LOOKED_AT = """
async ([part, rules, theme]) => {
  const html = document.documentElement;
  while (html.dataset.bsTheme !== theme) await new Promise(requestAnimationFrame);
  const found = await axe.run(part, { runOnly: rules, resultTypes: ["violations"], preload: false });
  const pen = document.createElement("canvas").getContext("2d");
  const unreadable = [...document.querySelectorAll("#content input[placeholder]")].filter((field) => {
    const style = getComputedStyle(field);
    pen.font = style.font;
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return field.checkVisibility() && pen.measureText(field.placeholder).width > room + 2;
  }).map((field) => field.placeholder);
  return [found.violations, html.scrollWidth - html.clientWidth, unreadable];
}
"""


def _problems(page: Page, look: str, part: str) -> list[str]:
    """What axe and the places find wrong in a part of the open page, once the page has followed the system's theme."""
    theme = "dark" if look == "dark" else "light"
    violations, sideways, unreadable = page.evaluate(
        LOOKED_AT, [part, RULES_OF_LOOK.get(look, RULES), theme]
    )
    return [
        *(
            f"{violation['id']}: {node['html'][:160]}: {node['failureSummary'].splitlines()[-1].strip()}"
            for violation in violations
            for node in violation["nodes"]
        ),
        *([f"scrolls sideways by {sideways} px"] if sideways > 0 else []),
        *(f"no room to read what the field is for: {text}" for text in unreadable),
    ]
