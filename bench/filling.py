"""A club with years behind it, written straight into a SQLite database: for measuring, not for use.

The real operations would take hours. What they would have written is written here row by row, with the same
postings (top-up, sale, seat, end), so that the books balance and `lovhub ledger check` finds nothing.
"""

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import select

from lovhub.server.context import ClubContext
from lovhub.server.ledger.models import LedgerAccount
from lovhub.server.reports import service as reports
from lovhub.server.reports.models import SummedUntil
from lovhub.server.reports.rules import QUARTER, quarter_of
from lovhub.server.search_key import search_key

DAY = 24 * 3600
AT_ONCE = 20_000
"""Sales whose rows are made before they are written: memory stays small."""

NAMES = ("Айдар", "Ерлан", "Данияр", "Алия", "Тимур", "Мадина", "Олег", "Анна", "Руслан", "Жанна")
SURNAMES = ("Ахметов", "Ким", "Серик", "Иванов", "Омаров", "Ли", "Петров", "Нурлан", "Цой", "Бек")


@dataclass(frozen=True)
class Scale:
    """How much there is. `sales` are sales of time, most of them played; six transfers each."""

    computers: int
    customers: int
    sales: int
    launches: int
    days: int
    tariffs: int
    applications: int
    playing: int
    alarms: int
    commands_per_computer: int
    moved: int


FULL = Scale(200, 50_000, 165_000, 1_000_000, 365, 40, 60, 120, 2_000, 100, 5_000)
"""The size that the pages are built for."""

EMPTY = Scale(1, 1, 2, 2, 2, 1, 1, 0, 0, 0, 1)
"""One of each, so that each page has something to open."""


def fill(club: ClubContext, scale: Scale, *, staff_id: int, seed: int = 3) -> None:
    """Fill a founded club; customer 1 is a regular, and PC 1 as busy as all."""
    with club.read() as db:
        accounts = dict(iter(db.execute(select(LedgerAccount.kind, LedgerAccount.id))))
    club.database.close()
    with closing(sqlite3.connect(str(club.database.engine.url.database))) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        _Filler(connection, club, scale, accounts, staff_id, random.Random(seed)).fill()
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _sum_up(club)


