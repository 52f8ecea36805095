"""Questions about goods."""

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from lovhub.server.errors import OperationRefused
from lovhub.server.goods.models import Good, GoodSale
from lovhub.server.ledger.models import DeskPosting, LedgerPosting
from lovhub.server.staff.models import Staff

MOST_RETIRED = 20
MOST_SALES = 20


def on_sale(db: Session, club_id: int) -> list[Good]:
    """Goods sold now, by name."""
    return list(
        db.scalars(
            select(Good)
            .where(Good.club_id == club_id, Good.retired_at.is_(None))
            .order_by(func.lower(Good.title), Good.id)
        )
    )


def retired(db: Session, club_id: int) -> list[Good]:
    """Goods no longer sold, the last one first; no more than a person looks through."""
    return list(
        db.scalars(
            select(Good)
            .where(Good.club_id == club_id, Good.retired_at.is_not(None))
            .order_by(Good.retired_at.desc(), Good.id.desc())
            .limit(MOST_RETIRED)
        )
    )


def get(db: Session, club_id: int, good_id: int) -> Good:
    """A good, on sale or not; OperationRefused("good_not_available") if there never was one."""
    good = db.get(Good, good_id)
    if good is None or good.club_id != club_id:
        raise OperationRefused("good_not_available")
    return good


@dataclass(frozen=True)
class SoldRow:
    """A sale of goods as the desk sees it. `taken_back`: the money was given back."""

    posting_id: int
    at: int
    person_id: int | None
    person: str
    receipt_number: int | None
    titles: str
    total_tiyn: int
    taken_back: bool


def latest_sales(db: Session, club_id: int) -> list[SoldRow]:
    """The newest sales, for whoever must take one back. Three statements, by the index of what was sold.

    Postings are not asked by their kind: where little is sold, that would be nearly all of them.
    """
    newest = (
        select(GoodSale.posting_id)
        .where(
            exists().where(
                LedgerPosting.id == GoodSale.posting_id, LedgerPosting.club_id == club_id
            )
        )
        .group_by(GoodSale.posting_id)
        .order_by(GoodSale.posting_id.desc())
        .limit(MOST_SALES)
    )
    back = select(LedgerPosting.key).where(
        LedgerPosting.club_id == club_id, LedgerPosting.kind == "goods_taken_back"
    )
    sales = db.execute(
        select(
            LedgerPosting.id,
            LedgerPosting.at,
            LedgerPosting.actor_id,
            Staff.name,
            DeskPosting.receipt_number,
        )
        .outerjoin(Staff, Staff.id == LedgerPosting.actor_id)
        .outerjoin(DeskPosting, DeskPosting.posting_id == LedgerPosting.id)
        .where(LedgerPosting.id.in_(newest.subquery().select()))
        .order_by(LedgerPosting.id.desc())
    ).all()
    ids = [sale.id for sale in sales]
    lines: dict[int, list[GoodSale]] = {}
    for line in db.scalars(
        select(GoodSale).where(GoodSale.posting_id.in_(ids)).order_by(GoodSale.id)
    ):
        lines.setdefault(line.posting_id, []).append(line)
    taken_back = set(db.scalars(back.where(LedgerPosting.key.in_(map(back_key, ids)))))
    return [
        SoldRow(
            posting_id=posting_id,
            at=at,
            person_id=person_id,
            person=name or "",
            receipt_number=number,
            titles=", ".join(
                line.title if line.quantity == 1 else f"{line.title} × {line.quantity}"
                for line in lines[posting_id]
            ),
            total_tiyn=sum(line.price_tiyn * line.quantity for line in lines[posting_id]),
            taken_back=back_key(posting_id) in taken_back,
        )
        for posting_id, at, person_id, name, number in sales
    ]


def back_key(posting_id: int) -> str:
    """The key of the posting that takes a sale back: there can be one only."""
    return f"take_back:{posting_id}"
