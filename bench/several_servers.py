"""One club's several servers on one PostgreSQL, a hall of virtual PCs behind a balancer, and what must hold of them.

`bench.chain` takes one of them away, or the database.
"""

import asyncio
import contextlib
import dataclasses
import http.client
import json
import random
import shutil
import ssl
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text

from bench.balancer import Balancer, to
from lovhub.agent.journal import Journal
from lovhub.agent.settings import Address
from lovhub.agent.store import Membership, MemoryStore
from lovhub.clock import SystemClock
from lovhub.protocol import channel
from lovhub.server.bus import Bus
from lovhub.server.certificate import ensure_certificate
from lovhub.server.computers import service as computers
from lovhub.server.context import ClubContext
from lovhub.server.customers.models import Customer
from lovhub.server.database import tables  # noqa: F401 (a statement of one domain needs all that it refers to)
from lovhub.server.database.engine import Database
from lovhub.server.database.migrate import migrate
from lovhub.server.database.row_seals import SealKey
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerPosting
from lovhub.server.nodes.models import ComputerLink, Node
from lovhub.server.nodes.roles import Role
from lovhub.server.sessions.models import PlaySession
from lovhub.server.staff import service as staff
from lovhub.simulator.virtual_pc import Place, VirtualPc
from tests.support.club import OWNER, People
from tests.support.postgres import PostgresServer
from tests.support.serving import Serving

NODES = 3
COMPUTERS = 24
TOP_UP_TIYN = 1_000
PATIENCE_SECONDS = 60.0
ASK_SECONDS = 5.0
SECRET_KEY = "a chain of three"
PASSWORD = "owner's password"


_WAITS = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = :name AND wait_event_type = 'Lock')"
)


class Way(Protocol):
    """From a server to its database."""

    host: str
    port: int

    async def start(self) -> None:
        """Make it."""

    async def cut(self) -> None:
        """Nothing flows any more."""

    async def mend(self) -> None:
        """It flows again."""

    async def stop(self) -> None:
        """Take it away."""


def by_proxy(_number: int, socket: Path) -> Way:
    """A way that, cut, takes every word and answers none."""
    return Balancer([lambda: asyncio.open_unix_connection(socket)])


class CountingPc(VirtualPc):
    """Notes each command that it carries out."""

    commands: Counter[str]

    def _command(self, command: channel.Command) -> None:
        self.commands[command.command_id] += 1
        super()._command(command)


