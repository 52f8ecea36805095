"""What a player asks for at a PC: each is done or refused, and answered."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import structlog

from lovhub.protocol.channel import Answer, GamesClosed, ServerFrame
from lovhub.protocol.questions import (
    BuyTariff,
    CallDesk,
    CancelTopUp,
    SetPassword,
    SignIn,
    SignInWithCode,
    SignOut,
    TopUp,
    UsePromoCode,
)
from lovhub.protocol.views import AnswerCode
from lovhub.server.actor import Actor
from lovhub.server.attention import service as attention_service
from lovhub.server.channel.refused import BEYOND_ANY_COLUMN
from lovhub.server.channel.telling import (
    CustomerSeen,
    customer_now,
    fit_catalog,
    show_customer,
    show_nobody,
)
from lovhub.server.context import ClubContext
from lovhub.server.customers import pins
from lovhub.server.customers import service as customers_service
from lovhub.server.customers import view as customers_view
from lovhub.server.errors import OperationRefused
from lovhub.server.loyalty import promos
from lovhub.server.maintenance import service as maintenance_service
from lovhub.server.payments import at_pc
from lovhub.server.payments import service as payments_service
from lovhub.server.sessions import codes
from lovhub.server.sessions import queries as sessions
from lovhub.server.sessions import service as sessions_service
from lovhub.server.sessions.till import Till
from lovhub.server.throttle import Attempt

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection

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
    "invalid_fields": "fields_wrong",
}

_FINER: dict[str, AnswerCode] = {
    "new_password_needed": "wrong_credentials",
    "computer_broken": "computer_busy",
    "computer_kept": "computer_busy",
    "age_unconfirmed": "computer_busy",
    "minor_at_night": "computer_busy",
    "age_unconfirmed_past_night": "tariff_not_available",
    "minor_past_night": "tariff_not_available",
    "time_not_sold_there": "computer_busy",
    "time_waits": "no_time_left",
    "password_common": "password_too_short",
    "login_is_phone": "login_malformed",
}
"""Codes that older agents do not know, each with the one that they are told instead."""


async def _sign_in(connection: "Connection", frame: SignIn) -> None:
    def sign_in() -> CustomerSeen:
        club, computer_id = connection.hub.club, computer_of(connection)
        customer_id = customers_service.check_credentials(
            club, login=frame.login, password=frame.password, address=connection.address
        )
        return seat(connection, club, computer_id, customer_id)

    await answer_request(connection, frame.request_id, sign_in, checks_password=True)


async def _set_password(connection: "Connection", frame: SetPassword) -> None:
    def set_password() -> CustomerSeen:
        club, computer_id = connection.hub.club, computer_of(connection)
        customer_id = pins.set_password(
            club,
            login=frame.login,
            pin=frame.pin,
            password=frame.password,
            address=connection.address,
        )
        return seat(connection, club, computer_id, customer_id)

    await answer_request(connection, frame.request_id, set_password, checks_password=True)


def seat(
    connection: "Connection", club: ClubContext, computer_id: int, customer_id: int
) -> CustomerSeen:
    """Note who sits there, begin what can begin, and say what they have."""
    with club.read() as db:
        customer = customers_view.customer_view(db, club.club_id, customer_id, club.clock.now())
    actor = Actor("customer", customer_id, customer.name, address=connection.address)
    customers_service.note_sign_in(club, computer_id=computer_id, actor=actor)
    sessions_service.begin_for_customer(
        club, computer_id=computer_id, customer_id=customer_id, actor=actor
    )
    return customer_now(connection.hub, customer_id)


async def _sign_in_with_code(connection: "Connection", frame: SignInWithCode) -> None:
    def begin() -> None:
        club, computer_id = connection.hub.club, computer_of(connection)
        key = f"seat code {computer_id}"
        attempt = Attempt((club.failures_by_address, key))
        try:
            codes.begin_with_code(club, computer_id=computer_id, code=frame.code)
        except OperationRefused as refusal:
            if refusal.code != "wrong_code":
                attempt.was_right()
            raise
        attempt.was_right()

    await answer_request(connection, frame.request_id, begin)


async def _buy(connection: "Connection", frame: BuyTariff) -> None:
    def buy() -> CustomerSeen:
        club, computer_id = connection.hub.club, computer_of(connection)
        actor = signed_in(connection)
        sessions_service.buy(
            club,
            computer_id=computer_id,
            customer_id=actor.id,
            tariff_id=frame.tariff_id,
            key=f"buy:{computer_id}:{frame.request_id}",
            till=Till(price_tiyn=frame.price_tiyn),
            actor=actor,
        )
        return customer_now(connection.hub, actor.id)

    await answer_request(connection, frame.request_id, buy)


async def _top_up(connection: "Connection", frame: TopUp) -> None:
    """The answer waits for nobody outside: what the provider says comes as news of the customer."""
    hub = connection.hub
    to_ask: list[Callable[[], None]] = []

    def ask() -> CustomerSeen:
        actor = signed_in(connection)
        provider, question, taken_back = at_pc.ask(
            hub.club,
            hub.payments,
            computer_id=computer_of(connection),
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
        return customer_now(hub, actor.id)

    await answer_request(connection, frame.request_id, ask)
    for question in to_ask:
        hub.spawn(hub.in_payment_thread(question))


async def _cancel_top_up(connection: "Connection", frame: CancelTopUp) -> None:
    hub = connection.hub

    def drop() -> CustomerSeen:
        actor = signed_in(connection)
        at_pc.drop(hub.club, customer_id=actor.id, payment_id=frame.payment_id, actor=actor)
        return customer_now(hub, actor.id)

    if await answer_request(connection, frame.request_id, drop):
        hub.spawn(
            hub.in_payment_thread(
                payments_service.tell_taken_back, hub.club, hub.payments, frame.payment_id
            )
        )


async def _use_promo_code(connection: "Connection", frame: UsePromoCode) -> None:
    def use() -> CustomerSeen:
        hub, actor, computer_id = connection.hub, signed_in(connection), computer_of(connection)
        gift = promos.use(
            hub.club,
            customer_id=actor.id,
            code=frame.code,
            key=f"pc:{computer_id}:{frame.request_id}",
            actor=actor,
        )
        if gift.seconds:
            _play_at_once(hub.club, computer_id, actor)
        return customer_now(hub, actor.id)

    await answer_request(connection, frame.request_id, use)


@dataclass(frozen=True)
class SignedIn(Actor):
    """The customer signed in at a PC, as whoever does something there."""

    id: int = 0


def _play_at_once(club: ClubContext, computer_id: int, actor: SignedIn) -> None:
    """Begin to play what was given, as a sign-in would; where that is refused, the time is theirs all the same."""
    with club.read() as db:
        if sessions.pc_session(db, club.club_id, computer_id, club.clock.now()) is not None:
            return
    try:
        sessions_service.begin_for_customer(
            club, computer_id=computer_id, customer_id=actor.id, actor=actor
        )
    except OperationRefused as refused:
        log.info("gift_waits", code=refused.code, computer_id=computer_id)


def signed_in(connection: "Connection") -> SignedIn:
    """Who is signed in; refused with `not_signed_in`."""
    customer_id, club = connection.customer_id, connection.hub.club
    if customer_id is None:
        raise OperationRefused("not_signed_in")
    with club.read() as db:
        name = customers_view.customer_view(db, club.club_id, customer_id, club.clock.now()).name
    return SignedIn("customer", customer_id, name, address=connection.address)


async def _sign_out(connection: "Connection", frame: SignOut) -> None:
    def sign_out() -> None:
        club, computer_id = connection.hub.club, computer_of(connection)
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

    before = (connection.customer_id, connection.session_id)
    if not await answer_request(connection, frame.request_id, sign_out):
        return
    # Else the desk has seated somebody meanwhile.
    if (connection.customer_id, connection.session_id) == before:
        show_nobody(connection, connection.hub.heard.count)
        await fit_catalog(connection.hub, computer_of(connection))


async def _games_closed(connection: "Connection", frame: GamesClosed) -> None:
    # The news that the session is over may still be on its way; a session begun since is another's business.
    if connection.session_id in (None, frame.session_id) and connection.customer_id is not None:
        show_nobody(connection, connection.hub.heard.count)
        await fit_catalog(connection.hub, computer_of(connection))


async def _call_desk(connection: "Connection", frame: CallDesk) -> None:
    def call() -> None:
        club, computer_id = connection.hub.club, computer_of(connection)
        with club.read() as db:
            here = sessions.pc_session(db, club.club_id, computer_id, club.clock.now())
            customer_id = here.customer_id if here else connection.customer_id
            name = (
                customers_view.customer_view(db, club.club_id, customer_id, club.clock.now()).name
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

    await answer_request(connection, frame.request_id, call)


async def answer_request(
    connection: "Connection",
    request_id: str,
    operation: Callable[[], CustomerSeen | None],
    *,
    checks_password: bool = False,
    found: Sequence[ServerFrame] = (),
) -> bool:
    """Run a player's request and answer it, whatever happens; tells whether it was done.

    `found`: what the operation puts there is sent before the answer.
    """
    code: AnswerCode = "ok"
    why = ""
    customer: CustomerSeen | None = None
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
    except BEYOND_ANY_COLUMN as error:
        log.info("request_refused", detail=str(error)[:200], computer_id=connection.computer_id)
        code = "server_error"
    except Exception:
        log.exception("request_failed", computer_id=connection.computer_id)
        code = "server_error"
    # An answer shows who there is, unless they have gone meanwhile; only a password brings somebody.
    if customer is not None and (
        checks_password or connection.customer_id == customer.view.customer_id
    ):
        show_customer(connection, customer)
    for frame in found:
        connection.send(frame)
    connection.send(Answer(request_id=request_id, code=code, why=why))
    is_of_other_group = customer is not None and customer.group_id != connection.group_id
    if is_of_other_group and connection.computer_id is not None:
        await fit_catalog(connection.hub, connection.computer_id)
    return code == "ok"


def _answer_code(code: str) -> AnswerCode:
    if code in _FINER:
        return _FINER[code]
    if code in _ANSWER_CODES:
        return code  # type: ignore[return-value]  # just checked
    return _ALIASES.get(code, "server_error")


def computer_of(connection: "Connection") -> int:
    """The PC at the other end; refused with `computer_unknown` before it has said which."""
    if connection.computer_id is None:
        raise OperationRefused("computer_unknown")
    return connection.computer_id


PLAYER_REQUESTS: dict[type, Callable[["Connection", Any], Awaitable[None]]] = {
    SignIn: _sign_in,
    SetPassword: _set_password,
    SignInWithCode: _sign_in_with_code,
    BuyTariff: _buy,
    TopUp: _top_up,
    CancelTopUp: _cancel_top_up,
    UsePromoCode: _use_promo_code,
    SignOut: _sign_out,
    GamesClosed: _games_closed,
    CallDesk: _call_desk,
}
"""The frame → who does what it asks for."""
