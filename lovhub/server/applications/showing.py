"""How an application is shown, and where: its picture, and the zones it is limited to."""

from collections.abc import Collection

from sqlalchemy import delete, exists, select

from lovhub.server.actor import Actor
from lovhub.server.applications import pictures, queries
from lovhub.server.applications.models import Application, ApplicationPicture, ApplicationZone
from lovhub.server.bus import CatalogChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.halls.models import Zone
from lovhub.server.journal import service as journal


def set_picture(club: ClubContext, *, application_id: int, sent: bytes, actor: Actor) -> str:
    """Show it with this picture; returns the picture's digest.

    Raises OperationRefused: `invalid_fields` (picture), `application_not_available`.
    """
    kept = pictures.redrawn(sent)
    with club.write() as work:
        application = queries.get(work.db, work.club_id, application_id)
        if work.db.get(ApplicationPicture, (work.club_id, kept.digest)) is None:
            picture = ApplicationPicture(club_id=work.club_id, digest=kept.digest, png=kept.png)
            work.db.add(picture)
        _show(work, application, kept.digest, actor)
    return kept.digest


def remove_picture(club: ClubContext, *, application_id: int, actor: Actor) -> None:
    """Show it without a picture. Raises OperationRefused("application_not_available")."""
    with club.write() as work:
        _show(work, queries.get(work.db, work.club_id, application_id), "", actor)


def _show(work: Work, application: Application, digest: str, actor: Actor) -> None:
    before, application.picture = application.picture, digest
    if before == digest:
        return
    work.db.flush()
    # A picture that nothing shows any more is not kept; two applications may share one.
    work.db.execute(
        delete(ApplicationPicture).where(
            ApplicationPicture.club_id == work.club_id,
            ApplicationPicture.digest == before,
            ~exists().where(Application.club_id == work.club_id, Application.picture == before),
        )
    )
    journal.record(
        work,
        "application.picture_changed" if digest else "application.picture_removed",
        actor,
        application_id=application.id,
        title=application.title,
    )


def limit_to_zones(
    club: ClubContext, *, application_id: int, zone_ids: Collection[int], actor: Actor
) -> None:
    """Offer it at the PCs of these zones only; at all PCs, if none is named.

    Raises OperationRefused: `application_not_available`, `zone_unknown`.
    """
    wanted = set(zone_ids)
    with club.write() as work:
        application = queries.get(work.db, work.club_id, application_id)
        zones = list(
            work.db.scalars(
                select(Zone).where(
                    Zone.club_id == work.club_id, Zone.id.in_(wanted), Zone.deleted_at.is_(None)
                )
            )
        )
        if len(zones) != len(wanted):
            raise OperationRefused("zone_unknown")
        before = queries.zones_of(work.db, work.club_id).get(application_id, set())
        if before == wanted:
            return
        work.db.execute(
            delete(ApplicationZone).where(ApplicationZone.application_id == application_id)
        )
        work.db.add_all(
            ApplicationZone(application_id=application_id, zone_id=zone.id) for zone in zones
        )
        journal.record(
            work,
            "application.limited",
            actor,
            application_id=application_id,
            title=application.title,
            zones=sorted(zone.name for zone in zones),
        )
        work.tell(CatalogChanged())
