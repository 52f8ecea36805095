"""The PCs of the club as the database knows them, in memory, and at hand those with a session.

In a hall of thousands a look at each of them, twice a second, keeps all that beat waiting.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import replace as with_values
from itertools import takewhile
from typing import Any

from lovhub.server.channel.moment import to_ask_from
from lovhub.server.computers.models import Computer
from lovhub.server.computers.rules import standing
from lovhub.server.live import HallSession


@dataclass(frozen=True)
class KnownComputer:
    """A PC as the database knows it."""

    name: str
    number: int | None
    zone_id: int | None
    hostname: str
    address: str
    token_hash: bytes
    session: HallSession | None
    session_read_at: int


def as_read(computer: Computer, session: HallSession | None, read_at: int) -> KnownComputer:
    """What is kept of a PC and its session, read at this instant."""
    return KnownComputer(
        name=computer.name,
        number=computer.number,
        zone_id=computer.zone_id,
        hostname=computer.hostname,
        address=computer.last_address,
        token_hash=computer.token_hash,
        session=session,
        session_read_at=read_at,
    )


class KnownComputers:
    """By their ids. Whoever writes, or goes through all of them, holds a lock."""

    def __init__(self) -> None:
        self.all: dict[int, KnownComputer] = {}
        self._seated: dict[int, KnownComputer] = {}
        self._in_order: tuple[tuple[int, ...], list[int]] | None = None
        self._to_ask: list[tuple[int, int]] | None = None

    @property
    def seated(self) -> Mapping[int, KnownComputer]:
        """Those with a session, running or not."""
        return self._seated

    def to_ask(self, now: int) -> list[tuple[int, KnownComputer]]:
        """Those where somebody may have to ask what becomes of the session.

        From when on that is so is remembered until a session changes: every page asks, and most end much later.
        """
        if self._to_ask is None:
            self._to_ask = sorted(
                (instant, computer_id)
                for computer_id, one in self._seated.items()
                if (instant := to_ask_from(one.session, one.session_read_at)) is not None
            )
        soon = takewhile(lambda asked: asked[0] <= now, self._to_ask)
        return [(computer_id, self._seated[computer_id]) for _instant, computer_id in soon]

    def __len__(self) -> int:
        return len(self.all)

    def get(self, computer_id: int) -> KnownComputer | None:
        """The PC; None for one that is not the club's."""
        return self.all.get(computer_id)

    def in_order(
        self, zone_ids: tuple[int, ...], only: Collection[int] | None = None
    ) -> list[tuple[int, KnownComputer]]:
        """All of them, or some, as they stand: zone by zone in this order, those in none last, by number and name.

        The order of all is remembered: sessions come and go, and PCs stay where they are.
        """
        if only is not None:
            order = self._sorted(only, zone_ids)
        elif self._in_order is not None and self._in_order[0] == zone_ids:
            order = self._in_order[1]
        else:
            order = self._sorted(self.all, zone_ids)
            self._in_order = zone_ids, order
        return [(computer_id, self.all[computer_id]) for computer_id in order]

    def _sorted(self, computer_ids: Collection[int], zone_ids: tuple[int, ...]) -> list[int]:
        places = {zone_id: place for place, zone_id in enumerate(zone_ids)}

        def stand(computer_id: int) -> tuple[Any, ...]:
            one = self.all[computer_id]
            place = len(places) if one.zone_id is None else places.get(one.zone_id, 0)
            return place, standing(one.number, one.name), computer_id

        return sorted(computer_ids, key=stand)

    def begin_anew(self, found: Mapping[int, KnownComputer]) -> Collection[int]:
        """These and no others; returns those that are gone."""
        gone = self.all.keys() - found.keys()
        self._in_order = self._to_ask = None
        self.all = dict(found)
        self._seated = {pc: one for pc, one in found.items() if one.session is not None}
        return gone

    def put(self, computer_id: int, one: KnownComputer) -> None:
        """The PC as it is now, also if it was not known yet."""
        before = self.all.get(computer_id)
        if before is None or (before.zone_id, before.number, before.name) != (
            one.zone_id, one.number, one.name,
        ):  # fmt: skip
            self._in_order = None
        if before is None or before.session is not one.session:  # read again at another instant
            self._to_ask = None
        self.all[computer_id] = one
        if one.session is not None:
            self._seated[computer_id] = one
        else:
            self._seated.pop(computer_id, None)

    def change(self, computer_id: int, **values: Any) -> None:
        """Other values of a PC, if it is known."""
        one = self.all.get(computer_id)
        if one is not None:
            self.put(computer_id, with_values(one, **values))

    def drop(self, computer_id: int) -> None:
        """The PC is no longer the club's."""
        self._in_order = self._to_ask = None
        self.all.pop(computer_id, None)
        self._seated.pop(computer_id, None)
