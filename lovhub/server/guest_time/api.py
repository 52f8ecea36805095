"""Guests' time that nobody plays, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.guest_time import queries, service
from lovhub.server.sessions import codes
from lovhub.server.web import current
from lovhub.server.web.api import (
    Asked,
    Cursor,
    Done,
    Id,
    Line,
    OperationKey,
    Question,
    Tiyn,
    answer,
    api_place,
    blueprint,
    done,
)

api = blueprint("guest_time", "sessions")


class LotPath(BaseModel):
    """Which of it: a lot's number."""

    lot_id: Id


class ListQuery(Question):
    """What part of the list. `search`: a receipt's number, a part of a name, or the code that the guest shows."""

    search: Line = ""
    after: Cursor | None = None
    limit: int = Field(queries.PAGE_SIZE, ge=1, le=100)


class WaitingShown(BaseModel):
    """One purchase, or all that is left of a sitting. `code_until`: null where no code can be typed."""

    model_config = ConfigDict(from_attributes=True)

    lot_id: int
    sold_at: int
    receipt_number: int | None
    title: str
    guest_name: str
    lots: int
    seconds: int
    amount_tiyn: int
    code_until: int | None


class WaitingList(BaseModel):
    """Part of the list."""

    guest_time: list[WaitingShown]
    next_after: str | None


class KeyAsked(Asked):
    """Of the operation."""

    key: OperationKey


class CodeGiven(BaseModel):
    """The code, shown this once; valid until `expires_at` (UTC epoch seconds)."""

    code: str
    expires_at: int


class PayOut(Asked):
    """What was shown, and why; whoever sold it needs no reason within two minutes."""

    amount_tiyn: Tiyn
    reason: Line = ""


class PaidOut(BaseModel):
    """What goes back in which way."""

    cash: int
    card: int


@api.get("/guest-time", responses={HTTPStatus.OK: WaitingList})
def list_waiting(query: ListQuery) -> Response:
    """What guests have paid for and nobody plays, the newest first."""
    club = current.club()
    with club.read() as db:
        page = queries.page(
            db,
            club.club_id,
            now=club.clock.now(),
            search=query.search,
            code_hash=codes.code_hash(club, query.search),
            place=api_place(query.after),
            limit=query.limit,
        )
    return answer(
        WaitingList(
            guest_time=[WaitingShown.model_validate(row) for row in page.rows],
            next_after=page.next.written() if page.next else None,
        )
    )


@api.post("/guest-time/<int:lot_id>/code", responses={HTTPStatus.CREATED: CodeGiven})
def give_code(path: LotPath, body: KeyAsked) -> Response:
    """A code anew; an older one is void."""
    given = service.give_code(
        current.club(), lot_id=path.lot_id, actor=current.actor(), key=f"api:{body.key}"
    )
    return answer(CodeGiven(code=given.code, expires_at=given.expires_at), HTTPStatus.CREATED)


@api.post("/guest-time/<int:lot_id>/pay-out", responses={HTTPStatus.OK: PaidOut})
def pay_out(path: LotPath, body: PayOut) -> Response:
    """Give the money for what is left back. Twice is once."""
    ways = service.pay_out(
        current.club(),
        lot_id=path.lot_id,
        expected_tiyn=body.amount_tiyn,
        reason=body.reason,
        actor=current.actor(),
    )
    return answer(PaidOut(**ways))


@api.post("/guest-time/<int:lot_id>/end", responses={HTTPStatus.OK: Done})
def end(path: LotPath) -> Response:
    """After three years: the time expires, its money is earned."""
    service.end(current.club(), lot_id=path.lot_id, actor=current.actor())
    return done()
