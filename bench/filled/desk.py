"""What the desk does from shift to shift: the drawer, goods, and money by Kaspi."""

import json
from itertools import count

from bench.filled.house import Club
from bench.filled.scale import DAY

SHIFT_SECONDS = DAY // 2
FLOAT_TIYN = 20_000_00
WAITING_PAYMENTS = 5


class Desk:
    """One shift after the other, half a day each, every second one of the owner's."""

    def __init__(self, club: Club) -> None:
        self._club = club
        self.person = club.owner_id
        self.opened_at = 0
        self.staff_session_id = 0
        self._until = club.start

    def come_to(self, at: int) -> None:
        """Time passes, and with it shifts."""
        while at >= self._until:
            if self.opened_at:
                self._close(self._until)
            self._open(self._until)
            self._until += SHIFT_SECONDS

    def _open(self, at: int) -> None:
        club, books = self._club, self._club.books
        number = (books.shift_id or 0) + 1
        self.person = club.owner_id if number % 2 else club.cashiers[number % len(club.cashiers)]
        self.opened_at, books.shift_id = at, number
        club.events.record("staff.signed_in", at, person=self.person)
        club.events.record(
            "shift.opened", at, person=self.person, shift_id=number, number=number,
            counted_tiyn=FLOAT_TIYN, difference_tiyn=0,
        )  # fmt: skip
        cash, safe = books.club["cash"], books.club["safe"]
        if number == 1:
            books.post(
                "shift_float", at, [("tiyn", cash, safe, FLOAT_TIYN)], person=self.person,
                key="shift:1:float",
            )  # fmt: skip
        self._move("shift_paid_in", at + 60, cash, safe, 5_000_00, "Размен")
        for part in (1, 2):
            self._move("shift_paid_out", at + part * 3600, safe, cash, 1_500_00, "Вода в кулер")
        self.staff_session_id += 1
        club.rows.add(
            "staff_session", id=self.staff_session_id, staff_id=self.person,
            token_hash=number.to_bytes(32, "big"), created_at=at, last_seen_at=at + 3600,
            expires_at=at + SHIFT_SECONDS, address="192.168.1.2", user_agent="Firefox",
        )  # fmt: skip

    def _move(self, kind: str, at: int, debit: int, credit: int, amount: int, reason: str) -> None:
        club = self._club
        posting = club.books.post(
            kind, at, [("tiyn", debit, credit, amount)], person=self.person, receipt=True,
            reason=reason,
        )  # fmt: skip
        club.events.record(
            kind.replace("_", ".", 1), at, person=self.person, shift_id=club.books.shift_id,
            amount_tiyn=amount, posting_id=posting, reason=reason,
        )  # fmt: skip

    def _close(self, at: int) -> None:
        club, books, number = self._club, self._club.books, self._club.books.shift_id or 0
        cash, safe, over = (books.club[kind] for kind in ("cash", "safe", "over_short"))
        expected = -books.balance(cash)
        counted = expected - (100_00 if number % 20 == 1 else 0)
        if counted != expected:
            short = expected - counted
            books.post(
                "shift_difference", at, [("tiyn", over, cash, short)], person=self.person,
                key=f"shift:{number}:close",
            )  # fmt: skip
        to_safe = counted - FLOAT_TIYN
        if to_safe > 0:
            books.post(
                "shift_to_safe", at, [("tiyn", safe, cash, to_safe)], person=self.person,
                key=f"shift:{number}:safe",
            )  # fmt: skip
        self._row(number, closed=(at, self.person, counted, expected, counted - to_safe))
        club.events.record(
            "shift.closed", at, person=self.person, shift_id=number, number=number,
            counted_tiyn=counted, expected_tiyn=expected, difference_tiyn=counted - expected,
            to_safe_tiyn=to_safe, left_tiyn=counted - to_safe, note="",
        )  # fmt: skip
        for way in ("email", "telegram"):
            club.rows.add(
                "notice", club_id=1, kind="shift_closed", way=way, shift_id=number, created_at=at,
                due_at=at, attempts=1, state="sent", ended_at=at, problem="", data="{}",
            )  # fmt: skip

    def finish(self) -> None:
        """The last shift goes on."""
        self.come_to(self._club.now)
        self._row(self._club.books.shift_id or 0, closed=(None,) * 5)
        self._club.rows.add(
            "notice_target", club_id=1, email="owner@example.com", telegram="", apprise=0, troubles=1,
            daily_head=1,
        )  # fmt: skip

    def _row(self, number: int, closed: tuple[int | None, ...]) -> None:
        closed_at, closed_by, counted, expected, left = closed
        self._club.rows.add(
            "shift", id=number, club_id=1, number=number, opened_at=self.opened_at,
            opened_by=self.person, float_tiyn=FLOAT_TIYN, float_expected_tiyn=FLOAT_TIYN,
            closed_at=closed_at, closed_by=closed_by, counted_tiyn=counted, expected_tiyn=expected,
            left_tiyn=left,
        )  # fmt: skip


