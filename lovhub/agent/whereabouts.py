"""Where the server may be: the addresses that a PC was given, the one it has found before, and whom it finds.

Several given addresses are servers of one club: each PC tries them in an order of its own, so that the PCs of one that
dies spread over the others. Where no known address answers, the network is searched. A PC that is paired, or was
installed with a token, asks whoever is found: the key that it knows decides. One that knows nothing yet asks the only
one there is; among several a person chooses.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from lovhub.agent.search import ServerFound
from lovhub.agent.settings import Address
from lovhub.agent.store import FoundServer, IdentityStore

SEARCH_AFTER_SECONDS = 15.0
"""A server that is only being restarted is back by then, and a search would keep the PC from it."""

SEARCH_AGAIN_SECONDS = 30.0
"""Not sooner, where there are addresses to try meanwhile."""

MOST_FOUND_AT_A_TIME = 4
"""Then the known addresses are tried again: anybody can announce a hundred, and the server may be back where it was."""

log = structlog.get_logger("whereabouts")

Search = Callable[[threading.Event], list[ServerFound]]


class Whereabouts:
    """Says which address to try next. `given`: by the technician; `search`: None for a PC that does not look further.

    Used by one event loop.
    """

    def __init__(
        self,
        given: Sequence[Address],
        store: IdentityStore | None = None,
        search: Search | None = None,
        chance: random.Random | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._given = list(given)
        self._store = store
        self._search = search
        self._monotonic = monotonic
        self._found: list[Address] = []
        self._failures = 0
        self._failing_since = 0.0
        self._searched_at: float | None = None
        self._chosen: ServerFound | None = None
        self.to_choose: tuple[ServerFound, ...] = ()
        """Whom a person has to choose from; empty where there is nothing to choose."""
        order = list(given)
        (chance or random.SystemRandom()).shuffle(order)
        remembered = self._remembered()
        if remembered is not None and remembered not in order:
            # Found in place of what is given, and that is still the same: it was of no use then.
            order.insert(0 if self._is_instead else len(order), remembered)
        self._order = order

    @property
    def address(self) -> Address | None:
        """The one to try, or the one that is in use."""
        return self._order[0] if self._order else None

    def is_found_only(self, address: Address) -> bool:
        """Whether nobody but an announcement names this address."""
        return address not in self._given and address != self._remembered()

    async def next(self, *, is_proven: bool) -> Address | None:
        """The address to try now, after a search if all that is known has failed; None if there is none yet.

        `is_proven`: the PC knows by a key whom it looks for.
        """
        if self._failures >= len(self._order) and self._may_search(is_proven=is_proven):
            self._take(await self._searched(), is_proven=is_proven)
        return self.address

    def choose(self, address: str) -> None:
        """A person wants the one of `to_choose` that has this address; anything else changes nothing."""
        for server in self.to_choose:
            if address in map(str, server.addresses):
                self.start_with(server)

    def start_with(self, server: ServerFound) -> None:
        """A person has chosen this one."""
        self._chosen = server
        self.to_choose = ()
        self._put_first(server.addresses)

    def failed(self) -> None:
        """The address did not lead to the server: the next one."""
        if not self._failures:
            self._failing_since = self._monotonic()
        self._failures += 1
        self._order = self._order[1:] + self._order[:1]

    def reached(self) -> None:
        """The server has welcomed this PC there: it is tried first from now on, after a restart, too."""
        self._failures = 0
        self.to_choose = ()
        address = self.address
        if self._store is None or address is None:
            return
        found = (
            None
            if address in self._given
            else FoundServer(address.host, address.port, self._given_text)
        )
        if found != self._store.found():
            self._store.save_found(found)
            log.info("server_remembered", address=str(address))

    # --- inside -----------------------------------------------------------------------------------

    @property
    def _given_text(self) -> str:
        return ", ".join(sorted(map(str, self._given)))

    @property
    def _is_instead(self) -> bool:
        found = self._store.found() if self._store is not None else None
        return found is not None and found.instead_of == self._given_text

    def _remembered(self) -> Address | None:
        found = self._store.found() if self._store is not None else None
        return Address(found.host, found.port) if found is not None else None

    def _may_search(self, *, is_proven: bool) -> bool:
        if self._search is None:
            return False
        if self._given and not is_proven:
            return False  # the technician has said where, and nothing else would tell another club's server from it
        if not self._order:
            return True
        now = self._monotonic()
        is_time = self._searched_at is None or now - self._searched_at >= SEARCH_AGAIN_SECONDS
        return is_time and now - self._failing_since >= SEARCH_AFTER_SECONDS

    async def _searched(self) -> list[ServerFound]:
        assert self._search is not None  # noqa: S101 (asked before)
        stop = threading.Event()
        try:
            return await asyncio.to_thread(self._search, stop)
        finally:
            stop.set()  # who is told to end does not wait for it
            self._searched_at = self._monotonic()

    def _take(self, found: list[ServerFound], *, is_proven: bool) -> None:
        is_clear = is_proven or len(found) == 1
        asked = found if is_clear else [server for server in found if server == self._chosen]
        if not asked and tuple(found) != self.to_choose:
            log.info("servers_to_choose", servers=[str(server.addresses[0]) for server in found])
        self.to_choose = () if asked else tuple(found)
        trusted = [*self._given, *filter(None, [self._remembered()])]
        self._order = [address for address in dict.fromkeys(self._order) if address in trusted]
        self._put_first([address for server in asked for address in server.addresses])

    def _put_first(self, addresses: Sequence[Address]) -> None:
        known = self._order
        new = [address for address in dict.fromkeys(addresses) if address not in known]
        order: list[Address] = []
        for begin in range(0, len(new), MOST_FOUND_AT_A_TIME):
            order += new[begin : begin + MOST_FOUND_AT_A_TIME] + known
        self._order = order or known
        self._failures = 0
