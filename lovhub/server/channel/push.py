"""From news to frames: what a PC must know is read again and sent, in order per PC.

`number`: how much was heard with the news (`Heard`). A PC whose welcome was read since knows of it: so a hall that
comes back is not told twice of its sessions, which its hellos have settled.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lovhub.protocol.channel import (
    CallChanged,
    Error,
    MaintenanceChanged,
    MaintenanceKeys,
    NameChanged,
    SessionChanged,
    SessionEnded,
)
from lovhub.protocol.lease import SignedLease, sign_lease
from lovhub.protocol.views import MaintenanceView
from lovhub.server.attention import queries as attention
from lovhub.server.channel import telling
from lovhub.server.computers import queries as computers
from lovhub.server.context import ClubContext
from lovhub.server.maintenance import keys
from lovhub.server.minors.rules import NIGHT
from lovhub.server.sessions import queries as sessions

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection
    from lovhub.server.channel.hub import Hub

_SESSION_ENDS = {"time_over", "signed_out", "ended_by_desk", "moved", "power_cut", "lease_over"}


async def session(hub: "Hub", computer_id: int, session_id: int, number: int) -> None:
    """The session on this PC has changed, or is over."""
    async with hub.lock_of(computer_id):
        connection = hub.connections.get(computer_id)
        # One that its own hello has ended is in no welcome: the PC is told why.
        if connection is None or (
            connection.session_id == session_id and connection.welcomed_after >= number
        ):
            return
        before = connection.customer_id
        found = await _session_now(hub, connection, computer_id, session_id)
        if found is None:
            return
        connection.send(found.frame)
        if isinstance(found.frame, SessionChanged):
            connection.session_id = session_id
            _show_who_plays(connection, found)
        elif connection.session_id in {None, session_id}:
            connection.session_id = None
            if _leaves(connection, found, number):
                telling.show_nobody(connection, found.heard)
    if connection.customer_id is None or connection.customer_id != before:
        await telling.fit_catalog(hub, computer_id)


def _show_who_plays(connection: "Connection", found: "_SessionNow") -> None:
    """The desk may have seated somebody: the PC shows whom.

    Of a guest, nobody: whoever had signed in there before, without time, must not lend them name and balance.
    """
    if found.customer is not None:
        telling.show_customer(connection, found.customer)
    elif found.customer_id is None:
        telling.show_nobody(connection, found.heard)


def _leaves(connection: "Connection", found: "_SessionNow", number: int) -> bool:
    """Whether the end of a session signs out who is there: its player, and not one who has come since."""
    knew_of_it = connection.welcomed_after >= number
    if knew_of_it or connection.customer_id is None or connection.customer_id != found.customer_id:
        return False
    # Whose time has run out may pay for more there, until the PC says that their games are closed.
    ended = found.frame
    is_kept = isinstance(ended, SessionEnded) and ended.reason == "time_over" and not ended.why
    return not (connection.keeps_games and is_kept)


def _to_be_told(hub: "Hub", computer_id: int, number: int) -> "Connection | None":
    """The PC's connection, unless its welcome has told it all that the news are of; its lock is held."""
    connection = hub.connections.get(computer_id)
    return None if connection is None or connection.welcomed_after >= number else connection


async def all_anew(hub: "Hub", number: int) -> None:
    """Nobody knows what has changed: every PC is told all of it."""
    await catalog(hub)
    for computer_id, connection in list(hub.connections.items()):
        await name(hub, computer_id, number)
        session_id = await hub.in_thread(_session_on, hub.club, computer_id)
        if session_id is None:
            session_id = connection.session_id
        if session_id is not None:
            await session(hub, computer_id, session_id, number)
        await maintenance(hub, computer_id, number)
        await call(hub, computer_id, number)
    await upkeep_keys(hub)
    await everybody(hub, number)


def _session_on(club: ClubContext, computer_id: int) -> int | None:
    with club.read() as db:
        here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
    return None if here is None else here.view.session_id


@dataclass(frozen=True)
class _SessionNow:
    """What a PC is told of a session, and which customer plays it or has played it: of a guest, none.

    `customer`: as the PC shows them, if it shows another one; `heard`: how much news had been heard before it was read.
    """

    frame: SessionChanged | SessionEnded
    heard: int
    customer_id: int | None = None
    customer: telling.CustomerSeen | None = None


async def _session_now(
    hub: "Hub", connection: "Connection", computer_id: int, session_id: int
) -> _SessionNow | None:
    while True:
        shown_id, seen_after = connection.customer_id, connection.customer_seen_after
        found = await hub.in_thread(_read_session, hub, computer_id, session_id, shown_id)
        # Players' own requests take no lock.
        if (connection.customer_id, connection.customer_seen_after) == (shown_id, seen_after):
            return found


