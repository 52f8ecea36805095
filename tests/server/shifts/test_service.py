"""Shifts over the real ledger: what belongs to whom, what a count finds, and who may close."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext, Work
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger import sealing
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, OVER_SHORT, SAFE, AccountKind
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import DeskPosting, LedgerPosting
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.locks import lock_customer
from lovhub.server.shifts import queries, service
from lovhub.server.shifts.models import Shift
from lovhub.server.shifts.service import Count
from lovhub.server.tariffs.models import Tariff
from tests.support.club import People
from tests.support.staff import StaffMaker


def top_up(
    club: ClubContext, customer: int, tenge: int, actor: Actor, method: str = "cash", key: str = ""
) -> int:
    return customers.top_up(
        club,
        customer_id=customer,
        amount_tiyn=tenge * 100,
        method=method,
        key=key or f"{club.clock.now()}-{tenge}-{method}",
        actor=actor,
    )


def pay(club: ClubContext, tenge: int, actor: Actor, reason: str = "вода") -> int:
    return service.pay(
        club,
        is_out=tenge < 0,
        amount_tiyn=abs(tenge) * 100,
        reason=reason,
        key=f"{club.clock.now()}{tenge}",
        actor=actor,
    )


def held(club: ClubContext, kind: AccountKind) -> int:
    """What lies there, in tenge."""
    with club.write() as work:
        return -ledger.balance(work.db, ledger.club_account(work, kind).id) // 100


def belongs(club: ClubContext) -> list[tuple[str, int | None, int | None]]:
    with club.read() as db:
        rows = db.execute(
            select(LedgerPosting.kind, DeskPosting.shift_id, DeskPosting.receipt_number)
            .outerjoin(DeskPosting, DeskPosting.posting_id == LedgerPosting.id)
            .order_by(LedgerPosting.id)
        )
        return [(kind, shift_id, number) for kind, shift_id, number in rows]


def shown(club: ClubContext, shift_id: int) -> queries.ShiftRow:
    with club.read() as db:
        return queries.row(db, club.club_id, shift_id)


def require_shifts(club: ClubContext) -> None:
    with club.write() as work:
        work.db.execute(update(Club).values(sales_need_shift=True))


def test_a_day_at_the_desk(club: ClubContext, people: People, cashier: Actor) -> None:
    customer = people.customer()
    first = service.open_shift(club, counted_tiyn=10_000_00, actor=cashier)
    top_up(club, customer, 5_000, cashier)
    top_up(club, customer, 3_000, cashier, "card")
    pay(club, -1_500, cashier)
    pay(club, 2_000, cashier, "размен")
    service.close(club, shift_id=first, count=Count(15_000_00, 4_000_00, "купюра"), actor=cashier)

    shift = shown(club, first)
    assert (shift.expected_tiyn, shift.difference_tiyn) == (15_500_00, -500_00)
    assert (shift.to_safe_tiyn, shift.left_tiyn, shift.note) == (11_000_00, 4_000_00, "купюра")
    assert held(club, CASH) == 4_000
    # 10 000 of change came out of the safe before anybody counted, then 2 000; 1 500 and 11 000 went in.
    assert held(club, SAFE) == 500
    assert held(club, OVER_SHORT) == 500
    assert belongs(club)[1:] == [
        ("shift_float", first, None),
        ("top_up", first, 1),
        ("top_up", first, 2),
        ("shift_paid_out", first, 3),
        ("shift_paid_in", first, 4),
        ("shift_difference", first, None),
        ("shift_to_safe", first, None),
    ]
    with club.read() as db:
        assert [one.amount_tiyn for one in queries.payments(db, first)] == [-1_500_00, 2_000_00]
        told = db.scalars(select(Event).where(Event.kind == "shift.closed")).one()
        assert told.data["expected_tiyn"] == 15_500_00
        assert told.data["difference_tiyn"] == -500_00
    sealing.seal(club)
    with club.read() as db:
        assert check_ledger(db) == []


def test_the_next_person_counts_anew(
    club: ClubContext, people: People, cashier: Actor, manager: Actor
) -> None:
    first = service.open_shift(club, counted_tiyn=0, actor=cashier)
    top_up(club, people.customer(), 5_000, cashier)
    service.close(club, shift_id=first, count=Count(5_000_00), hand_to=manager.id, actor=cashier)
    assert (shown(club, first).left_tiyn, shown(club, first).handed_to) == (5_000_00, "Мадина")
    second = service.open_shift(club, counted_tiyn=4_000_00, actor=manager)
    assert shown(club, second).number == 2
    assert shown(club, second).opening_difference_tiyn == -1_000_00
    assert held(club, CASH) == 4_000
    with pytest.raises(OperationRefused) as refused:
        service.open_shift(club, counted_tiyn=0, actor=cashier)
    assert (refused.value.code, refused.value.values) == (
        "shift_open_already", {"name": "Мадина"},
    )  # fmt: skip


def test_only_people_who_may_run_a_shift_take_it_over(club: ClubContext, cashier: Actor) -> None:
    technician = StaffMaker(club).make("technician")
    shift = service.open_shift(club, counted_tiyn=0, actor=cashier)
    for somebody in (technician.id, cashier.id, 999):
        with pytest.raises(OperationRefused) as refused:
            service.close(club, shift_id=shift, count=Count(0), hand_to=somebody, actor=cashier)
        assert refused.value.values == {"hand_to": "person_unknown"}


def test_a_manager_closes_from_afar(
    club: ClubContext, people: People, cashier: Actor, manager: Actor
) -> None:
    other = StaffMaker(club).make("cashier", login="other")
    shift = service.open_shift(club, counted_tiyn=1_000_00, actor=cashier)
    with pytest.raises(OperationRefused, match="shift_not_yours"):
        service.close(club, shift_id=shift, count=Count(0), actor=other)
    with pytest.raises(OperationRefused) as refused:
        service.close(club, shift_id=shift, count=Count(None), actor=manager)
    assert refused.value.values == {"note": "reason_missing"}
    service.close(club, shift_id=shift, count=Count(None, note="ушёл домой"), actor=manager)
    service.close(club, shift_id=shift, count=Count(None, note="ещё раз"), actor=manager)
    row = shown(club, shift)
    assert (row.closed_by, row.closed_by_other, row.counted_tiyn) == ("Мадина", True, None)
    assert (row.note, row.left_tiyn) == ("ушёл домой", 1_000_00)
    with club.read() as db:
        assert list(db.scalars(select(Event.kind).where(Event.kind.like("shift.%")).order_by(Event.id))) == [
            "shift.opened", "shift.forced",
        ]  # fmt: skip


def test_sales_without_a_shift(
    club: ClubContext, people: People, cashier: Actor, clock: ManualClock
) -> None:
    customer = people.customer()
    top_up(
        club, customer, 1_000, cashier
    )  # allowed until the owner wants shifts; numbered all the same
    require_shifts(club)
    with pytest.raises(OperationRefused, match="shift_needed"):
        top_up(club, customer, 2_000, cashier)
    with pytest.raises(OperationRefused, match="shift_needed"):
        pay(club, 5, cashier)
    customers.give_time(
        club, customer_id=customer, seconds=600, title="+10", reason="сбой", key="g", actor=cashier
    )  # no money moves
    shift = service.open_shift(club, counted_tiyn=0, actor=cashier)
    top_up(club, customer, 2_000, cashier)
    service.close(club, shift_id=shift, count=Count(2_000_00), actor=cashier)
    with pytest.raises(OperationRefused, match="shift_needed"):
        top_up(club, customer, 3_000, cashier)
    assert [entry for entry in belongs(club) if entry[0] == "top_up"][1:] == [
        ("top_up", None, 1),
        ("top_up", shift, 2),
    ]


def test_a_session_ends_without_a_shift_and_its_rest_goes_back(
    club: ClubContext, people: People, cashier: Actor, clock: ManualClock
) -> None:
    """What a tariff's own rule returns is nobody's sale: no receipt, and no shift is needed."""
    customer, tariff = people.customer(balance_tiyn=500_00), people.tariff(price_tiyn=500_00)
    with club.write() as work:
        work.db.execute(update(Tariff).values(rest_rule="refunded"))
    session = sessions.buy(
        club,
        computer_id=people.computer(),
        customer_id=customer,
        tariff_id=tariff,
        key="hour-1",
        actor=Actor("customer", customer),
    )
    require_shifts(club)
    clock.advance(60)
    sessions.end(club, session_id=session, actor=cashier, reason="ended_by_desk")
    assert ("time.refunded", None, None) in belongs(club)


def test_what_is_taken_back_belongs_to_the_shift_that_takes_it_back(
    club: ClubContext, people: People, cashier: Actor, manager: Actor
) -> None:
    customer = people.customer()
    first = service.open_shift(club, counted_tiyn=0, actor=cashier)
    posting = top_up(club, customer, 2_000, cashier)
    service.close(club, shift_id=first, count=Count(2_000_00), actor=cashier)
    second = service.open_shift(club, counted_tiyn=2_000_00, actor=manager)
    reversal.take_back(
        club, customer_id=customer, posting_id=posting, reason="ошибка", actor=manager
    )
    service.close(club, shift_id=second, count=Count(0), actor=manager)
    assert shown(club, second).difference_tiyn == 0
    assert belongs(club)[-1] == ("top_up_taken_back", second, 2)


def test_time_without_money_has_a_limit_per_shift(
    club: ClubContext, people: People, cashier: Actor, manager: Actor, clock: ManualClock
) -> None:
    customer = people.customer()

    def give(minutes: int, actor: Actor) -> None:
        clock.advance(1)
        customers.give_time(
            club,
            customer_id=customer,
            seconds=minutes * 60,
            title="+",
            reason="сбой",
            key=str(clock.now()),
            actor=actor,
        )

    give(100, cashier)
    with pytest.raises(OperationRefused, match="given_time_limit"):
        give(21, cashier)
    give(20, cashier)
    give(600, manager)
    clock.advance(1)
    service.open_shift(club, counted_tiyn=0, actor=cashier)
    give(120, cashier)
    with pytest.raises(OperationRefused, match="given_time_limit"):
        give(1, cashier)


def test_the_limit_holds_for_gifts_at_one_moment(
    club: ClubContext, people: People, cashier: Actor
) -> None:
    friends = [people.customer() for _ in range(6)]
    together = threading.Barrier(len(friends))

    def give(friend: int) -> str:
        together.wait()
        try:
            customers.give_time(
                club, customer_id=friend, seconds=100 * 60, title="+", reason="сбой",
                key=f"gift {friend}", actor=cashier,
            )  # fmt: skip
        except OperationRefused as refused:
            return refused.code
        return ""

    with ThreadPoolExecutor(len(friends)) as pool:
        assert sorted(pool.map(give, friends)) == ["", *["given_time_limit"] * 5]


def test_the_same_payment_twice_is_one(club: ClubContext, cashier: Actor) -> None:
    service.open_shift(club, counted_tiyn=0, actor=cashier)
    values = {"reason": "вода", "key": "same-key", "actor": cashier}
    once = service.pay(club, is_out=True, amount_tiyn=500_00, **values)
    assert service.pay(club, is_out=True, amount_tiyn=500_00, **values) == once
    with pytest.raises(OperationRefused, match="key_reused"):
        service.pay(club, is_out=False, amount_tiyn=500_00, **values)
    assert held(club, CASH) == -500


def test_receipts_and_counts_hold_while_many_sell(
    club: ClubContext, people: People, cashier: Actor, manager: Actor
) -> None:
    """Twenty sales at once, every fifth refused midway, while the shift is closed: no gap, and no sale between."""
    require_shifts(club)
    shift = service.open_shift(club, counted_tiyn=0, actor=cashier)
    customers_ = [people.customer() for _ in range(20)]

    def refuse(_work: Work) -> None:
        raise OperationRefused("not_enough_money")

    def sell(number: int) -> str:
        if number == 10:
            service.close(club, shift_id=shift, count=Count(0), actor=cashier)
            return "closed"
        try:
            with club.write() as work:
                customers.put_on_balance(
                    work,
                    lock_customer(work, customers_[number]),
                    amount_tiyn=100_00,
                    method="cash",
                    key=f"many-{number}",
                    actor=cashier,
                )
                if number % 5 == 0:
                    work.at_last(refuse)  # behind the receipt's number
        except OperationRefused as refusal:
            return refusal.code
        return "sold"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(sell, range(20)))
    assert set(outcomes) <= {"sold", "closed", "not_enough_money", "shift_needed"}
    sold = outcomes.count("sold")
    with club.read() as db:
        numbers = list(
            db.scalars(
                select(DeskPosting.receipt_number)
                .where(DeskPosting.receipt_number.is_not(None))
                .order_by(DeskPosting.receipt_number)
            )
        )
    assert numbers == list(range(1, len(numbers) + 1))
    assert shown(club, shift).expected_tiyn == sold * 100_00


def test_which_shift_is_written_for_ever(club: ClubContext, people: People, cashier: Actor) -> None:
    service.open_shift(club, counted_tiyn=0, actor=cashier)
    top_up(club, people.customer(), 100, cashier)
    for statement in ("UPDATE desk_posting SET shift_id = NULL", "DELETE FROM desk_posting"):
        with pytest.raises(DBAPIError, match="append-only"), club.write() as work:
            work.db.execute(text(statement))


def test_a_receipt_edited_in_the_file_breaks_the_chain(
    club: ClubContext, people: People, cashier: Actor
) -> None:
    if not club.database.is_sqlite:
        return
    service.open_shift(club, counted_tiyn=0, actor=cashier)
    top_up(club, people.customer(), 100, cashier)
    sealing.seal(club)
    with club.write() as work:
        work.db.execute(text("DROP TRIGGER desk_posting_no_update"))
        work.db.execute(
            text("UPDATE desk_posting SET receipt_number = 77 WHERE receipt_number = 1")
        )
    with club.read() as db:
        assert [found.kind for found in check_ledger(db)] == ["receipts", "chain"]


def test_one_shift_is_open(club: ClubContext, cashier: Actor, manager: Actor) -> None:
    def attempt(actor: Actor) -> str:
        try:
            service.open_shift(club, counted_tiyn=0, actor=actor)
        except OperationRefused as refusal:
            return refusal.code
        return "opened"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, [cashier, manager] * 4))
    assert sorted(outcomes) == ["opened", *["shift_open_already"] * 7]
    with club.read() as db:
        assert len(list(db.scalars(select(Shift.id)))) == 1
