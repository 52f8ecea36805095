"""The chart of accounts: what kinds there are, in which unit, and how low each may go."""

from typing import Literal, NamedTuple

Unit = Literal["tiyn", "second"]


class AccountKind(NamedTuple):
    """A kind of account. `minimum` None: may go below zero without limit (sources and sinks)."""

    name: str
    unit: Unit
    minimum: int | None


# Money. Balances are credits minus debits, so money that came in shows as a negative balance here.
CASH = AccountKind("cash", "tiyn", None)
CARD = AccountKind("card", "tiyn", None)
KASPI = AccountKind("kaspi", "tiyn", None)
CUSTOMER_BALANCE = AccountKind("customer_balance", "tiyn", 0)
LOT_UNEARNED = AccountKind("lot_unearned", "tiyn", 0)
REVENUE = AccountKind("revenue", "tiyn", None)
WRITTEN_OFF = AccountKind("written_off", "tiyn", None)
OPENING_BALANCE = AccountKind("opening_balance", "tiyn", None)
"""What customers had when the club moved in: owed to them, and never in this club's cash."""
SAFE = AccountKind("safe", "tiyn", None)
"""Where cash goes from the drawer (`cash`) and comes from, when the owner takes it out or puts it in."""
OVER_SHORT = AccountKind("over_short", "tiyn", None)
"""What a count of the drawer found too much or too little."""
GOODS_REVENUE = AccountKind("goods_revenue", "tiyn", None)
"""Drinks and snacks: earned when they are sold."""

DESK_CREDIT = AccountKind("desk_credit", "tiyn", 0)
"""What a guest has paid by Kaspi for a sale that then could not be carried out: theirs, until it is given to them."""

CUSTOMER_DEBT = AccountKind("customer_debt", "tiyn", None)
"""What a customer owes for time played in debt: a claim, so it is below zero by that, and never above. Each account
has a minimum of its own: the limit up to which its customer may owe (`customers/owing.py`)."""
DEBT_FORGIVEN = AccountKind("debt_forgiven", "tiyn", None)
"""Debts that nobody is asked for any more: a loss."""

# Counted like money, and none: no transfer joins them with any other account, so each family sums to zero.
BONUS_GIVEN = AccountKind("bonus_given", "tiyn", None)
CUSTOMER_BONUS = AccountKind("customer_bonus", "tiyn", 0)
LOT_BONUS = AccountKind("lot_bonus", "tiyn", 0)
BONUS_USED = AccountKind("bonus_used", "tiyn", None)
DISCOUNT_GIVEN = AccountKind("discount_given", "tiyn", None)
LOT_DISCOUNT = AccountKind("lot_discount", "tiyn", 0)
DISCOUNT_USED = AccountKind("discount_used", "tiyn", None)

FAMILIES = (
    (BONUS_GIVEN, CUSTOMER_BONUS, LOT_BONUS, BONUS_USED),
    (DISCOUNT_GIVEN, LOT_DISCOUNT, DISCOUNT_USED),
)
"""What is no money: a transfer stays within one family (`check.py` looks)."""

NOT_MONEY = tuple(kind.name for family in FAMILIES for kind in family)

WITHIN_THE_HOUSE = (SAFE, OVER_SHORT)
"""Cash that goes there or comes from there was neither received from a customer nor paid back to one."""

# Time.
TIME_ISSUED = AccountKind("time_issued", "second", None)
TIME_RETURNED = AccountKind("time_returned", "second", None)
TIME_EXPIRED = AccountKind("time_expired", "second", None)
LOT_AVAILABLE = AccountKind("lot_available", "second", 0)
LOT_CONSUMED = AccountKind("lot_consumed", "second", 0)
HOLD = AccountKind("hold", "second", 0)

PAYMENT_METHODS = {"cash": CASH, "card": CARD, "kaspi": KASPI}
"""Ways of paying, by the name used in forms and in the API."""

METHOD_OF = {kind.name: method for method, kind in PAYMENT_METHODS.items()}
"""The other way round: by the kind of the account, the way of paying."""

ALL_KINDS = {
    kind.name: kind
    for kind in (
        CASH, CARD, KASPI, CUSTOMER_BALANCE, LOT_UNEARNED, REVENUE, WRITTEN_OFF, OPENING_BALANCE,
        DESK_CREDIT, CUSTOMER_DEBT, DEBT_FORGIVEN,
        SAFE, OVER_SHORT, GOODS_REVENUE, TIME_ISSUED, TIME_RETURNED, TIME_EXPIRED, LOT_AVAILABLE,
        LOT_CONSUMED, HOLD,
        BONUS_GIVEN, CUSTOMER_BONUS, LOT_BONUS, BONUS_USED, DISCOUNT_GIVEN, LOT_DISCOUNT, DISCOUNT_USED,
    )
}  # fmt: skip

CLUB_KINDS = (
    CASH, CARD, KASPI, REVENUE, OPENING_BALANCE, TIME_ISSUED, TIME_RETURNED, TIME_EXPIRED, WRITTEN_OFF,
    SAFE, OVER_SHORT, GOODS_REVENUE, DEBT_FORGIVEN, BONUS_GIVEN, BONUS_USED, DISCOUNT_GIVEN, DISCOUNT_USED,
)  # fmt: skip
"""Accounts that a club has exactly one of each; all others belong to a customer, a lot or a hold."""

OWED_TO_CUSTOMERS = (CUSTOMER_BALANCE, LOT_UNEARNED, DESK_CREDIT)
"""Money that is the customers' and not the club's: what the club owes, by kind."""

OWED_IN_PLAY = (CUSTOMER_BONUS, LOT_BONUS)
"""What the club owes in play and never in money."""

CLAIMS = (CUSTOMER_DEBT,)
"""What customers owe the club: below zero by that, told with the other sign and in no sum with what is owed to them."""
