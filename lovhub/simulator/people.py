"""Who works in the demonstration club, with random passwords made once and kept in the simulator's folder."""

import secrets
from pathlib import Path

import msgspec

from lovhub.agent.platform import write_private_file

OWNER_FILE = "owner.json"
STAFF_FILE = "staff.json"


class Person(msgspec.Struct, frozen=True):
    """How somebody signs in."""

    login: str
    password: str
    name: str = ""
    role: str = "owner"

    def __repr__(self) -> str:
        """Without the password: a repr ends up in logs."""
        return f"Person({self.login})"


CASHIER = "aigerim"
"""The one whose password the demonstration tells."""

STAFF = (
    ("gulnara", "Гульнара Ахметова", "manager"),
    (CASHIER, "Айгерим Сейтова", "cashier"),
    ("daniyar", "Данияр Омаров", "cashier"),
    ("sergey", "Сергей Ким", "technician"),
)
"""Login, name, role."""


def read_owner(folder: Path) -> Person | None:
    """The owner of this demonstration club; None where no demonstration was ever run."""
    try:
        return msgspec.json.decode((folder / OWNER_FILE).read_bytes(), type=Person)
    except FileNotFoundError:
        return None


def make_owner(folder: Path) -> Person:
    """Choose a password and write it down, readable by this user only, before it is used anywhere."""
    owner = Person(login="owner", password=secrets.token_urlsafe(9))
    write_private_file(folder / OWNER_FILE, msgspec.json.encode(owner))
    return owner


def read_staff(folder: Path) -> dict[str, Person]:
    """Those hired earlier, by login."""
    try:
        hired = msgspec.json.decode((folder / STAFF_FILE).read_bytes(), type=list[Person])
    except FileNotFoundError:
        return {}
    return {person.login: person for person in hired}


def write_staff(folder: Path, hired: dict[str, Person]) -> None:
    """Remember them, readable by this user only."""
    write_private_file(folder / STAFF_FILE, msgspec.json.encode(list(hired.values())))
