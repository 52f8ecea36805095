"""«Отойти»: a lock of the player's own, while time runs.

It is opened by what the player has signed in with here, or by digits of their own where nothing was typed (the desk has
seated them). Both are kept as a salted hash, in memory only: after a start of the agent nobody is away.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from lovhub.protocol.views import AnswerCode, CustomerView

FEWEST_DIGITS = 4
MOST_TRIES = 5
WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class _Secret:
    customer_id: int | None
    salt: bytes
    digest: bytes

    def is_of(self, customer: CustomerView | None) -> bool:
        return self.customer_id == (None if customer is None else customer.customer_id)


class Away:
    """Whether the player has gone, and what brings them back."""

    def __init__(self) -> None:
        self.gone = False
        self._typed: dict[str, str] = {}
        self._secret: _Secret | None = None
        self._tries = 0
        self._wait_until = 0.0

    def typed(self, request_id: str, secret: str) -> None:
        """Somebody signs in by this; whether rightly, the server will say."""
        self._typed = {request_id: secret}

    def answered(self, request_id: str, code: str, customer: CustomerView | None) -> None:
        """The server has said whether."""
        secret = self._typed.pop(request_id, None)
        if secret is not None and code == "ok":
            self._remember(secret, customer)

    def needs_digits(self, customer: CustomerView | None) -> bool:
        """Whether whoever plays here must choose digits to step away."""
        return self._secret is None or not self._secret.is_of(customer)

    def step_away(self, digits: str, customer: CustomerView | None) -> AnswerCode:
        """Lock."""
        if self.needs_digits(customer):
            if not digits:
                return "new_password_needed"
            if len(digits) < FEWEST_DIGITS:
                return "password_too_short"
            self._remember(digits, customer)
        self.gone = True
        return "ok"

    def come_back(self, secret: str, monotonic: float) -> AnswerCode:
        """Unlock, if it is the right one."""
        if not self.gone or self._secret is None:
            return "not_signed_in"
        if monotonic < self._wait_until:
            return "too_many_attempts"
        if hmac.compare_digest(_digest(secret, self._secret.salt), self._secret.digest):
            self.open()
            return "ok"
        self._tries += 1
        if self._tries >= MOST_TRIES:
            self._tries = 0
            self._wait_until = monotonic + WAIT_SECONDS
        return "wrong_credentials"

    def open(self) -> None:
        """Back: by themselves, or because the desk says so."""
        self.gone = False
        self._tries = 0

    def forget(self) -> None:
        """The session is over: the next player has nothing to do with it."""
        self.open()
        self._secret = None
        self._wait_until = 0.0

    def _remember(self, secret: str, customer: CustomerView | None) -> None:
        salt = secrets.token_bytes(16)
        customer_id = None if customer is None else customer.customer_id
        self._secret = _Secret(customer_id, salt, _digest(secret, salt))


def _digest(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**13, r=8, p=1)
