"""Keeping the list of goods, selling them, and taking a sale back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers.mistakes import check_mistake
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import queries, rules
from lovhub.server.goods.models import Good, GoodSale
from lovhub.server.goods.rules import Line
from lovhub.server.journal import service as journal
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import GOODS_REVENUE
from lovhub.server.ledger.models import LedgerPosting, LedgerTransfer
from lovhub.server.ledger.service import Account, Transfer
from lovhub.server.sessions.sale import desk_account, once


def create(club: ClubContext, *, title: str, price_tiyn: int, actor: Actor) -> int:
    """Put something on sale; returns its id. Raises OperationRefused("invalid_fields")."""
    _check(title, price_tiyn)
    with club.write() as work:
        good = Good(
            club_id=work.club_id, title=title.strip(), price_tiyn=price_tiyn, created_at=work.now
        )
        work.db.add(good)
        work.db.flush()
        _record(work, "good.created", good, actor)
        return good.id


def change(club: ClubContext, *, good_id: int, title: str, price_tiyn: int, actor: Actor) -> None:
    """Another name or price from now on. Raises OperationRefused: `invalid_fields`, `good_not_available`."""
    _check(title, price_tiyn)
    with club.write() as work:
        good = queries.get(work.db, work.club_id, good_id)
        before = {"title": good.title, "price_tiyn": good.price_tiyn}
        good.title, good.price_tiyn = title.strip(), price_tiyn
        _record(work, "good.changed", good, actor, before=before)


def retire(club: ClubContext, *, good_id: int, actor: Actor) -> None:
    """Sell it no longer. Raises OperationRefused("good_not_available")."""
    with club.write() as work:
        good = queries.get(work.db, work.club_id, good_id)
        good.retired_at = work.now
        _record(work, "good.retired", good, actor)


def restore(club: ClubContext, *, good_id: int, actor: Actor) -> None:
    """Sell it again. Raises OperationRefused("good_not_available")."""
    with club.write() as work:
        good = queries.get(work.db, work.club_id, good_id)
        if good.retired_at is None:
            return
        good.retired_at = None
        _record(work, "good.restored", good, actor)


def sell(
    club: ClubContext,
    *,
    lines: Sequence[Line],
    method: str,
    expected_tiyn: int,
    key: str,
    actor: Actor,
) -> int:
    """Sell goods for money at the desk; returns the posting's id. The same `key` again sells nothing more.

    `expected_tiyn`: the sum that stood in the button. Raises OperationRefused: `nothing_chosen`,
    `quantity_out_of_range`, `good_not_available`, `price_changed`, `payment_method_unknown`, `key_reused`,
    `shift_needed`.
    """
    return once(lambda: _sell(club, tuple(lines), method, expected_tiyn, key, actor))


def _sell(
    club: ClubContext,
    lines: tuple[Line, ...],
    method: str,
    expected_tiyn: int,
    key: str,
    actor: Actor,
) -> int:
    booked_as = f"goods:{key}"
    with club.write() as work:
        paid_with = desk_account(work, method)
        earlier = ledger.find_posting(work.db, work.club_id, booked_as)
        if earlier is not None:
            if not _is_same(work, earlier.id, lines, paid_with):
                raise OperationRefused("key_reused")
            return earlier.id
        goods = {good.id: good for good in queries.on_sale(work.db, work.club_id)}
        prices = {good.id: good.price_tiyn for good in goods.values()}
        problem = rules.sale_problem(lines, prices, expected_tiyn)
        if problem:
            raise OperationRefused(problem)
        posting_id = ledger.post(
            work,
            key=booked_as,
            kind="goods_sold",
            transfers=[
                Transfer(paid_with, ledger.club_account(work, GOODS_REVENUE), expected_tiyn)
            ],
            actor=actor,
        )
        rows = [
            {
                "posting_id": posting_id,
                "good_id": line.good_id,
                "title": goods[line.good_id].title,
                "price_tiyn": prices[line.good_id],
                "quantity": line.quantity,
            }
            for line in lines
        ]
        work.db.execute(insert(GoodSale), rows)
        journal.record(
            work,
            "goods.sold",
            actor,
            posting_id=posting_id,
            total_tiyn=expected_tiyn,
            method=method,
            lines=[[row["title"], row["quantity"]] for row in rows],
        )
        return posting_id


def take_back(club: ClubContext, *, posting_id: int, reason: str, actor: Actor) -> int:
    """Give the money of a sale back, by the rule for every mistake; returns the new posting's id. Twice is once.

    Its author may within two minutes, a manager or the owner afterwards, with a reason. It belongs to the shift in
    which it is done. Raises OperationRefused: `sale_unknown`, `take_back_not_yours`, `take_back_too_late`,
    `invalid_fields` (reason), `shift_needed`.
    """
    with club.write() as work:
        posting, transfer = _sale(work, posting_id)
        done = ledger.find_posting(work.db, work.club_id, queries.back_key(posting_id))
        if done is not None:
            return done.id
        check_mistake(actor, [posting], booked_at=posting.at, now=work.now, reason=reason)
        back_id = ledger.post(
            work,
            key=queries.back_key(posting_id),
            kind="goods_taken_back",
            transfers=[ledger.backwards(transfer)],
            actor=actor,
            reason=reason.strip(),
        )
        journal.record(
            work,
            "goods.taken_back",
            actor,
            posting_id=back_id,
            taken_back_posting_id=posting_id,
            total_tiyn=transfer.amount,
            reason=reason.strip(),
        )
        return back_id


def _sale(work: Work, posting_id: int) -> tuple[LedgerPosting, LedgerTransfer]:
    found = work.db.execute(
        select(LedgerPosting, LedgerTransfer)
        .join(LedgerTransfer, LedgerTransfer.posting_id == LedgerPosting.id)
        .where(
            LedgerPosting.id == posting_id,
            LedgerPosting.club_id == work.club_id,
            LedgerPosting.kind == "goods_sold",
        )
    ).one_or_none()
    if found is None:
        raise OperationRefused("sale_unknown")
    return found[0], found[1]


def _is_same(work: Work, posting_id: int, lines: tuple[Line, ...], paid_with: Account) -> bool:
    sold = work.db.scalars(select(GoodSale).where(GoodSale.posting_id == posting_id))
    _posting, transfer = _sale(work, posting_id)
    return transfer.debit_account_id == paid_with.id and {
        (line.good_id, line.quantity) for line in sold
    } == {(line.good_id, line.quantity) for line in lines}


def _record(work: Work, kind: str, good: Good, actor: Actor, **more: Any) -> None:
    journal.record(
        work, kind, actor, good_id=good.id, title=good.title, price_tiyn=good.price_tiyn, **more
    )


def _check(title: str, price_tiyn: int) -> None:
    problems = rules.problems(title, price_tiyn)
    if problems:
        raise OperationRefused("invalid_fields", **problems)
