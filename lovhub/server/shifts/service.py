"""Opening, paying in and out, closing and handing over: the only writer of shifts.

Each operation that counts the drawer first locks the drawer's balance and then the desk, in the order in which a sale
takes them: a sale is either wholly in what is counted, or wholly after it.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, update

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import desk
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, OVER_SHORT, SAFE, AccountKind
from lovhub.server.ledger.models import AccountBalance, Desk, LedgerTransfer
from lovhub.server.ledger.service import Transfer
from lovhub.server.notices import service as notices
from lovhub.server.shifts import figures, rules
from lovhub.server.shifts.models import Shift
from lovhub.server.staff import rights
from lovhub.server.staff.models import Staff


def open_shift(club: ClubContext, *, counted_tiyn: int, actor: Actor) -> int:
    """Begin a shift of this person with what they have counted in the drawer; returns its id.

    Raises OperationRefused: `invalid_fields` (counted), `shift_open_already` (with the `name` of whose it is).
    """
    person_id = _person(actor)
    problems = rules.opening_problems(counted_tiyn)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        drawer = _lock_drawer(work)
        if drawer.open_shift_id is not None:
            shift = work.db.get_one(Shift, drawer.open_shift_id)
            name = work.db.get_one(Staff, shift.opened_by).name
            raise OperationRefused("shift_open_already", name=name)
        last = work.db.scalar(select(func.max(Shift.number)).where(Shift.club_id == work.club_id))
        outcome = rules.opening(
            in_books_tiyn=drawer.in_books_tiyn, counted_tiyn=counted_tiyn, is_first=last is None
        )
        shift = Shift(
            club_id=work.club_id,
            number=(last or 0) + 1,
            opened_at=work.now,
            opened_by=person_id,
            float_tiyn=counted_tiyn,
            float_expected_tiyn=outcome.expected_tiyn,
        )
        work.db.add(shift)
        work.db.flush()
        _set_open(work, shift.id)
        key = f"shift:{shift.id}"
        if outcome.from_safe_tiyn:
            _move(work, SAFE, outcome.from_safe_tiyn, f"{key}:float", "shift_float", actor)
        if outcome.difference_tiyn:
            difference = outcome.difference_tiyn
            _move(work, OVER_SHORT, difference, f"{key}:opening", "shift_difference", actor)
        journal.record(
            work,
            "shift.opened",
            actor,
            shift_id=shift.id,
            number=shift.number,
            counted_tiyn=counted_tiyn,
            difference_tiyn=outcome.difference_tiyn,
        )
        return shift.id


def pay(
    club: ClubContext, *, is_out: bool, amount_tiyn: int, reason: str, key: str, actor: Actor
) -> int:
    """Put money into the drawer or take it out, for a reason; returns the posting's id. The same `key`: once.

    Raises OperationRefused: `invalid_fields` (amount, reason), `shift_needed`, `key_reused`.
    """
    _person(actor)
    problems = rules.pay_problems(amount_tiyn=amount_tiyn, reason=reason)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    kind = "shift_paid_out" if is_out else "shift_paid_in"
    with club.write() as work:
        drawer = _lock_drawer(work)
        earlier = ledger.find_posting(work.db, work.club_id, f"shift_pay:{key}")
        if earlier is not None:
            amount = work.db.scalar(
                select(LedgerTransfer.amount).where(LedgerTransfer.posting_id == earlier.id)
            )
            if (earlier.kind, amount) != (kind, amount_tiyn):
                raise OperationRefused("key_reused")
            return earlier.id
        if drawer.open_shift_id is None:
            raise OperationRefused("shift_needed")
        signed = -amount_tiyn if is_out else amount_tiyn
        posting_id = _move(
            work, SAFE, signed, f"shift_pay:{key}", kind, actor, reason=reason.strip()
        )
        journal.record(
            work,
            "shift.paid_out" if is_out else "shift.paid_in",
            actor,
            shift_id=drawer.open_shift_id,
            amount_tiyn=amount_tiyn,
            posting_id=posting_id,
            reason=reason.strip(),
        )
        return posting_id


@dataclass(frozen=True)
class Count:
    """What was counted at a close, and what stays in the drawer (`left_tiyn` None: all of it).

    `counted_tiyn` None: a manager closes from afar, and nobody has counted. `card_tiyn`: what the card terminal says of
    this shift, less what it gave back; None: nobody has looked.
    """

    counted_tiyn: int | None
    left_tiyn: int | None = None
    note: str = ""
    card_tiyn: int | None = None


def close(
    club: ClubContext,
    *,
    shift_id: int,
    count: Count,
    actor: Actor,
    hand_to: int | None = None,
) -> None:
    """End the shift with a count made before anybody said what should be there. A second time is nothing more.

    Its own person closes it; a manager or the owner may too, with a reason. `hand_to`: who takes the drawer over, with
    all that is in it; their shift begins with their own count. The owner hears of it (`notices`).
    Raises OperationRefused: `shift_unknown`, `shift_not_yours`, `person_unknown`, `invalid_fields`
    (counted, card, left, note, hand_to).
    """
    person_id = _person(actor)
    with club.write() as work:
        drawer = _lock_drawer(work)
        shift = work.db.get(Shift, shift_id)
        if shift is None or shift.club_id != work.club_id:
            raise OperationRefused("shift_unknown")
        is_own = shift.opened_by == person_id
        may_force = rights.may(actor.role, "close_any_shift")
        problem = rules.close_problem(is_own=is_own, may_force=may_force)
        if problem:
            raise OperationRefused(problem)
        if shift.closed_at is not None:
            return
        problems = rules.closing_problems(
            counted_tiyn=count.counted_tiyn,
            left_tiyn=count.left_tiyn,
            note=count.note,
            is_own=is_own,
            may_force=may_force,
            card_tiyn=count.card_tiyn,
        )
        if hand_to is not None and not _may_take_over(work, hand_to, person_id):
            problems["hand_to"] = "person_unknown"
        if problems:
            raise OperationRefused("invalid_fields", **problems)
        left_tiyn = None if hand_to is not None else count.left_tiyn
        outcome = rules.closing(
            in_books_tiyn=drawer.in_books_tiyn,
            counted_tiyn=count.counted_tiyn,
            left_tiyn=left_tiyn,
        )
        key = f"shift:{shift.id}"
        if outcome.difference_tiyn:
            difference = outcome.difference_tiyn
            _move(work, OVER_SHORT, difference, f"{key}:close", "shift_difference", actor)
        if outcome.to_safe_tiyn:
            _move(work, SAFE, -outcome.to_safe_tiyn, f"{key}:safe", "shift_to_safe", actor)
        desk.give_to_shift(work)
        _set_open(work, None)
        shift.closed_at, shift.closed_by = work.now, person_id
        shift.counted_tiyn, shift.expected_tiyn = count.counted_tiyn, drawer.in_books_tiyn
        shift.left_tiyn, shift.note, shift.handed_to = (
            outcome.left_tiyn,
            count.note.strip(),
            hand_to,
        )
        journal.record(
            work,
            "shift.closed" if is_own else "shift.forced",
            actor,
            shift_id=shift.id,
            number=shift.number,
            counted_tiyn=count.counted_tiyn,
            expected_tiyn=shift.expected_tiyn,
            difference_tiyn=outcome.difference_tiyn,
            to_safe_tiyn=outcome.to_safe_tiyn,
            left_tiyn=outcome.left_tiyn,
            note=shift.note,
            hand_to=hand_to,
        )
        if count.card_tiyn is not None:
            _compare_cards(work, shift, count.card_tiyn, actor)
        notices.tell_of_shift(work, shift.id)


@dataclass(frozen=True)
class _Drawer:
    """The drawer under lock: what the books say is in it, and the shift under way."""

    in_books_tiyn: int
    open_shift_id: int | None


def _compare_cards(work: Work, shift: Shift, card_tiyn: int, actor: Actor) -> None:
    """The terminal's word beside the books': no money moves, whichever is right."""
    expected_tiyn = figures.card_tiyn(work.db, shift.id)
    journal.record(
        work,
        "shift.cards_compared",
        actor,
        shift_id=shift.id,
        number=shift.number,
        counted_tiyn=card_tiyn,
        expected_tiyn=expected_tiyn,
        difference_tiyn=card_tiyn - expected_tiyn,
    )


def _lock_drawer(work: Work) -> _Drawer:
    balance = work.db.scalars(
        select(AccountBalance.balance)
        .where(AccountBalance.account_id == ledger.club_account(work, CASH).id)
        .with_for_update()
    ).one()
    open_shift_id = work.db.scalars(
        select(Desk.open_shift_id).where(Desk.club_id == work.club_id).with_for_update()
    ).one()
    return _Drawer(-balance, open_shift_id)


def _set_open(work: Work, shift_id: int | None) -> None:
    work.db.execute(update(Desk).where(Desk.club_id == work.club_id).values(open_shift_id=shift_id))


def _move(
    work: Work,
    other: AccountKind,
    into_drawer_tiyn: int,
    key: str,
    kind: str,
    actor: Actor,
    reason: str = "",
) -> int:
    """Cash into the drawer from another account of the club's; out of it, if negative."""
    cash = ledger.club_account(work, CASH)
    elsewhere = ledger.club_account(work, other)
    debit, credit = (cash, elsewhere) if into_drawer_tiyn > 0 else (elsewhere, cash)
    return ledger.post(
        work,
        key=key,
        kind=kind,
        transfers=[Transfer(debit, credit, abs(into_drawer_tiyn))],
        actor=actor,
        reason=reason,
    )


def _may_take_over(work: Work, staff_id: int, from_id: int) -> bool:
    person = work.db.get(Staff, staff_id)
    return (
        person is not None
        and person.club_id == work.club_id
        and person.disabled_at is None
        and person.id != from_id
        and rights.may(person.role, "run_shifts")
    )


def _person(actor: Actor) -> int:
    if actor.kind != "staff" or actor.id is None:
        raise OperationRefused("forbidden")
    return actor.id
