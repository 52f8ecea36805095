"""Recomputing the books from their transfers, and saying where what is kept differs.

Everything is summed in the database, so that a club of years is checked in seconds.
"""

from functools import partial
from operator import attrgetter

from sqlalchemy import (
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union,
)
from sqlalchemy.orm import Session, aliased

from lovhub.server.club.models import Club
from lovhub.server.customers.models import Customer
from lovhub.server.database.tables import Base
from lovhub.server.journal import sealing as journal_sealing
from lovhub.server.journal import standing
from lovhub.server.journal.clubs_of_rows import with_clubs
from lovhub.server.ledger import (
    kinds_of_accounts,
    misfits,
    planted,
    recounting,
    seals,
    sittings,
    transfers,
)
from lovhub.server.ledger.accounts import (
    FAMILIES,
    REVENUE,
    TIME_EXPIRED,
    TIME_RETURNED,
    AccountKind,
)
from lovhub.server.ledger.difference import Difference
from lovhub.server.ledger.models import (
    AccountBalance,
    Desk,
    DeskPosting,
    LedgerAccount,
    LedgerBlock,
    LedgerTransfer,
)
from lovhub.server.ledger.rules import FIRST_PREVIOUS, VERSIONS, block_hash
from lovhub.server.ledger.sealing import blocks
from lovhub.server.lots.models import Lot
from lovhub.server.sessions.models import Hold, MeterRow, PlaySession
from lovhub.server.tariffs.metering import earned_here_tiyn


def check_ledger(db: Session) -> list[Difference]:
    """All differences; an empty list means that the books balance, and that nobody has edited a row of the database."""
    _give_memory(db)
    found = misfits.answers(db, (*_BOOKS, *seals.PARTS, planted.odd))
    return seals.in_one_sentence(db, found)


def check_books(db: Session) -> list[Difference]:
    """What does not add up, or is not as the books' chain and the log tell it."""
    _give_memory(db)
    return [one for part in _BOOKS for one in part(db)]


def _give_memory(db: Session) -> None:
    if db.get_bind().dialect.name == "postgresql":
        # Years of postings beside their transfers: in its usual 4 MB they would be written to the disk in parts.
        # It takes what they need, some 25 MB a million transfers, and no more.
        db.execute(text("SET LOCAL work_mem = '256MB'"))


def _names_in_a_chain(db: Session) -> dict[int, str]:
    """What each club is called, where there are several."""
    names = {club.id: club.name for club in db.scalars(select(Club))}
    return names if len(names) > 1 else {}


def _families(db: Session) -> list[Difference]:
    """Nothing that is no money has become any: bonuses and discounts stay among their own accounts."""
    debit, credit = LedgerTransfer.debit_account_id, LedgerTransfer.credit_account_id
    # Only what touches a family is read, from either side: most transfers are of none.
    left_or_entered = []
    for family in FAMILIES:
        names = [kind.name for kind in family]
        within = select(LedgerAccount.id).where(LedgerAccount.kind.in_(names))
        for inside, outside in ((debit, credit), (credit, debit)):
            left_or_entered.append(
                select(LedgerTransfer.id, LedgerTransfer.amount)
                .join(LedgerAccount, LedgerAccount.id == outside)
                .where(inside.in_(within), LedgerAccount.kind.not_in(names))
            )
    rows = db.execute(union(*left_or_entered))
    return [Difference("family", subject, amount, 0) for subject, amount in rows]


