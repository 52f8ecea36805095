"""A club whose customers have bonuses, and what its books say."""

import pytest
from sqlalchemy import func, select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger.accounts import NOT_MONEY
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import AccountBalance, LedgerAccount
from lovhub.server.loyalty import queries, service
from lovhub.server.loyalty.rules import BonusTerms, Step
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.till import Till, TopUp
from tests.support.club import CASHIER, OWNER, People

TERMS = BonusTerms(is_on=True, steps=(Step(5_000_00, 10),))


class Club:
    """A club with a customer at a PC, and what its books say."""

    def __init__(self, club: ClubContext, people: People, clock: ManualClock) -> None:
        self.club, self.people, self.clock = club, people, clock
        self.customer, self.computer = people.customer(), people.computer()
        self._number = 0

    def key(self) -> str:
        self._number += 1
        return f"k{self._number}"

    def bonuses(self, terms: BonusTerms = TERMS) -> None:
        service.set_bonus_terms(self.club, terms=terms, actor=OWNER)

    def top_up(self, amount_tiyn: int, method: str = "cash") -> int:
        return customers.top_up(
            self.club,
            customer_id=self.customer,
            amount_tiyn=amount_tiyn,
            method=method,
            key=self.key(),
            actor=CASHIER,
        )

    def give(self, amount_tiyn: int, actor: Actor = CASHIER, reason: str = "Турнир") -> int:
        return service.give_bonus(
            self.club,
            customer_id=self.customer,
            amount_tiyn=amount_tiyn,
            reason=reason,
            key=self.key(),
            actor=actor,
        )

    def buy(self, tariff_id: int, *, till: Till | None = None, top_up: TopUp | None = None) -> int:
        return sessions.buy(
            self.club,
            computer_id=self.computer,
            customer_id=self.customer,
            tariff_id=tariff_id,
            key=self.key(),
            actor=CASHIER,
            top_up=top_up,
            till=till or Till(),
        )

    def purse(self) -> tuple[int, int]:
        with self.club.read() as db:
            customer = db.get_one(Customer, self.customer)
            return self.people.balance_tiyn(self.customer), queries.bonus_of(db, customer)

    def books(self) -> dict[str, int]:
        """Each kind's balance; nothing is wrong, and what is no money has stayed among itself."""
        with self.club.read() as db:
            assert check_ledger(db) == []
            found = dict(
                iter(
                    db.execute(
                        select(LedgerAccount.kind, func.sum(AccountBalance.balance))
                        .join(AccountBalance, AccountBalance.account_id == LedgerAccount.id)
                        .where(LedgerAccount.unit == "tiyn")
                        .group_by(LedgerAccount.kind)
                    )
                )
            )
            assert sum(found.values()) == 0
            assert sum(amount for kind, amount in found.items() if kind in NOT_MONEY) == 0
        return {kind: int(amount) for kind, amount in found.items() if amount}

    def event(self, kind: str) -> dict[str, object]:
        with self.club.read() as db:
            newest = select(Event.data).where(Event.kind == kind).order_by(Event.id.desc())
            return dict(db.scalars(newest.limit(1)).one())


def refused(code: str) -> "pytest.RaisesExc[OperationRefused]":
    return pytest.raises(OperationRefused, match=code)
