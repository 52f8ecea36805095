"""`lovhub agent` as it is, but for the launcher: in its place it starts the stand-in.

`agent_with_stand_in.py FOLDER WORDS`: FOLDER is the stand-in's, WORDS are those of `lovhub agent`.
"""

import sys
from unittest.mock import patch

from lovhub.agent import command
from tests.agent.support import stand_in_launcher


def main(folder: str, words: list[str]) -> int:
    """See `lovhub agent`."""

    def stand_in(endpoint: str) -> list[str]:
        return [sys.executable, stand_in_launcher.__file__, endpoint, folder]

    with patch.object(command, "launcher_command", stand_in):
        return command.main(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
