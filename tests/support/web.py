"""The web admin's surroundings for tests: a hall, pairings and commands that a test arranges."""

import re
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.live import HallCounts, HallRow, HallSession, LiveSnapshot, PendingPairing
from lovhub.server.staff import service as staff_service
from lovhub.server.state import Server
from lovhub.server.web.app import create_flask_app

ADDRESS = "https://localhost"
OWNER_LOGIN = "owner"
OWNER_PASSWORD = "очень длинный пароль"
SETUP_TOKEN = "one-time-token"


@dataclass
class FakeHall:
    """Shows what the test put into it."""

    rows: list[HallRow] = field(default_factory=list)
    pairings: list[PendingPairing] = field(default_factory=list)

    def snapshot(self) -> LiveSnapshot:
        off = sum(row.status == "off" for row in self.rows)
        used = sum(row.status == "used" for row in self.rows)
        total = len(self.rows)
        return LiveSnapshot(
            counts=HallCounts(total=total, on=total - off, off=off, used=used),
            rows=tuple(self.rows),
            pairings=tuple(self.pairings),
            alarms=(),
        )


@dataclass
class FakePairings:
    """Remembers what the desk decided; knows only the pairings in `waiting`."""

    waiting: set[str] = field(default_factory=set)
    approved: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def approve(self, pairing_id: str, actor: Actor) -> int:
        if pairing_id not in self.waiting:
            raise OperationRefused("pairing_gone")
        self.approved.append(pairing_id)
        return 1

    def refuse(self, pairing_id: str, actor: Actor) -> None:
        self.refused.append(pairing_id)


@dataclass
class FakeCommands:
    """Remembers messages; PCs in `silent` are not linked."""

    silent: set[int] = field(default_factory=set)
    sent: list[tuple[int, str]] = field(default_factory=list)

    def send_message(self, computer_id: int, text: str, actor: Actor) -> str:
        if not text.strip():
            raise OperationRefused("text_missing")
        if computer_id in self.silent:
            raise OperationRefused("computer_silent")
        self.sent.append((computer_id, text))
        return "command"


@dataclass
class WebAdmin:
    """A running web admin without a network."""

    club: ClubContext
    hall: FakeHall = field(default_factory=FakeHall)
    pairings: FakePairings = field(default_factory=FakePairings)
    commands: FakeCommands = field(default_factory=FakeCommands)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_flask_app(
            Server(
                club=self.club,
                hall=self.hall,
                pairings=self.pairings,
                commands=self.commands,
                setup_token=SETUP_TOKEN,
            )
        )

    def stranger(self) -> "Browser":
        """A browser that is not signed in."""
        return Browser(self.app.test_client())

    def make_owner(self) -> None:
        """The club's owner."""
        with self.club.write() as work:
            staff_service.create_owner(
                work, login=OWNER_LOGIN, name="Айгуль", password=OWNER_PASSWORD
            )

    def owner(self) -> "Browser":
        """A browser in which the owner is signed in."""
        browser = self.stranger()
        token = self.token()
        browser.client.set_cookie("lovhub_session", token, secure=True)
        return browser

    def token(self) -> str:
        """The token of a new staff session of the owner."""
        return staff_service.sign_in(
            self.club,
            login=OWNER_LOGIN,
            password=OWNER_PASSWORD,
            address="127.0.0.1",
            user_agent="tests",
        )


@dataclass
class Browser:
    """Asks as a browser would: over HTTPS, with the form's token and with the page it came from."""

    client: FlaskClient

    def get(self, path: str, *, htmx: bool = False) -> TestResponse:
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.get(path, base_url=ADDRESS, headers=headers)

    def post(self, path: str, values: dict[str, object], *, htmx: bool = False) -> TestResponse:
        """Send a form without looking at it first, with a valid form token."""
        headers = {"Referer": ADDRESS + path}
        if htmx:
            headers["HX-Request"] = "true"
        return self.client.post(
            path,
            base_url=ADDRESS,
            headers=headers,
            data={**values, "csrf_token": self.form_token()},
        )

    def form_token(self) -> str:
        found = re.search(r'"X-CSRFToken": "([^"]+)"', self.get("/admin/login").text) or re.search(
            r'"X-CSRFToken": "([^"]+)"', self.get("/admin/customers").text
        )
        if found is None:
            found = re.search(r'"X-CSRFToken": "([^"]+)"', self.get("/setup").text)
        assert found is not None
        return found[1]


def row(computer_id: int, name: str, session: HallSession | None = None) -> HallRow:
    """A PC that is linked, locked unless it has a session."""
    return HallRow(
        computer_id=computer_id,
        name=name,
        hostname=f"DESKTOP-{computer_id}",
        address=f"192.168.1.{computer_id}",
        status="used" if session else "active",
        link="linked",
        lock="unlocked" if session else "locked",
        silent_seconds=0,
        session=session,
        application="",
        problem="",
    )


def hidden_value(page: str, name: str) -> str:
    """The value of a hidden field in a page."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag is not None, name
    value = re.search(r'value="([^"]*)"', tag[0])
    assert value is not None, name
    return value[1]
