"""Whose PC this is: the folder of the person as whom this process runs."""

import sys
from pathlib import Path

if sys.platform == "win32":
    import pywintypes
    import win32api
    import win32profile
    import win32security

    def profile_folder() -> Path | None:
        """As Windows knows it, not as the environment says; None where this is the system itself, or nobody."""
        try:
            token = win32security.OpenProcessToken(
                win32api.GetCurrentProcess(), win32security.TOKEN_QUERY
            )
            user, _attributes = win32security.GetTokenInformation(token, win32security.TokenUser)
            if user == win32security.CreateWellKnownSid(win32security.WinLocalSystemSid, None):
                return None
            return Path(win32profile.GetUserProfileDirectory(token))
        except pywintypes.error:
            return None

else:
    import os
    import pwd

    def profile_folder() -> Path | None:
        """As the system knows it, not as the environment says; None for the administrator, or nobody."""
        user = os.getuid()
        if user == 0:
            return None
        try:
            return Path(pwd.getpwuid(user).pw_dir)
        except KeyError:
            return None
