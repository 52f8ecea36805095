"""A busy small club: the books say what one finds by reading every entry, by whatever they are cut."""

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fpdf import FPDF
from openpyxl import load_workbook
from sqlalchemy import delete, func, select
from sqlalchemy.orm import aliased

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.halls import service as halls
from lovhub.server.journal.models import Event
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CUSTOMER_BALANCE, KASPI
from lovhub.server.ledger.models import (
    AccountBalance,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.lots import expiry
from lovhub.server.lots.models import Lot
from lovhub.server.reports import book_days, books, rules, series, service
from lovhub.server.reports.book_days import Cut
from lovhub.server.reports.book_tables import SHOWN
from lovhub.server.reports.models import BookDay
from lovhub.server.reports.rules import ClubDays, Period
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.club import CASHIER, OWNER, People
from tests.support.month import DAY
from tests.support.statements import asked
from tests.support.web import ADDRESS, WebAdmin

ALMATY = ZoneInfo("Asia/Almaty")
FIRST = date(2027, 3, 28)
DAYS = 5
"""Over the end of a week and of a month."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(int(datetime(2027, 3, 28, 9, tzinfo=ALMATY).timestamp()))


@dataclass
class Busy:
    """A club of four PCs in two zones and none, and where each PC has stood since when."""

    club: ClubContext
    clock: ManualClock
    people: People
    chance: random.Random = field(default_factory=lambda: random.Random(11))
    stood: list[tuple[int, int, int | None]] = field(default_factory=list)
    number: int = 0

    def play(self) -> None:
        """Sales at the desk and at the PC, guests, goods, refunds, expiry, Kaspi, a PC that changes its zone."""
        zones = [self.people.zone("Зал").zone_id, self.people.zone("VIP").zone_id, None]
        pcs = [self.people.computer() for _ in range(4)]
        for pc, zone in zip(pcs, [*zones, zones[1]], strict=True):
            self.place(pc, zone)
        offered = [
            tariffs.create(self.club, terms=terms, actor=OWNER)
            for terms in (
                Terms("1 час", 3600, 333_33),
                Terms("3 часа", 3 * 3600, 1_000_01, rest_rule="refunded"),
                Terms("Пакет", 2 * 3600, 700_00, rest_rule="expires"),
                Terms("По минутам", 3600, 600_00, "per_minute"),
                Terms(
                    "Неделя", 5 * 3600, 1_500_00, kind="bundle", valid_days=2, rest_rule="expires"
                ),
            )
        ]
        water = goods.create(self.club, title="Вода", price_tiyn=300_00, actor=OWNER)
        players = [self.people.customer(balance_tiyn=500_00) for _ in range(3)]
        end = self.clock.now() + DAYS * DAY - 12 * 3600
        while self.clock.now() < end:
            self.number += 1
            pc, player = self.chance.choice(pcs), self.chance.choice(players)
            with suppress(OperationRefused):  # somebody sits there, or plays elsewhere
                self.act(self.chance.randrange(10), pc, player, self.chance.choice(offered), water)
            self.clock.advance(self.chance.randint(300, 5 * 3600))
            expiry.expire_due(self.club)
            for _ in range(3):
                link.run_due(self.club, pcs)
            if self.number == 20:
                self.place(pcs[0], zones[1])
            if self.chance.random() < 0.3:
                self.sum_up()

    def act(self, what: int, pc: int, player: int, tariff: int, water: int) -> None:
        key, method = f"operation-{self.number}", self.chance.choice(["cash", "card", "kaspi"])
        who = self.chance.choice([CASHIER, OWNER])
        if what <= 1:
            sessions.seat_guest(
                self.club, computer_id=pc, tariff_id=tariff, method=method, guest_name="",
                actor=who, key=key,
            )  # fmt: skip
        elif what <= 5:
            customers.top_up(
                self.club, customer_id=player, amount_tiyn=1_700_50, method=method, key=f"{key}:t",
                actor=who,
            )  # fmt: skip
            himself = Actor("customer", player, "Игрок")
            sessions.buy(
                self.club, computer_id=pc, customer_id=player, tariff_id=tariff, key=key,
                actor=self.chance.choice([who, himself]),
            )  # fmt: skip
        elif what == 6:
            posting_id = goods.sell(
                self.club, lines=[Line(water, 2)], method=method, expected_tiyn=600_00, key=key,
                actor=who,
            )  # fmt: skip
            if self.chance.random() < 0.3:
                goods.take_back(self.club, posting_id=posting_id, reason="Ошибка", actor=OWNER)
        elif what == 7:
            self.told_by_the_bank(player, key)
        elif what == 8:
            customers.top_up(
                self.club, customer_id=player, amount_tiyn=900_00, method=method, key=key, actor=who
            )
            with self.club.read() as db:
                posting_id = db.scalars(select(func.max(LedgerPosting.id))).one()
            reversal.take_back(
                self.club, customer_id=player, posting_id=posting_id, reason="Ошибка", actor=OWNER
            )
        else:
            with self.club.read() as db:
                on = db.scalars(
                    select(PlaySession.id).where(
                        PlaySession.computer_id == pc, PlaySession.state == "active"
                    )
                ).first()
            if on is not None:
                sessions.end(self.club, session_id=on, actor=who, reason="ended_by_desk")

    def told_by_the_bank(self, player: int, key: str) -> None:
        with self.club.write() as work:
            account = work.db.get_one(Customer, player).balance_account_id
            ledger.post(
                work, key=key, kind="top_up", actor=SYSTEM,
                transfers=[
                    Transfer(
                        ledger.club_account(work, KASPI),
                        Account(account, CUSTOMER_BALANCE.unit),
                        400_00,
                    )
                ],
            )  # fmt: skip

    def place(self, pc: int, zone: int | None) -> None:
        halls.place(self.club, computer_ids=[pc], zone_id=zone, actor=OWNER)
        self.stood.append((self.clock.now(), pc, zone))

    def zone(self, pc: int, at: int) -> str:
        zone = [where for since, which, where in self.stood if which == pc and since <= at][-1]
        return "" if zone is None else str(zone)

    def sum_up(self) -> None:
        service.sum_up(self.club)
        service.close_days(self.club)
        service.close_book_days(self.club)


@pytest.fixture
def busy(club: ClubContext, clock: ManualClock, people: People) -> Busy:
    made = Busy(club, clock, people)
    made.play()
    return made


def test_the_books_are_what_the_entries_say(busy: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    period = Period(ClubDays("Asia/Almaty"), FIRST, FIRST + timedelta(days=DAYS))
    by_shift = Period(ClubDays("Asia/Almaty", 8 * 3600 + 900), FIRST, FIRST + timedelta(days=2))
    middle = Period(ClubDays("Asia/Almaty"), FIRST + timedelta(days=1), FIRST + timedelta(days=3))
    assert len(days(busy.club)) >= DAYS - 2
    for one in (period, by_shift, middle):
        assert_as_recounted(busy, one)
    assert_what_is_owed_is_all_that_is_not_the_clubs(busy, period)
    assert_something_of_everything(busy, period)
    assert_told_alike(busy, period, monkeypatch)
    assert_what_is_asked_does_not_grow(busy, period)
    step_by_step = days(busy.club)
    with busy.club.write() as work:
        work.db.execute(delete(BookDay))
    assert_as_recounted(busy, period)
    service.close_book_days(busy.club)
    service.close_book_days(busy.club)
    assert days(busy.club) == step_by_step


def test_what_a_pc_hands_in_late_counts_when_it_comes(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    pc, player = people.computer(), people.customer(balance_tiyn=500_00)
    clock.advance(14 * 3600)  # 23:00
    session_id = sessions.buy(
        club, computer_id=pc, customer_id=player, tariff_id=people.tariff(price_tiyn=360_00),
        key="late", actor=CASHIER,
    )  # fmt: skip
    link.link_lost(club, computer_id=pc)
    clock.advance(DAY + 3 * 3600)
    service.sum_up(club)
    service.close_book_days(club)
    period = Period(ClubDays("Asia/Almaty"), FIRST, FIRST + timedelta(days=2))
    before = days(club)
    assert len(before) == 1

    link.link_returned(
        club, computer_id=pc, boot_id="boot-1",
        report=ReportedSession(
            session_id=session_id, lease_serial=1, played_seconds=900, boot_id="boot-1",
            last_tick_at=0,
        ),
    )  # fmt: skip
    clock.advance(DAY)
    service.sum_up(club)
    service.close_book_days(club)
    assert days(club)[:1] == before
    with club.read() as db:
        lines = books.lines(books.read(db, club.club_id, period, "day", "whole"))
    assert [(line.sums.of("sold"), line.sums.of("played")) for line in lines] == [
        (360_00, 0), (0, 0), (0, 90_00),
    ]  # fmt: skip


def test_what_no_time_has_earned_is_in_every_cut() -> None:
    moved = [
        book_days.Moved(0, debit, credit, False, "staff", 1, amount)
        for debit, credit, amount in (
            ("customer_balance", "revenue", 5), ("bonus_given", "customer_bonus", 7),
        )
    ]  # fmt: skip
    entries_of = book_days.entries(moved, [])
    played = {(one.cut, one.value, one.amount_tiyn) for one in entries_of if one.what == "played"}
    assert played == {("whole", "", 5), ("zone", "", 5), ("tariff", "", 5)}
    owed = book_days.added([0, DAY], "whole", {}, entries_of).owed
    assert [(one.kind, one.change_tiyn, one.in_money) for one in owed] == [
        ("customer_balance", -5, True), ("customer_bonus", 7, False),
    ]  # fmt: skip


def test_a_clock_that_was_set_back_is_summed_up_anew(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    player = people.customer(balance_tiyn=100_00)
    for _ in range(3):
        clock.advance(DAY)
        for step in (service.sum_up, service.close_book_days):
            step(club)
    assert len(days(club)) == 3
    clock.advance(-2 * DAY)
    service.sum_up(club)
    customers.top_up(
        club, customer_id=player, amount_tiyn=50_00, method="cash", key="again", actor=OWNER
    )
    clock.advance(3 * DAY)
    for step in (service.sum_up, service.close_book_days):
        step(club)
    with club.read() as db:
        today = ClubDays("Asia/Almaty").day_of(clock.now())
        whole = Period(ClubDays("Asia/Almaty"), today - timedelta(days=9), today)
        found = books.read(db, club.club_id, whole, "whole", "whole")
    assert found.cells[0, ""]["in:cash"] == 150_00
    assert [(owed.kind, owed.after_tiyn) for owed in found.owed] == [("customer_balance", 150_00)]


# --- what is asked ----------------------------------------------------------------------------------


def assert_as_recounted(busy: Busy, period: Period) -> None:
    by_entry = recounted(busy, period)
    with busy.club.read() as db:
        for cut in ("whole", "zone", "tariff", "person", "owed"):
            for step in ("whole", "day", "week", "month"):
                found = books.read(db, busy.club.club_id, period, step, cut)  # type: ignore[arg-type]
                shown: Counter[tuple[date, str, str]] = Counter()
                for (number, value), cell in found.cells.items():
                    for what, amount in cell.items():
                        shown[found.stretches[number].first, value, what] += amount
                expected: Counter[tuple[date, str, str]] = Counter()
                for (day, of_cut, value, what), amount in by_entry.items():
                    if of_cut == cut:
                        first = [one for one in found.stretches if one.first <= day][-1].first
                        expected[first, value, what] += amount
                assert nonzero(shown) == nonzero(expected), (cut, step)
        charts = rules.money(series.flows(db, busy.club.club_id, period.from_at, period.until_at))
        whole = books.lines(books.read(db, busy.club.club_id, period, "whole", "whole"))
        owed = books.read(db, busy.club.club_id, period, "whole", "zone").owed
    sums = whole[0].sums
    assert (charts.sold_tiyn, charts.played_tiyn, charts.goods_tiyn) == (
        sums.of("sold"), sums.of("played"), sums.of("goods"),
    )  # fmt: skip
    assert charts.received_tiyn == {
        method: sums.of(f"received:{method}") for method in ("cash", "card", "kaspi")
    }
    assert {(one.kind, one.before_tiyn, one.after_tiyn) for one in owed} == {
        (kind, *owed_by_entries(busy.club, kind, (period.from_at, period.until_at)))
        for kind in ("customer_balance", "lot_unearned")
    }


def assert_what_is_owed_is_all_that_is_not_the_clubs(busy: Busy, period: Period) -> None:
    with busy.club.read() as db:
        ours = db.scalar(
            select(func.sum(AccountBalance.balance))
            .join(LedgerAccount, LedgerAccount.id == AccountBalance.account_id)
            .where(LedgerAccount.is_club, LedgerAccount.unit == "tiyn")
        )
        owed = books.read(db, busy.club.club_id, period, "whole", "whole").owed
    assert sum(one.after_tiyn for one in owed) == -int(ours or 0) > 0


def assert_something_of_everything(busy: Busy, period: Period) -> None:
    by_entry = recounted(busy, period)
    values: dict[str, set[str]] = {}
    for (_day, cut, value, _what), amount in by_entry.items():
        if amount:
            values.setdefault(cut, set()).add(value)
    assert {what for *_, what in by_entry} >= {
        "sold", "played", "expired", "goods", "in:cash", "in:card", "in:kaspi", "out:cash",
    }  # fmt: skip
    assert any(amount < 0 for (*_, what), amount in by_entry.items() if what == "sold"), "refunds"
    assert len(values["zone"]) == 3
    assert len(values["tariff"]) == 5
    assert values["person"] == {"staff:1", "staff:2", "player", "system"}


def assert_told_alike(busy: Busy, period: Period, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page, the API and every file say what `books` reads, which is what the entries say."""
    written: list[str] = []
    cell = FPDF.cell

    def noted(self: FPDF, *arguments: Any, **options: Any) -> bool:
        written.append(str(arguments[2]) if len(arguments) > 2 else "")
        return cell(self, *arguments, **options)

    monkeypatch.setattr(FPDF, "cell", noted)
    web = WebAdmin(busy.club)
    web.make_owner()
    web.make_staff("manager", name="Дәурен Қасымұлы")
    span = f"first_day={period.first}&last_day={period.last}"
    for step, by in (("day", "whole"), ("week", "zone"), ("whole", "person"), ("month", "method")):
        with busy.club.read() as db:
            found = books.read(db, busy.club.club_id, period, step, by)  # type: ignore[arg-type]
        shown = SHOWN[found.by]
        expected = [[line.sums.of(what) for what in shown] for line in books.lines(found)]
        api = web.app.test_client().get(
            f"/api/v1/reports/books?{span}&step={step}&by={by}",
            base_url=ADDRESS,
            headers={"Authorization": f"Bearer {web.token()}"},
        )
        lines = api.get_json()["lines"]
        assert [[line["sums"][what] for what in shown] for line in lines] == expected
        total = [sum(column) for column in zip(*expected, strict=True)]
        assert [api.get_json()["total"]["sums"][what] for what in shown] == total
        page = f"/admin/books?from={period.first}&until={period.last}&step={step}&by={by}"
        amounts = [
            [amount for amount in map(tiyn, row) if amount is not None]
            for row in rows_of(web.owner().get(page).text)
        ]
        assert amounts == [*expected, total]
        csv_rows = list(
            csv.reader(
                io.StringIO(web.owner().get(f"{page}&export=csv").data.decode("utf-8-sig")),
                delimiter=";",
            )
        )
        assert [[tiyn(cell) for cell in row[-len(shown) :]] for row in csv_rows[1:]] == expected
        sheet = load_workbook(io.BytesIO(web.owner().get(f"{page}&export=xlsx").data)).worksheets[0]
        assert [
            [round(float(str(cell)) * 100) for cell in row[-len(shown) :]]
            for row in sheet.iter_rows(min_row=2, values_only=True)
        ] == expected
        written.clear()
        file = web.owner().get(f"{page}&export=pdf")
        assert (file.status_code, file.data[:5]) == (200, b"%PDF-")
        texts = iter(written)
        for amount in (amount for row in [*expected, total] for amount in row):
            assert any(tiyn(text) == amount for text in texts), "each is written, in this order"
    assert any("Дәурен Қасымұлы" in line["name"] for line in web_lines(web, f"{span}&by=person"))
    for role, status in (("cashier", 403), ("technician", 403), ("manager", 200)):
        assert web.signed_in(role).get("/admin/books").status_code == status
        assert web.signed_in(role).get("/admin/books?export=pdf").status_code == status
    web.give_back()


def web_lines(web: WebAdmin, query: str) -> list[dict[str, Any]]:
    answer = web.app.test_client().get(
        f"/api/v1/reports/books?{query}",
        base_url=ADDRESS,
        headers={"Authorization": f"Bearer {web.token()}"},
    )
    lines: list[dict[str, Any]] = answer.get_json()["lines"]
    return lines


def rows_of(page: str) -> list[list[str]]:
    table = page.partition('data-test="books"')[2].partition("</table>")[0]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table.split("</tr>")]
    return [row for row in rows if row]


