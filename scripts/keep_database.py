"""Keep a database of this version, so that later versions prove that they can upgrade it.

    keep_database.py [NAME]     NAME: the version in CHANGELOG.md, such as 1.2.0; this program's own without it

A small club plays two days by the oracle's month (tests/oracle), with power cuts, mistakes, debts, codes and refunds.
Its database becomes `tests/server/database/kept/NAME-REVISION.sql.gz`, and what its books say the `.json` beside it;
`tests/server/database/test_kept.py` upgrades every one of them. Run it when a version is released (CONTRIBUTING.md).
"""

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import select  # noqa: E402

from lovhub import __version__  # noqa: E402
from lovhub.clock import ManualClock  # noqa: E402
from lovhub.server.attention import service as attention  # noqa: E402
from lovhub.server.context import ClubContext  # noqa: E402
from lovhub.server.database.migrate import current_revision  # noqa: E402
from lovhub.server.journal import service as journal  # noqa: E402
from lovhub.server.ledger import sealing  # noqa: E402
from lovhub.server.ledger.check import check_ledger  # noqa: E402
from lovhub.server.moving import service as moving  # noqa: E402
from lovhub.server.reports import service as reports  # noqa: E402
from lovhub.server.sessions.models import PlaySession  # noqa: E402
from tests.oracle.month import Month  # noqa: E402
from tests.oracle.world import World  # noqa: E402
from tests.support import kept_databases  # noqa: E402
from tests.support.club import found_club  # noqa: E402
from tests.support.databases import new_sqlite  # noqa: E402

PCS, DAYS, SEED = 3, 2, 11
MOST_BYTES = 200 * 1024


def main() -> None:
    """Play, close the books, keep."""
    name = sys.argv[1] if len(sys.argv) > 1 else __version__
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "club.sqlite3"
        clock = ManualClock()
        club = found_club(new_sqlite(path), clock)
        world = World(club, clock, PCS, SEED, zone_rule="difference", troubles=True)
        Month(world).play(DAYS)
        _beside_the_money(club, world)
        clock.advance(2 * 24 * 3600)
        reports.sum_up(club)
        reports.close_days(club)
        reports.close_book_days(club)
        sealing.seal(club, everything=True)
        with club.read() as db:
            wrong = check_ledger(db)
            revision = current_revision(db.connection())
            figures = kept_databases.figures(db.connection())
        if wrong:
            sys.exit(f"its books do not balance: {wrong}")
        club.database.close()
        kept = kept_databases.FOLDER / f"{name}-{revision}.sql.gz"
        kept_databases.write(path, kept)
    beside = kept.with_name(kept.name.replace(".sql.gz", ".json"))
    beside.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    size = kept.stat().st_size
    sys.stdout.write(f"{kept.relative_to(ROOT)}: {size // 1024} KiB\n")
    if size > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES // 1024} KiB: play less")


def _beside_the_money(club: ClubContext, world: World) -> None:
    """What the month does not do: launches, a call, an alarm, customers from a file."""
    pc, game = next(iter(world.zones)), world.people.application()
    with club.write() as work:
        sitting = work.db.scalars(select(PlaySession).order_by(PlaySession.id).limit(1)).one()
        for _ in range(5):
            journal.launch_started(
                work,
                computer_id=sitting.computer_id,
                session_id=sitting.id,
                customer_id=sitting.customer_id,
                application_id=game,
                at=work.now,
            )
        journal.launch_ended(
            work, session_id=sitting.id, application_id=game, at=work.now, ran_seconds=1800
        )
        journal.raise_alarm(work, "launcher_killed", computer_id=pc)
    call = attention.call(
        club, computer_id=pc, reason="game", text="Не запускается", actor=world.owner
    )
    attention.close_call(club, call_id=call, actor=world.owner)
    move = moving.bring(
        club,
        file_name="gizmo.csv",
        content="Логин;Имя;Баланс\nsniper;Ерлан;1500\nalia;Алия;700".encode(),
        actor=world.owner,
    )
    moving.bring_in(club, move_id=move, actor=world.owner)


if __name__ == "__main__":
    main()
