"""At which PCs each customer is signed in: found without going through the hall."""

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lovhub.server.channel.connection import Connection


class Whereabouts:
    """Connections by customer; on the loop only."""

    def __init__(self) -> None:
        self._by_customer: defaultdict[int, set[Connection]] = defaultdict(set)

    def of(self, customer_id: int) -> list["Connection"]:
        """Where this customer is; an older connection of a PC is still among them until it is closed."""
        return list(self._by_customer.get(customer_id, ()))

    def customers(self) -> list[int]:
        """All of them."""
        return list(self._by_customer)

    def came(self, customer_id: int, connection: "Connection") -> None:
        """They are signed in there."""
        self._by_customer[customer_id].add(connection)

    def went(self, customer_id: int, connection: "Connection") -> None:
        """They are so no longer, or the connection is gone; may be said again."""
        there = self._by_customer.get(customer_id, set())
        there.discard(connection)
        if not there:
            self._by_customer.pop(customer_id, None)