def tiyn(text: str) -> int | None:
    """«−1 500,50 ₸» → -150050; None for what is no amount."""
    found = re.fullmatch(r"(-?)(\d+)(?:,(\d\d))?", re.sub(r"[\s₸]", "", text).replace("−", "-"))
    if found is None:
        return None
    return int(f"{found[1]}{found[2]}{found[3] or '00'}")


def assert_what_is_asked_does_not_grow(busy: Busy, period: Period) -> None:
    for length in (1, DAYS):
        part = replace(period, first=period.last - timedelta(days=length))
        with asked(busy.club) as told, busy.club.read() as db:
            books.read(db, busy.club.club_id, part, "day", "zone")
        assert len(told) == 3, "the days, and two of the ledger"
    with busy.club.read() as db:
        last = db.scalars(select(func.max(BookDay.day_at))).one()
        earlier = replace(period, last=ClubDays("Asia/Almaty").day_of(last))
    with asked(busy.club) as told, busy.club.read() as db:
        books.read(db, busy.club.club_id, earlier, "day", "zone")
    assert len(told) == 1, "what is over is read from its sums alone"


def days(club: ClubContext) -> list[tuple[int, bytes]]:
    with club.read() as db:
        rows = db.execute(
            select(BookDay.day_at, BookDay.cut, BookDay.quarters).order_by(
                BookDay.day_at, BookDay.cut
            )
        )
        by_day: dict[int, bytes] = {}
        for at, cut, kept in rows:
            by_day[at] = by_day.get(at, b"") + cut.encode() + kept
    return sorted(by_day.items())