def _lots(db: Session) -> list[Difference]:
    """Available + held + consumed + returned + expired = granted, for every lot; of one used up nothing is left.

    That one of which nothing is left counts as used up is not asked: nobody has anything of it. Nor is anything of a
    sitting by the minute, whose lot is filled as it goes.
    """
    held = (
        select(Hold.lot_id, func.sum(AccountBalance.balance).label("seconds"))
        .join(AccountBalance, AccountBalance.account_id == Hold.account_id)
        .group_by(Hold.lot_id)
        .subquery()
    )
    gone = (
        select(LedgerTransfer.debit_account_id, func.sum(LedgerTransfer.amount).label("seconds"))
        .where(LedgerTransfer.credit_account_id.in_(_accounts_of(TIME_RETURNED, TIME_EXPIRED)))
        .group_by(LedgerTransfer.debit_account_id)
        .subquery()
    )
    available, consumed = aliased(AccountBalance), aliased(AccountBalance)
    total = (
        available.balance
        + consumed.balance
        + func.coalesce(held.c.seconds, literal(0))
        + func.coalesce(gone.c.seconds, literal(0))
    )
    rows = db.execute(
        select(Lot.id, Lot.granted_seconds, total, available.balance)
        .join(available, available.account_id == Lot.available_account_id)
        .join(consumed, consumed.account_id == Lot.consumed_account_id)
        .outerjoin(held, held.c.lot_id == Lot.id)
        .outerjoin(gone, gone.c.debit_account_id == Lot.available_account_id)
        .where(
            or_(
                total != Lot.granted_seconds,
                and_(
                    Lot.exhausted == true(),
                    available.balance != 0,
                    Lot.id.not_in(select(MeterRow.lot_id)),
                ),
            )
        )
    )
    return [
        Difference("lot", subject, granted, int(seconds))
        if granted != seconds
        else Difference("lot_left", subject, 0, left)
        for subject, granted, seconds, left in rows
    ]


def _sessions(db: Session) -> list[Difference]:
    """What a session says was played is what the books consumed from its holds."""
    consumed = (
        select(Hold.session_id, func.sum(LedgerTransfer.amount).label("seconds"))
        .join(Lot, Lot.id == Hold.lot_id)
        .join(
            LedgerTransfer,
            and_(
                LedgerTransfer.debit_account_id == Hold.account_id,
                LedgerTransfer.credit_account_id == Lot.consumed_account_id,
            ),
        )
        .group_by(Hold.session_id)
        .subquery()
    )
    seconds = func.coalesce(consumed.c.seconds, 0)
    rows = db.execute(
        select(PlaySession.id, PlaySession.played_seconds, seconds)
        .outerjoin(consumed, consumed.c.session_id == PlaySession.id)
        .where(PlaySession.played_seconds != seconds)
    )
    return [Difference("session", subject, played, int(booked)) for subject, played, booked in rows]


def _meters(db: Session) -> list[Difference]:
    """What sittings by the minute have earned is what their seconds cost, at the prices written down for them."""
    # Only their own transfers, each by its account: revenue itself has as many as the club has had sittings.
    earned = (
        select(func.coalesce(func.sum(LedgerTransfer.amount), 0))
        .where(
            LedgerTransfer.debit_account_id == Lot.unearned_account_id,
            LedgerTransfer.credit_account_id.in_(_accounts_of(REVENUE)),
        )
        .correlate(Lot)
        .scalar_subquery()
    )
    rows = db.execute(select(MeterRow, Lot.price_tiyn, earned).join(Lot, Lot.id == MeterRow.lot_id))
    return [
        Difference("meter", row.lot_id, kept, int(booked))
        for row, price, booked in rows
        for kept in {earned_here_tiyn(row.used, row.carried, row.minimum_tiyn), price} - {booked}
    ]


def _accounts_of(*kinds: AccountKind) -> Select[int]:
    """The club's own accounts of these kinds: one each in a club."""
    return select(LedgerAccount.id).where(
        LedgerAccount.is_club == true(), LedgerAccount.kind.in_([kind.name for kind in kinds])
    )


def _debts(db: Session) -> list[Difference]:
    """Nobody has paid more than was owed, and nobody has money and a debt at once."""
    debt, wallet = aliased(AccountBalance), aliased(AccountBalance)
    rows = db.execute(
        select(Customer.id, wallet.balance, debt.balance)
        .join(debt, debt.account_id == Customer.debt_account_id)
        .join(wallet, wallet.account_id == Customer.balance_account_id)
        .where(or_(debt.balance > 0, and_(debt.balance < 0, wallet.balance > 0)))
    )
    return [Difference("debt", subject, has, owes) for subject, has, owes in rows]


