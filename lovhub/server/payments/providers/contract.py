"""What a provider of payments must be able to say and do, whatever its wire looks like.

A provider knows its wire only: no database, no money of ours. What it reports goes to `settling.settle`, which
alone decides what is credited. A status that a provider does not know is `pending`, never `failed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

EventKind = Literal[
    "check", "paid", "failed", "expired", "cancelled", "refunded", "pending", "ignore"
]

OutcomeCode = Literal[
    "credited",  # the money is on the balance, by this event or by an earlier one
    "review",  # the money came, and a person must look before it is credited
    "noted",  # nothing to credit, and what was said is taken in
    "payable",  # the answer to a question before paying
    "unknown_account",  # nobody here may be paid for under this account
    "conflict",  # the same payment was told of before, with other figures
    "refused",  # a sandbox's event, or one that makes no sense
    "busy",  # not decided: ask again
]


@dataclass(frozen=True)
class RawRequest:
    """A request as it came: nothing in it is believed yet. `headers` have names in lower case."""

    method: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    peer_ip: str
    path_secret: str = ""


@dataclass(frozen=True)
class Caps:
    """What a provider can. `customer_initiated`: payments come without having been asked for.

    `at_desk_only`: the payer must stand at the desk. `tells_refunds`: says what has gone back, whoever gave it back.
    """

    create: bool = False
    link: bool = False
    poll: bool = False
    refund: bool = False
    cancel: bool = False
    callback: bool = False
    customer_initiated: bool = False
    by_hand: bool = False
    needs_phone: bool = False
    at_desk_only: bool = False
    tells_refunds: bool = False


@dataclass(frozen=True)
class Wanted:
    """A payment to ask the payer for. `merchant_ref` is ours, unique, and comes back in what the provider says."""

    merchant_ref: str
    amount_tiyn: int
    phone: str = ""
    as_link: bool = False


@dataclass(frozen=True)
class Created:
    """What the payer is to be shown. `lasts_seconds`: how long it may be paid, by the provider's own word."""

    provider_ref: str
    qr_payload: str = ""
    pay_url: str = ""
    lasts_seconds: int = 24 * 3600
    poll_after_seconds: int = 15


@dataclass(frozen=True)
class Event:
    """What a provider says has happened. `event_key` is unique for what it tells of, however often it is told.

    `refunded_tiyn`: how much of the payment has gone back in all; `gone_back_tiyn`: how much by this one refund, where
    the wire tells of each by itself. `amount_tiyn` None: the wire does not say, the
    amount is what was asked for.
    """

    kind: EventKind
    event_key: str = ""
    provider_ref: str = ""
    merchant_ref: str = ""
    amount_tiyn: int | None = None
    currency: str = "KZT"
    occurred_at: int | None = None
    sandbox: bool = False
    refunded_tiyn: int | None = None
    gone_back_tiyn: int | None = None
    detail: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of an event, as the provider is to be answered. `payment_id` is an integer of ours."""

    code: OutcomeCode
    payment_id: int | None = None
    club_name: str = ""
    payer_name: str = ""


@dataclass(frozen=True)
class Reply:
    """The answer on the wire, to the byte."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Refunded:
    """How a refund was taken: `done`, or `pending` until the provider says more."""

    state: Literal["done", "pending"]
    provider_ref: str = ""


class Unauthenticated(Exception):
    """The request is not the provider's. Why, only the log may know."""


class Unreadable(Exception):
    """The provider's own request makes no sense."""


class Rejected(Exception):
    """The provider said no; nothing was made. `code` is a refusal that `web/refusals.py` has words for."""

    def __init__(self, code: str = "payment_rejected", detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class OutcomeUnknown(Exception):
    """No answer, or none that can be read: it may have been done, or not."""


class PaymentProvider(Protocol):
    """A way for money to come in. Each method may be called from any thread; none touches the database."""

    name: str
    caps: Caps
    takes_sandbox: bool

    def create(self, wanted: Wanted) -> Created:
        """Ask the payer; raises Rejected, OutcomeUnknown."""
        ...

    def authenticate(self, request: RawRequest) -> None:
        """Raises Unauthenticated unless the request is surely the provider's."""
        ...

    def parse(self, request: RawRequest) -> Event:
        """What an authenticated request says; raises Unreadable."""
        ...

    def reply(self, event: Event, outcome: Outcome) -> Reply:
        """The wire's answer to an event."""
        ...

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        """Ask how a payment stands; raises OutcomeUnknown when there is no answer."""
        ...

    def returned_tiyn(self, provider_ref: str) -> int | None:
        """How much of a payment has gone back in all; None: the wire does not say. Raises OutcomeUnknown."""
        ...

    def cancel(self, provider_ref: str) -> None:
        """Take the question back from the payer; raises Rejected, OutcomeUnknown."""
        ...

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        """Give money back to where it came from; raises Rejected, OutcomeUnknown."""
        ...


class NoProvider:
    """What a provider cannot do, unless it says otherwise: a base to build on."""

    takes_sandbox = False

    def create(self, wanted: Wanted) -> Created:
        """See PaymentProvider."""
        raise Rejected("payment_not_offered")

    def authenticate(self, request: RawRequest) -> None:
        """See PaymentProvider."""
        raise Unauthenticated("takes no calls")

    def parse(self, request: RawRequest) -> Event:
        """See PaymentProvider."""
        raise Unreadable

    def reply(self, event: Event, outcome: Outcome) -> Reply:
        """See PaymentProvider."""
        return Reply(204, "text/plain", b"")

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        """See PaymentProvider."""
        raise OutcomeUnknown

    def returned_tiyn(self, provider_ref: str) -> int | None:
        """See PaymentProvider."""
        return None

    def cancel(self, provider_ref: str) -> None:
        """See PaymentProvider."""
        raise Rejected("payment_not_cancellable")

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        """See PaymentProvider."""
        raise Rejected("payment_not_refundable")
