"""An agent with nothing behind it, which tells the launcher that comes to be locked.

python -m bench.locking_agent SOCKET

A process of its own, as an agent is: beside whoever looks at the screen without a pause its word would come late.
"""

import sys
import time
from pathlib import Path

from tests.launcher.fake_agent import LOCKED, FakeAgent

LISTENS, TOLD = "listens", "has told"
"""What it prints, each once it is so."""

MOST_SECONDS = 600.0


def main(path: str) -> None:
    """Tell it once, and stay until ended."""
    agent = FakeAgent(Path(path))
    print(LISTENS)
    agent.accept()
    agent.say(LOCKED)
    print(TOLD)
    time.sleep(MOST_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1])
