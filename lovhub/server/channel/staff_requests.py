"""What a member of staff does at a PC, signed in there with the own account.

The sign-in lies on the connection and nowhere else: it ends with the link, when the person is done, or two minutes
after the last deed. Who it is and what they may do is looked up again for each deed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lovhub.protocol.channel import StaffChanged
from lovhub.protocol.questions import StaffAddApplication, StaffSignIn, StaffSignOut, StaffTopUp
from lovhub.protocol.views import StaffView
from lovhub.server.actor import Actor
from lovhub.server.applications import service as applications_service
from lovhub.server.applications import showing
from lovhub.server.channel.player_requests import answer_request, computer_of
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries as customers
from lovhub.server.customers import service as customers_service
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.staff import rights, rules
from lovhub.server.staff import service as staff_service
from lovhub.server.staff.models import Staff

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection
    from lovhub.server.channel.hub import Hub

IDLE_SECONDS = 120


@dataclass
class StaffHere:
    """Who is signed in at a PC. A changed password ends it, as it ends sign-ins elsewhere."""

    staff_id: int
    password_hash: str
    until: float
    topped_up: str = ""
    amount_tiyn: int = 0


async def _sign_in(connection: "Connection", frame: StaffSignIn) -> None:
    club, computer_id = connection.hub.club, computer_of(connection)
    _leave(connection)

    def sign_in() -> None:
        person = staff_service.identify(
            club,
            login=frame.login,
            password=frame.password,
            code=frame.code,
            address=connection.address,
        )
        _check_free(club, person)
        may = [right for right in ("sell", "manage_applications") if rights.may(person.role, right)]
        if not may:
            raise OperationRefused("not_allowed")
        actor = staff_service.actor_of(person, connection.address)
        with club.write() as work:
            journal.record(work, "staff.signed_in_at_pc", actor, computer_id=computer_id)
        until = club.clock.monotonic() + IDLE_SECONDS
        connection.staff = StaffHere(person.id, person.password_hash, until)
        connection.hub.with_staff.add(connection)

    if await answer_request(connection, frame.request_id, sign_in, checks_password=True):
        await _tell(connection)


async def _sign_out(connection: "Connection", frame: StaffSignOut) -> None:
    _leave(connection)
    await answer_request(connection, frame.request_id, lambda: None)
    await _tell(connection)


async def _top_up(connection: "Connection", frame: StaffTopUp) -> None:
    club, computer_id = connection.hub.club, computer_of(connection)

    def top_up() -> None:
        here, actor = _who(connection, "sell")
        with club.read() as db:
            customer = customers.by_login(db, club.club_id, frame.login)
        if customer is None:
            raise OperationRefused("no_such_customer")
        customers_service.top_up(
            club,
            customer_id=customer.id,
            amount_tiyn=frame.amount_tiyn,
            method=frame.method,
            key=f"pc_desk:{computer_id}:{here.staff_id}:{frame.request_id}",
            actor=actor,
            computer_id=computer_id,
        )
        here.topped_up, here.amount_tiyn = customer.name, frame.amount_tiyn

    await answer_request(connection, frame.request_id, top_up)
    await _tell(connection)


async def _add_application(connection: "Connection", frame: StaffAddApplication) -> None:
    club, computer_id = connection.hub.club, computer_of(connection)

    def add() -> None:
        _here, actor = _who(connection, "manage_applications")
        application_id = applications_service.create(
            club,
            title=frame.title,
            kind=frame.kind,
            exe_path=frame.exe_path,
            arguments=[],
            actor=actor,
            computer_id=computer_id,
        )
        if frame.picture:
            try:
                showing.set_picture(
                    club, application_id=application_id, sent=frame.picture, actor=actor
                )
            except OperationRefused:
                return  # the program is there; a picture can be given in the web admin

    await answer_request(connection, frame.request_id, add)
    await _tell(connection)


def _who(connection: "Connection", right: str) -> tuple[StaffHere, Actor]:
    """The person, looked up anew; refused with `not_signed_in` or `not_allowed`."""
    club, here = connection.hub.club, connection.staff
    if here is None or here.until < club.clock.monotonic():
        raise OperationRefused("not_signed_in")
    with club.read() as db:
        person = db.get(Staff, here.staff_id)
    if (
        person is None
        or person.disabled_at is not None
        or person.password_hash != here.password_hash
    ):
        raise OperationRefused("not_signed_in")
    _check_free(club, person)
    if not rights.may(person.role, right):
        raise OperationRefused("not_allowed")
    here.until = club.clock.monotonic() + IDLE_SECONDS
    return here, staff_service.actor_of(person, connection.address)


def _check_free(club: ClubContext, person: Staff) -> None:
    """Whoever must first change a password or set up a second factor does that at the desk."""
    with club.read() as db:
        required = db.get_one(Club, club.club_id).second_factor_roles
    duty = rules.duty(
        password_must_change=person.password_must_change,
        has_second_factor=person.totp_secret is not None,
        role=person.role,
        required_roles=required,
    )
    if duty is not None:
        raise OperationRefused("not_allowed")


async def _tell(connection: "Connection") -> None:
    view = await connection.hub.in_thread(_view, connection.hub.club, connection.staff)
    connection.send(StaffChanged(staff=view))


def _view(club: ClubContext, here: StaffHere | None) -> StaffView | None:
    if here is None:
        return None
    with club.read() as db:
        person = db.get(Staff, here.staff_id)
    if person is None:
        return None
    return StaffView(
        name=person.name,
        may_top_up=rights.may(person.role, "sell"),
        may_add_applications=rights.may(person.role, "manage_applications"),
        topped_up=here.topped_up,
        amount_tiyn=here.amount_tiyn,
    )


def expire(hub: "Hub") -> None:
    """Whoever does nothing more is signed out; on the loop, memory only."""
    now = hub.club.clock.monotonic()
    for connection in tuple(hub.with_staff):  # a thread may add one meanwhile
        if connection.staff is not None and connection.staff.until < now:
            _leave(connection)
            connection.send(StaffChanged(staff=None))


def _leave(connection: "Connection") -> None:
    connection.staff = None
    connection.hub.with_staff.discard(connection)


STAFF_REQUESTS: dict[type, Callable[["Connection", Any], Awaitable[None]]] = {
    StaffSignIn: _sign_in,
    StaffSignOut: _sign_out,
    StaffTopUp: _top_up,
    StaffAddApplication: _add_application,
}
"""The frame → who does what it asks for."""
