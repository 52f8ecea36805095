"""One customer at two clubs: codes, ages, programs and pauses are each club's own, and none is lost between them."""

from contextlib import AbstractContextManager
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lovhub.clock import ManualClock
from lovhub.server.applications.models import Application
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.habits import queries as habits
from lovhub.server.habits import service as habits_service
from lovhub.server.journal.models import Launch
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import promos
from lovhub.server.loyalty.rules import PromoTerms
from lovhub.server.minors import service as minors
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from lovhub.server.web.refusals import refusal_of
from tests.server.chain.test_shared_customers import PRICE, At, arena, palace
from tests.support.club import CASHIER, OWNER, People
from tests.support.databases import each_database as database_url
from tests.support.web import WebAdmin

__all__ = ["arena", "database_url", "palace"]

CODE = "ARENA-100"


@pytest.fixture
def customer(arena: At) -> int:
    return People(arena.club).customer(balance_tiyn=5 * PRICE)


def refused(code: str) -> AbstractContextManager["pytest.ExceptionInfo[OperationRefused]"]:
    return pytest.raises(OperationRefused, match=f"^{code}$")


def hand_out(where: At, kind: str, *, tiyn: int = 0, seconds: int = 0) -> None:
    terms = PromoTerms("Открытие", kind, tiyn, seconds, 0, None, 1)
    promos.create(where.club, terms=terms, codes=[CODE], actor=OWNER)


def use(where: At, customer: int, key: str) -> promos.Gift:
    return promos.use(where.club, customer_id=customer, code=CODE, key=key, actor=CASHIER)


def bonus_tiyn(where: At, customer: int) -> int:
    with where.club.read() as db:
        return customers.row(db, where.club.club_id, customer).bonus_tiyn


def test_a_code_gives_at_the_club_that_has_made_it_and_its_bonus_counts_at_both(
    arena: At, palace: At, customer: int
) -> None:
    hand_out(arena, "bonus", tiyn=100_00)
    with refused("promo_code_wrong"):
        use(palace, customer, "at-the-palace")
    assert use(arena, customer, "at-the-arena").bonus_tiyn == 100_00
    assert bonus_tiyn(arena, customer) == bonus_tiyn(palace, customer) == 100_00
    # The same word is another promotion there.
    hand_out(palace, "bonus", tiyn=50_00)
    use(palace, customer, "at-the-palace")
    assert bonus_tiyn(arena, customer) == 150_00
    with arena.club.read() as db:
        assert check_ledger(db) == []


def test_time_by_a_code_is_played_at_the_club_that_gave_it(
    arena: At, palace: At, customer: int
) -> None:
    hand_out(palace, "time", seconds=1800)
    assert use(palace, customer, "at-the-palace").seconds == 1800
    assert (arena.seconds_here(customer), palace.seconds_here(customer)) == (0, 1800)
    with arena.club.read() as db:
        assert check_ledger(db) == []


def at_clock(clock: ManualClock, hour: int) -> None:
    """The next time that clocks of the club show this hour."""
    now = datetime.fromtimestamp(clock.now(), ZoneInfo("Asia/Almaty"))
    clock.advance((hour - now.hour) % 24 * 3600 - now.minute * 60 - now.second)


def watch_the_night(where: At, *, on: bool) -> None:
    with where.club.write() as work:
        work.db.get_one(Club, where.club.club_id).minors_rule = on


def confirm(where: At, customer: int, born: str) -> None:
    minors.confirm_age(
        where.club, customer_id=customer, birth_date=born, document="id_card", actor=OWNER
    )


def test_an_age_that_one_club_has_seen_counts_at_the_other_by_its_own_rule(
    arena: At, palace: At, customer: int, clock: ManualClock
) -> None:
    watch_the_night(arena, on=False)
    watch_the_night(palace, on=True)
    confirm(arena, customer, "2014-02-03")
    at_clock(clock, 23)
    with refused("minor_past_night"):
        palace.buy(customer, "at-the-palace")
    session = arena.buy(customer, "at-the-arena")
    sessions.end(arena.club, session_id=session, reason="stand", actor=OWNER)
    confirm(arena, customer, "1990-02-03")
    assert palace.buy(customer, "grown-up")


def test_a_leave_to_stay_at_one_club_is_none_at_the_other(
    arena: At, palace: At, customer: int, clock: ManualClock
) -> None:
    for where in (arena, palace):
        watch_the_night(where, on=True)
    confirm(palace, customer, "2014-02-03")
    at_clock(clock, 23)
    session = sessions.buy(
        arena.club, computer_id=arena.computer, customer_id=customer, tariff_id=arena.tariff,
        key="with parents", actor=OWNER, night_leave="accompanied",
    )  # fmt: skip
    link.link_lost(arena.club, computer_id=arena.computer)
    with refused("minor_past_night"):
        palace.buy(customer, "alone")
    assert People(arena.club).session(session).state == "unreachable"


def test_who_pauses_at_one_club_is_told_at_the_other_where(
    arena: At, palace: At, customer: int
) -> None:
    session = arena.buy(customer, "at-the-arena")
    sessions.pause(arena.club, session_id=session, actor=OWNER)
    with refused("already_elsewhere") as told:
        palace.buy(customer, "at-the-palace")
    assert told.value.values == {"club": "Арена", "pc": "ПК-1"}
    desk = WebAdmin(palace.club)
    with desk.app.test_request_context():
        assert refusal_of(told.value).startswith("Клиент сейчас в клубе «Арена», ПК-1.")
    desk.give_back()
    sessions.end(arena.club, session_id=session, reason="stand", actor=OWNER)
    assert palace.buy(customer, "at-the-palace")


def test_a_pc_that_is_silent_at_one_club_keeps_its_time_and_not_the_customer(
    arena: At, palace: At, customer: int
) -> None:
    session = arena.buy(customer, "at-the-arena")
    link.link_lost(arena.club, computer_id=arena.computer)
    there = palace.buy(customer, "at-the-palace")
    link.link_returned(arena.club, computer_id=arena.computer, boot_id="later", report=None)
    assert People(arena.club).session(session).state == "ended"
    assert People(palace.club).session(there).state == "active"
    sessions.end(palace.club, session_id=there, reason="stand", actor=OWNER)
    assert arena.seconds_here(customer) == palace.seconds_here(customer) == 3600
    with arena.club.read() as db:
        assert check_ledger(db) == []


def game(where: At, customer: int) -> int:
    """A program of the club with the customer's star, which they have just played."""
    club: ClubContext = where.club
    found = People(club).application()
    habits_service.star(club, customer_id=customer, application_id=found, is_favourite=True)
    session = where.buy(customer, f"to-play-at-{club.club_id}")
    with club.write() as work:
        work.db.add(
            Launch(
                club_id=club.club_id, computer_id=where.computer, customer_id=customer,
                session_id=session, application_id=found, started_at=work.now,
            )
        )  # fmt: skip
    sessions.end(club, session_id=session, reason="stand", actor=OWNER)
    return found


def test_a_pc_offers_what_was_played_and_starred_at_its_own_club(
    arena: At, palace: At, customer: int, clock: ManualClock
) -> None:
    games = game(arena, customer), game(palace, customer)
    habits_service.choose(arena.club, customer_id=customer, volume=30)
    for where, own in zip((arena, palace), games, strict=True):
        with where.club.read() as db:
            liked = habits.view(db, where.club.club_id, customer, clock.now())
            assert db.get_one(Application, own).club_id == where.club.club_id
        assert (liked.recent_ids, liked.favourite_ids, liked.volume) == ((own,), (own,), 30)
