"""The server's jobs. Nothing runs before there is a club."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Protocol

from lovhub.server.club import service as club_service
from lovhub.server.computers import service as computers_service
from lovhub.server.conditions import service as conditions_service
from lovhub.server.context import ClubContext
from lovhub.server.jobs.clock_watch import ClockWatch
from lovhub.server.jobs.scheduler import Job
from lovhub.server.journal import queries as journal_queries
from lovhub.server.journal import sealing as journal_sealing
from lovhub.server.journal import service as journal
from lovhub.server.ledger import sealing
from lovhub.server.live import Unattended
from lovhub.server.lots import expiry
from lovhub.server.maintenance import service as maintenance_service
from lovhub.server.minors import service as minors_service
from lovhub.server.moving import service as moving_service
from lovhub.server.payments import bank_days
from lovhub.server.pc import service as pc_service
from lovhub.server.remote.rules import WAKE_SECONDS
from lovhub.server.reports import service as reports_service
from lovhub.server.retention.service import Pruner
from lovhub.server.sessions import link, own_pause
from lovhub.server.suspicious import days as suspicious_days
from lovhub.server.suspicious import service as suspicious_service
from lovhub.server.suspicious.pcs import Watch
from lovhub.server.tariffs.watch import OfferWatch

SESSION_CLOCK_SECONDS = 1.0
FLUSH_SECONDS = 5.0
SUMS_SECONDS = 10.0
SEAL_SECONDS = 10.0
SEAL_LOGS_SECONDS = 10.0
"""A block takes what came since the one before it, and is one small row; where nothing came there is none."""
CONDITIONS_SECONDS = 5.0
NIGHT_SECONDS = 30.0
PAUSES_SECONDS = 15.0
EXPIRY_SECONDS = 5.0
OFFERS_SECONDS = 10.0
HALL_SECONDS = 10.0
LOST_COMMANDS_SECONDS = 60.0
LOST_AFTER_SECONDS = 2 * WAKE_SECONDS
"""Longer than any command's life: whoever waited for its answer has died."""

LOG_SECONDS = 1.0
RETENTION_SECONDS = 1.0
"""One step of a night's work at a time."""
MOVING_SECONDS = 0.25
"""One part of a move at a time: whoever waits to write comes in between."""
NO_MOVE_SECONDS = 1.0
"""A club moves in once: until then, and ever after, it is asked so seldom."""


class Links(Protocol):
    """What the jobs need of the channel."""

    def linked_computers(self) -> Container[int]:
        """PCs whose sessions the server's clock may bill."""
        ...

    def unattended(self) -> Unattended:
        """Linked PCs with neither a session nor a technician, from memory."""
        ...

    def drain_last_seen(self) -> dict[int, int]:
        """Signs of life not yet in the database."""
        ...

    def hand_out_again(self, computer_ids: Iterable[int]) -> None:
        """Those of these PCs could not be written down."""
        ...


