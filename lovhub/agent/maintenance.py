"""A technician's work at this PC: as long as the server's signed leave says, with a link or without.

Nothing of it is on disk: after a start of the agent the PC is locked until the server says otherwise.
"""

import msgspec
import structlog

from lovhub.agent.play import ServerTime
from lovhub.agent.store import Membership
from lovhub.protocol.lease import LeaseRefused, SignedLease
from lovhub.protocol.maintenance import open_maintenance
from lovhub.protocol.views import MaintenanceView

log = structlog.get_logger("maintenance")


class Upkeep:
    """Holds the one opening of this PC without a customer."""

    def __init__(self) -> None:
        self._view: MaintenanceView | None = None
        self._locks_at = 0.0
        self._ended_id: int | None = None

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
        return False

    def now(self, monotonic: float) -> MaintenanceView | None:
        """What is shown at this moment; None: the PC is not open for upkeep."""
        left = self._locks_at - monotonic
        if self._view is None or left <= 0:
            return None
        return msgspec.structs.replace(self._view, seconds_left=int(left))

    def end(self) -> None:
        """The technician is done: the PC locks at once, whether or not the server can be told."""
        if self._view is not None:
            self._ended_id = self._view.maintenance_id
        self._view = None
