from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.bus import Bus
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.staff import queries as staff
from tests.support.databases import new_sqlite
from tests.support.web import SETUP_TOKEN, WebAdmin

LINK = f"/setup?token={SETUP_TOKEN}"
FORM = {
    "club_name": "Арена",
    "time_zone": "Asia/Almaty",
    "currency": "KZT",
    "name": "Айгуль",
    "login": "owner",
    "password": "очень длинный пароль",
}


@pytest.fixture
def fresh(tmp_path: Path, clock: ManualClock, club: ClubContext) -> Iterator[WebAdmin]:
    """A server on a database that holds nothing yet."""
    database = Database(new_sqlite(tmp_path / "fresh.sqlite3"))
    context = ClubContext(
        database=database,
        clock=clock,
        bus=Bus(),
        identity=club.identity,
        secret_key=b"s" * 32,
    )
    yield WebAdmin(context)
    database.close()


def test_without_an_owner_everything_leads_to_the_set_up(fresh: WebAdmin) -> None:
    browser = fresh.stranger()
    for path in ("/", "/admin", "/admin/login", "/admin/customers", "/nowhere"):
        answer = browser.get(path)
        assert (answer.status_code, answer.location) == (303, "/setup")
    with browser.get("/static/theme.js") as script:
        assert script.status_code == 200


@pytest.mark.parametrize("address", ["/setup", "/setup?token=wrong", "/setup?token="])
def test_without_the_consoles_link_there_is_no_set_up(fresh: WebAdmin, address: str) -> None:
    browser = fresh.stranger()
    assert browser.get(address).status_code == 403
    token = browser.form_token(LINK)
    assert browser.post(address, FORM, token=token).status_code == 403
    with fresh.club.read() as db:
        assert not staff.owner_exists(db, fresh.club.club_id)


def test_club_and_owner_are_made_once_and_the_link_is_dead(fresh: WebAdmin) -> None:
    browser = fresh.stranger()
    token = browser.form_token(LINK)
    answer = browser.post(LINK, {**FORM, "time_zone": "алматы"}, token=token)
    assert (answer.status_code, answer.location) == (303, "/admin/login")
    with fresh.club.read() as db:
        club = club_service.get(db, fresh.club.club_id)
    assert (club.name, club.time_zone, club.currency) == ("Арена", "Asia/Almaty", "KZT")
    assert browser.get(LINK).location == "/admin/login"
    assert browser.post(LINK, {**FORM, "login": "second"}, token=token).location == "/admin/login"
    signed_in = browser.post("/admin/login", FORM)
    assert signed_in.location == "/admin"


def test_wrong_fields_are_said_and_nothing_is_made(fresh: WebAdmin) -> None:
    browser = fresh.stranger()
    token = browser.form_token(LINK)
    answer = browser.post(LINK, {**FORM, "login": "a b", "password": "123"}, token=token)
    assert answer.status_code == 422
    assert "От 2 до 40 символов без пробелов." in answer.text
    assert "Не короче 8 символов." in answer.text
    assert 'value="Арена"' in answer.text
    with fresh.club.read() as db:
        assert not club_service.exists(db, fresh.club.club_id)
