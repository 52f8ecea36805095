"""Delivers the journal's facts to the server: in order, again until acknowledged."""

from collections.abc import Callable

from lovhub.agent.journal import Journal
from lovhub.protocol.channel import ClientFrame
from lovhub.protocol.channel import Journal as JournalFrame

ENTRIES_IN_FRAME = 50
BEATS_BEFORE_REPEAT = 2


class Outbox:
    """What has been sent on the present link, and when to send it again."""

    def __init__(self, journal: Journal, send: Callable[[ClientFrame], bool]) -> None:
        self._journal = journal
        self._send = send
        self._sent_number = 0
        self._beats_without_answer = 0
        self.false_server_told = False
        """One alarm for each time that a stranger takes the server's place, not one an attempt."""

    def restart(self) -> None:
        """A new link: everything not acknowledged is sent."""
        self._sent_number = 0
        self._beats_without_answer = 0
        self.deliver()

    def deliver(self) -> None:
        """Send what has not been sent on this link."""
        while entries := self._journal.pending(after=self._sent_number, limit=ENTRIES_IN_FRAME):
            if not self._send(JournalFrame(entries=entries)):
                return
            self._sent_number = entries[-1].number

    def acknowledged(self) -> None:
        """The server answered."""
        self._beats_without_answer = 0

    def beat(self) -> None:
        """At each heartbeat: what stays unanswered is sent once more."""
        if not self._journal.pending(limit=1):
            self._beats_without_answer = 0
            return
        self._beats_without_answer += 1
        if self._beats_without_answer > BEATS_BEFORE_REPEAT:
            self.restart()
