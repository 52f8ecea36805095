"""The desk's hand on the PCs, for programs: each PC answers by itself, in `GET /computers/{id}/commands`."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.errors import OperationRefused
from lovhub.server.remote import service
from lovhub.server.remote.rules import Order
from lovhub.server.web import current, refusals
from lovhub.server.web.api import Asked, Id, Responses, answer, blueprint

api = blueprint("remote", "computers")


class InHand(Asked):
    """Which PCs."""

    computer_ids: list[Id]


class InHandAndSeen(InHand):
    """Which PCs, and on which of them somebody plays, as far as whoever decides knows."""

    playing_ids: list[Id] = Field(default_factory=list)


class Volume(InHand):
    """How loud, in percent."""

    percent: Annotated[int, Field(ge=0, le=100)]


class Start(InHand):
    """Which application."""

    application_id: Id


class Command(BaseModel):
    """What became of one PC: a command on its way, or why there is none."""

    computer_id: int
    command_id: str
    refusal: str
    message: str


class Commands(BaseModel):
    """What became of each PC."""

    commands: list[Command]


class CommandPath(BaseModel):
    """Which command."""

    command_id: str


_SENT: Responses = {HTTPStatus.OK: Commands}


@api.post("/computers/lock", responses=_SENT)
def lock(body: InHand) -> Response:
    """Cover the screens of sessions while their time runs."""
    return _ask(Order("lock"), body.computer_ids)


@api.post("/computers/unlock", responses=_SENT)
def unlock(body: InHand) -> Response:
    """Uncover them."""
    return _ask(Order("unlock"), body.computer_ids)


@api.post("/computers/volume", responses=_SENT)
def volume(body: Volume) -> Response:
    """Set how loud the PCs are."""
    return _ask(Order("volume", percent=body.percent), body.computer_ids)


@api.post("/computers/wake", responses=_SENT)
def wake(body: InHand) -> Response:
    """Switch on PCs that are off; done when they are heard of."""
    return _ask(Order("wake"), body.computer_ids)


@api.post("/computers/start", responses=_SENT)
def start(body: Start) -> Response:
    """Start a program in the sessions there."""
    return _ask(Order("start", application_id=body.application_id), body.computer_ids)


@api.post("/computers/sign-out", responses=_SENT)
def sign_out(body: InHand) -> Response:
    """End the sessions, and sign out who is signed in without one."""
    return _ask(Order("sign_out"), body.computer_ids)


@api.post("/computers/restart", responses=_SENT)
def restart(body: InHandAndSeen) -> Response:
    """Restart; 'session_not_shown' where somebody plays and `playing_ids` does not say so."""
    return _ask(Order("restart"), body.computer_ids, body.playing_ids)


@api.post("/computers/shut-down", responses=_SENT)
def shut_down(body: InHandAndSeen) -> Response:
    """Switch off; 'session_not_shown' as for a restart."""
    return _ask(Order("shut_down"), body.computer_ids, body.playing_ids)


@api.post("/computers/screenshot", responses=_SENT)
def screenshot(body: InHand) -> Response:
    """Look at the screens; the players see that somebody did."""
    return _ask(Order("screenshot"), body.computer_ids)


@api.post("/computers/find-games", responses=_SENT)
def find_games(body: InHand) -> Response:
    """Have the PCs look for installed games; `GET /commands/{command_id}/games` tells what they found."""
    return _ask(Order("find_games"), body.computer_ids)


@api.get(
    "/commands/<command_id>/picture", responses={HTTPStatus.OK: {"content": {"image/jpeg": {}}}}
)
def picture(path: CommandPath) -> Response:
    """A screen, for whoever asked for it, for two minutes; 404 `picture_unknown` for everything else."""
    jpeg = current.server().commands.screenshot(path.command_id, current.actor().id)
    if jpeg is None:
        raise OperationRefused("picture_unknown")
    return Response(jpeg, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def _ask(order: Order, computer_ids: Collection[int], playing: Collection[int] = ()) -> Response:
    asked = service.ask(
        current.club(),
        current.server().commands,
        order=order,
        computer_ids=computer_ids,
        shown_playing=playing,
        actor=current.actor(),
    )
    commands = [
        Command(
            computer_id=one.computer_id,
            command_id=one.command_id,
            refusal=one.refusal,
            message=refusals.refusal(one.refusal) if one.refusal else "",
        )
        for one in asked
    ]
    return answer(Commands(commands=commands))
