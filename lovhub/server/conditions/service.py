"""Marking PCs broken, keeping them for somebody, and what follows for those who want to sit there."""

from collections.abc import Collection

from sqlalchemy import and_, bindparam, select

from lovhub.server.actor import SYSTEM, Actor
from lovhub.server.bus import ConditionsChanged
from lovhub.server.computers.models import Computer
from lovhub.server.computers.service import clean_name, lock_computers
from lovhub.server.conditions import queries, rules
from lovhub.server.conditions.models import Condition
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.belonging import find as find_customer
from lovhub.server.database.prepared import Query
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.maintenance import service as maintenance
from lovhub.server.maintenance.models import Maintenance
from lovhub.server.staff import rights

_STANDING = Query(
    select(Condition, Maintenance)
    .select_from(Computer)
    .outerjoin(Condition, Condition.computer_id == Computer.id)
    .outerjoin(
        Maintenance,
        and_(Maintenance.computer_id == Computer.id, Maintenance.ended_at.is_(None)),
    )
    .where(Computer.id == bindparam("computer"))
)
"""What keeps people from a PC: each sale and each start of a session asks, so both at once."""


def mark_broken(
    club: ClubContext, *, computer_ids: Collection[int], reason: str, actor: Actor
) -> None:
    """Nobody is seated at these PCs until they are mended; who plays there plays on.

    A PC that was kept for somebody is so no longer. Raises OperationRefused: `reason_missing`, `text_too_long`,
    `no_computers_chosen`, `computer_unknown`.
    """
    reason = _checked(reason, "reason_missing")
    with club.write() as work:
        for computer_id, row in _locked(work, computer_ids):
            if row is not None and row.kind == "kept":
                _end_kept(work, row, actor, "computer.let_go")
                row = None  # noqa: PLW2901 (gone, and a new one takes its place)
            _put(work, computer_id, row, kind="broken", text=reason)
            journal.record(work, "computer.broken", actor, computer_id=computer_id, reason=reason)


def mend(club: ClubContext, *, computer_ids: Collection[int], actor: Actor) -> None:
    """These PCs work again; one that was not broken stays as it is.

    Raises OperationRefused: `no_computers_chosen`, `computer_unknown`.
    """
    with club.write() as work:
        for computer_id, row in _locked(work, computer_ids):
            if row is not None and row.kind == "broken":
                work.db.delete(row)
                work.tell(ConditionsChanged())
                journal.record(work, "computer.mended", actor, computer_id=computer_id)


def keep(
    club: ClubContext,
    *,
    computer_ids: Collection[int],
    for_whom: str,
    customer_id: int | None,
    until_at: int,
    actor: Actor,
) -> None:
    """Keep these PCs for a customer, or for whoever `for_whom` says; strangers are turned away until then.

    Raises OperationRefused: `for_whom_missing`, `text_too_long`, `kept_until_out_of_range`, `customer_unknown`,
    `no_computers_chosen`, `computer_unknown`, `computer_broken`; `forbidden` (a customer's name would be shown to
    somebody who may not see customers).
    """
    if customer_id is not None and not rights.may(actor.role, "see_customers"):
        raise OperationRefused("forbidden")
    with club.write() as work:
        if customer_id is None:
            for_whom = _checked(for_whom, "for_whom_missing")
        else:
            for_whom = ""  # the customer's name stands with the customer only
            _check_customer(work, customer_id)
        problem = rules.kept_problem(until_at, work.now)
        if problem:
            raise OperationRefused(problem)
        for computer_id, row in _locked(work, computer_ids):
            if row is not None and row.kind == "broken":
                raise OperationRefused("computer_broken")
            _put(
                work, computer_id, row,
                kind="kept", text=for_whom, customer_id=customer_id, until_at=until_at,
            )  # fmt: skip
            journal.record(
                work, "computer.kept", actor,
                computer_id=computer_id, customer_id=customer_id,
                for_whom=for_whom, until_at=until_at,
            )  # fmt: skip


def let_go(club: ClubContext, *, computer_ids: Collection[int], actor: Actor) -> None:
    """These PCs are anybody's again; one that was not kept stays as it is.

    Raises OperationRefused: `no_computers_chosen`, `computer_unknown`.
    """
    with club.write() as work:
        for _computer_id, row in _locked(work, computer_ids):
            if row is not None and row.kind == "kept":
                _end_kept(work, row, actor, "computer.let_go")