def nonzero(found: Counter[tuple[date, str, str]]) -> dict[tuple[date, str, str], int]:
    return {key: amount for key, amount in found.items() if amount}


# --- the same, entry by entry -----------------------------------------------------------------------


def entries(club: ClubContext) -> Iterator[tuple[LedgerPosting, LedgerTransfer, str, str]]:
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    with club.read() as db:
        for row in db.execute(
            select(LedgerPosting, LedgerTransfer, debit.kind, credit.kind)
            .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
            .join(debit, debit.id == LedgerTransfer.debit_account_id)
            .join(credit, credit.id == LedgerTransfer.credit_account_id)
            .where(LedgerTransfer.unit == "tiyn")
        ):
            yield row[0], row[1], row[2], row[3]


CUTS_OF: dict[str, tuple[Cut, ...]] = {
    "sold": ("whole", "tariff", "zone", "person"),
    "played": ("whole", "tariff", "zone"),
    "expired": ("whole", "tariff", "zone"),
    "goods": ("whole", "person"),
    "in": ("whole", "person"),
    "out": ("whole", "person"),
    "change": ("owed",),
}


def recounted(busy: Busy, period: Period) -> Counter[tuple[date, Cut, str, str]]:
    found: Counter[tuple[date, Cut, str, str]] = Counter()
    with busy.club.read() as db:
        lots = {lot.unearned_account_id: lot for lot in db.scalars(select(Lot))}
        sittings = {row.id: row for row in db.scalars(select(PlaySession))}
    pc_of_sale = pcs_of_sales(busy.club)
    for posting, transfer, debit, credit in entries(busy.club):
        if not period.from_at <= posting.at < period.until_at:
            continue
        person = "system" if posting.actor_kind == "system" else "player"
        if posting.key.startswith("session:") and posting.kind.startswith("session."):
            person = "player"
        elif posting.actor_kind == "staff":
            person = f"staff:{posting.actor_id}"
        tariff = zone = ""
        lot = lots.get(transfer.debit_account_id) or lots.get(transfer.credit_account_id)
        if lot is not None:
            tariff, zone = str(lot.tariff_id), busy.zone(pc_of_sale[lot.id], lot.sold_at)
        if posting.key.startswith("session:") and "rest" not in posting.key:
            sitting = sittings[int(posting.key.split(":")[1])]
            zone = busy.zone(sitting.computer_id, sitting.started_at)
        values = {"whole": "", "tariff": tariff, "zone": zone, "person": person}
        for what, signed in meant(posting, debit, credit, transfer.amount):
            name, _colon, account = what.partition(":")
            for cut in CUTS_OF[name]:
                value = values.get(cut, account)
                told = name if cut == "owed" else what
                found[period.days.day_of(posting.at), cut, value, told] += signed
    return found


