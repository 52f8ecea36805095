"""The few things that an installation does to Windows. `windows.py` does them; the tests have a stand-in."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

Transport = Literal["TCP", "UDP"]
Sleep = Literal["standby", "hibernate"]

ADMINISTRATORS = "*S-1-5-32-544"
SYSTEM = "*S-1-5-18"
USERS = "*S-1-5-32-545"
DEFAULT_USER = ".DEFAULT"
"""Accounts by their numbers: their names are in the language of Windows. The last is the sign-in of Windows itself."""


class Before(NamedTuple):
    """What a value of the registry was: whether its key was there, and the value, None if there was none.

    `missing_keys`: how many keys, its own and those above, have to be made for it.
    """

    has_key: bool
    value: str | int | None
    missing_keys: int = 1


class InstallRefused(Exception):
    """Why it cannot be installed so; the text is one Russian sentence for the technician."""


class Machine(Protocol):
    """All of it raises OSError where Windows refuses."""

    def has_account(self, account: str) -> bool:
        """Whether the account is there and somebody has signed in to it once, so that it has a profile."""
        ...

    def make_folder(self, path: Path) -> None:
        """With those above it."""
        ...

    def remove_folder(self, path: Path) -> None:
        """With all that is in it, but nothing that it only points to; and LoVHub's above it, if that is left empty."""
        ...

    def allow_only(self, path: Path, rights: dict[str, str]) -> None:
        """Let only these accounts into the folder, each with a right as icacls writes it."""
        ...

    def take_over(self, path: Path, kept: Collection[str], removed: Collection[str]) -> None:
        """See `folders.take_over`."""
        ...

    def read_value(self, account: str, key: str, name: str) -> Before:
        """A value of the registry: of the machine, or of an account's own part if one is named."""
        ...

    def set_value(self, account: str, key: str, name: str, value: str | int) -> None:
        """Write it; the key is made if need be."""
        ...

    def put_back(self, account: str, key: str, name: str, before: Before) -> None:
        """Make it what it was."""
        ...

    def is_denied(self, account: str, right: str) -> bool:
        """Whether this very account may not sign in so; `right` as Windows names it."""
        ...

    def set_denied(self, account: str, right: str, *, denied: bool) -> None:
        """Deny it, or take the denial back."""
        ...

    def add_service(
        self,
        name: str,
        title: str,
        command: Sequence[str],
        account: str,
        *,
        again_after_seconds: int,
        is_woken: bool,
    ) -> None:
        """A service that starts with Windows and is started again when it dies; replaces one of that name.

        `is_woken`: whoever is signed in at this computer may start it, and no more.
        """
        ...

    def start_service(self, name: str) -> None:
        """Start it now."""
        ...

    def stop_service(self, name: str) -> None:
        """Stop it and wait for its end; content if there is none."""
        ...

    def remove_service(self, name: str) -> None:
        """Stop it, wait for its end, take it away; content if there is none."""
        ...

    def open_port(self, rule: str, port: int, protocol: Transport) -> None:
        """Let computers of the same network reach this port."""
        ...

    def close_port(self, rule: str) -> None:
        """Take the rule away."""
        ...

    def sleep_after(self, kind: Sleep) -> int:
        """After how many seconds the machine, on mains power, goes to sleep; 0 for never."""
        ...

    def set_sleep_after(self, kind: Sleep, seconds: int) -> None:
        """Set it; whole minutes."""
        ...

    def trust(self, certificate: Path) -> str:
        """Let this machine's browsers trust the certificate; returns its SHA-1 for `distrust`."""
        ...

    def distrust(self, thumbprint: str) -> None:
        """Take it out of those that are trusted."""
        ...

    def end_programs(self, folder: Path) -> None:
        """End what runs from this folder, but for this process and those that started it."""
        ...
