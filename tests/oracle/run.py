"""A whole month of a large club against the oracle: `make month`, or with other figures, `--pcs 20 --days 7`.

`make soak` is the same month with `--troubles`: hall-wide power cuts, starts of the server, clock jumps, killed
launchers, frames that come twice and late, mistakes at the desk; and it fails if the program's objects, open files or
the database drift from day to day.

It stops at the first disagreement, and says on which day of which run it was. Nearly all of its time goes into the
club's own operations, and half of it into settlements: one a PC and a third of its lease. `--lease 3` takes half as
long, with leases that no owner can set.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lovhub.clock import ManualClock
from lovhub.server.database import engine
from tests.oracle.comparing import assert_all_agree
from tests.oracle.measuring import drift, slopes
from tests.oracle.month import Month
from tests.oracle.world import HOUR, World
from tests.support.club import found_club
from tests.support.databases import new_sqlite
from tests.support.web import WebAdmin

_AS_IN_A_CLUB = engine._prepare_sqlite_connection


def _hastily(connection: Any, record: object) -> None:
    _AS_IN_A_CLUB(connection, record)
    connection.execute("PRAGMA synchronous = OFF")


def main() -> None:
    """Play it, compare, and say how long it took and what happened."""
    asked = _asked()
    engine._prepare_sqlite_connection = _hastily  # nobody cuts the power of this computer
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock()
        club = found_club(new_sqlite(Path(folder) / "club.sqlite3"), clock)
        begun = time.monotonic()

        def tell(line: str) -> None:
            sys.stdout.write(f"{time.monotonic() - begun:6.0f} s  {line}\n")
            sys.stdout.flush()

        world = World(
            club, clock, asked.pcs, asked.seed, int(asked.lease * HOUR), asked.zones, asked.troubles
        )
        month = Month(world, asked.ops, tell)
        try:
            month.play(asked.days)
            tell(f"played: {dict(sorted(world.happened.items()))}")
            web = WebAdmin(club)
            web.make_owner()
            assert_all_agree(world, web)
            web.give_back()
        except BaseException:
            again = " ".join(f"--{name} {value}" for name, value in _values(asked))
            tell(f"STOPPED on day {month.day:.3f} (instant {clock.now()}); the same again: {again}")
            raise
        oracle = world.oracle
        tell(
            f"all agree: {len(oracle.lots)} purchases, {oracle.receipts} receipts, "
            f"{sum(lot.played for lot in oracle.lots) // 3600} hours played, {oracle.played / 100:.2f} earned"
        )
        club.database.close()
        if asked.troubles:
            tell(f"a day: {slopes(month.measured)}")
            drifted = drift(month.measured)
            if drifted:
                sys.exit("drifts: " + "; ".join(drifted))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pcs", type=int, default=200)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--seed", type=int, default=2027)
    parser.add_argument("--ops", type=float, default=6, help="what is done at each PC on a day")
    parser.add_argument("--lease", type=float, default=1, help="hours that a PC plays on by itself")
    parser.add_argument(
        "--zones", choices=("nothing", "difference", "convert"), default="difference"
    )
    parser.add_argument("--troubles", action="store_true", help="all that goes wrong in a club")
    return parser.parse_args()


def _values(asked: argparse.Namespace) -> list[tuple[str, object]]:
    return [
        (name, "" if value is True else value)
        for name, value in vars(asked).items()
        if value is not False
    ]


if __name__ == "__main__":
    main()
