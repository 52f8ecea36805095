"""Decisions about payments: units, payment numbers, who called, what an event means, when to ask again."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args
from zoneinfo import ZoneInfo

LARGEST_TIYN = 1_000_000_00
"""More than that is no top-up: a person looks first."""

CURRENCY = "KZT"

# --- asking at a PC -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Between what a player may ask for at the PC; whole tenge only."""

    smallest_tiyn: int
    largest_tiyn: int

    def allow(self, amount_tiyn: int) -> bool:
        """Whether this much may be asked for."""
        return self.smallest_tiyn <= amount_tiyn <= self.largest_tiyn and amount_tiyn % 100 == 0


USUAL_LIMITS = Limits(100_00, 100_000_00)

MOST_ASKED = 5
ASKED_WITHIN_SECONDS = 600
"""So often may one customer ask at PCs in so many seconds: each is a question to Kaspi."""

SHOWN_AT_PC: dict[str, str] = {
    "created": "asking",
    "pending": "waiting",
    "unknown": "unknown",
    "expired": "expired",
    "failed": "failed",
    "review": "review",
}
"""How a payment that was asked for at a PC is shown there. One that is paid is shown as money, a cancelled one not."""

# --- units --------------------------------------------------------------------------------------------

_MOST_DIGITS = 20
_PLAIN_NUMBER = re.compile(r"\d{1,12}(\.\d{1,8})?", re.ASCII)


def tiyn_of_tenge(text: str | Decimal | int) -> int:
    """«200.00» → 20000. Raises ValueError for what is no amount, or is none in whole tiyn."""
    if isinstance(text, bool) or not isinstance(text, str | Decimal | int):
        raise ValueError("no amount")  # noqa: TRY004 (a wrong value from a wire, whatever its type)
    if isinstance(text, Decimal) and abs(text.adjusted()) > _MOST_DIGITS:
        raise ValueError("no amount")  # written out, «1e999999999» is a gigabyte
    written = format(text, "f") if isinstance(text, Decimal) else str(text)
    if not _PLAIN_NUMBER.fullmatch(written):
        raise ValueError("no amount")
    try:
        tiyn = Decimal(written) * 100
    except InvalidOperation as error:
        raise ValueError("no amount") from error
    whole = int(tiyn)
    if whole != tiyn:
        raise ValueError("not in whole tiyn")
    return whole


def tenge_of_tiyn(amount_tiyn: int) -> str:
    """20000 → «200.00», as the wires write it."""
    tenge, hundredths = divmod(amount_tiyn, 100)
    return f"{tenge}.{hundredths:02}"


# --- payment numbers ----------------------------------------------------------------------------------

_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
"""Damm's table: the check digit finds every wrong digit and every two neighbours that changed places."""

_NUMBER_DIGITS = 6


def _damm(digits: str) -> int:
    check = 0
    for digit in digits:
        check = int(_DAMM[check][int(digit)])
    return check


def payment_number(customer_id: int) -> str:
    """The customer's own number for paying, for ever: their id and a check digit, 7 digits or more."""
    digits = f"{customer_id:0{_NUMBER_DIGITS}}"
    return f"{digits}{_damm(digits)}"


def customer_of_number(number: str) -> int | None:
    """Whose number it is; None for one that nobody can have, such as one with a slip in it."""
    if not re.fullmatch(r"\d{7,19}", number, re.ASCII) or _damm(number):
        return None
    customer_id = int(number[:-1])
    return customer_id if payment_number(customer_id) == number else None


def masked(name: str) -> str:
    """«Ерлан» → «Ер***н»: whoever guesses a number learns no name."""
    words = "".join(filter(str.isprintable, name)).split()
    first = words[0] if words else ""
    if len(first) < 4:
        return f"{first[:1]}***"
    return f"{first[:2]}***{first[-1]}"


# --- who called ---------------------------------------------------------------------------------------

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str, *, strict: bool = True) -> tuple[Network, ...]:
    """«194.187.247.152, 10.0.0.0/8» as networks; raises ValueError naming what is none.

    `strict`: «10.0.0.7/8» is none.
    """
    parts = [part for part in re.split(r"[,;\s]+", text) if part]
    return tuple(ipaddress.ip_network(part, strict=strict) for part in parts)


