"""What the channel client (`client.py`) wants to be told, and what it tells whoever owns it."""

from collections.abc import Sequence
from typing import Protocol

from lovhub.agent.search import ServerFound
from lovhub.agent.settings import Address
from lovhub.agent.store import Membership
from lovhub.protocol.channel import Heartbeat, Hello, ServerFrame


class ChannelHandler(Protocol):
    """What the owner of a client does with it. Called in the event loop; must not block."""

    def looking(self, address: Address | None, to_choose: Sequence[ServerFound]) -> None:
        """The server is asked at this address now, None: it is not known where; a person may have to choose."""
        ...

    def hello(self, membership: Membership) -> Hello:
        """The first frame of a paired PC."""
        ...

    def heartbeat(self, seq: int) -> Heartbeat:
        """The heartbeat of this moment."""
        ...

    def server_frame(self, frame: ServerFrame) -> None:
        """A frame for the PC; `Welcome` is the first, and from then on `send` works."""
        ...

    def link_lost(self) -> None:
        """The link that `Welcome` opened is gone."""
        ...

    def pairing_code(self, code: str) -> None:
        """Show this code; "" when there is none to show any more."""
        ...

    def false_server(self, detail: str) -> None:
        """Somebody else answers at the server's address."""
        ...

    def unknown_computer(self) -> None:
        """The server does not know this PC any more; it will be paired anew."""
        ...
