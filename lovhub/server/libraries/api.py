"""Games that PCs have found in their libraries, for programs. A PC is asked by `POST /computers/find-games`."""

from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.applications import service as applications
from lovhub.server.applications.service import Game
from lovhub.server.errors import OperationRefused
from lovhub.server.libraries import queries, rules
from lovhub.server.libraries.rules import MOST_GAMES, Findings
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Line, answer, blueprint

api = blueprint("libraries", "applications")


class SearchPath(BaseModel):
    """By which command games were looked for."""

    command_id: str


class GameFound(BaseModel):
    """A game. `place`: the address that starts it; `watch`: its processes, guessed from its folder if `is_guess`.

    `standing`: `new`; `offered`, the club has it; `alike`, it has one of this title; `retired`, it was put away.
    """

    title: str
    store: str
    place: str
    watch: list[str]
    is_guess: bool
    standing: Literal["new", "offered", "alike", "retired"]


class GamesFound(BaseModel):
    """What was found. `stores`: whose libraries there are at all; `left_out`: games that the PC could not tell."""

    computer_id: int
    stores: list[str]
    games: list[GameFound]
    left_out: int


class GameWanted(Asked):
    """One of those found, by its `place`; without `watch`, with the processes that were found."""

    place: Line
    watch: Annotated[list[Line] | None, Field(default=None, max_length=20)]


class GamesWanted(Asked):
    """Which are to be added."""

    games: Annotated[list[GameWanted], Field(min_length=1, max_length=MOST_GAMES)]


class GamesAdded(BaseModel):
    """The new applications; what the club had already is not among them."""

    application_ids: list[int]


@api.get("/commands/<command_id>/games", responses={HTTPStatus.OK: GamesFound})
def games(path: SearchPath) -> Response:
    """What was found, for whoever asked for it, for an hour; 404 `games_unknown` for everything else."""
    club, findings = current.club(), _findings(path)
    with club.read() as db:
        candidates = rules.compared(findings.games, queries.offered(db, club.club_id))
    return answer(
        GamesFound(
            computer_id=findings.computer_id,
            stores=list(findings.stores),
            left_out=findings.left_out,
            games=[
                GameFound(
                    title=candidate.game.title,
                    store=candidate.game.store,
                    place=candidate.game.place,
                    watch=list(candidate.game.watch),
                    is_guess=candidate.game.is_guess,
                    standing=candidate.standing,
                )
                for candidate in candidates
            ],
        )
    )


@api.post("/commands/<command_id>/games", responses={HTTPStatus.CREATED: GamesAdded})
def add_games(path: SearchPath, body: GamesWanted) -> Response:
    """Offer these to players: all, or none if one cannot be; asked again, it adds nothing more."""
    findings = _findings(path)
    by_place = {game.place: game for game in findings.games}
    if not all(wanted.place in by_place for wanted in body.games):
        raise OperationRefused("games_unknown")
    added = applications.create_games(
        current.club(),
        games=[
            Game(
                by_place[wanted.place].title,
                wanted.place,
                by_place[wanted.place].watch if wanted.watch is None else wanted.watch,
            )
            for wanted in body.games
        ],
        actor=current.actor(),
        computer_id=findings.computer_id,
    )
    return answer(GamesAdded(application_ids=list(added)), HTTPStatus.CREATED)


def _findings(path: SearchPath) -> Findings:
    found = current.server().commands.findings(path.command_id, current.actor().id)
    if found is None:
        raise OperationRefused("games_unknown")
    return found
