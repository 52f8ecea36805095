"""`/metrics`: what the server knows of itself, as Prometheus reads it. Numbers only: no name of anybody or anything.

Nothing here asks the database: what a scrape tells is in memory already, and at most a minute old where a job gathers
it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client import Counter as Count
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from lovhub import __version__
from lovhub.server.database.engine import Database
from lovhub.server.live import LiveSnapshot
from lovhub.server.payments.asking import HEARD, Heard
from lovhub.server.pressure import rules
from lovhub.server.pressure.rules import Rank, Signals
from lovhub.server.status.rules import Facts, Finding

disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the lines, for nobody

DURATIONS_SECONDS = (0.025, 0.1, 0.4, 1.6, 6.4)

STATUSES = ("off", "active", "used")
SESSIONS = ("active", "paused", "unreachable")
LEVELS = ("error", "warning")


class Requests:
    """Pages and calls, counted as they are answered; from any thread. `endpoint`: its name in the table of rights."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Count(
            "lovhub_requests",
            "Answered requests of pages and API, by endpoint and kind of status.",
            ("endpoint", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "lovhub_request_seconds",
            "How long a thread worked on a request, by endpoint.",
            ("endpoint",),
            buckets=DURATIONS_SECONDS,
            registry=registry,
        )

    def answered(self, endpoint: str | None, status: int, seconds: float) -> None:
        """Count one. What leads to no endpoint has no name of its own: strangers make up as many as they like."""
        name = endpoint or "none"
        self._answers.labels(name, f"{status // 100}xx").inc()
        self._seconds.labels(name).observe(seconds)


class Channel(Protocol):
    """What the figures need of the channel; from any thread, memory only."""

    @property
    def heartbeats(self) -> int:
        """Signs of life since the start."""
        ...

    def live_snapshot(self) -> LiveSnapshot:
        """What the desk sees."""
        ...

    def waiting(self) -> Mapping[str, int]:
        """Work that waits for a thread, by the pool's name."""
        ...


class Findings(Protocol):
    """What the self-checks found last."""

    @property
    def known(self) -> list[Finding]:
        """What is not as it should be."""
        ...

    @property
    def known_facts(self) -> Facts | None:
        """What was seen; None before the first look."""
        ...


class Pressure(Protocol):
    """What the figures need of the gate before Flask's threads; from any thread, memory only."""

    @property
    def signals(self) -> Signals:
        """What it measured last."""
        ...

    @property
    def turned_away(self) -> Mapping[Rank, int]:
        """Requests since the start, by rank."""
        ...

    def waiting(self) -> Mapping[str, int]:
        """Requests that wait for their turn, by rank."""
        ...


class Asking(Protocol):
    """What was heard of the questions to providers of payments; from any thread, memory only."""

    @property
    def heard(self) -> Mapping[Heard, int]:
        """Questions since the start, by what became of them."""
        ...


