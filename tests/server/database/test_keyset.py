"""Every row of a list once and in order, whatever it is sorted by, in whichever direction it is leafed through."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, delete, insert, select
from sqlalchemy.orm import Session

from lovhub.server.database import keyset
from lovhub.server.database.base import BigId
from lovhub.server.database.engine import Database
from lovhub.server.database.keyset import Part, Place, Sorts, read_place

ROWS = Table(
    "listed", MetaData(), Column("id", BigId, primary_key=True), Column("word", Text),
    Column("amount", BigInteger),
)  # fmt: skip
SORTS = Sorts({"word": ROWS.c.word, "amount": ROWS.c.amount}, ROWS.c.id, default="-amount")

# PostgreSQL keeps no NUL in a text.
WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=3)
AMOUNTS = st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2)
LISTS = st.lists(st.tuples(WORDS | st.sampled_from(["а", "б"]), AMOUNTS), max_size=12)
ONE_DATABASE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with one empty table."""
    opened = Database(database_url)
    ROWS.metadata.create_all(opened.engine)
    yield opened
    opened.close()


def fill(database: Database, rows: Sequence[tuple[str, int]]) -> None:
    with database.write() as db:
        db.execute(delete(ROWS))
        if rows:
            values = [{"word": word, "amount": amount} for word, amount in rows]
            db.execute(insert(ROWS), values)


def part(db: Session, sort: str, place: Place | None, limit: int) -> Part[int]:
    order = SORTS.order(sort)
    return keyset.part(
        db, select(ROWS.c.id), order, place, limit, lambda found: [row.id for row in found]
    )


def through_the_address(place: Place | None) -> Place | None:
    return None if place is None else read_place(place.written(), backwards=place.backwards)


@ONE_DATABASE
@example(sort="amount", rows=[("", -(2**63)), ("", 0)], limit=1)
@example(sort="-amount", rows=[("", 0), ("", 2**63 - 1)], limit=1)
@given(
    sort=st.sampled_from(["word", "-word", "amount", "-amount"]),
    rows=LISTS,
    limit=st.integers(1, 5),
)
def test_every_row_once_there_and_back(
    database: Database, sort: str, rows: list[tuple[str, int]], limit: int
) -> None:
    fill(database, rows)
    with database.read() as db:
        key = SORTS.keys[sort.removeprefix("-")]
        falling = sort.startswith("-")
        ways = (key.desc(), ROWS.c.id.desc()) if falling else (key, ROWS.c.id)
        wanted = list(db.scalars(select(ROWS.c.id).order_by(*ways)))

        parts = [part(db, sort, None, limit)]
        while (place := through_the_address(parts[-1].next)) is not None:
            parts.append(part(db, sort, place, limit))
            assert len(parts) <= len(rows), "it never comes to an end"
        assert [row for shown in parts for row in shown.rows] == wanted
        assert all(len(shown.rows) == limit for shown in parts[:-1])
        assert parts[0].previous is None

        # Back again by the same parts: only the first may differ, and is whole.
        for before, here in zip(reversed(parts[:-1]), reversed(parts[1:]), strict=True):
            place = through_the_address(here.previous)
            assert place is not None
            back = part(db, sort, place, limit)
            assert back.rows == before.rows
            assert (back.previous is None) == (before.previous is None)
            assert through_the_address(back.next) is not None


def test_a_place_whose_rows_are_gone_leads_to_the_beginning(database: Database) -> None:
    fill(database, [("а", 1), ("б", 2), ("в", 3)])
    with database.read() as db:
        behind_all = Place("я", 1)
        assert part(db, "word", behind_all, 2) == part(db, "word", None, 2)
        before_all = Place("А", 1, backwards=True)
        assert part(db, "word", before_all, 2) == part(db, "word", None, 2)


@pytest.mark.parametrize("place", [Place("слово", 1), Place(2**70, 1)])
def test_a_place_of_another_order_leads_to_the_beginning(database: Database, place: Place) -> None:
    fill(database, [("а", 1), ("б", 2)])
    with database.read() as db:
        assert part(db, "amount", place, 5) == part(db, "amount", None, 5)
        assert part(db, "word", Place("\x00", 1), 5) == part(db, "word", None, 5)
        assert part(db, "word", Place(5, 1), 5) == part(db, "word", None, 5)


@given(key=WORDS | AMOUNTS, row_id=st.integers(1, 2**63 - 1), backwards=st.booleans())
def test_a_place_survives_the_address(key: str | int, row_id: int, backwards: bool) -> None:
    place = Place(key, row_id, backwards)
    assert read_place(place.written(), backwards=backwards) == place


@given(text=st.text() | st.binary().map(lambda packed: packed.hex()))
def test_anything_may_stand_in_an_address(text: str) -> None:
    read_place(text)


@pytest.mark.parametrize("sort", ["", "-", "nonsense", "-nonsense", "--amount", "id"])
def test_an_order_that_the_list_does_not_have_is_the_lists_own(sort: str) -> None:
    order = SORTS.order(sort)
    assert (order.name, order.descending, order.written()) == ("amount", True, "-amount")
