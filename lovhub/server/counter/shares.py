"""What one payment for several PCs comes to, before it is made: each PC's price, and what bonuses pay of it."""

from collections.abc import Collection, Sequence

from lovhub.server.computers import queries as computers
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.loyalty.rules import part_of_price
from lovhub.server.sessions import queries as sessions
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.web import current


def shares_of(
    computer_ids: Collection[int], tariff_ids: Sequence[int]
) -> dict[int, list[tuple[int, int, int]]]:
    """Of each tariff that is sold at all of them: the PC, its price, and the bonuses of whoever sits there.

    Reckoned as the sale itself does it (`sessions.shares`), which looks again.
    """
    club = current.club()
    with club.read() as db:
        sits = sessions.customers_at(db, computer_ids)
        members = loyalty.of_customers(db, club.club_id, set(sits.values()))
        share_percent = loyalty.bonus_terms(db, club.club_id).share_percent
        shelf = tariffs.shelf(db, club.club_id, club.clock.now())
        found = computers.current(db, club.club_id, list(computer_ids))
    zones = {computer.id: computer.zone_id for computer in found}
    nobody = loyalty.Member(None, 0)
    there = {pc: members.get(sits.get(pc, 0), nobody) for pc in sorted(zones)}
    prices = {
        pc: {goods.tariff_id: goods.price_tiyn for goods in shelf.goods(zones[pc], member.group)}
        for pc, member in there.items()
    }
    offered: dict[int, list[tuple[int, int, int]]] = {}
    for tariff_id in tariff_ids:
        if any(tariff_id not in of_pc for of_pc in prices.values()):
            continue
        left = {sits[pc]: members[sits[pc]].bonus_tiyn for pc in sits if sits[pc] in members}
        lines = []
        for pc, of_pc in prices.items():
            price, who = of_pc[tariff_id], sits.get(pc, 0)
            has = left.get(who, 0)
            bonus = part_of_price(price, has_tiyn=has, share_percent=share_percent)
            if bonus:
                left[who] = has - bonus
            lines.append((pc, price, bonus))
        offered[tariff_id] = lines
    return offered
