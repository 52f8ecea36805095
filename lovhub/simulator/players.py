"""The players of a virtual club: customers whose passwords the simulator knows, kept in its folder.

Their passwords are random, since the club they are added to may be a real one.
"""

import secrets
from pathlib import Path

import msgspec

from lovhub.agent.platform import write_private_file

PLAYERS_FILE = "players.json"

GIVEN_NAMES = (
    "Айдар", "Алихан", "Арман", "Асель", "Бауыржан", "Виктор", "Дана", "Данияр", "Диас", "Ерасыл",
    "Ерлан", "Жанибек", "Иван", "Ильяс", "Камила", "Кирилл", "Мадина", "Максим", "Нурлан", "Олжас",
    "Руслан", "Санжар", "Тимур", "Юлия",
)  # fmt: skip
FAMILY_INITIALS = "АБДЖИКМНОСТЦ"

BIRTH_DATE = "1999-09-09"
"""Everybody's."""

_OF_PHONES = 5
"""Every so manieth player signs in with the phone number."""


class Player(msgspec.Struct, frozen=True):
    """A customer of the club, as the simulator knows him. `customer_id` is 0 until the desk has added him.

    All are adults, and play at night once the desk has confirmed that (`age_confirmed`). `by_phone`: signs in by the
    number, not the login.
    """

    login: str
    name: str
    password: str
    customer_id: int = 0
    phone: str = ""
    age_confirmed: bool = False
    by_phone: bool = False

    @property
    def typed(self) -> str:
        """What they type to sign in, beside the password."""
        return self.phone if self.by_phone else self.login

    def __repr__(self) -> str:
        """Without the password: a repr ends up in logs."""
        return f"Player({self.login})"


def new_player(number: int) -> Player:
    """The player with this number (from 1): always the same name, never the same password."""
    round_number, place = divmod(number - 1, len(GIVEN_NAMES))
    given = GIVEN_NAMES[place * 7 % len(GIVEN_NAMES)]
    initial = FAMILY_INITIALS[(place * 5 + round_number) % len(FAMILY_INITIALS)]
    phone = f"+7700{number * 7919 % 10**7:07}"
    return Player(
        login=f"player{number}",
        name=f"{given} {initial}.",
        password=secrets.token_urlsafe(9),
        phone=phone,
        by_phone=number % _OF_PHONES == 0,
    )


def read_players(folder: Path) -> list[Player]:
    """Those added earlier, in order; none if the club is new."""
    try:
        return msgspec.json.decode((folder / PLAYERS_FILE).read_bytes(), type=list[Player])
    except FileNotFoundError:
        return []


def write_players(folder: Path, players: list[Player]) -> None:
    """Remember them, readable by this user only."""
    write_private_file(folder / PLAYERS_FILE, msgspec.json.encode(players))
