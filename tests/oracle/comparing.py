"""The month as the oracle reckons it, as services, entries, API, page, table and export say it: side by side."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from lovhub.server.customers import view as customers_view
from lovhub.server.customers.models import Customer
from lovhub.server.fiscal.models import FiscalDocument
from lovhub.server.guest_time import queries
from lovhub.server.ledger import export, sealing
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import AccountBalance, Desk, LedgerAccount, LedgerTransfer
from lovhub.server.lots.models import Lot
from lovhub.server.reports import service as reports
from lovhub.server.shifts.models import Shift
from tests.oracle.terms import FOREVER
from tests.oracle.world import World
from tests.support.web import ADDRESS, WebAdmin

SAFE_SIGN = (
    -1
)  # the ledger's balances are credits less debits: what the club has is below zero there


def assert_rest_agrees(world: World) -> None:
    """In the middle of it all: what nobody at a PC changes is the same already. Sums nothing up."""
    oracle = world.oracle
    sitting = {oracle.sittings[session].player for session in world.at_pc.values()}
    with world.club.read() as db:
        kept = dict(
            db.execute(
                select(LedgerAccount.kind, AccountBalance.balance)
                .join(AccountBalance, AccountBalance.account_id == LedgerAccount.id)
                .where(LedgerAccount.kind.in_(AT_THE_DESK))
            ).all()
        )
        receipts = db.scalar(select(Desk.last_receipt))
        balances = dict(
            db.execute(
                select(Customer.id, AccountBalance.balance).join(
                    AccountBalance, AccountBalance.account_id == Customer.balance_account_id
                )
            ).all()
        )
    wanted = _at_the_desk(world)
    _nothing_differs([
        *((kind, wanted[f"tiyn {kind}"], kept[kind]) for kind in AT_THE_DESK),
        ("receipts", oracle.receipts, receipts),
        *(
            (f"balance of {one}", oracle.balances[one], balances[one])
            for one in world.customers
            if one not in sitting
        ),
        *_lots(world, but_of=sitting),
    ])  # fmt: skip


def assert_all_agree(world: World, web: WebAdmin) -> None:
    """Whoever is asked says the same; otherwise everything that differs is told."""
    reports.sum_up(world.club)
    reports.close_days(world.club)
    sealing.seal(world.club, everything=True)
    with world.club.read() as db:
        assert check_ledger(db) == []
    _nothing_differs([
        *_accounts(world), *_lots(world), *_paid(world), *_papers(world), *_shifts(world), *_books(world, web)
    ])  # fmt: skip


def _nothing_differs(compared: Iterable[tuple[str, Any, Any]]) -> None:
    found = [
        f"{what}: the oracle says {wanted}, we say {got}"
        for what, wanted, got in compared
        if wanted != got
    ]
    assert not found, "\n".join([f"{len(found)} differences", *found[:40]])


Compared = Iterator[tuple[str, Any, Any]]


def _accounts(world: World) -> Compared:
    """Kept balances, those recomputed from entries, and those of the export for hledger."""
    oracle = world.oracle
    with world.club.read() as db:
        kept = Counter[str]()
        for kind, unit, balance in db.execute(
            select(LedgerAccount.kind, LedgerAccount.unit, AccountBalance.balance).join(
                AccountBalance, AccountBalance.account_id == LedgerAccount.id
            )
        ):
            kept[f"{unit} {kind}"] += balance
        entries = Counter[str]()
        for side, sign in (
            (LedgerTransfer.credit_account_id, 1),
            (LedgerTransfer.debit_account_id, -1),
        ):
            for kind, unit, amount in db.execute(
                select(LedgerAccount.kind, LedgerAccount.unit, func.sum(LedgerTransfer.amount))
                .join(LedgerTransfer, side == LedgerAccount.id)
                .group_by(LedgerAccount.kind, LedgerAccount.unit)
            ):
                entries[f"{unit} {kind}"] += sign * int(amount)
        exported = _exported(export.journal(db, world.club.club_id))
        receipts = db.scalar(select(Desk.last_receipt))
    wanted = {
        **_at_the_desk(world),
        "tiyn revenue": oracle.played,
        "tiyn customer_balance": oracle.balances.total(),
        "tiyn customer_debt": -oracle.debts.total(),
        "tiyn debt_forgiven": -oracle.debts_forgiven,
        "tiyn lot_unearned": sum(lot.money.owed for lot in oracle.lots),
        "tiyn desk_credit": oracle.credits.total(),
        "tiyn customer_bonus": oracle.bonuses.total(),
        "tiyn bonus_given": -oracle.bonuses_given,
        "tiyn lot_bonus": sum(lot.bonus.owed for lot in oracle.lots),
        "tiyn bonus_used": sum(lot.bonus.used for lot in oracle.lots),
        "tiyn discount_given": sum(
            lot.discount.returned + lot.discount.carried - lot.discount.given for lot in oracle.lots
        ),
        "tiyn lot_discount": sum(lot.discount.owed for lot in oracle.lots),
        "tiyn discount_used": sum(lot.discount.used for lot in oracle.lots),
        "second lot_consumed": oracle.seconds_by_minute + sum(lot.played for lot in oracle.lots),
        "second lot_available": sum(lot.left for lot in oracle.lots),
        "second hold": 0,
    }
    for name, amount in wanted.items():
        yield f"{name} as kept", amount, kept[name]
        yield f"{name} from entries", amount, entries[name]
        yield f"{name} exported", -amount, exported[export.PLACES[name.split()[1]]]
    yield "receipts", oracle.receipts, receipts
    yield from _guests(world)
    for customer in world.customers:
        yield (
            f"balance of {customer}",
            oracle.balances[customer],
            world.people.balance_tiyn(customer),
        )
        with world.club.read() as db:
            view = customers_view.customer_view(db, 1, customer, world.clock.now())
        yield f"debt of {customer}", oracle.debts[customer], view.debt_tiyn
        yield f"bonuses of {customer}", oracle.bonuses[customer], view.bonus_tiyn
        yield (
            f"seconds of {customer}",
            oracle.seconds_left(customer, world.clock.now()),
            view.seconds_available,
        )


def _guests(world: World) -> Compared:
    """What each guest has paid for and nobody plays, as the desk is shown it, and what is owed for all of it."""
    now = world.clock.now()
    with world.club.read() as db:
        rows = queries.page(db, world.club.club_id, now=now, limit=EVERYTHING).rows
        owed = queries.owed_tiyn(db, world.club.club_id, now)
    waits = world.oracle.all_that_waits(now)
    yield "guests' time (seconds, owed)", waits, sorted((r.seconds, r.amount_tiyn) for r in rows)
    yield "owed to guests", sum(tiyn for _seconds, tiyn in waits), owed


EVERYTHING = 100_000
AT_THE_DESK = ("cash", "safe", "over_short", "card", "kaspi", "goods_revenue")
"""Accounts in which playing moves nothing."""


def _at_the_desk(world: World) -> dict[str, int]:
    oracle = world.oracle
    taken, given = Counter[str](), Counter[str]()
    for day in oracle.days.values():
        taken.update(day.received)
        given.update(day.given_back)
    return {
        "tiyn cash": SAFE_SIGN * oracle.drawer.cash,
        "tiyn safe": SAFE_SIGN * oracle.drawer.safe,
        "tiyn over_short": oracle.drawer.over_short,
        "tiyn card": given["card"] - taken["card"],
        "tiyn kaspi": given["kaspi"] - taken["kaspi"],
        "tiyn goods_revenue": sum(day.goods for day in oracle.days.values()),
    }


def _exported(lines: Iterator[str]) -> Counter[str]:
    """Sums of the journal's entries by the place of an account, read as text."""
    sums = Counter[str]()
    for line in lines:
        if line.startswith("    ") and not line.startswith("    ;") and " = " not in line:
            account, amount = line.split("  ")[-2:]
            number, unit = amount.rsplit(" ", 1)
            place = account.strip()
            for known in export.PLACES.values():
                if place == known or place.startswith(f"{known}:"):
                    factor = 1 if unit == export.SECONDS else 100
                    sums[known] += int(Decimal(number) * factor)
    return sums


