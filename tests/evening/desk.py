"""The desk: a real Chromium with somebody at it, page by page."""

import re
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

WAIT_MS = 60_000


def zone_where_it_is_noon(now: datetime) -> str:
    """Where an evening of a test lies within one day: at midnight what was sold is no longer today's."""
    return f"Etc/GMT{now.hour - 12:+d}"  # west of Greenwich has the plus there


class Desk:
    """What a member of staff does in the admin. Every unexpected script error fails the evening."""

    def __init__(self, browser: Browser, address: str, shots: Path) -> None:
        context = browser.new_context(
            viewport={"width": 1366, "height": 768},
            locale="ru-RU",
        )
        context.set_default_timeout(WAIT_MS)
        self.address = address
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._shots = shots
        expect.set_options(timeout=WAIT_MS)

    def go(self, path: str) -> None:
        """Open a page of the admin."""
        self.page.goto(self.address + path)

    def shot(self, name: str) -> None:
        """Keep a picture for whoever looks into a failed run."""
        self._shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._shots / f"{name}.png")

    def set_up(self, address: str, *, club: str, login: str, password: str) -> None:
        """Found the club by the one-time link."""
        self.page.goto(address)
        self.page.fill("#club_name", club)
        self.page.fill("#time_zone", zone_where_it_is_noon(datetime.now(UTC)))
        self.page.fill("#name", "Айгуль")
        self.page.fill("#login", login)
        self.page.fill("#password", password)
        self.page.click("[data-test=submit]")

    def sign_in(self, login: str, password: str) -> None:
        """Sign in at /admin/login."""
        self.go("/admin/login")
        self.page.fill("#login", login)
        self.page.fill("#password", password)
        self.page.click("[data-test=submit]")
        expect(self.page.locator("h1")).to_have_text("Дашборд")

    def add_tariff(self, title: str, *, hours: int, price: str) -> None:
        """Tariffs, "+"."""
        self.go("/admin/tariffs")
        self.page.click("[data-test=add]")
        self.page.fill("#title", title)
        self.page.fill("#hours", str(hours))
        self.page.fill("#price", price)
        self.submit("Тариф добавлен")

    def add_application(self, title: str, path: str) -> None:
        """Applications, "+"."""
        self.go("/admin/applications")
        self.page.click("[data-test=add]")
        self.page.fill("#title", title)
        self.page.fill("#exe_path", path)
        self.submit("Приложение добавлено")

    def register(self, *, login: str, name: str, password: str) -> None:
        """Customers, register."""
        self.go("/admin/customers/register")
        self.page.fill("#login", login)
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.click("[data-test=submit]")
        expect(self.page.locator("[data-customer-id]")).to_have_count(1)

    def top_up(self, login: str, amount: str, shown_amount: str) -> None:
        """Customers, the row's top-up; the amount must stand in the button."""
        self.go(f"/admin/customers?q={login}")
        self.page.click("[data-test=top-up]")
        self.page.fill("#amount", amount)
        button = self.page.locator(".row-form [data-test=submit]")
        expect(button).to_have_text(re.compile(rf"Пополнить на {shown_amount}"))
        button.click()
        expect(self.page.locator("[data-test=done]")).to_contain_text("баланс пополнен")

    def balance(self, login: str) -> str:
        """What Customers shows as the balance."""
        self.go(f"/admin/customers?q={login}")
        return self._plain(self.page.locator("[data-test=balance]").inner_text())

    def open_computers(self) -> None:
        """The live page."""
        self.go("/admin/computers")

    def pairing_code(self) -> str:
        """The code of the one PC that waits."""
        return self.page.locator("[data-test=pairing-code]").inner_text()

    def approve(self) -> None:
        """Take it in."""
        self.page.click("[data-test=approve]")
        self.submit("ПК подключён")

    def row(self) -> Locator:
        """The row of the only PC."""
        return self.page.locator("#rows tr")

    def act(self, action: str) -> None:
        """Choose from the row's menu."""
        self.row().locator("summary").click()
        self.row().locator(f"[data-test={action}]").click()

    def answer(self, action: str, message: str) -> None:
        """Choose from the row's menu what only asks a question, and say yes."""
        self.act(action)
        self.submit(message)

    def sell_code(self, guest_name: str) -> str:
        """Seat a guest with a one-time code; returns the code that the desk is shown."""
        self.act("seat-guest")
        self.page.fill("#guest_name", guest_name)
        self.page.check("#with_code")
        self.page.click("dialog [data-test=submit]")
        code = self.page.locator("[data-test=seat-code]").inner_text()
        self.page.keyboard.press("Escape")
        return code

    def rename(self, name: str) -> None:
        """Give the PC its name."""
        self.act("rename")
        self.page.fill("#name", name)
        self.submit("ПК переименован")

    def seconds_left(self) -> int:
        """What the row shows as time left."""
        hours, minutes, seconds = self.row().locator(".js-left").inner_text().split(":")
        return int(hours) * 3600 + int(minutes) * 60 + int(seconds)

    def fresh_seconds_left(self) -> int:
        """The same, on a page just opened: a browser's own clock knows nothing of the test clock."""
        self.open_computers()
        return self.seconds_left()

    def figures(self) -> tuple[str, str]:
        """Sold and received today, as the dashboard shows them."""
        self.go("/admin")
        sold = self.page.locator("[data-test=sold-day]").inner_text()
        received = self.page.locator("[data-test=received-day]").inner_text()
        return self._plain(sold), self._plain(received)

    def alarms(self) -> list[str]:
        """Open alarms on the dashboard."""
        self.go("/admin")
        return self.page.locator("[data-test=alarm]").all_inner_texts()

    def problems(self) -> list[str]:
        """The dashboard's problem PCs."""
        self.go("/admin")
        return self.page.locator("[data-test=problem]").all_inner_texts()

    def log(self) -> list[str]:
        """The newest page of Logs, a line each."""
        self.go("/admin/logs")
        lines = self.page.locator("tbody tr").all_inner_texts()
        return [self._plain(line.replace("\t", " ")) for line in lines]

    def submit(self, message: str) -> None:
        """Press the dialog's button and read what it says."""
        self.page.click("dialog [data-test=submit]")
        expect(self.page.locator("#toasts")).to_contain_text(message)

    @staticmethod
    def _plain(text: str) -> str:
        return text.replace("\N{NO-BREAK SPACE}", " ").strip()
