"""A server's place among those that work with one PostgreSQL: who is there, who was first, who does what one must do.

A connection of its own holds advisory locks for as long as the server runs: that it is there (shared; alone in its
beginning and while a backup is restored), that it is this node, and, if nobody else has it, that it leads: whoever
leads does what must be done once (`jobs/scheduler.py`). PostgreSQL gives them up with the connection, however that
dies, and ends a connection that has said nothing for ten seconds: what the thread here asks every second is the lease.
A server that was not answered for five seconds counts itself as leading no longer, before anybody else may. One that
answers no pages (`roles.py`) leads only while none that does is there: what must be done once computes, too.

Several clubs of a chain may share the database, each with servers of its own: each club has its first and its leader,
and one of all leads the database, for what is done once for all clubs.
"""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import psycopg
import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from lovhub.server.database.advisory_locks import (
    CLUBS,
    LEADER,
    LEADERS,
    NODES,
    PAGES,
    SERVERS,
)
from lovhub.server.nodes.own_connection import hear_of_silence, is_postgresql, own_engine
from lovhub.server.nodes.roles import Role
from lovhub.server.refusal import StartRefused

PATIENCE_SECONDS = 30.0
"""Another server may be starting, with migrations; one that has just been killed has its lock for a moment yet."""

LEAVING_SECONDS = 3.0
ASK_AGAIN_SECONDS = 0.1
LOOK_SECONDS = 1.0
LEASE_SECONDS = 5.0
"""Without an answer for so long, a server leads no more."""

SILENT_SECONDS = 10
"""A connection that has said nothing for so long is ended by PostgreSQL: longer than a lease, so two never lead."""

ANSWER_SECONDS = 4.0
"""An answer that takes longer does not come: the network has swallowed it."""

_END_IF_SILENT = text("SELECT set_config('idle_session_timeout', :silent, false)")
_ALIVE = text("SELECT 1")
_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_TAKE_SHARED = text("SELECT pg_try_advisory_lock_shared(:key)")
_GIVE_BACK = text("SELECT pg_advisory_unlock(:key)")
_TAKE_OF = text("SELECT pg_try_advisory_lock(:kind, :club)")
_TAKE_SHARED_OF = text("SELECT pg_try_advisory_lock_shared(:kind, :club)")
_GIVE_BACK_OF = text("SELECT pg_advisory_unlock(:kind, :club)")
_SHARE_OF = text("SELECT pg_advisory_lock_shared(:kind, :club)")
_SHARED_OF = text(
    """
    SELECT EXISTS (
      SELECT FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid = :kind AND objid = :club AND objsubid = 2)
    """
)
"""Asked by looking: to try the lock would keep away whoever tries it at the same moment."""

_TAKE_NODE = text("SELECT pg_try_advisory_lock(:nodes, :node)")
_WAIT_FOR_NODE = text("SELECT pg_advisory_lock(:nodes, :node)")
_GIVE_BACK_NODE = text("SELECT pg_advisory_unlock(:nodes, :node)")
_END_OWN = text(
    """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = :name AND pid <> pg_backend_pid()
    """
)

log = structlog.get_logger("nodes")


