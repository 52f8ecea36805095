"""Games and programs, for programs."""

import base64
import binascii
from http import HTTPStatus
from typing import Annotated, Literal, cast

from flask import Response
from pydantic import BaseModel, Field

from lovhub.server.applications import queries, service, showing
from lovhub.server.applications.models import Application
from lovhub.server.applications.pages import show_picture
from lovhub.server.errors import OperationRefused
from lovhub.server.web import current
from lovhub.server.web.api import Asked, Done, Id, Line, Place, answer, blueprint, done

api = blueprint("applications", "applications")


class ApplicationPath(BaseModel):
    """Which application."""

    application_id: int


class ApplicationAsked(Asked):
    """What players may start. `exe_path` is absolute on the PC; `arguments` are already split.

    Instead of a path, an address that Steam, Epic or Battle.net answers to: `watch` then names the game's processes.
    `other_paths` are tried in this order where there is nothing at `exe_path`.
    """

    title: Line
    kind: Literal["game", "program"]
    exe_path: Line
    arguments: Annotated[list[Line], Field(default_factory=list, max_length=100)]
    other_paths: Annotated[list[Line], Field(default_factory=list, max_length=20)]
    watch: Annotated[list[Line], Field(default_factory=list, max_length=20)]


class ApplicationShown(BaseModel):
    """A game or a program.

    `picture`: its picture's digest, "" for none. `zone_ids`: where it is offered; empty for everywhere.
    """

    id: int
    title: str
    kind: Literal["game", "program"]
    exe_path: str
    arguments: list[str]
    other_paths: list[str]
    watch: list[str]
    picture: str
    zone_ids: list[int]


class PicturePath(BaseModel):
    """Which picture, by its digest."""

    digest: str


class PictureAsked(Asked):
    """A PNG, JPEG, WebP or ICO file of at most 180 KB, in base64. It is drawn anew, small and as PNG."""

    picture_base64: Annotated[str, Field(max_length=250_000)]


class PictureKept(BaseModel):
    """The digest under which the picture is found."""

    picture: str


class ZonesAsked(Asked):
    """Zones in which to offer an application; none: everywhere."""

    zone_ids: Annotated[list[Id], Field(max_length=1000)]


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
        zones = queries.zones_of(db, club.club_id)
    return answer(
        ApplicationList(
            applications=[_shown(row, zones) for row in offered],
            retired=[_shown(row, zones) for row in retired],
        )
    )


def _shown(application: Application, zones: dict[int, set[int]]) -> ApplicationShown:
    return ApplicationShown(
        id=application.id,
        title=application.title,
        kind=cast("Literal['game', 'program']", application.kind),
        exe_path=application.exe_path,
        arguments=application.arguments,
        other_paths=application.other_paths,
        watch=application.watch,
        picture=application.picture,
        zone_ids=sorted(zones.get(application.id, ())),
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
        other_paths=body.other_paths,
        watch=body.watch,
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
        other_paths=body.other_paths,
        watch=body.watch,
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


@api.put("/applications/<int:application_id>/picture", responses={HTTPStatus.OK: PictureKept})
def set_picture(path: ApplicationPath, body: PictureAsked) -> Response:
    """Show an application with a picture."""
    try:
        sent = base64.b64decode(body.picture_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise OperationRefused("invalid_fields", picture="picture_not_understood") from error
    digest = showing.set_picture(
        current.club(), application_id=path.application_id, sent=sent, actor=current.actor()
    )
    return answer(PictureKept(picture=digest))


@api.delete("/applications/<int:application_id>/picture", responses={HTTPStatus.OK: Done})
def remove_picture(path: ApplicationPath) -> Response:
    """Show an application without a picture."""
    showing.remove_picture(
        current.club(), application_id=path.application_id, actor=current.actor()
    )
    return done()


@api.get(
    "/applications/pictures/<digest>",
    responses={
        HTTPStatus.OK: {
            "description": "The picture.",
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def picture(path: PicturePath) -> Response:
    """A picture as PNG."""
    return show_picture(path.digest)


@api.put("/applications/<int:application_id>/zones", responses={HTTPStatus.OK: Done})
def limit_to_zones(path: ApplicationPath, body: ZonesAsked) -> Response:
    """Offer an application in some zones only, or everywhere."""
    showing.limit_to_zones(
        current.club(),
        application_id=path.application_id,
        zone_ids=body.zone_ids,
        actor=current.actor(),
    )
    return done()