def _receipts(db: Session) -> list[Difference]:
    """Receipts are numbered from 1 to the desk's last one without a gap; the number is unique by itself."""
    rows = db.execute(
        select(
            Desk.club_id,
            Desk.last_receipt,
            func.count(DeskPosting.receipt_number),
            func.coalesce(func.max(DeskPosting.receipt_number), 0),
        )
        .outerjoin(DeskPosting, DeskPosting.club_id == Desk.club_id)
        .group_by(Desk.club_id, Desk.last_receipt)
    )
    return [
        Difference("receipts", club_id, last, count)
        for club_id, last, count, highest in rows
        if not last == count == highest
    ]


def _chain(db: Session) -> list[Difference]:
    """Every sealed posting is still what it was, and no block is missing."""
    found = []
    for club_id in db.scalars(select(LedgerBlock.club_id).distinct()).all():
        previous, expected = FIRST_PREVIOUS, 1
        for block, postings in blocks(db, club_id):
            if block.number != expected:
                found.append(Difference("chain_gap", block.id, block.number, expected))
            recomputed = (
                block_hash(
                    club_id=club_id,
                    number=block.number,
                    sealed_at=block.sealed_at,
                    previous=previous,
                    postings=postings,
                    version=version,
                )
                for version in VERSIONS
            )
            if block.hash not in recomputed:
                found.append(Difference("chain", block.id, block.number, block.number))
            # Goes on from what is kept: one edit is told once, where it was made.
            previous, expected = block.hash, block.number + 1
    return found


def _log(name: str, db: Session) -> list[Difference]:
    """Every sealed row of the log or of payments' stories is still what it was, and none is missing or slipped in."""
    return [
        Difference(f"sealed_{name}", wrong.last_id, wrong.number, wrong.expected)
        for wrong in journal_sealing.changed(db, name)
    ]


def _unknown_logs(db: Session) -> list[Difference]:
    return [Difference("sealed_unknown", last_id, 0, 0) for last_id in journal_sealing.unknown(db)]


def _standing(db: Session) -> list[Difference]:
    """Prices, rights and settings are what the program has made them, and of each change the log tells."""
    tables = Base.metadata.tables
    found = standing.odd(db, tables)
    in_a_chain = _names_in_a_chain(db)
    named = with_clubs(db, tables, found) if in_a_chain else ((odd, None) for odd in found)
    return [
        *(
            Difference(f"standing_{odd.table}", subject, 0, 0, odd.what, club.name if club else "")
            for odd, club in named
            for subject in [odd.key[0] if odd.key and isinstance(odd.key[0], int) else 0]
        ),
        *(Difference("standing", line, 0, 0) for line in standing.without_event(db)),
    ]


def _sittings(db: Session) -> list[Difference]:
    """Who sat where, since when and until when is what the log vouches for."""
    clubs = _names_in_a_chain(db)
    return [
        Difference(
            f"sitting_{odd.kind}",
            odd.first,
            odd.first,
            odd.last,
            club=clubs.get(odd.club_id or 0, ""),
        )
        for odd in sittings.odd(db)
    ]


def _by_subject(part: misfits.Part) -> misfits.Part:
    return lambda db: sorted(part(db), key=attrgetter("subject"))


_BOOKS: tuple[misfits.Part, ...] = (
    transfers.odd,
    *map(
        _by_subject,
        (
            kinds_of_accounts.odd,
            _families,
            _lots,
            _sessions,
            _meters,
            _debts,
            _receipts,
            recounting.shifts,
            recounting.promo_codes,
            recounting.refunds,
            recounting.payments,
            recounting.bank_days,
            recounting.owners,
            recounting.of_no_account,
            recounting.of_customers,
        ),
    ),
    _chain,
    *(partial(_log, name) for name in journal_sealing.JOURNALS),
    _unknown_logs,
    recounting.shifts_as_logged,
    _standing,
    _sittings,
)
