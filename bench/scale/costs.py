"""What one thing costs, from the measures that were last taken (`bench/results`)."""

import json
from dataclasses import dataclass
from typing import Any

from bench import command, pages_written
from bench.measures.live_page import DESKS, PCS
from bench.scale.evenings import EveningCosts

BYTES_PER_KIB = 1024


@dataclass(frozen=True)
class Costs:
    """Seconds are of a node's computing. `computer_bytes`: what a linked PC holds of its memory."""

    heartbeat_seconds: float
    password_seconds: float
    hello_seconds: float
    page_seconds: float
    live_seconds_a_computer: float
    """In a second, one desk looking."""
    computer_bytes: float
    evening: EveningCosts


def measured(evening: EveningCosts, *, password_seconds: float) -> Costs:
    """From the results of `lovhub bench`; raises KeyError if a measure is missing there."""
    measures = {
        row["measure"]: row
        for row in json.loads(command.RESULTS.read_text(encoding="utf-8"))["measures"]
    }
    pages = [
        page["full"]["computing_ms"]
        for page in json.loads(pages_written.RESULTS.read_text(encoding="utf-8"))["pages"]
    ]
    memory, live = measures["ten_thousand_memory"], measures["live_page"]
    return Costs(
        heartbeat_seconds=1 / measures["heartbeats"]["ours"],
        password_seconds=password_seconds,
        hello_seconds=_hello(measures["ten_thousand_p99"]),
        page_seconds=sum(pages) / len(pages) / 1000,
        live_seconds_a_computer=live["ours"] / 1000 / 60 / (PCS * DESKS),
        computer_bytes=memory["ours"] * BYTES_PER_KIB,
        evening=evening,
    )


def _hello(row: dict[str, Any]) -> float:
    return float(row["runs"][0]["hello_ms_of_computing"]) / 1000
