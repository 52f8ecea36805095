"""Who is there, in memory. A heartbeat ends here: it costs no query."""

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import msgspec

from lovhub.clock import Clock
from lovhub.protocol.views import LockState
from lovhub.server.channel import rules
from lovhub.server.channel.rules import Signs
from lovhub.server.live import Link


@dataclass(slots=True)
class _Seen:
    """What is remembered of one PC.

    `link_token` tells which connection is the current one; `faded_to` as what time has last let its link appear.
    `is_settling`: it has said hello, and its session is not settled yet by when it was last heard before that, which is
    `heard_before`.
    """

    lock: LockState = "locked"
    application_id: int | None = None
    last_seen: float | None = None
    link_token: object | None = None
    over_https: bool = False
    said_goodbye: bool = False
    flushed: bool = True
    faded_to: Link | None = None
    is_settling: bool = False
    heard_before: float | None = None

    def heard(self) -> float | None:
        """The last sign of life that may be billed up to."""
        last_seen = self.last_seen  # first: another thread may be asking while the PC says hello
        return self.heard_before if self.is_settling else last_seen


@dataclass(frozen=True)
class Elsewhere:
    """A PC whose channel another server has. `commands`: what it understands; `takes_updates`: over the channel."""

    node_id: int
    address: str
    lock: LockState
    application_id: int | None
    commands: frozenset[str]
    agent_version: str = ""
    takes_updates: bool = False


class Sight(msgspec.Struct, frozen=True, gc=False):
    """A PC as presence sees it at this moment. `gc=False`: as a row of the hall (`live.py`)."""

    signs: Signs
    lock: LockState
    application_id: int | None


_HEARD = Signs(channel_open=True, said_goodbye=False, silent_seconds=0)


