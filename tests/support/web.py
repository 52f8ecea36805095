"""The web admin's surroundings for tests: a hall, pairings and commands that a test arranges."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Undefined
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.utils import missing
from werkzeug.test import TestResponse

from lovhub.server.actor import Actor
from lovhub.server.backups.keeper import Keeper, Restorations
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.libraries.rules import Findings
from lovhub.server.live import (
    Attention,
    EndingSession,
    HallRow,
    HallSession,
    HallZone,
    LiveSnapshot,
    OpenAlarm,
    OpenCall,
    PendingPairing,
    counts_of,
)
from lovhub.server.payments import at_desk
from lovhub.server.payments.settings import Payments
from lovhub.server.remote.rules import Order, Standing
from lovhub.server.staff import queries as staff_queries
from lovhub.server.state import Server
from lovhub.server.status.board import Board
from lovhub.server.updates.packages import Carried, Offered
from lovhub.server.updates.rules import is_behind
from lovhub.server.updates.turns import Linked, Turns
from lovhub.server.web.app import create_flask_app
from tests.support.club import data_folder
from tests.support.staff import PASSWORD, StaffMaker


class _CompiledTemplates(BytecodeCache):
    """What a template was compiled to, for all applications of this process: each test makes its own."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


class _Told(Undefined):
    """In a club a template says nothing of what a thing has not; here it must not ask for it.

    Parts of a page that were not given are left out on purpose, and so are entries of a dictionary.
    """

    def _is_left_out(self) -> bool:
        return self._undefined_obj is missing or isinstance(self._undefined_obj, Mapping)

    def __bool__(self) -> bool:
        return False if self._is_left_out() else self._fail_with_undefined_error()

    def __str__(self) -> str:
        return "" if self._is_left_out() else self._fail_with_undefined_error()


_COMPILED_TEMPLATES = _CompiledTemplates()
_SPARE: list[Flask] = []

ADDRESS = "https://localhost"
OWNER_LOGIN = "owner"
OWNER_PASSWORD = PASSWORD
SETUP_TOKEN = "one-time-token"


@dataclass
class FakeHall:
    """Shows what the test put into it."""

    rows: list[HallRow] = field(default_factory=list)
    pairings: list[PendingPairing] = field(default_factory=list)
    alarms: list[OpenAlarm] = field(default_factory=list)
    zones: list[HallZone] = field(default_factory=list)
    calls: list[OpenCall] = field(default_factory=list)
    endings: list[EndingSession] = field(default_factory=list)

    def attention(self) -> Attention:
        seen = self.snapshot()
        return Attention(seen.counts, seen.calls, seen.alarms, seen.endings)

    def snapshot(self, only: frozenset[int] | None = None) -> LiveSnapshot:
        rows = [row for row in self.rows if only is None or row.computer_id in only]
        return LiveSnapshot(
            counts=counts_of(row.status for row in rows),
            rows=tuple(rows),
            pairings=tuple(self.pairings),
            alarms=tuple(self.alarms),
            zones=tuple(self.zones),
            calls=tuple(self.calls),
            endings=tuple(self.endings),
        )


@dataclass
class FakePairings:
    """Remembers what the desk decided; knows only the pairings in `waiting`."""

    waiting: set[str] = field(default_factory=set)
    approved: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def approve(self, pairing_id: str, actor: Actor, name: str = "") -> int:
        if pairing_id not in self.waiting:
            raise OperationRefused("pairing_gone")
        if name in self.taken:
            raise OperationRefused("name_taken")
        self.names.append(name)
        self.approved.append(pairing_id)
        return 1

    def refuse(self, pairing_id: str, actor: Actor) -> None:
        self.refused.append(pairing_id)


@dataclass
class FakeCommands:
    """Remembers messages; PCs in `silent` are not linked."""

    silent: set[int] = field(default_factory=set)
    sent: list[tuple[int, str]] = field(default_factory=list)
    found: dict[str, Findings] = field(default_factory=dict)
    linked: dict[int, frozenset[str]] = field(default_factory=dict)

    def send_message(self, computer_id: int, text: str, actor: Actor) -> str:
        if not text.strip():
            raise OperationRefused("text_missing")
        if computer_id in self.silent:
            raise OperationRefused("computer_silent")
        self.sent.append((computer_id, text))
        return "command"

    def understood(self) -> Mapping[int, frozenset[str]]:
        return self.linked

    def send(self, orders: Mapping[int, Order], actor: Actor) -> dict[int, str]:
        return dict.fromkeys(orders, "command")

    def wake(
        self, sleeping: Mapping[int, Standing], helpers: Mapping[int, list[int]], actor: Actor
    ) -> dict[int, str]:
        return dict.fromkeys(sleeping, "command")

    def screenshot(self, command_id: str, staff_id: int | None) -> bytes | None:
        return None

    def findings(self, command_id: str, staff_id: int | None) -> Findings | None:
        return self.found.get(command_id)


