"""Looking for games on a PC: what is shown when there is nothing to show. With a real agent: `test_pc_page.py`."""

import re

import pytest
from sqlalchemy import select

from lovhub.protocol.views import FoundGame
from lovhub.server.applications.models import Application
from lovhub.server.journal.models import Event
from lovhub.server.libraries.rules import Findings
from lovhub.server.pc import service as pc_service
from lovhub.server.pc.models import PcCommand
from tests.support.api import Api
from tests.support.club import OWNER, People
from tests.support.web import Browser, WebAdmin

FOUND = "/admin/libraries/c"
DOTA = FoundGame("Dota 2", "steam", "steam://rungameid/570", ("dota2.exe",), is_guess=True)
RUST = FoundGame("Rust <b>", "steam", "steam://rungameid/252490")


def offered(web: WebAdmin) -> list[tuple[str, str, list[str]]]:
    with web.club.read() as db:
        rows = db.scalars(select(Application).order_by(Application.position))
        return [(row.title, row.exe_path, row.watch) for row in rows]


def asked(web: WebAdmin, computer_id: int) -> None:
    sending = pc_service.Sending(computer_id, "c", "find_games")
    pc_service.commands_sent(web.club, [sending], OWNER)


def test_where_no_pc_is_on_or_none_is_able_the_dialog_says_so(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    assert "Ни один ПК не включён" in desk.get("/admin/libraries", htmx=True).text
    old, new = people.computer("ПК-10"), people.computer("ПК-9")
    web.commands.linked = {old: frozenset({"lock"})}
    page = desk.get("/admin/libraries").text
    assert "этот ПК ещё не умеет искать игры" in page
    assert 'data-test="submit"' not in page
    refused = desk.post("/admin/libraries", {"computer": old})
    assert refused.status_code == 422
    assert "Агент на этом ПК старый" in refused.text
    web.commands.linked = {old: frozenset(), new: frozenset({"find_games"})}
    page = desk.get("/admin/libraries").text
    assert page.index("ПК-9") < page.index("ПК-10")
    sent = desk.post("/admin/libraries", {"computer": new})
    assert sent.location == "/admin/libraries/command"
    web.commands.linked = {}
    assert "ПК не на связи" in desk.post("/admin/libraries", {"computer": new}).text


def test_waiting_silence_failure_and_what_is_long_past(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    computer = people.computer()
    assert "хранится час" in desk.get(FOUND, htmx=True).text
    asked(web, computer)
    web.commands.linked = {computer: frozenset({"find_games"})}
    waiting = desk.get(f"{FOUND}?part=1", htmx=True).text
    assert "смотрит свои библиотеки" in waiting
    assert waiting.lstrip().startswith('<div id="library-search"')
    assert "hx-get" in waiting
    web.commands.linked = {}
    assert "Связь с ПК пропала" in desk.get(FOUND, htmx=True).text
    for state, detail, said in (
        ("failed", "no right to", "ПК не смог посмотреть: no right to"),
        ("expired", "", "ПК так и не ответил"),
        ("done", "", "хранится час"),
    ):
        with web.club.write() as work:
            work.db.scalars(select(PcCommand)).one().state = "sent"
        pc_service.command_answered(
            web.club, computer_id=computer, command_id="c", kind="find_games",
            state=state, actor=OWNER, detail=detail,
        )  # fmt: skip
        page = desk.get(FOUND, htmx=True).text
        assert said in page
        assert "hx-get" not in page


def test_an_answer_that_comes_while_one_looks_is_there_at_the_next_look(
    web: WebAdmin, desk: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    computer = people.computer()
    asked(web, computer)
    web.commands.linked = {computer: frozenset({"find_games"})}

    def nothing_yet(command_id: str, staff_id: int | None) -> None:
        web.commands.found["c"] = Findings(computer, ("steam",), (DOTA,), 0)
        pc_service.command_answered(
            web.club, computer_id=computer, command_id="c", kind="find_games",
            state="done", actor=OWNER,
        )  # fmt: skip
        monkeypatch.undo()

    monkeypatch.setattr(web.commands, "findings", nothing_yet)
    assert "смотрит свои библиотеки" in desk.get(FOUND, htmx=True).text
    assert "Dota 2" in desk.get(FOUND, htmx=True).text


@pytest.mark.parametrize(
    ("stores", "said"), [((), "Steam и Epic на этом ПК не нашлись"), (("epic",), "пуста: Epic")]
)
def test_an_empty_answer_says_what_it_is_empty_of(
    web: WebAdmin, desk: Browser, stores: tuple[str, ...], said: str
) -> None:
    web.commands.found["c"] = Findings(1, stores, (), 0)
    assert said in desk.get(FOUND).text


def test_what_is_wrong_stays_as_it_was_typed_and_nothing_is_added_by_half(
    web: WebAdmin, desk: Browser, people: People
) -> None:
    web.commands.found["c"] = Findings(people.computer(), ("steam",), (DOTA, RUST), 2)
    page = desk.get(FOUND).text
    assert "Ещё 2 не поместились" in page
    assert "Rust &lt;b&gt;" in page
    assert re.findall(r'name="chosen" value="(\d)" (checked)?', page) == [
        ("0", "checked"),
        ("1", ""),
    ]
    assert "Отметьте хотя бы одну" in desk.post(FOUND, {"watch-0": "dota2.exe"}).text
    typed = {"chosen": ["0", "1", "9"], "watch-0": "dota2.exe, d.exe", "watch-1": "explorer.exe"}
    wrong = desk.post(FOUND, typed)
    assert wrong.status_code == 422
    assert 'value="explorer.exe"' in wrong.text
    assert "Это процесс системы" in wrong.text
    assert offered(web) == []
    assert desk.post(FOUND, {**typed, "watch-1": "Rust.exe"}).status_code == 303
    both = [
        (DOTA.title, DOTA.place, ["dota2.exe", "d.exe"]),
        (RUST.title, RUST.place, ["Rust.exe"]),
    ]
    assert offered(web) == both
    assert (
        desk.post(FOUND, {**typed, "watch-1": "Rust.exe"}).status_code == 422
    )  # chosen is nothing
    assert offered(web) == both
    with web.club.read() as db:
        created = select(Event.data).where(Event.kind == "application.created")
        titles = [data["title"] for data in db.scalars(created.order_by(Event.id))]
        assert titles == ["Dota 2", "Rust <b>"]


def test_programs_find_and_add_as_people_do(web: WebAdmin, people: People) -> None:
    api, address = Api(web, web.token()), "/commands/c/games"
    computer = people.computer()
    web.commands.linked = {computer: frozenset({"find_games"})}
    sent = api.done("POST", "/computers/find-games", {"computer_ids": [computer]})
    assert sent["commands"][0]["command_id"] == "command"
    assert api.refusal("GET", address) == (404, "games_unknown")
    web.commands.found["c"] = Findings(computer, ("steam",), (DOTA, RUST), 0)
    told = api.done("GET", address)["games"]
    assert [(game["title"], game["standing"]) for game in told] == [
        ("Dota 2", "new"),
        ("Rust <b>", "new"),
    ]
    elsewhere = {"games": [{"place": "steam://rungameid/1"}]}
    assert api.refusal("POST", address, elsewhere) == (404, "games_unknown")
    nameless = {"games": [{"place": RUST.place}, {"place": DOTA.place}]}
    assert api.refusal("POST", address, nameless) == (422, "invalid_fields")
    wanted = {"games": [{"place": DOTA.place}]}
    assert len(api.done("POST", address, wanted)["application_ids"]) == 1
    assert api.done("POST", address, wanted) == {"application_ids": []}
    assert api.done("GET", address)["games"][0]["standing"] == "offered"