def server_jobs(club: ClubContext, links: Links) -> list[Job]:
    """All jobs of a running server."""
    watch = ClockWatch(club.clock)
    offers = OfferWatch()
    pcs = Watch()
    pruner = Pruner(club)
    compared_with_stored = False

    def session_clock() -> None:
        link.run_due(club, links.linked_computers())

    def sum_up() -> None:
        reports_service.sum_up(club)
        reports_service.close_days(club)
        reports_service.close_book_days(club)
        suspicious_service.keep_leads(club)
        bank_days.keep_days(club)
        suspicious_days.keep_days(club)

    def look_at_the_clock() -> None:
        nonlocal compared_with_stored
        if not compared_with_stored:
            # The clock may have been moved while no server was running.
            with club.read() as db:
                last_stored_at = journal_queries.last_stored_at(db, club.club_id)
            behind = watch.behind_seconds(last_stored_at or 0)
            if behind:
                alarm(-behind)
            compared_with_stored = True
        moved = watch.moved_seconds()
        if moved:
            alarm(moved)
            watch.told()

    looked_through = False

    def seal() -> None:
        nonlocal looked_through
        sealing.seal(club, everything=not looked_through)
        looked_through = True

    def alarm(moved: int) -> None:
        with club.write() as work:
            journal.raise_alarm(work, "clock_moved", seconds=abs(moved), moved_seconds=moved)

    return [
        Job("session_clock", SESSION_CLOCK_SECONDS, _once_founded(club, session_clock)),
        Job(
            "flush_last_seen",
            FLUSH_SECONDS,
            _once_founded(club, lambda: _flush_last_seen(club, links)),
            at_stop=True,
            everywhere=True,
        ),
        Job("sums", SUMS_SECONDS, _once_founded(club, sum_up)),
        Job("seal_ledger", SEAL_SECONDS, _once_founded(club, seal), at_stop=True),
        Job("seal_logs", SEAL_LOGS_SECONDS, _once_founded(club, _seal_logs(club)), at_stop=True),
        Job(
            "conditions",
            CONDITIONS_SECONDS,
            _once_founded(club, lambda: conditions_service.end_over(club)),
        ),
        Job(
            "maintenance",
            CONDITIONS_SECONDS,
            _once_founded(club, lambda: maintenance_service.end_over(club)),
        ),
        Job("expiry", EXPIRY_SECONDS, _once_founded(club, lambda: expiry.expire_due(club))),
        Job(
            "night", NIGHT_SECONDS, _once_founded(club, lambda: minors_service.stop_for_night(club))
        ),
        Job("pauses", PAUSES_SECONDS, _once_founded(club, lambda: own_pause.tell_long(club))),
        Job("offers", OFFERS_SECONDS, _once_founded(club, lambda: offers.look(club))),
        Job(
            "without_session",
            HALL_SECONDS,
            _once_founded(club, lambda: suspicious_service.look(club, pcs, links.unattended())),
        ),
        Job("log", LOG_SECONDS, club.database.empty_log, everywhere=True),
        Job("retention", RETENTION_SECONDS, _once_founded(club, pruner.turn)),
        Job("moving", MOVING_SECONDS, _once_founded(club, _move_in(club))),
        Job(
            "clock_watch",
            SESSION_CLOCK_SECONDS,
            _once_founded(club, look_at_the_clock),
            everywhere=True,
        ),
        Job(
            "lost_commands",
            LOST_COMMANDS_SECONDS,
            _once_founded(
                club,
                lambda: pc_service.expire_lost(club, sent_seconds_ago=LOST_AFTER_SECONDS),
            ),
        ),
    ]


def _once_founded(club: ClubContext, work: Callable[[], None]) -> Callable[[], None]:
    founded = False

    def when_founded() -> None:
        nonlocal founded
        if not founded:
            with club.read() as db:
                founded = club_service.exists(db, club.club_id)
        if founded:
            work()

    return when_founded


def _move_in(club: ClubContext) -> Callable[[], None]:
    not_before = 0.0

    def carry_on() -> None:
        nonlocal not_before
        now = club.clock.monotonic()
        if now >= not_before and not moving_service.carry_on(club):
            not_before = now + NO_MOVE_SECONDS

    return carry_on


def _flush_last_seen(club: ClubContext, links: Links) -> None:
    seen_at = links.drain_last_seen()
    try:
        computers_service.flush_last_seen(club, seen_at)
    except BaseException:
        links.hand_out_again(seen_at)  # of a PC that went off nothing else would ever be written
        raise


def _seal_logs(club: ClubContext) -> Callable[[], None]:
    horizon = journal_sealing.Horizon(club)

    complete: Mapping[str, int] = {}

    def seal() -> None:
        nonlocal complete
        up_to = horizon.look()
        # Up to the same numbers nothing more can come: that is what a horizon says.
        if up_to != complete and not journal_sealing.seal(club, up_to):
            complete = up_to

    return seal
