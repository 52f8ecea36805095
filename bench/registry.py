"""The measures, in the order in which `make bench` takes them."""

import importlib
from typing import NamedTuple

from bench.frame import Take


class Entry(NamedTuple):
    """A module with `take()`, the measures that it gives, and the longest that it may take."""

    module: str
    names: tuple[str, ...]
    most_seconds: float

    def load(self) -> Take:
        """Import it: only now, so that a measure pays for no other's imports."""
        take: Take = importlib.import_module(self.module).take
        return take


ENTRIES = (
    Entry("bench.measures.heartbeats", ("heartbeats",), 120),
    Entry("bench.measures.pages", ("pages", "computers_page", "reports"), 900),
)


def chosen(names: list[str]) -> list[Entry]:
    """The entries that give these measures, all of them if none is named; raises KeyError."""
    unknown = set(names) - {name for entry in ENTRIES for name in entry.names}
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    return [entry for entry in ENTRIES if not names or set(names) & set(entry.names)]
