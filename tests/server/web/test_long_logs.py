"""Long logs: every line once and in order, reached by indexes, however deep in the past."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event, text

from lovhub.clock import ManualClock
from lovhub.server.applications import service as applications
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.database.engine import Database
from lovhub.server.journal import log
from lovhub.server.journal import service as journal
from lovhub.server.sessions import service as sessions
from tests.support.club import OWNER, People
from tests.support.web import Browser


@pytest.fixture
def long_log(club: ClubContext, people: People, clock: ManualClock) -> list[str]:
    """Events, launches and alarms, many in the same second; returns their identities, the newest first."""
    pc = people.computer("ПК-1")
    session = sessions.seat_guest(
        club, computer_id=pc, tariff_id=people.tariff(), method="cash", guest_name="", actor=OWNER,
        key="guest",
    )  # fmt: skip
    applications.create(
        club, title="Dota 2", kind="game", exe_path="/opt/dota", arguments=[], actor=OWNER
    )
    for _ in range(6):
        clock.advance(1)
        with club.write() as work:
            for number in range(12):
                journal.record(work, "session.resumed", OWNER, computer_id=pc, number=number)
                journal.launch_started(
                    work, computer_id=pc, session_id=session, customer_id=None, application_id=1,
                    at=work.now,
                )  # fmt: skip
                journal.raise_alarm(work, "launcher_hung", computer_id=pc)
    with club.read() as db:
        return [
            f"{source}.{row_id}"
            for source, row_id in db.execute(
                text(
                    "SELECT source, id FROM (SELECT at, 0 AS source, id FROM event"
                    " UNION ALL SELECT started_at, 1, id FROM launch"
                    " UNION ALL SELECT at, 2, id FROM alarm) ORDER BY at DESC, source DESC, id DESC"
                )
            )
        ]


@pytest.mark.parametrize("query", ["", "?computer=1"])
def test_paging_shows_every_line_once_and_in_order(
    desk: Browser, long_log: list[str], query: str
) -> None:
    seen: list[str] = []
    path: str | None = f"/admin/logs{query}"
    while path is not None:
        page = desk.get(path).text
        found = re.findall(r'data-row="([\d.]+)"', page)
        assert len(found) <= 50
        seen += found
        older = re.search(r'href="(/admin/logs\?[^"]*after=[^"]*)"[^>]*data-test="next"', page)
        path = unescape(older[1]) if older else None
        assert path is None or query.strip("?") in path, "the filter goes along"
    wanted = set(seen) if query else {*long_log}
    assert seen == [identity for identity in long_log if identity in wanted]
    assert len(seen) >= 6 * 12 * 3
    assert len(seen) == len(set(seen))


def statements_of(database: Database, desk: Browser, path: str) -> list[tuple[str, Any]]:
    """What the database is asked for a page."""
    found: list[tuple[str, Any]] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, *_more: object
    ) -> None:
        found.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert desk.get(path).status_code == 200
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return [(said, with_) for said, with_ in found if said.lstrip().startswith("SELECT")]


def plans_of(club: ClubContext, asked: list[tuple[str, Any]]) -> dict[str, list[str]]:
    """Table → how SQLite finds the log's lines in it."""
    found = {}
    with club.read() as db:
        for said, with_ in asked:
            table = re.search(r"FROM (event|launch|alarm)\b", said)
            if table is None or "RECURSIVE" in said:
                continue
            assert not re.search(r"OFFSET (?!\?)", said)
            plan = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", with_)
            found.setdefault(table[1], [step[3] for step in plan])
    return found


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {
            "event": "ix_event_time (club_id=? AND at<?)",
            "launch": "ix_launch_time (club_id=? AND started_at<?)",
            "alarm": "ix_alarm_time (club_id=? AND at<?)",
        }),
        ("computer=1&staff=1", {"event": "ix_event_actor (actor_kind=? AND actor_id=? AND at<?)"}),
        ("computer=1", {
            "event": "ix_event_computer (computer_id=? AND at<?)",
            "launch": "ix_launch_computer_time (computer_id=? AND started_at<?)",
            "alarm": "ix_alarm_computer (computer_id=? AND at<?)",
        }),
        ("customer=sniper&computer=1&kind=session", {
            "event": "ix_event_customer (customer_id=? AND at<?)",
        }),
        ("customer=sniper&kind=launch", {
            "launch": "ix_launch_customer (customer_id=? AND started_at<?)",
        }),
        ("application=1", {"launch": "ix_launch_application (application_id=? AND started_at<?)"}),
        ("staff=1", {"event": "ix_event_actor (actor_kind=? AND actor_id=? AND at<?)"}),
        ("kind=sign_in", {}),
    ],
)  # fmt: skip
def test_a_page_deep_in_the_past_is_reached_by_indexes_and_not_by_counting(
    desk: Browser, club: ClubContext, long_log: list[str], query: str, wanted: dict[str, str]
) -> None:
    """No OFFSET, no reading of whole tables, and no sorting of what the index already holds in order."""
    customers.register(club, login="sniper", name="", phone="", password="секрет", actor=OWNER)
    with club.read() as db:
        at = db.connection().exec_driver_sql("SELECT max(at) FROM event").scalar_one()
    after = log.place(at - 2, log.LAUNCH, 30).written()
    plans = plans_of(club, statements_of(club.database, desk, f"/admin/logs?{query}&after={after}"))
    assert set(plans) == set(wanted)
    for table, index in wanted.items():
        plan = plans[table]
        [reached] = [step for step in plan if re.match(rf"(SEARCH|SCAN) {table}\b", step)]
        assert reached == f"SEARCH {table} USING INDEX {index}", plan
        assert not any("TEMP B-TREE" in step for step in plan if "LAST TERM" not in step), plan


def test_kinds_are_found_by_an_index_each_however_rare(
    desk: Browser, club: ClubContext, long_log: list[str]
) -> None:
    asked = statements_of(club.database, desk, "/admin/logs?kind=session")
    plan = plans_of(club, asked)["event"]
    reached = [step for step in plan if re.match(r"(SEARCH|SCAN) event\b", step)]
    assert "SEARCH event USING INTEGER PRIMARY KEY (rowid=?)" in reached
    by_kind = "SEARCH event USING COVERING INDEX ix_event_kind (club_id=? AND kind=?)"
    assert reached.count(by_kind) == len(reached) - 1 == 2, plan


def test_back_from_the_second_part_and_the_oldest_first(desk: Browser, long_log: list[str]) -> None:
    def seen(path: str) -> tuple[list[str], dict[str, str]]:
        page = desk.get(path).text
        links = re.findall(r'href="([^"]*)" data-test="(next|previous)"', page)
        return re.findall(r'data-row="([\d.]+)"', page), {
            name: unescape(address) for address, name in links
        }

    for sort, whole in (("", long_log), ("at", long_log[::-1])):
        first, links = seen(f"/admin/logs?sort={sort}")
        second, links = seen(links["next"])
        third, links = seen(links["next"])
        assert first + second + third == whole[:150]
        back, links = seen(links["previous"])
        assert back == second
        assert seen(links["previous"])[0] == first
