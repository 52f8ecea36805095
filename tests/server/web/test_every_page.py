"""What holds for every page there is: it opens, it loads nothing from elsewhere, and anybody can use it.

A page that is added is found by its route. If its address has a part that no other has, `SAMPLES` must say what
stands there.
"""

import io
import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from werkzeug.routing import Rule

from lovhub.protocol.views import FoundGame
from lovhub.server.applications import showing as applications
from lovhub.server.backups import service as backups
from lovhub.server.customers import service as customers
from lovhub.server.goods import service as goods
from lovhub.server.guest_time import queries as guest_time
from lovhub.server.journal import service as journal
from lovhub.server.libraries.rules import Findings
from lovhub.server.live import HallSession, OpenAlarm, PendingPairing
from lovhub.server.loyalty import promos
from lovhub.server.loyalty import service as loyalty
from lovhub.server.loyalty.rules import BonusTerms, PromoTerms
from lovhub.server.moving import service as moving
from lovhub.server.payments import service as payments
from lovhub.server.payments.settings import Payments
from lovhub.server.sessions import codes
from lovhub.server.sessions import service as sessions
from lovhub.server.shifts import service as shifts
from lovhub.server.web import navigation
from tests.support.bank import Bank
from tests.support.club import OWNER, People, data_folder
from tests.support.live_desk import LiveDesk
from tests.support.pages import page_rules
from tests.support.web import WebAdmin, row

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_LOOK = {
    "dark": ["color-contrast"],
    "phone": ["target-size", "meta-viewport", "scrollable-region-focusable"],
}
"""What another look may change: the theme the colours, the width the places. The rest of a page is the same in all."""

QUERIES = {"/admin/counter/": "?pc={computer_id}", "/admin/remote": "?pc={computer_id}"}
"""What some addresses ask for behind the question mark."""

LOOKS = ("light", "dark", "phone")


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(file, "PNG")
    return file.getvalue()


def _payment(web: WebAdmin, customer: int) -> int:
    """One that waits, with its code on the screen."""
    bank = Bank()
    web.use(Payments(bank.name, bank, {bank.name: bank}))
    return payments.create_payment(
        web.club, bank, customer_id=customer, amount_tiyn=500_00, key="furnished", actor=OWNER
    )


