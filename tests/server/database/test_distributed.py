"""What our schema and hottest statements would ask of an engine that spreads one database over many machines.

The limits are YugabyteDB's, as its documentation lists them (PostgreSQL compatibility, known issues; v2025.2): it is
what `docs/scale.md` names for the time after one primary. No such engine runs here; what it lacks is looked for.
"""

import http
import re
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from bench.scale import evenings
from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.database.row_seals import SealKey
from lovhub.server.jobs.work import server_jobs
from tests.support.databases import only_postgres as database_url
from tests.support.postgres import PostgresServer
from tests.support.web import WebAdmin

__all__ = ["database_url"]

NOT_THERE = {
    "inheritance, partitions": "SELECT inhrelid::regclass FROM pg_inherits",
    "exclusion constraints": "SELECT conname FROM pg_constraint WHERE contype = 'x'",
    "constraints that wait for the commit": "SELECT conname FROM pg_constraint WHERE condeferrable",
    "indexes that are no B-tree": "SELECT indexrelid::regclass FROM pg_index"
    " JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam"
    " JOIN pg_class owner ON owner.oid = indrelid"
    " WHERE owner.relnamespace = 'public'::regnamespace AND amname <> 'btree'",
    "stored generated columns": "SELECT attrelid::regclass, attname FROM pg_attribute"
    " WHERE attgenerated <> ''",
    "foreign or unlogged tables": "SELECT oid::regclass FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND (relkind = 'f' OR relpersistence <> 'p')",
    "triggers with whole tables of rows": "SELECT tgname FROM pg_trigger"
    " WHERE tgoldtable IS NOT NULL OR tgnewtable IS NOT NULL OR tgconstraint <> 0 AND NOT tgisinternal",
    "types of its own, XML": "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace"
    " AND typtype IN ('c', 'd', 'e') AND typrelid = 0"
    " UNION ALL SELECT attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
    " WHERE relnamespace = 'public'::regnamespace AND atttypid IN ('xml'::regtype, 'tsvector'::regtype)",
    "tables without a primary key": "SELECT oid::regclass FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT EXISTS"
    " (SELECT 1 FROM pg_constraint WHERE conrelid = pg_class.oid AND contype = 'p')",
    "large objects": "SELECT oid FROM pg_largeobject_metadata",
}  # fmt: skip

UNSAID = re.compile(
    r"\b(LOCK TABLE|ctid|xmin|xmax|WITH HOLD|SET CONSTRAINTS|PREPARE TRANSACTION|TABLESAMPLE|SKIP LOCKED)\b",
    re.IGNORECASE,
)


@pytest.fixture
def asked(migrated_postgres_url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    url = make_url(migrated_postgres_url)
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=url.database
    ) as connection:
        yield connection


@pytest.mark.parametrize("what", NOT_THERE)
def test_the_schema_needs_nothing_of_it(
    asked: "psycopg.Connection[tuple[object, ...]]", what: str
) -> None:
    assert asked.execute(NOT_THERE[what]).fetchall() == []


def test_an_evening_says_nothing_that_it_does_not_understand(
    postgres_server: PostgresServer, migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    class Heard(Database):
        def __init__(self, url: str, seal_key: SealKey) -> None:
            super().__init__(url, seal_key)
            event.listen(
                self.engine,
                "before_cursor_execute",
                lambda _c, _cursor, text, *_: said.append(text),
            )

    monkeypatch.setattr("tests.support.club.Database", Heard)
    evenings.played(postgres_server, migrated_postgres_url, evenings=1)
    assert any("FOR NO KEY UPDATE" in text for text in said), "it was heard"
    assert [text for text in said if UNSAID.search(text)] == []


def test_neither_do_the_jobs_nor_the_pages_that_a_desk_has_open(club: ClubContext) -> None:
    """Where clocks, sums, seals and what a hall shows are read all day long."""
    said: list[str] = []
    event.listen(
        club.database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, text, *_: said.append(text),
    )
    hub = Hub(club, b"")
    for job in server_jobs(club, hub):
        job.work()
    browser = WebAdmin(club, hall=hub.hall).owner()
    for path in ("computers", "customers", "shifts", "logs", "suspicious"):
        assert browser.get(f"/admin/{path}").status_code == http.HTTPStatus.OK, path
    assert any("journal_block" in text for text in said), "it was heard"
    assert [text for text in said if UNSAID.search(text)] == []
