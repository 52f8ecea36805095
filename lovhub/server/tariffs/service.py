"""Making, changing and retiring tariffs. What was sold keeps the rules it was sold with."""

from lovhub.server.actor import Actor
from lovhub.server.bus import CatalogChanged
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.tariffs import queries, rules
from lovhub.server.tariffs.models import Tariff


def create(club: ClubContext, *, title: str, seconds: int, price_tiyn: int, actor: Actor) -> int:
    """Add a tariff; returns its id. Raises OperationRefused("invalid_fields")."""
    _check(title, seconds, price_tiyn)
    with club.write() as work:
        tariff = Tariff(
            club_id=work.club_id,
            title=title.strip(),
            seconds=seconds,
            price_tiyn=price_tiyn,
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


def _check(title: str, seconds: int, price_tiyn: int) -> None:
    problems = rules.problems(title, seconds, price_tiyn)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
