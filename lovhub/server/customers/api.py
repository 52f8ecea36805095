"""Customers and their money, for programs."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.customers import contacts, queries, reversal, service
from lovhub.server.web import current, texts
from lovhub.server.web.api import (
    Asked,
    Cursor,
    KaspiNumber,
    Line,
    Method,
    OperationKey,
    Question,
    Seconds,
    Secret,
    SortBy,
    answer,
    api_order,
    api_place,
    blueprint,
)

api = blueprint("customers", "customers")


BirthDate = Annotated[Line, Field(description="«2009-01-16», or nothing.")]


class CustomerPath(BaseModel):
    """Which customer."""

    customer_id: int


class ListQuery(Question):
    """What part of the list. `only`: those with money on the balance, with time to play, or in debt.

    `after` is the `next_after` of the part before; `sort` may begin with a minus.
    """

    search: str = Field("", max_length=200)
    only: Literal["", "money", "time", "debt"] = ""
    registered_since_at: int | None = Field(None, ge=0, le=current.LARGEST_ID)
    sort: SortBy = queries.SORTS.default
    after: Cursor | None = None
    limit: int = Field(queries.PAGE_SIZE, ge=1, le=100)


class NewCustomer(Asked):
    """A customer to register. `name` empty: the login is shown instead."""

    login: Line
    name: Line = ""
    phone: Line = ""
    birth_date: BirthDate = ""
    password: Secret


class CustomerCreated(BaseModel):
    """The new customer."""

    customer_id: int


class CustomerShown(BaseModel):
    """A customer. `seconds_available` is bought time that no session holds; `group` "" is none.

    Whoever may not `see_contacts` is shown the ends of the phone («+7 70* *** ** 12») and the year of the birth date.
    `debt_tiyn`: what they owe for time played in debt.
    `age_document`: by what kind of document staff have confirmed the birth date; "" while nobody has.
    """

    model_config = ConfigDict(from_attributes=True)

    id: int
    login: str
    name: str
    phone: str
    created_at: int
    balance_tiyn: int
    seconds_available: int
    bonus_tiyn: int
    group_id: int | None
    group: str
    birth_date: str
    age_document: str
    debt_tiyn: int


class CustomerList(BaseModel):
    """Part of the list."""

    customers: list[CustomerShown]
    next_after: str | None


class TopUp(Asked):
    """Money that came in for the customer's balance."""

    amount_tiyn: int
    method: Method
    kaspi_number: KaspiNumber = ""
    key: OperationKey


class ToppedUp(BaseModel):
    """The posting in the books, and what the balance is now."""

    posting_id: int
    balance_tiyn: int


class TopUpPath(CustomerPath):
    """Which top-up of the customer."""

    posting_id: int


class TakeBack(Asked):
    """Why; "" will do for the author within two minutes."""

    reason: Line


class GivenTime(Asked):
    """Time without money, and why."""

    seconds: Seconds
    reason: Line
    key: OperationKey


class TimeGiven(BaseModel):
    """The lot that the time is in."""

    lot_id: int


def _shown(row: queries.CustomerRow) -> CustomerShown:
    role = current.actor().role
    return CustomerShown.model_validate(
        replace(
            row,
            phone=contacts.shown_phone(row.phone, role),
            birth_date=contacts.shown_birth_date(row.birth_date, role),
        )
    )


@api.get("/customers", responses={HTTPStatus.OK: CustomerList})
def list_customers(query: ListQuery) -> Response:
    """Customers, searched by part of a name or login, or by phone.

    Whoever may not `see_contacts` finds a phone by the whole number only, and may not sort by it.
    """
    club, role = current.club(), current.actor().role
    with club.read() as db:
        page = queries.page(
            db,
            club.club_id,
            search=query.search,
            phones=contacts.phone_search(role),
            only=queries.Only(
                registered_since_at=query.registered_since_at,
                with_money=query.only == "money",
                with_time=query.only == "time",
                in_debt=query.only == "debt",
            ),
            order=api_order(contacts.sorts(role), query.sort),
            place=api_place(query.after),
            limit=query.limit,
        )
    shown = [_shown(row) for row in page.rows]
    return answer(
        CustomerList(customers=shown, next_after=page.next.written() if page.next else None)
    )


@api.post("/customers", responses={HTTPStatus.CREATED: CustomerCreated})
def register(body: NewCustomer) -> Response:
    """Register a customer."""
    customer_id = service.register(
        current.club(),
        login=body.login,
        name=body.name,
        phone=body.phone,
        birth_date=body.birth_date,
        password=body.password,
        actor=current.actor(),
    )
    return answer(CustomerCreated(customer_id=customer_id), HTTPStatus.CREATED)


@api.get("/customers/<int:customer_id>", responses={HTTPStatus.OK: CustomerShown})
def show(path: CustomerPath) -> Response:
    """One customer."""
    club = current.club()
    with club.read() as db:
        row = queries.row(db, club.club_id, path.customer_id)
    return answer(_shown(row))


@api.post("/customers/<int:customer_id>/top-ups", responses={HTTPStatus.CREATED: ToppedUp})
def top_up(path: CustomerPath, body: TopUp) -> Response:
    """Put money on the customer's balance. The same key again is the same top-up."""
    club = current.club()
    posting_id = service.top_up(
        club.paid_by_kaspi(body.kaspi_number),
        customer_id=path.customer_id,
        amount_tiyn=body.amount_tiyn,
        method=body.method,
        key=body.key,
        actor=current.actor(),
    )
    with club.read() as db:
        balance_tiyn = queries.row(db, club.club_id, path.customer_id).balance_tiyn
    return answer(ToppedUp(posting_id=posting_id, balance_tiyn=balance_tiyn), HTTPStatus.CREATED)


@api.post(
    "/customers/<int:customer_id>/top-ups/<int:posting_id>/reversal",
    responses={HTTPStatus.CREATED: ToppedUp},
)
def take_back(path: TopUpPath, body: TakeBack) -> Response:
    """Take a top-up back while the money is unspent; taking back again is the same taking back."""
    club = current.club()
    posting_id = reversal.take_back(
        club,
        customer_id=path.customer_id,
        posting_id=path.posting_id,
        reason=body.reason,
        actor=current.actor(),
    )
    with club.read() as db:
        balance_tiyn = queries.row(db, club.club_id, path.customer_id).balance_tiyn
    return answer(ToppedUp(posting_id=posting_id, balance_tiyn=balance_tiyn), HTTPStatus.CREATED)


@api.post("/customers/<int:customer_id>/time", responses={HTTPStatus.CREATED: TimeGiven})
def give_time(path: CustomerPath, body: GivenTime) -> Response:
    """Give the customer time without money. The same key again gives nothing more."""
    lot_id = service.give_time(
        current.club(),
        customer_id=path.customer_id,
        seconds=body.seconds,
        title=texts.given_time(body.seconds // 60),
        reason=body.reason,
        key=body.key,
        actor=current.actor(),
    )
    return answer(TimeGiven(lot_id=lot_id), HTTPStatus.CREATED)
