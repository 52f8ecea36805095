"""Questions about applications."""

from collections.abc import Iterable
from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import ApplicationView
from lovhub.server.applications.models import Application, ApplicationPicture, ApplicationZone
from lovhub.server.errors import OperationRefused

MOST_RETIRED = 20


def in_use(db: Session, club_id: int, kind: str | None = None) -> list[Application]:
    """Applications offered now, in the order players see them; only of `kind`, if given."""
    statement = (
        select(Application)
        .where(Application.club_id == club_id, Application.retired_at.is_(None))
        .order_by(Application.position, Application.title, Application.id)
    )
    if kind is not None:
        statement = statement.where(Application.kind == kind)
    return list(db.scalars(statement))


def retired(db: Session, club_id: int, kind: str | None = None) -> list[Application]:
    """Applications no longer offered, the last one first; no more than a person looks through."""
    statement = (
        select(Application)
        .where(Application.club_id == club_id, Application.retired_at.is_not(None))
        .order_by(Application.retired_at.desc(), Application.id.desc())
        .limit(MOST_RETIRED)
    )
    if kind is not None:
        statement = statement.where(Application.kind == kind)
    return list(db.scalars(statement))


def titles(db: Session, club_id: int) -> dict[int, str]:
    """Every application that was ever offered, by id: those offered now first, then by title."""
    rows = db.execute(
        select(Application.id, Application.title)
        .where(Application.club_id == club_id)
        .order_by(Application.retired_at.is_not(None), Application.title, Application.id)
    )
    return dict(iter(rows))


def counts(db: Session, club_id: int) -> dict[str, int]:
    """How many applications of each kind are offered."""
    rows = db.execute(
        select(Application.kind, func.count())
        .where(Application.club_id == club_id, Application.retired_at.is_(None))
        .group_by(Application.kind)
    )
    return dict(iter(rows))


def zones_of(db: Session, club_id: int) -> dict[int, set[int]]:
    """The zones to which an application is limited; those that are offered everywhere are not in it."""
    rows = db.execute(
        select(ApplicationZone.application_id, ApplicationZone.zone_id)
        .join(Application, Application.id == ApplicationZone.application_id)
        .where(Application.club_id == club_id)
    )
    found: dict[int, set[int]] = {}
    for application_id, zone_id in rows:
        found.setdefault(application_id, set()).add(zone_id)
    return found


def picture(db: Session, club_id: int, digest: str) -> bytes | None:
    """A picture as PNG; None if there is none with this digest."""
    found = db.get(ApplicationPicture, (club_id, digest))
    return None if found is None else found.png


def applications_by_zone(
    db: Session, club_id: int, zone_ids: Iterable[int | None]
) -> dict[int | None, list[ApplicationView]]:
    """Applications offered now, as the PCs of each zone are told of them (None: PCs that stand in no zone)."""
    limits = zones_of(db, club_id)
    offered = in_use(db, club_id)
    return {
        zone_id: [
            _view(application)
            for application in offered
            if application.id not in limits or zone_id in limits[application.id]
        ]
        for zone_id in zone_ids
    }


def _view(application: Application) -> ApplicationView:
    return ApplicationView(
        application_id=application.id,
        title=application.title,
        kind=cast("Literal['game', 'program']", application.kind),
        exe_path=application.exe_path,
        arguments=tuple(application.arguments),
        other_paths=tuple(application.other_paths),
        watch=tuple(application.watch),
    )


def get(db: Session, club_id: int, application_id: int) -> Application:
    """An application that is offered; OperationRefused("application_not_available")."""
    application = get_even_retired(db, club_id, application_id)
    if application.retired_at is not None:
        raise OperationRefused("application_not_available")
    return application


def get_even_retired(db: Session, club_id: int, application_id: int) -> Application:
    """An application, offered or not; OperationRefused("application_not_available") if there never was one."""
    application = db.get(Application, application_id)
    if application is None or application.club_id != club_id:
        raise OperationRefused("application_not_available")
    return application
