"""What a lot was paid with: money, bonuses, and what a discount took off; each is earned alike as the lot is played."""

from dataclasses import dataclass

from lovhub.server.context import Work
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import (
    BONUS_GIVEN,
    BONUS_USED,
    DISCOUNT_GIVEN,
    DISCOUNT_USED,
    LOT_BONUS,
    LOT_DISCOUNT,
    LOT_UNEARNED,
    REVENUE,
    AccountKind,
)
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.lot_seconds import earned_tiyn


@dataclass(frozen=True)
class WithBonuses:
    """So much of a price is paid from a customer's bonuses."""

    account: Account
    amount_tiyn: int


@dataclass(frozen=True)
class Part:
    """One part of a lot's price: where what is not played lies, where it goes when it is, and where it came from.

    `returns_to` None: the money of whoever bought, which the caller knows.
    """

    amount_tiyn: int
    unplayed: Account
    earned_to: Account
    returns_to: Account | None


class Parts:
    """The parts of lots within one operation; the club's accounts are looked up once, and only if needed."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._club: dict[AccountKind, Account] = {}

    def of(self, lot: Lot, *, bonus_back: Account | None = None) -> list[Part]:
        """Its parts. `bonus_back`: where bonuses return to; None: to where they come from."""
        found = [
            Part(
                lot.price_tiyn,
                Account(lot.unearned_account_id, LOT_UNEARNED.unit),
                self._ours(REVENUE),
                None,
            )
        ]
        if lot.bonus_account_id is not None:
            account = Account(lot.bonus_account_id, LOT_BONUS.unit)
            back = bonus_back or self._ours(BONUS_GIVEN)
            found.append(Part(lot.bonus_tiyn, account, self._ours(BONUS_USED), back))
        if lot.discount_account_id is not None:
            account = Account(lot.discount_account_id, LOT_DISCOUNT.unit)
            back = self._ours(DISCOUNT_GIVEN)
            found.append(Part(lot.discount_tiyn, account, self._ours(DISCOUNT_USED), back))
        return found

    def earn(self, lot: Lot, played_before: int, played_now: int) -> list[Transfer]:
        """What is earned of each part once so many of the lot's seconds are played, and not only so many as before."""
        return [
            Transfer(
                part.unplayed,
                part.earned_to,
                earned_tiyn(part.amount_tiyn, lot.granted_seconds, played_now)
                - earned_tiyn(part.amount_tiyn, lot.granted_seconds, played_before),
            )
            for part in self.of(lot)
        ]

    def pay(
        self, bonuses: WithBonuses | None, discount_tiyn: int
    ) -> tuple[Account | None, Account | None, list[Transfer]]:
        """New accounts for what a purchase is paid with besides money, and the transfers that fill them."""
        transfers: list[Transfer] = []
        bonus_account = discount_account = None
        if bonuses is not None and bonuses.amount_tiyn:
            bonus_account = ledger.open_account(self._work, LOT_BONUS)
            transfers.append(Transfer(bonuses.account, bonus_account, bonuses.amount_tiyn))
        if discount_tiyn:
            discount_account = ledger.open_account(self._work, LOT_DISCOUNT)
            given = self._ours(DISCOUNT_GIVEN)
            transfers.append(Transfer(given, discount_account, discount_tiyn))
        return bonus_account, discount_account, transfers

    def carry(
        self, lot: Lot, bonus_tiyn: int, discount_tiyn: int
    ) -> tuple[Account | None, Account | None, list[Transfer]]:
        """New accounts for what is taken along of a lot besides money, and the transfers that fill them."""
        transfers: list[Transfer] = []
        bonus_account = discount_account = None
        if lot.bonus_account_id is not None and bonus_tiyn:
            bonus_account = ledger.open_account(self._work, LOT_BONUS)
            old = Account(lot.bonus_account_id, LOT_BONUS.unit)
            transfers.append(Transfer(old, bonus_account, bonus_tiyn))
        if lot.discount_account_id is not None and discount_tiyn:
            discount_account = ledger.open_account(self._work, LOT_DISCOUNT)
            old = Account(lot.discount_account_id, LOT_DISCOUNT.unit)
            transfers.append(Transfer(old, discount_account, discount_tiyn))
        return bonus_account, discount_account, transfers

    def _ours(self, kind: AccountKind) -> Account:
        if kind not in self._club:
            self._club[kind] = ledger.club_account(self._work, kind)
        return self._club[kind]
