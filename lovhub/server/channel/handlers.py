"""One message, one handler. What asks the database runs in a thread, in the order the PC sent it."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import structlog
from sqlalchemy.orm import Session

from lovhub.protocol.channel import (
    Ack,
    Answer,
    BuyTariff,
    CallDesk,
    CancelTopUp,
    Catalog,
    ClientFrame,
    CommandResult,
    CustomerChanged,
    Error,
    Goodbye,
    Hardware,
    Heartbeat,
    Hello,
    Journal,
    JournalAck,
    SetPassword,
    SignIn,
    SignInWithCode,
    SignOut,
    TopUp,
    Welcome,
)
from lovhub.protocol.lease import SignedLease, sign_lease
from lovhub.protocol.maintenance import MaintenanceView, sign_maintenance
from lovhub.protocol.views import AnswerCode, CustomerView
from lovhub.server.actor import Actor
from lovhub.server.applications import queries as applications
from lovhub.server.attention import queries as attention
from lovhub.server.attention import service as attention_service
from lovhub.server.channel.refused import Refused
from lovhub.server.club import service as club_service
from lovhub.server.computers import queries as computers
from lovhub.server.computers import service as computers_service
from lovhub.server.context import ClubContext
from lovhub.server.customers import pins
from lovhub.server.customers import queries as customers
from lovhub.server.customers import service as customers_service
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.loyalty import queries as loyalty
from lovhub.server.maintenance import queries as maintenance
from lovhub.server.maintenance import service as maintenance_service
from lovhub.server.payments import at_pc
from lovhub.server.payments import service as payments_service
from lovhub.server.pc import service as pc_service
from lovhub.server.sessions import codes, intake, link
from lovhub.server.sessions import queries as sessions
from lovhub.server.sessions import service as sessions_service
from lovhub.server.sessions.sale import Till
from lovhub.server.tariffs import queries as tariffs
from lovhub.server.tariffs.rules import Group

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection
    from lovhub.server.channel.hub import Hub

log = structlog.get_logger("channel")

_ANSWER_CODES = frozenset(get_args(AnswerCode))
_ALIASES: dict[str, AnswerCode] = {
    "computer_unknown": "server_error",
    # A PC knows no finer reasons: it is sent what is on offer now.
    "tariff_not_sold_here": "tariff_not_available",
    "tariff_not_sold_now": "tariff_not_available",
    "price_changed": "tariff_not_available",
    "already_by_minute": "tariff_not_available",
    "computer_in_maintenance": "computer_busy",
}

_FINER: dict[str, AnswerCode] = {
    "age_unconfirmed": "computer_busy",
    "minor_at_night": "computer_busy",
    "age_unconfirmed_past_night": "tariff_not_available",
    "minor_past_night": "tariff_not_available",
}
"""Codes that older agents do not know, each with the one that they are told instead."""


async def handle(connection: "Connection", frame: ClientFrame) -> None:
    """Do what the frame asks for; a frame out of place closes the connection."""
    handler = _HANDLERS.get(type(frame))
    if handler is None or connection.computer_id is None:
        raise Refused(Error(code="unexpected", text=type(frame).__name__))
    await handler(connection, frame)


async def hello(connection: "Connection", frame: Hello) -> None:
    """A paired PC signs in: settle what it reports, and tell it how to go on."""
    hub = connection.hub
    async with hub.lock_of(frame.computer_id):
        if not await hub.in_thread(_is_known, hub.club, frame):
            raise Refused(Error(code="unknown_computer", text="not paired, or revoked"))
        hub.keep_pace(frame.computer_id, frame)
        earlier = hub.connections.get(frame.computer_id)
        connection.computer_id = frame.computer_id
        hub.connections[frame.computer_id] = connection
        last_seen_at = hub.presence.last_seen_at(frame.computer_id)
        hub.presence.link(frame.computer_id, connection, frame.lock)
        if earlier is not None:
            earlier.send(Error(code="replaced", text="this PC has a newer connection"))
            earlier.finish()
            if hub.doubles.is_news(
                frame.computer_id, before=earlier.address, now=connection.address
            ):
                await hub.in_thread(_raise_doubled, hub.club, frame.computer_id)
        await hub.in_thread(
            link.link_returned,
            hub.club,
            computer_id=frame.computer_id,
            boot_id=frame.boot_id,
            report=frame.session,
            last_seen_at=last_seen_at,
        )
        # Only now: a PC without a journal has just been settled by when it was last seen before.
        await hub.in_thread(_note_hello, hub.club, frame, connection.address)
        welcome = await hub.in_thread(_welcome, hub, frame.computer_id)
        connection.computer_name = welcome.computer_name
        connection.session_id = welcome.session.session_id if welcome.session else None
        connection.customer_id = welcome.customer.customer_id if welcome.customer else None
        connection.send(welcome)
        group_id = await hub.in_thread(group_of, hub.club, connection.customer_id)
        connection.group_id = group_id
        catalogs = await hub.in_thread(catalogs_by_zone, hub.club, {group_id})
        connection.send(catalogs.of(frame.computer_id, group_id))
    hub.hall.changed(frame.computer_id)


@dataclass(frozen=True)
class Catalogs:
    """What may be bought and started now: at each PC, what is offered in its zone to customers of a group."""

    by_place: dict[tuple[int | None, int | None], Catalog]
    zones: dict[int, int | None]

    def of(self, computer_id: int, group_id: int | None) -> Catalog:
        """What this PC is told while somebody of this group sits there (None: of none, or nobody)."""
        return self.by_place[self.zones.get(computer_id), group_id]


def group_of(club: ClubContext, customer_id: int | None) -> int | None:
    """The group of whoever is signed in."""
    if customer_id is None:
        return None
    with club.read() as db:
        found = loyalty.of_customer(db, club.club_id, customer_id)
    return None if found is None else found.group_id


def catalogs_by_zone(club: ClubContext, group_ids: Collection[int | None]) -> Catalogs:
    """One for each zone in which PCs stand and each of these groups, from a few queries."""
    with club.read() as db:
        zones = computers.zones_of_computers(db, club.club_id)
        shelf = tariffs.shelf(db, club.club_id, club.clock.now())
        offered = applications.applications_by_zone(db, club.club_id, {None, *zones.values()})
        groups = {
            row.id: Group(row.id, row.discount_percent)
            for row in (loyalty.groups(db, club.club_id) if any(group_ids) else ())
        }
    catalogs = {
        (zone_id, group_id): Catalog(
            tariffs=tariffs.views(shelf.goods(zone_id, groups.get(group_id or 0))),
            applications=tuple(views),
        )
        for zone_id, views in offered.items()
        for group_id in group_ids
    }
    return Catalogs(catalogs, zones)


def _raise_doubled(club: ClubContext, computer_id: int) -> None:
    with club.write() as work:
        journal.raise_alarm(work, "computer_doubled", computer_id=computer_id)


def _is_known(club: ClubContext, frame: Hello) -> bool:
    with club.read() as db:
        return computers.by_token(db, club.club_id, frame.computer_id, frame.token) is not None


def _note_hello(club: ClubContext, frame: Hello, address: str) -> None:
    with club.write() as work:
        computer = computers.by_token(work.db, club.club_id, frame.computer_id, frame.token)
        if computer is None:
            raise OperationRefused("computer_unknown")
        computers_service.said_hello(work, computer, frame, address=address)


def _welcome(hub: "Hub", computer_id: int) -> Welcome:
    club = hub.club
    now = club.clock.now()
    opening, opening_lease = maintenance_at(club, computer_id)
    with club.read() as db:
        computer = computers.by_id(db, club.club_id, computer_id)
        if computer is None:
            raise OperationRefused("computer_unknown")
        here = sessions.pc_session(db, club.club_id, computer_id, now)
        customer: CustomerView | None = None
        if here is not None and here.customer_id is not None:
            customer = customer_view(hub, db, here.customer_id)
        return Welcome(
            computer_name=computer.name,
            club_name=club_service.get(db, club.club_id).name,
            server_time=now,
            session=here.view if here else None,
            customer=customer,
            call=attention.call_view(db, computer_id),
            lease=sign_lease(club.identity, here.lease) if here and here.lease else None,
            journal_number=computer.journal_number,
            maintenance=opening,
            maintenance_lease=opening_lease,
        )


def maintenance_at(
    club: ClubContext, computer_id: int
) -> tuple[MaintenanceView | None, SignedLease | None]:
    """Who may work at the PC without a customer, and the signed leave for it; nothing for nobody."""
    now = club.clock.now()
    with club.read() as db:
        found = maintenance.in_force(db, club.club_id, now, computer_id)
    if not found:
        return None, None
    return found[0].view(now), sign_maintenance(club.identity, found[0].lease())


def customer_view(hub: "Hub", db: Session, customer_id: int) -> CustomerView:
    """Who sits there, what they have, and how they may pay."""
    club, now = hub.club, hub.club.clock.now()
    return msgspec.structs.replace(
        customers.customer_view(db, customer_id, now),
        pay=at_pc.view(db, club.club_id, hub.payments, customer_id, now),
    )


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
        group_id = await hub.in_thread(group_of, hub.club, connection.customer_id)
        if group_id == connection.group_id or hub.connections.get(computer_id) is not connection:
            return
        connection.group_id = group_id
        catalogs = await hub.in_thread(catalogs_by_zone, hub.club, {group_id})
        connection.send(catalogs.of(computer_id, group_id))


async def _heartbeat(connection: "Connection", frame: Heartbeat) -> None:
    assert connection.computer_id is not None  # noqa: S101 (handle() has checked)
    connection.hub.presence.heartbeat(
        connection.computer_id, lock=frame.lock, application_id=frame.application_id
    )
    connection.send(Ack(seq=frame.seq))


async def _journal(connection: "Connection", frame: Journal) -> None:
    hub = connection.hub
    number = await hub.in_thread(
        intake.apply_entries,
        hub.club,
        computer_id=_computer_id(connection),
        entries=frame.entries,
    )
    connection.send(JournalAck(number=number))


async def _sign_in(connection: "Connection", frame: SignIn) -> None:
    def sign_in() -> CustomerView:
        club, computer_id = connection.hub.club, _computer_id(connection)
        customer_id = customers_service.check_credentials(
            club, login=frame.login, password=frame.password, address=connection.address
        )
        return _seat(connection, club, computer_id, customer_id)

    await _answer(connection, frame.request_id, sign_in, checks_password=True)


async def _set_password(connection: "Connection", frame: SetPassword) -> None:
    def set_password() -> CustomerView:
        club, computer_id = connection.hub.club, _computer_id(connection)
        customer_id = pins.set_password(
            club,
            login=frame.login,
            pin=frame.pin,
            password=frame.password,
            address=connection.address,
        )
        return _seat(connection, club, computer_id, customer_id)

    await _answer(connection, frame.request_id, set_password, checks_password=True)


def _seat(
    connection: "Connection", club: ClubContext, computer_id: int, customer_id: int
) -> CustomerView:
    """Note who sits there, begin what can begin, and say what they have."""
    with club.read() as db:
        customer = customers.customer_view(db, customer_id, club.clock.now())
    actor = Actor("customer", customer_id, customer.name, address=connection.address)
    customers_service.note_sign_in(club, computer_id=computer_id, actor=actor)
    sessions_service.begin_for_customer(
        club, computer_id=computer_id, customer_id=customer_id, actor=actor
    )
    with club.read() as db:
        return customer_view(connection.hub, db, customer_id)


async def _sign_in_with_code(connection: "Connection", frame: SignInWithCode) -> None:
    def begin() -> None:
        club, computer_id = connection.hub.club, _computer_id(connection)
        key = f"seat code {computer_id}"
        club.failures_by_address.check(key)
        try:
            codes.begin_with_code(club, computer_id=computer_id, code=frame.code)
        except OperationRefused as refusal:
            if refusal.code == "wrong_code":
                club.failures_by_address.failed(key)
            raise

    await _answer(connection, frame.request_id, begin)


async def _buy(connection: "Connection", frame: BuyTariff) -> None:
    def buy() -> CustomerView:
        club, computer_id = connection.hub.club, _computer_id(connection)
        actor = _signed_in(connection)
        sessions_service.buy(
            club,
            computer_id=computer_id,
            customer_id=actor.id,
            tariff_id=frame.tariff_id,
            key=f"buy:{computer_id}:{frame.request_id}",
            till=Till(price_tiyn=frame.price_tiyn),
            actor=actor,
        )
        with club.read() as db:
            return customer_view(connection.hub, db, actor.id)

    await _answer(connection, frame.request_id, buy)


async def _top_up(connection: "Connection", frame: TopUp) -> None:
    """The answer waits for nobody outside: what the provider says comes as news of the customer."""
    hub = connection.hub
    to_ask: list[Callable[[], None]] = []

    def ask() -> CustomerView:
        actor = _signed_in(connection)
        provider, question, taken_back = at_pc.ask(
            hub.club,
            hub.payments,
            computer_id=_computer_id(connection),
            customer_id=actor.id,
            amount_tiyn=frame.amount_tiyn,
            request_id=frame.request_id,
            actor=actor,
        )
        to_ask.append(partial(payments_service.put, hub.club, provider, question))
        to_ask.extend(
            partial(payments_service.tell_taken_back, hub.club, hub.payments, payment_id)
            for payment_id in taken_back
        )
        with hub.club.read() as db:
            return customer_view(hub, db, actor.id)

    await _answer(connection, frame.request_id, ask)
    for question in to_ask:
        hub.spawn(hub.in_payment_thread(question))


async def _cancel_top_up(connection: "Connection", frame: CancelTopUp) -> None:
    hub = connection.hub

    def drop() -> CustomerView:
        actor = _signed_in(connection)
        at_pc.drop(hub.club, customer_id=actor.id, payment_id=frame.payment_id, actor=actor)
        with hub.club.read() as db:
            return customer_view(hub, db, actor.id)

    if await _answer(connection, frame.request_id, drop):
        hub.spawn(
            hub.in_payment_thread(
                payments_service.tell_taken_back, hub.club, hub.payments, frame.payment_id
            )
        )


@dataclass(frozen=True)
class _Customer(Actor):
    """The customer signed in at a PC, as whoever does something there."""

    id: int = 0


def _signed_in(connection: "Connection") -> _Customer:
    """Who is signed in; refused with `not_signed_in`."""
    customer_id, club = connection.customer_id, connection.hub.club
    if customer_id is None:
        raise OperationRefused("not_signed_in")
    with club.read() as db:
        name = customers.customer_view(db, customer_id, club.clock.now()).name
    return _Customer("customer", customer_id, name, address=connection.address)


async def _sign_out(connection: "Connection", frame: SignOut) -> None:
    def sign_out() -> None:
        club, computer_id = connection.hub.club, _computer_id(connection)
        with club.read() as db:
            here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
        if here is not None:
            who = Actor(
                "customer" if here.customer_id else "guest",
                here.customer_id,
                here.view.customer_name,
                address=connection.address,
            )
            sessions_service.end(
                club, session_id=here.view.session_id, actor=who, reason="signed_out"
            )
            return
        at_the_pc = Actor(
            "computer", computer_id, connection.computer_name, address=connection.address
        )
        maintenance_service.end(club, computer_id=computer_id, actor=at_the_pc)

    if await _answer(connection, frame.request_id, sign_out):
        connection.customer_id = None
        connection.send(CustomerChanged(customer=None))
        await fit_catalog(connection.hub, _computer_id(connection))


async def _call_desk(connection: "Connection", frame: CallDesk) -> None:
    def call() -> None:
        club, computer_id = connection.hub.club, _computer_id(connection)
        with club.read() as db:
            here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
            customer_id = here.customer_id if here else connection.customer_id
            name = (
                customers.customer_view(db, customer_id, club.clock.now()).name
                if customer_id
                else ""
            )
        if customer_id is not None:
            actor = Actor("customer", customer_id, name, address=connection.address)
        elif here is not None:
            actor = Actor("guest", None, here.view.customer_name, address=connection.address)
        else:
            actor = Actor(
                "computer", computer_id, connection.computer_name, address=connection.address
            )
        attention_service.call(
            club,
            computer_id=computer_id,
            reason=frame.reason,
            text=frame.text,
            actor=actor,
            customer_id=customer_id,
            session_id=here.view.session_id if here else None,
        )

    await _answer(connection, frame.request_id, call)


async def _command_result(connection: "Connection", frame: CommandResult) -> None:
    await connection.hub.in_thread(
        connection.hub.commands.answered, _computer_id(connection), frame
    )


async def _hardware(connection: "Connection", frame: Hardware) -> None:
    computer_id = _computer_id(connection)
    await connection.hub.in_thread(
        pc_service.note_hardware,
        connection.hub.club,
        computer_id=computer_id,
        hardware=frame,
        actor=Actor("computer", computer_id, connection.computer_name, address=connection.address),
    )


async def _goodbye(connection: "Connection", frame: Goodbye) -> None:
    connection.said_goodbye = True
    hub = connection.hub
    await hub.in_thread(
        computers_service.said_goodbye,
        hub.club,
        computer_id=_computer_id(connection),
        reason=frame.reason,
        address=connection.address,
    )
    connection.finish()


async def _answer(
    connection: "Connection",
    request_id: str,
    operation: Callable[[], CustomerView | None],
    *,
    checks_password: bool = False,
) -> bool:
    """Run a player's request and answer it, whatever happens; tells whether it was done."""
    code: AnswerCode = "ok"
    why = ""
    customer: CustomerView | None = None
    try:
        hub = connection.hub
        customer = await (
            hub.in_password_thread(operation) if checks_password else hub.in_thread(operation)
        )
    except OperationRefused as refusal:
        code = _answer_code(refusal.code)
        why = refusal.code if refusal.code in _FINER else ""
        if code == "server_error":
            log.warning("request_refused", code=refusal.code, computer_id=connection.computer_id)
    except Exception:
        log.exception("request_failed", computer_id=connection.computer_id)
        code = "server_error"
    if customer is not None:
        connection.customer_id = customer.customer_id
        connection.send(CustomerChanged(customer=customer))
    connection.send(Answer(request_id=request_id, code=code, why=why))
    if customer is not None and connection.computer_id is not None:
        await fit_catalog(connection.hub, connection.computer_id)
    return code == "ok"


def _answer_code(code: str) -> AnswerCode:
    if code in _FINER:
        return _FINER[code]
    if code in _ANSWER_CODES:
        return code  # type: ignore[return-value]  # just checked
    return _ALIASES.get(code, "server_error")


def _computer_id(connection: "Connection") -> int:
    if connection.computer_id is None:
        raise OperationRefused("computer_unknown")
    return connection.computer_id


_HANDLERS: dict[type, Callable[["Connection", Any], Awaitable[None]]] = {
    Heartbeat: _heartbeat,
    Journal: _journal,
    SignIn: _sign_in,
    SetPassword: _set_password,
    SignInWithCode: _sign_in_with_code,
    BuyTariff: _buy,
    TopUp: _top_up,
    CancelTopUp: _cancel_top_up,
    SignOut: _sign_out,
    CallDesk: _call_desk,
    CommandResult: _command_result,
    Hardware: _hardware,
    Goodbye: _goodbye,
}
"""Handlers of what a known PC may say; `hello` and pairing come before (`connection.py`)."""
