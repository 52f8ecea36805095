"""A provider that does what the test says, and what is asked of it."""

from collections.abc import Callable
from typing import TypeVar

from lovhub.server.context import ClubContext
from lovhub.server.payments import refunds, service
from lovhub.server.payments.models import Refund
from lovhub.server.payments.providers.contract import (
    Caps,
    Created,
    Event,
    NoProvider,
    PaymentProvider,
    Refunded,
    Wanted,
)
from lovhub.server.payments.settings import Payments
from tests.support.club import CASHIER, OWNER

T = TypeVar("T")


class Scripted(NoProvider):
    """A provider that does what the test says: an exception is raised, anything else is the answer."""

    name = "gateway"
    caps = Caps(create=True, poll=True, refund=True, cancel=True, callback=True)

    def __init__(self) -> None:
        self.on_create: Created | Exception = Created("42", "qr", "", 300, 5)
        self.on_fetch: Event | Exception = Event("pending", provider_ref="42")
        self.on_refund: Refunded | Exception = Refunded("done", "r1")
        self.created: list[Wanted] = []
        self.refunded: list[tuple[str, int, str]] = []
        self.fetched = 0

    def create(self, wanted: Wanted) -> Created:
        self.created.append(wanted)
        return _said(self.on_create)

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        self.fetched += 1
        return _said(self.on_fetch)

    def refund(self, provider_ref: str, amount_tiyn: int, key: str) -> Refunded:
        self.refunded.append((provider_ref, amount_tiyn, key))
        return _said(self.on_refund)

    def cancel(self, provider_ref: str) -> None:
        pass


class OneByOne(Scripted):
    """Each payment has its own number, and its own answer: "42", "43" and so on."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Event | Exception | Callable[[], Event]] = {}
        self.asked: list[str] = []

    def create(self, wanted: Wanted) -> Created:
        self.created.append(wanted)
        return Created(str(41 + len(self.created)), "qr", "", 300, 5)

    def fetch(self, provider_ref: str, merchant_ref: str) -> Event:
        self.asked.append(provider_ref)
        answer = self.answers.get(provider_ref, Event("pending", provider_ref=provider_ref))
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    def returned_tiyn(self, provider_ref: str) -> int | None:
        return 0


def _said(said: T | Exception) -> T:
    if isinstance(said, Exception):
        raise said
    return said


def at_work(bank: PaymentProvider) -> Payments:
    return Payments("gateway", bank, {"gateway": bank})


def ask(club: ClubContext, bank: PaymentProvider, customer_id: int, *, key: str = "k") -> int:
    return service.create_payment(
        club, bank, customer_id=customer_id, amount_tiyn=500_00, key=key, actor=CASHIER
    )


def paid(*, amount_tiyn: int | None = 500_00, ref: str = "42", **more: object) -> Event:
    return Event("paid", f"{ref}:paid", ref, amount_tiyn=amount_tiyn, **more)  # type: ignore[arg-type]


def give_back(
    club: ClubContext,
    bank: PaymentProvider | None,
    payment_id: int,
    amount_tiyn: int,
    key: str = "r",
) -> Refund:
    return refunds.refund(
        club,
        at_work(bank) if bank is not None else Payments(),
        payment_id=payment_id,
        amount_tiyn=amount_tiyn,
        reason="передумал",
        key=key,
        actor=OWNER,
    )
