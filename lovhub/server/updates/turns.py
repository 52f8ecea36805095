"""Gives out the turns: now and then, one PC at which nobody is gets the new version offered."""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Job
from lovhub.server.nodes import service as nodes_service
from lovhub.server.updates import queries, rules, service
from lovhub.server.updates.packages import Carried, Offered

LOOK_SECONDS = 5.0


class Linked(NamedTuple):
    """A linked PC that takes updates, from memory. `is_free`: nobody plays, works or is signed in there.

    `is_here`: it is linked to this server, which may offer it the version; else another one does.
    """

    version: str
    is_free: bool
    is_here: bool = True


class Channel(Protocol):
    """What the turns need of the channel; from any thread."""

    def linked_for_updates(self, lacking: str | None = None) -> Mapping[int, Linked]:
        """The linked PCs that take updates, as they are now; if a version is named, only those `lacking` it."""
        ...

    def offer_update(self, computer_id: int, offered: Offered, *, again: bool) -> None:
        """Tell the PC that it is its turn."""
        ...


class Seen(NamedTuple):
    """A PC as people are shown it."""

    known: queries.Known
    standing: rules.Standing


class Turns:
    """Those of one club."""

    def __init__(
        self,
        club: ClubContext,
        channel: Channel,
        carried: Carried,
        chance: random.Random | None = None,
    ) -> None:
        self._club = club
        self._channel = channel
        self._carried = carried
        self._chance = chance or random.SystemRandom()
        self._free_since: dict[int, float] = {}
        self._not_before = 0.0

    @property
    def version(self) -> str:
        """The one that PCs are to have."""
        return self._carried.version

    def jobs(self) -> list[Job]:
        """Look whose turn it is."""
        return [Job("updates", LOOK_SECONDS, self.look, everywhere=True)]

    def look(self) -> None:
        """Offer the version to one PC, if there is one that lacks it and whose turn it may be.

        A hall in which every PC has it costs no query.
        """
        version = self.version
        linked = self._channel.linked_for_updates(lacking=version)
        now = self._club.clock.monotonic()
        self._note_free(linked, now)
        if now < self._not_before or not any(pc.is_here and pc.is_free for pc in linked.values()):
            return
        with self._club.read() as db:
            if queries.held(db, self._club.club_id) is not None:
                return
            if not self._waiting(db, linked, now):
                return
        offered = self._carried.offered()
        if offered.version != version:
            return  # another file lies there since
        with self._club.write() as work:
            # Of several servers only one gives out a turn at a time, knowing of those before.
            nodes_service.stand_in_line(work)
            waiting = self._waiting(work.db, linked, now)
            if not waiting:
                return
            computer_id = self._chance.choice(waiting)
            again = service.offered(
                self._club.within(work), computer_id=computer_id, version=version
            )
        self._channel.offer_update(computer_id, offered, again=again)
        pause = self._chance.uniform(rules.LEAST_PAUSE_SECONDS, rules.MOST_PAUSE_SECONDS)
        self._not_before = now + pause

    def _waiting(self, db: Session, linked: Mapping[int, Linked], now: float) -> list[int]:
        """The PCs at this server of which one may have the next turn."""
        known = queries.known(db, self._club.club_id, self.version)
        may_come = rules.may_come(self._standings(known, linked, now), self.version)
        return [computer_id for computer_id in may_come if linked[computer_id].is_here]

    def seen(self) -> list[Seen]:
        """Every PC of the club as it stands to the version."""
        linked = self._channel.linked_for_updates()
        now = self._club.clock.monotonic()
        with self._club.read() as db:
            known = queries.known(db, self._club.club_id, self.version)
        return list(map(Seen, known, self._standings(known, linked, now)))

    def _note_free(self, linked: Mapping[int, Linked], now: float) -> None:
        self._free_since = {
            computer_id: self._free_since.get(computer_id, now)
            for computer_id, pc in linked.items()
            if pc.is_free
        }

    def _standings(
        self, known: Sequence[queries.Known], linked: Mapping[int, Linked], now: float
    ) -> list[rules.Standing]:
        """How each of these PCs stands now, in their order."""
        at, is_linked, free_since = (
            self._club.clock.now(),
            self._club.links.is_linked,
            self._free_since.get,
        )
        found = []
        for one in known:
            pc, since = linked.get(one.computer_id), free_since(one.computer_id)
            is_free = pc is not None and pc.is_free and since is not None
            found.append(
                # By position, as for each PC of a large hall: by name it takes twice as long.
                rules.Standing(
                    one.computer_id,
                    one.version,
                    pc is not None,
                    pc is not None or is_linked(one.computer_id),
                    int(now - since) if is_free and since is not None else 0,
                    one.state,
                    at - one.changed_at,
                )
            )
        return found
