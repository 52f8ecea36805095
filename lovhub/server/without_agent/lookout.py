"""The job that looks at the network, of the server that leads; in a thread of its own, since answers take seconds."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import structlog

from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Job
from lovhub.server.live import Unlinked
from lovhub.server.platform import Neighbour
from lovhub.server.without_agent import queries, rules, service
from lovhub.server.without_agent.network import LocalNetwork, Network
from lovhub.server.without_agent.rules import Cards, Plan, Seen, Watch

CARDS_SECONDS = 300
"""Which cards a PC has, it tells when it comes; the list of a large club is not read at each turn. So often, too, it is
looked of which PCs the networks here show anything.
"""

log = structlog.get_logger("without_agent")


class Lookout:
    """`unlinked`: the PCs to be looked for, from memory.

    Where all are linked, little is asked: each five minutes whether their networks are ours.
    """

    def __init__(
        self,
        club: ClubContext,
        unlinked: Callable[[], Sequence[Unlinked]],
        network: Network | None = None,
    ) -> None:
        self._club = club
        self._unlinked = unlinked
        self._network = network or LocalNetwork()
        self._watch = Watch()
        self._cards: dict[int, Cards] = {}
        self._cards_read_at: float | None = None
        self._found_at: dict[int, str] = {}
        self._turn = 0
        self._is_blind = False
        self._not_seen_at_once: frozenset[str] | None = None
        self._hidden: tuple[str, ...] = ()

    @property
    def hidden_computers(self) -> tuple[str, ...]:
        """PCs of which this server cannot know whether they are on, as far as it leads and is wanted to."""
        return self._hidden

    def jobs(self) -> list[Job]:
        """What the scheduler is to do."""
        return [Job("without_agent", rules.TURN_SECONDS, self.look)]

    def look(self) -> None:
        """One turn: what was asked at the last one is seen now."""
        club, now = self._club, self._club.clock.monotonic()
        with club.read() as db:
            is_wanted = queries.is_wanted(db, club.club_id)
            told = dict(queries.going_on(db, club.club_id))
            with_codes = queries.with_codes(db, club.club_id, club.clock.now())
        if not is_wanted:
            self._watch, self._hidden, self._cards_read_at = Watch(), (), None
            if told:
                service.note(club, Plan({}, {}, tuple(told)))
            return
        unlinked = [one for one in self._unlinked() if one.computer_id not in with_codes]
        at_once, self._not_seen_at_once = self._not_seen_at_once, None
        neighbours = self._neighbours() if unlinked or at_once is not None else []
        if at_once is not None:
            # Linux drops in a moment whom nobody answered for, and Windows may take one to take them up.
            self._hidden = tuple(sorted(at_once & rules.hidden(self._cards, neighbours)))
        self._read_cards(now)
        asked = {pc: self._cards[pc].addresses for pc, _goodbye in unlinked if pc in self._cards}
        seen = rules.sights(neighbours, self._cards, asked)
        found_now = {pc: one.address for pc, one in seen.items() if one.address}
        # Asked there from now on, also while it is in doubt: the system forgets whom it has no reason to ask.
        self._found_at = {
            pc: found_now.get(pc) or self._found_at[pc]
            for pc in asked
            if pc in found_now or pc in self._found_at
        }
        self._watch.look(unlinked, seen, now=now, told=told)
        self._ask(seen, now)
        linked = {pc for pc in told if club.links.is_linked(pc)}
        plan = rules.plan(told, self._watch.on(now), linked, now=club.clock.now())
        if plan:
            service.note(club, plan)
        missing = {pc: of_pc for pc, of_pc in asked.items() if pc not in found_now}
        if any(asked.values()):
            places = self._to_stir(neighbours, asked, missing)
            self._network.stir(dict.fromkeys(places))

    def _neighbours(self) -> list[Neighbour]:
        try:
            found = self._network.neighbours()
        except OSError as error:
            if not self._is_blind:
                log.warning("neighbours_not_told", error=str(error))
            self._is_blind = True
            return []
        self._is_blind = False
        return found

    def _read_cards(self, now: float) -> None:
        if self._cards_read_at is not None and now - self._cards_read_at < CARDS_SECONDS:
            return
        with self._club.read() as db:
            self._cards = queries.cards(db, self._club.club_id)
        self._cards_read_at = now
        self._network.stir(address for of_pc in self._cards.values() for address in of_pc.addresses)
        self._not_seen_at_once = frozenset(rules.hidden(self._cards, self._neighbours()))

    def _ask(self, seen: Mapping[int, Seen], now: float) -> None:
        pcs = self._watch.to_ask(now)[: rules.MOST_ASKED]
        if pcs:
            answering = self._network.answering([seen[pc].address for pc in pcs])
            answered = {pc for pc in pcs if seen[pc].address in answering}
            self._watch.asked(pcs, answered, now=now)

    def _to_stir(
        self,
        neighbours: Sequence[Neighbour],
        asked: Mapping[int, Collection[str]],
        missing: Mapping[int, Collection[str]],
    ) -> Iterator[str]:
        """Where silent PCs may be; some others too: that they answer shows that the network is up."""
        yield from self._found_at.values()
        for addresses in asked.values():
            yield from addresses
        others = [one.address for one in neighbours if one.answer != "silent"]
        yield from others[: rules.MOST_OTHERS]
        self._turn += 1
        places = [one for of_pc in missing.values() for one in of_pc]
        yield from rules.sweep(self._turn, places, neighbours)
