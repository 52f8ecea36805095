import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

import bench.pages
from bench import pages_written
from bench.addresses import NOT_MEASURED, PAGES, Page, forgotten
from bench.filling import EMPTY, FULL
from bench.measures.pages import results
from bench.pages import BenchClub
from bench.sums import take_sums
from lovhub.server.customers import searching
from lovhub.server.journal.models import Launch
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerTransfer
from lovhub.server.reports import remembered, series
from lovhub.server.reports.rules import QUARTER, quarter_of

SMALL = replace(
    FULL, computers=12, customers=40, sales=300, launches=900, days=40, tariffs=3,
    applications=6, playing=5, alarms=20, commands_per_computer=2, moved=10, renewals=2, promos=3,
    codes_per_promo=4,
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchClub]:
    bench = BenchClub.make(tmp_path_factory.mktemp("bench") / "club", SMALL)
    yield bench
    bench.club.database.close()


def test_the_books_balance_and_every_row_refers_to_another(filled: BenchClub) -> None:
    with filled.club.read() as db:
        assert check_ledger(db) == []
        assert db.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert db.scalar(select(func.count()).select_from(Launch)) == SMALL.launches
        assert db.scalar(select(func.count()).select_from(LedgerTransfer)) > 5 * SMALL.sales


def test_the_sums_reach_to_the_last_quarter_of_an_hour(filled: BenchClub) -> None:
    with filled.club.read() as db:
        assert series.summed_until(db, 1) == quarter_of(filled.club.clock.now()) - QUARTER


def test_pcs_are_linked_and_some_are_played_on(filled: BenchClub) -> None:
    live = filled.browser.get("/admin/computers/live.json").get_json()
    assert live["counts"] == {"total": 12, "on": 12, "off": 0, "used": 5}


def test_every_page_there_is_is_measured_or_excepted_with_a_reason(filled: BenchClub) -> None:
    assert forgotten(filled.web.app) == set()
    assert NOT_MEASURED.keys() <= filled.web.app.view_functions.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_page_of_the_bench_answers(filled: BenchClub, page: Page) -> None:
    path = filled.samples.addressed(page.path)
    assert filled.browser.get(path, htmx=page.is_part).status_code == 200


def test_reports_are_taken_beside_one_statement_each(filled: BenchClub) -> None:
    assert [one.name for one in take_sums(filled.club, filled.samples)]


@pytest.mark.parametrize(
    ("path", "index"),
    [
        ("/admin/goods", "COVERING INDEX ix_good_sale_posting"),
        ("/admin/fiscal", "COVERING INDEX ix_fiscal_document_open"),
        ("/admin/fiscal?show=open", "COVERING INDEX ix_fiscal_document_open"),
        ("/admin?part=figures", "COVERING INDEX ix_customer_debt_account (debt_account_id>?)"),
        ("/admin/customers?only=debt", "INDEX ix_customer_debt"),
        (
            "/admin/customers?q=87010000001",
            "INDEX ix_customer_phone (club_id=? AND phone=?)",
        ),
        ("/admin/customers?only=time", "INDEX ix_lot_with_time (club_id=? AND customer_id=?)"),
        ("/admin/loyalty/groups/1/remove", "COVERING INDEX ix_customer_group"),
        ("/admin/payments?only=review", "INDEX ix_payment_without_posting"),
        ("/admin/payments?sort=-amount", "INDEX ix_payment_amount"),
        ("/admin/suspicious", "COVERING INDEX ix_event_favour"),
        ("/admin/suspicious", "COVERING INDEX ix_customer_debt_account (debt_account_id>?)"),
        ("/admin/suspicious", "INDEX ix_customer_search (club_id=? AND name_key=?)"),
        ("/admin/suspicious", "COVERING INDEX ix_ledger_transfer_debit"),
    ],
)
def test_a_page_is_read_by_its_index(filled: BenchClub, path: str, index: str) -> None:
    with asked_of(filled) as asked:
        assert filled.browser.get(path).status_code == 200
    assert index in plans(filled, asked)


