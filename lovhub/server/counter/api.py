"""Several PCs at once, for programs: one payment, time for everybody, pause, resume, end, message."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, Field, model_validator

from lovhub.server.counter import messages
from lovhub.server.sessions import group, group_sale
from lovhub.server.sessions.api import MOST_PARTS, NightLeave, PartPaid
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.till import Till
from lovhub.server.sessions.together import MOST_COMPUTERS, Outcome
from lovhub.server.web import current, refusals, texts
from lovhub.server.web.api import (
    Asked,
    Id,
    KaspiNumber,
    Line,
    OperationKey,
    Responses,
    Tiyn,
    answer,
    blueprint,
)

api = blueprint("counter", "counter")

Computers = Annotated[list[Id], Field(min_length=1, max_length=MOST_COMPUTERS)]
"""Which PCs."""


class SellTogether(Asked):
    """One payment for one of a tariff at each PC, each at its zone's price; `balance` takes `payer_id`, a customer.

    At a free PC a guest sits down; where somebody plays, the time is theirs, with the customer's discount and bonuses.
    All, or nothing. `total_tiyn`: in money. `split` takes `parts`.
    `despite_kept`: on purpose, though PCs among them are kept for others.
    """

    computer_ids: Computers
    tariff_id: Id
    method: Literal["balance", "cash", "card", "kaspi", "split"]
    parts: list[PartPaid] = Field(default=[], max_length=MOST_PARTS)
    payer_id: Id | None = None
    guest_name: Line = ""
    total_tiyn: Tiyn | None = None
    kaspi_number: KaspiNumber = ""
    received_tiyn: Tiyn | None = None
    key: OperationKey
    despite_kept: bool = False
    night_leave: NightLeave = ""

    @model_validator(mode="after")
    def _balance_is_somebodys(self) -> "SellTogether":
        if (self.method == "balance") != (self.payer_id is not None):
            raise ValueError("payer_id goes with the method balance, and only with it")
        return self


class SellToEach(Asked):
    """More time, each customer paying from the own balance. `computer_ids` null: for all that play now."""

    computer_ids: Computers | None = None
    tariff_id: Id
    price_tiyn: Tiyn | None = None
    key: OperationKey


class GiveTime(Asked):
    """Time without money, and why. `computer_ids` null: to all that play now."""

    computer_ids: Computers | None = None
    minutes: int = Field(ge=1, le=240)
    reason: Line
    key: OperationKey


class Chosen(Asked):
    """Which PCs."""

    computer_ids: Computers


class MessageToMany(Chosen):
    """A text for the players at these PCs."""

    text: Line


class OutcomeShown(BaseModel):
    """What became of one PC. `refusal` and `message` are "" where it was done."""

    computer_id: int
    session_id: int | None
    refusal: str
    message: str


class Outcomes(BaseModel):
    """What became of each PC."""

    outcomes: list[OutcomeShown]


class PaidTogether(Outcomes):
    """The payment. `prices_tiyn`: each PC's in money, as in `outcomes`; `bonuses_tiyn`: what bonuses paid besides.

    `change_tiyn` is null where no cash was counted.
    """

    title: str
    prices_tiyn: list[int]
    bonuses_tiyn: list[int]
    total_tiyn: int
    received_tiyn: int | None
    change_tiyn: int | None


_OUTCOMES: Responses = {HTTPStatus.OK: Outcomes}


@api.post("/computers/sales", responses={HTTPStatus.CREATED: PaidTogether})
def sell_together(body: SellTogether) -> Response:
    """Sell to several PCs in one payment."""
    paid = group_sale.sell_together(
        current.club().paid_by_kaspi(body.kaspi_number),
        computer_ids=body.computer_ids,
        tariff_id=body.tariff_id,
        payer=Payer(body.method, body.payer_id, body.guest_name),
        key=_key(body.key),
        actor=current.actor(),
        till=Till(
            price_tiyn=body.total_tiyn,
            received_tiyn=body.received_tiyn,
            parts=tuple(part.part() for part in body.parts),
        ),
        despite_kept=body.despite_kept,
        night_leave=body.night_leave,
    )
    shown = PaidTogether(
        outcomes=_shown(paid.outcomes),
        title=paid.title,
        prices_tiyn=list(paid.prices_tiyn),
        bonuses_tiyn=list(paid.bonuses_tiyn),
        total_tiyn=paid.total_tiyn,
        received_tiyn=paid.received_tiyn,
        change_tiyn=paid.change_tiyn,
    )
    return answer(shown, HTTPStatus.CREATED)


@api.post("/computers/extensions", responses=_OUTCOMES)
def sell_to_each(body: SellToEach) -> Response:
    """Lengthen sessions from their customers' own balances."""
    return _answer(
        group_sale.sell_to_each(
            current.club(),
            computer_ids=body.computer_ids,
            tariff_id=body.tariff_id,
            key=_key(body.key),
            actor=current.actor(),
            till=Till(price_tiyn=body.price_tiyn),
        )
    )


@api.post("/computers/time", responses=_OUTCOMES)
def give_time(body: GiveTime) -> Response:
    """Give time without money."""
    return _answer(
        group.give_time(
            current.club(),
            computer_ids=body.computer_ids,
            seconds=body.minutes * 60,
            title=texts.given_time(body.minutes),
            reason=body.reason,
            key=_key(body.key),
            actor=current.actor(),
        )
    )


@api.post("/computers/pause", responses=_OUTCOMES)
def pause(body: Chosen) -> Response:
    """Stop the clock at each PC."""
    return _answer(
        group.pause(current.club(), computer_ids=body.computer_ids, actor=current.actor())
    )


@api.post("/computers/resume", responses=_OUTCOMES)
def resume(body: Chosen) -> Response:
    """Go on after a pause at each PC."""
    return _answer(
        group.resume(current.club(), computer_ids=body.computer_ids, actor=current.actor())
    )


@api.post("/computers/end", responses=_OUTCOMES)
def end(body: Chosen) -> Response:
    """End the session at each PC."""
    return _answer(group.end(current.club(), computer_ids=body.computer_ids, actor=current.actor()))


@api.post("/computers/messages", responses=_OUTCOMES)
def send_message(body: MessageToMany) -> Response:
    """Show the players at these PCs a message."""
    return _answer(messages.send(body.computer_ids, body.text))


def _answer(outcomes: Sequence[Outcome]) -> Response:
    return answer(Outcomes(outcomes=_shown(outcomes)))


def _shown(outcomes: Sequence[Outcome]) -> list[OutcomeShown]:
    return [
        OutcomeShown(
            computer_id=outcome.computer_id,
            session_id=outcome.session_id,
            refusal=outcome.refusal,
            message=refusals.refusal(outcome.refusal) if outcome.refusal else "",
        )
        for outcome in outcomes
    ]


def _key(key: str) -> str:
    """A client's key can never be that of a posting the server makes by itself."""
    return f"api:{key}"
