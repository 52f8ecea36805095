"""Two clubs in one database: nobody at one of them sees or moves anything of the other."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String, update
from werkzeug.routing import Rule

from lovhub.clock import Clock
from lovhub.server.context import ClubContext
from lovhub.server.database.base import Base
from tests.support.club import People, found_another_club
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)
from tests.support.furnished import Furnished
from tests.support.pages import page_rules
from tests.support.web import ADDRESS, WebAdmin

MARK = "Заморский"
FORMS = (MARK.encode(), json.dumps(MARK).strip('"').encode())
"""On pages, and in answers of the API."""

NAMES = {"name", "title", "text", "reason", "note", "guest_name", "login"}
"""What people have called things: of the other club, each says so."""

NUMBERS = {
    "computer_id", "customer_id", "tariff_id", "session_id", "alarm_id", "application_id", "good_id", "lot_id",
    "shift_id", "staff_id", "payment_id", "group_id", "promo_id", "bonus_id", "hall_id", "zone_id", "posting_id",
    "move_id", "request_id",
}  # fmt: skip
NEVER_CHANGED = {"ledger_block", "ledger_posting", "desk_posting", "desk"}
OF_NOBODY = {
    "/admin/customers/<int:customer_id>/own-data.zip",
    "/admin/goods/sales/<int:posting_id>/take-back",
}
"""The password is asked for first; a form that looks nothing up and is refused when it is sent."""


@pytest.fixture
def other(club: ClubContext, clock: Clock) -> Iterator[WebAdmin]:
    """The other club, with one of everything, all of it marked."""
    web = WebAdmin(found_another_club(club.database, clock, club_id=2))
    web.samples = Furnished(web, People(web.club)).samples  # type: ignore[attr-defined]
    with web.club.write() as work:
        for table in Base.metadata.sorted_tables:
            if "club_id" not in table.c or table.name in NEVER_CHANGED:
                continue
            named = {
                column.name: MARK + " " + column
                for column in table.c
                if column.name in NAMES and isinstance(column.type, String)
            }
            if named:
                work.db.execute(update(table).where(table.c.club_id == 2).values(named))
    yield web
    web.give_back()


def marked(app: Flask, path: str, token: str) -> tuple[int, bool]:
    client = app.test_client()
    client.set_cookie("lovhub_session", token, secure=True)
    headers = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
    answer = client.get(path, base_url=ADDRESS, headers=headers)
    return answer.status_code, any(form in answer.data for form in FORMS)


def filled_in(rule: Rule, samples: dict[str, Any]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(samples.get(part[1], 1)), rule.rule)


def test_no_page_and_no_call_shows_anything_of_the_other_club(
    web: WebAdmin, people: People, other: WebAdmin
) -> None:
    own = Furnished(web, people)
    theirs: dict[str, Any] = other.samples  # type: ignore[attr-defined]
    token = web.token()
    calls = [
        rule
        for rule in web.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and "GET" in (rule.methods or set())
    ]
    found_theirs, wrong = 0, []
    for rule in [*page_rules(web.app), *calls]:
        for samples in (own.samples, theirs):
            path = filled_in(rule, samples)
            status, shows = marked(web.app, path, token)
            if shows or status >= 500:
                wrong.append(f"{path}: {status}, shows {shows}")
            if samples is theirs and rule.arguments & NUMBERS and rule.rule not in OF_NOBODY:
                if status not in {404, 409, 422}:
                    wrong.append(f"{path}: {status}")
                found_theirs += 1
    assert not wrong, "\n".join(wrong)
    assert found_theirs > 30
    assert all(
        marked(other.app, path, other.token())[1] for path in ("/admin/tariffs", "/api/v1/tariffs")
    )


def test_who_works_in_one_club_is_a_stranger_in_the_other(web: WebAdmin, other: WebAdmin) -> None:
    assert marked(web.app, "/api/v1/computers", web.token())[0] == 200
    assert marked(web.app, "/api/v1/computers", other.token())[0] == 401
    assert marked(other.app, "/admin/tariffs", web.token())[0] in {302, 303}
