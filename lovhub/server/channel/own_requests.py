"""What a player at a PC asks about themselves. Optional questions: a PC asks them where `Welcome.knows` names them."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lovhub.protocol.channel import Operations, ServerFrame
from lovhub.protocol.questions import AskOperations, ChooseHabits, Star
from lovhub.protocol.views import CustomerView
from lovhub.server.channel.player_requests import answer_request, computer_of, signed_in
from lovhub.server.channel.telling import customer_view
from lovhub.server.customers import operations
from lovhub.server.customers.operations import OperationsPart
from lovhub.server.errors import OperationRefused
from lovhub.server.habits import service as habits
from lovhub.server.sessions import queries as sessions

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
            return operations.of_customer(db, customer_id, before=before)
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

    def operation() -> CustomerView:
        hub, customer_id = connection.hub, signed_in(connection).id
        remember(hub.club, customer_id=customer_id)
        with hub.club.read() as db:
            return customer_view(hub, db, customer_id)

    await answer_request(connection, request_id, operation)


OWN_REQUESTS: dict[type, Callable[["Connection", Any], Awaitable[None]]] = {
    AskOperations: _ask_operations,
    Star: _star,
    ChooseHabits: _choose_habits,
}
"""The frame → who does what it asks for."""

KNOWN = tuple(str(frame.__struct_config__.tag) for frame in OWN_REQUESTS)  # type: ignore[attr-defined]
"""Their tags, as PCs are told of them."""
