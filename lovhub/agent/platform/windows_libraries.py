"""Windows: where Steam and the Epic Games Launcher are, as the part of the registry says that administrators write.

What the player's part says is not asked: the agent reads as the system.
"""

import os
import sys
import winreg
from pathlib import Path

from lovhub.agent.libraries.reading import is_local
from lovhub.agent.libraries.scan import Places

assert sys.platform == "win32"  # noqa: S101 - tells the type checker which half to read

_STEAM = r"SOFTWARE\Valve\Steam"
_EPIC = r"SOFTWARE\Epic Games\EpicGamesLauncher"
_USUAL_STEAM = r"C:\Program Files (x86)\Steam"
_MANIFESTS = r"Epic\EpicGamesLauncher\Data"


def library_places() -> Places:
    """From the registry, and where they usually are."""
    programs = os.environ.get("PROGRAMDATA", r"C:\ProgramData")
    steam = [_told(_STEAM, "InstallPath"), _USUAL_STEAM]
    epic = [_told(_EPIC, "AppDataPath"), str(Path(programs, _MANIFESTS))]
    return Places(
        steam=[Path(folder) for folder in dict.fromkeys(steam) if is_local(folder)],
        epic=[Path(folder, "Manifests") for folder in dict.fromkeys(epic) if is_local(folder)],
    )


def _told(key: str, name: str) -> str:
    """A path from the part of the registry that 32-bit programs write, and only administrators may; "" for none."""
    try:
        with winreg.OpenKey(
            winreg.HKEY_LOCAL_MACHINE, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_32KEY
        ) as opened:
            value, _kind = winreg.QueryValueEx(opened, name)
    except OSError:
        return ""
    return str(value).rstrip("\\/") if isinstance(value, str) else ""
