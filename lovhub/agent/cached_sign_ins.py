"""With the owner's leave: whose sitting a power cut has stopped here goes on by their password, without a server.

There is no list of customers: a proof (`proof.py`) is kept of the one who signed in by a password at this PC, on disk
only while their sitting lasts. It lets nobody play a second beyond the lease that the server signed (`resuming.py`).
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog

from lovhub.agent.journal import Journal
from lovhub.agent.platform import write_private_file
from lovhub.agent.proof import KeptProof, Proof, make_proof
from lovhub.agent.session_keeper import SessionKeeper
from lovhub.agent.state import PcState
from lovhub.agent.store import IdentityStore
from lovhub.agent.tries import Tries
from lovhub.clock import Clock
from lovhub.protocol.channel import Catalog
from lovhub.protocol.views import AnswerCode, ApplicationView

log = structlog.get_logger("cached_sign_ins")

SHELF_FILE = "shelf.json"
_TRIES = "sign_in_tries"


class _Typed(NamedTuple):
    request_id: str
    login: str
    password: str

    def __repr__(self) -> str:
        return f"_Typed({self.request_id})"


class _Shelf(msgspec.Struct, frozen=True):
    """What this PC is called and what may be started here: a player whom no server greets needs that as well."""

    computer_name: str
    club_name: str
    applications: tuple[ApplicationView, ...]


class CachedSignIns:
    """`is_safe`: what this agent writes stays, and the player cannot read it; else nothing is kept.

    `run` does an errand beside the rest.
    """

    def __init__(
        self,
        state: PcState,
        keeper: SessionKeeper,
        store: IdentityStore,
        journal: Journal,
        clock: Clock,
        data_folder: Path,
        *,
        is_safe: bool,
        run: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._state = state
        self._keeper = keeper
        self._store = store
        self._file = data_folder / SHELF_FILE
        self._tries = Tries(journal, clock, _TRIES)
        self._is_safe = is_safe
        self._run = run
        self._leave: bool | None = None
        self._typed: _Typed | None = None
        self._known: tuple[int, Proof] | None = None
        self._checking = False
        self._shelved: _Shelf | None = None

    # --- while the server is there ------------------------------------------------------------------

    def told(self, catalog: Catalog) -> None:
        """Whether the owner gives leave, and what a player would need then."""
        self._leave = catalog.cached_sign_ins and self._is_safe
        if not self._leave:
            self._typed = self._known = None
        shelf = _Shelf(self._state.computer_name, self._state.club_name, catalog.applications)
        if self._leave and shelf != self._shelved:
            self._shelved = shelf
            try:
                write_private_file(self._file, msgspec.json.encode(shelf))
            except OSError as error:
                log.warning("shelf_not_written", reason=str(error))
        self.fit()

    def typed(self, request_id: str, login: str, password: str) -> None:
        """A customer signs in by this; whether rightly, the server will say."""
        self._typed = _Typed(request_id, login, password) if self._leave else None

    def answered(self, request_id: str, code: str) -> None:
        """The server has said whether."""
        typed, customer = self._typed, self._state.customer
        if typed is None or typed.request_id != request_id:
            return
        self._typed = None
        if code == "ok" and customer is not None:
            self._run(self._remember(typed, customer.customer_id))

    def link_lost(self) -> None:
        """No answer will come."""
        self._typed = None

    async def _remember(self, typed: _Typed, customer_id: int) -> None:
        proof = await asyncio.to_thread(make_proof, typed.login, typed.password)
        self._known = (customer_id, proof)
        self.fit()

    def fit(self) -> None:
        """Keep on disk what there is leave for, of the sitting that lasts, and nothing else."""
        customer, sitting = self._state.customer, self._keeper.sitting_id
        if self._known is not None and (
            not self._leave or customer is None or customer.customer_id != self._known[0]
        ):
            self._known = None
        kept = self._store.kept_proof()
        wanted = kept
        if self._leave is False or (kept is not None and kept.session_id != sitting):
            wanted = None
        if self._known is not None and sitting is not None and self._keeper.play is not None:
            wanted = KeptProof(sitting, self._known[1])
        if wanted == kept:
            return
        try:
            self._store.keep_proof(wanted)
            if wanted is not None:
                self._tries.start_afresh()  # whoever tried before tried at another sitting
        except (OSError, sqlite3.Error) as error:
            log.warning("proof_not_kept", reason=str(error))

    # --- while it is not ----------------------------------------------------------------------------

    def is_open(self) -> bool:
        """Whether the player of this PC's sitting may sign in now, and go on."""
        if self._state.linked or not self._is_safe or self._store.membership() is None:
            return False
        kept = self._store.kept_proof()
        if kept is None or kept.session_id != self._keeper.sitting_id:
            return False
        return self._keeper.time_to_go_on() is not None

    async def enter(self, login: str, password: str) -> AnswerCode:
        """Somebody signs in, and the session goes on; or why it does not."""
        kept = self._store.kept_proof()
        if kept is None or not self.is_open():
            return "server_unreachable"
        if self._checking or self._tries.must_wait:
            return "too_many_attempts"
        try:
            tries = self._tries.begin()
        except sqlite3.Error:
            log.exception("journal_not_written")
            return "server_error"
        self._checking = True
        try:
            is_right = await asyncio.to_thread(kept.proof.is_of, login, password)
        finally:
            self._checking = False
        if not is_right:
            self._tries.was_wrong(tries)
            log.warning("sign_in_wrong", tries=tries)
            return "wrong_credentials"
        # A server may have come meanwhile: then it is for that one to say.
        if not self.is_open() or not self._keeper.go_on():
            return "server_unreachable"
        self._greet()
        return "ok"

    def _greet(self) -> None:
        try:
            self._tries.start_afresh()
            shelf = msgspec.json.decode(self._file.read_bytes(), type=_Shelf)
        except (OSError, sqlite3.Error, msgspec.MsgspecError) as error:
            log.warning("shelf_not_read", reason=str(error))
            return
        state = self._state
        state.computer_name, state.club_name = shelf.computer_name, shelf.club_name
        state.applications = shelf.applications
