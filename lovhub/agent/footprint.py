"""What an installation changes on a PC beside its files: folders, the service, what the player's account loses."""

from collections.abc import Collection
from pathlib import Path

from lovhub.agent.journal import JOURNAL_FILE
from lovhub.agent.service_name import SERVICE_NAME
from lovhub.agent.shell import NAME as SHELL
from lovhub.agent.starter import NO_VERSIONS, SERVICE
from lovhub.agent.store import KEY_FILE, PC_FILE
from lovhub.agent.versions import FOLDER as VERSIONS_FOLDER
from lovhub.config_loader import FILE_NAME
from lovhub.installing.changes import (
    AnyChange,
    Folder,
    NoRemoteDesktop,
    SearchPort,
    Service,
    Taken,
    Value,
)
from lovhub.installing.machine import ADMINISTRATORS, DEFAULT_USER, SYSTEM, USERS

AGAIN_AFTER_SECONDS = 1

_SAFE_BOOTS = ("Minimal", "Network")
_SAFE_BOOT = r"SYSTEM\CurrentControlSet\Control\SafeBoot"
_POLICIES = r"Software\Microsoft\Windows\CurrentVersion\Policies"
_ACCESSIBILITY = r"Control Panel\Accessibility"
_RULES = r"Software\Policies\Microsoft\Windows"
_ALL_DRIVES = 0x3FFFFFF
OWN_FOLDER = "LoVHub"
_OURS = {ADMINISTRATORS: "(OI)(CI)F", SYSTEM: "(OI)(CI)F", USERS: "RX"}
"""Whoever made the folder above first could otherwise put another in the place of the PC's."""

_RIGHTS = {ADMINISTRATORS: "(OI)(CI)F", SYSTEM: "(OI)(CI)F"}
_IDENTITY = (PC_FILE, KEY_FILE, JOURNAL_FILE, f"{JOURNAL_FILE}-wal")
"""What makes the PC one of its own, and is kept where the player could write before."""

WITHOUT_HOTKEYS: tuple[tuple[str, str, str | int], ...] = (
    # The five shifts and their relatives: on as Windows has it, but without the key that calls them.
    (rf"{_ACCESSIBILITY}\StickyKeys", "Flags", "506"),
    (rf"{_ACCESSIBILITY}\Keyboard Response", "Flags", "122"),
    (rf"{_ACCESSIBILITY}\ToggleKeys", "Flags", "58"),
    (rf"{_ACCESSIBILITY}\MouseKeys", "Flags", "58"),
    (rf"{_ACCESSIBILITY}\HighContrast", "Flags", "122"),
)
"""For the player's account, and for the sign-in of Windows."""

FORBIDDEN: tuple[tuple[str, str, str | int], ...] = (
    (rf"{_POLICIES}\System", "DisableTaskMgr", 1),
    (rf"{_POLICIES}\System", "DisableLockWorkstation", 1),
    (rf"{_POLICIES}\System", "DisableChangePassword", 1),
    (rf"{_POLICIES}\System", "DisableRegistryTools", 1),
    (rf"{_POLICIES}\Explorer", "NoLogoff", 1),
    (rf"{_POLICIES}\Explorer", "NoRun", 1),
    (rf"{_POLICIES}\Explorer", "NoDrives", _ALL_DRIVES),  # not shown in windows and dialogs
    (rf"{_POLICIES}\Explorer", "DisableCurrentUserRun", 1),
    (rf"{_POLICIES}\Explorer", "DisableCurrentUserRunOnce", 1),
    (r"Software\Microsoft\GameBar", "UseNexusForGameBarEnabled", 0),  # a pad's Xbox button
    (rf"{_RULES}\EdgeUI", "AllowEdgeSwipe", 0),  # what a finger brings in from the screen's edge
    *WITHOUT_HOTKEYS,
)
"""What the player's account loses: Task Manager, lock and sign-out of Ctrl+Alt+Del, «Run», drives, the five shifts …"""

NO_STICKS: tuple[str, str, str | int] = (rf"{_RULES}\RemovableStorageDevices", "Deny_All", 1)
"""Sticks, telephones and memory cards as drives; unless the club allows them."""

FOR_EVERYBODY: tuple[tuple[str, str, str | int], ...] = (
    (rf"{_POLICIES}\System", "HideFastUserSwitching", 1),
)
"""What goes for the whole PC: nobody steps into another account beside the player's."""

ALLOWED = frozenset({"explorer", "rdp", "usb"})
"""What a club may leave to its players: Explorer as the shell, with desktop and taskbar; signing in from another
computer; removable storage."""


def changes(
    programs: Path,
    data: Path,
    account: str,
    lasting: str = "",
    allowed: Collection[str] = (),
) -> list[AnyChange]:
    """What an installation changes beside the files; `account` is the player's, "" for all that sign in.

    `allowed`: of `ALLOWED`.

    `lasting`: the folder for key and journal; one whose name is filled in at each PC's start is made by the agent.
    """
    folders = [str(data), *([lasting] if _is_fixed(lasting) else [])]
    others = [f"{name}?*" for name in _IDENTITY]
    return [
        *([Folder(str(data.parent), _OURS)] if data.parent.name == OWN_FOLDER else []),
        *(Folder(folder, _RIGHTS) for folder in folders),
        Taken(str(data), [*_IDENTITY, FILE_NAME], ["*"]),
        *(Taken(folder, list(_IDENTITY), [VERSIONS_FOLDER, *others]) for folder in folders[1:]),
        *(Value(key, name, value, DEFAULT_USER) for key, name, value in WITHOUT_HOTKEYS),
        *(_taken_from(account, programs, allowed) if account else []),
        Service(
            SERVICE_NAME,
            "LoVHub: игровой ПК",
            service_command(programs, data, account, lasting),
            "LocalSystem",
            again_after_seconds=AGAIN_AFTER_SECONDS,
            is_woken=True,
        ),
        SearchPort(f"{SERVICE_NAME} mDNS"),
        *(Value(rf"{_SAFE_BOOT}\{kind}\{SERVICE_NAME}", "", "Service") for kind in _SAFE_BOOTS),
    ]


def _taken_from(account: str, programs: Path, allowed: Collection[str]) -> list[AnyChange]:
    """What goes for the player's account, and for a PC that has one."""
    forbidden = [*FORBIDDEN, *([] if "usb" in allowed else [NO_STICKS])]
    if "explorer" not in allowed:
        starter = f'"{programs / "python" / "pythonw.exe"}" -X utf8 -m lovhub agent {SHELL}'
        forbidden.append((rf"{_POLICIES}\System", "Shell", starter))
    return [
        *(Value(key, name, value) for key, name, value in FOR_EVERYBODY),
        *(Value(key, name, value, account) for key, name, value in forbidden),
        *([] if "rdp" in allowed else [NoRemoteDesktop(account)]),
    ]


def service_command(programs: Path, data: Path, account: str, lasting: str) -> list[str]:
    """Versions lie with the key; where that folder has no fixed name, nobody has closed it, and there are none."""
    versions = str(data) if not lasting else lasting if _is_fixed(lasting) else NO_VERSIONS
    return [
        str(programs / "python" / "python.exe"),
        *("-X", "utf8", "-m", "lovhub.agent.windows_service"),
        *("--data", str(data), SERVICE, versions),
        *(("--only-account", account) if account else ()),
    ]


def _is_fixed(folder: str) -> bool:
    return bool(folder) and "%" not in folder
