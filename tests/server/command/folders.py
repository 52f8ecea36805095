"""Data folders of a server, for tests that start one: what the old guide says, and what lies in them."""

from pathlib import Path

GUIDE = """\
[Admin]
AdminUsername = Айгуль
AdminPassword = п%а#р;оль

[Flask]
SecretKey = 0123456789abcdef0123456789abcdef
"""


def contents(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    # The database's two helpers come and go with every reader.
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }
