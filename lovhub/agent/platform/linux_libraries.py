"""Linux: where Steam puts itself. Epic has no launcher there."""

import sys
from pathlib import Path

from lovhub.agent.libraries.scan import Places
from lovhub.agent.platform.profile import profile_folder

assert sys.platform != "win32"  # noqa: S101 - tells the type checker which half to read

_STEAM = (
    ".local/share/Steam",
    ".steam/steam",
    ".var/app/com.valvesoftware.Steam/.local/share/Steam",
)


def library_places() -> Places:
    """In the home of the person as whom the agent runs; of a service of the system's, everywhere in /home."""
    own = profile_folder()
    homes = [own] if own is not None else sorted(Path("/home").glob("*"))
    steam = {(home / place).resolve() for home in homes for place in _STEAM}
    return Places(steam=sorted(folder for folder in steam if folder.is_dir()))
