"""The two databases as they lie on the disk: put back to a known state, and read whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select, text

from lovhub.server.database.base import Base
from lovhub.server.database.engine import Database
from lovhub.server.database.sealed_tables import SEALED
from tests.support.postgres import EMPTY

Rows = Mapping[str, list[str]]


class SqlitePlace:
    """A file, and a copy of it."""

    def __init__(self, database: Database, path: Path) -> None:
        self.database = database
        self.path = path
        database.close()
        assert [file.name for file in path.parent.glob(f"{path.name}*")] == [path.name]
        self._before = path.read_bytes()

    def all_rows(self) -> dict[Table, list[dict[str, Any]]]:
        """Every row, as the program reads it."""
        with self.database.read() as db:
            return {
                table: [dict(row) for row in db.execute(select(table)).mappings()]
                for table in Base.metadata.sorted_tables
            }

    def put_back(self) -> None:
        self.database.close()
        for rest in ("-wal", "-shm"):
            self.path.with_name(self.path.name + rest).unlink(missing_ok=True)
        self.path.write_bytes(self._before)

    def rows(self) -> Rows:
        """Every row of every table, as it is on the disk now."""
        with self.database.engine.connect() as connection:
            return {
                name: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {name}")))  # noqa: S608
                for name in Base.metadata.tables
            }


class PostgresPlace:
    """A database into which the rows of a SQLite file are brought."""

    def __init__(self, database: Database, like: SqlitePlace) -> None:
        self.database = database
        like.put_back()
        self._before = like.all_rows()
        # Rows are sealed here anew, also where nobody asks whether they lead anywhere.
        with database.engine.begin() as connection:
            for table in SEALED:
                always = f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_sealed"
                connection.exec_driver_sql(always)

    def put_back(self) -> None:
        with self.database.engine.begin() as connection:
            connection.execute(text(EMPTY))
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table, rows in self._before.items():
                if rows:
                    connection.execute(insert(table), rows)
            connection.execute(text(NUMBERS))

    def rows(self) -> Rows:
        """Every row of every table, as it is on the disk now."""
        with self.database.engine.connect() as connection:
            found = connection.exec_driver_sql(ALL_ROWS).one()
            return dict(zip(Base.metadata.tables, found, strict=True))


_ROWS_OF = "(SELECT array_agg(t::text ORDER BY t::text) FROM {} t)"
ALL_ROWS = f"SELECT {', '.join(map(_ROWS_OF.format, Base.metadata.tables))}"


NUMBERS = """
DO $$
DECLARE found record; last bigint;
BEGIN
  FOR found IN SELECT s.relname AS sequence, t.relname AS named, a.attname AS field
    FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
    JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE s.relkind = 'S' LOOP
    EXECUTE format('SELECT max(%I) FROM %I', found.field, found.named) INTO last;
    PERFORM setval(format('%I', found.sequence)::regclass, coalesce(last, 1), last IS NOT NULL);
  END LOOP;
END $$
"""
