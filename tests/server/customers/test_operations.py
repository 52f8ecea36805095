"""«Мои операции»: all that became of a player's money and time, part by part, and nobody else's."""

import pytest

from lovhub.clock import ManualClock
from lovhub.protocol.views import HoursView
from lovhub.server.context import ClubContext
from lovhub.server.customers import operations
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import BONUS_GIVEN, CUSTOMER_BONUS, LOT_BONUS
from lovhub.server.ledger.service import Transfer
from lovhub.server.sessions import service as sessions
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.club import CASHIER, OWNER, People


def mine(club: ClubContext, customer_id: int, limit: int = 50) -> list[tuple[object, ...]]:
    """All parts, one after the other."""
    rows: list[tuple[object, ...]] = []
    before = ""
    with club.read() as db:
        while True:
            part = operations.of_customer(db, club.club_id, customer_id, before=before, limit=limit)
            assert len(part.rows) <= limit
            rows += [
                (row.kind, row.bonus_tiyn, row.seconds, "бонусы", row.detail)
                if row.bonus_tiyn
                else (row.kind, row.tiyn, row.seconds, row.title, row.detail)
                for row in part.rows
            ]
            if not part.next:
                return rows
            before = part.next


def test_time_that_is_played_in_its_hours_only_says_so(club: ClubContext, people: People) -> None:
    aliya, pc = people.customer(balance_tiyn=1_000_00), people.computer()
    every_day = Terms("1 час", 3600, 500_00, play_rule="sale_hours")
    sessions.buy(
        club, computer_id=pc, customer_id=aliya, key="h", actor=OWNER,
        tariff_id=tariffs.create(club, terms=every_day, actor=OWNER),
    )  # fmt: skip
    with club.read() as db:
        rows = operations.of_customer(db, club.club_id, aliya).rows
    assert {row.kind: row.hours for row in rows} == {
        "playing": None, "sale": HoursView(tuple(range(7))), "top_up": None,
    }  # fmt: skip


def test_each_tenge_and_minute_is_told_once_the_newest_first(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    aliya, stranger = people.customer(balance_tiyn=1_000_00), people.customer(balance_tiyn=5_000_00)
    pc = people.computer("ПК-1")
    by_minute = Terms("По минутам", 3600, 600_00, "per_minute")
    minutes = tariffs.create(club, terms=by_minute, actor=OWNER)
    clock.advance(60)
    session = sessions.buy(
        club, computer_id=pc, customer_id=aliya, tariff_id=minutes, key="m", actor=OWNER
    )
    clock.advance(600)
    sessions.end(club, session_id=session, actor=OWNER, reason="signed_out")
    clock.advance(60)
    customers.give_time(
        club, customer_id=aliya, seconds=1800, title="+30 мин", reason="сбой", key="g", actor=OWNER
    )
    clock.advance(60)
    hour = people.tariff(price_tiyn=500_00)
    sessions.buy(club, computer_id=pc, customer_id=aliya, tariff_id=hour, key="h", actor=OWNER)
    sold = sessions.seat_guest(
        club, computer_id=people.computer(), tariff_id=hour, method="cash",
        guest_name="Гость", actor=CASHIER, key="guest",
    )  # fmt: skip

    with club.write() as work:
        bonus, lot = (
            ledger.open_account(work, CUSTOMER_BONUS),
            ledger.open_account(work, LOT_BONUS),
        )
        work.db.get_one(Customer, aliya).bonus_account_id = bonus.id
        given = ledger.club_account(work, BONUS_GIVEN)
        for key, *moves in (
            ("bonus_by_staff", Transfer(given, bonus, 30_00), Transfer(given, lot, 7_00)),
            ("time.refunded", Transfer(lot, bonus, 5_00)),
        ):
            ledger.post(work, key=key, kind=key, transfers=moves, actor=OWNER)

    told = [
        ("time.refunded", 5_00, 0, "бонусы", ""),
        ("bonus_by_staff", 30_00, 0, "бонусы", ""),
        ("sale", -500_00, 3600, "1 час", ""),
        ("playing", 0, 0, "ПК-1", "desk"),
        ("time_granted", 0, 1800, "+30 мин", ""),
        ("played", -100_00, 600, "ПК-1", "desk"),
        ("top_up", 1_000_00, 0, "", "cash"),
    ]
    assert mine(club, aliya) == told
    assert mine(club, aliya, limit=2) == told
    assert mine(club, stranger) == [("top_up", 5_000_00, 0, "", "cash")]
    with club.read() as db:
        stay = operations.of_guest(db, sold)
        assert [(row.kind, row.tiyn, row.seconds) for row in stay.rows] == [
            ("sale", -500_00, 3600),
            ("playing", 0, 0),
        ]
        for wrong in ("1", "x.......", "1.2.3.4.5.6.-7", "." * 6 + "9" * 30):
            with pytest.raises(OperationRefused, match="invalid_fields"):
                operations.of_customer(db, club.club_id, aliya, before=wrong)
