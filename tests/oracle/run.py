"""A whole month of a large club against the oracle: `make month`, or with other figures, `--pcs 20 --days 7`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from lovhub.clock import ManualClock
from tests.oracle.comparing import assert_all_agree
from tests.oracle.month import Month
from tests.oracle.world import World
from tests.support.club import found_club
from tests.support.databases import new_sqlite
from tests.support.web import WebAdmin


def main() -> None:
    """Play it, compare, and say how long it took and what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pcs", type=int, default=200)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=2027)
    parser.add_argument("--ops", type=float, default=6, help="what is done at each PC on a day")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock()
        club = found_club(new_sqlite(Path(folder) / "club.sqlite3"), clock)
        begun = time.monotonic()

        def tell(line: str) -> None:
            sys.stdout.write(f"{time.monotonic() - begun:6.0f} s  {line}\n")
            sys.stdout.flush()

        world = World(club, clock, asked.pcs, asked.seed)
        month = Month(world, asked.ops, tell)
        month.play(asked.days)
        tell(f"played: {dict(sorted(world.happened.items()))}")
        web = WebAdmin(club)
        web.make_owner()
        assert_all_agree(world, web)
        oracle = world.oracle
        tell(
            f"all agree: {len(oracle.lots)} purchases, {oracle.receipts} receipts, "
            f"{sum(lot.played for lot in oracle.lots) // 3600} hours played, {oracle.played / 100:.2f} earned"
        )
        web.give_back()
        club.database.close()


if __name__ == "__main__":
    main()
