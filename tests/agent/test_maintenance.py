"""A technician's work at the PC: open by the server's signed leave, closed by itself."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.agent.maintenance import Upkeep
from lovhub.agent.play import ServerTime
from lovhub.agent.store import Membership
from lovhub.protocol import channel, local, questions
from lovhub.protocol.lease import Lease, SignedLease, sign_lease
from lovhub.protocol.maintenance import MaintenanceLease, sign_maintenance
from lovhub.protocol.views import MaintenanceView
from tests.agent.support.club_server import SERVER_TIME, ClubServer
from tests.agent.support.pc_agent import PcAgent

CLUB = Ed25519PrivateKey.generate()
MEMBER = Membership(7, "token", CLUB.public_key().public_bytes_raw())
NOW = ServerTime(told_at=SERVER_TIME, monotonic=100.0)
VIEW = MaintenanceView(3, "Тимур", "драйвер", 600)


def lease(key: Ed25519PrivateKey = CLUB, *, pc: int = 7, seconds: int = 600) -> SignedLease:
    return sign_maintenance(key, MaintenanceLease(3, pc, SERVER_TIME, SERVER_TIME + seconds))


def test_it_is_open_to_its_end_and_not_a_second_longer() -> None:
    upkeep = Upkeep()
    assert not upkeep.apply(VIEW, lease(), MEMBER, NOW)
    assert (shown := upkeep.now(160.0)) is not None
    assert (shown.who, shown.seconds_left) == ("Тимур", 540)
    assert upkeep.now(700.0) is None
    assert not upkeep.apply(None, None, MEMBER, NOW)
    assert upkeep.now(160.0) is None


@pytest.mark.parametrize(
    "signed",
    [
        lease(Ed25519PrivateKey.generate()),
        lease(pc=8),
        lease(seconds=0),
        sign_lease(CLUB, Lease(3, 7, 1, 600, SERVER_TIME, SERVER_TIME + 600)),
        SignedLease(payload=lease(seconds=9).payload, signature=lease().signature),
    ],
    ids=["a stranger's", "another PC's", "over", "a session's", "tampered with"],
)
def test_nothing_else_opens_it(signed: SignedLease) -> None:
    upkeep = Upkeep()
    upkeep.apply(VIEW, signed, MEMBER, NOW)
    assert upkeep.now(100.0) is None


def test_what_the_technician_has_ended_stays_ended_until_the_server_knows() -> None:
    upkeep = Upkeep()
    upkeep.apply(VIEW, lease(), MEMBER, NOW)
    upkeep.end()
    assert upkeep.now(101.0) is None
    assert upkeep.apply(VIEW, lease(), MEMBER, NOW), "told again, for it was not heard"
    assert upkeep.now(101.0) is None


def test_without_a_link_the_pc_locks_at_the_end_of_the_leave(
    club: ClubServer, tmp_path: Path
) -> None:
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("locked")
        signed = sign_maintenance(
            club.identity, MaintenanceLease(3, 7, SERVER_TIME, SERVER_TIME + 600)
        )
        club.send(channel.MaintenanceChanged(maintenance=VIEW, lease=signed))
        state = pc.wait_mode("maintenance")
        assert state.maintenance is not None
        assert (state.maintenance.who, state.maintenance.reason) == ("Тимур", "драйвер")
        club.wait_until(
            lambda: any(beat.lock == "unlocked" for beat in club.all(channel.Heartbeat))
        )
        club.kill()
        pc.clock.advance(300)
        pc.wait_until(lambda: any(clock.seconds_left <= 300 for clock in pc.heard(local.Clock)))
        assert pc.wait_mode("maintenance")
        pc.clock.advance(301)
        pc.wait_mode("locked")


def test_the_technician_ends_it_and_the_server_hears_of_it(
    club: ClubServer, tmp_path: Path
) -> None:
    signed = sign_maintenance(club.identity, MaintenanceLease(3, 7, SERVER_TIME, SERVER_TIME + 600))
    club.welcome = channel.Welcome(
        computer_name="ПК-1", club_name="Клуб", server_time=SERVER_TIME,
        maintenance=VIEW, maintenance_lease=signed,
    )  # fmt: skip
    with PcAgent(tmp_path / "pc", club.port) as pc:
        pc.wait_mode("maintenance")  # as after a restart of the PC
        pc.say(local.PlayerSignOut(request_id="done"))
        assert club.wait_for(questions.SignOut).request_id == "done"
        pc.wait_mode("locked")
