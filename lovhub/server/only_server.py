"""One server for one PostgreSQL database, as `server.lock` is for a data folder.

Two servers would each keep their own picture of the hall and end the same sessions twice. So a connection of its
own holds an advisory lock for as long as the server runs; PostgreSQL gives it up with the connection, however that
dies. A thread looks after it: a lock that was lost, because PostgreSQL was started anew or the network was cut, is
taken again, and a server that finds another one in its place stops.
"""

import secrets
import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from lovhub.server.nodes.own_connection import is_postgresql, own_engine
from lovhub.server.refusal import StartRefused

LOCK = 7_310_579_620_118_563
"""Any number, but the same in every version of the program. The lock is of one database of a PostgreSQL."""

PATIENCE_SECONDS = 3.0
"""A server that has just been killed has its lock for a moment yet."""

ASK_AGAIN_SECONDS = 0.1
LOOK_SECONDS = 5.0
_SET_KEEPALIVES = text(
    """
    SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
      set_config('tcp_keepalives_count', '3', false)
    """
)
"""For PostgreSQL, which would else believe for two hours that a server lives whose computer went dark."""

_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_END_OWN = text(
    """
    SELECT pg_terminate_backend(pid, 5000)
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = :key
      AND pg_stat_activity.datname = current_database() AND application_name = :name
      AND pid <> pg_backend_pid()
    """
)

log = structlog.get_logger("only_server")


class OnlyServer:
    """Holds the database for this server. `on_taken`: another server has it; called from a thread, now and then."""

    def __init__(self, on_taken: Callable[[], None]) -> None:
        self.is_taken = False
        self._on_taken = on_taken
        self._name = f"lovhub-server-{secrets.token_hex(8)}"
        self._url = ""
        self._engine: Engine | None = None
        self._held: Connection | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, url: str) -> None:
        """Have this database from now on, and no other; raises StartRefused, ConfigError, DBAPIError.

        An embedded database has the lock of its folder.
        """
        if url == self._url:
            return
        self.close()
        if not is_postgresql(url):
            return
        self._engine = own_engine(url, self._name)
        end = time.monotonic() + PATIENCE_SECONDS
        while not self._take():
            if time.monotonic() > end:
                raise StartRefused("database_in_use")
            time.sleep(ASK_AGAIN_SECONDS)
        self._url = url
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, name="only-server", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let another server have it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._thread, self._url = None, ""
        self._let_go()

    def look(self) -> None:
        """See that the lock is still held, and take it again if not."""
        if self.is_taken:
            self._on_taken()  # whoever was to stop may only now have begun
            return
        try:
            if self._held is not None:
                self._held.execute(text("SELECT 1"))
                return
        except DBAPIError:
            log.warning("database_lock_lost")
            self._let_go()
        try:
            if self._take():
                log.info("database_lock_taken_again")
                return
        except DBAPIError:
            return  # the database is away: nobody else can have it either
        self.is_taken = True
        log.error("database_taken_by_another_server")
        self._on_taken()

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.look()

    def _take(self) -> bool:
        assert self._engine is not None  # noqa: S101 (hold made it)
        connection = self._engine.connect()
        try:
            connection.execute(_SET_KEEPALIVES)
            # A connection of ours that was cut off may live on at the other end: it is waited for until it is gone.
            connection.execute(_END_OWN, {"key": LOCK, "name": self._name})
            is_ours = bool(connection.scalar(_TAKE, {"key": LOCK}))
        except BaseException:
            connection.close()
            raise
        if not is_ours:
            connection.close()
            return False
        self._held = connection
        return True

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.invalidate()
            held.close()