@pytest.mark.parametrize(
    ("path", "table", "columns"),
    [
        ("/admin", "lot", {"available_account_id", "unearned_account_id"}),
        ("/admin/payments?only=review", "payment", {"state"}),
        ("/admin/payments/reconciliation", "payment", {"paid_tiyn"}),
        ("/admin/payments/reconciliation", "bank_line", {"operation", "amount_tiyn"}),
    ],
)
def test_what_is_looked_at_of_many_rows_is_in_their_index(
    filled: BenchClub, path: str, table: str, columns: set[str]
) -> None:
    with asked_of(filled) as asked:
        assert filled.browser.get(path).status_code == 200
    assert any(table in text for text, _values in asked)
    assert read_from_rows(filled, asked, table) & columns == set()


def test_old_debts_are_looked_up_one_by_one(filled: BenchClub) -> None:
    with asked_of(filled) as asked:
        assert filled.browser.get("/admin/suspicious").status_code == 200
    debts = [(text, values) for text, values in asked if "owing" in text]
    assert "SEARCH event USING INTEGER PRIMARY KEY" in plans(filled, debts)


def test_a_booking_finds_the_clubs_accounts_by_their_index(filled: BenchClub) -> None:
    with asked_of(filled) as asked, filled.club.write() as work:
        ledger.club_account(work, CASH)
    assert "uq_ledger_account_club_kind" in plans(filled, asked)


Asked = list[tuple[str, Any]]


@contextmanager
def asked_of(filled: BenchClub) -> Iterator[Asked]:
    """The statements that are asked meanwhile, by a server that remembers nothing."""
    asked: Asked = []
    for kept in (remembered.KEPT, searching.KEPT):
        kept._kept.clear()
    engine = filled.club.database.engine

    def note(_conn: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def plans(filled: BenchClub, asked: Asked) -> str:
    """How SQLite goes about them."""
    with filled.club.read() as db:
        connection = db.connection()
        return str(
            [
                connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                for statement, values in asked
                if statement.startswith(("SELECT", "WITH"))
            ]
        )


def read_from_rows(filled: BenchClub, asked: Asked, table: str) -> set[str]:
    """The columns of the table that SQLite takes from its rows: not from an index, which lies closer together."""
    found = set()
    with filled.club.read() as db:
        say = db.connection().exec_driver_sql
        columns = [column[1] for column in say(f"PRAGMA table_info({table})")]
        root = say("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).scalar_one()
        for statement, values in asked:
            if not statement.lstrip().startswith(("SELECT", "WITH")):
                continue
            cursors = set()
            for _address, operation, first, second, *_rest in say(f"EXPLAIN {statement}", values):
                if operation == "OpenRead" and second == root:
                    cursors.add(first)
                elif operation == "Column" and first in cursors:
                    found.add(columns[second])
    return found


def test_all_pages_become_three_measures_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = tuple(page for page in PAGES if page.path in {"/admin/computers", "/admin/goods/new"})
    monkeypatch.setattr(bench.pages, "PAGES", some)
    monkeypatch.setattr(bench.pages, "LISTS", some[:1])
    monkeypatch.setattr(bench.pages.memory, "settle", lambda: None)
    monkeypatch.setattr(bench.pages, "NEAR", 0.0)
    monkeypatch.setattr(bench.pages, "TURNS_NEAR", 2)
    seen = bench.pages.walk(runs=2, full=EMPTY, smaller=[20])
    runs = [len(one.runs_ms) for row in seen.rows for one in (row.full, row.empty)]
    assert runs == [10, 10, 7, 7], (
        "three turns of two runs, or of one of a form, and two turns of two"
    )
    measures = {result.measure: result.written() for result in results(seen)}
    assert measures.keys() == {"pages", "computers_page", "reports"}
    assert measures["computers_page"]["limit"] == 20
    pages_written.keep(seen, tmp_path / "pages.json")
    kept = json.loads((tmp_path / "pages.json").read_text("utf-8"))
    shown = "\n".join(pages_written.tables(kept))
    assert [page["address"] for page in kept["pages"]] == [page.path for page in some]
    assert "| computers |" in shown
    assert "| Новый товар |" in shown
