"""What an operator of fiscal data must be able to do, whatever its wire looks like.

An operator knows its wire only: no database, no money of ours. A document is sent at least once, always under its
own key: an operator's adapter must see to it that the second of the same key is the first again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lovhub.server.fiscal.rules import Kind


@dataclass(frozen=True)
class Line:
    """One thing on the receipt. Its sum is price × quantity."""

    title: str
    quantity: int
    price_tiyn: int


@dataclass(frozen=True)
class Document:
    """A receipt as the operator is told of it. `original_key`: of a refund, what it takes back, if that is known."""

    key: str
    kind: Kind
    number: int
    made_at: int
    lines: Sequence[Line]
    cash_tiyn: int
    card_tiyn: int
    kaspi_tiyn: int
    total_tiyn: int
    vat_percent: int | None
    vat_tiyn: int
    original_key: str = ""


@dataclass(frozen=True)
class Registered:
    """The operator has the document: its number there, and where anybody may check it."""

    fiscal_number: str
    check_url: str = ""


class Refused(Exception):
    """The operator says that the document itself is wrong, and has not taken it."""


class Unknown(Exception):
    """No answer, or none that can be read: the document may have arrived, or not."""


class FiscalProvider(Protocol):
    """An operator. Each method may be called from any thread; none touches the database."""

    name: str

    def send(self, document: Document) -> Registered:
        """Register it; of a key that is known, the first answer again. Raises Refused, Unknown."""
        ...

    def find(self, key: str) -> Registered | None:
        """What became of a document that may have arrived; None: it surely has not. Raises Unknown."""
        ...
