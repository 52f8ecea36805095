"""The demonstration club's owner: a random password, made once, kept in the simulator's folder."""

import secrets
from pathlib import Path

import msgspec

from lovhub.agent.platform import write_private_file

OWNER_FILE = "owner.json"


class Owner(msgspec.Struct, frozen=True):
    """How the owner signs in."""

    login: str
    password: str

    def __repr__(self) -> str:
        """Without the password: a repr ends up in logs."""
        return f"Owner({self.login})"


def read_owner(folder: Path) -> Owner | None:
    """The owner of this demonstration club; None where no demonstration was ever run."""
    try:
        return msgspec.json.decode((folder / OWNER_FILE).read_bytes(), type=Owner)
    except FileNotFoundError:
        return None


def make_owner(folder: Path) -> Owner:
    """Choose a password and write it down, readable by this user only, before it is used anywhere."""
    owner = Owner(login="owner", password=secrets.token_urlsafe(9))
    write_private_file(folder / OWNER_FILE, msgspec.json.encode(owner))
    return owner
