"""`lovhub bench growth [books|postgresql|hall]`: measure at several sizes, print how cost grows, and keep nothing."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from bench.frame import LeftOut
from bench.growth.costs import Costs, table

EXIT_TOO_STEEP = 1
PARTS = {
    "books": ("bench.growth.books", "take", "transfers"),
    "postgresql": ("bench.growth.books", "take_on_postgres", "transfers"),
    "hall": ("bench.growth.hall", "take", "PCs"),
}


def main(arguments: list[str]) -> int:
    """Measure; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="lovhub bench growth",
        description="Measure how cost grows, everything on this computer.",
    )
    parser.add_argument(
        "part",
        nargs="?",
        choices=PARTS,
        help="only this; all otherwise",
    )
    parser.add_argument(
        "--sizes", nargs="+", type=int, help="transfers, or PCs, in ascending order"
    )
    options = parser.parse_args(arguments)
    if options.sizes and not options.part:
        parser.error("--sizes needs to be told of what")
    steep: list[Costs] = []
    for part in [options.part] if options.part else PARTS:
        module, function, counted = PARTS[part]
        take = getattr(importlib.import_module(module), function)
        try:
            taken: Sequence[Costs] = take(*([options.sizes] if options.sizes else []))
        except LeftOut as why:
            print(f"{part} left out: {why}")
            continue
        print("\n".join(table(taken, counted)), flush=True)
        steep += [one for one in taken if one.is_too_steep]
    for one in steep:
        print(f"grows faster than n log n: {one.name}", file=sys.stderr)
    return EXIT_TOO_STEEP if steep else 0