def _lots(world: World, but_of: Collection[object] = ()) -> Compared:
    """Each purchase: what it was, and what became of it; but not of these players."""
    with world.club.read() as db:
        lots = db.scalars(select(Lot).where(Lot.kind != "per_minute").order_by(Lot.id)).all()
        balances = dict(db.execute(select(AccountBalance.account_id, AccountBalance.balance)).all())
    yield "lots", len(world.oracle.lots), len(lots)
    for lot, ours in zip(world.oracle.lots, lots, strict=False):
        if lot.whose in but_of:
            continue
        wanted = (
            lot.seconds, lot.money.given, lot.bonus.given, lot.discount.given,
            lot.expires, lot.played, lot.left, lot.money.owed,
        )  # fmt: skip
        got = (
            ours.granted_seconds,
            ours.price_tiyn,
            ours.bonus_tiyn,
            ours.discount_tiyn,
            FOREVER if ours.expires_at is None else ours.expires_at,
            balances.get(ours.consumed_account_id, 0),
            balances.get(ours.available_account_id, 0),
            balances.get(ours.unearned_account_id, 0),
        )
        yield (
            f"lot {ours.id} «{ours.title}» (seconds, price, bonus, discount, expiry, played, left, owed)",
            wanted,
            got,
        )


def _paid(world: World) -> Compared:
    """By which ways each purchase was paid."""
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    with world.club.read() as db:
        for lot, kind, amount in db.execute(
            select(Lot.id, LedgerAccount.kind, func.sum(LedgerTransfer.amount))
            .join(LedgerTransfer, LedgerTransfer.posting_id == Lot.posting_id)
            .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.debit_account_id)
            .where(
                LedgerTransfer.credit_account_id == Lot.unearned_account_id,
                Lot.kind != "per_minute",
            )
            .group_by(Lot.id, LedgerAccount.kind)
        ):
            found[lot][kind.replace("customer_", "")] = int(amount)
        lots = db.scalars(select(Lot.id).where(Lot.kind != "per_minute").order_by(Lot.id)).all()
    for lot, number in zip(world.oracle.lots, lots, strict=False):
        if lot.paid:
            yield f"lot {number} paid", {k: v for k, v in lot.paid.items() if v}, found[number]


