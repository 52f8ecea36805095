"""The power goes while SQLite writes: however the end of its log is torn, the books are those of a moment before."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.ledger.check import check_ledger
from tests.server.crashes.dying import killed
from tests.server.crashes.scene import Scene, made

TOP_UPS = 4
LOG_HEAD, FRAME_HEAD = 32, 24


def _top_up(club: ClubContext, scene: Scene) -> None:
    for number in range(TOP_UPS):
        customers.top_up(
            club, customer_id=scene.aya, amount_tiyn=500_00, method="cash", key=f"k{number}",
            actor=scene.cashier,
        )  # fmt: skip


def _cut(log: bytes, at: int) -> bytes:
    return log[:at]


def _garbled(log: bytes, at: int) -> bytes:
    return log[:at] + bytes(byte ^ 0x5A for byte in log[at : at + 64]) + log[at + 64 :]


def _zeros(log: bytes, at: int) -> bytes:
    """The file system had made the file longer, and had not yet written into it."""
    return log[:at] + bytes(max(0, len(log) - at))


@pytest.mark.parametrize("torn", [_cut, _garbled, _zeros])
def test_a_torn_end_of_the_log_costs_what_came_last_and_nothing_else(
    torn: Callable[[bytes, int], bytes], tmp_path: Path
) -> None:
    scene = made(tmp_path)
    killed(scene.club, lambda club: _top_up(club, scene), after=TOP_UPS)
    file, log_file = (tmp_path / name for name in ("club.sqlite3", "club.sqlite3-wal"))
    database, log = file.read_bytes(), log_file.read_bytes()
    frame = FRAME_HEAD + struct.unpack(">I", log[8:12])[0]
    frames = (len(log) - LOG_HEAD) // frame
    found = []
    for number in (*range(0, frames, max(1, frames // 12)), frames):
        scene.club.database.close()
        file.write_bytes(database)
        file.with_name(f"{file.name}-shm").unlink(missing_ok=True)
        log_file.write_bytes(torn(log, LOG_HEAD + number * frame + FRAME_HEAD // 2))
        with scene.club.read() as db:
            assert check_ledger(db) == []
        found.append((scene.people.balance_tiyn(scene.aya) - 9_000_00) // 500_00)
    assert (found[0], found[-1], found) == (0, TOP_UPS, sorted(found)), "an end, never a hole"
    assert len(set(found)) > 2
    _top_up(scene.club, scene)  # whoever was not answered asks again
    assert scene.people.balance_tiyn(scene.aya) == 9_000_00 + TOP_UPS * 500_00
