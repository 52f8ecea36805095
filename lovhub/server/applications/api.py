"""Games and programs, for programs."""

from http import HTTPStatus
from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from lovhub.server.applications import queries, service
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Line, Place, answer, blueprint, done

api = blueprint("applications", "applications")


class ApplicationPath(BaseModel):
    """Which application."""

    application_id: int


class ApplicationAsked(Asked):
    """What players may start. `exe_path` is absolute on the PC; `arguments` are already split."""

    title: Line
    kind: Literal["game", "program"]
    exe_path: Line
    arguments: Annotated[list[Line], Field(default_factory=list, max_length=100)]


class ApplicationShown(BaseModel):
    """A game or a program."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    kind: Literal["game", "program"]
    exe_path: str
    arguments: list[str]


class ApplicationList(BaseModel):
    """What is offered, in the order players see, and what was retired last."""

    applications: list[ApplicationShown]
    retired: list[ApplicationShown]


class ApplicationCreated(BaseModel):
    """The new application."""

    application_id: int


@api.get("/applications", responses={HTTPStatus.OK: ApplicationList})
def list_applications() -> Response:
    """Applications that are offered, and those that can be offered again."""
    club = current.club()
    with club.read() as db:
        offered = queries.in_use(db, club.club_id)
        retired = queries.retired(db, club.club_id)
    return answer(
        ApplicationList(
            applications=[ApplicationShown.model_validate(row) for row in offered],
            retired=[ApplicationShown.model_validate(row) for row in retired],
        )
    )


@api.post("/applications", responses={HTTPStatus.CREATED: ApplicationCreated})
def create(body: ApplicationAsked) -> Response:
    """Offer an application."""
    application_id = service.create(
        current.club(),
        title=body.title,
        kind=body.kind,
        exe_path=body.exe_path,
        arguments=body.arguments,
        actor=current.actor(),
    )
    return answer(ApplicationCreated(application_id=application_id), HTTPStatus.CREATED)


@api.put("/applications/<int:application_id>", responses={HTTPStatus.OK: Done})
def change(path: ApplicationPath, body: ApplicationAsked) -> Response:
    """Change an application from now on."""
    service.change(
        current.club(),
        application_id=path.application_id,
        title=body.title,
        kind=body.kind,
        exe_path=body.exe_path,
        arguments=body.arguments,
        actor=current.actor(),
    )
    return done()


@api.delete("/applications/<int:application_id>", responses={HTTPStatus.OK: Done})
def retire(path: ApplicationPath) -> Response:
    """Offer it no longer; its launches stay in the log."""
    service.retire(current.club(), application_id=path.application_id, actor=current.actor())
    return done()


@api.post("/applications/<int:application_id>/restoration", responses={HTTPStatus.OK: Done})
def restore(path: ApplicationPath) -> Response:
    """Offer a retired application again."""
    service.restore(current.club(), application_id=path.application_id, actor=current.actor())
    return done()


@api.put("/applications/<int:application_id>/place", responses={HTTPStatus.OK: Done})
def move(path: ApplicationPath, body: Place) -> Response:
    """Put an application at another place among those of its kind."""
    service.move(
        current.club(),
        application_id=path.application_id,
        place=body.place,
        actor=current.actor(),
    )
    return done()
