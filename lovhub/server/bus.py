"""News: after a commit, what changed is told to whoever shows it.

A piece of news carries ids only; the rows are the truth and are read again by the listener. This bus is one process's
own; on PostgreSQL it reaches every process on the database (`nodes/bus.py`).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ComputerChanged:
    """A PC was paired, renamed or revoked."""

    computer_id: int


@dataclass(frozen=True)
class HallsChanged:
    """Halls, zones, or where PCs stand in them."""


@dataclass(frozen=True)
class ConditionsChanged:
    """PCs were marked broken, or kept for somebody, or are so no longer."""


@dataclass(frozen=True)
class MaintenanceChanged:
    """A PC was opened without a customer, or is so no longer."""

    computer_id: int


@dataclass(frozen=True)
class UpkeepKeysChanged:
    """Others than before may open PCs by a code."""


@dataclass(frozen=True)
class WithoutAgentChanged:
    """PCs are on without their agent, or are so no longer."""


@dataclass(frozen=True)
class SessionChanged:
    """A session began, was lengthened, paused, resumed, moved, settled or ended."""

    session_id: int
    computer_id: int


@dataclass(frozen=True)
class CustomerChanged:
    """A customer's balance, time or name changed."""

    customer_id: int


@dataclass(frozen=True)
class CatalogChanged:
    """Tariffs or applications changed."""


@dataclass(frozen=True)
class GroupsChanged:
    """Customers' groups, or their discounts: prices are others, at all clubs that share these customers."""


@dataclass(frozen=True)
class PromosChanged:
    """A promotion began, or was stopped: promo codes may be taken at PCs from now on, or no longer."""


@dataclass(frozen=True)
class AlarmChanged:
    """An alarm was raised or closed."""

    alarm_id: int


@dataclass(frozen=True)
class AttentionChanged:
    """A call from the PC was made, repeated, taken or closed, or its ending session needs nobody any more."""

    computer_id: int


@dataclass(frozen=True)
class StaffSessionRevoked:
    """Somebody signed out, or was signed out: live pages of that session close."""

    staff_session_id: int


@dataclass(frozen=True)
class LinkChanged:
    """A PC's channel is at another node, or at none, or the PC has another lock or program."""

    computer_id: int


@dataclass(frozen=True)
class WaitingChanged:
    """Other PCs than before wait at this node for approval."""

    node_id: int


@dataclass(frozen=True)
class LetterCame:
    """Another node asks something of this one."""

    node_id: int


@dataclass(frozen=True)
class NewsMissed:
    """Something may have changed that nobody told of: whoever shows anything reads it anew."""


News = (
    ComputerChanged
    | HallsChanged
    | ConditionsChanged
    | MaintenanceChanged
    | UpkeepKeysChanged
    | WithoutAgentChanged
    | SessionChanged
    | CustomerChanged
    | CatalogChanged
    | GroupsChanged
    | PromosChanged
    | AlarmChanged
    | AttentionChanged
    | StaffSessionRevoked
    | LinkChanged
    | WaitingChanged
    | LetterCame
    | NewsMissed
)


class Bus:
    """Hands news to listeners in the thread that committed; listeners must be quick and never raise."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[News], None]] = []
        self._lock = threading.Lock()

    def listen(self, listener: Callable[[News], None]) -> Callable[[], None]:
        """Call `listener` with each piece of news from now on; returns what ends that."""
        with self._lock:
            self._listeners = [*self._listeners, listener]

        def stop() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not listener]

        return stop

    def start(self) -> None:
        """Hear what other processes have committed, where there may be any."""

    def close(self) -> None:
        """Hear and tell no more."""

    def publish(self, news: News) -> None:
        """Tell everybody."""
        for listener in self._listeners:
            listener(news)
