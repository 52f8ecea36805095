"""Questions about tariffs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Integer, String, bindparam, cast, func, literal_column, select, type_coerce
from sqlalchemy.orm import Session

from lovhub.protocol.views import HoursView, TariffView
from lovhub.server.club.models import Club
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.halls.models import Zone
from lovhub.server.loyalty.models import TariffGroup
from lovhub.server.tariffs import rules
from lovhub.server.tariffs.models import Holiday, Tariff, TariffZone
from lovhub.server.tariffs.rules import Calendar, Goods, Group, Hours, Terms, Window, ZonePrice

MOST_RETIRED = 20


@dataclass(frozen=True)
class Shelf:
    """The tariffs that are sold at all, as the club has arranged them, at one instant."""

    tariffs: dict[int, Terms]
    calendar: Calendar
    now: int

    def goods(self, zone_id: int | None, group: Group | None = None) -> list[Goods]:
        """What is offered in a zone (None: at a PC that stands in none), to customers of a group (None: of none)."""
        found = [
            self._goods(tariff_id, window, zone_id, group)
            for tariff_id, window in self.windows.items()
        ]
        return [goods for goods in found if goods is not None]

    def at_full_price(self, tariff_id: int, zones: Iterable[int | None]) -> list[Goods]:
        """What a tariff costs in each of these zones before anybody's discount, where it is sold now."""
        window = self.windows.get(tariff_id)
        if window is None:
            return []
        terms = self.tariffs[tariff_id]
        offers = {
            zone_id: rules.full_offer(window, terms, self.calendar, self.now, zone_id)
            for zone_id in zones
        }
        return [
            Goods(tariff_id, terms, self.calendar, self.now, zone_id, offer)
            for zone_id, offer in offers.items()
            if offer is not None
        ]

    def take(self, tariff_id: int, zone_id: int | None, group: Group | None = None) -> Goods:
        """One of a tariff.

        OperationRefused: `tariff_not_available`, `tariff_not_for_group`, `tariff_not_sold_here`, `tariff_not_sold_now`.
        """
        terms = self.tariffs.get(tariff_id)
        if terms is None:
            raise OperationRefused("tariff_not_available")
        window = rules.open_window(terms, self.calendar, self.now)
        goods = None if window is None else self._goods(tariff_id, window, zone_id, group)
        if goods is None:
            raise OperationRefused(rules.not_sold(terms, zone_id, group))
        return goods

    @cached_property
    def windows(self) -> dict[int, Window]:
        """Of each tariff that is sold at this instant: in whatever zone, to whomever."""
        return rules.open_windows(self.tariffs, self.calendar, self.now)

    def _goods(
        self, tariff_id: int, window: Window, zone_id: int | None, group: Group | None
    ) -> Goods | None:
        terms = self.tariffs[tariff_id]
        offer = rules.offer_in(window, terms, self.calendar, self.now, zone_id, group)
        if offer is None:
            return None
        return Goods(tariff_id, terms, self.calendar, self.now, zone_id, offer, group)


_HOW = (TariffZone.tariff_id, type_coerce(TariffZone.sold, Integer), TariffZone.price_tiyn)
_ZONE_IDS = func.aggregate_strings(
    cast(TariffZone.zone_id, String),
    literal_column("','"),  # type: ignore[arg-type]  # as text it would be a value, which the words depend on
)
_OF_ZONES = (
    select(*_HOW, _ZONE_IDS)
    .join(Zone, Zone.id == TariffZone.zone_id)
    .where(Zone.club_id == bindparam("club"), Zone.deleted_at.is_(None))
    .group_by(*_HOW)
)
"""In which zones a tariff is sold alike: a club has hundreds of a tariff's zones, and few prices."""
_OF_GROUPS = select(TariffGroup.tariff_id, TariffGroup.group_id)
_SAME_IN_TERMS = (
    *("title", "seconds", "price_tiyn", "kind", "sold_from", "sold_until", "holiday_rule"),
    *("sold_elsewhere", "price_rule", "minimum_tiyn", "valid_days", "rest_rule", "pause_allowed"),
    "play_rule",
)
"""Columns of a tariff that its terms have as they are, by the same names."""
_row_of = attrgetter("id", "weekdays", *_SAME_IN_TERMS)
_IS_ON_SALE = (Tariff.club_id == bindparam("club"), Tariff.retired_at.is_(None))
_ARRANGED = (Tariff.position, Tariff.seconds, Tariff.price_tiyn, Tariff.id)
_ON_SALE = Query(select(Tariff).where(*_IS_ON_SALE).order_by(*_ARRANGED))
_ROWS_ON_SALE = Query(select(*_row_of(Tariff)).where(*_IS_ON_SALE).order_by(*_ARRANGED))
_ZONES_ON_SALE = Query(
    _OF_ZONES.join(Tariff, Tariff.id == TariffZone.tariff_id).where(*_IS_ON_SALE)
)
_GROUPS_ON_SALE = Query(
    _OF_GROUPS.join(Tariff, Tariff.id == TariffGroup.tariff_id).where(*_IS_ON_SALE)
)
_TIME_ZONE = Query(select(Club.time_zone).where(Club.id == bindparam("club")))
_HOLIDAYS = Query(
    select(Holiday.day).where(Holiday.club_id == bindparam("club")).order_by(Holiday.day)
)


