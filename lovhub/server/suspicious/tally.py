"""How often somebody stands in the suspicious report, and what it was about. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import msgspec

from lovhub.server.suspicious.rules import GROUPS, Judged


class Sum(NamedTuple):
    """So many lines of one person and one group, and the sum of what they are about."""

    times: int = 0
    amount_tiyn: int = 0
    seconds: int = 0


_NOTHING = Sum()


class Person(NamedTuple):
    """What one person has in the report: how many of each group. `id` None: what nobody of the staff stands behind."""

    id: int | None
    name: str
    counts: Mapping[str, int]
    amount_tiyn: int
    seconds: int


@dataclass
class Tally:
    """(number of the person, group) → the sum of their lines. None instead of a person: nobody of the staff."""

    sums: dict[tuple[int | None, str], Sum] = field(default_factory=dict)

    def count(self, person_id: int | None, judged: Judged, times: int = 1) -> None:
        """Add a line, or what a line has besides: `times` 0."""
        group, amount_tiyn, seconds = judged
        self._add((person_id, group), Sum(times, amount_tiyn, seconds))

    def add(self, other: "Tally") -> None:
        """Add what another has."""
        for who, more in other.sums.items():
            self._add(who, more)

    def _add(self, who: tuple[int | None, str], more: Sum) -> None:
        before = self.sums.get(who, _NOTHING)
        self.sums[who] = Sum(
            before.times + more.times,
            before.amount_tiyn + more.amount_tiyn,
            before.seconds + more.seconds,
        )

    def since(self, earlier: "Tally") -> "Tally":
        """What came after an earlier tally of the same history."""
        found = {}
        for who, total in self.sums.items():
            before = earlier.sums.get(who, _NOTHING)
            if total != before:
                found[who] = Sum(
                    total.times - before.times,
                    total.amount_tiyn - before.amount_tiyn,
                    total.seconds - before.seconds,
                )
        return Tally(found)

    def pack(self) -> bytes:
        """As it is kept: lists of the person, the group, and the three figures, as JSON."""
        return _ENCODER.encode([(*who, *of) for who, of in self.sums.items()])

    @classmethod
    def unpack(cls, kept: bytes) -> Self:
        """What `pack` has made."""
        rows = _DECODER.decode(kept)
        return cls({(person_id, group): Sum(*of) for person_id, group, *of in rows})

    def persons(self) -> set[int]:
        """The numbers of those of the staff who are in it."""
        return {person_id for person_id, _group in self.sums if person_id is not None}

    def people(self, names: Mapping[int, str]) -> list[Person]:
        """By how often they are in it, whoever stands out at the top."""
        found: dict[int | None, dict[str, Sum]] = {}
        for (person_id, group), of in self.sums.items():
            found.setdefault(person_id, {})[group] = of
        people = [
            Person(
                person_id,
                "" if person_id is None else names.get(person_id, ""),
                {group: groups.get(group, _NOTHING).times for group in GROUPS},
                sum(of.amount_tiyn for of in groups.values()),
                sum(of.seconds for of in groups.values()),
            )
            for person_id, groups in found.items()
            if any(of.times for of in groups.values())
        ]
        return sorted(people, key=lambda person: (-sum(person.counts.values()), person.name))


def tally(lines: Iterable[tuple[int | None, Judged]]) -> Tally:
    """Of lines that are at hand: whose each is, and what it is."""
    found = Tally()
    for person_id, judged in lines:
        found.count(person_id, judged)
    return found


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(list[tuple[int | None, str, int, int, int]])
