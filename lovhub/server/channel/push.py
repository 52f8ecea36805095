"""From news to frames: what a PC must know is read again and sent, in order per PC."""

from typing import TYPE_CHECKING

from lovhub.protocol.channel import (
    CallChanged,
    CustomerChanged,
    Error,
    MaintenanceChanged,
    MaintenanceKeys,
    NameChanged,
    SessionChanged,
    SessionEnded,
)
from lovhub.protocol.lease import SignedLease, sign_lease
from lovhub.protocol.views import CustomerView, MaintenanceView
from lovhub.server.attention import queries as attention
from lovhub.server.channel import telling
from lovhub.server.computers import queries as computers
from lovhub.server.context import ClubContext
from lovhub.server.maintenance import keys
from lovhub.server.minors.rules import NIGHT
from lovhub.server.sessions import queries as sessions

if TYPE_CHECKING:
    from lovhub.server.channel.hub import Hub

_SESSION_ENDS = {"time_over", "signed_out", "ended_by_desk", "moved", "power_cut", "lease_over"}


async def session(hub: "Hub", computer_id: int, session_id: int) -> None:
    """The session on this PC has changed, or is over."""
    async with hub.lock_of(computer_id):
        connection = hub.connections.get(computer_id)
        if connection is None:
            return
        frame = await hub.in_thread(_session_frame, hub.club, computer_id, session_id)
        if frame is None:
            return
        connection.send(frame)
        if isinstance(frame, SessionEnded):
            connection.session_id = None
            # Whose time has run out may pay for more there, until the PC says that their games are closed.
            if not (connection.keeps_games and frame.reason == "time_over" and not frame.why):
                connection.customer_id = None
        else:
            connection.session_id = session_id
            await _who_sits_there(hub, computer_id, session_id)
    await telling.fit_catalog(hub, computer_id)


async def all_anew(hub: "Hub") -> None:
    """Nobody knows what has changed: every PC is told all of it."""
    await catalog(hub)
    for computer_id, connection in list(hub.connections.items()):
        await name(hub, computer_id)
        session_id = await hub.in_thread(_session_on, hub.club, computer_id)
        if session_id is None:
            session_id = connection.session_id
        if session_id is not None:
            await session(hub, computer_id, session_id)
        await maintenance(hub, computer_id)
        await call(hub, computer_id)
    await upkeep_keys(hub)
    await everybody(hub)


def _session_on(club: ClubContext, computer_id: int) -> int | None:
    with club.read() as db:
        here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
    return None if here is None else here.view.session_id


async def _who_sits_there(hub: "Hub", computer_id: int, session_id: int) -> None:
    """The desk may have seated somebody: the PC shows whom.

    Of a guest, nobody: whoever had signed in there before, without time, must not lend them name and balance.
    """
    connection = hub.connections[computer_id]
    found = await hub.in_thread(_customer_of, hub, computer_id, session_id)
    if found is None:
        return  # over since it was looked at: the news of its end says who is signed in then
    (view,) = found
    customer_id = None if view is None else view.customer_id
    if customer_id != connection.customer_id:
        connection.customer_id = customer_id
        connection.send(CustomerChanged(customer=view))


def _customer_of(
    hub: "Hub", computer_id: int, session_id: int
) -> tuple[CustomerView | None] | None:
    """Who plays this session, a guest being nobody; None if it is no longer there."""
    club = hub.club
    with club.read() as db:
        here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
        if here is None or here.view.session_id != session_id:
            return None
        if here.customer_id is None:
            return (None,)
        return (telling.customer_view(hub, db, here.customer_id),)


def _session_frame(
    club: ClubContext, computer_id: int, session_id: int
) -> SessionChanged | SessionEnded | None:
    with club.read() as db:
        here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
        if here is not None and here.view.session_id == session_id:
            lease = sign_lease(club.identity, here.lease) if here.lease else None
            return SessionChanged(session=here.view, lease=lease)
        reason, seconds = sessions.end_of(db, session_id)
        if not reason:
            return None
        return SessionEnded(
            session_id=session_id,
            reason=reason if reason in _SESSION_ENDS else "ended_by_desk",  # type: ignore[arg-type]
            seconds_returned=seconds,
            why=reason if reason == NIGHT else "",
        )


async def customer(hub: "Hub", customer_id: int) -> None:
    """A customer's balance or time has changed: tell the PC where they sit."""
    for computer_id, connection in list(hub.connections.items()):
        if connection.customer_id != customer_id:
            continue
        async with hub.lock_of(computer_id):
            view = await hub.in_thread(_customer_view, hub, customer_id)
            if connection.customer_id == customer_id:
                connection.send(CustomerChanged(customer=view))
        await telling.fit_catalog(hub, computer_id)


async def everybody(hub: "Hub") -> None:
    """What customers may do at a PC has changed: tell all who are signed in."""
    there = {connection.customer_id for connection in list(hub.connections.values())}
    for customer_id in there:
        if customer_id is not None:
            await customer(hub, customer_id)


def _customer_view(hub: "Hub", customer_id: int) -> CustomerView:
    with hub.club.read() as db:
        return telling.customer_view(hub, db, customer_id)


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


async def call(hub: "Hub", computer_id: int) -> None:
    """The call from this PC was made, taken or closed: the player sees who is coming."""

    def open_call() -> CallChanged:
        with hub.club.read() as db:
            return CallChanged(call=attention.call_view(db, computer_id))

    async with hub.lock_of(computer_id):  # never before the welcome
        connection = hub.connections.get(computer_id)
        if connection is not None:
            connection.send(await hub.in_thread(open_call))


async def maintenance(hub: "Hub", computer_id: int) -> None:
    """The PC was opened without a customer, or is to be locked again."""

    def at_pc() -> tuple[MaintenanceView | None, SignedLease | None]:
        with hub.club.read() as db:
            return telling.maintenance_at(db, hub.club, computer_id)

    async with hub.lock_of(computer_id):  # never before the welcome
        connection = hub.connections.get(computer_id)
        if connection is not None:
            view, lease = await hub.in_thread(at_pc)
            if view is not None and connection.customer_id is not None:
                # Whoever had signed in there without time is not to be found signed in afterwards.
                connection.customer_id = None
                connection.send(CustomerChanged(customer=None))
            connection.send(MaintenanceChanged(maintenance=view, lease=lease))


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


async def name(hub: "Hub", computer_id: int) -> None:
    """The PC has another name, or is no longer one of the club's."""

    def current_name() -> str | None:
        with hub.club.read() as db:
            computer = computers.by_id(db, hub.club.club_id, computer_id)
            return None if computer is None or computer.revoked_at else computer.name

    async with hub.lock_of(computer_id):  # never before the welcome
        connection = hub.connections.get(computer_id)
        if connection is None:
            return
        new_name = await hub.in_thread(current_name)
        if new_name is None:
            connection.send(Error(code="unknown_computer", text="revoked"))
            connection.finish()
        elif new_name != connection.computer_name:
            connection.computer_name = new_name
            connection.send(NameChanged(computer_name=new_name))
