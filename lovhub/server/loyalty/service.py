"""The operations on groups and on bonuses: what the owner sets, and what staff give."""

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from lovhub.server.actor import Actor
from lovhub.server.bus import CatalogChanged, CustomerChanged, GroupsChanged
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import rules as customer_rules
from lovhub.server.customers.belonging import club_for_new, whose
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.models import LedgerTransfer
from lovhub.server.loyalty import bonuses, queries, rules
from lovhub.server.loyalty.models import BonusRules, BonusStep, CustomerGroup
from lovhub.server.loyalty.rules import BonusTerms
from lovhub.server.search_key import search_key
from lovhub.server.sessions.locks import lock_customer


def create_group(club: ClubContext, *, name: str, percent: int, actor: Actor) -> int:
    """A new group; returns its id. Raises OperationRefused("invalid_fields")."""
    with club.write() as work:
        _check_group(work, name, percent, but=None)
        row = CustomerGroup(
            club_id=club_for_new(work.db, work.club_id),
            name=name.strip(),
            name_key=search_key(name),
            discount_percent=percent,
            created_at=work.now,
        )
        work.db.add(row)
        _flush_group(work)
        journal.record(
            work, "group.created", actor, group_id=row.id, title=row.name, percent=percent
        )
        return row.id


def change_group(
    club: ClubContext, *, group_id: int, name: str, percent: int, actor: Actor
) -> None:
    """Another name or discount from now on. Raises OperationRefused: `invalid_fields`, `group_unknown`."""
    with club.write() as work:
        row = queries.group(work.db, work.club_id, group_id)
        _check_group(work, name, percent, but=group_id)
        before = row.discount_percent
        if (row.name, before) == (name.strip(), percent):
            return
        row.name, row.name_key, row.discount_percent = name.strip(), search_key(name), percent
        _flush_group(work)
        journal.record(
            work,
            "group.changed",
            actor,
            group_id=group_id,
            title=row.name,
            percent=percent,
            before_percent=before,
        )
        work.tell(GroupsChanged())


def remove_group(club: ClubContext, *, group_id: int, actor: Actor) -> int:
    """Remove a group: its customers are in none. Returns how many they were.

    A retired tariff goes on naming it: on sale again, it is sold to nobody until the owner has looked at it.

    Raises OperationRefused: `group_unknown`, `group_has_tariffs` (with `titles`).
    """
    with club.write() as work:
        row = queries.group(work.db, work.club_id, group_id)
        titles = queries.tariffs_of(work.db, work.club_id, group_id)
        if titles:
            raise OperationRefused("group_has_tariffs", titles=", ".join(titles))
        moved = work.db.execute(
            update(Customer)
            .where(Customer.club_id == whose(work.club_id), Customer.group_id == group_id)
            .values(group_id=None)
        )
        row.deleted_at = work.now
        journal.record(
            work,
            "group.removed",
            actor,
            group_id=group_id,
            title=row.name,
            customers=moved.rowcount,  # type: ignore[attr-defined]
        )
        work.tell(GroupsChanged())
        return int(moved.rowcount)  # type: ignore[attr-defined]


def _check_group(work: Work, name: str, percent: int, *, but: int | None) -> None:
    others = [row.name_key for row in queries.groups(work.db, work.club_id) if row.id != but]
    problems = rules.group_problems(name, percent, others)
    if problems:
        raise OperationRefused("invalid_fields", **problems)


def _flush_group(work: Work) -> None:
    try:
        work.db.flush()
    except IntegrityError as error:
        raise OperationRefused("invalid_fields", name="group_name_taken") from error


def put_in_group(
    club: ClubContext, *, customer_id: int, group_id: int | None, actor: Actor
) -> None:
    """Put a customer into a group, or into none. Raises OperationRefused: `customer_unknown`, `group_unknown`."""
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        if customer.group_id == group_id:
            return
        names = {row.id: row.name for row in queries.groups(work.db, work.club_id)}
        if group_id is not None and group_id not in names:
            raise OperationRefused("group_unknown")
        before, customer.group_id = customer.group_id, group_id
        journal.record(
            work,
            "customer.group_changed",
            actor,
            customer_id=customer_id,
            before="" if before is None else names.get(before, ""),
            group="" if group_id is None else names[group_id],
        )
        work.tell(CustomerChanged(customer_id))


def set_bonus_terms(club: ClubContext, *, terms: BonusTerms, actor: Actor) -> None:
    """How bonuses work from now on. Raises OperationRefused("invalid_fields")."""
    problems = rules.terms_problems(terms)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    with club.write() as work:
        before = queries.bonus_terms(work.db, work.club_id)
        steps = sorted(terms.steps, key=lambda step: step.from_tiyn)
        if before == BonusTerms(
            terms.is_on, terms.share_percent, terms.per_shift_tiyn, tuple(steps)
        ):
            return
        row = work.db.get(BonusRules, work.club_id) or BonusRules(club_id=work.club_id)
        row.is_on, row.share_percent = terms.is_on, terms.share_percent
        row.per_shift_tiyn = terms.per_shift_tiyn
        work.db.add(row)
        work.db.execute(delete(BonusStep).where(BonusStep.club_id == work.club_id))
        work.db.add_all(
            BonusStep(club_id=work.club_id, from_tiyn=step.from_tiyn, percent=step.percent)
            for step in steps
        )
        journal.record(
            work,
            "bonus.rules_changed",
            actor,
            is_on=terms.is_on,
            share_percent=terms.share_percent,
            per_shift_tiyn=terms.per_shift_tiyn,
            steps=[[step.from_tiyn, step.percent] for step in steps],
        )
        work.tell(CatalogChanged())


def give_bonus(
    club: ClubContext, *, customer_id: int, amount_tiyn: int, reason: str, key: str, actor: Actor
) -> int:
    """Give a bonus for a reason; returns the posting's id. The same `key` again gives nothing more.

    Raises OperationRefused: `invalid_fields`, `customer_unknown`, `bonuses_off`, `given_bonus_limit`, `key_reused`.
    """
    problems = {}
    if not 0 < amount_tiyn <= rules.LARGEST_BONUS_TIYN:
        problems["amount"] = "bonus_out_of_range"
    if problem := customer_rules.reason_problem(reason):
        problems["reason"] = problem
    if problems:
        raise OperationRefused("invalid_fields", **problems)
    booked_as = f"bonus:{key}"
    with club.write() as work:
        customer = lock_customer(work, customer_id)
        earlier = ledger.find_posting(work.db, work.club_id, booked_as)
        if earlier is not None:
            booked = work.db.execute(
                select(LedgerTransfer.credit_account_id, LedgerTransfer.amount).where(
                    LedgerTransfer.posting_id == earlier.id
                )
            ).one()
            if tuple(booked) != (customer.bonus_account_id, amount_tiyn):
                raise OperationRefused("key_reused")
            return earlier.id
        if not queries.bonus_terms(work.db, work.club_id).is_on:
            raise OperationRefused("bonuses_off")
        bonuses.check_given(work, amount_tiyn, actor)
        posting_id = ledger.post(
            work,
            key=booked_as,
            kind=bonuses.BY_STAFF,
            transfers=bonuses.giving(work, customer, amount_tiyn),
            actor=actor,
            reason=reason.strip(),
        )
        journal.record(
            work,
            "bonus.given",
            actor,
            customer_id=customer_id,
            amount_tiyn=amount_tiyn,
            reason=reason.strip(),
            posting_id=posting_id,
        )
        work.tell(CustomerChanged(customer_id))
        return posting_id
