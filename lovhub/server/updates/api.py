"""Updates of the PCs, for programs."""

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel

from lovhub.server.updates import queries, rules, service
from lovhub.server.updates.rules import Shown
from lovhub.server.web import current
from lovhub.server.web.api import Done, answer, blueprint, done

api = blueprint("updates", "updates")


class PcPath(BaseModel):
    """Which PC."""

    computer_id: int


class PcUpdate(BaseModel):
    """A PC: the version that it has, how it stands to the one carried, and a code where that went wrong."""

    computer_id: int
    name: str
    version: str
    state: Shown
    why: str


class UpdatesShown(BaseModel):
    """The version that the server carries, whether PCs wait for people to allow it, and every PC."""

    version: str
    is_held: bool
    held_because: str
    computers: list[PcUpdate]


@api.get("/updates", responses={HTTPStatus.OK: UpdatesShown})
def show() -> Response:
    """Which PC has which version."""
    turns = current.server().updates
    version, seen = turns.version, turns.seen()
    with current.club().read() as db:
        held = queries.held(db, current.club().club_id)
    return answer(
        UpdatesShown(
            version=version,
            is_held=held is not None,
            held_because=held.why if held else "",
            computers=[
                PcUpdate(
                    computer_id=one.known.computer_id,
                    name=one.known.name,
                    version=one.known.version,
                    state=rules.shown(one.standing, version),
                    why=one.known.why,
                )
                for one in seen
            ],
        )
    )


@api.post("/updates/hold", responses={HTTPStatus.OK: Done})
def hold() -> Response:
    """No further PC is offered it."""
    service.hold(current.club(), actor=current.actor())
    return done()


@api.post("/updates/allow", responses={HTTPStatus.OK: Done})
def allow() -> Response:
    """The PCs are offered it."""
    service.allow(current.club(), actor=current.actor())
    return done()


@api.post("/updates/computers/<int:computer_id>/again", responses={HTTPStatus.OK: Done})
def try_again(path: PcPath) -> Response:
    """Offer it once more to a PC that has not taken it; 409 `update_not_failed` for any other."""
    service.try_again(current.club(), computer_id=path.computer_id, actor=current.actor())
    return done()