def is_among(address: str, allowed: Sequence[Network]) -> bool:
    """Whether the address belongs to one of them; what is no address belongs nowhere."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped  # a socket for both protocols shows IPv4 like that
    return any(found in network for network in allowed if network.version == found.version)


def caller_address(peer_ip: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """Who really called. A header is believed only from a named proxy, and read from its right end.

    What stands further left was written by whoever called: it may say anything.
    """
    address = peer_ip
    for claimed in reversed([part.strip() for part in forwarded_for.split(",")]):
        if not claimed or not is_among(address, proxies):
            break
        address = claimed
    return address


# --- at the desk --------------------------------------------------------------------------------------

AtDesk = Literal["nothing", "number", "number_of_guests", "code"]


def at_desk(mode: str) -> AtDesk:
    """What a person at the desk must show for money that they say came by Kaspi.

    `number`: of Kaspi's operation, once in the club; `number_of_guests`: likewise, but customers pay by themselves;
    `code`: nothing, since Kaspi itself is asked and confirms it.
    """
    found: dict[str, AtDesk] = {"off": "nothing", "manual": "number", "biller": "number_of_guests"}
    return found.get(mode, "code")


# --- what an event means ------------------------------------------------------------------------------

State = Literal[
    "created", "unknown", "pending", "expired", "cancelled", "failed", "review",
    "paid", "partly_refunded", "refunded",
]  # fmt: skip

STATES: frozenset[State] = frozenset(get_args(State))

OPEN_STATES = frozenset({"created", "unknown", "pending"})
LOST_STATES = frozenset({"expired", "cancelled", "failed"})
PAID_STATES = frozenset({"paid", "partly_refunded", "refunded"})
"""In these the money has been credited, once and for all."""


@dataclass(frozen=True)
class Told:
    """What an event says that matters for the money."""

    kind: str
    amount_tiyn: int | None = None
    currency: str = CURRENCY
    sandbox: bool = False


@dataclass(frozen=True)
class Decision:
    """What follows. `state` None: the payment stays as it is. `alarm`: what a person must look at."""

    action: Literal["credit", "review", "move", "nothing", "refuse"]
    state: State | None = None
    alarm: str = ""
    late: bool = False


_NOTHING = Decision("nothing")


def decide(
    state: State, amount_tiyn: int, told: Told, *, takes_sandbox: bool, payer_is_there: bool = True
) -> Decision:
    """What an event means for a payment of `amount_tiyn` that stands at `state`.

    Money that was really paid is never lost: it is credited, however late, or kept for a person to look at.
    It is credited once: nothing that comes afterwards credits it again. Without any doubt, and only then, is a
    payment failed.
    """
    if told.sandbox and not takes_sandbox:
        return Decision("refuse", alarm="payment_sandbox")
    if told.kind == "paid":
        return _paid(state, amount_tiyn, told, payer_is_there=payer_is_there)
    if told.kind == "refunded" and state not in PAID_STATES:
        # It was paid and went back without our hearing of it, in part or all: nobody can tell from here.
        return Decision("nothing", alarm="payment_review")
    if told.kind == "pending" and state in {"created", "unknown"}:
        return Decision("move", "pending")
    if told.kind in LOST_STATES and state in OPEN_STATES:
        return Decision("move", told.kind)  # type: ignore[arg-type]  # LOST_STATES are states
    return _NOTHING


def _paid(state: State, amount_tiyn: int, told: Told, *, payer_is_there: bool) -> Decision:
    right = told.amount_tiyn in {None, amount_tiyn} and told.currency == CURRENCY
    if state in PAID_STATES or state == "review":
        return _NOTHING if right else Decision("nothing", alarm="payment_conflict")
    if not right or not payer_is_there or not 0 < amount_tiyn <= LARGEST_TIYN:
        return Decision("review", "review", alarm="payment_review")
    return Decision("credit", "paid", late=state in LOST_STATES)


# --- refunds ------------------------------------------------------------------------------------------


def refund_problem(
    state: str, *, paid_tiyn: int, given_back_tiyn: int, amount_tiyn: int, balance_tiyn: int
) -> str:
    """Why this much cannot be given back; "" if it can. What has been spent stays with the club."""
    if state not in {"paid", "partly_refunded"}:
        return "payment_not_paid"
    if not 0 < amount_tiyn <= paid_tiyn - given_back_tiyn:
        return "refund_out_of_range"
    if amount_tiyn > balance_tiyn:
        return "refund_spent"
    return ""


# --- when to ask again --------------------------------------------------------------------------------

GRACE_SECONDS = 3 * 24 * 3600
"""A payment that nobody has confirmed is asked about for so long after its end: late money is money."""


def next_poll_after(now: int, *, expires_at: int, poll_after_seconds: int) -> int | None:
    """In how many seconds to ask again; None: never again."""
    over = now - expires_at
    if over < 0:
        return max(1, poll_after_seconds)
    if over < 15 * 60:
        return max(15, poll_after_seconds)
    if over < GRACE_SECONDS:
        return max(15 * 60, poll_after_seconds)
    return None


LONGEST_SILENCE_SECONDS = 60
"""A payment about which nobody answers is asked about this rarely, and no more rarely: its payer may be waiting."""


def rest_after_silence(times: int) -> int:
    """How many seconds to wait after no answer, so many times in a row: 5, then twice as long each time."""
    return min(LONGEST_SILENCE_SECONDS, 5 << min(times - 1, 10))


BANK_ZONE = ZoneInfo("Asia/Almaty")
"""Times of the bank's carry no zone: they are its own."""
DAY_SECONDS = 24 * 3600
LONGEST_OUTAGE_SECONDS = 180 * DAY_SECONDS
"""So late a bank may still tell of money, and be believed about its day."""
KEPT_DAY_AHEAD_SECONDS = 5 * 3600
NIGHT_SECONDS = 3600
"""So long after the bank's midnight its day is taken to be over there, too."""
ASKED_AGAIN_AFTER_SECONDS = 3600
"""Where there is no answer at night."""


