"""A disk that is full or write-protected: people are told what is wrong, looking goes on, and all else afterwards."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError

from lovhub.clock import ManualClock
from lovhub.server.customers.models import Customer
from lovhub.server.ledger.check import check_ledger
from lovhub.server.refusal import trouble
from lovhub.server.staff import rules
from tests.support.api import Api
from tests.support.club import People
from tests.support.web import Browser, WebAdmin

FULL = "PRAGMA max_page_count = 1"
"""No page more than there are: where a disk without a free block stops SQLite, with the same error."""

MOST_TOP_UPS = 200
READ_ONLY = "PRAGMA query_only = 1"


@contextmanager
def sick(web: WebAdmin, pragma: str) -> Iterator[None]:
    """Every connection of this club has this from now on, until the end."""
    engine = web.club.database.engine

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(pragma)

    event.listen(engine, "connect", prepare)
    engine.dispose()
    yield
    event.remove(engine, "connect", prepare)
    engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "code", "status", "told"),
    [
        (FULL, "disk_full", 507, "На диске мало места"),
        (READ_ONLY, "disk_read_only", 503, "нельзя писать"),
    ],
)
def test_what_is_wrong_is_told_and_it_goes_on_afterwards(
    web: WebAdmin,
    desk: Browser,
    people: People,
    clock: ManualClock,
    pragma: str,
    code: str,
    status: int,
    told: str,
) -> None:
    api = Api(web, web.token())
    friend = people.customer(name="Друг")
    pages = ("/admin/customers", f"/admin/customers/{friend}")

    def top_up(number: int) -> tuple[int, str]:
        said = {"amount_tiyn": 500_00, "method": "cash", "key": f"key-{number:05}"}
        answer = api.ask("POST", f"/customers/{friend}/top-ups", said)
        if answer.status_code < 300:
            return answer.status_code, ""
        assert told in answer.get_json()["error"]["message"]
        return answer.status_code, str(answer.get_json()["error"]["code"])

    clock.advance(rules.TOUCH_SECONDS + 1)  # as it is written that somebody is at work
    with sick(web, pragma):
        answers = [(0, "")]
        while answers[-1][1] == "" and len(answers) < MOST_TOP_UPS:
            answers.append(top_up(len(answers)))
        assert answers[-1] == (status, code)
        form = {"amount": "500", "method": "cash", "key": "form-0001"}
        page = desk.post(f"/admin/customers/{friend}/top-up", form)
        assert (page.status_code, told in page.text) == (status, True)
        assert [desk.get(path).status_code for path in pages] == [200, 200]
    done = len(answers) - 2
    assert people.balance_tiyn(friend) == done * 500_00
    assert top_up(len(answers) - 1)[0] < 300
    assert people.balance_tiyn(friend) == (done + 1) * 500_00
    with web.club.read() as db:
        assert check_ledger(db) == []


class _Postgres(Exception):
    """As psycopg names what happened."""

    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("kind", "sqlstate", "code"),
    [
        (OperationalError, "53100", "disk_full"),
        (InternalError, "25006", "disk_read_only"),
        (OperationalError, None, "database_unreachable"),
        (OperationalError, "57P01", "database_unreachable"),
        (OperationalError, "40P01", None),
        (IntegrityError, "23505", None),
    ],
)
def test_what_postgresql_says_has_the_same_words(
    kind: type[DBAPIError], sqlstate: str | None, code: str | None
) -> None:
    assert trouble(kind("INSERT", {}, _Postgres(sqlstate))) == code


def test_a_mistake_of_ours_is_no_trouble_of_the_disk(web: WebAdmin, people: People) -> None:
    people.customer()
    with pytest.raises(IntegrityError) as raised, web.club.write() as work:
        work.db.execute(update(Customer).values(balance_account_id=0))
    assert trouble(raised.value) is None
