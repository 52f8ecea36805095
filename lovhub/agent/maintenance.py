"""A technician's work at this PC: as long as the server's signed leave says, or their own code, with a link or without.

What a code has opened goes on when the link is back, until the server, which is told of it, says otherwise. Nothing of
it is on disk: after a start of the agent the PC is locked until the server says otherwise.
"""

from dataclasses import dataclass

import msgspec
import structlog

from lovhub.agent.play import ServerTime
from lovhub.agent.store import Membership
from lovhub.protocol.lease import LeaseRefused, SignedLease
from lovhub.protocol.maintenance import open_maintenance
from lovhub.protocol.upkeep_code import Said
from lovhub.protocol.views import MaintenanceView

log = structlog.get_logger("maintenance")


@dataclass(frozen=True)
class ByCode:
    """An opening by a code that answered `lock_number`, in moments of the monotonic clock."""

    lock_number: str
    who: str
    begun_at: float
    locks_at: float


class Upkeep:
    """Holds the one opening of this PC without a customer."""

    def __init__(self) -> None:
        self._view: MaintenanceView | None = None
        self._locks_at = 0.0
        self._ended_id: int | None = None
        self._by_code: ByCode | None = None

    def apply(
        self,
        view: MaintenanceView | None,
        signed: SignedLease | None,
        membership: Membership,
        server_time: ServerTime,
    ) -> bool:
        """The server's word; True if it must still be told that the technician has ended this one here."""
        self._view = None
        if view is None or signed is None:
            return False
        if view.maintenance_id == self._ended_id:
            return True
        try:
            lease = open_maintenance(
                signed, identity_key=membership.identity_key, computer_id=membership.computer_id
            )
        except LeaseRefused as error:
            log.warning("maintenance_refused", reason=str(error))
            return False
        if lease.maintenance_id == view.maintenance_id:
            self._view = view
            self._locks_at = server_time.moment_of(lease.not_after)
            self._by_code = None  # the server has it in hand
        return False

    def enter(self, said: Said, lock_number: str, monotonic: float) -> None:
        """A code has opened the PC."""
        self._by_code = ByCode(
            lock_number, said.person.name, monotonic, monotonic + said.minutes * 60
        )

    def now(self, monotonic: float) -> MaintenanceView | None:
        """What is shown at this moment; None: the PC is not open for upkeep."""
        left = self._locks_at - monotonic
        if self._view is not None and left > 0:
            return msgspec.structs.replace(self._view, seconds_left=int(left))
        own = self._by_code
        if own is None or own.locks_at <= monotonic:
            return None
        return MaintenanceView(0, own.who, "", int(own.locks_at - monotonic))

    def end(self) -> None:
        """The technician is done: the PC locks at once, whether or not the server can be told."""
        if self._view is not None:
            self._ended_id = self._view.maintenance_id
        self._view = None
        self._by_code = None

    def left(self, monotonic: float) -> tuple[str, int] | None:
        """What the server must be told of an opening by code that ends now: the lock's number, and how long it was."""
        own = self._by_code
        if own is None or own.locks_at <= monotonic:
            return None
        return own.lock_number, int(monotonic - own.begun_at)
