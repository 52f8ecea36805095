"""Questions about tariffs."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lovhub.protocol.views import TariffView
from lovhub.server.errors import OperationRefused
from lovhub.server.tariffs.models import Tariff

MOST_RETIRED = 20


def on_sale(db: Session, club_id: int) -> list[Tariff]:
    """Tariffs sold now, as the club has arranged them; before it has, the shortest first."""
    return list(
        db.scalars(
            select(Tariff)
            .where(Tariff.club_id == club_id, Tariff.retired_at.is_(None))
            .order_by(Tariff.position, Tariff.seconds, Tariff.price_tiyn, Tariff.id)
        )
    )


def retired(db: Session, club_id: int) -> list[Tariff]:
    """Tariffs no longer sold, the last one first; no more than a person looks through."""
    return list(
        db.scalars(
            select(Tariff)
            .where(Tariff.club_id == club_id, Tariff.retired_at.is_not(None))
            .order_by(Tariff.retired_at.desc(), Tariff.id.desc())
            .limit(MOST_RETIRED)
        )
    )


def tariffs_for_sale(db: Session, club_id: int) -> list[TariffView]:
    """Tariffs sold now, as PCs are told of them."""
    return [
        TariffView(
            tariff_id=tariff.id,
            title=tariff.title,
            seconds=tariff.seconds,
            price_tiyn=tariff.price_tiyn,
        )
        for tariff in on_sale(db, club_id)
    ]


def get(db: Session, club_id: int, tariff_id: int) -> Tariff:
    """A tariff that is on sale; OperationRefused("tariff_not_available")."""
    tariff = get_even_retired(db, club_id, tariff_id)
    if tariff.retired_at is not None:
        raise OperationRefused("tariff_not_available")
    return tariff


def get_even_retired(db: Session, club_id: int, tariff_id: int) -> Tariff:
    """A tariff, on sale or not; OperationRefused("tariff_not_available") if there never was one."""
    tariff = db.get(Tariff, tariff_id)
    if tariff is None or tariff.club_id != club_id:
        raise OperationRefused("tariff_not_available")
    return tariff
