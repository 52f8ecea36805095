"""Take pictures of every page of the web admin, for the docs and for whoever wants to look at them all.

    screenshots.py [NAME ...]    all pages, or those named

A demonstration club plays for a while, then Chromium visits it: each page at a desk's size in both themes
and at a phone's width, into docs/screenshots. A second server, without an owner, shows its set-up. Run by
`make screenshots`; with Debian's package chromium-l10n fields for dates look as they do in Kazakhstan.
"""

import re
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lovhub.simulator.ports import free_port  # noqa: E402
from tests.support.chromium import chromium  # noqa: E402
from tests.support.programs import dies_with_the_tests, stop  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
COLOURS = 128
START_SECONDS = 120
PORTS = 5600, 5700
"""From where on a free one is looked for: for the demonstration, and for the server without an owner."""

SETTLE_MS = 900
"""For what the page draws itself: rows, tiles, charts."""

PAINTED = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
)
"""True once what the page draws is on the screen: a busy computer paints late."""

LIVE_SECONDS = 45
"""How long the club plays before the first picture: people sit, games run, some have gone home."""

SIZES = {
    "light": {"width": 1366, "height": 768},
    "dark": {"width": 1366, "height": 768},
    "phone": {"width": 390, "height": 844},
}


class Shot(NamedTuple):
    """A picture, of which page, and what is typed there first. `{…}` in a path is what `furnish()` made."""

    name: str
    path: str
    keys: tuple[str, ...] = ()


SHOTS = (
    Shot("dashboard", "/admin"),
    Shot("computers", "/admin/computers?view=table"),
    Shot("hall", "/admin/computers?view=tiles"),
    Shot("pairings", "/admin/computers/pairings"),
    Shot("pairing-tokens", "/admin/computers/pairing-tokens"),
    Shot("updates", "/admin/updates"),
    Shot("computer", "/admin/computers/1"),
    Shot("counter", "/admin/computers/1/counter"),
    Shot("customers", "/admin/customers"),
    Shot("customer", "/admin/customers/1"),
    Shot("register", "/admin/customers/register"),
    Shot("goods", "/admin/goods"),
    Shot("receipt", "/admin/receipts/{receipt}"),
    Shot("tariffs", "/admin/tariffs"),
    Shot("tariff", "/admin/tariffs/new"),
    Shot("holidays", "/admin/tariffs/holidays"),
    Shot("applications", "/admin/applications"),
    Shot("application", "/admin/applications/new"),
    Shot("logs", "/admin/logs"),
    Shot("reports", "/admin/reports"),
    Shot("books", "/admin/books"),
    Shot("loyalty", "/admin/loyalty"),
    Shot("promo-codes", "/admin/loyalty/promos/{promo}"),
    Shot("fiscal", "/admin/fiscal"),
    Shot("messages", "/admin/notices"),
    Shot("halls", "/admin/halls"),
    Shot("shift", "/admin/shifts"),
    Shot("close-shift", "/admin/shifts/1/close"),
    Shot("shift-report", "/admin/shifts/1"),
    Shot("suspicious", "/admin/suspicious"),
    Shot("chain", "/admin/chain"),
    Shot("price-list", "/admin/goods/list"),
    Shot("guest-time", "/admin/guest-time"),
    Shot("kaspi", "/admin/payments"),
    Shot("payment", "/admin/payments/{payment}"),
    Shot("reconciliation", "/admin/payments/reconciliation"),
    Shot("people", "/admin/people"),
    Shot("person", "/admin/people/3"),
    Shot("account", "/admin/me"),
    Shot("rights", "/admin/people/rights"),
    Shot("sign-ins", "/admin/people/sessions"),
    Shot("moving", "/admin/moving"),
    Shot("moving-check", "/admin/moving/{move}"),
    Shot("settings", "/admin/settings"),
    Shot("status", "/admin/status"),
    Shot("backups", "/admin/backups"),
    Shot("stored-backups", "/admin/stored-backups"),
    Shot("first-evening", "/admin/first-evening"),
    Shot("palette", "/admin", ("Control+k", *"айд")),
    Shot("attention", "/admin/computers?view=tiles", ("!",)),  # last, since it stays open
)


SET_UP = "set-up"
"""The picture of the second server."""

NEVER_SEEN = frozenset({"restoring.index"})
"""Pages that are there for seconds only, while a backup is put back."""

OLD_CLUB = """\
Логин;Имя;Телефон;Баланс;Часы
sniper;Алёна Ким;8 701 123 45 67;1500,50;2:30
ghost;Берик;;20;1
SNIPER;Двойник;;1;
fox;Лиса;12;1;
"""
"""What a club that moves in brings along."""

