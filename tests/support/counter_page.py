"""The counter on the page «Компьютеры», for tests with real keys and clicks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Event
from lovhub.server.live import HallRow
from lovhub.server.sessions import queries, service
from tests.support.club import OWNER, People
from tests.support.live_desk import LiveDesk, changed, open_hall
from tests.support.web import row

PRICE = 500_00


@dataclass
class Counter:
    """The counter on the page «Компьютеры», whose hall is the club's own."""

    page: Page
    live: LiveDesk
    club: ClubContext
    people: People

    def computers(self, *names: str) -> list[int]:
        """PCs by these names, linked."""
        ids = [self.people.computer(name) for name in names]
        self._rows = dict(zip(ids, names, strict=True))
        self.refresh()
        return ids

    def refresh(self) -> None:
        """Show the sessions as they are in the database."""
        with self.club.read() as db:
            sessions = queries.hall_sessions(db, self.club.club_id, self.club.clock.now())
        self.live.show(*(row(pc, name, sessions.get(pc)) for pc, name in self._rows.items()))

    def unlink(self, computer_id: int) -> None:
        """The PC goes silent."""
        rows: list[HallRow] = self.live.web.hall.rows
        self.live.show(
            *(
                changed(shown, link="lost") if shown.computer_id == computer_id else shown
                for shown in rows
            )
        )

    def guest(self, computer_id: int) -> int:
        """A guest plays there for an hour."""
        session = service.seat_guest(
            self.club,
            computer_id=computer_id,
            tariff_id=self.people.tariff(price_tiyn=PRICE),
            method="cash",
            guest_name="Аслан",
            key=f"guest {computer_id}",
            actor=OWNER,
        )
        self.refresh()
        return session

    def open(self) -> None:
        """The page, live."""
        open_hall(self.page, self.live)

    def type(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def close_result(self) -> None:
        """The result has the focus: Enter is enough."""
        expect(self.by_test("close")).to_be_focused()
        self.type("Enter")
        expect(self.dialog).to_have_count(0)

    @property
    def dialog(self) -> Locator:
        """What is open."""
        return self.page.locator("#dialog[open]")

    def by_test(self, name: str) -> Locator:
        """A part of what is open."""
        return self.dialog.locator(f"[data-test={name}]")

    def bar(self, name: str) -> Locator:
        """A button for the selected PCs."""
        return self.page.locator(f"#selection [data-test=selected-{name}]")

    def expect_toast(self, words: str) -> None:
        """A short word that it is done."""
        expect(self.page.locator("#toasts")).to_contain_text(words)

    def events(self, kind: str) -> list[Event]:
        """What the journal says of a kind."""
        with self.club.read() as db:
            return list(db.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))

    def seconds_left(self) -> dict[int, int]:
        """Seconds left at each PC that is taken."""
        with self.club.read() as db:
            live = queries.hall_sessions(db, self.club.club_id, self.club.clock.now())
        return {computer_id: session.seconds_left for computer_id, session in live.items()}


@contextmanager
def one_request(page: Page, path: str) -> Iterator[None]:
    """However often a button is pressed, the form is sent once."""
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    yield
    assert len([url for url in sent if path in url]) == 1
