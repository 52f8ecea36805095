"""What the network shows of PCs whose agent is silent, and when that is enough to say that one is on. Pure.

That a network card answers is not enough: the card of a sleeping PC may answer for it (ARP offload), and that of a
PC which is off may, where its board has a manager of its own. So a PC counts as on in two cases. Its system has
answered an attempt to connect, be it with a refusal: no card does that by itself. Or its card answers although it
was seen to be silent while the PC was off: in this very silence, or, where the PC has said goodbye, in an earlier one.
A PC that went without a goodbye, and whose card has answered ever since, may be asleep, and nothing is said of it.
"""

import ipaddress
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lovhub.server.live import Unlinked
from lovhub.server.platform.common import Neighbour

TURN_SECONDS = 15
"""So often the network is looked at; what was asked at one turn is answered by the next."""

TELL_SECONDS = 600
"""A PC that starts, restarts or installs updates has its agent up by then, or is worth a look."""

GONE_SECONDS = 180
"""A PC that has not been seen for so long is on no more."""

OFF_SECONDS = 60
"""A card that has been silent for so long is that of a PC which is off."""

FIRST_ASK_SECONDS = 300
"""By then a PC that restarts is back."""

ASK_SECONDS, LONGEST_ASK_SECONDS = 60, 3600
"""A system that does not answer (a firewall, sleep) is asked half as often each time."""

WAKES_SECONDS = 90
"""A PC whose agent is there so soon after it was asked has been woken by it, and is not asked again."""

TURNS_OF_SWEEP = 20
"""In so many turns all addresses of a network are asked: a system of somebody else's may have taken another one."""

MOST_ASKED = 50
"""At one turn, of those whose turn it is: a server that stops waits for the answers under way."""

MOST_ADDRESSES = 16
"""Of one PC: what it says of itself has room for thousands."""

MOST_NETWORKS = 8
MOST_OTHERS = 32
MOST_SINGLE_ALARMS = 3
"""More that begin at once are one alarm."""

Sight = Literal["there", "nobody", "unknown"]


@dataclass(frozen=True)
class Cards:
    """By what a PC may be recognised, and where it has been: MACs, and IPv4 addresses of the club's own networks."""

    macs: frozenset[str]
    addresses: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class Seen:
    """What the table of neighbours says of a PC; `address`: where it answers."""

    sight: Sight
    address: str = ""


def is_near(address: str) -> bool:
    """Whether this is an IPv4 address that a PC of a club's own network may have."""
    try:
        found = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return found.is_private and not (
        found.is_loopback or found.is_link_local or found.is_unspecified or found.is_reserved
    )


def own_macs(cards: Mapping[int, Cards]) -> dict[str, int]:
    """Whose each MAC is. One that several PCs tell of (a virtual card, a copied one) is nobody's."""
    times = Counter(mac for of_pc in cards.values() for mac in of_pc.macs)
    return {mac: pc for pc, of_pc in cards.items() for mac in of_pc.macs if times[mac] == 1}


def sights(
    neighbours: Sequence[Neighbour],
    cards: Mapping[int, Cards],
    asked: Mapping[int, Collection[str]],
) -> dict[int, Seen]:
    """What is seen of each of the PCs `asked`, with the addresses at which each was asked.

    A PC behind a router is `unknown`: the table has nothing of its address. So are all while nobody at all answers:
    it is the network that is down.
    """
    owners = own_macs(cards)
    is_up = any(neighbour.answer == "answers" for neighbour in neighbours)
    at = {neighbour.address: neighbour for neighbour in neighbours}
    best: dict[int, Neighbour] = {}
    for neighbour in neighbours:
        owner = owners.get(neighbour.mac)
        if owner is not None and (owner not in best or neighbour.answer == "answers"):
            best[owner] = neighbour
    known = set(owners.values())
    found = {}
    for pc, addresses in asked.items():
        if pc in best:
            answers = best[pc].answer == "answers"
            found[pc] = Seen("there", best[pc].address) if answers else Seen("unknown")
        else:
            is_nobody = is_up and pc in known and any(_is_empty(at.get(one)) for one in addresses)
            found[pc] = Seen("nobody" if is_nobody else "unknown")
    return found


def _is_empty(neighbour: Neighbour | None) -> bool:
    """Whether a PC that had this address is not there: nobody answers, or (it is none of the PC's) somebody else."""
    return neighbour is not None and neighbour.answer in {"silent", "answers"}


def hidden(cards: Mapping[int, Cards], neighbours: Sequence[Neighbour]) -> set[str]:
    """The names of PCs of which nothing could be seen: all addresses were just asked, and the table has none of them.

    Who is in a network of ours has an entry then, if only one that says that nobody answers. Nor is anything seen of a
    PC all of whose cards others tell of, too: so one that claims another's cards hides it, and not unseen.
    """
    known = {neighbour.address for neighbour in neighbours}
    recognised = set(own_macs(cards).values())
    return {
        of_pc.name
        for pc, of_pc in cards.items()
        if of_pc.addresses
        and (known.isdisjoint(of_pc.addresses) or (of_pc.macs and pc not in recognised))
    }