def shelf(db: Session, club_id: int, now: int) -> Shelf:
    """What the club sells, from five queries."""
    terms = _put_together(
        _ROWS_ON_SALE.all(db, club=club_id),
        _ZONES_ON_SALE.all(db, club=club_id),
        _GROUPS_ON_SALE.all(db, club=club_id),
    )
    return Shelf(terms, calendar(db, club_id), now)


def calendar(db: Session, club_id: int) -> Calendar:
    """The club's days."""
    (time_zone,) = _TIME_ZONE.one(db, club=club_id)
    return Calendar(time_zone, frozenset(holidays(db, club_id)))


def holidays(db: Session, club_id: int) -> list[date]:
    """The dates that the club calls holidays, in order."""
    return [date.fromisoformat(day) for day in _HOLIDAYS.values(db, club=club_id)]


def terms_of(db: Session, club_id: int, tariffs: Sequence[Tariff]) -> dict[int, Terms]:
    """The terms of some tariffs. A zone that was taken away is in none."""
    ids = [tariff.id for tariff in tariffs]
    zones = db.execute(_OF_ZONES.where(TariffZone.tariff_id.in_(ids)), {"club": club_id})
    groups = db.execute(_OF_GROUPS.where(TariffGroup.tariff_id.in_(ids)))
    return _put_together(map(_row_of, tariffs), iter(zones), iter(groups))


def _put_together(
    tariffs: Iterable[tuple[Any, ...]],
    zone_rows: Iterable[tuple[int, int, int | None, str]],
    group_rows: Iterable[tuple[int, int]],
) -> dict[int, Terms]:
    """The terms of tariffs (`_row_of`), in their order; the other rows: where and to whom they are sold."""
    zones: defaultdict[int, list[tuple[int, int | None, str]]] = defaultdict(list)
    for tariff_id, sold, price_tiyn, ids in zone_rows:
        zones[tariff_id].append((sold, price_tiyn, ids))
    groups: defaultdict[int, set[int]] = defaultdict(set)
    for tariff_id, group_id in group_rows:
        groups[tariff_id].add(group_id)
    return {
        tariff_id: _terms(
            tuple(terms), tuple(zones.get(tariff_id, ())), frozenset(groups.get(tariff_id, ()))
        )
        for tariff_id, *terms in tariffs
    }


@lru_cache(1024)
def _terms(
    row: tuple[Any, ...], zones: tuple[tuple[int, int | None, str], ...], groups: frozenset[int]
) -> Terms:
    """Tariffs seldom change, and are asked for at each sale: made once of what stands in the database."""
    weekdays, *same = row
    there = {
        int(zone_id): ZonePrice(bool(sold), price_tiyn)
        for sold, price_tiyn, ids in zones
        for zone_id in ids.split(",")
    }
    return Terms(
        weekdays=frozenset(day for day in rules.EVERY_DAY if weekdays & 1 << day),
        zones=there,
        groups=groups,
        **dict(zip(_SAME_IN_TERMS, same, strict=True)),
    )


def on_sale(db: Session, club_id: int) -> list[Tariff]:
    """Tariffs that are not retired, as the club has arranged them; before it has, the shortest first."""
    return _ON_SALE.values(db, club=club_id)


def retired(db: Session, club_id: int) -> list[Tariff]:
    """Tariffs no longer sold, the last one first; no more than a person looks through."""
    return list(
        db.scalars(
            select(Tariff)
            .where(Tariff.club_id == club_id, Tariff.retired_at.is_not(None))
            .order_by(Tariff.retired_at.desc(), Tariff.id.desc())
            .limit(MOST_RETIRED)
        )
    )


def views(goods: Iterable[Goods]) -> tuple[TariffView, ...]:
    """What is offered, as PCs are told of it."""
    return tuple(
        TariffView(
            tariff_id=one.tariff_id,
            title=one.terms.title,
            seconds=one.offer.seconds,
            price_tiyn=one.price_tiyn,
            kind=one.terms.kind,
            until=_clock(one.terms.sold_until) if one.terms.kind == "fixed_end" else "",
            valid_days=one.terms.valid_days if one.terms.kind == "bundle" else None,
            minimum_tiyn=one.terms.minimum_tiyn if one.terms.kind == "per_minute" else 0,
            full_price_tiyn=one.offer.full_price_tiyn if one.offer.discount_tiyn else 0,
            hours=hours_view(one.terms) if one.terms.play_rule == "sale_hours" else None,
        )
        for one in goods
    )


def hours_view(hours: Hours) -> HoursView:
    """Days and hours as a PC shows them."""
    return HoursView(
        weekdays=tuple(sorted(hours.weekdays)),
        opens=_clock(hours.sold_from),
        closes=_clock(hours.sold_until),
        holidays=hours.holiday_rule,
    )


def _clock(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def get(db: Session, club_id: int, tariff_id: int) -> Tariff:
    """A tariff that is on sale; OperationRefused("tariff_not_available")."""
    tariff = get_even_retired(db, club_id, tariff_id)
    if tariff.retired_at is not None:
        raise OperationRefused("tariff_not_available")
    return tariff


def get_even_retired(db: Session, club_id: int, tariff_id: int) -> Tariff:
    """A tariff, on sale or not; OperationRefused("tariff_not_available") if there never was one."""
    tariff = db.get(Tariff, tariff_id)
    if tariff is None or tariff.club_id != club_id:
        raise OperationRefused("tariff_not_available")
    return tariff
