"""Who is found by a piece of what they are called: whoever has it now, whatever was remembered before."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import bindparam, event, select

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import bulk, forgetting, queries, searching, service
from lovhub.server.customers.bulk import Newcomer
from lovhub.server.customers.models import Customer
from lovhub.server.customers.typed import PhoneSearch
from lovhub.server.database.prepared import Query
from tests.support.club import CASHIER, OWNER, found_another_club, found_club
from tests.support.databases import new_sqlite


def register(club: ClubContext, login: str, name: str, phone: str = "") -> int:
    return service.register(
        club, login=login, name=name, phone=phone, password="секрет", actor=CASHIER
    )


def forget(club: ClubContext, customer_id: int) -> None:
    forgetting.forget(
        club, customer_id=customer_id, fate="pay_out", reason="", expected_tiyn=0, actor=OWNER
    )


def found(
    club: ClubContext, search: str, phones: PhoneSearch = "part", sort: str = ""
) -> list[int]:
    """All of them, part by part."""
    order, place, ids = queries.SORTS.order(sort), None, []
    while True:
        with club.read() as db:
            part = queries.page(
                db, club.club_id, search=search, phones=phones, order=order, place=place, limit=7
            )
        ids += [row.id for row in part.rows]
        place = part.next
        if place is None:
            return ids


def read_again(club: ClubContext, search: str) -> list[int]:
    """How many customers' names were asked for, each time that any were, as somebody searched; 0: all of them."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, words: str, *_more: object) -> None:
        heard.append(" ".join(words.split()))

    event.listen(club.database.engine, "before_cursor_execute", hear)
    found(club, search)
    event.remove(club.database.engine, "before_cursor_execute", hear)
    assert any("FROM customer" in words for words in heard)
    named = [
        words for words in heard if "instr(" in words or "customer.name_key, customer.log" in words
    ]
    # Nobody is one who is asked for by no number.
    return [
        words.partition("customer.id IN (")[2].partition(")")[0].count("?")
        for words in named
        if "1!=1" not in words
    ]


@pytest.fixture
def on_file(tmp_path: Path, clock: ManualClock) -> ClubContext:
    """A club on SQLite, where alone anything is remembered."""
    return found_club(new_sqlite(tmp_path / "remembered.sqlite3"), clock)


def test_new_ones_and_new_names_are_found_and_old_names_are_not(club: ClubContext) -> None:
    first = register(club, "sniper", "Алёна Ким", "8 701 123 45 67")
    assert found(club, "ким") == [first]
    second = register(club, "akim", "Берик")
    assert found(club, "ким") == [first]
    assert found(club, "kim") == [second]
    service.change_details(
        club, customer_id=first, name="Алёна Цой", phone="8 702 000 00 00", actor=CASHIER
    )  # fmt: skip
    assert (found(club, "ким"), found(club, "цой")) == ([], [first])
    assert (found(club, "1234567"), found(club, "2000000")) == ([], [first])
    assert found(club, "sniper") == [first]


def test_who_is_forgotten_is_found_no_more_and_kept_nowhere(on_file: ClubContext) -> None:
    gone, stays = register(on_file, "sniper", "Алёна Ким"), register(on_file, "alena", "Алёна Цой")
    late = register(on_file, "late", "Алёна Пак")
    assert found(on_file, "алена") == [gone, late, stays]
    for customer_id in (gone, late):
        forget(on_file, customer_id)
    assert found(on_file, "алена") == [stays]
    with on_file.read() as db:
        kept = searching.names(db, on_file.club_id)
    assert "цой" in kept.text
    assert not any(name in kept.text for name in ("ким", "sniper", "пак", "late"))
    assert kept.changed == {}


def test_whole_lists_that_come_and_go_again(club: ClubContext) -> None:
    register(club, "own", "Свой")
    assert found(club, "нов") == []
    with club.write() as work:
        made = bulk.add(
            work, [Newcomer(f"new{number}", f"Новый {number}", "") for number in range(30)]
        )
    ids = [one.customer_id for one in made]
    assert sorted(found(club, "нов")) == ids
    with club.write() as work:
        bulk.forget(work, ids[:20])
    assert sorted(found(club, "нов")) == ids[20:]


