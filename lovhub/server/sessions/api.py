"""Sessions, for programs: what the desk does from a PC's row."""

from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, Field, model_validator

from lovhub.server.sessions import codes, moves, service
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.sessions.zones import Consent
from lovhub.server.web import current
from lovhub.server.web.api import (
    Asked,
    Done,
    Id,
    KaspiNumber,
    Line,
    Method,
    OperationKey,
    Responses,
    Tiyn,
    answer,
    blueprint,
    done,
)

api = blueprint("sessions", "sessions")


class ComputerPath(BaseModel):
    """On which PC."""

    computer_id: int


class SessionPath(BaseModel):
    """Which session."""

    session_id: int


DespiteKept = Annotated[
    bool, Field(description="On purpose, though the PC is kept for somebody else.")
]


NightLeave = Annotated[
    Literal["", "adult", "accompanied"],
    Field(description="Why they may stay at night: staff saw a document, or parents are there."),
]
MOST_PARTS = 3

WayOfPaying = Literal["cash", "card", "kaspi", "split"]


class PartPaid(Asked):
    """So much in one way."""

    method: Method
    amount_tiyn: Tiyn

    def part(self) -> Part:
        """As the operations take it."""
        return Part(self.method, self.amount_tiyn)


class Counted(Asked):
    """What the asker showed and took. `price_tiyn`: another price by now is refused; `received_tiyn`: cash.

    `parts`: in which ways it is paid, where the way of paying is `split`.
    """

    price_tiyn: Tiyn | None = None
    received_tiyn: Tiyn | None = None
    parts: list[PartPaid] = Field(default=[], max_length=MOST_PARTS)
    kaspi_number: KaspiNumber = ""

    def till(self) -> Till:
        """As the operations take it."""
        return Till(
            price_tiyn=self.price_tiyn,
            received_tiyn=self.received_tiyn,
            parts=tuple(part.part() for part in self.parts),
        )


class PaidAtDesk(Asked):
    """Money that goes onto the customer's balance first, in the same operation."""

    amount_tiyn: Tiyn
    method: WayOfPaying

    def top_up(self) -> TopUp:
        """As the operations take it."""
        return TopUp(self.amount_tiyn, self.method)


class SeatGuest(Counted):
    """A walk-in pays and plays."""

    tariff_id: Id
    method: WayOfPaying
    guest_name: Line = ""
    key: OperationKey
    despite_kept: DespiteKept = False
    night_leave: NightLeave = ""


class OtherZone(Asked):
    """`shown`: what a refusal `zone_difference` or `zone_convert` came to (tiyn, or seconds), agreed to."""

    shown: Annotated[int, Field(ge=0)] | None = None
    difference_method: Literal["balance", "cash", "card"] = "balance"

    def consent(self) -> Consent:
        """As the operations take it."""
        return Consent(self.shown, self.difference_method)


class SeatCustomer(OtherZone, Counted):
    """A customer sits down: on time bought before, or (with `tariff_id`, `key`) bought from the balance.

    `in_debt`: by the minute, up to what the owner lets a customer owe.
    """

    customer_id: Id
    tariff_id: Id | None = None
    top_up: PaidAtDesk | None = None
    key: OperationKey | None = None
    despite_kept: DespiteKept = False
    night_leave: NightLeave = ""
    in_debt: bool = False

    @model_validator(mode="after")
    def _both_or_neither(self) -> "SeatCustomer":
        if (self.tariff_id is None) != (self.key is None):
            raise ValueError("tariff_id and key go together")
        if self.in_debt and self.tariff_id is None:
            raise ValueError("in_debt takes a tariff_id")
        return self


class SellCode(Counted):
    """A walk-in pays for a one-time code; `computer_id` None: to be typed at any PC."""

    tariff_id: Id
    method: WayOfPaying
    computer_id: Id | None = None
    guest_name: Line = ""
    key: OperationKey
    despite_kept: DespiteKept = False
    night_leave: NightLeave = ""


class Extend(Counted):
    """More time. `method` is `balance` for a customer, who may top up first; a way of paying for a guest."""

    tariff_id: Id
    method: Literal["balance", "cash", "card", "kaspi", "split"]
    top_up: PaidAtDesk | None = None
    key: OperationKey
    in_debt: bool = False


class Move(OtherZone):
    """To another PC."""

    to_computer_id: Id
    despite_kept: DespiteKept = False


class Release(Asked):
    """Why a silent PC's seconds are given back."""

    reason: Line


class SessionBegun(BaseModel):
    """The session that runs now."""

    session_id: int


class CodeSold(BaseModel):
    """The code, shown this once; valid until `expires_at` (UTC epoch seconds)."""

    code: str
    expires_at: int


