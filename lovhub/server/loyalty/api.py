"""Groups, bonuses and promo codes, for programs."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.customers import queries as customers
from lovhub.server.loyalty import mistakes, queries, rules, service
from lovhub.server.loyalty.rules import BonusTerms, Step
from lovhub.server.web import current
from lovhub.server.web.api import (
    Asked,
    Done,
    Id,
    Line,
    OperationKey,
    Tiyn,
    answer,
    blueprint,
    done,
)

api = blueprint("loyalty", "loyalty")

Percent = Annotated[int, Field(ge=0, le=100)]


class GroupPath(BaseModel):
    """Which group."""

    group_id: Id


class CustomerPath(BaseModel):
    """Which customer."""

    customer_id: Id


class GroupAsked(Asked):
    """A group: its name, and the discount on time that it has."""

    name: Line
    discount_percent: Percent


class GroupShown(BaseModel):
    """A group of customers."""

    id: int
    name: str
    discount_percent: int
    customers: int


class GroupList(BaseModel):
    """The club's groups, by name."""

    groups: list[GroupShown]


class GroupCreated(BaseModel):
    """The new group."""

    group_id: int


class InGroup(Asked):
    """Into which group; null: into none."""

    group_id: Id | None


class StepAsked(Asked):
    """From this amount on, a top-up brings so many percent of it."""

    from_tiyn: Tiyn
    percent: Percent


class BonusRulesAsked(Asked):
    """How bonuses work. `per_shift_tiyn`: what a cashier may give in a shift; 0: as much as they like."""

    is_on: bool
    share_percent: Percent = 100
    per_shift_tiyn: Tiyn = BonusTerms.per_shift_tiyn
    steps: Annotated[list[StepAsked], Field(max_length=rules.MOST_STEPS)]


class BonusRulesShown(BaseModel):
    """How bonuses work."""

    is_on: bool
    share_percent: int
    per_shift_tiyn: int
    steps: list[StepAsked]


class BonusGiven(Asked):
    """A bonus, and why."""

    amount_tiyn: Tiyn
    reason: Line
    key: OperationKey


class BonusPath(CustomerPath):
    """Which bonus of the customer: its posting."""

    bonus_id: int


class BonusTakenBack(Asked):
    """Why; "" will do for the author within two minutes."""

    reason: Line


class Bonuses(BaseModel):
    """What the customer has in bonuses now. `posting_id`: of what was booked, by which a bonus is taken back."""

    bonus_tiyn: int
    posting_id: int


@api.get("/groups", responses={HTTPStatus.OK: GroupList})
def list_groups() -> Response:
    """The club's groups."""
    club = current.club()
    with club.read() as db:
        rows, members = queries.groups(db, club.club_id), queries.members(db, club.club_id)
    return answer(
        GroupList(
            groups=[
                GroupShown(
                    id=row.id,
                    name=row.name,
                    discount_percent=row.discount_percent,
                    customers=members.get(row.id, 0),
                )
                for row in rows
            ]
        )
    )


@api.post("/groups", responses={HTTPStatus.CREATED: GroupCreated})
def create_group(body: GroupAsked) -> Response:
    """Make a group."""
    group_id = service.create_group(
        current.club(), name=body.name, percent=body.discount_percent, actor=current.actor()
    )
    return answer(GroupCreated(group_id=group_id), HTTPStatus.CREATED)


@api.put("/groups/<int:group_id>", responses={HTTPStatus.OK: Done})
def change_group(path: GroupPath, body: GroupAsked) -> Response:
    """Another name or discount from now on."""
    service.change_group(
        current.club(),
        group_id=path.group_id,
        name=body.name,
        percent=body.discount_percent,
        actor=current.actor(),
    )
    return done()


@api.delete("/groups/<int:group_id>", responses={HTTPStatus.OK: Done})
def remove_group(path: GroupPath) -> Response:
    """Remove a group; its customers are in none then."""
    service.remove_group(current.club(), group_id=path.group_id, actor=current.actor())
    return done()


@api.put("/customers/<int:customer_id>/group", responses={HTTPStatus.OK: Done})
def put_in_group(path: CustomerPath, body: InGroup) -> Response:
    """Put a customer into a group, or into none."""
    service.put_in_group(
        current.club(),
        customer_id=path.customer_id,
        group_id=body.group_id,
        actor=current.actor(),
    )
    return done()


@api.get("/bonus-rules", responses={HTTPStatus.OK: BonusRulesShown})
def show_rules() -> Response:
    """How bonuses work."""
    club = current.club()
    with club.read() as db:
        terms = queries.bonus_terms(db, club.club_id)
    steps = [StepAsked(from_tiyn=step.from_tiyn, percent=step.percent) for step in terms.steps]
    return answer(
        BonusRulesShown(
            is_on=terms.is_on,
            share_percent=terms.share_percent,
            per_shift_tiyn=terms.per_shift_tiyn,
            steps=steps,
        )
    )


@api.put("/bonus-rules", responses={HTTPStatus.OK: Done})
def set_rules(body: BonusRulesAsked) -> Response:
    """How bonuses work from now on."""
    terms = BonusTerms(
        is_on=body.is_on,
        share_percent=body.share_percent,
        per_shift_tiyn=body.per_shift_tiyn,
        steps=tuple(Step(step.from_tiyn, step.percent) for step in body.steps),
    )
    service.set_bonus_terms(current.club(), terms=terms, actor=current.actor())
    return done()


@api.post("/customers/<int:customer_id>/bonuses", responses={HTTPStatus.CREATED: Bonuses})
def give_bonus(path: CustomerPath, body: BonusGiven) -> Response:
    """Give a customer a bonus. The same key again gives nothing more."""
    club = current.club()
    posting_id = service.give_bonus(
        club,
        customer_id=path.customer_id,
        amount_tiyn=body.amount_tiyn,
        reason=body.reason,
        key=body.key,
        actor=current.actor(),
    )
    with club.read() as db:
        row = customers.row(db, club.club_id, path.customer_id)
    return answer(Bonuses(bonus_tiyn=row.bonus_tiyn, posting_id=posting_id), HTTPStatus.CREATED)


@api.post(
    "/customers/<int:customer_id>/bonuses/<int:bonus_id>/reversal",
    responses={HTTPStatus.CREATED: Bonuses},
)
def take_back_bonus(path: BonusPath, body: BonusTakenBack) -> Response:
    """Take a bonus back while it is unspent; taking back again is the same taking back."""
    club = current.club()
    posting_id = mistakes.take_back(
        club,
        customer_id=path.customer_id,
        posting_id=path.bonus_id,
        reason=body.reason,
        actor=current.actor(),
    )
    with club.read() as db:
        row = customers.row(db, club.club_id, path.customer_id)
    return answer(Bonuses(bonus_tiyn=row.bonus_tiyn, posting_id=posting_id), HTTPStatus.CREATED)
