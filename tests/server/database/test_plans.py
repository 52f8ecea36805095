"""No operation of money or sittings reads through all that a club has ever sold: SQLite finds its rows by an index.

A club's first day does not show it, its second year does: a question for one sitting that looks at every hour sold made
the start of a server with 120 sittings 8 s longer there, and is asked at each sale, settlement and end as well.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from lovhub.server.customers import queries as customers
from lovhub.server.database.engine import Database
from lovhub.server.reports import service as reports
from lovhub.server.reports.rules import DAY
from lovhub.server.sessions import queries
from lovhub.server.suspicious import favours
from lovhub.server.suspicious.leads import Leads
from tests.server.crashes import at_desk, at_pcs, by_kaspi  # noqa: F401 (they fill the table)
from tests.server.crashes.places import SqlitePlace
from tests.server.crashes.scene import Scene, made
from tests.server.crashes.table import SCENARIOS, Scenario

GROWING = {
    "account_balance", "alarm", "customer", "desk_posting", "event", "fiscal_document", "good_sale", "guest_code",
    "hold", "launch", "ledger_account", "ledger_posting", "ledger_transfer", "lot", "meter", "payment", "payment_step",
    "play_session", "provider_event", "seat_code",
}  # fmt: skip
"""A row each day and each customer: in a year, thousands or millions."""

ON_PURPOSE = {
    (
        "SELECT customer.login_key, customer.phone \nFROM customer \nWHERE customer.club_id = "
        "(SELECT coalesce(club_1.customers_of, club_1.id) AS coalesce_1 \nFROM club AS club_1 \nWHERE club_1.id = ?)"
    )
}
"""Who moves in is compared with everybody who is there."""

NOT_FEW = {"ix_account_balance_of_customer", "ix_lot_with_time", "ix_lot_accounts_with_time"}
"""Indexes of some rows of a club that are many all the same: all money and time that its customers have."""


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, SqlitePlace]]:
    folder = tmp_path_factory.mktemp("plans")
    scene = made(folder)
    yield scene, SqlitePlace(scene.club.database, folder / "club.sqlite3")
    scene.club.database.close()


class Said:
    """What is said to a database, with the values of one time."""

    def __init__(self, database: Database) -> None:
        self.statements: dict[str, Any] = {}
        event.listen(database.engine, "before_cursor_execute", self._note)

    def _note(
        self, _c: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool
    ) -> None:
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", text):
            self.statements.setdefault(text, values[0] if many else values)


def read_through(database: Database, said: Said) -> dict[str, str]:
    """The statements that go through a whole growing table, and what SQLite says of them.

    Finding the rows of a club is no finding where it has all of them, nor is finding all of them before some instant,
    except by an index that holds few of them. The least one of an index is one row.
    """
    found = {}
    statements = dict(said.statements)
    with database.read() as db:
        ask = db.connection().exec_driver_sql
        partial = set(
            ask("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'")
            .scalars()
            .all()
        )
        for text, values in statements.items():
            for step in ask(f"EXPLAIN QUERY PLAN {text}", values):
                how = step[3]
                table = re.match(r"(?:SCAN|SEARCH) ([a-z_]+?)(?:_\d+)?(?: |$)", how)
                index = re.search(r" INDEX (\w+)", how)
                by = re.search(r" \((.*)\)", how)
                if (
                    table is None
                    or table[1] not in GROWING
                    or (index and index[1] in partial - NOT_FEW)
                ):
                    continue
                is_all = how.startswith("SCAN ") or (
                    by is not None and re.fullmatch(r"club_id=\?( AND (started_)?at<\?)?", by[1])
                )
                is_least = text.startswith("SELECT min(") and " COVERING INDEX " in how
                if is_all and not is_least and text not in ON_PURPOSE:
                    found[text] = how
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_it_finds_its_rows_by_an_index(
    evening: tuple[Scene, SqlitePlace], scenario: Scenario
) -> None:
    base, file = evening
    file.put_back()
    scene = base.again()
    operation = scenario.prepare(scene)
    here = SqlitePlace(scene.club.database, file.path)
    club = replace(scene.club, database=here.database)
    said = Said(here.database)
    operation(club)
    assert read_through(here.database, said) == {}


def test_so_do_the_questions_of_a_pc_and_of_the_hall(evening: tuple[Scene, SqlitePlace]) -> None:
    scene, _file = evening
    said = Said(scene.club.database)
    with scene.club.read() as db:
        queries.hall_sessions(db, scene.club.club_id, scene.clock.now())
        queries.pc_session(db, scene.club.club_id, scene.pcs[0], scene.clock.now())
    assert read_through(scene.club.database, said) == {}


def test_so_does_the_closing_of_a_day(evening: tuple[Scene, SqlitePlace]) -> None:
    base, file = evening
    file.put_back()
    scene = base.again()
    scene.clock.advance(2 * DAY)
    reports.sum_up(scene.club)
    said = Said(scene.club.database)
    reports.close_days(scene.club)
    assert any("closed_day" in text for text in said.statements)
    assert read_through(scene.club.database, said) == {}


def test_who_has_most_is_read_from_the_order_of_balances(
    evening: tuple[Scene, SqlitePlace],
) -> None:
    scene, _file = evening
    said = Said(scene.club.database)
    with scene.club.read() as db:
        customers.page(db, scene.club.club_id, order=customers.SORTS.order("-balance"))
        text = next(text for text in said.statements if "keyset_key" in text)
        asked = db.connection().exec_driver_sql
        plan = [step[3] for step in asked(f"EXPLAIN QUERY PLAN {text}", said.statements[text])]
    assert any("INDEX ix_account_balance_of_customer" in how for how in plan), plan
    assert not any("TEMP B-TREE" in how for how in plan), plan


@pytest.mark.parametrize("accounts", [1, 2, 50])
def test_what_the_staff_put_on_accounts_is_looked_for_by_these_accounts(
    evening: tuple[Scene, SqlitePlace], accounts: int
) -> None:
    scene, _file = evening
    said = Said(scene.club.database)
    with scene.club.read() as db:
        period = Leads(scene.club.club_id, 0, scene.clock.now(), scene.clock.now())
        favours.put_on_own(db, period, range(accounts))
        ((text, values),) = said.statements.items()
        plan = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    assert [
        "INDEX ix_event_customer (customer_id=? AND at>? AND at<?)" in how[3] for how in plan
    ] == [True], plan


def test_one_that_does_not_is_found(evening: tuple[Scene, SqlitePlace], tmp_path: Path) -> None:
    scene, _file = evening
    said = Said(scene.club.database)
    with scene.club.read() as db:
        db.connection().exec_driver_sql("SELECT id FROM lot WHERE title = ?", ("1 час",))
    assert list(read_through(scene.club.database, said).values()) == ["SCAN lot"]
