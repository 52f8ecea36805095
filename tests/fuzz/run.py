"""`make fuzz`: every target in turn with seeds nobody has tried, until the time is over; what breaks is printed.

Breaks: what is raised, what takes longer than SLOW_SECONDS, what never ends, and memory that grows from round to round.
"""

import faulthandler
import gc
import secrets
import sys
import time
import traceback
from logging import CRITICAL

import psutil
import structlog
from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.targets import TARGETS, Target

A_TURN = 200
SLOW_SECONDS = 5.0
HANG_SECONDS = 60.0
GROWTH_BYTES = 100 * 1024 * 1024
"""Beyond the first round, in which all is loaded; the fuzzer itself remembers some of what it has tried."""


def main(seconds: float, only: list[str], first_seed: int | None) -> int:
    """Try for so long; the exit code. `only`: the names of targets; `first_seed`: one that broke something."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    until = time.monotonic() + seconds
    tried = dict.fromkeys(only or TARGETS, 0)
    first_bytes = grown_bytes = 0
    while time.monotonic() < until or not all(tried.values()):
        for name in tried:
            number = secrets.randbelow(2**32) if first_seed is None else first_seed
            try:
                _turn(TARGETS[name], number)
            except Exception:  # noqa: BLE001 (whatever it is, it is what was looked for)
                traceback.print_exc()
                print(
                    f"\n{name} broke. Again: {sys.executable} -m tests.fuzz.run 1 {name} --seed {number}"
                )
                return 1
            tried[name] += A_TURN
            if first_bytes and time.monotonic() > until:
                break
        grown_bytes = _memory_bytes() - first_bytes if first_bytes else 0
        first_bytes = first_bytes or _memory_bytes()
    print(", ".join(f"{name} {count}" for name, count in tried.items()))
    print(f"memory since the first round: {grown_bytes / 1024 / 1024:+.0f} MiB")
    return int(grown_bytes > GROWTH_BYTES)


def _memory_bytes() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def _turn(target: Target, number: int) -> None:
    said, take_in = target

    @seed(number)
    @settings(
        max_examples=A_TURN, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(said)
    def try_it(value: object) -> None:
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        began = time.monotonic()
        take_in(value)
        took = time.monotonic() - began
        assert took < SLOW_SECONDS, f"{took:.1f} s"

    try:
        try_it()
    finally:
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    words = sys.argv[1:]
    asked = int(words.pop(words.index("--seed") + 1)) if "--seed" in words else None
    names = [word for word in words[1:] if word != "--seed"]
    sys.exit(main(float(words[0]), names, asked))
