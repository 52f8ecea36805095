"""What is sent to the owner, and what sending may come to."""

from dataclasses import dataclass
from typing import Protocol


class SendFailed(Exception):
    """A letter did not go. `code`: no_connection, certificate, sign_in, refused, settings_wrong, not_set_up."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WrongSetting(Exception):
    """The option in `config.ini` that cannot be used."""


@dataclass(frozen=True)
class Letter:
    """What is told. `number` is the same whenever it is sent again, so that a mail program shows it once."""

    subject: str
    text: str
    number: str
    at: int


class Way(Protocol):
    """A way to reach somebody."""

    def send(self, to: str, letter: Letter) -> None:
        """Send; raises SendFailed."""
        ...
