"""The running server as pages, API and jobs see it: one object, put together in `app.py`."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lovhub.server.actor import Actor
from lovhub.server.backups.keeper import Keeper
from lovhub.server.context import ClubContext
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.libraries.rules import Findings
from lovhub.server.live import Attention, LiveSnapshot
from lovhub.server.notices.ways import Ways
from lovhub.server.payments.rules import Network
from lovhub.server.payments.settings import Payments
from lovhub.server.remote.rules import Order, Standing
from lovhub.server.status.board import Board
from lovhub.server.updates.turns import Turns


class PairingDesk(Protocol):
    """PCs waiting for approval; they live as long as their connection."""

    def approve(self, pairing_id: str, actor: Actor, name: str = "") -> int:
        """Make it a PC of the club, called so or as was typed there, and return its id.

        OperationRefused: `pairing_gone` if it left, `name_taken`, `token_over`.
        """
        ...

    def refuse(self, pairing_id: str, actor: Actor) -> None:
        """Send it away."""
        ...


class CommandDesk(Protocol):
    """Commands to PCs; each has an id, a lifetime and an answer."""

    def send_message(self, computer_id: int, text: str, actor: Actor) -> str:
        """Show `text` to the player; returns the command's id; OperationRefused("computer_silent")."""
        ...

    def understood(self) -> Mapping[int, frozenset[str]]:
        """What each linked PC says that it understands."""
        ...

    def send(self, orders: Mapping[int, Order], actor: Actor) -> dict[int, str]:
        """Ask these PCs; returns the commands' ids. One that has gone meanwhile lets its command expire."""
        ...

    def wake(
        self, sleeping: Mapping[int, Standing], helpers: Mapping[int, list[int]], actor: Actor
    ) -> dict[int, str]:
        """Have these PCs switched on, by the server and by PCs near them; returns the commands' ids."""
        ...

    def screenshot(self, command_id: str, staff_id: int | None) -> bytes | None:
        """The picture that this person asked for, while it is kept."""
        ...

    def findings(self, command_id: str, staff_id: int | None) -> Findings | None:
        """The games of a PC that this person asked for, while they are kept."""
        ...


class Hall(Protocol):
    """The live picture."""

    def snapshot(self, only: frozenset[int] | None = None) -> LiveSnapshot:
        """What the desk sees at this moment; callable from any thread, reads memory only.

        `only`: these PCs, and any others that end soon; rows and counts are theirs then.
        """
        ...

    def attention(self) -> Attention:
        """What of it every page shows, at a fraction of its cost: no row is made."""
        ...


@dataclass(frozen=True)
class Doors:
    """What `config.ini` says of those who come from outside, and by which TLS they come.

    `proxies`: whose word on where a request came from is taken.
    """

    metrics_token: str = ""
    proxies: tuple[Network, ...] = ()
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Server:
    """A running server. `setup_token` opens /setup once, while there is no owner.

    `proxies`: whose word on where a request came from is taken.
    """

    club: ClubContext
    hall: Hall
    pairings: PairingDesk
    commands: CommandDesk
    setup_token: str
    keeper: Keeper
    board: Board
    updates: Turns
    payments: Payments = field(default_factory=Payments)
    ways: Ways = field(default_factory=Ways)
    fiscal: Fiscal = field(default_factory=Fiscal)
    proxies: tuple[Network, ...] = ()
