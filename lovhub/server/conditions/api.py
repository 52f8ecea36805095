"""What people say of PCs, for programs."""

from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import Field

from lovhub.server.conditions import service
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Id, Line, Responses, Seconds, blueprint, done

api = blueprint("conditions", "computers")

Computers = Annotated[list[Id], Field(min_length=1, max_length=1000)]


class ChosenToSit(Asked):
    """These PCs."""

    computer_ids: Computers


class Broken(ChosenToSit):
    """Why nobody may sit there."""

    reason: Line


class Keep(ChosenToSit):
    """For whom (a registered customer, or whoever `for_whom` says), and for how long from now."""

    for_whom: Line = ""
    customer_id: Id | None = None
    seconds: Seconds


_DONE: Responses = {HTTPStatus.OK: Done}


@api.post("/computers/broken", responses=_DONE)
def mark_broken(body: Broken) -> Response:
    """Seat nobody at these PCs until they are mended."""
    service.mark_broken(
        current.club(),
        computer_ids=body.computer_ids,
        reason=body.reason,
        actor=current.actor(),
    )
    return done()


@api.post("/computers/mend", responses=_DONE)
def mend(body: ChosenToSit) -> Response:
    """They work again."""
    service.mend(current.club(), computer_ids=body.computer_ids, actor=current.actor())
    return done()


@api.post("/computers/keep", responses=_DONE)
def keep(body: Keep) -> Response:
    """Turn strangers away from these PCs for so long."""
    club = current.club()
    service.keep(
        club,
        computer_ids=body.computer_ids,
        for_whom=body.for_whom,
        customer_id=body.customer_id,
        until_at=club.clock.now() + body.seconds,
        actor=current.actor(),
    )
    return done()


@api.post("/computers/let-go", responses=_DONE)
def let_go(body: ChosenToSit) -> Response:
    """They are anybody's again."""
    service.let_go(current.club(), computer_ids=body.computer_ids, actor=current.actor())
    return done()