def bank_day(at: int) -> date:
    """The bank's day in which that second lies."""
    return datetime.fromtimestamp(at, BANK_ZONE).date()


def bank_day_over_at(day: date) -> int:
    """The bank's midnight at the end of that day."""
    tomorrow = day + timedelta(days=1)
    return int(datetime.combine(tomorrow, time(), BANK_ZONE).timestamp())


def kept_day(at: int) -> int:
    """When the day began by which the comparison keeps its sums: from midnight at UTC+5 to the next, whatever the year.

    Those are the bank's days since 2024. The database's triggers reckon the same (`database/triggers.py`).
    """
    return (at + KEPT_DAY_AHEAD_SECONDS) // DAY_SECONDS * DAY_SECONDS - KEPT_DAY_AHEAD_SECONDS


def came_at(told: int | None, now: int) -> int:
    """When money came: by the bank's word, unless its clock (or ours) is wrong by more than a day or some months.

    Money that no day's comparison would ever show is lost to whoever compares.
    """
    if told is None or not -DAY_SECONDS <= now - told <= LONGEST_OUTAGE_SECONDS:
        return now
    return told


def asked_again_at(now: int) -> int:
    """When the provider is asked once more about what came, or went back, now: as soon as the bank's day is over."""
    return bank_day_over_at(bank_day(now)) + NIGHT_SECONDS


def told_by_provider(
    came_tiyn: int, returned_tiyn: int | None, ours: Sequence[int]
) -> tuple[list[int], int]:
    """What a provider says of a payment, as lines beside ours: so much came; then each of our refunds that it knows.

    `ours`: our refunds, the oldest first. At the end: what has gone back besides, of which we know nothing.
    """
    left, found = returned_tiyn or 0, [came_tiyn]
    for amount_tiyn in ours:
        if amount_tiyn > left:
            break
        left -= amount_tiyn
        found.append(-amount_tiyn)
    return found, left


def is_operation(number: str) -> bool:
    """Whether it can be the number of an operation, as Kaspi's receipts show it."""
    return re.fullmatch(r"[A-Z0-9-]{4,40}", number, re.ASCII) is not None
