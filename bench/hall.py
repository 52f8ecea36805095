"""A club in a folder of its own, its server as a club starts it, and PCs that speak to it."""

import asyncio
import contextlib
import itertools
import math
import secrets
import ssl
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bench import wire
from bench.processes import Program
from lovhub import config_loader
from lovhub.clock import SystemClock
from lovhub.protocol import CHANNEL_PATH, HEARTBEAT_SECONDS, PROTOCOL_VERSION
from lovhub.protocol.channel import (
    Ack,
    ClientFrame,
    Heartbeat,
    Hello,
    ReportedSession,
    ServerFrame,
    ServerHello,
    Welcome,
    client_codec,
    server_codec,
)
from lovhub.server.certificate import ensure_certificate
from lovhub.server.computers.models import Computer
from lovhub.server.computers.service import token_hash
from lovhub.server.context import ClubContext
from lovhub.server.data_folder import ensure_config, ensure_identity, open_folder, seal_key
from tests.evening.processes import free_port
from tests.support.club import found_club
from tests.support.databases import new_sqlite
from tests.support.staff import StaffMaker

HELLO_SECONDS = 120.0
KEEP_ALIVE_SECONDS = 1.5 * HEARTBEAT_SECONDS
LOOK_SECONDS = 0.5 * HEARTBEAT_SECONDS
LOOKED_AT_BY_PARTS = 500
"""So many parts of a hall, each looked at once in LOOK_SECONDS."""
_ACK = server_codec.encode(Ack(seq=0)).partition(b"seq")[0]

_keepers: set[asyncio.Task[None]] = set()


class Beating(Protocol):
    """What is cut off where it says nothing for long; `beat_at` by the loop's clock."""

    beat_at: float
    is_lost: bool

    def beat(self) -> None:
        """«I am here»."""
        ...


Kept = TypeVar("Kept", bound=Beating)


@dataclass(frozen=True)
class ServedClub:
    """A club whose server runs. `tokens`: of its PCs, by their ids; `owner_token`: of a signed-in owner."""

    folder: Path
    port: int
    program: Program
    tls: ssl.SSLContext
    tokens: dict[int, str]
    owner_token: str


@dataclass(frozen=True)
class Founded:
    """A club in its folder, without a server."""

    folder: Path
    club: ClubContext
    tokens: dict[int, str]
    owner_token: str


def found_bare(folder: Path, url: str | None = None) -> ClubContext:
    """A club without anybody in a fresh folder that a server can run on; who asks must close its database.

    `url`: of a migrated database to use instead of a file.
    """
    opened = open_folder(folder)
    config = ensure_config(opened)
    ensure_identity(opened)
    ensure_certificate(folder, time.time())
    if url is not None:
        config_loader.set_option(opened.config_path, "Database", "Url", url)
    opened.close()
    club = found_club(url or new_sqlite(folder / "lovhub.sqlite3"), SystemClock(), seal_key(config))
    # Whoever signs in here goes on at the server, which vouches for them by its own key.
    return replace(club, secret_key=config.secret_key.encode())


def seen_before(number: int) -> dict[str, str]:
    """What the club knows of a PC since its last hello: the next one (`Pc`) says nothing else."""
    return {
        "hostname": f"DESKTOP-{number}",
        "journal_id": f"journal-{number}",
        "boot_id": f"boot-{number}",
        "agent_version": "0.1",
        "operating_system": "Windows 11",
        "last_address": "127.0.0.1",
    }


def found(folder: Path, computers: int) -> Founded:
    """A club with so many PCs in a fresh folder, each of which was here before; who asks must close its database."""
    club = found_bare(folder)
    tokens = {number: secrets.token_urlsafe(32) for number in range(1, computers + 1)}
    with club.write() as work:
        work.db.add_all(
            Computer(
                id=number,
                club_id=work.club_id,
                name=f"ПК-{number}",
                number=number,
                public_key=bytes(32),
                token_hash=token_hash(token),
                paired_at=work.now,
                **seen_before(number),
            )
            for number, token in tokens.items()
        )
    staff = StaffMaker(club)
    owner_token = staff.signed_in(staff.make("owner").id)
    return Founded(folder, club, tokens, owner_token)


@contextlib.contextmanager
def served(founded: Founded, *other: str) -> Iterator[ServedClub]:
    """The server of the club, on the server's core. `other`: a module and its first words, not `lovhub`."""
    founded.club.database.close()
    folder, port = founded.folder, free_port()
    words = ("serve", "--data", str(folder), "--host", "127.0.0.1", "--port", str(port))
    with Program(*(other or ("lovhub",)), *words) as program:
        program.said("Запуск сервера в режиме HTTPS...")
        tls = trusting(folder)
        yield ServedClub(folder, port, program, tls, founded.tokens, founded.owner_token)


