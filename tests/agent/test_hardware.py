"""What the agent tells of the PC it runs on, and what it leaves empty."""

from pathlib import Path

import pytest

from lovhub.agent import hardware, platform
from lovhub.agent.seat import OwnSeat
from lovhub.protocol import channel
from lovhub.protocol.views import DiskView
from tests.agent.support.club_server import ClubServer
from tests.agent.support.pc_agent import PcAgent


def test_this_pc_has_a_processor_memory_and_no_loopback() -> None:
    told = hardware.read(OwnSeat())
    assert told.cores > 0
    assert told.memory_bytes > 2**28
    assert not any("127.0.0.1" in card.addresses for card in told.networks)


def test_a_part_that_does_not_answer_is_left_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[str]:
        raise OSError("the driver is gone")

    monkeypatch.setattr(platform, "gpus", broken)
    monkeypatch.setattr(platform, "screens", lambda: ["1920x1080 144 Hz"])
    monkeypatch.setattr(hardware, "disks", lambda: [DiskView("B", 2), DiskView("A", 1)])
    told = hardware.read(OwnSeat())
    assert told.gpus == ()
    assert told.screens == ("1920x1080 144 Hz",)
    assert told.disks == (DiskView("A", 1), DiskView("B", 2))


def test_it_is_told_after_every_welcome(club: ClubServer, tmp_path: Path) -> None:
    with PcAgent(tmp_path / "pc", club.port):
        first = club.wait_for(channel.Hardware)
        assert first.memory_bytes > 0
        club.received.clear()
        club.kill()
        club.start()
        assert club.wait_for(channel.Hardware) == first