def _papers(world: World) -> Compared:
    """Fiscal documents: one of each operation that took money or gave some back."""
    with world.club.read() as db:
        rows = db.scalars(select(FiscalDocument).order_by(FiscalDocument.id)).all()
    yield "fiscal documents", len(world.oracle.papers.made), len(rows)
    for paper, row in zip(world.oracle.papers.made, rows, strict=False):
        wanted = (paper.kind, *paper.by_way, paper.total, paper.vat, paper.total)
        lines = sum(line["price_tiyn"] * line["quantity"] for line in row.lines)
        got = (
            row.kind,
            row.cash_tiyn,
            row.card_tiyn,
            row.kaspi_tiyn,
            row.total_tiyn,
            row.vat_tiyn,
            lines,
        )
        yield f"document {row.id} (kind, cash, card, kaspi, total, tax, lines)", wanted, got


def _shifts(world: World) -> Compared:
    with world.club.read() as db:
        rows = db.scalars(select(Shift).order_by(Shift.id)).all()
    yield "shifts", len(world.oracle.drawer.shifts), len(rows)
    for shift, row in zip(world.oracle.drawer.shifts, rows, strict=False):
        yield f"shift {row.number}: expected in the drawer", shift.expected, row.expected_tiyn
        found = (
            None if row.float_expected_tiyn is None else row.float_tiyn - row.float_expected_tiyn
        )
        yield f"shift {row.number}: found at its opening", shift.found_at_opening, found or 0
        if row.counted_tiyn is not None:
            difference = row.counted_tiyn - (row.expected_tiyn or 0)
            yield f"shift {row.number}: difference", shift.difference, difference


