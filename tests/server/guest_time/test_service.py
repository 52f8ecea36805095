"""A guest comes for what they have paid, when the code is old or lost: nothing of it is lost, and none of it twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from lovhub.clock import ManualClock
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.guest_time import queries, service
from lovhub.server.guest_time.queries import WaitingTime
from lovhub.server.journal.models import Event
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CARD, CASH, REVENUE, TIME_EXPIRED, AccountKind
from lovhub.server.ledger.check import check_ledger
from lovhub.server.lots import expiry
from lovhub.server.lots.models import Lot
from lovhub.server.minors import service as minors
from lovhub.server.sessions import codes, group, link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.parts import IN_PARTS, Part
from lovhub.server.sessions.till import Till
from tests.server.minors.test_service import plays_until, rule, seats
from tests.support.club import CASHIER, OWNER, People

__all__ = ["rule"]

HOUR, DAY = 3600, 24 * 3600


def sold(club: ClubContext, tariff: int, key: str = "k", **more: object) -> str:
    said = {"method": "cash", "computer_id": None, "guest_name": "Тимур", **more}
    return codes.sell_seat_code(club, tariff_id=tariff, actor=CASHIER, key=key, **said).code  # type: ignore[arg-type]


def waiting(club: ClubContext, **search: str) -> list[WaitingTime]:
    with club.read() as db:
        return queries.page(db, club.club_id, now=club.clock.now(), **search).rows


def refused(code: str) -> "pytest.RaisesExc[OperationRefused]":
    return pytest.raises(OperationRefused, match=f"^{code}")


def on(club: ClubContext, kind: AccountKind) -> int:
    with club.write() as work:
        return ledger.balance(work.db, ledger.club_account(work, kind).id)


def comes(club: ClubContext, people: People, code: str) -> int:
    return codes.begin_with_code(club, computer_id=people.computer(), code=code)


def pay_out(club: ClubContext, lot: int, tenge: int, **more: object) -> dict[str, int]:
    said = {"reason": "не пришёл", "actor": OWNER, **more}
    return service.pay_out(club, lot_id=lot, expected_tiyn=tenge * 100, **said)  # type: ignore[arg-type]


def test_a_code_runs_out_and_the_time_does_not(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    old = sold(club, people.tariff(seconds=HOUR, price_tiyn=500_00))
    [time] = waiting(club)
    assert (time.code_until, time.seconds, time.amount_tiyn) == (
        clock.now() + 12 * HOUR,
        HOUR,
        500_00,
    )
    clock.advance(13 * HOUR)
    with refused("wrong_code"):
        comes(club, people, old)
    assert [row.code_until for row in waiting(club)] == [None]
    shown = [
        waiting(club, search=said)[0].lot_id for said in ("1", "имур", "тимур")
    ]  # the receipt, the name
    shown += [row.lot_id for row in waiting(club, search=old, code_hash=codes.code_hash(club, old))]
    assert shown == [time.lot_id] * 4
    assert waiting(club, search="77") == []

    new = service.give_code(club, lot_id=time.lot_id, actor=CASHIER, key="n")
    assert (
        service.give_code(club, lot_id=time.lot_id, actor=CASHIER, key="n") == new
    )  # pressed twice
    assert new.expires_at == clock.now() + 30 * DAY
    session = comes(club, people, new.code)
    row = people.session(session)
    assert (row.guest_name, row.state, waiting(club)) == ("Тимур", "active", [])
    acts: list[Callable[[], object]] = [
        lambda: service.give_code(club, lot_id=time.lot_id, actor=OWNER, key="x"),
        lambda: service.end(club, lot_id=time.lot_id, actor=OWNER),
        lambda: pay_out(club, time.lot_id, 500),
    ]
    for act in acts:
        with refused("guest_time_unknown"):
            act()


def test_a_new_code_makes_the_old_one_void_and_stands_with_a_name(
    club: ClubContext, people: People
) -> None:
    pc, other = people.computer(), people.computer()
    old = sold(club, people.tariff(), computer_id=pc)
    [time] = waiting(club)
    new = service.give_code(club, lot_id=time.lot_id, actor=CASHIER, key="n").code
    for code, computer in ((old, pc), (new, other)):
        with refused("wrong_code"):
            codes.begin_with_code(club, computer_id=computer, code=code)
    with club.read() as db:
        [event] = db.query(Event).filter_by(kind="guest_time.code_given")
        assert (event.actor_name, event.data["seconds"]) == (CASHIER.name, time.seconds)
    codes.begin_with_code(club, computer_id=pc, code=new)


def test_what_is_left_of_a_night_is_given_back_by_the_way_it_was_paid(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    tariff, computer = people.tariff(seconds=3 * HOUR, price_tiyn=900_00), people.computer()
    session = sessions.seat_guest(
        club, computer_id=computer, tariff_id=tariff, method=IN_PARTS, guest_name="", actor=CASHIER,
        key="s", till=Till(parts=(Part("card", 400_00), Part("cash", 500_00))),
    )  # fmt: skip
    sessions.sell_more(
        club, session_id=session, tariff_id=people.tariff(seconds=HOUR, price_tiyn=300_00),
        method="cash", actor=CASHIER, key="m",
    )  # fmt: skip
    plays_until(club, clock, "22:00", computer)
    minors.stop_for_night(club)
    sent = codes.send_home(club, session_id=session, actor=CASHIER)
    [time] = waiting(club)
    # 90 minutes of the three hours are played: 450 and 300 are left, of which 400 was paid by card and 800 in cash.
    assert (time.lots, time.seconds, time.amount_tiyn) == (2, 2 * HOUR + 1800, 750_00)
    clock.advance(31 * DAY)
    with refused("wrong_code"):
        comes(club, people, sent.code)
    cash, card = on(club, CASH), on(club, CARD)
    with refused("guest_money_changed"):
        pay_out(club, time.lot_id, 749)
    with refused("take_back_too_late"):
        pay_out(club, time.lot_id, 750, actor=CASHIER)
    with refused("invalid_fields"):
        pay_out(club, time.lot_id, 750, reason=" ")
    assert pay_out(club, time.lot_id, 750) == {"cash": 750_00, "card": 0}
    assert pay_out(club, time.lot_id, 750) == {"cash": 750_00, "card": 0}  # twice is once
    assert (on(club, CASH) - cash, on(club, CARD) - card, waiting(club)) == (750_00, 0, [])
    with club.read() as db:
        assert check_ledger(db) == []


def test_a_code_sold_by_mistake_is_taken_back_at_once_by_its_author(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    code = sold(club, people.tariff(price_tiyn=500_00), method="card")
    [time] = waiting(club)
    clock.advance(60)
    assert pay_out(club, time.lot_id, 500, actor=CASHIER, reason="") == {"cash": 0, "card": 500_00}
    with refused("wrong_code"):
        comes(club, people, code)
    assert on(club, CARD) == 0


@pytest.mark.parametrize("by_other", ["gives a minute", "sells a little more"])
def test_a_small_thing_put_beside_it_gives_nobody_the_right_to_the_whole(
    club: ClubContext, people: People, clock: ManualClock, by_other: str
) -> None:
    tariff, computer = people.tariff(seconds=3 * HOUR, price_tiyn=900_00), people.computer()
    session = seats(club, computer, tariff)
    plays_until(club, clock, "21:59", computer)
    other = replace(CASHIER, id=3, name="Марат")
    if by_other == "gives a minute":
        group.give_time(
            club, computer_ids=[computer], seconds=60, title="Сбой", reason="сбой", actor=other, key="g"
        )  # fmt: skip
    else:
        sessions.sell_more(
            club, session_id=session, tariff_id=people.tariff(seconds=60, price_tiyn=1_00),
            method="cash", actor=other, key="m",
        )  # fmt: skip
    plays_until(club, clock, "22:00", computer)
    minors.stop_for_night(club)
    codes.send_home(club, session_id=session, actor=other)
    [time] = waiting(club)
    assert time.lots == 2
    with refused("take_back_not_yours"):
        pay_out(club, time.lot_id, time.amount_tiyn // 100, actor=other, reason="")
    # Who sold the first of it three hours ago is as late.
    with refused("take_back_not_yours"):
        pay_out(club, time.lot_id, time.amount_tiyn // 100, actor=CASHIER, reason="")
    assert sum(pay_out(club, time.lot_id, time.amount_tiyn // 100).values()) == time.amount_tiyn


def test_after_three_years_it_may_be_ended_and_not_before(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    sold(club, people.tariff(seconds=HOUR, price_tiyn=500_00))
    [time] = waiting(club)
    clock.advance(1096 * DAY)
    with refused("guest_time_claimable"):
        service.end(club, lot_id=time.lot_id, actor=OWNER)
    clock.advance(1)
    service.end(club, lot_id=time.lot_id, actor=OWNER)
    assert (on(club, REVENUE), on(club, TIME_EXPIRED), waiting(club)) == (500_00, HOUR, [])


def test_typed_and_paid_out_at_the_same_moment_only_one_of_both_happens(
    club: ClubContext, people: People
) -> None:
    code = sold(club, people.tariff(price_tiyn=500_00))
    [time] = waiting(club)
    computer = people.computer()

    def tried(act: Callable[[], object]) -> bool:
        try:
            act()
        except OperationRefused:
            return False
        return True

    acts: list[Callable[[], object]] = [
        lambda: codes.begin_with_code(club, computer_id=computer, code=code),
        lambda: pay_out(club, time.lot_id, 500),
    ]
    with ThreadPoolExecutor() as pool:
        assert sum(pool.map(tried, acts)) == 1
    with club.read() as db:
        assert check_ledger(db) == []


def test_whose_pc_never_came_back_still_has_what_is_left(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    """By the owner's rule a silent PC's sitting ends with its lease; that is no leaving, and no code was ever given."""
    computer = people.computer()
    session = seats(club, computer, people.tariff(seconds=HOUR, price_tiyn=500_00), leave="adult")
    with club.write() as work:
        club_service.get(work.db, work.club_id).silence_rule = "return"
    link.link_lost(club, computer_id=computer)
    clock.advance(2 * HOUR)
    link.run_due(club, set())
    assert people.session(session).state == "ended"
    clock.advance(11 * HOUR)  # the morning
    [time] = waiting(club)
    comes(club, people, service.give_code(club, lot_id=time.lot_id, actor=CASHIER, key="n").code)


def test_of_customers_and_of_what_is_played_nothing_waits(
    club: ClubContext, people: People
) -> None:
    seats(club, people.computer(), people.tariff(), leave="adult")
    customer = people.customer(balance_tiyn=900_00)
    sessions.buy(
        club, computer_id=people.computer(), customer_id=customer, tariff_id=people.tariff(), key="b",
        actor=CASHIER,
    )  # fmt: skip
    assert waiting(club) == []
    with refused("guest_time_unknown"):
        service.give_code(club, lot_id=1, actor=CASHIER, key="n")


@pytest.mark.parametrize("is_booked", [False, True])
def test_a_code_whose_time_has_ended_by_itself_seats_nobody(
    club: ClubContext, people: People, clock: ManualClock, is_booked: bool
) -> None:
    code = sold(club, people.tariff(price_tiyn=500_00))
    with club.write() as work:
        work.db.execute(update(Lot).values(expires_at=work.now + HOUR))
    clock.advance(HOUR)
    if is_booked:
        expiry.expire_due(club)
    with refused("wrong_code"):
        comes(club, people, code)
    with club.read() as db:
        assert db.scalars(select(PlaySession)).all() == []
