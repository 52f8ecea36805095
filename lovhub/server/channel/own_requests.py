"""What a player at a PC asks for themselves. Optional questions: a PC asks them where `Welcome.knows` names them."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lovhub.protocol.channel import Operations, ServerFrame
from lovhub.protocol.entries import KNOWS_CODES
from lovhub.protocol.questions import AskOperations, ChooseHabits, Pause, Register, Star
from lovhub.server.actor import Actor
from lovhub.server.channel.player_requests import answer_request, computer_of, seat, signed_in
from lovhub.server.channel.telling import CustomerSeen, customer_now
from lovhub.server.club import service as club_service
from lovhub.server.customers import operations
from lovhub.server.customers import service as customers
from lovhub.server.customers.operations import OperationsPart
from lovhub.server.errors import OperationRefused
from lovhub.server.habits import service as habits
from lovhub.server.sessions import own_pause
from lovhub.server.sessions import queries as sessions

REGISTER = "register"

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection


async def _ask_operations(connection: "Connection", frame: AskOperations) -> None:
    found: list[ServerFrame] = []

    def ask() -> None:
        part = _operations(connection, frame.before)
        found.append(Operations(frame.request_id, rows=part.rows, next=part.next))

    await answer_request(connection, frame.request_id, ask, found=found)


def _operations(connection: "Connection", before: str) -> OperationsPart:
    """Of whoever is signed in; a guest sees their own stay, and nobody else anything: `not_signed_in`."""
    club, computer_id, customer_id = (
        connection.hub.club,
        computer_of(connection),
        connection.customer_id,
    )
    with club.read() as db:
        if customer_id is not None:
            return operations.of_customer(db, club.club_id, customer_id, before=before)
        here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
        if here is None or here.customer_id is not None:
            raise OperationRefused("not_signed_in")
        return operations.of_guest(db, here.view.session_id, before=before)


async def _star(connection: "Connection", frame: Star) -> None:
    star = partial(
        habits.star, application_id=frame.application_id, is_favourite=frame.is_favourite
    )
    await _remember(connection, frame.request_id, star)


async def _choose_habits(connection: "Connection", frame: ChooseHabits) -> None:
    choose = partial(
        habits.choose, volume=frame.volume, layout=frame.layout, language=frame.language
    )
    await _remember(connection, frame.request_id, choose)


async def _remember(
    connection: "Connection", request_id: str, remember: Callable[..., None]
) -> None:
    """Write down a habit of whoever is signed in; the answer brings what is shown of them from now on."""

    def operation() -> CustomerSeen:
        hub, customer_id = connection.hub, signed_in(connection).id
        remember(hub.club, customer_id=customer_id)
        return customer_now(hub, customer_id)

    await answer_request(connection, request_id, operation)


async def _pause(connection: "Connection", frame: Pause) -> None:
    def pause() -> None:
        customer = signed_in(connection)
        own_pause.pause(
            connection.hub.club,
            computer_id=computer_of(connection),
            customer_id=customer.id,
            actor=customer,
        )

    await answer_request(connection, frame.request_id, pause)


async def _register(connection: "Connection", frame: Register) -> None:
    def register() -> CustomerSeen:
        club, computer_id = connection.hub.club, computer_of(connection)
        with club.read() as db:
            if not club_service.get(db, club.club_id).registers_at_pc:
                raise OperationRefused("registration_closed")
        # Counted whatever becomes of it: nobody fills the club with customers, or tries which logins there are.
        club.registrations_by_pc.take(str(computer_id))
        try:
            customer_id = customers.register(
                club,
                login=frame.login,
                name="",
                phone=frame.phone,
                password=frame.password,
                actor=Actor(
                    "computer", computer_id, connection.computer_name, address=connection.address
                ),
            )
        except OperationRefused as refusal:
            raise _first_problem(refusal) from refusal
        return seat(connection, club, computer_id, customer_id)

    await answer_request(connection, frame.request_id, register, checks_password=True)


def _first_problem(refusal: OperationRefused) -> OperationRefused:
    """A PC shows one thing that is wrong, in the order in which it is typed."""
    problems = refusal.values if refusal.code == "invalid_fields" else {}
    found = [str(problems[field]) for field in ("login", "phone", "password") if field in problems]
    if not found:
        return refusal
    code = found[0].removeprefix("customer_")
    return OperationRefused(code)


OWN_REQUESTS: dict[type, Callable[["Connection", Any], Awaitable[None]]] = {
    AskOperations: _ask_operations,
    Star: _star,
    ChooseHabits: _choose_habits,
    Pause: _pause,
    Register: _register,
}
"""The frame → who does what it asks for."""

KNOWN = tuple(str(frame.__struct_config__.tag) for frame in OWN_REQUESTS)  # type: ignore[attr-defined]
"""Their tags."""


def known(*, registers_at_pc: bool) -> tuple[str, ...]:
    """What PCs are told of them, and of codes: where the club does not want it, nobody is asked to register."""
    asked = KNOWN if registers_at_pc else tuple(tag for tag in KNOWN if tag != REGISTER)
    return (*asked, KNOWS_CODES)
