"""What the books should say, found by reading every entry."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lovhub.server.context import ClubContext
from lovhub.server.journal.models import Event
from lovhub.server.ledger.models import (
    AccountBalance,
    LedgerAccount,
    LedgerPosting,
    LedgerTransfer,
)
from lovhub.server.lots.models import Lot
from lovhub.server.reports.book_days import Cut
from lovhub.server.reports.rules import Period
from lovhub.server.sessions.models import PlaySession
from tests.server.reports.books.busy_club import Busy


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
