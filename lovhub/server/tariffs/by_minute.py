"""The prices of a sitting by the minute, written down for the days that follow. Pure."""

from collections.abc import Mapping

from lovhub.server.tariffs.metering import Stretch, joined
from lovhub.server.tariffs.rules import (
    Calendar,
    Group,
    Terms,
    open_window,
    paid_tiyn,
    price_there,
)

LONGEST_SECONDS = 7 * 24 * 3600
"""So far ahead prices are written down: longer nobody sits."""


def stretches(
    on_sale: Mapping[int, Terms],
    chosen_id: int | None,
    calendar: Calendar,
    zone_id: int | None,
    from_at: int,
    group: Group | None = None,
) -> tuple[Stretch, ...]:
    """What an hour costs in a zone from an instant on; empty where nothing is sold by the minute then.

    It stays with the tariff that was chosen while that one is sold. Then the first of the club's list takes over that
    is sold at that instant, and so on; where there is none, the prices end. `on_sale`: in the club's order.
    `group`: of whoever plays; only what is sold to it counts, at its price.
    """
    by_minute = {
        tariff_id: terms
        for tariff_id, terms in on_sale.items()
        if terms.kind == "per_minute" and terms.sold_to(group)
    }
    found: list[Stretch] = []
    at, until_at, current_id = from_at, from_at + LONGEST_SECONDS, chosen_id
    while at < until_at:
        in_order = [current_id, *(one for one in by_minute if one != current_id)]
        for tariff_id in in_order:
            stretch = _sold_at(by_minute.get(tariff_id or 0), calendar, zone_id, at, group)
            if stretch is not None:
                break
        else:
            break
        found.append(Stretch(at, min(until_at, stretch.until_at), stretch.hour_tiyn))
        at, current_id = stretch.until_at, tariff_id
    return joined(found)


def _sold_at(
    terms: Terms | None, calendar: Calendar, zone_id: int | None, at: int, group: Group | None
) -> Stretch | None:
    if terms is None:
        return None
    hour_tiyn, window = price_there(terms, zone_id), open_window(terms, calendar, at)
    if hour_tiyn is None or window is None:
        return None
    return Stretch(at, window.until_at, paid_tiyn(terms, hour_tiyn, group))