class Goods:
    """Drinks and snacks."""

    def __init__(self, club: Club, desk: Desk) -> None:
        self._club = club
        self._desk = desk
        self._sold = 0
        self.last_id = 0

    def sell(self, at: int) -> None:
        """Up to three goods; now and then the money is given back."""
        club, books, number = self._club, self._club.books, self._sold
        self._sold += 1
        earned = books.club["goods_revenue"]
        goods = [1 + (number * 7 + line) % club.scale.goods for line in range(1 + number % 3)]
        total = sum(300_00 + good for good in goods)
        way = ("cash", "card")[number % 2]
        posting = self.last_id = books.post(
            "goods_sold", at, [("tiyn", books.club[way], earned, total)], person=self._desk.person,
            receipt=True, key=f"goods:bench:{number:09}",
        )  # fmt: skip
        for good in goods:
            club.rows.add(
                "good_sale", posting_id=posting, good_id=good, title=f"Напиток {good}",
                price_tiyn=300_00 + good, quantity=1,
            )  # fmt: skip
        club.events.record(
            "goods.sold", at, person=self._desk.person, posting_id=posting, total_tiyn=total,
            method=way, lines=[[f"Напиток {good}", 1] for good in goods],
        )  # fmt: skip
        write_document(club, posting, at, total, way, books.receipts)
        if number % 200 == 199:
            back = books.post(
                "goods_taken_back", at, [("tiyn", earned, books.club[way], total)],
                person=self._desk.person, receipt=True, key=f"take_back:{posting}", reason="Ошибка",
            )  # fmt: skip
            club.events.record(
                "goods.taken_back", at, person=self._desk.person, posting_id=back,
                taken_back_posting_id=posting, total_tiyn=total, reason="Ошибка",
            )  # fmt: skip


