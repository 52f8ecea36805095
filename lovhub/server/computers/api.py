"""PCs, for programs: the live picture, names, messages, pairing."""

from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response
from pydantic import BaseModel

from lovhub.server.computers import service, tokens
from lovhub.server.live import in_full
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, answer, blueprint, done

api = blueprint("computers", "computers")


class ComputerPath(BaseModel):
    """Which PC."""

    computer_id: int


class PairingPath(BaseModel):
    """Which waiting PC."""

    pairing_id: str


class Hall(BaseModel):
    """The hall at this moment, as the desk's live page shows it. Seconds, never deadlines."""

    counts: dict[str, int]
    rows: list[dict[str, Any]]
    pairings: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    zones: list[dict[str, Any]]


class ComputerList(BaseModel):
    """The club's PCs, each as in the live picture."""

    computers: list[dict[str, Any]]


class PairingList(BaseModel):
    """PCs that show a code and wait for the desk."""

    pairings: list[dict[str, Any]]


class Rename(Asked):
    """What people call the PC."""

    name: Line


class Message(Asked):
    """A text for the player."""

    text: Line


class MessageSent(BaseModel):
    """The command that carries it; the log tells what became of it."""

    command_id: str


class Approved(BaseModel):
    """The PC that is the club's now."""

    computer_id: int


class TokenPath(BaseModel):
    """Which bulk token."""

    token_id: int


class TokenWanted(Asked):
    """For how many PCs and for how long."""

    computers: int
    hours: int


class TokenMade(BaseModel):
    """The token's text is told here and never again."""

    token_id: int
    token: str


class Token(BaseModel):
    """A bulk token as the club keeps it: without its text. `counts`: whether it still does."""

    token_id: int
    made_by: str
    made_at: int
    expires_at: int
    most_computers: int
    used: int
    counts: bool


class TokenList(BaseModel):
    """The newest first."""

    tokens: list[Token]


def _hall() -> Hall:
    seen = current.server().hall.snapshot()
    said = msgspec.structs.asdict(seen) | {"rows": [in_full(row) for row in seen.rows]}
    return Hall.model_validate(msgspec.to_builtins(said))


@api.get("/live", responses={HTTPStatus.OK: Hall})
def live() -> Response:
    """The whole live picture."""
    return answer(_hall())


@api.get("/computers", responses={HTTPStatus.OK: ComputerList})
def list_computers() -> Response:
    """The club's PCs."""
    return answer(ComputerList(computers=_hall().rows))


@api.patch("/computers/<int:computer_id>", responses={HTTPStatus.OK: Done})
def rename(path: ComputerPath, body: Rename) -> Response:
    """Give the PC another name."""
    service.rename(
        current.club(), computer_id=path.computer_id, name=body.name, actor=current.actor()
    )
    return done()


@api.post("/computers/<int:computer_id>/messages", responses={HTTPStatus.CREATED: MessageSent})
def send_message(path: ComputerPath, body: Message) -> Response:
    """Show the player a text."""
    command_id = current.server().commands.send_message(
        path.computer_id, body.text, current.actor()
    )
    return answer(MessageSent(command_id=command_id), HTTPStatus.CREATED)


@api.get("/pairings", responses={HTTPStatus.OK: PairingList})
def list_pairings() -> Response:
    """PCs that wait for approval, the longest first."""
    return answer(PairingList(pairings=_hall().pairings))


@api.post("/pairings/<pairing_id>/approve", responses={HTTPStatus.OK: Approved})
def approve(path: PairingPath) -> Response:
    """Take a waiting PC into the club, once the codes were compared."""
    computer_id = current.server().pairings.approve(path.pairing_id, current.actor())
    return answer(Approved(computer_id=computer_id))


@api.post("/pairings/<pairing_id>/refuse", responses={HTTPStatus.OK: Done})
def refuse(path: PairingPath) -> Response:
    """Send a waiting PC away."""
    current.server().pairings.refuse(path.pairing_id, current.actor())
    return done()


@api.get("/pairing-tokens", responses={HTTPStatus.OK: TokenList})
def list_tokens() -> Response:
    """Bulk tokens, the newest first."""
    now = current.club().clock.now()
    with current.club().read() as db:
        known = tokens.newest(db, current.club().club_id)
    return answer(
        TokenList(
            tokens=[
                Token(
                    token_id=token.id,
                    made_by=token.made_by,
                    made_at=token.made_at,
                    expires_at=token.expires_at,
                    most_computers=token.most_computers,
                    used=token.used,
                    counts=tokens.counts(token, now),
                )
                for token in known
            ]
        )
    )


@api.post("/pairing-tokens", responses={HTTPStatus.CREATED: TokenMade})
def make_token(body: TokenWanted) -> Response:
    """Make a bulk token, with which many PCs are installed."""
    made = tokens.make(
        current.club(), computers=body.computers, hours=body.hours, actor=current.actor()
    )
    return answer(TokenMade(token_id=made.token_id, token=made.text), HTTPStatus.CREATED)


@api.delete("/pairing-tokens/<int:token_id>", responses={HTTPStatus.OK: Done})
def revoke_token(path: TokenPath) -> Response:
    """Make a bulk token count no more."""
    tokens.revoke(current.club(), token_id=path.token_id, actor=current.actor())
    return done()
