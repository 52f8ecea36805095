"""What both platforms share: types and errors."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Called for each connection to the local endpoint."""


class FolderInUse(Exception):
    """Another agent works in this data folder."""


class Listener(Protocol):
    """A local endpoint being listened on."""

    def close(self) -> None:
        """Accept no more."""
        ...
