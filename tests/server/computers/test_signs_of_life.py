"""How the signs of life of a whole hall go into PostgreSQL while others work with the same PCs."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, text

from lovhub.server.computers import service
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from tests.server.nodes.test_bus import eventually
from tests.support.club import People
from tests.support.databases import only_postgres as database_url

__all__ = ["database_url"]

_MANY = text(
    """
    INSERT INTO computer SELECT (jsonb_populate_record(computer, jsonb_build_object(
      'id', n, 'token_hash', '\\x' || lpad(to_hex(n), 64, '0')))).*
    FROM computer, generate_series(:first + 1, :first + 800) AS n
    """
)


def somebody_waits(club: ClubContext) -> bool:
    with club.read() as db:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(db.scalar(waiting))


def test_signs_of_life_lock_pcs_in_the_order_in_which_all_lock_them(club: ClubContext) -> None:
    """In another order, they and an operation with many PCs would wait for each other, and one of them be undone."""
    first = People(club).computer()
    with club.write() as work:
        # So many that PostgreSQL goes through all rows as they lie; and the first lies behind the others.
        work.db.execute(_MANY, {"first": first})
        work.db.execute(
            text("UPDATE computer SET last_address = 'x' WHERE id = :id"), {"id": first}
        )
        ids = list(work.db.scalars(select(Computer.id)))
    last = max(ids)
    with ThreadPoolExecutor() as pool:
        with club.write() as work:
            service.lock_computers(work, [first])
            flushed = pool.submit(service.flush_last_seen, club, dict.fromkeys(ids, 7))
            eventually(lambda: somebody_waits(club))
            service.lock_computers(work, [last])
        flushed.result()
    with club.read() as db:
        assert set(db.scalars(select(Computer.last_seen_at))) == {7}