class Furnished:
    """A club in which every page has something to show, and an address for each of them."""

    def __init__(self, web: WebAdmin, people: People) -> None:
        computer, silent = people.computer("ПК-1"), people.computer("ПК-2")
        customer = people.customer(balance_tiyn=200_000)
        tariff = people.tariff()
        session = sessions.buy(
            web.club,
            computer_id=computer,
            customer_id=customer,
            tariff_id=tariff,
            key="furnished",
            actor=OWNER,
        )
        posting = customers.top_up(
            web.club,
            customer_id=customer,
            amount_tiyn=1_000_00,
            method="cash",
            key="furnished",
            actor=OWNER,
        )
        shift = shifts.open_shift(web.club, counted_tiyn=20_000_00, actor=OWNER)
        good = goods.create(web.club, title="Вода", price_tiyn=300_00, actor=OWNER)
        zone = people.zone()
        web.hall.zones = [zone]
        with web.club.write() as work:
            alarm = journal.raise_alarm(work, "launcher_killed", computer_id=computer)
        playing = HallSession(session, "active", "Ерлан", customer, "1 час", 280, 900, "")
        web.hall.rows = [row(computer, "ПК-1", playing), row(silent, "ПК-2")]
        web.hall.pairings = [PendingPairing("pair", "DESKTOP-9", "192.168.1.9", "123 456", 3)]
        web.hall.alarms = [OpenAlarm(alarm, "launcher_killed", "ПК-1", {}, 5)]
        web.pairings.waiting.add("pair")
        application = people.application()
        applications.set_picture(web.club, application_id=application, sent=_picture(), actor=OWNER)
        group = loyalty.create_group(web.club, name="Друзья", percent=10, actor=OWNER)
        loyalty.set_bonus_terms(web.club, terms=BonusTerms(is_on=True), actor=OWNER)
        promo = promos.create(
            web.club,
            terms=PromoTerms("Лето", "bonus", 500_00, 0, 0, None),
            codes=["SUMMER"],
            actor=OWNER,
        )
        self.samples = {
            "group_id": group,
            "promo_id": promo,
            "bonus_id": loyalty.give_bonus(
                web.club,
                customer_id=customer,
                amount_tiyn=1_00,
                reason="Приз",
                key="bonus",
                actor=OWNER,
            ),
            "hall_id": zone.hall_id,
            "zone_id": zone.zone_id,
            "computer_id": computer,
            "customer_id": customer,
            "posting_id": posting,
            "tariff_id": tariff,
            "session_id": session,
            "alarm_id": alarm,
            "pairing_id": "pair",
            "application_id": application,
            "name": backups.make(web.club, data_folder(web.club), kind="by_hand", actor=OWNER).name,
            "move_id": moving.bring(
                web.club,
                file_name="gizmo.csv",
                content="Логин;Баланс\nsniper;15\nsniper;1".encode(),
                actor=OWNER,
            ),
            "good_id": good,
            "lot_id": self._guests_lot(web, tariff),
            "shift_id": shift,
            "staff_id": web.staff_id("cashier"),
            "staff_session_id": 1,
            "payment_id": _payment(web, customer),
            "refund_id": 1,
            "command_id": "none",
        }
        web.commands.found["none"] = Findings(
            computer,
            ("steam", "epic"),
            (
                FoundGame(
                    "Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",), is_guess=True
                ),
                FoundGame("Rust", "steam", "steam://rungameid/252490"),
            ),
            3,
        )

    @staticmethod
    def _guests_lot(web: WebAdmin, tariff: int) -> int:
        """What a guest has paid for and will play later."""
        codes.sell_seat_code(
            web.club,
            tariff_id=tariff,
            method="cash",
            computer_id=None,
            guest_name="Тимур",
            actor=OWNER,
            key="furnished code",
        )
        with web.club.read() as db:
            return guest_time.page(db, 1, now=web.club.clock.now()).rows[0].lot_id

    def address(self, rule: Rule) -> str:
        """The page's address with the samples in it."""
        missing = rule.arguments - self.samples.keys()
        assert not missing, f"{rule.rule}: give a sample of {missing}"
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(self.samples[part[1]]), rule.rule)
        for part, query in QUERIES.items():
            if part in rule.rule:
                address += query.format_map(self.samples)
        return address


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
def test_every_page_is_within_reach_of_everybody_and_of_itself_and_is_pictured(
    web: WebAdmin, people: People, live: LiveDesk, visitor: Page
) -> None:
    furnished = Furnished(web, people)
    owner = web.owner()
    own = urlsplit(live.address).netloc
    outside: list[str] = []
    wrong: list[str] = []
    whole: set[str] = set()
    first = "reports.dashboard"

    visitor.on(
        "request",
        lambda asked: outside.append(asked.url) if urlsplit(asked.url).netloc != own else None,
    )
    visitor.on("pageerror", lambda error: wrong.append(f"{visitor.url}: {error}"))
    visitor.on(
        "console",
        lambda said: wrong.append(f"{visitor.url}: {said.text}") if said.type == "error" else None,
    )
    for rule in page_rules(web.app):
        address = furnished.address(rule)
        answer = owner.get(address)
        assert answer.status_code in {200, 302, 303}, f"{address}: {answer.status_code}"
        if answer.status_code != 200 or not answer.data.startswith(b"<!doctype html>"):
            continue  # a part of a page, data, a file to keep, or the way to another page
        if owner.get(address, htmx=True).data.startswith(b"<!doctype html>"):
            whole.add(rule.endpoint)  # else it is a dialog, too
        for look in LOOKS:
            put_on(visitor, look)
            if look == LOOKS[0]:
                visitor.goto(live.address + address)
            # What stands around the content is the same on all: looked at once, and whole pages once as such.
            is_first = rule.endpoint == first
            part = (
                "html" if is_first or (look == "light" and rule.endpoint in whole) else "#content"
            )
            wrong += [f"{rule.rule}, {look}: {it}" for it in _problems(visitor, look, part)]
    assert outside == []
    assert not wrong, "\n".join(wrong)
    assert never_pictured(web, whole) == set()


def never_pictured(web: WebAdmin, whole: set[str]) -> set[str]:
    """Which of these pages `make screenshots` forgets: a page that is added gets its line in the script's `SHOTS`."""
    assert whole > {place.endpoint for place in navigation.AT_HAND + navigation.MANAGEMENT}
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
  return [found.violations, html.scrollWidth - html.clientWidth];
}
"""


def _problems(page: Page, look: str, part: str) -> list[str]:
    """What axe finds wrong in a part of the open page, once the page has followed the system's theme."""
    theme = "dark" if look == "dark" else "light"
    violations, sideways = page.evaluate(LOOKED_AT, [part, RULES_OF_LOOK.get(look, RULES), theme])
    return [
        *(
            f"{violation['id']}: {node['html'][:160]}: {node['failureSummary'].splitlines()[-1].strip()}"
            for violation in violations
            for node in violation["nodes"]
        ),
        *([f"scrolls sideways by {sideways} px"] if sideways > 0 else []),
    ]