def end_over(club: ClubContext) -> None:
    """Let go of PCs whose time has come; one short query if there are none."""
    with club.read() as db:
        over = db.scalars(
            select(Condition.computer_id).where(
                Condition.club_id == club.club_id, Condition.until_at <= club.clock.now()
            )
        ).all()
    if not over:
        return
    with club.write() as work:
        # As whoever sits down there has it; also of one that is no longer the club's, whose row goes with the others.
        work.db.execute(
            select(Computer.id)
            .where(Computer.id.in_(over))
            .order_by(Computer.id)
            .with_for_update(key_share=True)
        )
        for row in _rows(work, over).values():
            if rules.is_over(queries.standing_of(row), work.now):
                _end_kept(work, row, SYSTEM, "computer.kept_over")


def check_seat(
    work: Work,
    computer_id: int,
    *,
    customer_id: int | None,
    despite_kept: bool = False,
    code_sold_at: int | None = None,
) -> Condition | None:
    """Refuse those who may not sit down at this (locked) PC; returns its row for `seated`.

    Raises OperationRefused: `computer_in_maintenance`, `computer_broken`, `computer_kept`.

    `code_sold_at`: when the guest's code for this very PC was sold.
    """
    found: tuple[Condition | None, Maintenance | None] = _STANDING.one(
        work.db, computer=computer_id
    )
    row, opening = found
    maintenance.check_closed(work, opening)
    standing = None if row is None else queries.standing_of(row)
    if code_sold_at is not None and rules.was_sold_since(standing, code_sold_at):
        despite_kept = True
    code = rules.refusal(standing, now=work.now, customer_id=customer_id, despite_kept=despite_kept)
    if not code or row is None:
        return row
    shown = queries.in_force(work.db, work.club_id, work.now, [computer_id])[0]
    if code == "computer_kept":
        raise OperationRefused(code, for_whom=shown.text, until_at=shown.until_at or 0)
    raise OperationRefused(code, reason=shown.text)


def seated(work: Work, row: Condition | None, customer_id: int | None, actor: Actor) -> None:
    """Somebody sits down at the PC of which `check_seat` found this: it is kept for nobody any more."""
    if row is None or row.kind != "kept":
        return
    if rules.is_over(queries.standing_of(row), work.now):
        _end_kept(work, row, SYSTEM, "computer.kept_over")
    elif customer_id is not None and customer_id == row.customer_id:
        _end_kept(work, row, actor, "computer.kept_taken")
    else:
        _end_kept(work, row, actor, "computer.kept_overridden")


def _checked(text: str, missing: str) -> str:
    text = clean_name(text, rules.LONGEST_TEXT + 1)
    if not text:
        raise OperationRefused(missing)
    if len(text) > rules.LONGEST_TEXT:
        raise OperationRefused("text_too_long")
    return text


def _check_customer(work: Work, customer_id: int) -> None:
    customer = find_customer(work.db, work.club_id, customer_id)
    if customer is None:
        raise OperationRefused("customer_unknown")


def _locked(work: Work, computer_ids: Collection[int]) -> list[tuple[int, Condition | None]]:
    """The PCs, locked, each with its row if it has one."""
    found = [computer.id for computer in lock_computers(work, computer_ids)]
    rows = _rows(work, found)
    return [(computer_id, rows.get(computer_id)) for computer_id in found]


def _rows(work: Work, computer_ids: Collection[int]) -> dict[int, Condition]:
    rows = work.db.scalars(
        select(Condition)
        .where(Condition.club_id == work.club_id, Condition.computer_id.in_(computer_ids))
        .order_by(Condition.computer_id)
    )
    return {row.computer_id: row for row in rows}


def _put(
    work: Work,
    computer_id: int,
    row: Condition | None,
    *,
    kind: rules.Kind,
    text: str,
    customer_id: int | None = None,
    until_at: int | None = None,
) -> None:
    if row is None:
        row = Condition(computer_id=computer_id, club_id=work.club_id)
        work.db.add(row)
    row.kind, row.text = kind, text
    row.customer_id, row.since_at, row.until_at = customer_id, work.now, until_at
    work.tell(ConditionsChanged())


def _end_kept(work: Work, row: Condition, actor: Actor, event: str) -> None:
    journal.record(
        work, event, actor,
        computer_id=row.computer_id, customer_id=row.customer_id,
        for_whom=row.text, until_at=row.until_at,
    )  # fmt: skip
    work.db.delete(row)
    work.db.flush()
    work.tell(ConditionsChanged())
