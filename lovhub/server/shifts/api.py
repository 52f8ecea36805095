"""Shifts, for programs."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.errors import OperationRefused
from lovhub.server.shifts import figures, queries, rules, service, showing
from lovhub.server.shifts.printing import on_paper
from lovhub.server.shifts.queries import ShiftRow
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
from lovhub.server.web.navigation import may

api = blueprint("shifts", "shifts")


class ShiftPath(BaseModel):
    """Which shift."""

    shift_id: Id


class ShiftShown(BaseModel):
    """A shift. What the books expect in the drawer (`expected_tiyn`) and the difference are known once it is closed."""

    id: int
    number: int
    person_id: int
    person: str
    opened_at: int
    float_tiyn: int
    opening_difference_tiyn: int
    closed_at: int | None
    closed_by: str
    counted_tiyn: int | None
    expected_tiyn: int | None
    difference_tiyn: int | None
    left_tiyn: int | None
    note: str
    handed_to: str


class ShiftPage(BaseModel):
    """Shifts that are over, the newest first; `open`: the one under way. `next`: where the list goes on."""

    open: ShiftShown | None
    shifts: list[ShiftShown]
    next: str | None


class ShiftQuery(Question):
    """Where the list goes on."""

    after: Cursor | None = None


class Opened(Asked):
    """What was counted in the drawer."""

    counted_tiyn: Tiyn


class Paid(Asked):
    """Money into the drawer, or out of it."""

    is_out: bool
    amount_tiyn: Tiyn
    reason: Line
    key: OperationKey


class Closed(Asked):
    """What was counted; None: a manager closes somebody's shift without a count. `left_tiyn` None: all stays.

    `card_tiyn`: what the card terminal says of the shift, less what it gave back; None: not compared.
    """

    counted_tiyn: Tiyn | None
    left_tiyn: Tiyn | None = None
    note: Line = ""
    hand_to: Id | None = None
    card_tiyn: Tiyn | None = None


class ShiftId(BaseModel):
    """The new shift."""

    shift_id: Annotated[int, Field(ge=1)]


class ReceiptId(BaseModel):
    """The posting."""

    posting_id: int


@api.get("/shifts", responses={HTTPStatus.OK: ShiftPage})
def list_shifts(query: ShiftQuery) -> Response:
    """The shift under way and those before; a cashier sees only their own of these."""
    club = current.club()
    person_id = None if may("see_revenue") else current.actor().id
    with club.read() as db:
        under_way = queries.open_now(db, club.club_id)
        part = queries.page(db, club.club_id, person_id=person_id, place=api_place(query.after))
    return answer(
        ShiftPage(
            open=None if under_way is None else _shown(under_way),
            shifts=[_shown(row) for row in part.rows],
            next=part.next.written() if part.next else None,
        )
    )


@api.get("/shifts/<int:shift_id>", responses={HTTPStatus.OK: ShiftShown})
def show(path: ShiftPath) -> Response:
    """One shift."""
    club = current.club()
    with club.read() as db:
        return answer(_shown(_visible(queries.row(db, club.club_id, path.shift_id))))


class LineShown(BaseModel):
    """What, and how much."""

    name: str
    value: str


class SectionShown(BaseModel):
    """Lines that belong together."""

    title: str
    lines: list[LineShown]


class MethodShown(BaseModel):
    """What one way of paying brought."""

    received_tiyn: int
    returned_tiyn: int


class ReportShown(BaseModel):
    """An X report of a shift that goes on, or the Z report of one that is over: numbers, and the words people read."""

    is_final: bool
    methods: dict[str, MethodShown]
    time_tiyn: int
    from_balances_tiyn: int
    goods_tiyn: int
    expected_tiyn: int
    first_receipt: int | None
    last_receipt: int | None
    receipts: int
    sections: list[SectionShown]


@api.get("/shifts/<int:shift_id>/report", responses={HTTPStatus.OK: ReportShown})
def show_report(path: ShiftPath) -> Response:
    """The X or Z report; a cashier gets that of their own shift once they have counted and closed it."""
    found = _figures(path.shift_id)
    shown = showing.report(found)
    return answer(
        ReportShown(
            is_final=found.is_final,
            methods={
                name: MethodShown(received_tiyn=got.received_tiyn, returned_tiyn=got.returned_tiyn)
                for name, got in found.totals.methods.items()
            },
            time_tiyn=found.totals.sold_for_tiyn,
            from_balances_tiyn=found.totals.from_balance_tiyn,
            goods_tiyn=found.totals.goods_tiyn,
            expected_tiyn=found.expected_tiyn,
            first_receipt=found.receipts.first,
            last_receipt=found.receipts.last,
            receipts=found.receipts.count,
            sections=[
                SectionShown(
                    title=section.title,
                    lines=[LineShown(name=line.name, value=line.value) for line in section.lines],
                )
                for section in shown.sections
            ],
        )
    )


@api.post("/shifts/<int:shift_id>/print", responses={HTTPStatus.OK: Done})
def print_report(path: ShiftPath) -> Response:
    """Print it on the receipt printer."""
    on_paper(showing.report(_figures(path.shift_id)), current.club_row())
    return done()


def _figures(shift_id: int) -> figures.Figures:
    club = current.club()
    with club.read() as db:
        row = _visible(queries.row(db, club.club_id, shift_id))
        if not _sees(row):
            raise OperationRefused("shift_count_first")
        return figures.read(db, row, club.clock.now())


def _visible(row: ShiftRow) -> ShiftRow:
    if row.person_id != current.actor().id and not may("see_revenue"):
        raise OperationRefused("shift_unknown")
    return row


def _sees(row: ShiftRow) -> bool:
    return rules.may_see_figures(
        is_open=row.is_open,
        is_own=row.person_id == current.actor().id,
        sees_revenue=may("see_revenue"),
    )


@api.post("/shifts", responses={HTTPStatus.CREATED: ShiftId})
def open_shift(body: Opened) -> Response:
    """Begin your shift with what you have counted."""
    shift_id = service.open_shift(
        current.club(), counted_tiyn=body.counted_tiyn, actor=current.actor()
    )
    return answer(ShiftId(shift_id=shift_id), HTTPStatus.CREATED)


@api.post("/shifts/payments", responses={HTTPStatus.CREATED: ReceiptId})
def pay(body: Paid) -> Response:
    """Put money into the drawer, or take it out."""
    posting_id = service.pay(
        current.club(),
        is_out=body.is_out,
        amount_tiyn=body.amount_tiyn,
        reason=body.reason,
        key=body.key,
        actor=current.actor(),
    )
    return answer(ReceiptId(posting_id=posting_id), HTTPStatus.CREATED)


@api.post("/shifts/<int:shift_id>/close", responses={HTTPStatus.OK: Done})
def close(path: ShiftPath, body: Closed) -> Response:
    """End a shift with a count; what the books expected is told by `GET` afterwards."""
    service.close(
        current.club(),
        shift_id=path.shift_id,
        count=service.Count(body.counted_tiyn, body.left_tiyn, body.note, card_tiyn=body.card_tiyn),
        hand_to=body.hand_to,
        actor=current.actor(),
    )
    return done()


def _shown(row: ShiftRow) -> ShiftShown:
    sees = _sees(row)
    return ShiftShown(
        id=row.id,
        number=row.number,
        person_id=row.person_id,
        person=row.person,
        opened_at=row.opened_at,
        float_tiyn=row.float_tiyn,
        opening_difference_tiyn=row.opening_difference_tiyn,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        counted_tiyn=row.counted_tiyn,
        expected_tiyn=row.expected_tiyn if sees else None,
        difference_tiyn=row.difference_tiyn if sees else None,
        left_tiyn=row.left_tiyn,
        note=row.note,
        handed_to=row.handed_to,
    )
