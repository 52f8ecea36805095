"""When what is offered changes by itself: a window opens or closes, a holiday begins, a price falls."""

from lovhub.server.bus import CatalogChanged
from lovhub.server.computers import queries as computers
from lovhub.server.context import ClubContext
from lovhub.server.tariffs import queries
from lovhub.server.tariffs.rules import Goods, Group

SHOWN_AGAIN_SECONDS = 300
"""How far the time that is left until a fixed end may fall before PCs are told again."""

_Offered = frozenset[tuple[int | None, int, int, int]]


class OfferWatch:
    """Compares what is offered in each zone with the look before, and tells the PCs if it differs."""

    def __init__(self) -> None:
        self._seen: _Offered | None = None

    def look(self, club: ClubContext) -> None:
        """Look once."""
        with club.read() as db:
            zones = {None, *computers.zones_with_computers(db, club.club_id)}
            shelf = queries.shelf(db, club.club_id, club.clock.now())
            # Each tariff to somebody who may have it: whoever else is told of it as well, is told nothing new.
            groups = {
                None,
                *(Group(one, 0) for terms in shelf.tariffs.values() for one in terms.groups),
            }
        offered = frozenset(
            _shown(goods)
            for zone_id in zones
            for group in groups
            for goods in shelf.goods(zone_id, group)
        )
        if self._seen is not None and offered != self._seen:
            club.bus.publish(CatalogChanged())
        self._seen = offered


def _shown(goods: Goods) -> tuple[int | None, int, int, int]:
    seconds = goods.offer.seconds // SHOWN_AGAIN_SECONDS
    return goods.zone_id, goods.tariff_id, goods.price_tiyn, seconds