def meant(
    posting: LedgerPosting, debit: str, credit: str, amount: int
) -> Iterator[tuple[str, int]]:
    if credit == "revenue":
        yield "played", amount
        if posting.kind == "time.expired":
            yield "expired", amount
    for kind, sign in ((debit, -1), (credit, 1)):
        if kind in {"customer_balance", "lot_unearned"}:
            yield f"change:{kind}", sign * amount
        if kind == "lot_unearned" and credit != "revenue":
            yield "sold", sign * amount
        if kind == "goods_revenue":
            yield "goods", sign * amount
        if kind in {"cash", "card", "kaspi"}:
            yield f"{'in' if kind == debit else 'out'}:{kind}", amount


def pcs_of_sales(club: ClubContext) -> dict[int, int]:
    with club.read() as db:
        kinds = ("time.sold", "session.by_minute")
        sold = db.scalars(select(Event).where(Event.kind.in_(kinds)))
        return {event.data["lot_id"]: event.computer_id or 0 for event in sold}


def owed_by_entries(club: ClubContext, kind: str, instants: tuple[int, int]) -> tuple[int, ...]:
    found = [0, 0]
    for posting, transfer, debit, credit in entries(club):
        for number, instant in enumerate(instants):
            if posting.at < instant:
                found[number] += transfer.amount * ((credit == kind) - (debit == kind))
    with club.read() as db:
        now = db.scalar(
            select(func.sum(AccountBalance.balance))
            .join(LedgerAccount, LedgerAccount.id == AccountBalance.account_id)
            .where(LedgerAccount.kind == kind)
        )
    total = sum(
        transfer.amount * ((credit == kind) - (debit == kind))
        for _posting, transfer, debit, credit in entries(club)
    )
    assert total == int(now or 0)
    return tuple(found)
