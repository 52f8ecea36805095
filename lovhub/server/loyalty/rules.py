"""Discounts, bonuses and promo codes, as values in and values out. Amounts in tiyn; a bonus is counted like money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from lovhub.server.search_key import search_key

WHOLE_UNIT_TIYN = 100
"""Discounted prices and bonuses for top-ups are whole tenge."""
ALL_PERCENT = 100

LONGEST_NAME = 40
LARGEST_BONUS_TIYN = 1_000_000_00
LONGEST_TIME_SECONDS = 31 * 24 * 3600
MOST_STEPS = 10
MOST_CODES = 1_000
LARGEST_USES = 1_000_000

SHORTEST_CODE = 4
LONGEST_CODE = 20
MADE_CODE_LENGTH = 8
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""What codes are made of: nothing that is mistaken for something else on paper."""

PromoKind = Literal["bonus", "time"]


def discounted_tiyn(price_tiyn: int, percent: int) -> int:
    """The price less the discount, rounded down to a whole tenge; without a discount it stays as it is."""
    if percent == 0:
        return price_tiyn
    return price_tiyn * (ALL_PERCENT - percent) // (ALL_PERCENT * WHOLE_UNIT_TIYN) * WHOLE_UNIT_TIYN


@dataclass(frozen=True)
class Step:
    """From this amount on, a top-up brings so many percent of it as a bonus."""

    from_tiyn: int
    percent: int


@dataclass(frozen=True)
class BonusTerms:
    """How the owner has set bonuses. `share_percent`: of a price, so much may be paid with them at most.

    `per_shift_tiyn`: so much may a cashier give in a shift; 0: as much as they like.
    """

    is_on: bool = False
    share_percent: int = ALL_PERCENT
    per_shift_tiyn: int = 1_000_00
    steps: tuple[Step, ...] = ()

    def for_top_up(self, amount_tiyn: int) -> int:
        """The bonus for a top-up: the percent of the highest step reached, of all of it, in whole tenge."""
        if not self.is_on:
            return 0
        reached = [step for step in self.steps if step.from_tiyn <= amount_tiyn]
        if not reached:
            return 0
        percent = max(reached, key=lambda step: step.from_tiyn).percent
        return amount_tiyn * percent // (ALL_PERCENT * WHOLE_UNIT_TIYN) * WHOLE_UNIT_TIYN


