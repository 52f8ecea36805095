"""The kernel's joystick devices, as they are read: the devices here are pipes that a test writes to."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.launcher.gamepad.mapping import PadState
from lovhub.launcher.platform.linux_pads import LinuxPads

NOTHING = PadState()


class Device:
    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._handle = os.open(path, os.O_RDWR)

    def says(self, *events: tuple[int, int, int]) -> None:
        """Each: kind, number, value."""
        for kind, number, value in events:
            os.write(self._handle, struct.pack("IhBB", 0, value, kind, number))

    def is_pulled_out(self) -> None:
        os.close(self._handle)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    device = Device(tmp_path / "js0")
    yield device
    device.is_pulled_out()


def test_buttons_cross_and_stick_are_read_and_kept(tmp_path: Path, device: Device) -> None:
    pads = LinuxPads(tmp_path)
    assert pads.states() == {}
    pads.look()
    pads.look()
    assert pads.states() == {"js0": NOTHING}
    device.says(
        (0x81, 0, 0), (0x82, 1, -32767), (1, 0, 1), (1, 5, 1), (1, 9, 1), (2, 6, 32767), (2, 2, 99)
    )
    told = {"js0": PadState(frozenset({"a", "right_shoulder", "right"}), 0.0, -1.0)}
    assert pads.states() == told
    assert pads.states() == told
    device.says((1, 0, 0), (1, 5, 0), (2, 6, 0), (2, 7, -32767), (2, 1, 0))
    assert pads.states() == {"js0": PadState(frozenset({"up"}))}
    pads.let_go()
    assert pads.states() == {}


def test_one_that_is_pulled_out_is_gone_and_may_come_back(tmp_path: Path) -> None:
    pads = LinuxPads(tmp_path)
    device = Device(tmp_path / "js3")
    pads.look()
    device.says((1, 1, 1))
    assert pads.states() == {"js3": PadState(frozenset({"b"}))}
    device.is_pulled_out()
    assert pads.states() == {}
    (tmp_path / "js3").unlink()
    (tmp_path / "js4").symlink_to("nowhere")
    pads.look()
    assert pads.states() == {}
