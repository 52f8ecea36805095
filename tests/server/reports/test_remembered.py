"""Time left and debts, remembered: the same as counted, whatever has been booked, and not counted twice."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.reports import remembered
from lovhub.server.reports.remembered import Left
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, People, found_club
from tests.support.databases import new_sqlite
from tests.support.month import Month

HOUR_TIYN = 50_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Of a club on SQLite, where alone anything is remembered."""
    return tmp_path / "remembered.sqlite3"


@pytest.fixture
def on_file(file: Path, clock: ManualClock) -> ClubContext:
    return found_club(new_sqlite(file), clock)


def left(club: ClubContext) -> Left:
    with club.read() as db:
        return remembered.left(db, club.club_id)


def counted(club: ClubContext) -> Left:
    with club.read() as db:
        return remembered.counted(db, club.club_id)


def buy(club: ClubContext, people: People, key: str) -> None:
    sessions.buy(
        club,
        computer_id=people.computer(),
        customer_id=people.customer(balance_tiyn=HOUR_TIYN),
        tariff_id=people.tariff(price_tiyn=HOUR_TIYN),
        key=key,
        actor=CASHIER,
    )


def asked(club: ClubContext) -> list[str]:
    """The statements that say what is left."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, words: str, *_more: object) -> None:
        heard.append(words)

    event.listen(club.database.engine, "before_cursor_execute", hear)
    left(club)
    event.remove(club.database.engine, "before_cursor_execute", hear)
    return heard


def test_it_is_what_stands_in_the_accounts_after_some_days(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    assert left(club) == Left(0, 0, 0)
    Month(club, clock, people).play(4)
    found = left(club)
    assert found == counted(club)
    assert found.seconds > 0
    assert found.unplayed_tiyn > 0


def test_lots_are_read_once_and_then_only_what_was_booked_since(
    on_file: ClubContext, clock: ManualClock
) -> None:
    people = People(on_file)
    buy(on_file, people, "a")
    assert any("account_balance" in words for words in asked(on_file))
    assert not any("account_balance" in words or "lot" in words for words in asked(on_file))
    before = left(on_file)
    buy(on_file, people, "b")
    assert not any("account_balance" in words for words in asked(on_file))
    assert left(on_file) == counted(on_file)
    assert left(on_file).unplayed_tiyn == before.unplayed_tiyn + HOUR_TIYN


def test_after_much_they_are_read_again(
    on_file: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = People(on_file)
    buy(on_file, people, "a")
    left(on_file)
    monkeypatch.setattr(remembered.KEPT, "most_since", 2)
    buy(on_file, people, "b")
    assert any("account_balance" in words for words in asked(on_file))
    assert left(on_file) == counted(on_file)


def test_a_reader_is_told_what_stands_in_its_own_picture(on_file: ClubContext) -> None:
    people = People(on_file)
    buy(on_file, people, "a")
    before = left(on_file)
    with on_file.read() as db:
        # The picture is taken by the first question.
        assert remembered.counted(db, on_file.club_id) == before
        buy(on_file, people, "b")
        after = left(on_file)
        assert after != before
        assert remembered.left(db, on_file.club_id) == before
    assert left(on_file) == after == counted(on_file)


def test_another_file_in_the_place_of_the_first_is_counted_anew(
    on_file: ClubContext, file: Path, tmp_path: Path, clock: ManualClock
) -> None:
    buy(on_file, People(on_file), "a")
    left(on_file)
    other = found_club(new_sqlite(tmp_path / "other.sqlite3"), clock)
    people = People(other)
    customer = people.customer()
    for number in range(20):
        customers.top_up(
            other, customer_id=customer, amount_tiyn=1_00, method="cash", key=f"{number}",
            actor=CASHIER,
        )  # fmt: skip
    buy(other, people, "b")
    buy(other, people, "c")
    expected = counted(other)
    other.database.close()
    on_file.database.close()
    with (
        closing(sqlite3.connect(tmp_path / "other.sqlite3")) as source,
        closing(sqlite3.connect(file)) as target,
    ):
        source.backup(target)
    assert left(on_file) == counted(on_file) == expected


def test_the_sums_of_one_club_are_not_anothers(
    club: ClubContext, people: People, tmp_path: Path, clock: ManualClock
) -> None:
    other = found_club(new_sqlite(tmp_path / "other.sqlite3"), clock)
    buy(club, people, "a")
    assert (left(club).unplayed_tiyn, left(other).unplayed_tiyn) == (HOUR_TIYN, 0)
