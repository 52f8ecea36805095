"""Questions about applications."""

from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import ApplicationView
from lovhub.server.applications.models import Application
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


def counts(db: Session, club_id: int) -> dict[str, int]:
    """How many applications of each kind are offered."""
    rows = db.execute(
        select(Application.kind, func.count())
        .where(Application.club_id == club_id, Application.retired_at.is_(None))
        .group_by(Application.kind)
    )
    return dict(iter(rows))


def applications_for_players(db: Session, club_id: int) -> list[ApplicationView]:
    """Applications offered now, as PCs are told of them."""
    return [
        ApplicationView(
            application_id=application.id,
            title=application.title,
            kind=cast("Literal['game', 'program']", application.kind),
            exe_path=application.exe_path,
            arguments=tuple(application.arguments),
        )
        for application in in_use(db, club_id)
    ]


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
