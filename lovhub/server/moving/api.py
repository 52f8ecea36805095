"""Moving in, for programs."""

import base64
import binascii
from collections.abc import Collection
from http import HTTPStatus
from typing import Literal, cast

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.errors import OperationRefused
from lovhub.server.moving import queries, service
from lovhub.server.moving.models import Move
from lovhub.server.web import current, refusals
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done

api = blueprint("moving", "moving")

State = Literal["draft", "coming_in", "imported", "taken_back"]

ColumnHolds = Literal[
    "", "login", "name", "phone", "birth_date", "balance", "hours", "minutes", "group"
]
"""What a column holds; "" is left out."""

_MOST_REPORTED = 1000


class MovePath(BaseModel):
    """Which move."""

    move_id: int


class NewMove(Asked):
    """A CSV or XLSX file, in base64."""

    file_name: Line
    content: str = Field(max_length=12 * 1024 * 1024)


class MoveCreated(BaseModel):
    """The draft made of the file."""

    move_id: int


class Columns(Asked):
    """What each column holds."""

    columns: list[ColumnHolds] = Field(max_length=40)
    has_headings: bool


class MoveShown(BaseModel):
    """A move. Of a draft the numbers are zero; the dry run tells them. Of one coming in, they are what is in."""

    id: int
    state: State
    file_name: str
    created_at: int
    customers: int
    balance_tiyn: int
    seconds: int


class MoveList(BaseModel):
    """The newest first."""

    moves: list[MoveShown]


class LineLeftOut(BaseModel):
    """A line of which no customer is made: why, and what stands there."""

    line: int
    code: str
    message: str
    shown: str


class DryRun(BaseModel):
    """What would be made of a draft. Of the lines left out the first 1000 are told."""

    columns: list[str]
    has_headings: bool
    customers: int
    balance_tiyn: int
    seconds: int
    left_out: int
    lines_left_out: list[LineLeftOut]


class MoveDetails(BaseModel):
    """A move, and the dry run if it is a draft."""

    move: MoveShown
    dry_run: DryRun | None


class Imported(BaseModel):
    """How many customers are in. If not `finished`, the others are coming in: ask for the move."""

    customers: int
    finished: bool


def _shown(move: Move, coming_in: Collection[int]) -> MoveShown:
    return MoveShown(
        id=move.id,
        state="coming_in" if move.id in coming_in else cast("State", move.state),
        file_name=move.file_name,
        created_at=move.created_at,
        customers=move.customers,
        balance_tiyn=move.balance_tiyn,
        seconds=move.seconds,
    )


@api.get("/moves", responses={HTTPStatus.OK: MoveList})
def list_moves() -> Response:
    """Moves into this club."""
    club = current.club()
    with club.read() as db:
        moves = queries.moves(db, club.club_id)
        coming_in = queries.waiting_moves(db, club.club_id)
    return answer(MoveList(moves=[_shown(move, coming_in) for move in moves]))


@api.post("/moves", responses={HTTPStatus.CREATED: MoveCreated})
def bring(body: NewMove) -> Response:
    """Bring a file for a dry run; nothing is made of it yet."""
    try:
        content = base64.b64decode(body.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise OperationRefused("moving_file_unreadable") from error
    move_id = service.bring(
        current.club(), file_name=body.file_name, content=content, actor=current.actor()
    )
    return answer(MoveCreated(move_id=move_id), HTTPStatus.CREATED)


@api.get("/moves/<int:move_id>", responses={HTTPStatus.OK: MoveDetails})
def show(path: MovePath) -> Response:
    """A move; of a draft, what would be made of it."""
    club = current.club()
    with club.read() as db:
        move = queries.get(db, club.club_id, path.move_id)
        coming_in = queries.waiting_moves(db, club.club_id)
        is_draft = move.state == "draft" and move.id not in coming_in
        plan = queries.plan(db, move) if is_draft else None
    if plan is None:
        return answer(MoveDetails(move=_shown(move, coming_in), dry_run=None))
    dry_run = DryRun(
        columns=move.columns,
        has_headings=move.has_headings,
        customers=len(plan.entries),
        balance_tiyn=plan.balance_tiyn,
        seconds=plan.seconds,
        left_out=len(plan.left_out),
        lines_left_out=[
            LineLeftOut(
                line=left.line,
                code=left.code,
                message=refusals.refusal(left.code),
                shown=left.shown,
            )
            for left in plan.left_out[:_MOST_REPORTED]
        ],
    )
    return answer(MoveDetails(move=_shown(move, coming_in), dry_run=dry_run))


@api.post("/moves/<int:move_id>/columns", responses={HTTPStatus.OK: Done})
def choose(path: MovePath, body: Columns) -> Response:
    """Say what the columns of a draft hold."""
    service.choose_columns(
        current.club(), move_id=path.move_id, columns=body.columns, has_headings=body.has_headings
    )
    return done()


@api.post("/moves/<int:move_id>/import", responses={HTTPStatus.OK: Imported})
def bring_in(path: MovePath) -> Response:
    """Let the customers come in; asked again, they do not come in again. A long file is still coming in afterwards."""
    club = current.club()
    count = service.bring_in(club, move_id=path.move_id, actor=current.actor())
    with club.read() as db:
        finished = path.move_id not in queries.waiting_moves(db, club.club_id)
    return answer(Imported(customers=count, finished=finished))


@api.post("/moves/<int:move_id>/take-back", responses={HTTPStatus.OK: Done})
def take_back(path: MovePath) -> Response:
    """Undo an import as a whole, while none of its customers has played, spent or paid."""
    service.take_back(current.club(), move_id=path.move_id, actor=current.actor())
    return done()


@api.delete("/moves/<int:move_id>", responses={HTTPStatus.OK: Done})
def drop(path: MovePath) -> Response:
    """Throw a draft away."""
    service.drop(current.club(), move_id=path.move_id)
    return done()
