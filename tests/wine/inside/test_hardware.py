"""What a Windows PC tells of itself, as far as Wine has it."""

from lovhub.agent import hardware
from lovhub.agent.platform import cpu_name, disks, gpus, screens
from lovhub.agent.seat import OwnSeat


def test_a_windows_pc_tells_its_processor_memory_and_screen() -> None:
    told = hardware.read(OwnSeat())
    assert told.cpu == cpu_name() != ""
    assert told.memory_bytes > 2**28
    assert all(disk.size_bytes > 0 for disk in disks())
    assert all(name for name in gpus())
    assert all("x" in screen for screen in screens())
