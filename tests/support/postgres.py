"""A private PostgreSQL for the test run: started on demand, thrown away at the end.

It listens on a Unix socket in its own folder and on no network address, so neither a port nor
another PostgreSQL of this machine can get in the way. `fsync` is off: tests kill programs, never the
machine, so none of them could tell, and copying a database takes half the time.
"""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.support.programs import dies_with_the_tests, stop

START_SECONDS = 60
POLL_SECONDS = 0.05
SUPERUSER = "lovhub"


def _programs_folder() -> Path:
    """Debian keeps the server's programs out of PATH, one folder per version: take the newest."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])
    )
    found = folders[-1] if folders else shutil.which("initdb")
    if found is None:
        message = "PostgreSQL's server is not installed; `make system` installs it (postgresql)"
        raise FileNotFoundError(message)
    return Path(found).resolve().parent


class PostgresServer:
    """A running PostgreSQL of our own. Addresses of databases are given as SQLAlchemy URLs."""

    def __init__(self, folder: Path, restart: Callable[[], None]) -> None:
        self.restart = restart
        """End it as a crash would, and start it again; returns when it answers."""
        self._folder = folder
        self._templates: set[str] = set()
        self._numbers = itertools.count(1)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self._folder / ".s.PGSQL.5432"

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database, with psycopg 3 as the driver."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self._folder}"

    def create_database(self, template: str = "template1") -> str:
        """Create a database, a copy of the template, and return its name."""
        name = f"test_{next(self._numbers)}"
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending connections that a test left open."""
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def template(self, name: str, prepare: Callable[[str], object]) -> str:
        """Name of a template database that `prepare(url)` fills when it is first asked for.

        Copying a database takes PostgreSQL a fraction of the time that the migrations take.
        `prepare` must close its connections: a database in use cannot be copied.
        """
        if name not in self._templates:
            self._administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            prepare(self.url(name))
            self._templates.add(name)
        return name

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """URL of a database that is dropped at the end of the block."""
        name = self.create_database(template)
        try:
            yield self.url(name)
        finally:
            self.drop_database(name)

    def accepts_connections(self) -> bool:
        """Whether the server answers yet."""
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection as the superuser; each statement is a transaction."""
        return psycopg.connect(
            host=str(self._folder), user=SUPERUSER, dbname=database, autocommit=True
        )

    def _administer(self, statement: sql.Composed) -> None:
        connection = self.connect()
        try:
            connection.execute(statement)
        finally:
            connection.close()


SHAPE = """
SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
  SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat_ws(' ', 'relation', oid::regclass) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'column', attrelid::regclass, attname, attnotnull) FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
  UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'version', version_num) FROM alembic_version
) AS parts (part)
"""
"""What a database is made of, in short: a test that changed any of it has spoilt the database for others."""

EMPTY = """
DO $$
DECLARE found record;
BEGIN
  SET LOCAL session_replication_role = replica;  -- no trigger keeps what is there, no reference gives an order
  FOR found IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', found.tablename);
  END LOOP;
  FOR found IN SELECT sequencename, start_value FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    PERFORM setval(format('%I', found.sequencename)::regclass, found.start_value, false);
  END LOOP;
END $$
"""


class Emptied:
    """Copies of a template without any row but its version's, emptied after each use instead of made anew."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        with server.connect(template) as connection:
            self._shape = connection.execute(SHAPE).fetchone()
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                full = connection.execute(
                    sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(str(table)))
                ).fetchone()
                assert full == (int(table == "alembic_version"),), f"{table}: would be lost"

    @contextmanager
    def database(self) -> Iterator[str]:
        """URL of a database as the template is."""
        name = self._free.pop() if self._free else self._server.create_database(self._template)
        yield self._server.url(name)
        if self._empty(name):
            self._free.append(name)
        else:
            self._server.drop_database(name)

    def _empty(self, name: str) -> bool:
        """Whether the database is again what it was."""
        with self._server.connect(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            try:
                shape = connection.execute(SHAPE).fetchone()
            except psycopg.errors.UndefinedTable:
                return False  # the test has taken the version's table away
            if shape != self._shape:
                return False
            connection.execute(EMPTY)
        return True


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a PostgreSQL in a folder of its own, stop it and remove the folder at the end."""
    programs = _programs_folder()
    folder = Path(tempfile.mkdtemp(prefix="lovhub-pg-"))  # short: a socket's path has 107 bytes
    # PostgreSQL refuses to run as root; Debian's package has made a user for it.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user=user, group=user)
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder)}
    log_path = folder / "log"
    process: subprocess.Popen[bytes] | None = None
    try:
        with log_path.open("wb") as log:
            initialise = [
                programs / "initdb",
                *("--pgdata", data),
                *("--username", SUPERUSER),
                *("--auth", "trust"),  # the folder is closed to other users
                *("--encoding", "UTF8"),
                "--no-instructions",
            ]
            subprocess.run(
                initialise,
                check=True,
                cwd=folder,
                env=environment,
                stderr=subprocess.STDOUT,
                stdout=log,
                timeout=START_SECONDS,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )
        serve = [
            # INT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
            *dies_with_the_tests("INT"),
            programs / "postgres",
            *("-D", data),
            *("-k", folder),
            *("-c", "listen_addresses="),
            *("-c", f"fsync={'on' if durable else 'off'}"),
            *("-c", "max_connections=60"),
        ]

        def start() -> "subprocess.Popen[bytes]":
            with log_path.open("ab") as log:
                return subprocess.Popen(
                    serve,
                    cwd=folder,
                    env=environment,
                    stderr=subprocess.STDOUT,
                    stdout=log,
                    user=user,
                    group=user,
                    extra_groups=[] if user else None,
                )

        def restart() -> None:
            nonlocal process
            if process is not None:
                stop(
                    process, signal.SIGQUIT
                )  # as a crash: nobody is asked, nothing is written any more
            process = start()
            answers(process)

        def answers(started: "subprocess.Popen[bytes]") -> None:
            deadline = time.monotonic() + START_SECONDS
            while not server.accepts_connections():
                if started.poll() is not None or time.monotonic() > deadline:
                    message = f"PostgreSQL did not start:\n{log_path.read_text(errors='replace')}"
                    raise RuntimeError(message)
                time.sleep(POLL_SECONDS)

        server = PostgresServer(folder, restart)
        process = start()
        answers(process)
        yield server
    finally:
        if process is not None:
            stop(process, signal.SIGINT)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The test run's own PostgreSQL."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """SQLAlchemy URL of an empty PostgreSQL database that exists for this one test."""
    with postgres_server.database() as url:
        yield url
