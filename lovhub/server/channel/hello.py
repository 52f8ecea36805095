"""A paired PC says hello: it is looked up, what it reports is settled, and it is told how to go on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from lovhub.protocol.channel import Error, Hello, MaintenanceKeys, Welcome
from lovhub.protocol.lease import sign_lease
from lovhub.protocol.upkeep_code import UpkeepKeys
from lovhub.protocol.views import CustomerView
from lovhub.server.attention import queries as attention
from lovhub.server.attention.models import Call
from lovhub.server.channel.doubles import note_doubled
from lovhub.server.channel.own_requests import known
from lovhub.server.channel.refused import Refused
from lovhub.server.channel.telling import (
    CustomerSeen,
    customer_view,
    group_in,
    maintenance_at,
    offered,
    sits_there,
)
from lovhub.server.club import service as club_service
from lovhub.server.club.models import Club
from lovhub.server.computers import queries as computers
from lovhub.server.computers import service as computers_service
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.database.prepared import Query
from lovhub.server.maintenance import keys as upkeep_keys
from lovhub.server.maintenance.models import Maintenance
from lovhub.server.sessions import link
from lovhub.server.sessions import queries as sessions
from lovhub.server.sessions.models import IS_LIVE, PlaySession

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection
    from lovhub.server.channel.hub import Hub


@dataclass(frozen=True)
class _Told:
    """What a PC that said hello is told of itself, and the keys of the codes that open it.

    `customer`: who plays there; `heard`: how much news had been heard before all this was read.
    """

    welcome: Welcome
    keys: UpkeepKeys | None
    heard: int
    customer: CustomerSeen | None = None


_QUIET = Query(
    select(Computer, Club.name, Club.registers_at_pc, Club.upkeep_generation)
    .join(Club, Club.id == Computer.club_id)
    .where(
        Computer.id == bindparam("computer"),
        ~exists().where(PlaySession.computer_id == Computer.id, IS_LIVE),
        ~exists().where(Maintenance.computer_id == Computer.id, Maintenance.ended_at.is_(None)),
        ~exists().where(Call.computer_id == Computer.id, Call.closed_at.is_(None)),
    )
)
"""A PC of which there is nothing to settle, and nothing to tell but its name: one question instead of seven.

