"""Money and time that staff put on customers' accounts: on their own, or on one again and again. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SAME_ACCOUNT_TIMES = 4
SAME_ACCOUNT_SECONDS = 24 * 3600
"""A regular pays two or three times a day; the same person taking it each time, four times, is worth a look."""

FULL_NAME_WORDS = 2
"""A first name is shared by many; two words of a name hardly are."""


@dataclass(frozen=True)
class Colleague:
    """One of the staff: the name as it is compared, and the customer account that is known to be theirs."""

    person_id: int
    name_key: str
    customer_id: int | None = None
    phone: str = ""


@dataclass(frozen=True)
class Account:
    """A customer's account: the name as it is compared, and the phone ("" if none is known)."""

    customer_id: int
    name_key: str
    phone: str = ""


def is_full_name(name_key: str) -> bool:
    """Whether a name tells who somebody is."""
    return len(name_key.split()) >= FULL_NAME_WORDS


def owners(staff: Iterable[Colleague], accounts: Iterable[Account]) -> dict[int, int]:
    """Customer accounts that are somebody's of the staff, with whose.

    Those that are known to be, those with the phone of such a one, and those with the same full name.
    """
    by_account: dict[int, int] = {}
    by_phone: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for one in staff:
        if one.customer_id is not None:
            by_account[one.customer_id] = one.person_id
            if one.phone:
                by_phone[one.phone] = one.person_id
        if is_full_name(one.name_key):
            by_name[one.name_key] = one.person_id
    found = {}
    for account in accounts:
        person_id = by_account.get(account.customer_id)
        if person_id is None and account.phone:
            person_id = by_phone.get(account.phone)
        if person_id is None:
            person_id = by_name.get(account.name_key)
        if person_id is not None:
            found[account.customer_id] = person_id
    return found


class Favour(NamedTuple):
    """One of the staff put money or time on a customer's account, in the event `event_id`."""

    event_id: int
    at: int
    person_id: int
    customer_id: int


@dataclass(frozen=True)
class Burst:
    """The same person, the same account, `times` times; the last of them is `last`."""

    last: Favour
    times: int
    seconds: int


def bursts(favours: Iterable[Favour]) -> list[Burst]:
    """Where one person did it at least SAME_ACCOUNT_TIMES within SAME_ACCOUNT_SECONDS for one account.

    What belongs together is one line, however long it went on.
    """
    by_pair: defaultdict[tuple[int, int], list[Favour]] = defaultdict(list)
    for favour in favours:
        by_pair[favour.person_id, favour.customer_id].append(favour)
    found = []
    for of_pair in by_pair.values():
        of_pair.sort(key=lambda favour: (favour.at, favour.event_id))
        found.extend(_bursts_of_pair(of_pair))
    return found


def _bursts_of_pair(favours: Sequence[Favour]) -> list[Burst]:
    found: list[Burst] = []
    begin, end = 0, -1  # the burst under way: favours[begin : end + 1]
    for index in range(SAME_ACCOUNT_TIMES - 1, len(favours)):
        first = index - SAME_ACCOUNT_TIMES + 1
        if favours[index].at - favours[first].at > SAME_ACCOUNT_SECONDS:
            continue
        if first > end:
            if end >= 0:
                found.append(_burst(favours[begin : end + 1]))
            begin = first
        end = index
    if end >= 0:
        found.append(_burst(favours[begin : end + 1]))
    return found


def _burst(favours: Sequence[Favour]) -> Burst:
    return Burst(favours[-1], len(favours), favours[-1].at - favours[0].at)
