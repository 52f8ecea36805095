"""Promotions and their codes, for programs."""

from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.loyalty import promos, queries, rules
from lovhub.server.loyalty.api import CustomerPath
from lovhub.server.loyalty.rules import PromoTerms
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Id, Line, OperationKey, Tiyn, answer, blueprint, done

api = blueprint("promos", "loyalty")

_PROMO_FIELDS = (
    "id", "title", "kind", "amount_tiyn", "seconds", "from_at", "until_at", "uses", "stopped_at",
)  # fmt: skip


class PromoPath(BaseModel):
    """Which promotion."""

    promo_id: Id


class PromoAsked(Asked):
    """A promotion: `bonus` (`amount_tiyn`) or `time` (`seconds`), by these codes or by so many made for it.

    `uses`: of each code; 0: without limit. `until_at` null: without an end.
    """

    title: Line
    kind: Literal["bonus", "time"]
    amount_tiyn: Tiyn = 0
    seconds: Annotated[int, Field(ge=0, le=rules.LONGEST_TIME_SECONDS)] = 0
    from_at: Annotated[int, Field(ge=0, le=current.LARGEST_ID)]
    until_at: Annotated[int, Field(ge=0, le=current.LARGEST_ID)] | None = None
    uses: Annotated[int, Field(ge=0, le=rules.LARGEST_USES)] = 1
    codes: Annotated[list[Line], Field(max_length=rules.MOST_CODES)] = Field(default_factory=list)
    made_codes: Annotated[int, Field(ge=0, le=rules.MOST_CODES)] = 0


class PromoShown(BaseModel):
    """A promotion. `used`: how often its codes were used, all together."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    kind: str
    amount_tiyn: int
    seconds: int
    from_at: int
    until_at: int | None
    uses: int
    stopped_at: int | None
    codes: int
    used: int


class PromoList(BaseModel):
    """The newest promotions."""

    promos: list[PromoShown]


class PromoCreated(BaseModel):
    """The new promotion."""

    promo_id: int


class CodeShown(BaseModel):
    """A code, and how often it was used."""

    code: str
    used: int


class CodeList(BaseModel):
    """The codes of a promotion."""

    codes: list[CodeShown]


class CodeUsed(Asked):
    """A code that a customer has brought."""

    code: Line
    key: OperationKey


class Gift(BaseModel):
    """What the code gave: a bonus or time."""

    title: str
    bonus_tiyn: int
    seconds: int


@api.post("/customers/<int:customer_id>/promo-codes", responses={HTTPStatus.CREATED: Gift})
def use_code(path: CustomerPath, body: CodeUsed) -> Response:
    """Take in a code that a customer has brought."""
    gift = promos.use(
        current.club(),
        customer_id=path.customer_id,
        code=body.code,
        key=body.key,
        actor=current.actor(),
    )
    return answer(
        Gift(title=gift.title, bonus_tiyn=gift.bonus_tiyn, seconds=gift.seconds),
        HTTPStatus.CREATED,
    )


@api.get("/promos", responses={HTTPStatus.OK: PromoList})
def list_promos() -> Response:
    """The newest promotions."""
    club = current.club()
    with club.read() as db:
        rows = queries.promos(db, club.club_id)
    return answer(
        PromoList(
            promos=[
                PromoShown(
                    **{name: getattr(row.promo, name) for name in _PROMO_FIELDS},
                    codes=row.codes,
                    used=row.used,
                )
                for row in rows
            ]
        )
    )


@api.post("/promos", responses={HTTPStatus.CREATED: PromoCreated})
def create_promo(body: PromoAsked) -> Response:
    """Make a promotion."""
    values = body.model_dump(exclude={"codes", "made_codes"})
    promo_id = promos.create(
        current.club(),
        terms=PromoTerms(**values),
        codes=body.codes,
        made_codes=body.made_codes,
        actor=current.actor(),
    )
    return answer(PromoCreated(promo_id=promo_id), HTTPStatus.CREATED)


@api.get("/promos/<int:promo_id>/codes", responses={HTTPStatus.OK: CodeList})
def list_codes(path: PromoPath) -> Response:
    """The codes of a promotion."""
    club = current.club()
    with club.read() as db:
        queries.promo(db, club.club_id, path.promo_id)
        codes = queries.codes(db, path.promo_id)
    return answer(CodeList(codes=[CodeShown(code=row.code, used=row.used) for row in codes]))


@api.post("/promos/<int:promo_id>/stop", responses={HTTPStatus.OK: Done})
def stop_promo(path: PromoPath) -> Response:
    """It gives nothing more."""
    promos.stop(current.club(), promo_id=path.promo_id, actor=current.actor())
    return done()
