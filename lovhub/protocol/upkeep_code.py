"""By what a technician opens a locked PC without a link: a number that the lock shows, and a code that answers it.

The server knows a key for each PC and each person who may open it, and gives a PC the keys that are for itself. The
person reads the PC's number to the server and gets the code: an HMAC with their key over the PC, the number, the
minutes and when it was made. So a code is one person's, for one PC, for one number that opens once; and the PC checks
it alone.

What is typed is digits only: one for the minutes, two for when it was made, nine of the HMAC.
"""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

import msgspec

KEY_BYTES = 32
GENERATIONS = 100
"""How many generations of keys a number tells apart."""

_GENERATION_DIGITS = 2
_RANDOM_DIGITS = 6
NUMBER_DIGITS = _GENERATION_DIGITS + _RANDOM_DIGITS + 1
CODE_DIGITS = 12
_MAC_DIGITS = 9
MINUTES_UNIT = 15
MOST_UNITS = 8
"""A code opens for 15 to 120 minutes."""

STEP_SECONDS = 300
_STEPS = 100
LATE_STEPS = 2
"""A code works from the step before the one in which it was made (clocks differ) to the second after it."""

_CONTEXT = b"lovhub maintenance code v1\n"


class PersonKey(msgspec.Struct, frozen=True):
    """The key by which one PC knows the codes of one member of the staff."""

    person_id: int
    name: str
    key: bytes

    def __repr__(self) -> str:
        """Without the key: a repr ends up in logs."""
        return f"PersonKey(person_id={self.person_id})"


class UpkeepKeys(msgspec.Struct, frozen=True):
    """Whose codes open this PC. `generation` counts up whenever somebody has lost the right."""

    generation: int = 0
    people: tuple[PersonKey, ...] = ()


@dataclass(frozen=True)
class Said:
    """What a right code says: whose it is, and for how many minutes."""

    person: PersonKey
    minutes: int


def new_number(generation: int, used: Collection[str] = ()) -> str:
    """A number for the lock, none of those `used`. Its last digit finds a slip of one digit, or of two neighbours."""
    while True:
        random_part = secrets.randbelow(10**_RANDOM_DIGITS)
        body = f"{generation % GENERATIONS:02d}{random_part:0{_RANDOM_DIGITS}d}"
        number = body + _check_digit(body)
        if number not in used:
            return number


def is_number(text: str) -> bool:
    """Whether some lock could show this."""
    return _is_digits(text, NUMBER_DIGITS) and _check_digit(text[:-1]) == text[-1]


def generation_of(number: str, newest: int) -> int | None:
    """The generation of keys that the PC with this number has: the newest that fits, or None if none does."""
    generation = newest - (newest - int(number[:_GENERATION_DIGITS])) % GENERATIONS
    return generation if generation >= 0 else None


def make_code(key: bytes, *, computer_id: int, number: str, minutes: int, now: int) -> str:
    """The code that opens the PC with this number. ValueError for minutes that no code can say."""
    units, rest = divmod(minutes, MINUTES_UNIT)
    if rest or not 1 <= units <= MOST_UNITS:
        raise ValueError(f"no code says {minutes} minutes")
    said = f"{units}{now // STEP_SECONDS % _STEPS:02d}"
    return said + _mac(key, computer_id, number, said)


def read_code(
    typed: str,
    people: Collection[PersonKey],
    *,
    computer_id: int,
    numbers: Collection[str],
    now: int | None,
) -> tuple[Said, str] | None:
    """What was typed says, and which of the `numbers` it answers; None: it opens nothing.

    `now`: the server's time, None where this PC has not been told it: a number lives no longer than the lock lets it.
    """
    code = digits_of(typed)
    if not _is_digits(code, CODE_DIGITS) or not "1" <= code[0] <= str(MOST_UNITS):
        return None
    said, mac = code[:-_MAC_DIGITS], code[-_MAC_DIGITS:]
    found: tuple[Said, str] | None = None
    for person in people:
        for number in numbers:
            if hmac.compare_digest(_mac(person.key, computer_id, number, said), mac):
                found = Said(person, int(said[0]) * MINUTES_UNIT), number
    if now is not None and not _is_fresh(int(said[1:]), now):
        return None
    return found


def digits_of(typed: str) -> str:
    """What was typed, without the spaces and dashes that people put between."""
    return "".join(typed.replace("-", " ").split())


def grouped(digits: str, size: int) -> str:
    """Such as «123 456 789»: as it is shown and read out."""
    return " ".join(digits[at : at + size] for at in range(0, len(digits), size))


def _is_fresh(made_in: int, now: int) -> bool:
    late = (now // STEP_SECONDS - made_in) % _STEPS
    return late <= LATE_STEPS or late == _STEPS - 1


def _mac(key: bytes, computer_id: int, number: str, said: str) -> str:
    message = _CONTEXT + f"{computer_id}|{number}|{said}".encode()
    digest = hmac.digest(key, message, sha256)
    return f"{int.from_bytes(digest) % 10**_MAC_DIGITS:0{_MAC_DIGITS}d}"


def _is_digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdecimal()


_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
"""Damm's table (2004)."""


def _check_digit(digits: str) -> str:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)
