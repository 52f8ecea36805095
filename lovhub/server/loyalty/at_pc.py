"""Promo codes at a gaming PC: whether they are taken there, and what one has just given."""

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from lovhub.protocol.views import GiftView, PromoView
from lovhub.server.database.prepared import Query
from lovhub.server.loyalty.models import Promo, PromoUse

SHOWN_SECONDS = 600
"""So long what a code gave is shown at the PC."""

_ARE_TAKEN = Query(
    select(
        exists().where(
            Promo.club_id == bindparam("club"),
            Promo.stopped_at.is_(None),
            or_(Promo.until_at.is_(None), Promo.until_at > bindparam("now")),
        )
    )
)
_LAST_GIFT = Query(
    select(Promo.id, Promo.title, Promo.amount_tiyn, Promo.seconds)
    .join(PromoUse, PromoUse.promo_id == Promo.id)
    .where(
        PromoUse.customer_id == bindparam("customer"),
        PromoUse.at > bindparam("since"),
        Promo.club_id == bindparam("club"),
    )
    .order_by(PromoUse.posting_id.desc())
    .limit(1)
)


def view(db: Session, club_id: int, customer_id: int, now: int) -> PromoView | None:
    """None in a club that has no promotion under way or to come, unless the customer has just had something of one."""
    gift = _gift(db, club_id, customer_id, now)
    taken = gift is not None or _ARE_TAKEN.value(db, club=club_id, now=now)
    return PromoView(gift) if taken else None


def _gift(db: Session, club_id: int, customer_id: int, now: int) -> GiftView | None:
    """What the last code of this club gave, whoever typed it: the desk, or the customer."""
    found = _LAST_GIFT.first(db, club=club_id, customer=customer_id, since=now - SHOWN_SECONDS)
    if found is None:
        return None
    promo_id, title, amount_tiyn, seconds = found
    return GiftView(promo_id, title, bonus_tiyn=amount_tiyn, seconds=seconds)