@dataclass(frozen=True)
class _Now(Collector):
    """Reads what is in memory at the moment of a scrape."""

    channel: Channel
    database: Database
    board: Findings
    pressure: Pressure
    asking: Asking

    def collect(self) -> Iterator[Metric]:
        yield from self._hall()
        yield from self._work()
        yield from self._checks()

    def _hall(self) -> Iterator[Metric]:
        picture = self.channel.live_snapshot()
        statuses = Counter[str](row.status for row in picture.rows)
        yield _by("lovhub_computers", "PCs by what the desk sees.", "status", STATUSES, statuses)
        linked = sum(row.link == "linked" for row in picture.rows)
        yield _one("lovhub_computers_linked", "PCs that are linked.", linked)
        broken = sum(row.problem == "lock_broken" for row in picture.rows)
        yield _one("lovhub_locks_broken", "Linked PCs whose lock is broken.", broken)
        states = Counter[str](row.session.state for row in picture.rows if row.session is not None)
        yield _by("lovhub_sessions", "Sessions by state.", "state", SESSIONS, states)
        yield _one("lovhub_alarms_open", "Alarms that nobody has closed.", len(picture.alarms))
        yield _one("lovhub_calls_open", "Players who call the desk.", len(picture.calls))
        waiting = len(picture.pairings)
        yield _one("lovhub_pairings_waiting", "PCs that wait to be let in.", waiting)
        heartbeats = self.channel.heartbeats
        yield _total("lovhub_heartbeats", "Heartbeats since the start.", heartbeats)

    def _work(self) -> Iterator[Metric]:
        told = self.database.told()
        yield _total("lovhub_database_commits", "Writing transactions committed.", told.commits)
        yield _total(
            "lovhub_database_write_seconds",
            "Seconds of writing transactions, with their wait for each other.",
            told.write_seconds,
        )
        queues = {**self.channel.waiting(), **self.pressure.waiting()}
        yield _by("lovhub_queue_length", "Work that waits for a thread.", "queue", queues, queues)

        signals = self.pressure.signals
        yield _one("lovhub_loop_lag_seconds", "How late the event loop comes.", signals.lag)
        level = rules.level(signals)
        yield _one("lovhub_overload_level", "1: reports are turned away; 2: pages, too.", level)
        family = CounterMetricFamily(
            "lovhub_turned_away", "Requests turned away since the start.", labels=["rank"]
        )
        for rank in rules.RANKS:
            family.add_metric([rank], self.pressure.turned_away.get(rank, 0))
        yield family
        family = CounterMetricFamily(
            "lovhub_payment_questions",
            "Questions to Kaspi, or a gateway, how a payment stands, by what became of them.",
            labels=["heard"],
        )
        for heard in HEARD:
            family.add_metric([heard], self.asking.heard.get(heard, 0))
        yield family

    def _checks(self) -> Iterator[Metric]:
        levels = Counter[str](finding.level for finding in self.board.known)
        yield _by("lovhub_findings", "What lovhub doctor finds.", "level", LEVELS, levels)
        facts = self.board.known_facts
        if facts is None:
            return
        for what, text, at in (
            ("backup_newest", "When the newest backup was made.", facts.newest_backup_at),
            ("ledger_checked", "When a backup's ledger was last checked.", facts.ledger_checked_at),
            ("certificate_ends", "When the certificate ends.", facts.certificate_ends_at),
        ):
            if at is not None:
                yield _one(f"lovhub_{what}_timestamp_seconds", text, at)
        if facts.newest_check:
            sound = int(facts.newest_check == "sound")
            yield _one("lovhub_backup_sound", "Whether the newest backup is sound.", sound)
        yield _one("lovhub_disk_free_bytes", "Free on the club's disk.", facts.disk_free_bytes)
        yield _one("lovhub_database_bytes", "Size of the database file.", facts.database_bytes)
        yield _one("lovhub_database_wal_bytes", "Size of its WAL.", facts.wal_bytes)


class Figures:
    """All figures of one server, with a registry of their own: two servers in one process do not mix."""

    def __init__(
        self,
        channel: Channel,
        database: Database,
        board: Findings,
        pressure: Pressure,
        asking: Asking,
    ) -> None:
        self._registry = CollectorRegistry()
        self.requests = Requests(self._registry)
        self._registry.register(_Now(channel, database, board, pressure, asking))
        ProcessCollector(namespace="lovhub", registry=self._registry)
        Info("lovhub_build", "What runs here.", registry=self._registry).info(
            {"version": __version__}
        )

    def text(self) -> bytes:
        """What Prometheus is told."""
        return generate_latest(self._registry)


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _total(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _by(
    name: str, text: str, label: str, known: "tuple[str, ...] | Mapping[str, int]", found: Mapping[str, int]
) -> Metric:  # fmt: skip
    family = GaugeMetricFamily(name, text, labels=[label])
    for one in known:
        family.add_metric([one], found.get(one, 0))
    return family
