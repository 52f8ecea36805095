"""The new version's whole way: the real hub and its turns, and a real agent under its starter."""

import asyncio
from pathlib import Path

import pytest

from lovhub import __version__
from lovhub.package import make_package
from lovhub.protocol.channel import Error
from lovhub.protocol.updates import PART_BYTES, UpdateNews, UpdateOffer, UpdatePart, UpdateWanted
from lovhub.server.journal.models import Event
from lovhub.server.updates import rules
from lovhub.server.updates.packages import FOLDER, Carried
from lovhub.server.updates.turns import Turns
from tests.agent.support.agent_process import AgentProcess
from tests.server.channel.conftest import ChannelServer, PairPc, eventually, run, welcomed
from tests.support.club import OWNER
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)

NEXT = "99.0"


@pytest.fixture
def turns(channel: ChannelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Turns:
    """The version NEXT is carried, and whoever is free has been so for long enough."""
    monkeypatch.setattr(rules, "FREE_SECONDS", 0)
    (tmp_path / FOLDER).mkdir()
    instead = {"lovhub/__init__.py": f'__version__ = "{NEXT}"\n'}
    package = make_package(version=NEXT, instead=instead)
    (tmp_path / FOLDER / f"lovhub-pc-{NEXT}.zip").write_bytes(package)
    return Turns(channel.club, channel.hub.updates, Carried(tmp_path, channel.club.identity))


def states(turns: Turns) -> list[tuple[str, str]]:
    return [(one.known.version, rules.shown(one.standing, NEXT)) for one in turns.seen()]


def test_a_pc_takes_the_version_that_its_server_carries(
    channel: ChannelServer, turns: Turns, tmp_path: Path
) -> None:
    agent = AgentProcess(tmp_path / "pc", channel.port)

    async def work() -> None:
        await eventually(channel.hub.pairings.pending)
        pairing = channel.hub.pairings.pending()[0]
        await asyncio.to_thread(channel.hub.pairings.approve, pairing.pairing_id, OWNER)
        await eventually(lambda: channel.hub.connections)
        await eventually(lambda: states(turns) == [(__version__, "waiting")])
        await asyncio.to_thread(turns.look)
        await eventually(lambda: states(turns) == [(NEXT, "current")])

    try:
        run(work)
    finally:
        code, _out, err = agent.end()
    assert (code, "Traceback" in err) == (0, False)
    with channel.club.read() as db:
        kinds = {event.kind: event.data for event in db.query(Event)}
    assert kinds["computer.update_done"] == {"version": NEXT, "why": ""}


def test_a_pc_gets_only_what_it_was_offered_and_one_that_is_taken_gets_nothing(
    channel: ChannelServer, turns: Turns, pair_pc: PairPc
) -> None:
    offered = Carried.offered(turns._carried)

    async def work() -> None:
        paired = await pair_pc()
        async with channel.socket() as pc:
            await welcomed(pc, paired)  # an agent of before
            turns.look()
            assert states(turns) == [("0.1", "by_hand")]
            await pc.say(UpdateWanted(offered.sha256, 0))
            assert (await pc.hear_a(Error)).code == "unexpected"
        async with channel.socket() as pc:
            await welcomed(pc, paired, takes_updates=True)
            connection = channel.hub.connections[paired.computer_id]
            connection.customer_id = 1
            turns.look()
            connection.customer_id = None
            turns.look()
            offer = await pc.hear_a(UpdateOffer)
            assert (offer.update, offer.again) == (offered.signed, False)
            await pc.say(UpdateWanted(offered.sha256, PART_BYTES))
            part = await pc.hear_a(UpdatePart)
            assert part == UpdatePart(PART_BYTES, offered.package[PART_BYTES : 2 * PART_BYTES])
            await pc.say(UpdateWanted(offered.sha256, 2**40))
            assert (await pc.hear_a(UpdatePart)).data == b""
            await pc.say(UpdateNews(NEXT, "refused", "room"))
            await eventually(lambda: states(turns) == [("0.1", "refused")])
            await pc.say(UpdateWanted(offered.sha256, 0))
            assert (await pc.hear_a(Error)).code == "unexpected"

    run(work)
