"""Sales of time, and what is played of them: who paid how, which seat, which game."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

from bench.filled.desk import Desk, Goods, Kaspi, bonus, write_document
from bench.filled.house import Club, first_code
from bench.filled.scale import DAY


@dataclass(frozen=True)
class Sale:
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


def sales(club: Club) -> Iterator[Sale]:
    """In the order of time. The last ones are being played, each at a PC of its own."""
    scale, chance = club.scale, club.chance
    span = scale.days * DAY - 5 * 3600
    sessions = count(1)
    for number in range(scale.sales):
        left = scale.sales - number
        is_on = left <= scale.playing
        tariff = 1 + chance.randrange(scale.tariffs)
        # A fifth are guests, one in forty is not played yet, and customer 1 comes twice a day.
        customer = None if number % 5 == 3 else 1 + chance.randrange(scale.customers)
        unplayed = number % 40 == 1 and not is_on and customer is not None
        yield Sale(
            number=number,
            at=club.now - 600 - min(left, left * 600 // scale.playing)
            if is_on
            else club.start + number * span // scale.sales,
            customer_id=1 if number % 200 == 0 else customer,
            computer_id=left if is_on else 1 + number % scale.computers,
            tariff_id=tariff,
            seconds=3600 * (1 + tariff % 3),
            price_tiyn=50_000 * (1 + tariff % 3),
            session_id=None if unplayed else next(sessions),
            is_on=is_on,
        )


class Counter:
    """Paid, sold, seated, played to the end: what the real operations book."""

    def __init__(self, club: Club, desk: Desk, kaspi: Kaspi, goods: Goods) -> None:
        self._club = club
        self._desk = desk
        self._kaspi = kaspi
        self._goods = goods
        self._visits: dict[int, int] = {}
        self._gifts: set[tuple[int, int]] = set()
        self.codes_used: dict[int, int] = {}
        self.top_up_id = self.receipt_id = self.bonus_id = 0

    def serve(self, sale: Sale) -> None:
        """All that happens at the desk for one sale."""
        self._desk.come_to(sale.at)
        if sale.customer_id is not None:
            self._customer(sale, sale.customer_id)
        self._book(sale)
        if sale.number % 3 == 0:
            self._goods.sell(sale.at)
        if sale.number % 20 == 10 and sale.customer_id is not None:
            state = ("expired", "cancelled")[sale.number // 20 % 2]
            self._kaspi.lose(sale.customer_id, sale.at, 1_000_00, state)

    def _customer(self, sale: Sale, customer: int) -> None:
        club = self._club
        if customer in club.debts:
            self._visits[customer] = visits = self._visits.get(customer, 0) + 1
            if visits % 2 == 0:
                return  # this time in debt
            self._settle_debt(sale, customer)
        if sale.number % 5 == 4:
            self._top_up(sale, customer, sale.price_tiyn, ("cash", "card")[sale.number // 5 % 2])
        else:
            self._kaspi.pay(customer, sale.at, sale.price_tiyn)
        if sale.number % 100 == 0:
            self._kaspi.pay_and_have_back(customer, sale.at, 500_00)
        if customer in club.bonuses and sale.number % 3 == 0:
            self._gift(sale, customer)

    def _settle_debt(self, sale: Sale, customer: int) -> None:
        books, debt = self._club.books, self._club.debts[customer]
        owed = -books.balance(debt)
        if owed:
            self._top_up(sale, customer, owed, "cash", "debt")
            transfers = [("tiyn", self._club.balances[customer], debt, owed)]
            books.post("debt_paid", sale.at, transfers, person=self._desk.person)
            self._record("debt.paid", sale, amount_tiyn=owed)

    def _top_up(self, sale: Sale, customer: int, amount: int, way: str, why: str = "") -> None:
        club, books = self._club, self._club.books
        transfers = [
            ("tiyn", books.club[way], club.balances[customer], amount),
            *bonus(club, customer, amount),
        ]
        posting = books.post(
            "top_up", sale.at, transfers, person=self._desk.person, receipt=True,
            key=f"top_up:bench:{sale.number}:{why}",
        )  # fmt: skip
        if customer == 1:
            self.top_up_id = posting
        self._record("customer.topped_up", sale, amount_tiyn=amount, method=way, posting_id=posting)
        write_document(club, posting, sale.at, amount, way, books.receipts)

    def _gift(self, sale: Sale, customer: int) -> None:
        """Bonuses by a code once, and again and again by the staff."""
        club, books, given = self._club, self._club.books, self._club.books.club["bonus_given"]
        transfers = [("tiyn", given, club.bonuses[customer], 500_00)]
        promo = 1 + sale.number // 3 % club.scale.promos
        if (promo, customer) not in self._gifts:
            self._gifts.add((promo, customer))
            code = first_code(club.scale, promo) + sale.number % club.scale.codes_per_promo
            self.codes_used[code] = self.codes_used.get(code, 0) + 1
            posting = books.post("promo_bonus", sale.at, transfers, person=self._desk.person)
            club.rows.add(
                "promo_use", promo_id=promo, customer_id=customer, code_id=code,
                posting_id=posting, key=f"bench:{posting}", at=sale.at,
            )  # fmt: skip
            self._record("promo.used", sale, promo_id=promo, title=f"Акция {promo}", seconds=0)
        posting = books.post(
            "bonus_by_staff", sale.at, transfers, person=self._desk.person, reason="Приз"
        )
        if customer == 1:
            self.bonus_id = posting
        self._record("bonus.given", sale, amount_tiyn=500_00, posting_id=posting, reason="Приз")

    def _record(self, kind: str, sale: Sale, **data: Any) -> None:
        self._club.events.record(
            kind, sale.at, person=self._desk.person, computer=sale.computer_id,
            customer=sale.customer_id, **data,
        )  # fmt: skip

    def _book(self, sale: Sale) -> None:
        club, books, seconds = self._club, self._club.books, sale.seconds
        ended = sale.session_id is not None and not sale.is_on
        left = 0 if ended else self._kept(sale)
        available = books.account("lot_available", "second", left)
        consumed = books.account("lot_consumed", "second", seconds if ended else 0)
        unearned = books.account("lot_unearned", "tiyn", 0 if ended else sale.price_tiyn)
        is_guest = sale.customer_id is None
        posting = books.post(
            "sale", sale.at,
            [("tiyn", self._payer(sale), unearned, sale.price_tiyn),
             ("second", books.club["time_issued"], available, seconds)],
            person=self._desk.person, receipt=True,
        )  # fmt: skip
        self.receipt_id = posting
        if is_guest:
            write_document(club, posting, sale.at, sale.price_tiyn, "cash", books.receipts)
        lot = sale.number + 1
        club.rows.add(
            "lot", id=lot, club_id=1, customer_id=sale.customer_id,
            guest_session_id=sale.session_id if is_guest else None, tariff_id=sale.tariff_id,
            title=f"Тариф {sale.tariff_id}", granted_seconds=seconds, price_tiyn=sale.price_tiyn,
            sold_at=sale.at, posting_id=posting, available_account_id=available,
            consumed_account_id=consumed, unearned_account_id=unearned, exhausted=int(ended),
        )  # fmt: skip
        club.events.record(
            "time.sold", sale.at, person=self._desk.person, computer=sale.computer_id,
            customer=sale.customer_id, session=sale.session_id, title=f"Тариф {sale.tariff_id}",
            price_tiyn=sale.price_tiyn, method="cash",
        )  # fmt: skip
        if sale.session_id is not None:
            self._sit(sale, sale.session_id, lot, available, consumed, unearned)

    def _payer(self, sale: Sale) -> int:
        club, customer = self._club, sale.customer_id
        if customer is None:
            return club.books.club["cash"]
        if customer in club.debts and self._visits[customer] % 2 == 0:
            return club.debts[customer]
        return club.balances[customer]

    def _kept(self, sale: Sale) -> int:
        """Seconds that no lease holds."""
        return sale.seconds - self._leases(sale)[1] if sale.is_on else sale.seconds

    def _leases(self, sale: Sale) -> list[int]:
        """Up to which second of the sale each lease reaches, from 0."""
        parts = self._club.scale.renewals + 1
        return [sale.seconds * part // parts for part in range(parts + 1)]

    def _sit(
        self, sale: Sale, session: int, lot: int, available: int, consumed: int, unearned: int
    ) -> None:
        club, books, seconds, price = self._club, self._club.books, sale.seconds, sale.price_tiyn
        end, leases = sale.at + seconds, self._leases(sale)
        first = leases[1]
        hold = books.account("hold", "second", first if sale.is_on else 0)
        club.rows.add("hold", session_id=session, lot_id=lot, account_id=hold)
        books.post(
            "session.begun", sale.at, [("second", available, hold, first)],
            person=self._desk.person,
        )  # fmt: skip
        if sale.customer_id is not None:
            club.events.record(
                "customer.signed_in", sale.at, computer=sale.computer_id,
                customer=sale.customer_id, session=session,
            )  # fmt: skip
        if not sale.is_on:
            for (begun, until), after in zip(pairwise(leases), [*leases[2:], None], strict=True):
                earned = price * until // seconds - price * begun // seconds
                played = [
                    ("second", hold, consumed, until - begun),
                    ("tiyn", unearned, books.club["revenue"], earned),
                ]
                if after is None:
                    books.post("session.ended", end, played)
                else:
                    renewed = ("second", available, hold, after - until)
                    books.post("session.settled", sale.at + until, [*played, renewed])
            if sale.number % 2:
                club.events.record(
                    "session.ended", end, computer=sale.computer_id, customer=sale.customer_id,
                    session=session, played_seconds=seconds, end_reason="time_over",
                )  # fmt: skip
        club.rows.add(
            "play_session", id=session, club_id=1, computer_id=sale.computer_id,
            customer_id=sale.customer_id, guest_name="",
            state="active" if sale.is_on else "ended", started_at=sale.at,
            settled_at=sale.at if sale.is_on else end, played_seconds=0 if sale.is_on else seconds,
            leased_seconds=first if sale.is_on else seconds, lease_serial=1,
            lease_issued_at=sale.at, lease_not_after=sale.at + first if sale.is_on else end,
            due_at=sale.at + first if sale.is_on else None, pause_reason="",
            ended_at=None if sale.is_on else end, end_reason="" if sale.is_on else "time_over",
            revision=2,
        )  # fmt: skip


def launches(club: Club, played: list[Sale]) -> None:
    """The games that ran in these sittings; in one that goes on, the last of them runs still."""
    scale, chance = club.scale, club.chance

    def rows() -> Iterator[tuple[Any, ...]]:
        before = -1
        for number in range(scale.launches):
            index = number * len(played) // scale.launches
            sale, is_first = played[index], index != before
            before = index
            at = sale.at if sale.is_on or is_first else sale.at + chance.randrange(3000)
            is_last = index != (number + 1) * len(played) // scale.launches
            longest = club.now - at if sale.is_on else 3000
            ran = None if sale.is_on and is_last else chance.randrange(30, longest)
            yield (
                1, sale.computer_id, sale.customer_id, sale.session_id,
                1 + chance.randrange(scale.applications), at,
                None if ran is None else at + ran, ran,
            )  # fmt: skip

    club.rows.insert(
        "launch",
        ["club_id", "computer_id", "customer_id", "session_id", "application_id", "started_at",
         "ended_at", "ran_seconds"],
        rows(),
    )  # fmt: skip
