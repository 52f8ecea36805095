"""Writing rows by many at a time, and the books they must balance in."""

import json
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from bench.filled.stores import Store
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE

AT_ONCE = 200_000
"""Rows that are kept in memory before they are written."""

Transfers = Sequence[tuple[str, int, int, int]]
"""(unit, debit, credit, amount)"""


class Rows:
    """Rows of all tables on their way into the database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.change = store.change
        self.insert = store.insert
        self._names: dict[str, tuple[str, ...]] = {}
        self._waiting: dict[str, list[tuple[Any, ...]]] = {}

    def add(self, table: str, **values: Any) -> None:
        """A row; all rows of a table are given the same columns in the same order."""
        if table not in self._names:
            self.appender(table, *values)
        self._waiting[table].append(tuple(values.values()))

    def appender(self, table: str, *names: str) -> Callable[[tuple[Any, ...]], None]:
        """What takes a row of the table as a plain tuple: for the tables that have the most rows."""
        self._names[table] = names
        return self._waiting.setdefault(table, []).append

    def write_if_many(self) -> None:
        """Write what is kept, if it has become much."""
        if sum(map(len, self._waiting.values())) > AT_ONCE:
            self.write()

    def write(self) -> None:
        """Write what is kept."""
        for table, rows in self._waiting.items():
            if rows:
                self._store.insert(table, self._names[table], rows)
                rows.clear()


class Books:
    """The ledger: accounts, postings and what they come to; what staff book gets its shift and its receipt's number."""

    def __init__(self, rows: Rows, club: dict[str, int]) -> None:
        self.club = club
        self.shift_id: int | None = None
        self.receipts = 0
        self._rows = rows
        self._accounts = count(max(club.values()) + 1)
        self._postings = count(1)
        self._tracked = dict.fromkeys(club.values(), 0)
        self._rest: dict[int, tuple[int, bool]] = {}
        self._posting = rows.appender(
            "ledger_posting", "id", "club_id", "key", "kind", "at", "actor_kind", "actor_id",
            "reason",
        )  # fmt: skip
        self._transfer = rows.appender(
            "ledger_transfer", "posting_id", "unit", "debit_account_id", "credit_account_id",
            "amount",
        )  # fmt: skip
        self._at_desk = rows.appender(
            "desk_posting", "posting_id", "club_id", "shift_id", "receipt_number"
        )
        self._account = rows.appender("ledger_account", "id", "club_id", "kind", "is_club", "unit")
        self._balance = rows.appender(
            "account_balance", "account_id", "balance", "minimum", "of_customer"
        )

    def account(self, kind: str, unit: str, balance: int) -> int:
        """An account of which it is known what it will come to."""
        account = next(self._accounts)
        self._account((account, 1, kind, 0, unit))
        self._balance((account, balance, 0, kind == CUSTOMER_BALANCE.name))
        return account

    def tracked_account(self, kind: str, *, minimum: int = 0) -> int:
        """An account for money, of which the transfers will say what it comes to."""
        account = next(self._accounts)
        self._account((account, 1, kind, 0, "tiyn"))
        self._tracked[account], self._rest[account] = 0, (minimum, kind == CUSTOMER_BALANCE.name)
        return account

    def balance(self, account: int) -> int:
        """What a tracked account has come to so far."""
        return self._tracked[account]

    def post(
        self,
        kind: str,
        at: int,
        transfers: Transfers,
        *,
        person: int | None = None,
        receipt: bool = False,
        key: str = "",
        reason: str = "",
    ) -> int:
        """Book it; by a person at the desk, if there is one, else by the machine."""
        posting, tracked = next(self._postings), self._tracked
        actor = "system" if person is None else "staff"
        self._posting((posting, 1, key or f"bench:{posting:09}", kind, at, actor, person, reason))
        for unit, debit, credit, amount in transfers:
            self._transfer((posting, unit, debit, credit, amount))
            if debit in tracked:
                tracked[debit] -= amount
            if credit in tracked:
                tracked[credit] += amount
        if person is not None:
            self.receipts += receipt
            self._at_desk((posting, 1, self.shift_id, self.receipts if receipt else None))
        return posting

    def finish(self) -> None:
        """Write what the tracked accounts have come to, and the number of the last receipt."""
        of_club = set(self.club.values())
        for account, balance in self._tracked.items():
            if account in of_club:
                self._rows.change(
                    "UPDATE account_balance SET balance = ? WHERE account_id = ?", balance, account
                )
            else:
                self._balance((account, balance, *self._rest[account]))
        self._rows.change(
            "UPDATE desk SET last_receipt = ?, open_shift_id = ?", self.receipts, self.shift_id
        )


class Events:
    """The journal."""

    def __init__(self, rows: Rows) -> None:
        self.names: dict[int, str] = {}
        self._event = rows.appender(
            "event", "club_id", "at", "kind", "actor_kind", "actor_id", "actor_name", "actor_role",
            "address", "computer_id", "customer_id", "session_id", "data",
        )  # fmt: skip

    def record(
        self,
        kind: str,
        at: int,
        *,
        person: int | None = None,
        computer: int | None = None,
        customer: int | None = None,
        session: int | None = None,
        **data: Any,
    ) -> None:
        """Something happened; a person did it, or the machine."""
        if person is None:
            actor = ("system", None, "LoVHub", "", "")
        else:
            actor = ("staff", person, self.names[person], "cashier", "192.168.1.2")
        self._event((1, at, kind, *actor, computer, customer, session, json.dumps(data)))
