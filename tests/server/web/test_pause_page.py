"""What the desk is told of a pause: until when it may last, and what is to be done once nothing may be played."""

from html import unescape

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.sessions import queries, service
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.club import OWNER, People
from tests.support.web import Browser, WebAdmin, row

HOUR = 3600
DONE, REFUSED = 204, 422


def bought(club: ClubContext, people: People, terms: Terms) -> tuple[int, int]:
    """The PC of a customer who bought that, and the session."""
    pc = people.computer("ПК-1")
    session_id = service.buy(
        club, computer_id=pc, customer_id=people.customer(balance_tiyn=900_00), key="buy", actor=OWNER,
        tariff_id=tariffs.create(club, terms=terms, actor=OWNER),
    )  # fmt: skip
    return pc, session_id


def seen(web: WebAdmin, desk: Browser, pc: int, address: str) -> str:
    """What the desk reads there, the hall standing as it does now."""
    club = web.club
    with club.read() as db:
        playing = queries.hall_sessions(db, club.club_id, club.clock.now())[pc]
    web.hall.rows = [row(pc, "ПК-1", playing)]
    return unescape(desk.get(address, htmx=True).text)


def test_of_time_that_runs_on_nobody_says_that_it_stops(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People
) -> None:
    until_three = Terms(
        "До трёх", HOUR, 900_00, "fixed_end", sold_from=9 * HOUR, sold_until=15 * HOUR, rest_rule="expires"
    )  # fmt: skip
    pc, session_id = bought(club, people, until_three)
    page = seen(web, desk, pc, f"/admin/sessions/{session_id}/pause")
    assert "Время остановится" not in page
    assert "в 15:00 остаток сгорит" in page


def test_hours_that_stand_still_until_they_expire_are_not_said_to_run_on(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People, clock: ManualClock
) -> None:
    today = Terms(
        "5 часов за два дня", 5 * HOUR, 900_00, "bundle", valid_days=1, rest_rule="expires"
    )
    pc, session_id = bought(club, people, today)

    pause = f"/admin/sessions/{session_id}/pause"
    assert "Время остановится" in seen(web, desk, pc, pause)
    assert desk.post(pause, {}, htmx=True).status_code == DONE
    clock.advance(25 * HOUR)
    assert "действует до 00:00, остаток сгорит" in seen(
        web, web.owner(), pc, f"/admin/computers/{pc}/counter"
    )


def test_until_when_a_pause_may_last_is_said_before_it_and_what_is_to_be_done_after(
    web: WebAdmin, desk: Browser, club: ClubContext, people: People, clock: ManualClock
) -> None:
    """The clock of these tests begins at 13:00 of the club's time."""
    morning = Terms(
        "Утро", 3 * HOUR, 900_00, sold_from=9 * HOUR, sold_until=13 * HOUR + 1200, play_rule="sale_hours"
    )  # fmt: skip
    pc, session_id = bought(club, people, morning)

    pause, resume = (f"/admin/sessions/{session_id}/{what}" for what in ("pause", "resume"))
    until_then = "играть можно до 13:20, остаток подождёт своих часов"
    assert f"Утро: {until_then}" in seen(web, desk, pc, pause)
    assert desk.post(pause, {}, htmx=True).status_code == DONE
    at_desk = seen(web, desk, pc, f"/admin/computers/{pc}/counter")
    assert until_then in at_desk
    assert resume in at_desk
    clock.advance(1800)
    at_desk = seen(web, desk, pc, f"/admin/computers/{pc}/counter")
    assert "сейчас нечего" in at_desk
    assert resume not in at_desk
    assert "Играть сейчас нечего" in seen(web, desk, pc, resume)
    answer = desk.post(resume, {}, htmx=True)
    assert answer.status_code == REFUSED
    assert "у него свои дни и часы" in answer.text
    assert people.session(session_id).state == "paused"