@contextlib.contextmanager
def fresh_club(computers: int) -> Iterator[ServedClub]:
    """A club that is thrown away at the end, and its server."""
    with tempfile.TemporaryDirectory(prefix="lovhub-bench-") as name:
        folder = Path(name) / "club"
        with served(found(folder, computers)) as running:
            yield running


def trusting(folder: Path) -> ssl.SSLContext:
    """Trusts exactly the certificate in this folder."""
    return ssl.create_default_context(cadata=(folder / "cert.pem").read_text())


class Pc(wire.Socket):
    """A paired PC. `acknowledged` is called at each answer to a heartbeat, `frame_heard` with all else that comes."""

    def __init__(self, computer_id: int, token: str, report: ReportedSession | None = None) -> None:
        super().__init__(CHANNEL_PATH)
        self.computer_id = computer_id
        self.application_id: int | None = None
        self.beat_at = 0.0
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.acknowledged: Callable[[], None] = lambda: None
        self.frame_heard: Callable[[ServerFrame], None] = lambda _frame: None
        self.heard = self._hear
        self._token = token
        self._report = report
        self._seq = 0

    def beat(self) -> None:
        """«I am here»."""
        self._seq += 1
        self.beat_at = asyncio.get_running_loop().time()
        self.tell(Heartbeat(seq=self._seq, lock="locked", application_id=self.application_id))

    def tell(self, frame: ClientFrame) -> None:
        """Send a frame."""
        self.say(client_codec.encode(frame))

    def connection_lost(self, exc: Exception | None) -> None:
        """See Protocol."""
        super().connection_lost(exc)
        if not self.welcomed.done():
            self.welcomed.set_exception(exc or ConnectionError("closed before it was welcomed"))
            self.welcomed.exception()  # at the end of a measure nobody asks any more

    def _hear(self, text: bytes) -> None:
        if text.startswith(_ACK):
            self.acknowledged()
            return
        frame = server_codec.decode(text)
        if isinstance(frame, ServerHello):
            self.tell(self._hello())
        elif isinstance(frame, Welcome) and not self.welcomed.done():
            self.welcomed.set_result(None)
        self.frame_heard(frame)

    def _hello(self) -> Hello:
        seen = seen_before(self.computer_id)
        return Hello(
            protocol=PROTOCOL_VERSION,
            agent_version=seen["agent_version"],
            computer_id=self.computer_id,
            token=self._token,
            boot_id=seen["boot_id"],
            hostname=seen["hostname"],
            operating_system=seen["operating_system"],
            journal_id=seen["journal_id"],
            lock="locked",
            commands=("message",),
            session=self._report,
        )


async def link(
    club: ServedClub,
    reports: Mapping[int, ReportedSession] | None = None,
    *,
    within_seconds: float = math.inf,
) -> list[Pc]:
    """The PCs of the club, connected and welcomed; `reports`: the sessions that some of them play.

    All of them, or as many as have come in by then.
    """
    end = time.monotonic() + within_seconds

    async def one(computer_id: int, token: str) -> Pc | None:
        if time.monotonic() > end:
            return None
        report = (reports or {}).get(computer_id)
        pc = await wire.open_socket(club.port, club.tls, lambda: Pc(computer_id, token, report))
        await asyncio.wait_for(pc.welcomed, HELLO_SECONDS)
        return pc

    return await kept_alive([lambda known=known: one(*known) for known in club.tokens.items()])


async def kept_alive(works: Sequence[Callable[[], Coroutine[Any, Any, Kept | None]]]) -> list[Kept]:
    """What these have linked, as far as they have: each beats at once, and then now and then."""
    linked: list[Kept] = []

    async def one(work: Callable[[], Coroutine[Any, Any, Kept | None]]) -> Kept | None:
        pc = await work()
        if pc is not None:
            pc.beat()
            linked.append(pc)
        return pc

    keeper = asyncio.create_task(_keep_alive(linked))
    _keepers.add(keeper)
    keeper.add_done_callback(_keepers.discard)
    all_of_them = await wire.few_at_a_time([lambda work=work: one(work) for work in works])
    return [pc for pc in all_of_them if pc is not None]


async def _keep_alive(pcs: Sequence[Beating]) -> None:
    """A PC that says nothing for long would be cut off: those that the measure lets wait beat now and then.

    A few in one moment: what is measured must not wait until hundreds have been answered.
    """
    for part in itertools.cycle(range(LOOKED_AT_BY_PARTS)):
        await asyncio.sleep(LOOK_SECONDS / LOOKED_AT_BY_PARTS)
        now = asyncio.get_running_loop().time()
        for pc in pcs[part::LOOKED_AT_BY_PARTS]:
            if not pc.is_lost and now - pc.beat_at > KEEP_ALIVE_SECONDS:
                pc.beat()
