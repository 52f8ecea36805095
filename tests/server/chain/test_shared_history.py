"""What a customer did at two clubs is told at either with the club's name, and nowhere is it missing."""

import csv
import io
from zipfile import ZipFile

import pytest

from lovhub.clock import ManualClock
from lovhub.server.customers import operations, own_data
from lovhub.server.sessions import service as sessions
from tests.server.chain.test_shared_customers import PRICE, At, arena, palace
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url
from tests.support.web import ADDRESS, Browser, WebAdmin

__all__ = ["arena", "database_url", "palace"]


@pytest.fixture
def customer(arena: At, palace: At, clock: ManualClock) -> int:
    """Paid at the arena, played at both: 10 minutes of an hour that is left at each."""
    known = People(arena.club).customer()
    arena.top_up(known, 3 * PRICE, "top-up")
    for where in (arena, palace):
        clock.advance(60)
        session = where.buy(known, f"at-{where.club.club_id}")
        clock.advance(600)
        sessions.end(where.club, session_id=session, reason="stand", actor=OWNER)
    return known


def test_a_pc_tells_what_was_at_the_other_club_with_its_name(
    arena: At, palace: At, customer: int
) -> None:
    def told(where: At) -> list[tuple[str, str]]:
        with where.club.read() as db:
            rows = operations.of_customer(db, where.club.club_id, customer).rows
        return [(row.kind, row.club) for row in rows]

    kinds = ["played", "sale", "played", "sale", "top_up"]
    assert sorted(told(arena)) == sorted(zip(kinds, ["Дворец", "Дворец", "", "", ""], strict=True))
    assert sorted(told(palace)) == sorted(
        zip(kinds, ["", "", "Арена", "Арена", "Арена"], strict=True)
    )


def test_the_customer_s_page_and_the_api_name_the_other_club(palace: At, customer: int) -> None:
    web = WebAdmin(palace.club)
    owner = web.owner()
    pages = {
        tab: owner.get(f"/admin/customers/{customer}?tab={tab}").text
        for tab in ("money", "time", "sessions", "log")
    }
    token = web.token()
    named = {
        what: [
            (row["club_id"], row["club_name"])
            for row in _rows(owner, token, f"/api/v1/customers/{customer}/{what}")
        ]
        for what in ("movements", "lots", "sessions")
    }
    web.give_back()
    assert {tab: page.count('data-test="at-another">Арена<') for tab, page in pages.items()} == {
        "money": 2,
        "time": 1,
        "sessions": 1,
        "log": 0,
    }
    here, there = (2, "Дворец"), (1, "Арена")
    assert named == {
        "movements": [here, there, there],
        "lots": [here, there],
        "sessions": [here, there],
    }


def _rows(browser: Browser, token: str, path: str) -> list[dict[str, object]]:
    answer = browser.client.get(
        path, base_url=ADDRESS, headers={"Authorization": f"Bearer {token}"}
    )
    found: list[dict[str, object]] = answer.json[path.rpartition("/")[2]]  # type: ignore[index]
    return found


def test_all_that_is_kept_of_them_says_at_which_club_it_was(palace: At, customer: int) -> None:
    web = WebAdmin(palace.club)
    with (
        web.app.test_request_context(),
        own_data.collect(palace.club, customer) as file,
        ZipFile(file) as archive,
    ):
        clubs = {
            name: [row["Клуб"] for row in _table(archive, name)]
            for name in ("money", "time", "sessions", "journal")
        }
        profile = archive.read("profile.json").decode()
    web.give_back()
    assert clubs["money"] == ["Дворец", "Арена", "Арена"]
    assert clubs["time"] == clubs["sessions"] == ["Дворец", "Арена"]
    assert set(clubs["journal"]) == {"Арена", "Дворец"}
    assert f'"seconds_available": {2 * 3000}' in profile


def _table(archive: ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))
