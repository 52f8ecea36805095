"""Take pictures of every page of the web admin, for the docs and for whoever wants to look at them all.

    screenshots.py [NAME ...]    all pages, or those named

A demonstration club plays for a while, then Chromium visits it: each page at a desk's size in both themes
and at a phone's width, into docs/screenshots. Run by `make screenshots`.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.chromium import chromium  # noqa: E402
from tests.support.programs import dies_with_the_tests, stop  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
COLOURS = 128
START_SECONDS = 120
SETTLE_MS = 900
"""For what the page draws itself: rows, tiles, charts."""

LIVE_SECONDS = 45
"""How long the club plays before the first picture: people sit, games run, some have gone home."""

SIZES = {
    "light": {"width": 1366, "height": 768},
    "dark": {"width": 1366, "height": 768},
    "phone": {"width": 390, "height": 844},
}


class Shot(NamedTuple):
    """A picture, and of which page."""

    name: str
    path: str


SHOTS = (
    Shot("dashboard", "/admin"),
    Shot("computers", "/admin/computers?view=table"),
    Shot("hall", "/admin/computers?view=tiles"),
    Shot("computer", "/admin/computers/1"),
    Shot("counter", "/admin/computers/1/counter"),
    Shot("customers", "/admin/customers"),
    Shot("customer", "/admin/customers/1"),
    Shot("register", "/admin/customers/register"),
    Shot("tariffs", "/admin/tariffs"),
    Shot("tariff", "/admin/tariffs/new"),
    Shot("applications", "/admin/applications"),
    Shot("application", "/admin/applications/new"),
    Shot("logs", "/admin/logs"),
    Shot("reports", "/admin/reports"),
    Shot("halls", "/admin/halls"),
    Shot("people", "/admin/people"),
    Shot("rights", "/admin/people/rights"),
    Shot("moving", "/admin/moving"),
    Shot("settings", "/admin/settings"),
    Shot("status", "/admin/status"),
    Shot("backups", "/admin/backups"),
    Shot("first-evening", "/admin/first-evening"),
)


class Club(NamedTuple):
    """The demonstration: where it answers, and who may sign in."""

    address: str
    login: str
    password: str


def start_club(folder: Path) -> tuple["subprocess.Popen[str]", Club]:
    """A living club in `folder`, on a free port of this computer."""
    process = subprocess.Popen(
        [
            *dies_with_the_tests("INT"),
            *(sys.executable, "-u", "-m", "lovhub", "demo"),
            *("--data", str(folder), "--port", "5600", "--speed", "20"),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    told = ""
    deadline = time.monotonic() + START_SECONDS
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    for line in process.stdout:
        told += line
        if "Ctrl+C" in line:
            break
        if time.monotonic() > deadline:
            break
    words = [re.search(rf"{name}:\s+(\S+)", told) for name in ("Адрес", "Логин", "Пароль")]
    if None in words:
        stop(process)
        raise RuntimeError(told)
    return process, Club(*(word[1] for word in words if word))


def sign_in(page: Page, club: Club) -> None:
    """As the owner."""
    page.goto(club.address + "/admin/login")
    page.fill("#login", club.login)
    page.fill("#password", club.password)
    page.click("[data-test=submit]")
    page.wait_for_url("**/admin")


def take(browser: Browser, club: Club, look: str, shots: list[Shot]) -> None:
    """Every picture in one look."""
    context = browser.new_context(
        viewport=SIZES[look],
        color_scheme="dark" if look == "dark" else "light",
        locale="ru-RU",
        timezone_id="Asia/Almaty",
        reduced_motion="reduce",
    )
    page = context.new_page()
    sign_in(page, club)
    for shot in shots:
        page.goto(club.address + shot.path, wait_until="load")
        page.wait_for_timeout(SETTLE_MS)
        target = FOLDER / f"{shot.name}-{look}.png"
        page.screenshot(path=target)
        # A page has few colours: so a picture takes a third of the room.
        with Image.open(target) as picture:
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(target, optimize=True)
        print(target.relative_to(ROOT))
    context.close()


def main(names: list[str]) -> None:
    """Take the pictures called `names`, or all."""
    shots = [shot for shot in SHOTS if not names or shot.name in names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lovhub-demo-") as folder:
        process, club = start_club(Path(folder))
        try:
            time.sleep(LIVE_SECONDS)
            with chromium(Path(folder) / "cert.pem") as browser:
                for look in SIZES:
                    take(browser, club, look, shots)
        finally:
            stop(process)


if __name__ == "__main__":
    main(sys.argv[1:])