def sweep(turn: int, addresses: Iterable[str], neighbours: Sequence[Neighbour]) -> Iterator[str]:
    """Which other addresses of these PCs' networks to ask at this turn: a few of each network in which we stand.

    A club's networks have 254 places.
    """
    ours = {_network(neighbour.address) for neighbour in neighbours}
    networks = sorted({_network(address) for address in addresses} & ours)[:MOST_NETWORKS]
    for network in networks:
        for place in range(1 + turn % TURNS_OF_SWEEP, 255, TURNS_OF_SWEEP):
            yield f"{network}.{place}"


def _network(address: str) -> str:
    return address.rpartition(".")[0]


@dataclass
class _Silence:
    """What was seen of a PC since its agent has been silent. Instants are monotonic seconds."""

    said_goodbye: bool
    nobody_since: float | None = None
    was_off: bool = False
    is_there: bool = False
    asked_at: float | None = None
    ask_after_seconds: float = ASK_SECONDS
    ask_at: float = 0.0
    answered_at: float | None = None
    on_since: float | None = None
    on_at: float = 0.0


@dataclass(frozen=True)
class On:
    """A PC is on without its agent: for how long, and how long ago it was last seen so."""

    seconds: int
    seen_seconds_ago: int


@dataclass
class Watch:
    """Remembers what was seen of each silent PC. Forgets at a restart of the server, and then sees it anew."""

    _silences: dict[int, _Silence] = field(default_factory=dict)
    _silent_when_off: set[int] = field(default_factory=set)
    _woken: set[int] = field(default_factory=set)

    def look(
        self,
        unlinked: Iterable[Unlinked],
        seen: Mapping[int, Seen],
        *,
        now: float,
        told: Collection[int] = (),
    ) -> None:
        """One look at the network. `told`: PCs that were known to be on before this server took over."""
        unlinked = list(unlinked)
        for pc in self._silences.keys() - {one.computer_id for one in unlinked}:
            gone = self._silences.pop(pc)
            if gone.asked_at is not None and now - gone.asked_at <= WAKES_SECONDS:
                self._woken.add(pc)
        for pc, said_goodbye in unlinked:
            silence = self._silences.get(pc)
            if silence is None:
                silence = _Silence(said_goodbye, ask_at=now + FIRST_ASK_SECONDS, was_off=pc in told)
                self._silences[pc] = silence
            self._note(pc, silence, seen.get(pc, Seen("unknown")).sight, now)

    def _note(self, pc: int, silence: _Silence, sight: Sight, now: float) -> None:
        silence.is_there = sight == "there"
        if sight == "there":
            silence.nobody_since = None
        elif sight == "nobody":
            since = silence.nobody_since = (
                now if silence.nobody_since is None else silence.nobody_since
            )
            if now - since >= OFF_SECONDS:
                silence.was_off = True
                if silence.said_goodbye:
                    self._silent_when_off.add(pc)

    def to_ask(self, now: float) -> list[int]:
        """Those whose card answers and of which it is not known whether their system would."""
        return [
            pc
            for pc, silence in self._silences.items()
            if silence.is_there
            and now >= silence.ask_at
            and pc not in self._woken
            and not self._card_tells(pc, silence)
        ]

    def asked(self, pcs: Iterable[int], answered: Collection[int], *, now: float) -> None:
        """These have been asked; `answered`: with a yes or a no."""
        for pc in pcs:
            silence = self._silences[pc]
            if pc in answered:
                silence.answered_at, silence.asked_at = now, None
                silence.ask_after_seconds = ASK_SECONDS
            else:
                silence.asked_at = now
            silence.ask_at = now + silence.ask_after_seconds
            if pc not in answered:
                silence.ask_after_seconds = min(2 * silence.ask_after_seconds, LONGEST_ASK_SECONDS)

    def on(self, now: float) -> dict[int, On]:
        """The PCs that are on without their agent; asked once at each look, after what was answered."""
        found = {}
        for pc, silence in self._silences.items():
            answered_at = silence.answered_at
            system_tells = answered_at is not None and now - answered_at <= GONE_SECONDS
            if silence.is_there and (system_tells or self._card_tells(pc, silence)):
                silence.on_at = now
                if silence.on_since is None:
                    silence.on_since = now
            elif silence.on_since is not None and now - silence.on_at > GONE_SECONDS:
                silence.on_since = None
            if silence.on_since is not None:
                found[pc] = On(int(now - silence.on_since), int(now - silence.on_at))
        return found

    def _card_tells(self, pc: int, silence: _Silence) -> bool:
        return silence.was_off or (silence.said_goodbye and pc in self._silent_when_off)


@dataclass(frozen=True)
class Plan:
    """What has to be written down. `begun`: PC → from when, until when it was seen; `still`: PC → until when."""

    begun: Mapping[int, tuple[int, int]]
    still: Mapping[int, int]
    over: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.begun or self.still or self.over)


def plan(
    told: Mapping[int, int], on: Mapping[int, On], linked: Collection[int], *, now: int
) -> Plan:
    """What changes. `told`: PC → until when it is written down as on; `linked`: of those, whose agent is back."""
    seen = {pc: now - one.seen_seconds_ago for pc, one in on.items()}
    return Plan(
        begun={
            pc: (now - one.seconds, seen[pc])
            for pc, one in on.items()
            if pc not in told and one.seconds >= TELL_SECONDS
        },
        still={pc: seen[pc] for pc, at in told.items() if pc in on and seen[pc] > at},
        over=tuple(
            pc
            for pc, at in told.items()
            if pc in linked or (pc not in on and now - at > GONE_SECONDS)
        ),
    )