def _books(world: World, web: WebAdmin) -> Compared:
    """The books' API day by day and by what they are cut into, and the table that the page gives away."""
    oracle = world.oracle
    days = sorted(oracle.days)
    first, last = days[0], days[-1] + timedelta(days=1)
    program = web.app.test_client()
    headers = {"Authorization": f"Bearer {web.token()}"}

    def books(step: str, by: str) -> dict[str, Any]:
        answer = program.get(
            f"/api/v1/reports/books?first_day={first}&last_day={last}&step={step}&by={by}",
            headers=headers, base_url=ADDRESS,
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    by_day = books("day", "whole")
    for line in by_day["lines"]:
        day = oracle.days[next(d for d in _span(first, last) if d.isoformat() == line["first_day"])]
        for what, wanted in (
            ("goods", day.goods),
            *(
                (f"received:{way}", day.received[way] - day.given_back[way])
                for way in ("cash", "card", "kaspi")
            ),
        ):
            yield f"{line['first_day']} {what}", wanted, line["sums"][what]
    sold = Counter[str]()
    minutes = {one.title for one in world.minutes.values()}
    for line in books("day", "tariff")["lines"]:
        # What is played by the minute is sold as it is reserved, which a day's end may cut anywhere.
        if line["name"] not in minutes:
            sold[line["first_day"]] += line["sums"]["sold"]
    for day, of_day in oracle.days.items():
        yield f"{day} sold", of_day.sold, sold[day.isoformat()]
    total = by_day["total"]["sums"]
    yield "played in all", oracle.played, total["played"]
    yield "expired in all", sum(lot.money.expired for lot in oracle.lots), total["expired"]
    yield from _cuts(world, books, total)
    owed = {one["kind"]: one["after_tiyn"] for one in by_day["owed"]}
    told = [owed.pop("customer_bonus", 0), owed.pop("lot_bonus", 0)]  # beside the sum
    yield "debts at the end", oracle.debts.total(), abs(owed.pop("customer_debt", 0))
    bonuses = [oracle.bonuses.total(), sum(lot.bonus.owed for lot in oracle.lots)]
    yield "bonuses at the end", bonuses, told
    yield "owed at the end", oracle.owed, sum(owed.values())
    table = web.owner().get(
        f"/admin/books?from={first}&until={last}&step=whole&by=whole&export=csv"
    )
    assert table.status_code == 200
    rows = list(
        csv.DictReader(io.StringIO(table.get_data(as_text=True).lstrip("\ufeff")), delimiter=";")
    )
    yield "the table's sum of what was sold", total["sold"], _tiyn(rows[0]["Продано"])


def _cuts(
    world: World, books: Callable[[str, str], dict[str, Any]], total: dict[str, int]
) -> Compared:
    """By zone, tariff and person."""
    oracle = world.oracle
    minutes = {one.title for one in world.minutes.values()}
    zones = Counter({"": oracle.earned_by_no_time})
    for zone, amount in (oracle.played_by_zone + oracle.expired_by_zone).items():
        zones[str(zone or "")] += amount
    told, sold = Counter[str](), Counter[str]()
    for line in books("whole", "zone")["lines"]:
        told[line["value"]] += line["sums"]["played"]
        sold[line["value"]] += line["sums"]["sold"]
    yield "played by zone", +zones, +told
    yield "sold by zone", +Counter({str(k or ""): v for k, v in oracle.sold_by_zone.items()}), +sold
    titles = Counter[str]()
    for lot in oracle.lots:
        titles[lot.title] += lot.money.given - lot.money.returned - lot.money.carried
    titles["by the minute"] = oracle.by_minute
    told = Counter[str]()
    for line in books("whole", "tariff")["lines"]:
        name = line["name"] if line["value"] else ""
        told["by the minute" if name in minutes else name] += line["sums"]["sold"]
    yield "sold by tariff", +titles, +told
    by_person = books("whole", "person")["lines"]
    yield "sold by person", total["sold"], sum(line["sums"]["sold"] for line in by_person)


def _span(first: Any, last: Any) -> Iterator[Any]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _tiyn(text: str) -> int:
    return int(Decimal(text.replace("\xa0", "").replace(" ", "").replace(",", ".")) * 100)