Of nearly all of a hall that comes back that is so.
"""


async def hello(connection: "Connection", frame: Hello) -> None:
    """A paired PC signs in: settle what it reports, and tell it how to go on."""
    hub = connection.hub
    is_alone = hub.neighbours.node_id is None
    async with hub.lock_of(frame.computer_id):
        news = hub.newsroom.of(frame.computer_id)
        # By the database: the picture of the hall may have missed that the PC was revoked, or paired anew.
        look_up = _look_up if is_alone and frame.session is None else _check
        told = await hub.in_thread(look_up, hub, frame, connection.address)
        hub.keep_pace(frame.computer_id, frame)
        earlier, last_seen_at = _link(connection, frame)
        elsewhere = await hub.neighbours.took(frame.computer_id, connection, frame.lock)
        if elsewhere:
            last_seen_at = None  # it was heard there since
        if not is_alone and frame.session is None:
            # Until now it may have been another server's, and what that one has written of it is to be settled.
            news = hub.newsroom.of(frame.computer_id)
            told = await hub.in_thread(_look_up, hub, frame, connection.address)
        pushed_off = elsewhere if earlier is None else earlier.address
        if pushed_off and hub.doubles.is_news(
            frame.computer_id, before=pushed_off, now=connection.address
        ):
            await hub.in_thread(note_doubled, hub.club, frame.computer_id)
        if told is not None and earlier is None and hub.newsroom.of(frame.computer_id) == news:
            # What is new since it was read was not heard of yet: by then the PC is told as all others are.
            hub.presence.settled(frame.computer_id, connection)
        else:
            told = await hub.in_thread(_settle_and_welcome, hub, frame, connection, last_seen_at)
        welcome = told.welcome
        connection.welcomed_after = told.heard
        connection.computer_name = welcome.computer_name
        connection.keeps_games = frame.keeps_games
        connection.session_id = welcome.session.session_id if welcome.session else None
        group_id = None
        if told.customer is None:
            connection.customer_id = None
            connection.customer_seen_after = told.heard
        else:
            group_id = told.customer.group_id
            sits_there(connection, told.customer)
        connection.send(welcome)
        if told.keys is not None:
            connection.send(MaintenanceKeys(told.keys))
        connection.group_id = group_id
        catalogs = await offered(hub, {group_id})
        connection.send(catalogs.of(frame.computer_id, group_id))
    hub.hall.changed(frame.computer_id)
    if hub.commands.waking(frame.computer_id):
        await hub.in_thread(hub.commands.computer_linked, frame.computer_id)


def _link(connection: "Connection", frame: Hello) -> tuple["Connection | None", int | None]:
    """The PC is here now; returns its earlier connection, which is sent away, and when it was last heard before."""
    hub = connection.hub
    earlier = hub.connections.get(frame.computer_id)
    connection.computer_id = frame.computer_id
    connection.commands = frozenset(frame.commands)
    connection.agent_version = frame.agent_version
    connection.takes_updates = frame.takes_updates
    connection.takes_codes = frame.takes_codes
    hub.connections[frame.computer_id] = connection
    hub.updates.came(frame.computer_id, connection)
    last_seen_at = hub.presence.last_seen_at(frame.computer_id)
    hub.presence.link(frame.computer_id, connection, frame.lock)
    if earlier is not None:
        earlier.send(Error(code="replaced", text="this PC has a newer connection"))
        earlier.finish()
    return earlier, last_seen_at


def _check(hub: "Hub", frame: Hello, _address: str) -> None:
    """Raises Refused for a PC that is not the club's, or whose token is another's."""
    with hub.club.read() as db:
        _known(db, hub.club, frame)


def _look_up(hub: "Hub", frame: Hello, address: str) -> _Told | None:
    """What a PC without a session is told if nothing is to be settled or noted. Raises as `_check`."""
    club, heard = hub.club, hub.heard.count
    with club.read() as db:
        found = _QUIET.first(db, computer=frame.computer_id)
        if found is None:
            _known(db, club, frame)
            return None
        computer, club_name, registers_at_pc, generation = found
        if not computers.is_let_in(computer, club.club_id, frame.token):
            raise _unknown()
        if computers_service.is_news(computer, frame, address=address):
            return None
        welcome = _plain_welcome(club, computer, club_name, registers_at_pc=registers_at_pc)
        return _Told(welcome, _keys(db, club, computer, frame, generation), heard)


def _settle_and_welcome(
    hub: "Hub", frame: Hello, connection: "Connection", last_seen_at: int | None
) -> _Told:
    link.link_returned(
        hub.club,
        computer_id=frame.computer_id,
        boot_id=frame.boot_id,
        report=frame.session,
        last_seen_at=last_seen_at,
    )
    # Only now: it is settled by when it was last seen before.
    hub.presence.settled(frame.computer_id, connection)
    return _note_and_welcome(hub, frame, connection.address)


def _note_and_welcome(hub: "Hub", frame: Hello, address: str) -> _Told:
    club, heard = hub.club, hub.heard.count
    with club.read() as db:
        computer = _known(db, club, frame)
        if not computers_service.is_news(computer, frame, address=address):
            return _told(hub, db, computer, frame, heard)
    with club.write() as work:
        computer = _known(work.db, club, frame)
        computers_service.said_hello(work, computer, frame, address=address)
    heard = hub.heard.count
    with club.read() as db:
        computer = _known(db, club, frame)
        return _told(hub, db, computer, frame, heard)


def _told(hub: "Hub", db: Session, computer: Computer, frame: Hello, heard: int) -> _Told:
    welcome = _welcome(hub, db, computer)
    customer = None
    if welcome.customer is not None:
        group_id = group_in(db, hub.club.club_id, welcome.customer.customer_id)
        customer = CustomerSeen(welcome.customer, group_id, heard)
    return _Told(welcome, _keys(db, hub.club, computer, frame), heard, customer)


def _keys(
    db: Session, club: ClubContext, computer: Computer, frame: Hello, generation: int | None = None
) -> UpkeepKeys | None:
    return upkeep_keys.keys_for(db, club, computer, generation) if frame.takes_codes else None


def _known(db: Session, club: ClubContext, frame: Hello) -> Computer:
    computer = computers.by_token(db, club.club_id, frame.computer_id, frame.token)
    if computer is None:
        raise _unknown()
    return computer


def _unknown() -> Refused:
    return Refused(Error(code="unknown_computer", text="not paired, or revoked"))


def _welcome(hub: "Hub", db: Session, computer: Computer) -> Welcome:
    club = hub.club
    settings = club_service.get(db, club.club_id)
    opening, opening_lease = maintenance_at(db, club, computer.id)
    here = sessions.pc_session(db, club.club_id, computer.id, club.clock.now())
    customer: CustomerView | None = None
    if here is not None and here.customer_id is not None:
        customer = customer_view(hub, db, here.customer_id)
    return replace(
        _plain_welcome(club, computer, settings.name, registers_at_pc=settings.registers_at_pc),
        session=here.view if here else None,
        customer=customer,
        call=attention.call_view(db, computer.id),
        lease=sign_lease(club.identity, here.lease) if here and here.lease else None,
        maintenance=opening,
        maintenance_lease=opening_lease,
    )


def _plain_welcome(
    club: ClubContext, computer: Computer, club_name: str, *, registers_at_pc: bool
) -> Welcome:
    """What a PC is told at which nobody plays or works, and that calls nobody."""
    return Welcome(
        computer_name=computer.name,
        club_name=club_name,
        server_time=club.clock.now(),
        journal_number=computer.journal_number,
        knows=known(registers_at_pc=registers_at_pc),
    )
