"""Questions of the player on their way: each gets exactly one answer."""

from lovhub.clock import Clock, SystemClock

ANSWER_SECONDS = 10.0
"""A player waits no longer for the server."""


class PlayerRequests:
    """The open requests. Measured in real time, since it is a person who waits."""

    def __init__(self, steady: Clock | None = None) -> None:
        self._steady = steady or SystemClock()
        self._asked_at: dict[str, float] = {}

    def open(self, request_id: str) -> None:
        """The request went to the server."""
        self._asked_at[request_id] = self._steady.monotonic()

    def close(self, request_id: str) -> bool:
        """An answer came; False if nobody waits for it (any more)."""
        return self._asked_at.pop(request_id, None) is not None

    def close_overdue(self) -> list[str]:
        """Requests that have waited too long."""
        now = self._steady.monotonic()
        overdue = [
            request_id
            for request_id, asked_at in self._asked_at.items()
            if now - asked_at > ANSWER_SECONDS
        ]
        for request_id in overdue:
            del self._asked_at[request_id]
        return overdue

    def close_all(self) -> list[str]:
        """The link is lost: no answer will come."""
        waiting = list(self._asked_at)
        self._asked_at.clear()
        return waiting
