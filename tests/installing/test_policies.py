"""Which ways out of the lock the PC's installer closes to the player's account, bypass by bypass (docs/lock.md)."""

import pytest

from lovhub.agent.install import Installation
from lovhub.installing.machine import DEFAULT_USER
from tests.installing.fake_machine import FakeMachine

SYSTEM = r"Software\Microsoft\Windows\CurrentVersion\Policies\System"
EXPLORER = r"Software\Microsoft\Windows\CurrentVersion\Policies\Explorer"
WINDOWS = r"Software\Policies\Microsoft\Windows"
HOTKEYS = r"Control Panel\Accessibility"
EVERY_DRIVE = 2**26 - 1
HOTKEY_ACTIVE = 0x4
"""Of all these flags the one that says: a key, held or pressed often, switches it on, or asks whether to."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> FakeMachine:
    machine, folder = FakeMachine(), tmp_path_factory.mktemp("pc")
    (folder / "LoVHub").mkdir()
    Installation(machine, folder / "LoVHub", folder / "data").install(account="player")
    return machine


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        (SYSTEM, "DisableTaskMgr", 1),
        (SYSTEM, "DisableLockWorkstation", 1),
        (SYSTEM, "DisableChangePassword", 1),
        (SYSTEM, "DisableRegistryTools", 1),
        (EXPLORER, "NoLogoff", 1),
        (EXPLORER, "NoRun", 1),
        (EXPLORER, "NoDrives", EVERY_DRIVE),
        (EXPLORER, "DisableCurrentUserRun", 1),
        (EXPLORER, "DisableCurrentUserRunOnce", 1),
        (r"Software\Microsoft\GameBar", "UseNexusForGameBarEnabled", 0),
        (rf"{WINDOWS}\EdgeUI", "AllowEdgeSwipe", 0),
        (rf"{WINDOWS}\RemovableStorageDevices", "Deny_All", 1),
    ],
    ids=lambda value: str(value).rpartition("\\")[2],
)
def test_each_way_out_is_closed_to_the_players_account(
    machine: FakeMachine, key: str, name: str, value: int
) -> None:
    assert machine.values["player", key, name] == value
    others = {owner for owner, *place in machine.values if place == [key, name]}
    assert others == {"player"}


@pytest.mark.parametrize("account", ["player", DEFAULT_USER])
@pytest.mark.parametrize(
    "keys", ["StickyKeys", "Keyboard Response", "ToggleKeys", "MouseKeys", "HighContrast"]
)
def test_no_key_pressed_often_opens_a_window_in_a_session_or_at_the_sign_in(
    machine: FakeMachine, account: str, keys: str
) -> None:
    flags = machine.values[account, rf"{HOTKEYS}\{keys}", "Flags"]
    assert isinstance(flags, str)  # so Windows keeps it
    assert int(flags) & HOTKEY_ACTIVE == 0


def test_nobody_steps_into_another_account_beside_the_players(machine: FakeMachine) -> None:
    assert machine.values["", SYSTEM, "HideFastUserSwitching"] == 1