def _sum_up(club: ClubContext) -> None:
    goal = quarter_of(club.clock.now()) - QUARTER
    while True:
        reports.sum_up(club)
        with club.read() as db:
            until = db.scalar(select(SummedUntil.until_at))
        if until is None or until >= goal:
            break
    for _ in range(1 + FULL.days // reports.CLOSED_AT_ONCE):
        reports.close_days(club)
        reports.close_book_days(club)


@dataclass(frozen=True)
class _Sale:
    """A sale of time, and the sitting in which it was played; `session_id` None: not played yet."""

    number: int
    at: int
    customer_id: int | None
    computer_id: int
    tariff_id: int
    seconds: int
    price_tiyn: int
    session_id: int | None
    is_on: bool


class _Filler:
    def __init__(
        self,
        connection: sqlite3.Connection,
        club: ClubContext,
        scale: Scale,
        accounts: dict[str, int],
        staff_id: int,
        chance: random.Random,
    ) -> None:
        self._connection = connection
        self._scale = scale
        self._club = accounts
        self._staff_id = staff_id
        self._chance = chance
        self._now = club.clock.now()
        self._start = self._now - scale.days * DAY
        self._balances: Counter[int] = Counter()
        self._accounts = count(max(accounts.values()) + 1)
        self._postings = count(1)
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def fill(self) -> None:
        self._furniture()
        self._customers()
        sales = list(self._sales())
        for number, sale in enumerate(sales, start=1):
            self._book(sale)
            if number % AT_ONCE == 0:
                self._write()
        self._launches([sale for sale in sales if sale.session_id is not None])
        self._troubles()
        for account in self._club.values():
            self._connection.execute(
                "UPDATE account_balance SET balance = ? WHERE account_id = ?",
                (self._balances[account], account),
            )
        self._write()

    # --- rows -------------------------------------------------------------------------------------

    def _add(self, table: str, **values: Any) -> None:
        self._rows.setdefault(table, []).append(values)

    def _write(self) -> None:
        for table, rows in self._rows.items():
            names = list(rows[0])
            self._insert(table, names, (tuple(row.values()) for row in rows))
        self._rows = {}

    def _insert(self, table: str, names: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        places = ", ".join("?" * len(names))
        self._connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})",  # noqa: S608
            rows,
        )

    def _account(self, kind: str, unit: str, balance: int) -> int:
        account = next(self._accounts)
        self._add("ledger_account", id=account, club_id=1, kind=kind, is_club=0, unit=unit)
        self._add("account_balance", account_id=account, balance=balance, minimum=0)
        return account

    def _post(self, kind: str, at: int, *transfers: tuple[str, int, int, int]) -> int:
        """Book (unit, debit, credit, amount); the balances of the club's own accounts are summed."""
        posting = next(self._postings)
        self._add(
            "ledger_posting", id=posting, club_id=1, key=f"bench:{posting}", kind=kind, at=at,
            actor_kind="staff", actor_id=self._staff_id, reason="",
        )  # fmt: skip
        for unit, debit, credit, amount in transfers:
            self._add(
                "ledger_transfer", posting_id=posting, unit=unit, debit_account_id=debit,
                credit_account_id=credit, amount=amount,
            )  # fmt: skip
            self._balances[debit] -= amount
            self._balances[credit] += amount
        return posting

    def _event(
        self,
        kind: str,
        at: int,
        *,
        computer: int | None = None,
        customer: int | None = None,
        session: int | None = None,
        **data: Any,
    ) -> None:
        self._add(
            "event", club_id=1, at=at, kind=kind, actor_kind="staff", actor_id=self._staff_id,
            actor_name="Айгуль", actor_role="owner", address="127.0.0.1", computer_id=computer,
            customer_id=customer, session_id=session, data=json.dumps(data),
        )  # fmt: skip

    # --- what there is ----------------------------------------------------------------------------

    def _furniture(self) -> None:
        scale, at = self._scale, self._start
        zones = min(10, scale.computers)
        for number in range(1, 1 + (zones + 4) // 5):
            self._add(
                "hall", id=number, club_id=1, name=f"Зал {number}", position=number, created_at=at
            )
        for number in range(1, zones + 1):
            self._add(
                "zone", id=number, club_id=1, hall_id=1 + (number - 1) // 5,
                name=f"Зона {number}", position=number, created_at=at,
            )  # fmt: skip
        for number in range(1, scale.computers + 1):
            self._add(
                "computer", id=number, club_id=1, name=f"ПК-{number}", number=number,
                zone_id=1 + number % zones, hostname=f"DESKTOP-{number}", public_key=bytes(32),
                token_hash=number.to_bytes(32, "big"), paired_at=at, journal_id="",
                journal_number=0, boot_id="", agent_version="0.1.0", operating_system="Windows 11",
                last_address="192.168.1.2", last_seen_at=self._now, said_goodbye=0,
            )  # fmt: skip
        for number in range(1, scale.tariffs + 1):
            self._add(
                "tariff", id=number, club_id=1, title=f"Тариф {number}",
                seconds=3600 * (1 + number % 3), price_tiyn=50_000 * (1 + number % 3),
                position=number, created_at=at,
            )  # fmt: skip
            self._event("tariff.created", at, title=f"Тариф {number}")
        for number in range(1, scale.applications + 1):
            self._add(
                "application", id=number, club_id=1, title=f"Игра {number}",
                kind="program" if number % 6 == 0 else "game", exe_path=f"C:\\Games\\{number}.exe",
                arguments="[]", position=number, picture="", created_at=at,
            )  # fmt: skip

    def _customers(self) -> None:
        scale, chance = self._scale, self._chance
        for number in range(1, scale.customers + 1):
            money = chance.choice((0, 0, 500_00, 1_250_00, 3_000_00))
            account = self._account("customer_balance", "tiyn", money)
            name = f"{chance.choice(NAMES)} {chance.choice(SURNAMES)}"
            at = self._start + number * scale.days * DAY // (scale.customers + 1)
            self._add(
                "customer", id=number, club_id=1, login=f"player{number}",
                login_key=f"player{number}", name=name, name_key=search_key(name),
                phone=f"+7701{number:07}", password_hash="", balance_account_id=account,
                created_at=at,
            )  # fmt: skip
            self._event("customer.registered", at, customer=number)
            if money:
                self._post("top_up", at, ("tiyn", self._club["cash"], account, money))
        self._first_balance = max(self._club.values()) + 1
        self._add(
            "move", id=1, club_id=1, state="imported", file_name="clients.csv", content=b"",
            has_headings=1, columns="[]", created_at=self._start, created_by="Айгуль",
            imported_at=self._start, customers=scale.moved, left_out=0, balance_tiyn=0, seconds=0,
        )  # fmt: skip
        for number in range(1, scale.moved + 1):
            self._add(
                "moved_customer", customer_id=number, move_id=1, line=number, balance_tiyn=0,
                seconds=0,
            )  # fmt: skip
        self._write()

    def _sales(self) -> Iterator[_Sale]:
        """In the order of time. The last ones are being played, each at a PC of its own."""
        scale, chance = self._scale, self._chance
        span = scale.days * DAY - 5 * 3600
        sessions = count(1)
        for number in range(scale.sales):
            left = scale.sales - number
            is_on = left <= scale.playing
            tariff = 1 + chance.randrange(scale.tariffs)
            # A fifth are guests, one in forty is not played yet, and customer 1 comes twice a day.
            customer = None if number % 5 == 3 else 1 + chance.randrange(scale.customers)
            unplayed = number % 40 == 1 and not is_on and customer is not None
            yield _Sale(
                number=number,
                at=self._now - 600 - left if is_on else self._start + number * span // scale.sales,
                customer_id=1 if number % 200 == 0 else customer,
                computer_id=left if is_on else 1 + number % scale.computers,
                tariff_id=tariff,
                seconds=3600 * (1 + tariff % 3),
                price_tiyn=50_000 * (1 + tariff % 3),
                session_id=None if unplayed else next(sessions),
                is_on=is_on,
            )

    def _book(self, sale: _Sale) -> None:
        """Paid, sold, seated, played to the end: what the real operations book."""
        cash, seconds, price = self._club["cash"], sale.seconds, sale.price_tiyn
        ended = sale.session_id is not None and not sale.is_on
        available = self._account("lot_available", "second", 0 if sale.session_id else seconds)
        consumed = self._account("lot_consumed", "second", seconds if ended else 0)
        unearned = self._account("lot_unearned", "tiyn", 0 if ended else price)
        payer = cash
        if sale.customer_id is not None:
            payer = self._balance_account(sale.customer_id)
            self._post("top_up", sale.at, ("tiyn", cash, payer, price))
        posting = self._post(
            "sale", sale.at, ("tiyn", payer, unearned, price),
            ("second", self._club["time_issued"], available, seconds),
        )  # fmt: skip
        lot = sale.number + 1
        self._add(
            "lot", id=lot, club_id=1, customer_id=sale.customer_id,
            guest_session_id=sale.session_id if sale.customer_id is None else None,
            tariff_id=sale.tariff_id, title=f"Тариф {sale.tariff_id}", granted_seconds=seconds,
            price_tiyn=price, sold_at=sale.at, posting_id=posting, available_account_id=available,
            consumed_account_id=consumed, unearned_account_id=unearned, exhausted=int(ended),
        )  # fmt: skip
        self._event(
            "time.sold", sale.at, computer=sale.computer_id, customer=sale.customer_id,
            session=sale.session_id, title=f"Тариф {sale.tariff_id}", price_tiyn=price,
            method="cash",
        )  # fmt: skip
        if sale.session_id is not None:
            self._sit(sale, lot, available, consumed, unearned)

    def _balance_account(self, customer_id: int) -> int:
        return self._first_balance + customer_id - 1

    def _sit(self, sale: _Sale, lot: int, available: int, consumed: int, unearned: int) -> None:
        seconds, session = sale.seconds, sale.session_id
        end = sale.at + seconds
        hold = self._account("hold", "second", seconds if sale.is_on else 0)
        self._add("hold", session_id=session, lot_id=lot, account_id=hold)
        self._post("session.started", sale.at, ("second", available, hold, seconds))
        if not sale.is_on:
            self._post(
                "session.ended", end, ("second", hold, consumed, seconds),
                ("tiyn", unearned, self._club["revenue"], sale.price_tiyn),
            )  # fmt: skip
            if sale.number % 2:
                self._event(
                    "session.ended", end, computer=sale.computer_id, customer=sale.customer_id,
                    session=session, played_seconds=seconds, end_reason="time_over",
                )  # fmt: skip
        self._add(
            "play_session", id=session, club_id=1, computer_id=sale.computer_id,
            customer_id=sale.customer_id, guest_name="",
            state="active" if sale.is_on else "ended", started_at=sale.at,
            settled_at=sale.at if sale.is_on else end, played_seconds=0 if sale.is_on else seconds,
            leased_seconds=seconds, lease_serial=1, lease_issued_at=sale.at, lease_not_after=end,
            due_at=end if sale.is_on else None, pause_reason="",
            ended_at=None if sale.is_on else end, end_reason="" if sale.is_on else "time_over",
            revision=2,
        )  # fmt: skip

    def _launches(self, played: list[_Sale]) -> None:
        self._write()
        scale, chance = self._scale, self._chance

        def rows() -> Iterator[tuple[Any, ...]]:
            before = -1
            for number in range(scale.launches):
                index = number * len(played) // scale.launches
                sale, is_first = played[index], index != before
                before = index
                at = sale.at if sale.is_on or is_first else sale.at + chance.randrange(3000)
                ran = None if sale.is_on else chance.randrange(30, 3000)
                yield (
                    1, sale.computer_id, sale.customer_id, sale.session_id,
                    1 + chance.randrange(scale.applications), at,
                    None if ran is None else at + ran, ran,
                )  # fmt: skip

        self._insert(
            "launch",
            ["club_id", "computer_id", "customer_id", "session_id", "application_id", "started_at",
             "ended_at", "ran_seconds"],
            rows(),
        )  # fmt: skip

    def _troubles(self) -> None:
        """Alarms and calls, nearly all of them closed, and commands to the PCs."""
        scale = self._scale
        for number in range(scale.alarms):
            at = self._start + number * (scale.days * DAY) // scale.alarms
            is_open = scale.alarms - number <= 5
            computer = 1 + number % scale.computers
            self._add(
                "alarm", club_id=1, at=at, kind="lock_broken", computer_id=computer, data="{}",
                closed_at=None if is_open else at + 60,
                closed_by=None if is_open else self._staff_id, note="",
            )  # fmt: skip
            self._add(
                "call", club_id=1, computer_id=computer, reason="device", text="", count=1,
                called_at=at, last_called_at=at, closed_at=None if is_open else at + 60,
                closed_by=None if is_open else self._staff_id,
            )  # fmt: skip
        for number in range(scale.commands_per_computer * scale.computers):
            at = self._start + number
            self._add(
                "pc_command", club_id=1, computer_id=1 + number % scale.computers,
                command_id=f"bench-{number}", kind="message", text="Привет", actor_name="Айгуль",
                sent_at=at, state="done", answered_at=at, took_ms=12, detail="",
            )  # fmt: skip
