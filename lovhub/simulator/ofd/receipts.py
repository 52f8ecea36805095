"""What the operator that is none remembers: each document once, however often it comes. In memory only."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

NEEDED = frozenset({"key", "kind", "total_tiyn", "cash_tiyn", "card_tiyn", "kaspi_tiyn", "lines"})


@dataclass(frozen=True)
class Receipt:
    """A document that was taken, and how often it came."""

    number: str
    said: dict[str, Any]
    came: int = 1


class Answer(NamedTuple):
    """What goes back."""

    status: int
    said: dict[str, str]


class Receipts:
    """All receipts. Every method may be called from any thread."""

    def __init__(self, token: str, now: Callable[[], float] = time.time) -> None:
        self._token = token
        self._lock = threading.Lock()
        # Not from 1 at each start: the club remembers the numbers of the last time.
        self._numbers = itertools.count(int(now()) * 100)
        self._receipts: dict[str, Receipt] = {}
        self._waiting_moods: list[str] = []

    def knows(self, authorization: str) -> bool:
        """Whether it is the club that asks."""
        return bool(self._token) and authorization == f"Bearer {self._token}"

    def newest(self) -> list[Receipt]:
        """All of them, the newest first."""
        with self._lock:
            return list(reversed(self._receipts.values()))

    def spoil_next(self, mood: str) -> None:
        """The next document is refused (`refuse`), its answer lost (`lose`), or nobody is there (`away`)."""
        with self._lock:
            self._waiting_moods.append(mood)

    def take(self, said: dict[str, Any]) -> tuple[Answer, bool]:
        """Take a document; the answer, and whether it gets lost on its way."""
        with self._lock:
            mood = self._waiting_moods.pop(0) if self._waiting_moods else ""
            if mood == "away":
                return Answer(503, {}), False
            problem = "refused by hand" if mood == "refuse" else wrong(said)
            if problem:
                return Answer(422, {"problem": problem}), False
            key = str(said["key"])
            known = self._receipts.get(key)
            if known is None:
                receipt = Receipt(str(next(self._numbers)), said)
            else:
                receipt = Receipt(known.number, known.said, known.came + 1)
            self._receipts[key] = receipt
            return _of(receipt), mood == "lose"

    def find(self, key: str) -> Answer:
        """What became of a document."""
        with self._lock:
            receipt = self._receipts.get(key)
            return Answer(404, {}) if receipt is None else _of(receipt)


def wrong(said: dict[str, Any]) -> str:
    """What is wrong with a document; "" if nothing is."""
    if missing := NEEDED - said.keys():
        return f"missing: {', '.join(sorted(missing))}"
    if said["kind"] not in {"sale", "refund"}:
        return "kind"
    total = said["total_tiyn"]
    if said["cash_tiyn"] + said["card_tiyn"] + said["kaspi_tiyn"] != total:
        return "the ways of paying are not the total"
    if sum(line["price_tiyn"] * line["quantity"] for line in said["lines"]) != total:
        return "the lines are not the total"
    return ""


def _of(receipt: Receipt) -> Answer:
    number = receipt.number
    return Answer(200, {"fiscal_number": number, "check_url": f"https://ofd.invalid/{number}"})
