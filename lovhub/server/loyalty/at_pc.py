"""Promo codes at a gaming PC: whether they are taken there, and what one has just given."""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import GiftView, PromoView
from lovhub.server.loyalty.models import Promo, PromoUse

SHOWN_SECONDS = 600
"""So long what a code gave is shown at the PC."""


def view(db: Session, club_id: int, customer_id: int, now: int) -> PromoView | None:
    """None in a club that has no promotion under way or to come, unless the customer has just had something of one."""
    gift = _gift(db, club_id, customer_id, now)
    taken = exists().where(
        Promo.club_id == club_id,
        Promo.stopped_at.is_(None),
        or_(Promo.until_at.is_(None), Promo.until_at > now),
    )
    return PromoView(gift) if gift is not None or db.scalar(select(taken)) else None


def _gift(db: Session, club_id: int, customer_id: int, now: int) -> GiftView | None:
    """What the last code of this club gave, whoever typed it: the desk, or the customer."""
    found = db.scalars(
        select(Promo)
        .join(PromoUse, PromoUse.promo_id == Promo.id)
        .where(
            PromoUse.customer_id == customer_id,
            PromoUse.at > now - SHOWN_SECONDS,
            Promo.club_id == club_id,
        )
        .order_by(PromoUse.posting_id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return GiftView(found.id, found.title, bonus_tiyn=found.amount_tiyn, seconds=found.seconds)
