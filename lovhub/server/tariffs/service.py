"""Making, changing, arranging and retiring tariffs. What was sold keeps the rules it was sold with."""

from sqlalchemy import func, select

from lovhub.server.actor import Actor
from lovhub.server.bus import CatalogChanged
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ordering import placed
from lovhub.server.tariffs import queries, rules
from lovhub.server.tariffs.models import Tariff


def create(club: ClubContext, *, title: str, seconds: int, price_tiyn: int, actor: Actor) -> int:
    """Add a tariff at the end of the list; returns its id. Raises OperationRefused("invalid_fields")."""
    _check(title, seconds, price_tiyn)
    with club.write() as work:
        last = work.db.scalar(
            select(func.max(Tariff.position)).where(Tariff.club_id == work.club_id)
        )
        tariff = Tariff(
            club_id=work.club_id,
            title=title.strip(),
            seconds=seconds,
            price_tiyn=price_tiyn,
            position=(last or 0) + 1,
            created_at=work.now,
        )
        work.db.add(tariff)
        work.db.flush()
        journal.record(
            work,
            "tariff.created",
            actor,
            tariff_id=tariff.id,
            title=tariff.title,
            seconds=seconds,
            price_tiyn=price_tiyn,
        )
        work.tell(CatalogChanged())
        return tariff.id


def change(
    club: ClubContext, *, tariff_id: int, title: str, seconds: int, price_tiyn: int, actor: Actor
) -> None:
    """Change a tariff from now on. Raises OperationRefused: `invalid_fields`, `tariff_not_available`."""
    _check(title, seconds, price_tiyn)
    with club.write() as work:
        tariff = queries.get(work.db, work.club_id, tariff_id)
        before = {
            "title": tariff.title,
            "seconds": tariff.seconds,
            "price_tiyn": tariff.price_tiyn,
        }
        tariff.title = title.strip()
        tariff.seconds = seconds
        tariff.price_tiyn = price_tiyn
        journal.record(
            work,
            "tariff.changed",
            actor,
            tariff_id=tariff_id,
            title=tariff.title,
            seconds=seconds,
            price_tiyn=price_tiyn,
            before=before,
        )
        work.tell(CatalogChanged())


def retire(club: ClubContext, *, tariff_id: int, actor: Actor) -> None:
    """Sell it no longer. Raises OperationRefused("tariff_not_available")."""
    with club.write() as work:
        tariff = queries.get(work.db, work.club_id, tariff_id)
        tariff.retired_at = work.now
        journal.record(work, "tariff.retired", actor, tariff_id=tariff_id, title=tariff.title)
        work.tell(CatalogChanged())


def restore(club: ClubContext, *, tariff_id: int, actor: Actor) -> None:
    """Sell it again, as if it had never been retired. Raises OperationRefused("tariff_not_available")."""
    with club.write() as work:
        tariff = queries.get_even_retired(work.db, work.club_id, tariff_id)
        if tariff.retired_at is None:
            return
        tariff.retired_at = None
        journal.record(work, "tariff.restored", actor, tariff_id=tariff_id, title=tariff.title)
        work.tell(CatalogChanged())


def move(club: ClubContext, *, tariff_id: int, place: int, actor: Actor) -> None:
    """Put it at `place` of the list, from 0. Raises OperationRefused("tariff_not_available")."""
    with club.write() as work:
        queries.get(work.db, work.club_id, tariff_id)
        on_sale = {row.id: row for row in queries.on_sale(work.db, work.club_id)}
        order = placed(list(on_sale), tariff_id, place)
        if order == list(on_sale):
            return
        for position, row_id in enumerate(order, start=1):
            on_sale[row_id].position = position
        title = on_sale[tariff_id].title
        journal.record(work, "tariff.moved", actor, tariff_id=tariff_id, title=title)
        work.tell(CatalogChanged())


def _check(title: str, seconds: int, price_tiyn: int) -> None:
    problems = rules.problems(title, seconds, price_tiyn)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
