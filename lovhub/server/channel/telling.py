"""What a PC is told: what it offers, who sits there, who works at it."""

import asyncio
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.orm import Session

from lovhub.protocol.channel import Catalog, CustomerChanged
from lovhub.protocol.lease import SignedLease
from lovhub.protocol.maintenance import sign_maintenance
from lovhub.protocol.views import CustomerView, MaintenanceView
from lovhub.server import bus
from lovhub.server.applications import queries as applications
from lovhub.server.club import service as club_service
from lovhub.server.computers import queries as computers
from lovhub.server.context import ClubContext
from lovhub.server.customers import view as customers_view
from lovhub.server.habits import queries as habits
from lovhub.server.loyalty import at_pc as promos_at_pc
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.maintenance import queries as maintenance
from lovhub.server.payments import at_pc
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs.rules import Group
from lovhub.traces import lines_of

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection
    from lovhub.server.channel.hub import Hub


@dataclass(frozen=True)
class Catalogs:
    """What may be bought and started now: at each PC, what is offered in its zone to customers of a group."""

    by_place: dict[tuple[int | None, int | None], Catalog]
    zones: Mapping[int, int | None]

    def of(self, computer_id: int, group_id: int | None) -> Catalog:
        """What this PC is told while somebody of this group sits there (None: of none, or nobody)."""
        return self.by_place[self.zones.get(computer_id), group_id]


def group_of(club: ClubContext, customer_id: int | None) -> int | None:
    """The group of whoever is signed in."""
    if customer_id is None:
        return None
    with club.read() as db:
        return group_in(db, club.club_id, customer_id)


def group_in(db: Session, club_id: int, customer_id: int) -> int | None:
    """A customer's group."""
    found = loyalty.of_customer(db, club_id, customer_id)
    return None if found is None else found.group_id


def catalogs_by_zone(
    club: ClubContext,
    group_ids: Collection[int | None],
    zones: Mapping[int, int | None] | None = None,
) -> Catalogs:
    """One for each zone in which PCs stand and each of these groups, from a few queries.

    `zones`: where each PC stands, if that is known.
    """
    with club.read() as db:
        if zones is None:
            zones = computers.zones_of_computers(db, club.club_id)
        shelf = tariffs.shelf(db, club.club_id, club.clock.now())
        settings = club_service.get(db, club.club_id)
        named = lines_of(settings.traces)
        offered = applications.applications_by_zone(db, club.club_id, {None, *zones.values()})
        groups = {
            row.id: Group(row.id, row.discount_percent)
            for row in (loyalty.groups(db, club.club_id) if any(group_ids) else ())
        }
    catalogs = {
        (zone_id, group_id): Catalog(
            tariffs=tariffs.views(shelf.goods(zone_id, groups.get(group_id or 0))),
            applications=tuple(views),
            traces=named,
            cached_sign_ins=settings.cached_sign_ins,
        )
        for zone_id, views in offered.items()
        for group_id in group_ids
    }
    return Catalogs(catalogs, zones)


_CHANGES_CATALOGS = (
    bus.CatalogChanged | bus.GroupsChanged | bus.HallsChanged | bus.ComputerChanged | bus.NewsMissed
)


ZONES_SECONDS = 60
"""Where PCs stand is read again after so long at most, for news may not have come of what was committed."""