class Place:
    """Of this server. On an embedded database, which has the lock of its folder, it is always alone and leads."""

    def __init__(self, role: Role = Role.ALL, club_id: int = 1) -> None:
        self.role = role
        self._club_id = club_id
        self._name = f"lovhub-server-{secrets.token_hex(8)}"
        self._url = ""
        self._engine: Engine | None = None
        self._held: Connection | None = None
        self._is_alone = True
        self._is_first = True
        self._is_leading = False
        self._leads_database = False
        self._answered_at = 0.0
        self._node_id: int | None = None
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # --- coming and going -------------------------------------------------------------------------

    def enter(self, url: str) -> None:
        """Be one of this database's servers, and of no other's; raises StartRefused, ConfigError, DBAPIError."""
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
        self._thread = threading.Thread(target=self._watch, name="place", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._thread, self._url, self._node_id = None, "", None
        self._let_go()
        self._is_alone = self._is_first = True

    @property
    def is_first(self) -> bool:
        """Whether no other server of this club is there: what was running in it is taken over from the dead."""
        return self._is_alone or self._is_first

    @property
    def is_alone(self) -> bool:
        """Whether no other server is there, nor can come: the database may be changed from the ground up."""
        return self._is_alone

    def be_alone(self) -> bool:
        """Let nobody else come; False if somebody is there. Who has just left has its lock for a moment yet."""
        end = time.monotonic() + LEAVING_SECONDS
        while not self._is_alone:
            with self._lock, self._speaking() as connection:
                if connection is not None:
                    self._is_alone = bool(connection.scalar(_TAKE, {"key": SERVERS}))
            if time.monotonic() > end:
                break
            time.sleep(ASK_AGAIN_SECONDS)
        return self._is_alone

    def let_others_come(self) -> None:
        """From now on other servers may work with the database, too."""
        with self._lock:
            with self._speaking() as connection:
                if connection is not None and self._is_alone:
                    connection.scalar(_TAKE_SHARED, {"key": SERVERS})
                    connection.scalar(_GIVE_BACK, {"key": SERVERS})
                if connection is not None and self._is_first:
                    connection.scalar(_TAKE_SHARED_OF, self._of(CLUBS))
                    connection.scalar(_GIVE_BACK_OF, self._of(CLUBS))
            self._is_first = False
            self._is_alone = (
                False  # also if the connection is lost: the next one takes its place among others
            )

    # --- being one of them ------------------------------------------------------------------------

    @property
    def node_id(self) -> int | None:
        """The number under which the others know this server; None where there can be no others."""
        return self._node_id

    def be_node(self, node_id: int) -> None:
        """Be known as this node from now on, also over later connections; as an earlier one no longer."""
        with self._lock, self._speaking() as connection:
            earlier, self._node_id = self._node_id, node_id
            if connection is None:
                return
            # Taken by another for a moment, who looks whether we are gone.
            connection.execute(_WAIT_FOR_NODE, {"nodes": NODES, "node": node_id})
            if earlier is not None:
                # Else nobody would ever bury it, and its PCs would be linked for ever.
                connection.scalar(_GIVE_BACK_NODE, {"nodes": NODES, "node": earlier})

    @contextmanager
    def instead_of(self, node_id: int) -> Iterator[bool]:
        """Whether that node is gone; it cannot come back inside the block."""
        values = {"nodes": NODES, "node": node_id}
        is_gone = False
        with self._lock, self._speaking() as connection:
            is_gone = connection is not None and bool(connection.scalar(_TAKE_NODE, values))
        try:
            yield is_gone
        finally:
            with self._lock, self._speaking() as connection:
                if is_gone and connection is not None:
                    connection.scalar(_GIVE_BACK_NODE, values)

    def silent_seconds(self) -> float:
        """For how long PostgreSQL has not answered; 0 where there is none to ask."""
        return 0.0 if self._engine is None else time.monotonic() - self._answered_at

    def leads(self) -> bool:
        """Whether this server does what one of its club's must do. From any thread."""
        if self._engine is None:
            return True
        return self._is_leading and self.silent_seconds() < LEASE_SECONDS

    def leads_database(self) -> bool:
        """Whether it does what one must do for all clubs of the database. From any thread."""
        return self.leads() and (self._engine is None or self._leads_database)

    # --- looking ----------------------------------------------------------------------------------

    def look(self) -> None:
        """See that the connection still lives; make another if it does not; lead, if nobody does."""
        with self._lock:
            if self._held is None:
                try:
                    if not self._take():
                        return
                except DBAPIError:
                    return  # the database is away
                log.info("place_taken_again")
            with self._speaking() as connection:
                if connection is None:
                    return
                if not self._may_lead(connection):
                    self._lead_no_longer(connection)
                    return
                leads = self._is_leading or bool(connection.scalar(_TAKE_OF, self._of(LEADERS)))
                if leads and not self._leads_database:
                    self._leads_database = bool(connection.scalar(_TAKE, {"key": LEADER}))
                # Last: a job that looks between the two would find that the database is led by another, and the
                # night's backup would be looked for a minute later.
                if leads and not self._is_leading:
                    self._is_leading = True
                    log.info("leads")
                connection.execute(_ALIVE)

    def _lead_no_longer(self, connection: Connection) -> None:
        if self._is_leading:
            self._is_leading = False
            connection.scalar(_GIVE_BACK_OF, self._of(LEADERS))
            log.info("leads_no_longer")
        if self._leads_database:
            self._leads_database = False
            connection.scalar(_GIVE_BACK, {"key": LEADER})

    def _may_lead(self, connection: Connection) -> bool:
        """Whether no other is meant to."""
        return self.role.answers_pages or not connection.scalar(_SHARED_OF, self._of(PAGES))

    def _of(self, kind: int) -> dict[str, int]:
        return {"kind": kind, "club": self._club_id}

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception:  # one look that fails must not be the last
                log.exception("place_not_looked_at")

    def _take(self) -> bool:
        """Connect and take the first lock: alone if need be, else among others; False if somebody is alone."""
        assert self._engine is not None  # noqa: S101 (enter made it)
        connection = self._engine.connect()
        try:
            with self._in_time(connection):
                hear_of_silence(connection)
                connection.execute(_END_IF_SILENT, {"silent": str(SILENT_SECONDS * 1000)})
                # A connection of ours that was cut off may live on at the other end: it is waited for until it is gone.
                connection.execute(_END_OWN, {"name": self._name})
                if self._is_alone and connection.scalar(_TAKE, {"key": SERVERS}):
                    is_in = True
                else:
                    is_in = bool(connection.scalar(_TAKE_SHARED, {"key": SERVERS}))
                    self._is_alone = self._is_alone and not is_in
                is_in = is_in and self._take_club(connection)
                if is_in and self.role.answers_pages:
                    connection.execute(_SHARE_OF, self._of(PAGES))
                if is_in and self._node_id is not None:
                    # Taken by another for a moment, who looks whether we are gone: then the next look tries again.
                    is_in = bool(
                        connection.scalar(_TAKE_NODE, {"nodes": NODES, "node": self._node_id})
                    )
        except BaseException:
            _end(connection)
            raise
        if not is_in:
            _end(connection)
            return False
        self._held = connection
        self._answered_at = time.monotonic()
        return True

    def _take_club(self, connection: Connection) -> bool:
        """Be the first of the club's servers, or one of them; False if another is still alone in its beginning."""
        if self._is_first and connection.scalar(_TAKE_OF, self._of(CLUBS)):
            return True
        is_one = bool(connection.scalar(_TAKE_SHARED_OF, self._of(CLUBS)))
        self._is_first = self._is_first and not is_one
        return is_one

    @contextmanager
    def _speaking(self) -> Iterator[Connection | None]:
        """The connection, for a moment; None if there is none. One that breaks meanwhile is let go."""
        held = self._held
        if held is None:
            yield None
            return
        asked_at = time.monotonic()
        try:
            with self._in_time(held):
                yield held
            # An answer vouches for when it was asked for: whoever hears it may have stood still since.
            self._answered_at = asked_at
        except DBAPIError:
            log.warning("place_lost")
            self._let_go()

    @contextmanager
    def _in_time(self, connection: Connection) -> Iterator[None]:
        """Cut the connection if what is asked meanwhile is not answered."""
        wire = cast("psycopg.Connection[object]", connection.connection.driver_connection)
        timer = threading.Timer(ANSWER_SECONDS, _cut, [wire.fileno()])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _let_go(self) -> None:
        self._is_leading = self._leads_database = False
        held, self._held = self._held, None
        if held is not None:
            _end(held)


def _cut(file_number: int) -> None:
    """Whoever waits at this socket hears that it is over."""
    wire = socket.socket(fileno=file_number)
    try:
        wire.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        wire.detach()


def _end(connection: Connection) -> None:
    connection.invalidate()
    connection.close()
