"""The power of the whole house goes: every PC and the server in one moment, and comes back twenty minutes later."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lovhub.agent.journal import Journal
from lovhub.agent.settings import Address
from lovhub.agent.store import FileStore
from lovhub.clock import TEST_FOLDER_MARK, FileClock
from lovhub.protocol import JOURNAL_TICK_SECONDS
from lovhub.simulator.club_api import ClubApi
from lovhub.simulator.contents import TARIFFS
from lovhub.simulator.demo import prepare_folder
from lovhub.simulator.virtual_pc import Place, VirtualPc
from tests.evening.processes import SharedClock, ledger_check
from tests.support.serving import Serving

PCS = 8
PLAYED_SECONDS, DARK_SECONDS, BOUGHT_SECONDS = 600, 20 * 60, 3600
PATIENCE_SECONDS = 120.0
pytestmark = pytest.mark.timeout(400)


async def until(check: Callable[[], Any]) -> None:
    """Wait, however long a slow machine takes; what asks the server blocks the PCs for that moment only."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not check():
        assert time.monotonic() < deadline, check
        await asyncio.sleep(0.1)


async def opened(api: ClubApi, pcs: list[VirtualPc]) -> list[int]:
    """All PCs let in; their numbers at the server, in their order."""
    for pc in pcs:
        pc.switch_on()
    await until(lambda: len(api.pairings()) == PCS)
    numbers = {waiting.code: api.approve(waiting.pairing_id) for waiting in api.pairings()}
    found = [numbers[pc.code] for pc in pcs]
    for pc in pcs:
        await asyncio.wait_for(pc.welcomed.wait(), PATIENCE_SECONDS)
    return found


def sessions(api: ClubApi) -> dict[int, dict[str, Any]]:
    """What the desk sees, by PC."""
    return {row["computer_id"]: row["session"] for row in api.live()["rows"] if row["session"]}


async def evening(folder: Path) -> None:
    clock = SharedClock(folder / "clock")
    data = folder / "club"
    owner = prepare_folder(data)
    (data / TEST_FOLDER_MARK).touch()
    options = ("--test-clock", str(clock.path))
    server = await asyncio.to_thread(Serving, data, *options)
    address = Address("127.0.0.1", server.port)
    api = ClubApi(address, (data / "cert.pem").read_text())
    await asyncio.to_thread(api.sign_in, owner)
    [tariff] = [one for one in TARIFFS if one.title == "1 час"]
    await asyncio.to_thread(api.add_tariff, tariff)

    place = Place(address, FileClock(clock.path), Counter())
    pcs = []
    for number in range(1, PCS + 1):
        disk = folder / f"pc-{number}"
        disk.mkdir()
        pcs.append(VirtualPc(number, place, FileStore(disk), Journal(disk)))
    numbers = await opened(api, pcs)
    seated_at = place.clock.now()
    for number in numbers:
        await asyncio.to_thread(api.seat_guest, number, "", tariff.title, f"guest-of-pc-{number}")
    await until(lambda: all(pc.playing for pc in pcs))
    clock.advance(PLAYED_SECONDS)
    await until(lambda: all(pc._keeper.played_seconds >= PLAYED_SECONDS for pc in pcs))
    lit = await asyncio.to_thread(sessions, api)

    server.program.process.kill()
    await asyncio.gather(*(pc.cut() for pc in pcs))
    await asyncio.to_thread(server.program.process.wait)
    light_seconds = place.clock.now() - seated_at
    seen = [pc._keeper.played_seconds for pc in pcs]
    clock.advance(DARK_SECONDS)

    server = await asyncio.to_thread(lambda: Serving(data, *options, port=address.port))
    for pc in pcs:
        pc.boot_anew()
    await until(lambda: [one["state"] for one in sessions(api).values()] == ["paused"] * PCS)
    back = await asyncio.to_thread(sessions, api)
    assert back.keys() == lit.keys() == set(numbers)
    for number, played in zip(numbers, seen, strict=True):
        left = back[number]["seconds_left"]
        # Nobody pays for the dark, and nobody gains more than the journal's last tick.
        assert left >= BOUGHT_SECONDS - light_seconds - 1
        assert left <= BOUGHT_SECONDS - played + JOURNAL_TICK_SECONDS + 1
        assert back[number]["pause_reason"] == "power_cut"
        assert back[number]["session_id"] == lit[number]["session_id"]
    assert not any(pc.playing for pc in pcs)

    first = back[numbers[0]]["session_id"]
    await asyncio.to_thread(api._do, "POST", f"/sessions/{first}/resume")
    await until(lambda: pcs[0].playing)
    alarms = {alarm["kind"] for alarm in (await asyncio.to_thread(api.live))["alarms"]}
    assert alarms <= {"mass_loss"}
    assert "Учёт сходится" in await asyncio.to_thread(ledger_check, data)
    await asyncio.gather(*(pc.cut() for pc in pcs))
    for pc in pcs:
        pc.close()
    assert await asyncio.to_thread(server.end) == 0
    assert place.figures["failures"] == 0


def test_every_pc_and_the_server_lose_power_together_and_nobody_pays_for_the_dark(
    tmp_path: Path,
) -> None:
    asyncio.run(evening(tmp_path))
