"""The bus over PostgreSQL: what one process has committed, all hear of (LISTEN and NOTIFY).

Who listens here is told at once, as on the bus of one process; the others by a thread that sends what was committed,
many pieces by one statement. NOTIFY inside the transactions themselves would make all commits of the database stand in
line. So news may be lost: with a connection, or with a process that dies after its commit. Whoever may have missed
something hears `NewsMissed`, and reads all anew.

News stay within the club of a chain; only of customers and their groups, which clubs may share, all hear.
"""

import queue
import secrets
import threading
import time
from collections.abc import Sequence
from typing import cast, get_args

import msgspec
import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from lovhub.server.bus import Bus, CustomerChanged, GroupsChanged, News, NewsMissed
from lovhub.server.nodes.own_connection import hear_of_silence, is_postgresql, own_engine

CHANNEL = "lovhub_news"
RETRY_SECONDS = 0.5
HEAR_SECONDS = 0.5
"""So long a closing bus may wait for its listener."""

LOOK_SECONDS = 10.0
"""A connection that says nothing is asked whether it is still one."""

MOST_UNSENT = 10_000
"""More than this, and the others are told to read all anew instead."""

MOST_AT_ONCE = 200
LAST_SECONDS = 5.0
"""So long a closing bus goes on sending."""

_KINDS: dict[str, type[News]] = {kind.__name__: kind for kind in get_args(News)}
_SEND = text(
    "SELECT pg_notify(channel, piece)"
    " FROM unnest(CAST(:channels AS text[]), CAST(:pieces AS text[])) AS told (channel, piece)"
)

log = structlog.get_logger("bus")

_Piece = tuple[str, str]
"""The channel it is told on, and what is told."""


def bus_of(url: str, club_id: int = 1) -> Bus:
    """The bus of a process of this club on this database; raises ConfigError."""
    return PostgresBus(url, club_id) if is_postgresql(url) else Bus()


class PostgresBus(Bus):
    """Hands news to the listeners of every process of the club. What it publishes it hears once."""

    def __init__(self, url: str, club_id: int) -> None:
        super().__init__()
        self._own_channel = f"{CHANNEL}_{club_id}"
        self._origin = secrets.token_hex(8)
        self._engine = own_engine(url, f"lovhub-news-{self._origin}")
        self._unsent: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._has_lost = False
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._listener: threading.Thread | None = None
        self._sender: threading.Thread | None = None

    def start(self) -> None:
        """Hear the others from now on; raises DBAPIError."""
        connection = self._listening()
        self._listener = threading.Thread(
            target=self._hear_for_ever, args=[connection], name="bus-hears", daemon=True
        )
        self._listener.start()

    def publish(self, news: News) -> None:
        """Tell everybody here now, and the others soon."""
        super().publish(news)
        if self._unsent.qsize() < MOST_UNSENT:
            self._unsent.put(self._piece(news))
        else:
            self._has_lost = True
        with self._lock:
            if self._sender is None:
                self._sender = threading.Thread(
                    target=self._send_for_ever, name="bus-sends", daemon=True
                )
                self._sender.start()

    def close(self) -> None:
        """Send what is still to be sent, for a while, and hear no more."""
        with self._lock:
            sender = self._sender
        if sender is not None:
            self._unsent.put(None)
            sender.join(LAST_SECONDS)
        self._closing.set()
        for thread in (self._listener, sender):
            if thread is not None:
                thread.join()

    # --- sending ----------------------------------------------------------------------------------

    def _send_for_ever(self) -> None:
        connection: Connection | None = None
        is_last = False
        while not is_last and not self._closing.is_set():
            pieces, is_last = self._next_pieces()
            while (pieces or self._has_lost) and not self._closing.is_set():
                try:
                    if connection is None:
                        connection = self._engine.connect()
                        hear_of_silence(connection)
                    if self._has_lost:
                        # What was sent of it is not known, so all of it counts as lost. Forgotten before it is told:
                        # whoever loses more meanwhile says so again.
                        self._has_lost = False
                        self._send(connection, [self._piece(NewsMissed())])
                    self._send(connection, pieces)
                    pieces = []
                except DBAPIError:
                    _let_go(connection)
                    connection, pieces, self._has_lost = None, [], True
                    self._closing.wait(RETRY_SECONDS)
        _let_go(connection)

    def _next_pieces(self) -> tuple[list[_Piece], bool]:
        """What waits to be sent, at least one piece; and whether nothing comes after it."""
        pieces: list[_Piece] = []
        piece = self._unsent.get()
        while piece is not None:
            pieces.append(piece)
            if len(pieces) == MOST_AT_ONCE:
                return pieces, False
            try:
                piece = self._unsent.get_nowait()
            except queue.Empty:
                return pieces, False
        return pieces, True

    def _piece(self, news: News) -> _Piece:
        is_for_all = isinstance(news, CustomerChanged | GroupsChanged)
        return (CHANNEL if is_for_all else self._own_channel), _encode(self._origin, news)

    def _send(self, connection: Connection, pieces: Sequence[_Piece]) -> None:
        # PostgreSQL tells equal pieces of one transaction once, and so does `Work.tell`.
        told = {"channels": [to for to, _ in pieces], "pieces": [piece for _, piece in pieces]}
        connection.execute(_SEND, told)

    # --- hearing ----------------------------------------------------------------------------------

    def _listening(self) -> Connection:
        connection = self._engine.connect()
        try:
            hear_of_silence(connection)
            for channel in (CHANNEL, self._own_channel):
                connection.execute(text(f"LISTEN {channel}"))
        except BaseException:
            connection.close()
            raise
        return connection

    def _hear_for_ever(self, connection: Connection) -> None:
        while True:
            try:
                self._hear(connection)
                _let_go(connection)
                return
            except (DBAPIError, psycopg.Error):
                log.warning("news_lost")
                _let_go(connection)
            again = self._listening_again()
            if again is None:
                return
            connection = again
            log.info("news_heard_again")
            self._tell(NewsMissed())

    def _listening_again(self) -> Connection | None:
        while not self._closing.wait(RETRY_SECONDS):
            try:
                return self._listening()
            except DBAPIError:
                continue
        return None

    def _hear(self, connection: Connection) -> None:
        """Until the bus is closed, or the connection breaks."""
        wire = cast(
            "psycopg.Connection[tuple[object, ...]]", connection.connection.driver_connection
        )
        look_at = time.monotonic() + LOOK_SECONDS
        while not self._closing.is_set():
            for piece in wire.notifies(timeout=HEAR_SECONDS):
                self._heard(piece.payload)
            if time.monotonic() >= look_at:
                wire.execute("SELECT 1")
                look_at = time.monotonic() + LOOK_SECONDS

    def _heard(self, piece: str) -> None:
        origin, news = _decode(piece)
        if origin != self._origin:
            self._tell(news)

    def _tell(self, news: News) -> None:
        super().publish(news)


def _encode(origin: str, news: News) -> str:
    values = msgspec.to_builtins(news)
    return msgspec.json.encode([origin, type(news).__name__, values]).decode()


def _decode(piece: str) -> tuple[str, News]:
    """What another process has sent; what this version does not know may be anything."""
    try:
        origin, name, values = msgspec.json.decode(piece, type=tuple[str, str, dict[str, int]])
        return origin, msgspec.convert(values, _KINDS[name])
    except (msgspec.MsgspecError, KeyError):
        return "", NewsMissed()


def _let_go(connection: Connection | None) -> None:
    if connection is not None:
        connection.invalidate()
        connection.close()