def _read_session(
    hub: "Hub", computer_id: int, session_id: int, shown_id: int | None
) -> _SessionNow | None:
    """`shown_id`: of the customer whom the PC shows."""
    club, heard = hub.club, hub.heard.count
    with club.read() as db:
        here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
        if here is not None and here.view.session_id == session_id:
            lease = sign_lease(club.identity, here.lease) if here.lease else None
            customer = None
            if here.customer_id not in {None, shown_id}:
                customer = telling.see_customer(hub, db, here.customer_id, heard)
            frame = SessionChanged(session=here.view, lease=lease)
            return _SessionNow(frame, heard, here.customer_id, customer)
        reason, seconds, customer_id = sessions.end_of(db, session_id)
        if not reason:
            return None
        ended = SessionEnded(
            session_id=session_id,
            reason=reason if reason in _SESSION_ENDS else "ended_by_desk",  # type: ignore[arg-type]
            seconds_returned=seconds,
            why=reason if reason == NIGHT else "",
        )
        return _SessionNow(ended, heard, customer_id)


async def customer(hub: "Hub", customer_id: int, number: int) -> None:
    """A customer's balance, time or group has changed: tell the PC where they sit."""
    for connection in hub.whereabouts.of(customer_id):
        computer_id = connection.computer_id
        if computer_id is None:
            continue
        async with hub.lock_of(computer_id):
            is_there = connection.customer_id == customer_id and (
                hub.connections.get(computer_id) is connection
            )
            if not is_there or connection.customer_seen_after >= number:
                continue
            seen = await hub.in_thread(telling.customer_now, hub, customer_id)
            if connection.customer_id != customer_id:
                continue
            telling.show_customer(connection, seen)
        if seen.group_id != connection.group_id:
            await telling.fit_catalog(hub, computer_id)


async def everybody(hub: "Hub", number: int) -> None:
    """What customers may do at a PC has changed: tell all who are signed in."""
    for customer_id in hub.whereabouts.customers():
        await customer(hub, customer_id, number)


async def catalog(hub: "Hub") -> None:
    """Tariffs, applications or zones have changed: tell every PC."""
    async with hub.telling_catalog:  # never an older one after a newer
        there = list(hub.connections.items())
        groups = {connection.group_id for _, connection in there} | {None}
        catalogs = await telling.offered(hub, groups)
        for computer_id, connection in there:
            async with hub.lock_of(computer_id):  # never before the welcome
                if connection.group_id in groups:  # else it has just been told by `fit_catalog`
                    connection.send(catalogs.of(computer_id, connection.group_id))


async def call(hub: "Hub", computer_id: int, number: int) -> None:
    """The call from this PC was made, taken or closed: the player sees who is coming."""

    def open_call() -> CallChanged:
        with hub.club.read() as db:
            return CallChanged(call=attention.call_view(db, computer_id))

    async with hub.lock_of(computer_id):  # never before the welcome
        connection = _to_be_told(hub, computer_id, number)
        if connection is not None:
            connection.send(await hub.in_thread(open_call))


async def maintenance(hub: "Hub", computer_id: int, number: int) -> None:
    """The PC was opened without a customer, or is to be locked again."""

    def at_pc() -> tuple[MaintenanceView | None, SignedLease | None, int]:
        heard = hub.heard.count
        with hub.club.read() as db:
            return *telling.maintenance_at(db, hub.club, computer_id), heard

    async with hub.lock_of(computer_id):  # never before the welcome
        connection = _to_be_told(hub, computer_id, number)
        if connection is not None:
            view, lease, heard = await hub.in_thread(at_pc)
            if view is not None:
                # Whoever had signed in there without time is not to be found signed in afterwards.
                telling.show_nobody(connection, heard)
            connection.send(MaintenanceChanged(maintenance=view, lease=lease))
    await telling.fit_catalog(hub, computer_id)


async def upkeep_keys(hub: "Hub") -> None:
    """Others than before may open PCs by a code: every PC that takes codes is told."""

    def of(computer_id: int) -> MaintenanceKeys | None:
        with hub.club.read() as db:
            computer = computers.by_id(db, hub.club.club_id, computer_id)
            return (
                None if computer is None else MaintenanceKeys(keys.keys_for(db, hub.club, computer))
            )

    for computer_id, connection in list(hub.connections.items()):
        if not connection.takes_codes:
            continue
        async with hub.lock_of(computer_id):  # never before the welcome
            frame = await hub.in_thread(of, computer_id)
            if frame is not None and hub.connections.get(computer_id) is connection:
                connection.send(frame)


async def name(hub: "Hub", computer_id: int, number: int) -> None:
    """The PC has another name, or is no longer one of the club's."""

    def current_name() -> str | None:
        with hub.club.read() as db:
            computer = computers.by_id(db, hub.club.club_id, computer_id)
            return None if computer is None or computer.revoked_at else computer.name

    async with hub.lock_of(computer_id):  # never before the welcome
        connection = _to_be_told(hub, computer_id, number)
        if connection is None:
            return
        new_name = await hub.in_thread(current_name)
        if new_name is None:
            connection.send(Error(code="unknown_computer", text="revoked"))
            connection.finish()
        elif new_name != connection.computer_name:
            connection.computer_name = new_name
            connection.send(NameChanged(computer_name=new_name))
