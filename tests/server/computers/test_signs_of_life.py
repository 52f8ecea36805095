"""How the signs of life of a whole hall go into PostgreSQL while others work with the same PCs."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, text

from lovhub.server.computers import queries, service
from lovhub.server.computers.models import COMPUTERS_IN_A_ROW, SignsOfLife
from lovhub.server.context import ClubContext
from tests.server.nodes.test_bus import eventually
from tests.support.club import People
from tests.support.databases import only_postgres as database_url

__all__ = ["database_url"]

HALL = range(1, 12 * COMPUTERS_IN_A_ROW, COMPUTERS_IN_A_ROW)


def somebody_waits(club: ClubContext) -> bool:
    with club.read() as db:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(db.scalar(waiting))


def test_signs_of_life_wait_for_no_operation_with_the_pcs(
    club: ClubContext, people: People
) -> None:
    seen = dict.fromkeys([people.computer(), people.computer()], 7)
    with ThreadPoolExecutor() as pool, club.write() as work:
        service.lock_computers(work, seen)
        pool.submit(service.flush_last_seen, club, seen).result(timeout=20)
    with club.read() as db:
        assert queries.last_seen(db, club.club_id) == seen


def test_two_servers_write_down_one_after_the_other(club: ClubContext) -> None:
    """In another order each would wait for a row of the other's, and one of them be undone."""
    service.flush_last_seen(club, dict.fromkeys(HALL, 1))
    row = select(SignsOfLife).with_for_update()
    with ThreadPoolExecutor() as pool:
        with club.write() as work:
            work.db.scalars(row.where(SignsOfLife.part == 0)).one()
            flushed = pool.submit(service.flush_last_seen, club, dict.fromkeys(reversed(HALL), 7))
            eventually(lambda: somebody_waits(club))
            work.db.scalars(row.where(SignsOfLife.part > 0)).all()
        flushed.result()
    with club.read() as db:
        assert set(queries.last_seen(db, club.club_id).values()) == {7}
