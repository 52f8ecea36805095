"""A PC on which a customer signs in by their password and plays, with what its agent keeps for a power cut."""

import asyncio
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.agent.cached_sign_ins import CachedSignIns
from lovhub.agent.journal import Journal
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.state import PcState
from lovhub.agent.store import FileStore, Membership
from lovhub.clock import ManualClock
from lovhub.protocol import channel
from lovhub.protocol.lease import Lease, SignedLease, sign_lease
from lovhub.protocol.views import ApplicationView, CustomerView
from tests.agent.support.club_server import SERVER_TIME, session_view

LOGIN, PASSWORD = "Aliya_07", "домбыра 7"
ALIYA = CustomerView(customer_id=1, name="Алия", balance_tiyn=0, seconds_available=0)
ERLAN = msgspec.structs.replace(ALIYA, customer_id=2, name="Ерлан")
GAME = ApplicationView(application_id=5, title="Игра", kind="game", exe_path="/no/such/game")
LEAVE = channel.Catalog(tariffs=(), applications=(GAME,), cached_sign_ins=True)
NO_LEAVE = msgspec.structs.replace(LEAVE, cached_sign_ins=False)
LEASED = 900

identity = Ed25519PrivateKey.generate()
membership = Membership(7, "token", identity.public_key().public_bytes_raw())


def signed(session_id: int = 3, serial: int = 1) -> SignedLease:
    lease = Lease(session_id, 7, serial, LEASED, SERVER_TIME, SERVER_TIME + LEASED + 30)
    return sign_lease(identity, lease)


class Pc:
    """A PC's disk and clock, with the parts of its agent that know of sessions and sign-ins."""

    def __init__(self, folder: Path, *, is_safe: bool = True) -> None:
        self.folder = folder
        self.clock = ManualClock(SERVER_TIME)
        self.is_safe = is_safe
        self.boots = 0
        FileStore(folder).join(membership, "pem")
        self.start()
        self.keeper.server_told(SERVER_TIME)
        self.state.linked = True

    def start(self) -> None:
        self.boots += 1
        self.journal = Journal(self.folder)
        self.store = FileStore(self.folder)
        self.state = PcState("ПК-1", club_name="Клуб")
        self.keeper = SessionKeeper(self.journal, self.clock, f"boot-{self.boots}")
        self.cached = CachedSignIns(
            self.state,
            self.keeper,
            self.store,
            self.journal,
            self.clock,
            self.folder,
            is_safe=self.is_safe,
            run=asyncio.run,
        )
        self.keeper.recover(self.store.membership())

    def loses_power(self, seconds: float = 60) -> None:
        """And the server is not there when it is back."""
        self.journal.close()
        self.clock.advance(seconds)
        self.start()

    def signs_in(self, customer: CustomerView = ALIYA, *, code: str = "ok") -> None:
        self.cached.typed("a", LOGIN, PASSWORD)
        if code == "ok":
            self.state.customer = customer
        self.cached.answered("a", code)

    def sits_down(self, session_id: int = 3) -> None:
        self.keeper.apply(session_view(session_id=session_id), signed(session_id), membership)
        self.cached.fit()

    def plays(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            self.keeper.tick(0)
        self.cached.fit()

    def enter(self, login: str = LOGIN, password: str = PASSWORD) -> str:
        return asyncio.run(self.cached.enter(login, password))

    @property
    def is_kept(self) -> bool:
        return FileStore(self.folder).kept_proof() is not None
