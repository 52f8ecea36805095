"""The night as players, the desk and the books see it, on both databases."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from lovhub.clock import ManualClock
from lovhub.protocol.channel import ReportedSession
from lovhub.server.actor import Actor
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting
from lovhub.server.customers import queries as customers
from lovhub.server.customers import service as customers_service
from lovhub.server.customers import view as customers_view
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger.check import check_ledger
from lovhub.server.live import HallSession
from lovhub.server.lots import expiry
from lovhub.server.lots.models import Lot
from lovhub.server.minors import service
from lovhub.server.sessions import codes, group_sale, link, moves, queries
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.sitting import load_sitting
from lovhub.server.tariffs.models import Tariff
from tests.support.club import CASHIER, OWNER, People, without_hash
from tests.support.suspicious import told, told_by_whom

HOUR = 3600
ADULT, MINOR = "2000-05-01", "2012-03-04"
TECHNICIAN = Actor(kind="staff", id=3, name="Сергей", role="technician")


@pytest.fixture(autouse=True)
def rule(club: ClubContext, people: People, clock: ManualClock) -> None:
    """The rule is on, and it is 20:30 on 15 January 2027."""
    with club.write() as work:
        work.db.execute(update(Club).values(minors_rule=True))
    go_to(clock, "20:30")


def go_to(clock: ManualClock, time: str, day: int = 15) -> None:
    hour, minute = map(int, time.split(":"))
    there = datetime(2027, 1, day, hour, minute, tzinfo=ZoneInfo("Asia/Almaty"))
    clock.advance(there.timestamp() - clock.now())


def plays_until(
    club: ClubContext, clock: ManualClock, time: str, *computers: int, day: int = 15
) -> None:
    """Time passes as it does: the session clock looks every five minutes, and at the end."""
    there = ManualClock(clock.now())
    go_to(there, time, day)
    while clock.now() < there.now():
        clock.advance(min(300, there.now() - clock.now()))
        link.run_due(club, set(computers))


def born(club: ClubContext, customer: int, birth_date: str, *, confirmed: bool = True) -> int:
    with club.write() as work:
        row = work.db.get_one(Customer, customer)
        row.birth_date, row.age_document = birth_date, "id_card" if confirmed else ""
    return customer


def special_tariff(club: ClubContext, **values: object) -> int:
    with club.write() as work:
        tariff = Tariff(
            **{
                "club_id": 1,
                "title": "Вечер",
                "seconds": 5 * HOUR,
                "price_tiyn": 900_00,
                "created_at": work.now,
                **values,
            }
        )
        work.db.add(tariff)
        work.db.flush()
        return tariff.id


def buys(club: ClubContext, computer: int, customer: int, tariff: int, **more: str) -> int:
    return sessions.buy(
        club,
        computer_id=computer,
        customer_id=customer,
        tariff_id=tariff,
        key=f"k{computer}.{customer}.{tariff}",
        actor=CASHIER,
        **more,
    )


def seats(club: ClubContext, computer: int, tariff: int, leave: str = "") -> int:
    return sessions.seat_guest(
        club,
        computer_id=computer,
        tariff_id=tariff,
        method="cash",
        guest_name="Гость",
        actor=CASHIER,
        key=f"g{computer}.{club.clock.now()}",
        night_leave=leave,
    )


def on_pc(club: ClubContext, computer: int) -> HallSession | None:
    with club.read() as db:
        return queries.hall_sessions(db, club.club_id, club.clock.now(), computer).get(computer)


def lease(club: ClubContext, computer: int) -> int:
    with club.read() as db:
        found = queries.pc_session(db, club.club_id, computer, club.clock.now())
    assert found is not None
    assert found.lease is not None
    return found.lease.seconds


def lots(club: ClubContext) -> list[Lot]:
    with club.read() as db:
        return list(db.scalars(select(Lot).order_by(Lot.id)))


def available(club: ClubContext, customer: int) -> int:
    with club.read() as db:
        return customers_view.customer_view(db, 1, customer, club.clock.now()).seconds_available


def events(club: ClubContext, kind: str) -> list[Event]:
    with club.read() as db:
        return list(db.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


def refused(code: str) -> "pytest.RaisesExc[OperationRefused]":
    return pytest.raises(OperationRefused, match=f"^{code}")


def test_a_minors_session_ends_at_ten_and_nothing_is_lost(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    child, computer = born(club, people.customer(balance_tiyn=900_00), MINOR), people.computer()
    three = people.tariff(seconds=3 * HOUR, price_tiyn=900_00)
    with refused("minor_past_night"):
        buys(club, computer, child, three)
    # Bought in the afternoon of a club that had the rule off: kept all the same, though it expires on leaving.
    tariff = special_tariff(club, title="3 часа", seconds=3 * HOUR, rest_rule="expires")
    session = buys(club, computer, child, tariff, night_leave="accompanied")
    with club.write() as work:
        work.db.get_one(PlaySession, session).night_leave = ""
    with club.write() as work:
        load_sitting(work, session).lengthened(CASHIER)
    shown = on_pc(club, computer)
    assert shown is not None
    assert (shown.seconds_left, shown.night_stop) == (90 * 60, "minor")
    plays_until(club, clock, "21:55", computer)
    assert lease(club, computer) == 90 * 60
    plays_until(club, clock, "22:00", computer)
    row = people.session(session)
    assert (row.state, row.end_reason, row.played_seconds) == ("ended", "night", 90 * 60)
    assert available(club, child) == 90 * 60
    with club.read() as db:
        assert check_ledger(db) == []
    with refused("minor_at_night"):
        sessions.begin_for_customer(club, computer_id=computer, customer_id=child, actor=CASHIER)
    with refused("minor_by_birth_date"):
        sessions.seat_customer(
            club, computer_id=computer, customer_id=child, actor=CASHIER, night_leave="adult"
        )
    go_to(clock, "06:00", day=16)
    sessions.seat_customer(club, computer_id=computer, customer_id=child, actor=CASHIER)


def test_the_desk_lets_an_unconfirmed_player_go_on(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    player, computer = people.customer(balance_tiyn=900_00), people.computer()
    session = buys(club, computer, player, people.tariff(seconds=3 * HOUR, price_tiyn=900_00))
    plays_until(club, clock, "22:00", computer)
    row = people.session(session)
    assert (row.state, row.pause_reason, row.played_seconds) == ("paused", "night", 90 * 60)
    with club.read() as db:
        assert queries.pc_session(db, club.club_id, computer, clock.now()) is None
        assert queries.end_of(db, session)[0] == "night"
    shown = on_pc(club, computer)
    assert shown is not None
    assert shown.seconds_left == 90 * 60
    with refused("age_unconfirmed"):
        sessions.resume(club, session_id=session, actor=CASHIER)
    with refused("age_unconfirmed"):
        sessions.begin_for_customer(club, computer_id=computer, customer_id=player, actor=CASHIER)
    with refused("forbidden"):
        service.let_stay(club, session_id=session, leave="adult", actor=TECHNICIAN)
    service.let_stay(club, session_id=session, leave="adult", actor=CASHIER)
    assert people.session(session).state == "active"
    moved = moves.move(club, session_id=session, to_computer_id=people.computer(), actor=CASHIER)
    clock.advance(HOUR)
    link.run_due(club, {people.session(moved).computer_id})
    assert people.session(moved).state == "active"
    given = events(club, "age.let_stay")
    assert [(event.actor_name, event.data["leave"]) for event in given] == [
        (CASHIER.name, "adult"),
        (CASHIER.name, "adult"),
    ]
    assert told(club) == []


def test_a_confirmed_adult_notices_nothing(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    player, computer = people.customer(balance_tiyn=900_00), people.computer()
    session = buys(club, computer, player, people.tariff(seconds=3 * HOUR, price_tiyn=900_00))
    plays_until(club, clock, "21:50", computer)
    assert lease(club, computer) == 90 * 60
    service.confirm_age(
        club, customer_id=player, birth_date="01.05.2000", document="id_card", actor=CASHIER
    )
    assert lease(club, computer) > 90 * 60
    [event] = events(club, "age.confirmed")
    assert event.actor_name == CASHIER.name
    assert without_hash(event.data) == {"document": "id_card"}
    plays_until(club, clock, "23:00", computer)
    assert people.session(session).state == "active"
    sessions.end(club, session_id=session, actor=CASHIER, reason="signed_out")
    # Another date in the account is one that nobody has seen.
    customers_service.change_details(
        club, customer_id=player, name="Ерлан", phone="", birth_date="2001-05-01", actor=CASHIER
    )
    with refused("age_unconfirmed"):
        sessions.begin_for_customer(club, computer_id=computer, customer_id=player, actor=CASHIER)
    forgetting.forget(
        club, customer_id=player, fate="pay_out", reason="", actor=OWNER,
        expected_tiyn=estate(club, player),
    )  # fmt: skip
    with club.read() as db:
        gone = db.get_one(Customer, player)
    assert (gone.birth_date, gone.age_document, gone.age_confirmed_by) == ("", "", None)
    assert "2000" not in str([event.data for event in events(club, "age.confirmed")])


def estate(club: ClubContext, customer: int) -> int:
    with club.read() as db:
        return customers.estate(db, db.get_one(Customer, customer)).total_tiyn


def test_a_guest_is_sent_home_with_a_code_for_all_that_is_left(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    computer, other = people.computer(), people.computer()
    hour, three = people.tariff(), people.tariff(seconds=3 * HOUR, price_tiyn=900_00)
    session = seats(club, computer, three)
    sessions.sell_more(
        club, session_id=session, tariff_id=hour, method="cash", actor=CASHIER, key="more"
    )
    with refused("not_stopped_for_night"):
        codes.send_home(club, session_id=session, actor=CASHIER)
    plays_until(club, clock, "22:00", computer)
    assert people.session(session).pause_reason == "night"
    with refused("age_unconfirmed"):
        seats(club, other, hour)
    sent = codes.send_home(club, session_id=session, actor=CASHIER)
    row = people.session(session)
    assert (row.state, row.end_reason) == ("ended", "night")
    # Typed in the same night, it waits for the desk; nothing is played.
    with refused("age_unconfirmed"):
        codes.begin_with_code(club, computer_id=other, code=sent.code)
    waiting = on_pc(club, other)
    assert waiting is not None
    assert (waiting.state, waiting.pause_reason, waiting.seconds_left) == (
        "paused",
        "night",
        4 * HOUR - 90 * 60,
    )
    with club.read() as db:
        assert check_ledger(db) == [], "it has begun, though it waits"
    again = codes.send_home(club, session_id=waiting.session_id, actor=CASHIER)
    go_to(clock, "12:00", day=17)
    resumed = codes.begin_with_code(club, computer_id=other, code=again.code)
    shown = on_pc(club, other)
    assert shown is not None
    assert (shown.session_id, shown.seconds_left) == (resumed, 4 * HOUR - 90 * 60)
    with refused("wrong_code"):
        codes.begin_with_code(club, computer_id=computer, code=sent.code)
    with club.read() as db:
        assert check_ledger(db) == []


def test_accompanied_is_written_down_and_shown_to_the_owner(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    go_to(clock, "22:30")
    computers = [people.computer(), people.computer()]
    hour = people.tariff()
    with refused("age_unconfirmed"):
        group_sale.sell_together(
            club, computer_ids=computers, tariff_id=hour,
            payer=group_sale.Payer("cash"), key="two", actor=CASHIER,
        )  # fmt: skip
    group_sale.sell_together(
        club, computer_ids=computers, tariff_id=hour, payer=group_sale.Payer("cash"), key="two",
        actor=CASHIER, night_leave="accompanied",
    )  # fmt: skip
    assert told_by_whom(club) == [("minor", CASHIER.name, 0)] * 2
    clock.advance(900)
    link.run_due(club, set(computers))
    assert {people.session(on_pc(club, one).session_id).state for one in computers} == {"active"}  # type: ignore[union-attr]


def test_what_would_expire_in_the_night_is_kept(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    computer, silent = people.computer(), people.computer()
    evening = special_tariff(
        club, kind="fixed_end", sold_from=18 * HOUR, sold_until=23 * HOUR, rest_rule="expires"
    )
    bundle = special_tariff(club, title="Сутки", kind="bundle", valid_days=0, rest_rule="expires")
    with refused("age_unconfirmed_past_night"):
        seats(club, computer, evening)
    players = [people.customer(balance_tiyn=1_800_00) for _pc in range(2)]
    for pc, player in zip((computer, silent), players, strict=True):
        session = buys(club, pc, player, evening, night_leave="adult")
        sessions.sell_more(
            club, session_id=session, tariff_id=bundle, method="balance", actor=CASHIER,
            key=f"bundle{pc}",
        )  # fmt: skip
        with club.write() as work:
            work.db.get_one(PlaySession, session).night_leave = ""
        with club.write() as work:
            load_sitting(work, session).lengthened(CASHIER)
    plays_until(club, clock, "21:50", computer, silent)
    assert lease(club, silent) == 90 * 60
    link.link_lost(club, computer_id=silent)
    plays_until(club, clock, "22:00", computer)
    clock.advance(30)
    service.stop_for_night(club)
    go_to(clock, "00:01", day=16)
    service.stop_for_night(club)
    expiry.expire_due(club)
    midnight = int(datetime(2027, 1, 17, tzinfo=ZoneInfo("Asia/Almaty")).timestamp())
    for player in players:
        mine = [lot for lot in lots(club) if lot.customer_id == player]
        assert [(lot.kind, lot.rest_rule, lot.expires_at) for lot in mine] == [
            ("package", "kept", None),
            ("bundle", "expires", midnight),
        ]
    assert available(club, players[0]) == HOUR + 5 * HOUR
    # The silent PC comes back and tells that it stopped at ten.
    report = ReportedSession(
        session_id=on_pc(club, silent).session_id,  # type: ignore[union-attr]
        lease_serial=9, played_seconds=90 * 60, boot_id="b", last_tick_at=0,
    )  # fmt: skip
    link.link_returned(club, computer_id=silent, boot_id="b", report=report)
    back = on_pc(club, silent)
    assert back is not None
    assert (back.state, back.pause_reason) == ("paused", "night")
    assert available(club, players[1]) == HOUR + 5 * HOUR
    with club.read() as db:
        assert check_ledger(db) == []


def test_a_club_without_the_rule_is_as_it_was(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    with club.write() as work:
        work.db.execute(update(Club).values(minors_rule=False))
    go_to(clock, "21:30")
    computer = people.computer()
    session = seats(club, computer, people.tariff(seconds=3 * HOUR))
    clock.advance(HOUR)
    link.run_due(club, {computer})
    shown = on_pc(club, computer)
    assert shown is not None
    assert (people.session(session).state, shown.night_stop) == ("active", "")
