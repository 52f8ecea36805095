"""Making, changing, arranging and retiring tariffs. What was sold keeps the rules it was sold with."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select

from lovhub.server.actor import Actor
from lovhub.server.bus import CatalogChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.belonging import whose
from lovhub.server.errors import OperationRefused
from lovhub.server.halls.models import Zone
from lovhub.server.journal import service as journal
from lovhub.server.loyalty.models import CustomerGroup, TariffGroup
from lovhub.server.ordering import placed
from lovhub.server.tariffs import queries, rules
from lovhub.server.tariffs.models import Holiday, Tariff, TariffZone
from lovhub.server.tariffs.rules import Terms

MOST_HOLIDAYS = 200


def create(club: ClubContext, *, terms: Terms, actor: Actor) -> int:
    """Add a tariff at the end of the list; returns its id. Raises OperationRefused("invalid_fields")."""
    with club.write() as work:
        terms = _checked(work, terms)
        last = work.db.scalar(
            select(func.max(Tariff.position)).where(Tariff.club_id == work.club_id)
        )
        tariff = Tariff(
            club_id=work.club_id,
            title=terms.title,
            seconds=terms.seconds,
            price_tiyn=terms.price_tiyn,
            position=(last or 0) + 1,
            created_at=work.now,
        )
        work.db.add(tariff)
        work.db.flush()
        _store(work, tariff, terms)
        journal.record(work, "tariff.created", actor, tariff_id=tariff.id, **_as_data(terms))
        work.tell(CatalogChanged())
        return tariff.id


def change(club: ClubContext, *, tariff_id: int, terms: Terms, actor: Actor) -> None:
    """Change a tariff from now on. Raises OperationRefused: `invalid_fields`, `tariff_not_available`."""
    with club.write() as work:
        terms = _checked(work, terms)
        tariff = queries.get(work.db, work.club_id, tariff_id)
        before = _as_data(queries.terms_of(work.db, work.club_id, [tariff])[tariff_id])
        after = _as_data(terms)
        if before == after:
            return
        _store(work, tariff, terms)
        journal.record(
            work,
            "tariff.changed",
            actor,
            tariff_id=tariff_id,
            **after,
            before={name: value for name, value in before.items() if value != after[name]},
        )
        work.tell(CatalogChanged())


def set_holidays(club: ClubContext, *, days: Collection[date], actor: Actor) -> None:
    """These dates are the club's holidays from now on. Raises OperationRefused("invalid_fields")."""
    if len(days) > MOST_HOLIDAYS:
        raise OperationRefused("invalid_fields", days="too_many_days")
    wanted = sorted(set(days))
    with club.write() as work:
        before = queries.holidays(work.db, work.club_id)
        if before == wanted:
            return
        work.db.execute(delete(Holiday).where(Holiday.club_id == work.club_id))
        work.db.add_all(Holiday(club_id=work.club_id, day=day.isoformat()) for day in wanted)
        journal.record(
            work,
            "tariff.holidays_changed",
            actor,
            added=[day.isoformat() for day in wanted if day not in before],
            removed=[day.isoformat() for day in before if day not in wanted],
        )
        work.tell(CatalogChanged())


def retire(club: ClubContext, *, tariff_id: int, actor: Actor) -> None:
    """Sell it no longer. Raises OperationRefused("tariff_not_available")."""
    with club.write() as work:
        tariff = queries.get(work.db, work.club_id, tariff_id)
        tariff.retired_at = work.now
        journal.record(work, "tariff.retired", actor, tariff_id=tariff_id, title=tariff.title)
        work.tell(CatalogChanged())


def restore(club: ClubContext, *, tariff_id: int, actor: Actor) -> None:
    """Sell it again, as if it had never been retired. Raises OperationRefused("tariff_not_available")."""
    with club.write() as work:
        tariff = queries.get_even_retired(work.db, work.club_id, tariff_id)
        if tariff.retired_at is None:
            return
        tariff.retired_at = None
        journal.record(work, "tariff.restored", actor, tariff_id=tariff_id, title=tariff.title)
        work.tell(CatalogChanged())


def move(club: ClubContext, *, tariff_id: int, place: int, actor: Actor) -> None:
    """Put it at `place` of the list, from 0. Raises OperationRefused("tariff_not_available")."""
    with club.write() as work:
        queries.get(work.db, work.club_id, tariff_id)
        on_sale = {row.id: row for row in queries.on_sale(work.db, work.club_id)}
        order = placed(list(on_sale), tariff_id, place)
        if order == list(on_sale):
            return
        for position, row_id in enumerate(order, start=1):
            on_sale[row_id].position = position
        title = on_sale[tariff_id].title
        journal.record(work, "tariff.moved", actor, tariff_id=tariff_id, title=title)
        work.tell(CatalogChanged())


def _checked(work: Work, terms: Terms) -> Terms:
    """The terms as they are kept, if nothing is wrong with them."""
    terms = replace(terms, title=terms.title.strip())
    if terms.kind == "fixed_end" and None not in {terms.sold_from, terms.sold_until}:
        seconds = rules.window_seconds(terms.sold_from or 0, terms.sold_until or 0)
        terms = replace(terms, seconds=seconds)
    if terms.kind == "per_minute":
        terms = replace(terms, seconds=rules.HOUR_SECONDS, rest_rule="kept")
    zones = work.db.scalars(
        select(Zone.id).where(Zone.club_id == work.club_id, Zone.deleted_at.is_(None))
    )
    problems = rules.problems(terms, set(zones) if terms.zones else ())
    known_groups = work.db.scalars(
        select(CustomerGroup.id).where(
            CustomerGroup.club_id == whose(work.club_id), CustomerGroup.deleted_at.is_(None)
        )
    )
    if terms.groups and not terms.groups <= set(known_groups):
        problems["groups"] = "group_unknown"
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    return terms


def _store(work: Work, tariff: Tariff, terms: Terms) -> None:
    for name, value in asdict(terms).items():
        if name == "weekdays":
            tariff.weekdays = sum(1 << day for day in terms.weekdays)
        elif name not in {"zones", "groups"}:
            setattr(tariff, name, value)
    work.db.execute(delete(TariffZone).where(TariffZone.tariff_id == tariff.id))
    work.db.add_all(
        TariffZone(
            tariff_id=tariff.id, zone_id=zone_id, sold=there.sold, price_tiyn=there.price_tiyn
        )
        for zone_id, there in terms.zones.items()
    )
    work.db.execute(delete(TariffGroup).where(TariffGroup.tariff_id == tariff.id))
    work.db.add_all(
        TariffGroup(tariff_id=tariff.id, group_id=group_id) for group_id in sorted(terms.groups)
    )


def _as_data(terms: Terms) -> dict[str, Any]:
    """For the journal, where an event's own `kind` is another thing."""
    data = asdict(terms)
    data["sold_as"] = data.pop("kind")
    return data | {
        "weekdays": sorted(terms.weekdays),
        "groups": sorted(terms.groups),
        "zones": {
            str(zone_id): there.price_tiyn if there.sold else "not_sold"
            for zone_id, there in sorted(terms.zones.items())
        },
    }
