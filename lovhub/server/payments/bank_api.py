"""Our payments against the bank's, for programs."""

from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.payments import asking_again, bank
from lovhub.server.payments.reconciling import Line as BankLine
from lovhub.server.payments.reconciling import normal_operation
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Line, Question, answer, blueprint

api = blueprint("bank", "payments")


class PeriodQuery(Question):
    """From when until when, in UTC epoch seconds; `until_at` is not in it."""

    from_at: int = Field(ge=0, le=current.LARGEST_ID)
    until_at: int = Field(ge=0, le=current.LARGEST_ID)


class BankLineSent(Asked):
    """A line of the bank's registry; the amount is below zero for money that went back."""

    operation: Annotated[
        str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*[0-9A-Za-z][^\x00-\x1f]*$")
    ]
    amount_tiyn: Annotated[int, Field(ge=-(2**53), le=2**53)]
    at: Annotated[int, Field(ge=0, le=2**53)]


class Registry(Asked):
    """A registry of the bank's; `title` says which."""

    title: Line = ""
    lines: Annotated[list[BankLineSent], Field(min_length=1, max_length=50_000)]


class RegistryTaken(BaseModel):
    """How many lines there were, and how many of them were new."""

    model_config = ConfigDict(from_attributes=True)

    lines: int
    new: int
    sum_tiyn: int


class DifferenceShown(BaseModel):
    """What the bank's side and the books say differently, or have not been compared by yet (`to_ask`, `to_upload`)."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["only_ours", "only_theirs", "amount", "to_ask", "to_upload"]
    operation: str
    at: int
    ours_tiyn: int
    theirs_tiyn: int
    payment_id: int


class ComparisonShown(BaseModel):
    """Ours and theirs of a period. `waiting`: what the bank's side has not told of yet, so that it is no difference."""

    model_config = ConfigDict(from_attributes=True)

    ours_tiyn: int
    theirs_tiyn: int
    matched: int
    differences: list[DifferenceShown]
    waiting: list[DifferenceShown]


@api.get("/payments/reconciliation", responses={HTTPStatus.OK: ComparisonShown})
def reconcile(query: PeriodQuery) -> Response:
    """Our payments against the bank's registries, and against what providers have answered at night."""
    club = current.club()
    with club.read() as db:
        found = bank.comparison(
            db,
            club.club_id,
            query.from_at,
            query.until_at,
            now=club.clock.now(),
            asked_at_night=asking_again.names(current.server().payments),
        )
    return answer(ComparisonShown.model_validate(found))


@api.post("/payments/registry", responses={HTTPStatus.CREATED: RegistryTaken})
def take_registry(body: Registry) -> Response:
    """Keep a registry of the bank's, to be compared with. A line that is known is not kept twice."""
    taken = bank.keep_lines(
        current.club(),
        file_name=body.title,
        lines=[
            BankLine(line.at, normal_operation(line.operation), line.amount_tiyn)
            for line in body.lines
        ],
        actor=current.actor(),
    )
    return answer(RegistryTaken.model_validate(taken), HTTPStatus.CREATED)
