"""`lovhub ledger`, as an owner runs it: beside the running server."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.database.engine import Database
from lovhub.server.ledger import command
from tests.support.club import People, found_another_club, found_club
from tests.support.databases import new_sqlite
from tests.support.serving import Serving, refused, run_lovhub
from tests.support.tampering import edit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A club in which one customer has 2,000 ₸."""
    club = found_club(new_sqlite(tmp_path / "lovhub.sqlite3"), ManualClock())
    People(club).customer(balance_tiyn=200_000)
    club.database.close()
    (tmp_path / "config.ini").write_text("", encoding="utf-8")
    return tmp_path


def test_books_that_balance(folder: Path) -> None:
    done = run_lovhub("ledger", "check", "--data", str(folder))
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        (accounts,) = database.execute("SELECT count(*) FROM ledger_account").fetchone()
    assert done.stdout == f"Учёт сходится: проводок 1, счетов {accounts}.\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_a_planted_difference_is_told(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        database.execute("UPDATE account_balance SET balance = 200001 WHERE balance = 200000")
        database.commit()
    done = run_lovhub("ledger", "check", "--data", str(folder))
    assert done.returncode == 1
    assert "записано 200001, по проводкам 200000" in done.stdout
    assert done.stdout.endswith("Учёт не сходится: расхождений 1.\n")


def test_in_a_chain_an_edited_setting_is_told_with_its_club(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'lovhub.sqlite3'}")
    other = found_another_club(database, ManualClock(), club_id=2)
    with other.write() as work:
        work.db.get_one(Club, 2).name = "Дворец"
    edit(other, "UPDATE club SET debt_limit_tiyn = 7 WHERE id = 2")
    database.close()
    done = run_lovhub("ledger", "check", "--data", str(folder))
    assert (
        "Клуб «Дворец». Настройки клуба 2: изменено мимо программы (debt_limit_tiyn:" in done.stdout
    )
    assert done.stdout.endswith("Учёт не сходится: расхождений 1.\n")


def test_of_an_edited_customer_it_is_told_what_and_not_what_it_says(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = "UPDATE customer SET phone = '+77770000000', password_hash = 'x'"
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        database.execute(edited)
        database.commit()
    assert command.main(["check", "--data", str(folder)]) == 1
    shown = capsys.readouterr().out
    assert "изменено мимо программы (пароль, телефон)" in shown
    assert "77770000000" not in shown


def test_what_no_column_can_hold_is_told_and_nothing_accepted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        database.execute("UPDATE customer SET name = CAST(X'D0FF' AS TEXT), created_at = 'вчера'")
        database.execute("UPDATE club SET lease_seconds = 7")
        database.commit()
    assert command.main(["check", "--data", str(folder), "--head", "0" * 64]) == 1
    told = capsys.readouterr().out
    assert told.startswith("Клиент 1 (имя или название, когда заведён): такого значения там")
    assert "Есть ли контрольные строки в цепочке, не проверено" in told
    assert command.main(["accept", "--data", str(folder)]) == 2
    assert "Ничего не принято: " in capsys.readouterr().err
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        database.execute("UPDATE customer SET name = 'Ерлан', created_at = 1")
        database.commit()
    assert command.main(["accept", "--data", str(folder)]) == 0
    assert command.main(["check", "--data", str(folder)]) == 0


def test_it_works_while_the_server_runs_and_changes_nothing(tmp_path: Path) -> None:
    server = Serving(tmp_path)
    before = (tmp_path / "lovhub.sqlite3").read_bytes()
    done = run_lovhub("ledger", "check", "--data", str(tmp_path))
    assert done.stdout == "Учёт сходится: проводок 0, счетов 0.\n"
    assert done.returncode == 0
    assert (tmp_path / "lovhub.sqlite3").read_bytes() == before
    assert server.end() == 0


def test_the_books_are_exported_whole_or_not_at_all(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "books.journal"
    done = run_lovhub("ledger", "export", "--data", str(folder), "--output", str(file))
    assert (done.returncode, done.stdout) == (0, f"Учёт выгружен в {file}.\n"), done.stderr
    assert "assets:cash  2000.00 KZT" in file.read_text(encoding="utf-8")
    shown = run_lovhub("ledger", "export", "--data", str(folder))
    assert shown.stdout == file.read_text(encoding="utf-8")
    nowhere = str(tmp_path / "none" / "books")
    told = run_lovhub("ledger", "export", "--data", str(folder), "--output", nowhere)
    assert f"Файл {nowhere} не записан" in refused(told)


def test_a_folder_without_a_club(tmp_path: Path) -> None:
    assert "нет базы LoVHub" in refused(run_lovhub("ledger", "check", "--data", str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_wrong_words(tmp_path: Path) -> None:
    assert "lovhub ledger --help" in refused(run_lovhub("ledger", "burn"))


def test_an_older_database_is_left_to_the_server(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        database.execute("DELETE FROM alembic_version")
        database.commit()
    assert "lovhub serve" in refused(run_lovhub("ledger", "check", "--data", str(folder)))