_BEGUN: Responses = {HTTPStatus.CREATED: SessionBegun}
_DONE: Responses = {HTTPStatus.OK: Done}


def _begun(session_id: int) -> Response:
    return answer(SessionBegun(session_id=session_id), HTTPStatus.CREATED)


@api.post("/computers/<int:computer_id>/guests", responses=_BEGUN)
def seat_guest(path: ComputerPath, body: SeatGuest) -> Response:
    """Take a walk-in's money and seat them."""
    return _begun(
        service.seat_guest(
            current.club().paid_by_kaspi(body.kaspi_number),
            computer_id=path.computer_id,
            tariff_id=body.tariff_id,
            method=body.method,
            guest_name=body.guest_name,
            actor=current.actor(),
            key=_key(body.key),
            till=body.till(),
            despite_kept=body.despite_kept,
            night_leave=body.night_leave,
        )
    )


@api.post("/computers/<int:computer_id>/customers", responses=_BEGUN)
def seat_customer(path: ComputerPath, body: SeatCustomer) -> Response:
    """Seat a customer."""
    if body.tariff_id is None or body.key is None:
        return _begun(
            service.seat_customer(
                current.club(),
                computer_id=path.computer_id,
                customer_id=body.customer_id,
                actor=current.actor(),
                despite_kept=body.despite_kept,
                night_leave=body.night_leave,
                consent=body.consent(),
            )
        )
    return _begun(
        service.buy(
            current.club().paid_by_kaspi(body.kaspi_number),
            computer_id=path.computer_id,
            customer_id=body.customer_id,
            tariff_id=body.tariff_id,
            key=_key(body.key),
            actor=current.actor(),
            top_up=body.top_up.top_up() if body.top_up is not None else None,
            till=body.till(),
            despite_kept=body.despite_kept,
            night_leave=body.night_leave,
            in_debt=body.in_debt,
        )
    )


@api.post("/seat-codes", responses={HTTPStatus.CREATED: CodeSold})
def sell_code(body: SellCode) -> Response:
    """Take a walk-in's money for a one-time code."""
    sold = codes.sell_seat_code(
        current.club().paid_by_kaspi(body.kaspi_number),
        tariff_id=body.tariff_id,
        method=body.method,
        computer_id=body.computer_id,
        guest_name=body.guest_name,
        actor=current.actor(),
        key=_key(body.key),
        till=body.till(),
        despite_kept=body.despite_kept,
        night_leave=body.night_leave,
    )
    return answer(CodeSold(code=sold.code, expires_at=sold.expires_at), HTTPStatus.CREATED)


@api.post("/sessions/<int:session_id>/extend", responses=_DONE)
def extend(path: SessionPath, body: Extend) -> Response:
    """Sell more time."""
    service.sell_more(
        current.club().paid_by_kaspi(body.kaspi_number),
        session_id=path.session_id,
        tariff_id=body.tariff_id,
        method=body.method,
        actor=current.actor(),
        key=_key(body.key),
        top_up=body.top_up.top_up() if body.top_up is not None else None,
        till=body.till(),
        in_debt=body.in_debt,
    )
    return done()


@api.post("/sessions/<int:session_id>/pause", responses=_DONE)
def pause(path: SessionPath) -> Response:
    """Stop the clock."""
    service.pause(current.club(), session_id=path.session_id, actor=current.actor())
    return done()


@api.post("/sessions/<int:session_id>/resume", responses=_DONE)
def resume(path: SessionPath) -> Response:
    """Go on after a pause."""
    service.resume(current.club(), session_id=path.session_id, actor=current.actor())
    return done()


@api.post("/sessions/<int:session_id>/end", responses=_DONE)
def end(path: SessionPath) -> Response:
    """End the session; what is left stays with the customer."""
    service.end(
        current.club(),
        session_id=path.session_id,
        actor=current.actor(),
        reason="ended_by_desk",
    )
    return done()


@api.post("/sessions/<int:session_id>/move", responses=_BEGUN)
def move(path: SessionPath, body: Move) -> Response:
    """Go on at another PC: the old session ends, a new one begins there."""
    return _begun(
        moves.move(
            current.club(),
            session_id=path.session_id,
            to_computer_id=body.to_computer_id,
            actor=current.actor(),
            despite_kept=body.despite_kept,
            consent=body.consent(),
        )
    )


@api.post("/sessions/<int:session_id>/release", responses=_DONE)
def release(path: SessionPath, body: Release) -> Response:
    """Give back what a silent PC holds."""
    service.release(
        current.club(),
        session_id=path.session_id,
        reason=body.reason,
        actor=current.actor(),
    )
    return done()


def _key(key: str) -> str:
    """A client's key can never be that of a posting the server makes by itself."""
    return f"api:{key}"
