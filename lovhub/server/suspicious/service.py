"""Writing down what the live picture of the hall shows of PCs that are on without anybody's name."""

from collections.abc import Sequence

from lovhub.server.actor import SYSTEM
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.journal import service as journal
from lovhub.server.live import HallRow
from lovhub.server.suspicious.pcs import Sight, Watch


def look(club: ClubContext, watch: Watch, rows: Sequence[HallRow]) -> None:
    """One look at the hall. Writes only what is new: a PC that is on for a day is one row, not one for each look."""
    with club.read() as db:
        minutes = club_service.get(db, club.club_id).on_without_session_minutes
    noticed = watch.look(map(_sight, rows), now=club.clock.monotonic(), idle_seconds=minutes * 60)
    if not noticed:
        return
    with club.write() as work:
        for one in noticed:
            journal.record(work, one.kind, SYSTEM, computer_id=one.computer_id, seconds=one.seconds)


def _sight(row: HallRow) -> Sight:
    return Sight(
        computer_id=row.computer_id,
        is_linked=row.link == "linked",
        is_taken=row.session is not None or row.maintenance is not None,
        is_open=row.lock != "locked" or bool(row.application),
    )
