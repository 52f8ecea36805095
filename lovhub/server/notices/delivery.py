"""Sending what waits: a job of its own, so that a dead mail server keeps up nothing but itself."""

import threading
from collections.abc import Callable

import structlog

from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Job
from lovhub.server.notices import queries, rules, service
from lovhub.server.notices.letters import Letter, SendFailed
from lovhub.server.notices.models import Notice
from lovhub.server.notices.ways import Ways

DELIVERY_SECONDS = 2.0
MOST_AT_ONCE = 20

log = structlog.get_logger("notices")


class Courier:
    """Sends messages that are due. `words` makes a letter of a message when it is sent."""

    def __init__(self, club: ClubContext, ways: Ways, words: Callable[[Notice], Letter]) -> None:
        self._club = club
        self._ways = ways
        self._words = words
        self._stop = threading.Event()

    def jobs(self) -> list[Job]:
        """What the scheduler is to do."""
        return [Job("notices", DELIVERY_SECONDS, self.deliver)]

    def stop(self) -> None:
        """Begin with no further message."""
        self._stop.set()

    def deliver(self) -> None:
        """Send what is due, one after the other; no transaction is open while somebody far away is asked."""
        for _ in range(MOST_AT_ONCE):
            notice = None if self._stop.is_set() else service.take(self._club)
            if notice is None:
                return
            if not rules.is_over(self._club.clock.now() - notice.created_at):
                self._send(notice)

    def _send(self, notice: Notice) -> None:
        with self._club.read() as db:
            to = queries.target(db, self._club.club_id).by_way
        if notice.way not in to:
            service.failed(self._club, notice.id, "target_missing")
            return
        try:
            self._ways.send(notice.way, to[notice.way], self._words(notice))
        except SendFailed as failure:
            log.warning("notice_not_sent", notice=notice.id, way=notice.way, why=failure.code)
            service.failed(self._club, notice.id, failure.code)
        except Exception:
            log.exception("notice_failed", notice=notice.id, way=notice.way)
            service.failed(self._club, notice.id, "unexpected")
        else:
            service.sent(self._club, notice.id)
