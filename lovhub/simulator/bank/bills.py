"""What the bank that is none remembers: bills, and the money that came and went. In memory only."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal["qr", "link", "invoice", "biller", "pos"]

SCAN_SECONDS = 120
CONFIRM_SECONDS = 30
POLL_SECONDS = 1
LATE_SECONDS = 10
"""«Pay late» pays so long after a bill's end."""


@dataclass
class Bill:
    """Something to pay. `status` is Kaspi's word for it; `pays_at`: somebody will pay it then."""

    id: int
    kind: Kind
    amount: Decimal
    external_id: str
    made_at: float
    status: str = "QrTokenCreated"
    pays_at: float | None = None
    paid_at: float | None = None
    returned: Decimal = Decimal(0)
    returns: list[tuple[float, Decimal]] = field(default_factory=list)

    @property
    def ends_at(self) -> float:
        """When the club is told that nobody can pay any more."""
        return self.made_at + SCAN_SECONDS + CONFIRM_SECONDS

    @property
    def token(self) -> str:
        """What the code holds."""
        return f"https://bank.invalid/pay/{self.id}"


class Bills:
    """All bills. Every method may be called from any thread."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._lock = threading.RLock()
        # Not from 1 at each start: the club remembers the numbers of the last time.
        self._numbers = itertools.count(int(now()) * 100)
        self._bills: dict[int, Bill] = {}
        self._lost = 0

    def make(self, kind: Kind, amount: Decimal, external_id: str) -> Bill:
        """A new bill that nobody has paid."""
        with self._lock:
            bill = Bill(next(self._numbers), kind, amount, external_id, self._now())
            self._bills[bill.id] = bill
            return bill

    def get(self, bill_id: int) -> Bill | None:
        """The bill as it stands now."""
        with self._lock:
            bill = self._bills.get(bill_id)
            if bill is not None and bill.pays_at is not None and bill.pays_at <= self._now():
                self._process(bill)
            return bill

    def named(self, external_id: str) -> list[Bill]:
        """The bills that the club calls so."""
        with self._lock:
            return [bill for bill in self._bills.values() if bill.external_id == external_id]

    def newest(self) -> list[Bill]:
        """All of them, the newest first."""
        with self._lock:
            for bill_id in list(self._bills):
                self.get(bill_id)
            return sorted(self._bills.values(), key=lambda bill: -bill.id)

    def pay(self, bill: Bill, *, late: bool = False) -> bool:
        """Pay a bill that waits; `late`: a while after its end. Whether it could be paid."""
        with self._lock:
            if bill.status not in {"QrTokenCreated", "Wait"}:
                return False
            if late:
                bill.status, bill.pays_at = "Wait", bill.ends_at + LATE_SECONDS
            else:
                self._process(bill)
            return True

    def cancel(self, bill: Bill) -> bool:
        """The payer says no."""
        with self._lock:
            if bill.status not in {"QrTokenCreated", "Wait"}:
                return False
            bill.status, bill.pays_at = "Error", None
            return True

    def give_back(self, bill: Bill, amount: Decimal) -> bool:
        """Give money back, never more than was paid."""
        with self._lock:
            if bill.status != "Processed" or not 0 < amount <= bill.amount - bill.returned:
                return False
            bill.returned += amount
            bill.returns.append((self._now(), amount))
            return True

    def lose_next_answer(self) -> None:
        """The next answer to the club is lost on the way."""
        with self._lock:
            self._lost += 1

    @property
    def answers_to_lose(self) -> int:
        """How many answers will be lost."""
        return self._lost

    def loses_this_answer(self) -> bool:
        """Whether this one is lost; asked once for each answer."""
        with self._lock:
            lost = self._lost > 0
            self._lost -= lost
            return lost

    def _process(self, bill: Bill) -> None:
        bill.status, bill.pays_at, bill.paid_at = "Processed", None, self._now()