@dataclasses.dataclass
class Chain:
    """The club, its servers, what is between them and the hall, and the hall."""

    postgres: PostgresServer
    club: ClubContext
    servers: list[Serving]
    desks: list[Serving]
    """Those that answer pages."""
    to_database: list[Way]
    balancer: Balancer
    """Before what the desk asks."""
    to_channel: Balancer
    """Before what PCs say."""
    hall: list[CountingPc]
    commands: Counter[str]
    token: str
    tls: ssl.SSLContext
    customer_id: int
    tariff_id: int
    computer_ids: list[int]
    between_seconds: float = 0.0
    """So long the desk waits between two top-ups: not at all, where the busiest moment is wanted."""
    seated_at: float = 0.0
    topped_up: list[str] = dataclasses.field(default_factory=list)
    unanswered: int = 0

    # --- what people ask of one server ------------------------------------------------------------

    def ask(self, port: int, method: str, path: str, body: object = None) -> Any:
        """The API's answer; OSError or HTTPException if there is none, LookupError if it is a refusal."""
        connection = http.client.HTTPSConnection(
            "localhost", port, context=self.tls, timeout=ASK_SECONDS
        )
        try:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            read = answer.read()
        finally:
            connection.close()
        if answer.status >= 500:
            raise OSError(read[:200])
        said = json.loads(read or b"{}")
        if answer.status >= 400:
            raise LookupError(said)
        return said

    def linked(self, port: int) -> int:
        """How many PCs this server shows as linked."""
        rows = self.ask(port, "GET", "/computers")["computers"]
        return sum(row["link"] == "linked" for row in rows)

    def seat_all(self) -> None:
        """A guest at each PC, sold by the servers in turn."""
        self.seated_at = time.time()
        for number, computer_id in enumerate(self.computer_ids):
            self.ask(
                self.desks[number % len(self.desks)].port,
                "POST",
                f"/computers/{computer_id}/guests",
                {
                    "tariff_id": self.tariff_id,
                    "method": "cash",
                    "key": f"guest-of-pc-{number}",
                    "night_leave": "adult",  # whatever the hour is
                },
            )

    def top_up_until(self, is_over: Callable[[], bool]) -> None:
        """Top-up after top-up, by whichever server answers."""
        while not is_over():
            self.top_up(self.balancer.port)
            time.sleep(self.between_seconds)

    def top_up(self, port: int) -> None:
        """One, asked for until it is answered; raises TimeoutError."""
        key, began = self.new_key(), time.monotonic()
        while not self.tops_up(port, key):
            if time.monotonic() - began > PATIENCE_SECONDS:
                message = "a top-up was not answered within a minute"
                raise TimeoutError(message)
            self.unanswered += 1
            time.sleep(0.1)

    def new_key(self) -> str:
        """Of a top-up that must have been booked once in the end."""
        key = str(uuid.uuid4())
        self.topped_up.append(key)
        return key

    def tops_up(self, port: int, key: str) -> bool:
        """Whether the top-up of this key is answered there."""
        body = {"amount_tiyn": TOP_UP_TIYN, "method": "cash", "key": key}
        try:
            self.ask(port, "POST", f"/customers/{self.customer_id}/top-ups", body)
        except (OSError, http.client.HTTPException):
            return False
        return True

    def message_until(self, is_over: Callable[[], bool], port: int) -> None:
        """Message after message to PCs, wherever they are linked."""
        while not is_over():
            computer_id = random.choice(self.computer_ids)
            with contextlib.suppress(OSError, LookupError, http.client.HTTPException):
                self.ask(port, "POST", f"/computers/{computer_id}/messages", {"text": "Привет"})
            time.sleep(0.05)

    @asynccontextmanager
    async def customer_locked(self) -> AsyncIterator[None]:
        """Whoever tops up waits in the database until this ends."""
        # In threads: what flows between the servers and the database does so in this loop.
        lock = select(Customer.id).where(Customer.id == self.customer_id).with_for_update()
        connection = await asyncio.to_thread(self.club.database.engine.connect)
        try:
            await asyncio.to_thread(connection.execute, lock)
            yield
        finally:
            await asyncio.to_thread(connection.close)

    def waits(self, number: int) -> bool:
        """Whether a transaction of this server waits for another."""
        with self.club.read() as db:
            return bool(db.scalar(_WAITS, {"name": _name(number)}))

    def spread(self) -> list[int]:
        """How many PCs each server has, the fewest first; servers without any are not counted."""
        with self.club.read() as db:
            counted = db.scalars(
                select(func.count()).select_from(ComputerLink).group_by(ComputerLink.node_id)
            )
            return sorted(counted)

    def most_in_a_second(self, since: float) -> int:
        """How many connections PCs tried to make in the busiest second since then."""
        tries = [at for at in self.to_channel.taken_at if at >= since]
        return max((sum(at <= other < at + 1 for other in tries) for at in tries), default=0)

    # --- what must hold ---------------------------------------------------------------------------

    def is_as_before(self, ports: list[int]) -> bool:
        """All PCs linked, shown so by each of these desks' servers, and all sessions active; no server is dead."""
        with contextlib.suppress(OSError, http.client.HTTPException, LookupError):
            if any(self.linked(port) < len(self.computer_ids) for port in ports):
                return False
            with self.club.read() as db:
                active = db.scalar(
                    select(func.count())
                    .where(PlaySession.state == "active")
                    .select_from(PlaySession)
                )
                nodes = db.scalar(select(func.count()).select_from(Node))
            return active == len(self.computer_ids) and nodes == len(ports) + len(
                self.servers
            ) - len(self.desks)
        return False

    def wrongs(self) -> list[str]:
        """All that is not as it must be; nothing."""
        found = [f"command run {n} times" for n in self.commands.values() if n > 1]
        most = int(time.time() - self.seated_at) + 2
        with self.club.read() as db:
            found += [f"the books: {difference}" for difference in check_ledger(db)]
            for key in self.topped_up:
                booked = db.scalar(
                    select(func.count()).where(LedgerPosting.key.contains(key))
                    .select_from(LedgerPosting)
                )  # fmt: skip
                if booked != 1:
                    found.append(f"a top-up was booked {booked} times")
            for row in db.scalars(select(PlaySession)):
                if row.state == "ended":
                    found.append("a session has ended")
                if row.played_seconds > most:
                    found.append(f"{row.played_seconds} s billed within {most} s")
        return found


def _name(number: int) -> str:
    """Under which PostgreSQL knows a server."""
    return f"lovhub-{number}"