ASK = """async ([path, body, token, method]) => {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = "Bearer " + token;
  const sent = body && JSON.stringify(body);
  const answer = await fetch("/api/v1" + path, { method, headers, body: sent });
  if (!answer.ok) throw new Error(path + ": " + (await answer.text()));
  return answer.json();
}"""


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
            *("--data", str(folder), "--port", str(PORTS[0]), "--speed", "20"),
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


def start_without_owner(folder: Path) -> tuple["subprocess.Popen[str]", str]:
    """A server on which nobody has set up a club; and the link to do it."""
    port = free_port("127.0.0.1", PORTS[1])
    process = subprocess.Popen(
        [
            *dies_with_the_tests("INT"),
            *(sys.executable, "-u", "-m", "lovhub", "serve"),
            *("--data", str(folder), "--host", "127.0.0.1", "--port", str(port)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    for line in process.stdout:
        if "/setup?" in line:
            return process, line.strip()
    stop(process)
    raise RuntimeError("the server gave no link")


def sign_in(page: Page, club: Club) -> None:
    """As the owner."""
    page.goto(club.address + "/admin/login")
    page.fill("#login", club.login)
    page.fill("#password", club.password)
    page.click("[data-test=submit]")
    page.wait_for_url("**/admin")


def furnish(browser: Browser, club: Club) -> dict[str, int]:
    """What the demonstration does not do by itself; returns the ids of what was made."""
    page = browser.new_page()
    page.goto(club.address + "/admin/login")

    def ask(path: str, body: dict[str, object] | None = None, method: str = "POST") -> Any:
        return page.evaluate(ASK, [path, body, token, method])

    token = ""
    token = ask("/session", {"login": club.login, "password": club.password})["token"]
    ask("/groups", {"name": "Постоянные", "discount_percent": 10})
    steps = [{"from_tiyn": 5_000_00, "percent": 10}, {"from_tiyn": 10_000_00, "percent": 15}]
    ask("/bonus-rules", {"is_on": True, "steps": steps}, "PUT")
    promo = {
        "title": "Летний турнир",
        "kind": "bonus",
        "amount_tiyn": 500_00,
        "from_at": int(time.time()),
    }
    good = ask("/goods", None, "GET")["goods"][0]
    sale = {
        "lines": [{"good_id": good["id"], "quantity": 2}],
        "method": "card",
        "total_tiyn": 2 * good["price_tiyn"],
        "key": "screenshot-1",
    }
    file = {"file_name": "gizmo.csv", "content": b64encode(OLD_CLUB.encode()).decode()}
    payment = {"customer_id": 2, "amount_tiyn": 1_500_00, "key": "screenshot-2"}
    made = {
        "promo": ask("/promos", {**promo, "made_codes": 8})["promo_id"],
        "move": ask("/moves", file)["move_id"],
        "receipt": ask("/goods/sales", sale)["posting_id"],
        "payment": ask("/payments", payment)["id"],
    }
    page.close()
    return made


def take(
    browser: Browser,
    club: Club,
    set_up_link: str,
    look: str,
    shots: list[Shot],
    made: dict[str, int],
) -> None:
    """Every picture in one look; that of the set-up if there is a link."""
    context = browser.new_context(
        viewport=SIZES[look],
        color_scheme="dark" if look == "dark" else "light",
        locale="ru-RU",
        timezone_id="Asia/Almaty",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if set_up_link:
        page.goto(set_up_link)
        keep(page, SET_UP, look)
    if shots:
        sign_in(page, club)
    for shot in shots:
        page.goto(club.address + shot.path.format_map(made), wait_until="load")
        for key in shot.keys:
            (page.keyboard.type if len(key) == 1 else page.keyboard.press)(key)
        keep(page, shot.name, look)
    context.close()


def keep(page: Page, name: str, look: str) -> None:
    """Picture what is open."""
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate(PAINTED)
    target = FOLDER / f"{name}-{look}.png"
    page.screenshot(path=target)
    # A page has few colours: so a picture takes a third of the room.
    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(target, optimize=True)
    print(target.relative_to(ROOT))


def main(names: list[str]) -> None:
    """Take the pictures called `names`, or all."""
    shots = [shot for shot in SHOTS if not names or shot.name in names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="lovhub-demo-") as folder,
        tempfile.TemporaryDirectory(prefix="lovhub-empty-") as empty,
    ):
        process, club = start_club(Path(folder))
        without_owner, link = start_without_owner(Path(empty))
        try:
            time.sleep(LIVE_SECONDS)
            with chromium(
                Path(folder) / "cert.pem", Path(empty) / "cert.pem", language="ru"
            ) as browser:
                made = furnish(browser, club)
                for look in SIZES:
                    set_up_link = link if not names or SET_UP in names else ""
                    take(browser, club, set_up_link, look, shots, made)
        finally:
            stop(process)
            stop(without_owner)


if __name__ == "__main__":
    main(sys.argv[1:])