def part_of_price(price_tiyn: int, *, has_tiyn: int, share_percent: int) -> int:
    """How much of a price is paid with bonuses: all there are, up to the share."""
    return min(has_tiyn, price_tiyn * share_percent // ALL_PERCENT)


def due_back(bonus_tiyn: int, *, paid_tiyn: int, back_tiyn: int) -> int:
    """What must have gone back of a top-up's bonus when so much of the top-up has, in all."""
    return bonus_tiyn - bonus_tiyn * (paid_tiyn - back_tiyn) // paid_tiyn


@dataclass(frozen=True)
class ToppedUp:
    """A top-up of which some is to be given back, and what has been already: of the money, and for the bonus."""

    paid_tiyn: int
    bonus_tiyn: int
    back_tiyn: int = 0
    bonus_back_tiyn: int = 0

    def due(self, amount_tiyn: int) -> int:
        """What giving back so much more takes for the bonus."""
        in_all = due_back(
            self.bonus_tiyn, paid_tiyn=self.paid_tiyn, back_tiyn=self.back_tiyn + amount_tiyn
        )
        return max(0, in_all - self.bonus_back_tiyn)


@dataclass(frozen=True)
class Purse:
    """What a customer has."""

    balance_tiyn: int
    bonus_tiyn: int


@dataclass(frozen=True)
class TakenBack:
    """What giving money back takes besides it: from the bonuses, and, for those already spent, from the balance."""

    bonus_tiyn: int
    money_tiyn: int

    @property
    def in_all_tiyn(self) -> int:
        """Both."""
        return self.bonus_tiyn + self.money_tiyn


def take_back(top_up: ToppedUp, amount_tiyn: int, purse: Purse) -> TakenBack | None:
    """What is taken for the bonus when so much is given back; None where the balance does not reach for it."""
    due = top_up.due(amount_tiyn)
    bonus = min(due, purse.bonus_tiyn)
    if amount_tiyn + due - bonus > purse.balance_tiyn:
        return None
    return TakenBack(bonus, due - bonus)


def most_to_give_back(top_up: ToppedUp, purse: Purse) -> int:
    """The largest amount that can be given back; 0 if none can."""
    low, high = 0, min(top_up.paid_tiyn - top_up.back_tiyn, purse.balance_tiyn)
    while low < high:
        middle = (low + high + 1) // 2
        if take_back(top_up, middle, purse) is None:
            high = middle - 1
        else:
            low = middle
    return max(0, low)


def given_bonus_problem(*, given_tiyn: int, amount_tiyn: int, limit_tiyn: int) -> str:
    """Why a cashier may not give so much more in this shift: a code; "" when they may. 0: no limit."""
    if limit_tiyn == 0 or given_tiyn + amount_tiyn <= limit_tiyn:
        return ""
    return "given_bonus_limit"


def group_problems(name: str, percent: int, taken_names: Iterable[str] = ()) -> dict[str, str]:
    """What is wrong with a group: field → code. `taken_names`: keys of the other groups' names."""
    found = {}
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        found["name"] = "group_name_malformed"
    elif search_key(name) in set(taken_names):
        found["name"] = "group_name_taken"
    if not 0 <= percent <= ALL_PERCENT:
        found["percent"] = "percent_out_of_range"
    return found


def terms_problems(terms: BonusTerms) -> dict[str, str]:
    """What is wrong with the owner's rules for bonuses: field → code."""
    found = {}
    amounts = [step.from_tiyn for step in terms.steps]
    if len(amounts) > MOST_STEPS:
        found["steps"] = "too_many_steps"
    elif any(not 0 < amount <= LARGEST_BONUS_TIYN for amount in amounts):
        found["steps"] = "step_out_of_range"
    elif any(not 1 <= step.percent <= ALL_PERCENT for step in terms.steps):
        found["steps"] = "step_percent_out_of_range"
    elif len(set(amounts)) != len(amounts):
        found["steps"] = "step_twice"
    if not 0 <= terms.share_percent <= ALL_PERCENT:
        found["share"] = "percent_out_of_range"
    if not 0 <= terms.per_shift_tiyn <= LARGEST_BONUS_TIYN:
        found["per_shift"] = "bonus_out_of_range"
    return found


@dataclass(frozen=True)
class PromoTerms:
    """A promotion: what each use gives, from when until when, and how often each code can be used (0: no limit)."""

    title: str
    kind: PromoKind
    amount_tiyn: int
    seconds: int
    from_at: int
    until_at: int | None
    uses: int = 1


def promo_problems(terms: PromoTerms, codes: Sequence[str], made_codes: int) -> dict[str, str]:
    """What is wrong with a promotion: field → code. Either its own `codes`, or so many made for it."""
    found = {}
    if not 1 <= len(terms.title.strip()) <= LONGEST_NAME:
        found["title"] = "promo_title_malformed"
    if terms.kind == "bonus" and not 0 < terms.amount_tiyn <= LARGEST_BONUS_TIYN:
        found["amount"] = "bonus_out_of_range"
    if terms.kind == "time" and not 60 <= terms.seconds <= LONGEST_TIME_SECONDS:
        found["minutes"] = "promo_time_out_of_range"
    if terms.until_at is not None and terms.until_at <= terms.from_at:
        found["until"] = "promo_backwards"
    if not 0 <= terms.uses <= LARGEST_USES:
        found["uses"] = "promo_uses_out_of_range"
    if codes:
        keys = [code_key(code) for code in codes]
        if any(not is_code(key) for key in keys):
            found["codes"] = "promo_code_malformed"
        elif len(set(keys)) != len(keys):
            found["codes"] = "promo_code_twice"
    elif not 1 <= made_codes <= MOST_CODES:
        found["made_codes"] = "promo_codes_out_of_range"
    return found


def code_key(typed: str) -> str:
    """How a code is compared: whatever its case, without spaces and hyphens."""
    return "".join(letter for letter in search_key(typed) if letter not in "-‐‑–— ")


def is_code(key: str) -> bool:
    """Whether it can be a code at all."""
    return SHORTEST_CODE <= len(key) <= LONGEST_CODE and key.isalnum()


def promo_problem(*, now: int, from_at: int, until_at: int | None, is_stopped: bool) -> str:
    """Why a promotion gives nothing now: a code; "" when it does."""
    if is_stopped or (until_at is not None and now >= until_at):
        return "promo_over"
    return "promo_not_yet" if now < from_at else ""
