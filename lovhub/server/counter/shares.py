"""What one payment for several PCs comes to, before it is made: each PC's price, and what bonuses pay of it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lovhub.server.computers import queries as computers
from lovhub.server.counter.forms import Offered
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.loyalty.queries import Member
from lovhub.server.loyalty.rules import part_of_price
from lovhub.server.sessions import queries as sessions
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs.rules import Goods, Group
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
    zones = {computer.id: computer.zone_id for computer in sorted(pcs, key=lambda one: one.id)}
    nobody = Member(None, 0)
    # A hall of one zone with guests at most of its PCs has two or three of them.
    shelves: dict[tuple[int | None, Group | None], dict[int, Goods]] = {}
    goods = {}
    for pc, zone_id in zones.items():
        group = members.get(sits.get(pc, 0), nobody).group
        if (zone_id, group) not in shelves:
            found = shelf.goods(zone_id, group)
            shelves[zone_id, group] = {one.tariff_id: one for one in found}
        goods[pc] = shelves[zone_id, group]
    together = Together([], {})
    for tariff_id, terms in shelf.tariffs.items():
        there = {pc: of_pc[tariff_id] for pc, of_pc in goods.items() if tariff_id in of_pc}
        if terms.kind == "per_minute" or not there or len(there) < len(goods):
            continue
        together.offered.append(_offered(there))
        together.shares[tariff_id] = _shares(there, sits, members, share_percent)
    return together


def _offered(there: Mapping[int, Goods]) -> Offered:
    """Each zone at its own price; first the cheapest of a tariff's zones."""
    counts = Counter(one.zone_id for one in there.values())
    of_zones = {one.zone_id: one for one in there.values()}
    zones = tuple(
        (zone_id, one.offer.full_price_tiyn, counts[zone_id]) for zone_id, one in of_zones.items()
    )
    cheapest = min(of_zones.values(), key=lambda one: one.offer.full_price_tiyn)
    full_tiyn = cheapest.offer.full_price_tiyn
    return Offered(
        cheapest._replace(offer=cheapest.offer.at_full_price(full_tiyn, full_tiyn)), zones
    )


def _shares(
    there: Mapping[int, Goods],
    sits: Mapping[int, int],
    members: Mapping[int, Member],
    share_percent: int,
) -> list[tuple[int, int, int]]:
    left = {customer_id: member.bonus_tiyn for customer_id, member in members.items()}
    lines = []
    for pc, one in there.items():
        who = sits.get(pc, 0)
        has = left.get(who, 0)
        bonus = part_of_price(one.price_tiyn, has_tiyn=has, share_percent=share_percent)
        if bonus:
            left[who] = has - bonus
        lines.append((pc, one.price_tiyn, bonus))
    return lines
