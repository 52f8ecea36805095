"""The volume of the whole PC, by percent: the agent sets it for the desk, and the launcher for the player.

Each raises OSError where the system says no, or has no sound. It may take a moment: not for an event loop.
"""

import sys

if sys.platform == "win32":
    from lovhub.volume.windows import level, set_level, set_muted
else:
    from lovhub.volume.linux import level, set_level, set_muted

__all__ = ["level", "set_level", "set_muted"]
