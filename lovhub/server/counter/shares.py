"""What one payment for several PCs comes to, before it is made: each PC's price, and what bonuses pay of it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lovhub.server.computers import queries as computers
from lovhub.server.counter.forms import Offered
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.loyalty.queries import Member
from lovhub.server.loyalty.rules import part_of_price
from lovhub.server.sessions import queries as sessions
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs.rules import Goods, Group, paid_tiyn
from lovhub.server.web import current


@dataclass(frozen=True)
class Together:
    """`offered`: what is sold at all of the PCs to whoever sits there, at full prices.

    `shares`: of each such tariff the PC, its price, and the bonuses of whoever sits there.
    """

    offered: list[Offered]
    shares: dict[int, list[tuple[int, int, int]]]


def sold_together(computer_ids: Collection[int]) -> Together:
    """What can be sold at these PCs in one payment; for a group's tariff, a customer of it sits at each.

    Reckoned as the sale itself does it (`sessions.shares`), which looks again.
    """
    club = current.club()
    with club.read() as db:
        sits = sessions.customers_at(db, computer_ids)
        members = loyalty.of_customers(db, club.club_id, set(sits.values()))
        share_percent = loyalty.bonus_terms(db, club.club_id).share_percent
        shelf = tariffs.shelf(db, club.club_id, club.clock.now())
        pcs = computers.current(db, club.club_id, list(computer_ids))
    nobody = Member(None, 0)
    seats = [
        _Seat(pc.id, pc.zone_id, members.get(sits.get(pc.id, 0), nobody).group, sits.get(pc.id, 0))
        for pc in sorted(pcs, key=lambda one: one.id)
    ]
    counts = Counter(seat.zone_id for seat in seats)
    groups = {seat.group for seat in seats}
    bonuses = {
        customer_id: member.bonus_tiyn
        for customer_id, member in members.items()
        if member.bonus_tiyn
    }
    together = Together([], {})
    for tariff_id, terms in shelf.tariffs.items():
        if terms.kind == "per_minute" or not all(terms.sold_to(group) for group in groups):
            continue
        there = shelf.at_full_price(tariff_id, counts)
        if not there or len(there) < len(counts):
            continue
        together.offered.append(_offered(there, counts))
        together.shares[tariff_id] = _shares(there, seats, bonuses, share_percent)
    return together


class _Seat(NamedTuple):
    """A PC, where it stands, and who sits there (0: no customer)."""

    pc: int
    zone_id: int | None
    group: Group | None
    customer_id: int


def _offered(there: Sequence[Goods], counts: Mapping[int | None, int]) -> Offered:
    """Each zone at its own price; first the cheapest of a tariff's zones."""
    zones = tuple((one.zone_id, one.price_tiyn, counts[one.zone_id]) for one in there)
    return Offered(min(there, key=lambda one: one.price_tiyn), zones)


def _shares(
    there: Sequence[Goods],
    seats: Sequence[_Seat],
    bonuses: Mapping[int, int],
    share_percent: int,
) -> list[tuple[int, int, int]]:
    terms, full_tiyn = there[0].terms, {one.zone_id: one.price_tiyn for one in there}
    left = dict(bonuses)
    lines = []
    for pc, zone_id, group, who in seats:
        price_tiyn = paid_tiyn(terms, full_tiyn[zone_id], group)
        bonus = 0
        if has := left.get(who):
            bonus = part_of_price(price_tiyn, has_tiyn=has, share_percent=share_percent)
            left[who] = has - bonus
        lines.append((pc, price_tiyn, bonus))
    return lines