def test_a_piece_of_many_is_leafed_through_whole_in_any_order(
    club: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST", 10)
    ids = [register(club, f"p{number:02}", f"Имя {40 - number:02}") for number in range(40)]
    assert found(club, "имя") == ids[::-1]
    assert found(club, "имя", sort="login") == ids
    few = ids[31:]
    assert found(club, "имя 0") == few[::-1]
    assert found(club, "имя 0", sort="login") == few
    assert found(club, "имя 0", sort="-balance") == few[::-1]


def test_names_are_read_once_and_then_only_those_that_have_changed(on_file: ClubContext) -> None:
    ids = [register(on_file, f"p{number}", "Ерлан") for number in range(3)]
    assert read_again(on_file, "никого") == [0]
    assert read_again(on_file, "никого") == []
    service.change_details(on_file, customer_id=ids[0], name="Никого Нет", phone="", actor=CASHIER)
    # Read again, and found by it.
    assert read_again(on_file, "никого") == [1, 1]
    assert found(on_file, "никого") == [ids[0]]


def test_what_many_have_is_looked_for_in_the_index(
    on_file: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        register(on_file, f"p{number}", "Ерлан")
    found(on_file, "ерлан")
    monkeypatch.setattr(searching, "MOST", 3)
    assert read_again(on_file, "ерлан") == [3]
    monkeypatch.setattr(searching, "MOST", 2)
    assert read_again(on_file, "ерлан") == [0]


def test_after_many_changes_all_are_read_again(
    on_file: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_CHANGED", 4)
    register(on_file, "first", "Ерлан")
    assert found(on_file, "асель") == []
    ids = [register(on_file, f"p{number}", "Асель") for number in range(9)]
    assert found(on_file, "асель") == ids
    with on_file.read() as db:
        assert searching.names(db, on_file.club_id).changed == {}


@pytest.mark.parametrize("newest_first", [True, False])
def test_who_comes_after_many_changes_of_one_is_found(
    on_file: ClubContext, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    monkeypatch.setattr(searching, "MOST_CHANGED", 5)
    in_order = searching.Standing.id.desc() if newest_first else searching.Standing.id
    monkeypatch.setattr(
        searching,
        "_CHANGED",
        Query(
            select(searching.Standing.row_key)
            .where(
                searching.Standing.id > bindparam("after"),
                searching.Standing.table_name == "customer",
            )
            .order_by(in_order)
            .limit(searching.MOST_CHANGED + 1)
        ),
    )
    first = register(on_file, "sniper", "Алёна Ким")
    assert found(on_file, "берик") == []
    second = register(on_file, "akim", "Берик")
    for number in range(6):
        service.change_details(
            on_file, customer_id=first, name=f"Алёна Ким {number}", phone=None, actor=CASHIER
        )
    third = register(on_file, "third", "Берик")
    assert found(on_file, "берик") == [second, third]


def test_another_clubs_customers_are_not_found(club: ClubContext, clock: ManualClock) -> None:
    ours = register(club, "ours", "Ерлан")
    other = found_another_club(club.database, clock, club_id=7)
    assert found(other, "ерлан") == []
    theirs = register(other, "theirs", "Ерлан")
    assert (found(club, "ерлан"), found(other, "ерлан")) == ([ours], [theirs])


def test_a_reader_finds_whom_its_own_picture_shows(on_file: ClubContext) -> None:
    customer = register(on_file, "sniper", "Алёна Ким")
    found(on_file, "ким")
    with on_file.read() as db:
        assert db.scalars(select(Customer.name)).all() == ["Алёна Ким"]
        service.change_details(
            on_file, customer_id=customer, name="Алёна Цой", phone="", actor=CASHIER
        )
        assert found(on_file, "цой") == [customer]
        page = queries.page(db, on_file.club_id, search="ким")
        assert [row.id for row in page.rows] == [customer]
        assert queries.page(db, on_file.club_id, search="цой").rows == []
    assert (found(on_file, "ким"), found(on_file, "цой")) == ([], [customer])


def test_in_another_file_that_lies_in_the_place_of_the_first_others_are_found(
    on_file: ClubContext, tmp_path: Path, clock: ManualClock
) -> None:
    register(on_file, "sniper", "Алёна Ким")
    found(on_file, "ким")
    other = found_club(new_sqlite(tmp_path / "other.sqlite3"), clock)
    theirs = [register(other, f"their{number}", f"Ким {number}") for number in range(3)]
    other.database.close()
    on_file.database.close()
    with (
        closing(sqlite3.connect(tmp_path / "other.sqlite3")) as source,
        closing(sqlite3.connect(tmp_path / "remembered.sqlite3")) as target,
    ):
        source.backup(target)
    assert (found(on_file, "ким"), found(on_file, "sniper")) == (theirs, [])


@pytest.mark.parametrize("seed", range(3))
def test_whoever_has_it_is_found_and_nobody_else(
    club: ClubContext, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST", 6)
    monkeypatch.setattr(searching, "MOST_CHANGED", 5)
    chance = random.Random(seed)

    def word(longest: int) -> str:
        return "".join(chance.choice("абк7 10n") for _ in range(chance.randint(1, longest)))

    known: dict[int, tuple[str, str, str]] = {}
    for number in range(40):
        name, phone = f"а{word(6)}", f"+7701000{chance.randint(0, 9999):04}"
        if known and chance.random() < 0.4:
            customer_id = chance.choice(list(known))
            service.change_details(
                club, customer_id=customer_id, name=name, phone=phone, actor=CASHIER
            )
            login = known[customer_id][1]
        else:
            login = f"n{number}k"
            customer_id = register(club, login, name, phone)
        known[customer_id] = " ".join(name.split()), login, phone
        if chance.random() < 0.1:
            gone = chance.choice(list(known))
            forget(club, gone)
            del known[gone]
        piece = word(3).strip() or "а"
        wanted = {
            customer_id
            for customer_id, (name, login, _phone) in known.items()
            if " ".join(piece.split()) in name or piece in login
        }
        assert set(found(club, piece, "whole")) == wanted, piece
        digits = str(chance.randint(100, 999))
        wanted = {
            customer_id
            for customer_id, (name, login, phone) in known.items()
            if digits in name or digits in login or digits in phone
        }
        assert set(found(club, digits)) == wanted, digits
