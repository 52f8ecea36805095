"""`lovhub keys`: started by the launcher, swallows the keys that lead out of the lock while it is told to.

Lines on standard input: `hold`, `release`; its end is the end of this process. On standard output: `holding` four times
a second, as long as the hook is in place and has shown that it works; `released` once it is gone. It loads nothing but
this: Windows waits for it at every key.
"""

import sys

HOLD, RELEASE = b"hold", b"release"
HOLDING, RELEASED = b"holding", b"released"


def main(_arguments: list[str]) -> int:
    """Returns the exit code."""
    if sys.platform == "win32":
        from lovhub.launcher.hook.windows import serve  # noqa: PLC0415

        exit_code = serve()
    else:
        exit_code = 2
    return exit_code
