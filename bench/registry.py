"""The measures, in the order in which `make bench` takes them."""

import importlib
from typing import NamedTuple

from bench.frame import Take


class Entry(NamedTuple):
    """A function of a module, the measures that it gives, and the longest that it may take."""

    module: str
    names: tuple[str, ...]
    most_seconds: float
    function: str = "take"

    def load(self) -> Take:
        """Import it: only now, so that a measure pays for no other's imports."""
        take: Take = getattr(importlib.import_module(self.module), self.function)
        return take


ENTRIES = (
    Entry("bench.measures.heartbeats", ("heartbeats",), 120),
    Entry(
        "bench.measures.ten_thousand",
        ("ten_thousand_p99", "ten_thousand_memory", "ten_thousand_hour"),
        900,
    ),
    Entry("bench.measures.command_push", ("command_push",), 240),
    Entry("bench.measures.live_page", ("live_page",), 420),
    Entry("bench.measures.start_up", ("start_up",), 900),
    Entry("bench.measures.session_start", ("session_start",), 120),
    Entry("bench.measures.postings", ("postings_sqlite",), 120, "take_sqlite"),
    Entry("bench.measures.postings", ("postings_postgres",), 120, "take_postgres"),
    Entry("bench.measures.pages", ("pages", "computers_page", "reports"), 900),
    Entry("bench.measures.launcher", ("launcher_lock", "launcher_memory"), 180, "take_lock"),
    Entry("bench.measures.launcher", ("agent_memory",), 120, "take_agent"),
    Entry("bench.measures.launcher", ("launcher_cpu",), 240, "take_computing"),
)


def chosen(names: list[str]) -> list[Entry]:
    """The entries that give these measures, all of them if none is named; raises KeyError."""
    unknown = set(names) - {name for entry in ENTRIES for name in entry.names}
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    return [entry for entry in ENTRIES if not names or set(names) & set(entry.names)]