class Presence:
    """The PCs that are linked, when each was last heard, its lock and its running program.

    Written by the event loop (`remember` and `forget` by whoever reads the hall), read from every thread.
    `on_change(computer_id)` is called when something that is shown has changed; `on_program(computer_id)`, when that is
    the running program alone.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[int, _Seen] = {}
        self._open: dict[int, _Seen] = {}
        """Those with a connection."""
        self._none_silent_until = -math.inf
        """Up to this instant (of the monotonic clock) none of them can have been silent for too long."""
        self._fading: dict[int, _Seen] = {}
        """Those without, as long as time alone may change how their link appears."""
        self._by_https: dict[int, _Seen] = {}
        """Those among them that may still count as linked."""
        self._elsewhere: dict[int, Elsewhere] = {}
        self._not_just_locked: set[int] = set()
        """Of those seen here: so a look for them does not go through the whole hall."""
        self._lock = threading.Lock()
        self.heartbeats = 0
        """Since the start."""
        self.on_change: Callable[[int], None] = lambda _computer_id: None
        self.on_program: Callable[[int], None] = lambda _computer_id: None

    def remember(self, computer_id: int, *, silent_seconds: int | None, said_goodbye: bool) -> None:
        """Take over from the database when a PC was last seen that was not heard of here."""
        last_seen = None
        if silent_seconds is not None:
            last_seen = self._clock.monotonic() - silent_seconds
        with self._lock:
            if computer_id not in self._seen and computer_id not in self._elsewhere:
                seen = _Seen(last_seen=last_seen, said_goodbye=said_goodbye)
                self._seen[computer_id] = seen
                self._fade(computer_id, seen)

    def link(self, computer_id: int, token: object, lock: LockState) -> None:
        """A connection of this PC was accepted; any earlier one is no longer the current one.

        It was silent until now, and may have been without power. So until its session is `settled`, this is no sign of
        life that anybody may bill by.
        """
        with self._lock:
            self._elsewhere.pop(computer_id, None)
            seen = self._seen.setdefault(computer_id, _Seen())
            if not seen.is_settling:  # else an earlier hello has failed
                seen.heard_before = seen.last_seen
                seen.is_settling = True
            seen.link_token = token
            seen.lock = lock
            seen.application_id = None
            self._note_lock(computer_id, seen)
            seen.said_goodbye = False
            seen.over_https = False
            seen.last_seen = self._clock.monotonic()
            self._open[computer_id] = seen
            self._fading.pop(computer_id, None)
            self._by_https.pop(computer_id, None)
        self.on_change(computer_id)

    def settled(self, computer_id: int, token: object) -> None:
        """The session of a PC that has said hello is settled: the hello counts as a sign of life."""
        with self._lock:
            seen = self._seen.get(computer_id)
            if seen is not None and seen.link_token is token:
                seen.is_settling = False
                seen.flushed = False

    def elsewhere(self) -> dict[int, Elsewhere]:
        """PCs whose channels other servers have."""
        with self._lock:
            return dict(self._elsewhere)

    def is_elsewhere(self, computer_id: int) -> bool:
        """Whether another server has the PC's channel."""
        return computer_id in self._elsewhere

    def note_elsewhere(self, computer_id: int, there: Elsewhere) -> None:
        """Another server has the PC's channel, or sees it with another lock or program."""
        with self._lock:
            known = self._elsewhere.get(computer_id)
            if known == there:
                return
            self._forget(computer_id)  # it is heard there: what was heard here is old
            self._elsewhere[computer_id] = there
        if known is not None and replace(known, application_id=there.application_id) == there:
            self.on_program(computer_id)
        else:
            self.on_change(computer_id)

    def note_gone(
        self, computer_id: int, *, silent_seconds: int | None, said_goodbye: bool
    ) -> bool:
        """No other server has the PC's channel any more. False: none had, as far as was known."""
        with self._lock:
            if computer_id not in self._elsewhere:
                return False
            self._forget(computer_id)
        self.remember(computer_id, silent_seconds=silent_seconds, said_goodbye=said_goodbye)
        self.on_change(computer_id)
        return True

    def unlink(self, computer_id: int, token: object, *, goodbye: bool) -> bool:
        """A connection closed. False: it was not the current one, so nothing has changed."""
        with self._lock:
            seen = self._seen.get(computer_id)
            if seen is None or seen.link_token is not token:
                return False
            seen.link_token = seen.faded_to = None
            seen.application_id = None
            self._note_lock(computer_id, seen)
            seen.said_goodbye = goodbye
            del self._open[computer_id]
            self._fade(computer_id, seen)
            if goodbye:
                # A cut is noticed late: the last sign of life is the last heartbeat, not the cut.
                self._touch(seen)
        self.on_change(computer_id)
        return True

    def heartbeat(
        self, computer_id: int, *, lock: LockState, application_id: int | None = None
    ) -> None:
        """«I am here», over the channel."""
        seen = self._seen.get(computer_id)
        if (
            seen is None
            or seen.lock != lock
            or seen.application_id != application_id
            or seen.link_token is None
        ):
            self._heard(computer_id, lock, application_id, over_https=False)
            return
        # As nearly always: nothing is seen but that it is there still. One instant needs no lock; and a PC that is
        # forgotten meanwhile was heard before that.
        self.heartbeats += 1
        self._touch(seen)

    def heartbeat_over_https(
        self, computer_id: int, *, lock: LockState, application_id: int | None = None
    ) -> None:
        """«I am here», from a PC without a channel: it counts as linked until it is silent for too long."""
        self._heard(computer_id, lock, application_id, over_https=True)

    def _heard(
        self,
        computer_id: int,
        lock: LockState,
        application_id: int | None,
        *,
        over_https: bool,
    ) -> None:
        with self._lock:
            self.heartbeats += 1
            seen = self._seen.get(computer_id)
            if seen is None:
                seen = self._seen[computer_id] = _Seen()
            changed = seen.lock != lock or (
                over_https and not (seen.over_https and self._linked(seen))
            )
            another_program = seen.application_id != application_id
            if changed or another_program:
                seen.lock = lock
                seen.application_id = application_id
                self._note_lock(computer_id, seen)
            if over_https:
                seen.over_https = True
                seen.said_goodbye = False
            if seen.link_token is None:
                self._fade(computer_id, seen)
            self._touch(seen)
        if changed:
            self.on_change(computer_id)
        elif another_program:
            self.on_program(computer_id)

    def _fade(self, computer_id: int, seen: _Seen) -> None:
        self._fading[computer_id] = seen
        if seen.over_https:
            self._by_https[computer_id] = seen

    def _note_lock(self, computer_id: int, seen: _Seen) -> None:
        if seen.lock == "locked" and seen.application_id is None:
            self._not_just_locked.discard(computer_id)
        else:
            self._not_just_locked.add(computer_id)

    def _touch(self, seen: _Seen) -> None:
        seen.last_seen = self._clock.monotonic()
        seen.flushed = False

    def _linked(self, seen: _Seen) -> bool:
        if seen.link_token is not None:
            return True
        return (
            seen.over_https
            and seen.last_seen is not None
            and self._clock.monotonic() - seen.last_seen <= rules.SILENCE_SECONDS
        )

    def forget(self, computer_id: int) -> None:
        """The PC no longer belongs to the club."""
        with self._lock:
            self._forget(computer_id)

    def _forget(self, computer_id: int) -> None:
        self._elsewhere.pop(computer_id, None)
        for known in (self._seen, self._open, self._fading, self._by_https):
            known.pop(computer_id, None)
        self._not_just_locked.discard(computer_id)

    def last_seen_at(self, computer_id: int) -> int | None:
        """The instant of the last sign of life that may be billed up to, as fresh as it is; None: never any."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        with self._lock:
            seen = self._seen.get(computer_id)
            heard = None if seen is None else seen.heard()
            return None if heard is None else int(now - (monotonic - heard))

    def sight(self, computer_id: int) -> Sight:
        """The PC as it is now; one never heard of is silent for ever."""
        with self._lock:
            return self._sight(computer_id)

    def sights(self, computer_ids: Iterable[int]) -> list[Sight]:
        """The same of each of these PCs, in their order."""
        with self._lock:
            linked = self._open  # most are, and the whole hall is looked at
            return [
                self._sight(computer_id)
                if (seen := linked.get(computer_id)) is None
                else Sight(_HEARD, seen.lock, seen.application_id)
                for computer_id in computer_ids
            ]

    def _sight(self, computer_id: int) -> Sight:
        there = self._elsewhere.get(computer_id)
        if there is not None:
            return Sight(_HEARD, there.lock, there.application_id)
        seen = self._seen.get(computer_id) or _Seen()
        return Sight(self._signs(seen), seen.lock, seen.application_id)

    def links(self, computer_ids: Iterable[int], *, grace: bool) -> list[Link]:
        """The link of each of these PCs, in their order."""
        unknown = _Seen()
        with self._lock:
            return [
                "linked"
                if computer_id in self._open or computer_id in self._elsewhere
                else rules.link_of(self._signs(self._seen.get(computer_id, unknown)), grace=grace)
                for computer_id in computer_ids
            ]

    def linked(self) -> set[int]:
        """The PCs with a link now, here or elsewhere."""
        with self._lock:
            by_https = [pc for pc, seen in self._by_https.items() if self._linked(seen)]
            return {*self._open, *self._elsewhere, *by_https}

    def not_just_locked(self) -> list[tuple[int, LockState, int | None]]:
        """The PCs, linked or not, that were last seen otherwise than locked and without a program: lock and program."""
        with self._lock:
            here = [
                (pc, seen.lock, seen.application_id)
                for pc in self._not_just_locked
                if (seen := self._seen.get(pc)) is not None
            ]
            there = [(pc, at.lock, at.application_id) for pc, at in self._elsewhere.items()]
        return here + there

    def open_links(self) -> set[int]:
        """The PCs with a connection, here or elsewhere."""
        with self._lock:
            return {*self._open, *self._elsewhere}

    def changed_by_time(self, *, grace: bool) -> list[int]:
        """The PCs whose link appears otherwise than when this was last asked, by time alone.

        In the grace only those heard over HTTPS can. What begins or ends with it is not among them.
        """
        found = []
        with self._lock:
            for computer_id, seen in list((self._by_https if grace else self._fading).items()):
                link = rules.link_of(self._signs(seen), grace=grace)
                if link != seen.faded_to:
                    seen.faded_to = link
                    found.append(computer_id)
                if link != "linked":
                    self._by_https.pop(computer_id, None)
                if link in {"off", "switched_off"}:  # and so it stays, until the PC is heard again
                    del self._fading[computer_id]
        return found

    def _signs(self, seen: _Seen) -> Signs:
        silent = None
        if seen.last_seen is not None:
            silent = max(0, int(self._clock.monotonic() - seen.last_seen))
        return Signs(self._linked(seen), seen.said_goodbye, silent)

    def __contains__(self, computer_id: object) -> bool:
        """As `is_linked`: so it stands for the set of linked PCs, which nobody then needs to make."""
        return isinstance(computer_id, int) and self.is_linked(computer_id)

    def is_linked(self, computer_id: int) -> bool:
        """Whether this PC has a link now, here or elsewhere."""
        with self._lock:
            if computer_id in self._elsewhere:
                return True
            seen = self._seen.get(computer_id)
            return seen is not None and self._linked(seen)

    def silent_links(self) -> list[tuple[int, object]]:
        """Open connections without a heartbeat for too long, as (computer id, connection token)."""
        now = self._clock.monotonic()
        if now <= self._none_silent_until:
            return []
        with self._lock:
            heard = [
                (seen.last_seen, computer_id, seen.link_token)
                for computer_id, seen in self._open.items()
                if seen.last_seen is not None
            ]
        # Who is heard, or comes, after this is silent for too long later than any of these.
        longest = min((last_seen for last_seen, *_ in heard), default=now)
        self._none_silent_until = longest + rules.SILENCE_SECONDS
        return [
            (computer_id, token)
            for last_seen, computer_id, token in heard
            if now - last_seen > rules.SILENCE_SECONDS
        ]

    def take_unflushed(self) -> dict[int, int]:
        """Last signs of life not yet in the database, as {computer id: instant}, marked as flushed."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        with self._lock:
            known = list(self._seen.items())
        # Without the lock: of ten thousand PCs the loop would wait for milliseconds.
        instants: dict[int, int] = {}
        for computer_id, seen in known:
            if not seen.flushed:
                seen.flushed = True  # first: who beats in between is written down another time
                if (heard := seen.heard()) is not None:
                    instants[computer_id] = int(now - (monotonic - heard))
        return instants

    def not_flushed(self, computer_ids: Iterable[int]) -> None:
        """What was taken of these PCs is not in the database: it, or what came since, is to be taken again."""
        with self._lock:
            for computer_id in computer_ids:
                if computer_id in self._seen:
                    self._seen[computer_id].flushed = False