def folders_of(root: Path, urls: list[str], identity: Ed25519PrivateKey) -> list[Path]:
    """The servers' folders: one club's keys, each with its own way to the database."""
    first = root / "0"
    first.mkdir()
    ensure_certificate(first, time.time())
    (first / "identity.pem").write_bytes(
        identity.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    copies = range(1, len(urls))
    folders = [first, *(shutil.copytree(first, root / str(number)) for number in copies)]
    for folder, url in zip(folders, urls, strict=True):
        text = f"[Flask]\nSecretKey = {SECRET_KEY}\n[Database]\nUrl = {url}\n"
        (folder / "config.ini").write_text(text, encoding="utf-8")
    return folders


@contextmanager
def _club(url: str, identity: Ed25519PrivateKey) -> Iterator[ClubContext]:
    database = Database(url, SealKey(SECRET_KEY.encode()))
    try:
        migrate(database)
        yield ClubContext(database, SystemClock(), Bus(), identity, SECRET_KEY.encode())
    finally:
        database.close()


@asynccontextmanager
async def chain(
    root: Path,
    postgres: PostgresServer,
    *,
    computers_count: int = COMPUTERS,
    roles: Sequence[Role] = (Role.ALL,) * NODES,
    way_to_database: Callable[[int, Path], Way] = by_proxy,
) -> AsyncIterator[Chain]:
    """Servers of these roles, and a hall that plays at them."""
    identity = Ed25519PrivateKey.generate()
    name = postgres.create_database()
    ways = [way_to_database(number, postgres.socket) for number, _ in enumerate(roles)]
    async with AsyncExitStack() as stack:
        for way in ways:
            stack.push_async_callback(way.stop)
            await way.start()
        urls = [
            f"postgresql+psycopg://lovhub@{way.host}:{way.port}/{name}?application_name={_name(number)}"
            for number, way in enumerate(ways)
        ]
        folders = folders_of(root, urls, identity)
        club = stack.enter_context(_club(postgres.url(name), identity))
        staff.create_owner_from_config(club, login="owner", password=PASSWORD)
        people = People(club)
        stores = []
        certificate = (folders[0] / "cert.pem").read_text()
        for number in range(computers_count):
            store = MemoryStore()
            key = store.private_key().public_key().public_bytes_raw()
            paired = computers.pair(club, hostname=f"PC-{number}", public_key=key, actor=OWNER)
            member = Membership(
                paired.computer_id, paired.token, identity.public_key().public_bytes_raw()
            )
            store.join(member, certificate)
            stores.append((paired.computer_id, store))
        token = staff.sign_in(
            club, login="owner", password=PASSWORD, address="127.0.0.1", user_agent=""
        )
        customer_id, tariff_id = people.customer(), people.tariff()
        servers = [
            await asyncio.to_thread(Serving, folder, "--role", role)
            for folder, role in zip(folders, roles, strict=True)
        ]
        desks = [server for server, role in zip(servers, roles, strict=True) if role.answers_pages]
        balancer, to_channel = (Balancer([to(server.port) for server in servers]) for _ in range(2))
        await balancer.start()
        await to_channel.start()
        commands: Counter[str] = Counter()
        place = Place(Address("127.0.0.1", to_channel.port), SystemClock(), Counter())
        hall = []
        for number, (_computer_id, store) in enumerate(stores):
            pc = CountingPc(number, place, store, Journal(None))
            pc.commands = commands
            hall.append(pc)
        try:
            for pc in hall:
                pc.switch_on()
            found = Chain(
                postgres, club, servers, desks, ways, balancer, to_channel, hall, commands, token,
                ssl.create_default_context(cadata=certificate), customer_id, tariff_id,
                [computer_id for computer_id, _store in stores],
            )  # fmt: skip
            for server in desks:
                await until(lambda server=server: found.linked(server.port) == computers_count)  # type: ignore[misc]
            await asyncio.to_thread(found.seat_all)
            await until(lambda: found.is_as_before([server.port for server in desks]))
            yield found
        finally:
            for pc in hall:
                await pc.cut()
                pc.close()
            await asyncio.gather(*(asyncio.to_thread(server.program.stop) for server in servers))
            for balancing in (balancer, to_channel):
                await balancing.stop()


async def until(question: Callable[[], object]) -> float:
    """Ask, in a thread, until the answer is true; returns for how long, in seconds."""
    began = time.monotonic()
    while not await asyncio.to_thread(question):
        if time.monotonic() - began > PATIENCE_SECONDS:
            message = "not within a minute"
            raise TimeoutError(message)
        await asyncio.sleep(0.1)
    return time.monotonic() - began
