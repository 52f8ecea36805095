"""The search over everything, for programs."""

from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.search import finding
from lovhub.server.web import current
from lovhub.server.web.api import Question, answer, blueprint

api = blueprint("search", "search")


class Sought(Question):
    """What is looked for: a login, a telephone, a name, a PC's number, a game."""

    q: Annotated[str, Field(min_length=1, max_length=finding.LONGEST_SEARCH)]


class FoundItem(BaseModel):
    """A customer, a PC or an application. `note` tells it from others of the same title."""

    kind: Literal["customer", "computer", "application"]
    id: int
    title: str
    note: str


class FoundItems(BaseModel):
    """A few of each kind that the role may see, those that fit best first."""

    items: list[FoundItem]


@api.get("/search", responses={HTTPStatus.OK: FoundItems})
def find(query: Sought) -> Response:
    """What of the club matches."""
    groups = finding.find(
        current.club(),
        current.signed_in().staff.role,
        current.server().hall.snapshot().rows,
        query.q,
    )
    return answer(
        FoundItems.model_validate(
            {
                "items": [
                    {"kind": group.kind, "id": item.id, "title": item.title, "note": item.note}
                    for group in groups
                    for item in group.items
                    if item.id is not None
                ]
            }
        )
    )