@dataclass
class FakeUpdates:
    """Remembers who was offered which version; `linked` are the PCs that take any."""

    linked: dict[int, Linked] = field(default_factory=dict)
    offers: list[tuple[int, str, bool]] = field(default_factory=list)

    def linked_for_updates(self, lacking: str | None = None) -> Mapping[int, Linked]:
        return {
            pc: one
            for pc, one in self.linked.items()
            if lacking is None or is_behind(one.version, lacking)
        }

    def offer_update(self, computer_id: int, offered: Offered, *, again: bool) -> None:
        self.offers.append((computer_id, offered.version, again))


@dataclass
class WebAdmin:
    """A running web admin without a network."""

    club: ClubContext
    hall: FakeHall = field(default_factory=FakeHall)
    pairings: FakePairings = field(default_factory=FakePairings)
    commands: FakeCommands = field(default_factory=FakeCommands)
    updates: FakeUpdates = field(default_factory=FakeUpdates)
    staff: StaffMaker = field(init=False)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.staff = StaffMaker(self.club)
        server = Server(
            club=self.club,
            hall=self.hall,
            pairings=self.pairings,
            commands=self.commands,
            setup_token=SETUP_TOKEN,
            keeper=Keeper(self.club, data_folder(self.club), Restorations()),
            board=Board(self.club, data_folder(self.club)),
            updates=Turns(
                self.club, self.updates, Carried(data_folder(self.club), self.club.identity)
            ),
        )
        if _SPARE:
            self.app = _SPARE.pop()
            self.app.extensions["lovhub"] = server
        else:
            self.app = create_flask_app(server)
            self.app.jinja_env.bytecode_cache = _COMPILED_TEMPLATES
            self.app.jinja_env.undefined = _Told

    def give_back(self) -> None:
        """The test is over: its application serves the next one's club, since making one takes long."""
        _SPARE.append(self.app)

    def use(self, payments: Payments) -> None:
        """Let these providers be at work."""
        self.app.extensions["lovhub"] = replace(self.app.extensions["lovhub"], payments=payments)
        at_desk.install(self.club, payments)

    @property
    def keeper(self) -> Keeper:
        """The club's backups, in the folder that its embedded database lies in."""
        server: Server = self.app.extensions["lovhub"]
        return server.keeper

    def stranger(self) -> "Browser":
        """A browser that is not signed in."""
        return Browser(self.app.test_client())

    def make_owner(self) -> None:
        """The club's owner."""
        self.make_staff("owner")

    def make_staff(self, role: str, *, login: str = "", name: str = "") -> int:
        """Somebody of this role, by the persona's login and name unless told otherwise; returns their id."""
        made = self.staff.make(role, login=login or role, name=name).id
        assert made is not None
        return made

    def staff_id(self, role: str) -> int:
        """The persona of this role; made when first asked for."""
        with self.club.read() as db:
            known = staff_queries.by_login(db, self.club.club_id, role)
        return self.make_staff(role) if known is None else known.id

    def signed_in(self, role: str) -> "Browser":
        """A browser in which the persona of this role is signed in."""
        browser = self.stranger()
        browser.client.set_cookie("lovhub_session", self.token(role), secure=True)
        return browser

    def owner(self) -> "Browser":
        """A browser in which the owner is signed in."""
        return self.signed_in("owner")

    def manager(self) -> "Browser":
        """A browser in which a manager is signed in."""
        return self.signed_in("manager")

    def cashier(self) -> "Browser":
        """A browser in which a cashier is signed in."""
        return self.signed_in("cashier")

    def technician(self) -> "Browser":
        """A browser in which a technician is signed in."""
        return self.signed_in("technician")

    def token(self, role: str = "owner") -> str:
        """The token of a new staff session of the persona of this role."""
        return self.staff.signed_in(self.staff_id(role))

    def give_second_factor(self, role: str) -> str:
        """A telephone that shows codes, for the persona of this role; returns the secret in it."""
        return self.staff.give_second_factor(self.staff_id(role))


@dataclass
class Browser:
    """Asks as a browser would: over HTTPS, with the form's token and with the page it came from."""

    client: FlaskClient

    def get(self, path: str, *, htmx: bool = False) -> TestResponse:
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.get(path, base_url=ADDRESS, headers=headers)

    def post(
        self, path: str, values: Mapping[str, object], *, htmx: bool = False, token: str = ""
    ) -> TestResponse:
        """Send a form with a valid form token (of some page of ours, unless it is given)."""
        headers = {"Referer": ADDRESS + path}
        if htmx:
            headers["HX-Request"] = "true"
        return self.client.post(
            path,
            base_url=ADDRESS,
            headers=headers,
            data={**values, "csrf_token": token or self.form_token()},
        )

    def form_token(self, path: str = "") -> str:
        """The form token of the page at `path`; of any page that opens, if none is named."""
        paths = [path] if path else ["/admin/login", "/admin/customers/register"]
        for candidate in paths:
            page = self.get(candidate).text
            if 'name="csrf_token"' in page:
                return hidden_value(page, "csrf_token")
        raise AssertionError(paths)


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
