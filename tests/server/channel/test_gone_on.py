"""The whole club loses power; a real PC is back before the server, its player goes on, and the books are right."""

from pathlib import Path

from lovhub.agent.store import FileStore
from lovhub.clock import ManualClock
from lovhub.protocol import local
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions.models import PlaySession
from tests.agent.support.pc_agent import PcAgent
from tests.evening.processes import free_port
from tests.server.channel.conftest import ChannelServer
from tests.server.channel.test_own_requests import register
from tests.support.club import OWNER, People
from tests.support.waiting import eventually

PASSWORD = "длинный пароль"


def session(club: ClubContext) -> PlaySession:
    with club.read() as db:
        return db.query(PlaySession).one()


def test_the_rest_of_a_lease_is_played_without_the_server_and_billed_once(
    club: ClubContext, people: People, clock: ManualClock, tmp_path: Path
) -> None:
    register(club, "sniper", 700_00)
    tariff = people.tariff()
    with club.write() as work:
        work.db.get_one(Club, club.club_id).cached_sign_ins = True
    port, disk = free_port(), tmp_path / "pc"
    with ChannelServer(club, tmp_path, port=port) as server, PcAgent(disk, port, clock) as pc:
        [waiting] = eventually(server.hub.pairings.pending)
        server.hub.pairings.approve(waiting.pairing_id, OWNER)
        pc.wait_mode("locked")
        pc.wait_until(lambda: pc.call(lambda: pc.agent._cached._leave))
        assert pc.ask(local.PlayerSignIn("in", "sniper", PASSWORD)) == "ok"
        assert pc.ask(local.PlayerBuy("buy", tariff)) == "ok"
        pc.wait_mode("playing")
        eventually(lambda: FileStore(disk).kept_proof())
        clock.advance(100)
        pc.wait_until(lambda: pc.shown().played_seconds == 100)
    assert session(club).state == "unreachable"
    clock.advance(300)  # dark

    with PcAgent(disk, port, clock, boot_id="boot-2") as pc:
        assert pc.wait_mode("locked").goes_on
        assert pc.ask(local.PlayerSignIn("again", "sniper", PASSWORD)) == "ok"
        pc.wait_mode("playing")
        clock.advance(60)
        pc.wait_until(lambda: pc.shown().played_seconds == 160)
        with ChannelServer(club, tmp_path, port=port):
            eventually(lambda: session(club).state == "active")
            state = pc.wait_until(lambda: (state := pc.state()) and state.linked and state)
            assert (state.mode, state.customer.name) == ("playing", "sniper")
            assert session(club).played_seconds == 160
            assert FileStore(disk).kept_proof() is not None, "the sitting lasts"
            assert pc.ask(local.PlayerSignOut("out")) == "ok"
            pc.wait_mode("locked")
            eventually(lambda: FileStore(disk).kept_proof() is None)
    assert (session(club).state, session(club).played_seconds) == ("ended", 160)
    with club.read() as db:
        assert db.query(Alarm).all() == []
        assert "session.gone_on" in {event.kind for event in db.query(Event)}
        assert check_ledger(db) == []
