"""The log in parts, alarms and calls, over the JSON API."""

from typing import Any, get_args

from sqlalchemy import select

from lovhub.server.attention import service as attention
from lovhub.server.journal import service as journal
from lovhub.server.journal.api import LogKind
from lovhub.server.journal.log import KINDS
from lovhub.server.journal.models import Event
from lovhub.server.live import OpenCall
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.api import Api
from tests.support.club import CASHIER, OWNER, People


def test_the_log_comes_in_parts_and_misses_nothing(api: Api, people: People) -> None:
    customer = people.customer()
    for number in range(5):
        top_up = {"amount_tiyn": 100 + number, "method": "kaspi", "key": f"request-{number}"}
        api.done("POST", f"/customers/{customer}/top-ups", top_up)
    lines: list[dict[str, Any]] = []
    before = ""
    while True:
        part = api.done("GET", f"/log?kind=money&limit=2{before}")
        assert len(part["lines"]) <= 2
        lines += part["lines"]
        if part["next"] is None:
            break
        before = f"&before={part['next']}"
    assert [line["data"]["amount_tiyn"] for line in lines] == [104, 103, 102, 101, 100]
    assert {line["actor_name"] for line in lines} == {"Айгуль"}
    assert "Баланс пополнен" in lines[0]["text"]
    assert api.done("GET", "/log?kind=launch")["lines"] == []
    assert api.refusal("GET", "/log?kind=nonsense") == (422, "invalid_fields")
    assert api.refusal("GET", "/log?before=1.2") == (422, "invalid_fields")


def test_what_vouches_for_settings_is_for_the_check_and_nobody_else(api: Api) -> None:
    tariffs.create(api.web.club, terms=Terms("Ночь", 3600, 900_00), actor=OWNER)
    with api.web.club.read() as db:
        assert any("standing" in event.data for event in db.scalars(select(Event)))
    assert not any("standing" in line["data"] for line in api.done("GET", "/log")["lines"])


def test_an_alarm_waits_until_it_is_closed(api: Api, people: People) -> None:
    pc = people.computer("ПК-1")
    with api.web.club.write() as work:
        alarm_id = journal.raise_alarm(work, "launcher_killed", computer_id=pc)
    [alarm] = api.done("GET", "/alarms")["alarms"]
    assert (alarm["id"], alarm["kind"], alarm["computer_id"]) == (alarm_id, "launcher_killed", pc)
    assert alarm["text"].startswith("ПК-1: ")
    api.done("POST", f"/alarms/{alarm_id}/take")
    assert api.done("GET", "/alarms")["alarms"][0]["taken_by"] == "Айгуль"
    api.done("POST", f"/alarms/{alarm_id}/close", {"note": "перезапустил"})
    assert api.done("GET", "/alarms") == {"alarms": []}
    assert api.refusal("POST", f"/alarms/{alarm_id}/take") == (409, "already_closed")
    assert api.refusal("POST", f"/alarms/{alarm_id + 1}/close", {}) == (404, "alarm_unknown")


def test_a_call_is_taken_and_closed(api: Api, people: People) -> None:
    call_id = attention.call(
        api.web.club, computer_id=people.computer(), reason="game", text="", actor=CASHIER
    )
    api.web.hall.calls = [OpenCall(call_id, 1, "ПК-1", "", "game", "", 1, 5, "")]
    assert api.done("GET", "/attention")["calls"][0]["call_id"] == call_id
    api.done("POST", f"/calls/{call_id}/take")
    api.done("POST", f"/calls/{call_id}/close")
    assert api.refusal("POST", f"/calls/{call_id}/take") == (409, "already_closed")
    assert api.refusal("POST", f"/calls/{call_id + 1}/close") == (404, "call_unknown")


def test_the_kinds_of_the_log_are_those_that_are_described() -> None:
    assert set(get_args(LogKind)) == set(KINDS)
