"""One customer, for programs: history, details, a forgotten password, and being forgotten."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Literal, TypeVar

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session

from lovhub.server.customers import contacts, forgetting, forgiving, history, pins, queries, service
from lovhub.server.customers.belonging import names_of_sharing
from lovhub.server.customers.models import Customer
from lovhub.server.tariffs.rules import HolidayRule
from lovhub.server.web import current
from lovhub.server.web.api import (
    Asked,
    Done,
    Id,
    Line,
    OperationKey,
    Question,
    Tiyn,
    answer,
    blueprint,
    done,
)

api = blueprint("customer", "customers")


class CustomerPath(BaseModel):
    """Which customer."""

    customer_id: int


class HistoryQuery(Question):
    """What part of the history, the newest first. `before` is the `next_before` of the part before."""

    before: Id | None = None
    limit: int = Field(history.PART_SIZE, ge=1, le=100)


class Details(Asked):
    """Another name and phone. The login stays. Null: as it is; another birth date is not confirmed any more."""

    name: Line
    phone: Line | None = None
    birth_date: Line | None = None


class ContactsShown(BaseModel):
    """Phone and birth date as they are; "" for none."""

    model_config = ConfigDict(from_attributes=True)

    phone: str
    birth_date: str


class PinShown(BaseModel):
    """The PIN; it is told once."""

    pin: str
    expires_at: int


class EstateShown(BaseModel):
    """What the customer still has: on the balance, and paid for time not played."""

    model_config = ConfigDict(from_attributes=True)

    balance_tiyn: int
    unplayed_tiyn: int
    unplayed_seconds: int
    total_tiyn: int


class Forget(Asked):
    """What happens to what they have: nothing to say if that is nothing. `expected_tiyn`: the sum you were told."""

    fate: Literal["", "pay_out", "write_off"] = ""
    reason: Line = ""
    expected_tiyn: Tiyn


class Forgive(Asked):
    """A debt that nobody is asked for any more, and why. `expected_tiyn`: what is owed, as you were told."""

    expected_tiyn: Tiyn
    reason: Line
    key: OperationKey


class Forgotten(BaseModel):
    """What is to be paid out in cash."""

    paid_tiyn: int


class MovementShown(BaseModel):
    """Money that came onto the balance, or (negative) left it, at the club of the chain that is named."""

    id: int
    posting_id: int
    club_id: int
    club_name: str
    at: int
    kind: str
    amount_tiyn: int
    other: str
    lot_title: str
    actor_name: str
    reason: str


class MovementList(BaseModel):
    """Part of the movements."""

    movements: list[MovementShown]
    next_before: int | None


class PlayHoursShown(BaseModel):
    """Days and hours in which alone bought time is played. `weekdays`: 0 is Monday; times in seconds after midnight.

    `sold_from` null: all day. `holidays`: the dates that are holidays for it.
    """

    weekdays: list[int]
    sold_from: int | None
    sold_until: int | None
    holiday_rule: HolidayRule
    holidays: list[date]

    @field_validator("weekdays", "holidays", mode="before")
    @classmethod
    def in_order(cls, found: Iterable[int | date]) -> list[int | date]:
        """As a list: the same answer each time."""
        return sorted(found)


class LotShown(BaseModel):
    """Time bought or given, and what is left of it. It is played at the club that is named, and at no other.

    `play_hours` null: at any time.
    """

    id: int
    club_id: int
    club_name: str
    title: str
    granted_seconds: int
    left_seconds: int
    price_tiyn: int
    at: int
    expires_at: int | None
    play_hours: PlayHoursShown | None


class LotList(BaseModel):
    """Part of the lots."""

    lots: list[LotShown]
    next_before: int | None


class SessionShown(BaseModel):
    """A session, at the club of the chain that is named."""

    id: int
    club_id: int
    club_name: str
    computer_name: str
    state: str
    started_at: int
    ended_at: int | None
    end_reason: str
    played_seconds: int


class SessionList(BaseModel):
    """Part of the sessions."""

    sessions: list[SessionShown]
    next_before: int | None


S = TypeVar("S", MovementShown, LotShown, SessionShown)


def _shown(
    kind: type[S],
    db: Session,
    rows: Sequence[history.Movement | history.LotRow | history.SittingRow],
) -> list[S]:
    names = names_of_sharing(db, current.club().club_id)
    return [kind.model_validate({**asdict(row), "club_name": names[row.club_id]}) for row in rows]


@api.put("/customers/<int:customer_id>/details", responses={HTTPStatus.OK: Done})
def change_details(path: CustomerPath, body: Details) -> Response:
    """Change name and phone."""
    service.change_details(
        current.club(),
        customer_id=path.customer_id,
        name=body.name,
        phone=body.phone,
        birth_date=body.birth_date,
        actor=current.actor(),
    )
    return done()


@api.post("/customers/<int:customer_id>/contacts", responses={HTTPStatus.OK: ContactsShown})
def reveal_contacts(path: CustomerPath) -> Response:
    """Phone and birth date of one customer, for those to whom lists show a part of them. It is logged."""
    found = contacts.reveal(current.club(), customer_id=path.customer_id, actor=current.actor())
    return answer(ContactsShown.model_validate(found))


@api.post("/customers/<int:customer_id>/pin", responses={HTTPStatus.CREATED: PinShown})
def issue_pin(path: CustomerPath) -> Response:
    """Issue a one-time PIN for a forgotten password; an earlier one is void."""
    issued = pins.issue(current.club(), customer_id=path.customer_id, actor=current.actor())
    return answer(PinShown(pin=issued.pin, expires_at=issued.expires_at), HTTPStatus.CREATED)


@api.get("/customers/<int:customer_id>/estate", responses={HTTPStatus.OK: EstateShown})
def show_estate(path: CustomerPath) -> Response:
    """What must be decided about before the customer is deleted."""
    club = current.club()
    with club.read() as db:
        queries.row(db, club.club_id, path.customer_id)
        estate = queries.estate(db, db.get_one(Customer, path.customer_id))
    return answer(EstateShown.model_validate(estate))


@api.post("/customers/<int:customer_id>/forget", responses={HTTPStatus.OK: Forgotten})
def forget(path: CustomerPath, body: Forget) -> Response:
    """Delete the customer: the history stays, without the name."""
    paid_tiyn = forgetting.forget(
        current.club(),
        customer_id=path.customer_id,
        fate=body.fate,
        reason=body.reason,
        expected_tiyn=body.expected_tiyn,
        actor=current.actor(),
    )
    return answer(Forgotten(paid_tiyn=paid_tiyn))


@api.get("/customers/<int:customer_id>/movements", responses={HTTPStatus.OK: MovementList})
def list_movements(path: CustomerPath, query: HistoryQuery) -> Response:
    """What moved the balance."""
    club = current.club()
    with club.read() as db:
        queries.row(db, club.club_id, path.customer_id)
        account_id = db.get_one(Customer, path.customer_id).balance_account_id
        part = history.movements(db, account_id, before=query.before, limit=query.limit)
        shown = _shown(MovementShown, db, part.rows)
    return answer(MovementList(movements=shown, next_before=part.next))


@api.get("/customers/<int:customer_id>/debt", responses={HTTPStatus.OK: MovementList})
def list_debt_movements(path: CustomerPath, query: HistoryQuery) -> Response:
    """What moved the debt: negative where more is owed."""
    club = current.club()
    with club.read() as db:
        queries.row(db, club.club_id, path.customer_id)
        account_id = db.get_one(Customer, path.customer_id).debt_account_id or 0
        part = history.movements(db, account_id, before=query.before, limit=query.limit)
        shown = _shown(MovementShown, db, part.rows)
    return answer(MovementList(movements=shown, next_before=part.next))


@api.post("/customers/<int:customer_id>/debt/forgive", responses={HTTPStatus.OK: Done})
def forgive_debt(path: CustomerPath, body: Forgive) -> Response:
    """Forgive all that the customer owes."""
    forgiving.forgive(
        current.club(),
        customer_id=path.customer_id,
        expected_tiyn=body.expected_tiyn,
        reason=body.reason,
        key=f"api:{body.key}",
        actor=current.actor(),
    )
    return done()


@api.get("/customers/<int:customer_id>/lots", responses={HTTPStatus.OK: LotList})
def list_lots(path: CustomerPath, query: HistoryQuery) -> Response:
    """Time bought and given."""
    club = current.club()
    with club.read() as db:
        queries.row(db, club.club_id, path.customer_id)
        part = history.lots(db, path.customer_id, before=query.before, limit=query.limit)
        shown = _shown(LotShown, db, part.rows)
    return answer(LotList(lots=shown, next_before=part.next))


@api.get("/customers/<int:customer_id>/sessions", responses={HTTPStatus.OK: SessionList})
def list_sessions(path: CustomerPath, query: HistoryQuery) -> Response:
    """Where and when the customer played."""
    club = current.club()
    with club.read() as db:
        queries.row(db, club.club_id, path.customer_id)
        part = history.sittings(db, path.customer_id, before=query.before, limit=query.limit)
        shown = _shown(SessionShown, db, part.rows)
    return answer(SessionList(sessions=shown, next_before=part.next))
