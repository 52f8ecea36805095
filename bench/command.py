"""`lovhub bench [NAME …]`: take the measures, print them, and keep them in `bench/results/latest.json`.

`lovhub bench growth …` is a command of its own (`bench/growth/command.py`).

docs/performance.md says what each of them is, and what the figures mean.
"""

import argparse
import compileall
import contextlib
import importlib.metadata
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from bench.frame import LeftOut, Result
from bench.growth import command as growth
from bench.processes import CORES
from bench.registry import ENTRIES, Entry, chosen

GROWTH = "growth"
ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "latest.json"
EXIT_BAD_INPUT = 2
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
PACKAGES = (
    "flask", "httptools", "msgspec", "psycopg", "sqlalchemy", "starlette", "uvicorn", "uvloop", "websockets",
)  # fmt: skip


class TookTooLong(Exception):
    """A measure did not end by itself."""


def main(arguments: list[str]) -> int:
    """Measure; returns the exit code."""
    if arguments[:1] == [GROWTH]:
        with _ended_in_order():
            return growth.main(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="lovhub bench", description="Measure, everything on this computer."
    )
    names = [name for entry in ENTRIES for name in entry.names]
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of the results")
    options = parser.parse_args(arguments)
    try:
        entries = chosen(options.names)
    except KeyError as error:
        print(f"no measure {error.args[0]}; there are: {', '.join(names)}", file=sys.stderr)
        return EXIT_BAD_INPUT
    # As it is installed; or else a start compiles, where Python is told to keep nothing of that.
    for folder in ("lovhub", "bench"):
        compileall.compile_dir(ROOT / folder, quiet=2)
    try:
        with _ended_in_order():
            taken, failed = take_all(entries)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    if taken:
        keep(taken, options.results)
    print("\n".join(table(taken)))
    return EXIT_FAILED if failed else 0


def take_all(entries: Sequence[Entry]) -> tuple[list[Result], bool]:
    """What was measured, and whether anything went wrong; one that fails does not stop the others."""
    taken: list[Result] = []
    failed = False
    for entry in entries:
        print(f"{', '.join(entry.names)} …", end=" ", flush=True)
        began = time.monotonic()
        try:
            with _at_most(entry.most_seconds):
                taken.extend(entry.load()())
        except LeftOut as why:
            print(f"left out: {why}")
        except (TookTooLong, RuntimeError, OSError, ExceptionGroup) as error:
            failed = True
            print(f"FAILED: {error!r}")
        else:
            print(f"{time.monotonic() - began:.0f} s", flush=True)
    return taken, failed


def keep(taken: Sequence[Result], path: Path) -> None:
    """Write the results down, beside those of other measures of this machine that stand there."""
    machine = this_machine()
    fresh = {result.measure: result.written() for result in taken}
    kept = {row["measure"]: row for row in _earlier(path, machine)} | fresh
    order = [name for entry in ENTRIES for name in entry.names]
    measures = [kept[name] for name in order if name in kept]
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine, "measures": measures}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _earlier(path: Path, machine: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    same = {**before["machine"], "measured_at": machine["measured_at"]} == machine
    rows: list[dict[str, Any]] = before["measures"]
    return rows if same else []


def this_machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "pinned": len(CORES) > 1,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "measured_at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def table(taken: Sequence[Result]) -> list[str]:
    """The figures as Markdown."""
    lines = [
        "| Measure | ours | baseline | limit | unit | ours / baseline | ours / limit | goal |",
        "|---|--:|--:|--:|---|--:|--:|---|",
    ]
    for result in taken:
        row = result.written()
        lines.append(
            f"| {result.measure} | {_shown(row['ours'])} | {_shown(row['baseline'])} "
            f"| {_shown(row['limit'])} | {result.unit} | {_shown(row['ratio_to_baseline'])} "
            f"| {_shown(row['ratio_to_limit'])} | {result.goal} |"
        )
    return lines


def _shown(value: Any) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Being asked to end is like Ctrl+C: what was started is stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise TookTooLong inside after so long, where the system can; Windows cannot."""

    def too_long(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong(f"not within {seconds:g} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