class KeptCatalogs:
    """The catalogues that were read last, for as long as they must be the same: this second, and until news of them.

    Where PCs stand is no matter of the hour: that is read when there are news of it. A hall that comes back asks for
    the catalogues once a PC.
    """

    def __init__(self, club: ClubContext) -> None:
        self._club = club
        self._lock = threading.Lock()
        self._news = 0
        self._read_at = (-1, -1)
        self._kept: dict[frozenset[int | None], Catalogs] = {}
        self._zones_read_at = (-1, -1)
        self._zones: Mapping[int, int | None] = {}
        self.under_way: dict[frozenset[int | None], asyncio.Task[Catalogs]] = {}
        """What is being read now; of the loop."""

    def hear(self, news: bus.News) -> None:
        """Something was committed; in the thread that did it, so that whoever asks next is told of it."""
        if isinstance(news, _CHANGES_CATALOGS):
            with self._lock:
                self._news += 1

    def known(self, group_ids: Collection[int | None]) -> Catalogs | None:
        """Those for these groups, if they were read already; memory only."""
        with self._lock:
            if self._read_at != (self._club.clock.now(), self._news):
                return None
            return self._kept.get(frozenset(group_ids))

    def read(self, group_ids: Collection[int | None]) -> Catalogs:
        """Those for these groups."""
        with self._lock:
            now, news = self._club.clock.now(), self._news
            zones_asked_at = (now // ZONES_SECONDS, news)
            zones = self._zones if self._zones_read_at == zones_asked_at else None
        found = catalogs_by_zone(self._club, group_ids, zones)
        with self._lock:
            if self._read_at != (now, news):
                self._read_at, self._kept = (now, news), {}
            self._kept[frozenset(group_ids)] = found
            self._zones_read_at, self._zones = zones_asked_at, found.zones
        return found


async def offered(hub: "Hub", group_ids: Collection[int | None]) -> Catalogs:
    """What may be bought and started now by customers of these groups; on the loop.

    Those who ask at the same time wait for one thread, and fail with it.
    """
    catalogs, groups = hub.catalogs, frozenset(group_ids)
    known = catalogs.known(groups)
    if known is None and (earlier := catalogs.under_way.get(groups)) is not None:
        await asyncio.wait([earlier])  # by what was there when it began: news may have come since
        known = catalogs.known(groups)
    if known is not None:
        return known
    reading = catalogs.under_way.get(groups)
    if reading is None:
        reading = asyncio.create_task(hub.in_thread(catalogs.read, groups))
        catalogs.under_way[groups] = reading
        reading.add_done_callback(partial(_was_read, catalogs, groups))
    return await asyncio.shield(reading)


def _was_read(
    catalogs: KeptCatalogs, groups: frozenset[int | None], reading: asyncio.Task[Catalogs]
) -> None:
    del catalogs.under_way[groups]
    if not reading.cancelled():
        reading.exception()  # whoever waits has it; there may be nobody any more


def maintenance_at(
    db: Session, club: ClubContext, computer_id: int
) -> tuple[MaintenanceView | None, SignedLease | None]:
    """Who may work at the PC without a customer, and the signed leave for it; nothing for nobody."""
    now = club.clock.now()
    found = maintenance.in_force(db, club.club_id, now, computer_id)
    if not found:
        return None, None
    return found[0].view(now), sign_maintenance(club.identity, found[0].lease())


def customer_view(hub: "Hub", db: Session, customer_id: int) -> CustomerView:
    """Who sits there, what they have, how they may pay, whether a promo code is taken, and what they like."""
    club, now = hub.club, hub.club.clock.now()
    return msgspec.structs.replace(
        customers_view.customer_view(db, hub.club.club_id, customer_id, now),
        pay=at_pc.view(db, club.club_id, hub.payments, customer_id, now),
        promo=promos_at_pc.view(db, club.club_id, customer_id, now),
        habits=habits.view(db, club.club_id, customer_id, now),
    )


@dataclass(frozen=True)
class CustomerSeen:
    """A customer as their PC shows them, and their group. `heard`: how much news had been heard before it was read."""

    view: CustomerView
    group_id: int | None
    heard: int


def see_customer(hub: "Hub", db: Session, customer_id: int, heard: int) -> CustomerSeen:
    """`heard`: before `db` was begun."""
    view = customer_view(hub, db, customer_id)
    return CustomerSeen(view, group_in(db, hub.club.club_id, customer_id), heard)


def customer_now(hub: "Hub", customer_id: int) -> CustomerSeen:
    """The customer as they are now."""
    heard = hub.heard.count
    with hub.club.read() as db:
        return see_customer(hub, db, customer_id, heard)


def sits_there(connection: "Connection", seen: CustomerSeen) -> None:
    """Note who is signed in at the PC, as it is told; on the loop.

    News of whoever has just come have found them at no PC, if they came while this was read: then it is told again.
    """
    customer_id = seen.view.customer_id
    has_come = connection.customer_id != customer_id
    connection.customer_id = customer_id
    connection.customer_seen_after = seen.heard
    newest = connection.hub.heard.of_customer(customer_id)
    if has_come and newest > seen.heard:
        connection.hub.newsroom.act_on(bus.CustomerChanged(customer_id), newest)


def show_customer(connection: "Connection", seen: CustomerSeen) -> None:
    """Tell the PC who sits there, unless it was told what was read later; on the loop.

    So whose request is still under way while somebody else is seated, or the PC is closed, is not shown there again.
    """
    if connection.customer_seen_after <= seen.heard:
        sits_there(connection, seen)
        connection.send(CustomerChanged(customer=seen.view))


def show_nobody(connection: "Connection", heard: int) -> None:
    """Nobody is signed in at the PC, which is told so if somebody was; on the loop. `heard`: before that was read."""
    connection.customer_seen_after = max(connection.customer_seen_after, heard)
    if connection.customer_id is not None:
        connection.customer_id = None
        connection.send(CustomerChanged(customer=None))


async def fit_catalog(hub: "Hub", computer_id: int) -> None:
    """Somebody else may sit there now: their group has prices of its own. Told only if it is another."""
    connection = hub.connections.get(computer_id)
    if connection is None or (connection.customer_id is None and connection.group_id is None):
        return
    group_id = await hub.in_thread(group_of, hub.club, connection.customer_id)
    if group_id == connection.group_id:
        return
    # Never an older one after a newer.
    async with hub.telling_catalog, hub.lock_of(computer_id):
        while True:
            customer_id = connection.customer_id
            group_id = await hub.in_thread(group_of, hub.club, customer_id)
            if connection.customer_id == customer_id:  # players' own requests take no lock
                break
        if group_id == connection.group_id or hub.connections.get(computer_id) is not connection:
            return
        connection.group_id = group_id
        catalogs = await offered(hub, {group_id})
        connection.send(catalogs.of(computer_id, group_id))
