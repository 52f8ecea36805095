"""Calls, alarms and ends of sessions as two people at the desk see to them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.protocol.views import CallView
from lovhub.server.actor import Actor
from lovhub.server.attention import queries, service
from lovhub.server.attention.models import Call
from lovhub.server.bus import AttentionChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.journal import queries as journal_queries
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Alarm, Event
from lovhub.server.sessions import service as sessions
from lovhub.server.staff.models import Staff
from tests.support.club import OWNER, People
from tests.support.staff import hire
from tests.support.statements import asked

PLAYER = Actor(kind="customer", id=1, name="Ерлан")


@pytest.fixture
def aigul(club: ClubContext) -> Actor:
    return hire(club, "Айгуль")


@pytest.fixture
def daniyar(club: ClubContext) -> Actor:
    return hire(club, "Данияр")


def call(club: ClubContext, computer_id: int, reason: str = "device", text: str = "") -> int:
    return service.call(club, computer_id=computer_id, reason=reason, text=text, actor=PLAYER)


def open_calls(club: ClubContext) -> list[queries.CallRow]:
    with club.read() as db:
        return queries.open_calls(db, club.club_id)


def shown_at(club: ClubContext, computer_id: int) -> CallView | None:
    with club.read() as db:
        return queries.call_view(db, computer_id)


def kinds(club: ClubContext) -> list[str]:
    with club.read() as db:
        return list(
            db.scalars(
                select(Event.kind)
                .where(Event.kind.startswith("call.") | Event.kind.startswith("alarm."))
                .order_by(Event.id)
            )
        )


def test_a_call_is_taken_by_one_person_and_closed(
    club: ClubContext, people: People, aigul: Actor, news: list[News]
) -> None:
    computer_id = people.computer()
    call_id = call(club, computer_id, text="  не работает\nмышь ")
    [waiting] = open_calls(club)
    assert (waiting.call_id, waiting.computer_name) == (call_id, "ПК-1")
    assert (waiting.reason, waiting.text, waiting.taken_by) == ("device", "не работает мышь", "")
    assert shown_at(club, computer_id) == CallView(call_id, "device", "")

    service.take_call(club, call_id=call_id, actor=aigul)
    assert open_calls(club)[0].taken_by == "Айгуль"
    assert shown_at(club, computer_id) == CallView(call_id, "device", "Айгуль")

    service.close_call(club, call_id=call_id, actor=aigul)
    service.close_call(club, call_id=call_id, actor=aigul)
    assert open_calls(club) == []
    assert shown_at(club, computer_id) is None
    assert kinds(club) == ["call.made", "call.taken", "call.closed"]
    assert news.count(AttentionChanged(computer_id)) == 3


def test_calling_again_raises_the_count_of_the_one_call(club: ClubContext, people: People) -> None:
    computer_id = people.computer()
    first = call(club, computer_id, "device", "мышь")
    assert call(club, computer_id, "money") == first
    [waiting] = open_calls(club)
    assert (waiting.count, waiting.reason, waiting.text) == (2, "money", "мышь")


def test_after_it_is_closed_the_next_call_is_another(
    club: ClubContext, people: People, aigul: Actor
) -> None:
    computer_id = people.computer()
    first = call(club, computer_id)
    service.close_call(club, call_id=first, actor=aigul)
    assert call(club, computer_id) != first


def test_whoever_calls_without_end_is_not_heard_for_a_while(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    bored, other = people.computer(), people.computer()
    for _ in range(5):
        call(club, bored)
    with pytest.raises(OperationRefused, match="too_many_attempts"):
        call(club, bored)
    call(club, other)
    assert [waiting.count for waiting in open_calls(club)] == [5, 1]
    clock.advance(60)
    call(club, bored)


def test_an_unknown_reason_is_refused(club: ClubContext, people: People) -> None:
    with pytest.raises(OperationRefused, match="reason_unknown"):
        call(club, people.computer(), "boredom")


Take = Callable[[ClubContext, int, Actor], None]


def take_call(club: ClubContext, call_id: int, actor: Actor) -> None:
    service.take_call(club, call_id=call_id, actor=actor)


def take_alarm(club: ClubContext, alarm_id: int, actor: Actor) -> None:
    journal.take_alarm(club, alarm_id=alarm_id, actor=actor)


def raise_alarm(club: ClubContext, computer_id: int) -> int:
    with club.write() as work:
        return journal.raise_alarm(work, "launcher_killed", computer_id=computer_id)


@pytest.mark.parametrize(
    ("make", "take", "table"),
    [(call, take_call, Call), (raise_alarm, take_alarm, Alarm)],
    ids=["call", "alarm"],
)
def test_of_two_people_at_once_the_first_has_it(
    club: ClubContext,
    people: People,
    aigul: Actor,
    daniyar: Actor,
    make: Callable[[ClubContext, int], int],
    take: Take,
    table: type[Call] | type[Alarm],
) -> None:
    waiting = make(club, people.computer())

    def reach(actor: Actor) -> str:
        try:
            take(club, waiting, actor)
        except OperationRefused as refusal:
            return f"{refusal.code}: {refusal.values['name']}"
        return "mine"

    with ThreadPoolExecutor() as both:
        told = dict(zip(("Айгуль", "Данияр"), both.map(reach, (aigul, daniyar)), strict=True))
    winner = next(name for name, said in told.items() if said == "mine")
    loser = next(name for name in told if name != winner)
    assert told[loser] == f"already_taken: {winner}"
    take(club, waiting, aigul if winner == "Айгуль" else daniyar)  # again changes nothing
    with club.read() as db:
        row = db.get_one(table, waiting)
        assert db.get_one(Staff, row.taken_by).name == winner
        assert row.taken_at is not None
    assert [kind.partition(".")[2] for kind in kinds(club)].count("taken") == 1


def test_what_is_closed_is_not_taken_any_more(
    club: ClubContext, people: People, aigul: Actor
) -> None:
    call_id = call(club, people.computer())
    service.close_call(club, call_id=call_id, actor=aigul)
    with pytest.raises(OperationRefused, match="already_closed"):
        service.take_call(club, call_id=call_id, actor=aigul)
    with pytest.raises(OperationRefused, match="call_unknown"):
        service.take_call(club, call_id=99, actor=aigul)


def test_an_alarm_keeps_who_closed_it_and_why(
    club: ClubContext, people: People, aigul: Actor
) -> None:
    alarm_id = raise_alarm(club, people.computer())
    journal.take_alarm(club, alarm_id=alarm_id, actor=aigul)
    with club.read() as db:
        assert journal_queries.open_alarms(db, club.club_id)[0].taken_by == "Айгуль"
    journal.close_alarm(club, alarm_id=alarm_id, actor=aigul, note=" перезапустил\nлаунчер ")
    with club.read() as db:
        assert journal_queries.open_alarms(db, club.club_id) == []
        alarm = db.get_one(Alarm, alarm_id)
    assert (alarm.note, alarm.closed_by) == ("перезапустил лаунчер", aigul.id)


def test_open_calls_are_one_query_however_many(club: ClubContext, people: People) -> None:
    for _ in range(3):
        call(club, people.computer())
    with asked(club) as statements:
        assert len(open_calls(club)) == 3
    assert len(statements) == 1


def test_an_end_that_was_seen_is_remembered_until_the_session_is_over(
    club: ClubContext, people: People, aigul: Actor
) -> None:
    customer, computer, tariff = (
        people.customer(balance_tiyn=200_000),
        people.computer(),
        people.tariff(seconds=300),
    )
    session_id = sessions.buy(
        club, computer_id=computer, customer_id=customer, tariff_id=tariff, key="k", actor=PLAYER
    )
    service.dismiss_ending(club, session_id=session_id, seconds_left=300, actor=aigul)
    service.dismiss_ending(club, session_id=session_id, seconds_left=290, actor=aigul)
    with club.read() as db:
        assert queries.dismissals(db, club.club_id) == {session_id: club.clock.now() + 290}
    sessions.end(club, session_id=session_id, actor=OWNER, reason="ended_by_desk")
    with club.read() as db:
        assert queries.dismissals(db, club.club_id) == {}
    with pytest.raises(OperationRefused, match="session_over"):
        service.dismiss_ending(club, session_id=session_id, seconds_left=1, actor=aigul)
    with pytest.raises(OperationRefused, match="session_unknown"):
        service.dismiss_ending(club, session_id=99, seconds_left=1, actor=aigul)