class Kaspi:
    """Payments: those that came, those that did not, what went back, and what the bank says."""

    def __init__(self, club: Club, desk: Desk) -> None:
        self._club = club
        self._desk = desk
        self._ids = count(1)
        self.last_id = self.open_id = self.refunded_id = self.refund_id = 0

    def pay(self, customer: int, at: int, amount: int, state: str = "paid") -> None:
        """The customer puts so much on the balance."""
        club, number = self._club, next(self._ids)
        kaspi, balance = club.books.club["kaspi"], club.balances[customer]
        transfers = [("tiyn", kaspi, balance, amount), *bonus(club, customer, amount)]
        posting = club.books.post("top_up", at, transfers, key=f"top_up:payment:{number}")
        self._row(number, customer, at, amount, state, posting)
        self.last_id = number
        club.events.record(
            "customer.topped_up", at, customer=customer, amount_tiyn=amount, method="kaspi",
            posting_id=posting, payment_id=number,
        )  # fmt: skip
        write_document(club, posting, at, amount, "kaspi", None)
        if number % 500:
            self._bank_line(number, at, amount)

    def pay_and_have_back(self, customer: int, at: int, amount: int) -> None:
        """A payment that was a mistake. It brings no bonus: the customer has spent none of it."""
        self.pay(customer, at, amount, state="refunded")
        club, books = self._club, self._club.books
        payment = self.refunded_id = self.last_id
        self.refund_id += 1
        transfers = [("tiyn", club.balances[customer], books.club["kaspi"], amount)]
        posting = books.post(
            "payment_refunded", at + 60, transfers, person=self._desk.person, receipt=True
        )
        club.rows.add(
            "payment_refund", id=self.refund_id, club_id=1, payment_id=payment,
            key=f"bench:{payment}", amount_tiyn=amount, state="done", reason="Ошибка",
            provider_ref=_operation(payment), posting_id=posting, asked_at=at + 60,
        )  # fmt: skip
        self._bank_line(payment, at + 60, -amount)

    def lose(self, customer: int, at: int, amount: int, state: str) -> None:
        """Money that was asked for and did not come, or of which nobody knows yet."""
        number = next(self._ids)
        self._row(number, customer, at, amount, state, None)

    def finish(self) -> None:
        """Some wait at this moment, some for somebody to look at them."""
        club = self._club
        for number in range(20):
            self.lose(1, club.start + number * DAY // 10, 700_00, "review")
        self.open_id = next(self._ids)
        self._row(self.open_id, 1, club.now - 60, 700_00, "pending", None)
        for _ in range(1, WAITING_PAYMENTS):
            self.lose(1, club.now - 60, 700_00, "pending")

    def _row(
        self, number: int, customer: int, at: int, amount: int, state: str, posting: int | None
    ) -> None:
        add, came = self._club.rows.add, posting is not None
        add(
            "payment", id=number, club_id=1, provider="kaspi", provider_ref=_operation(number),
            merchant_ref=f"lov-{number:016}", key=f"bench:{number}", customer_id=customer,
            amount_tiyn=amount, paid_tiyn=amount if came else 0, state=state, posting_id=posting,
            qr_payload=f"https://pay.example.com/{number}", pay_url="", created_at=at,
            expires_at=at + 300, paid_at=at if came else None, poll_after_seconds=15,
        )  # fmt: skip
        for kind in ("created", "paid" if came else state):
            add(
                "payment_step", payment_id=number, at=at, kind=kind, actor_name="Kaspi",
                data=json.dumps({"amount_tiyn": amount}),
            )  # fmt: skip

    def _bank_line(self, number: int, at: int, amount: int) -> None:
        self._club.rows.add(
            "bank_line", club_id=1, operation=_operation(number), amount_tiyn=amount, at=at,
            file_name="registry.xlsx", uploaded_at=at + DAY,
        )  # fmt: skip


def bonus(club: Club, customer: int, amount: int) -> list[tuple[str, int, int, int]]:
    """What a top-up brings in play money, to those who have any."""
    account = club.bonuses.get(customer)
    if account is None:
        return []
    return [("tiyn", club.books.club["bonus_given"], account, amount // 20)]


def _operation(number: int) -> str:
    return str(10**9 + number)


def write_document(
    club: Club, posting: int, at: int, total: int, way: str, receipt: int | None
) -> None:
    """What the tax office's operator is told of a posting; the newest of it waits."""
    is_new = at > club.now - 3600
    club.rows.add(
        "fiscal_document", club_id=1, key=f"{posting:032x}", kind="sale", posting_id=posting,
        original_key="", receipt_number=receipt, made_at=at, total_tiyn=total,
        cash_tiyn=total if way == "cash" else 0, card_tiyn=total if way == "card" else 0,
        kaspi_tiyn=total if way == "kaspi" else 0, vat_tiyn=0,
        lines=json.dumps([{"title": "Оплата", "quantity": 1, "price_tiyn": total}]),
        state="queued" if is_new else "confirmed", attempts=1, next_try_at=at if is_new else None,
        sent_at=None if is_new else at, confirmed_at=None if is_new else at,
        fiscal_number=f"{posting}", check_url="", problem="",
    )  # fmt: skip
