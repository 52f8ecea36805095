"""Whatever somebody with the file changes in any row of any table is found.

A new table or column is in the test by itself: the books or the log vouch for it, or `database/sealed_tables.py` does.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    NullPool,
    String,
    Table,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lovhub.clock import ManualClock
from lovhub.server.applications import service as applications
from lovhub.server.applications import showing
from lovhub.server.computers import tokens
from lovhub.server.database import row_seals
from lovhub.server.database.sealed_tables import ROW_SEAL
from lovhub.server.database.tables import Base
from lovhub.server.database.triggers import trigger_names
from lovhub.server.halls.models import Zone
from lovhub.server.journal import sealing as journal_sealing
from lovhub.server.journal import standing
from lovhub.server.ledger import sealing, words
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.difference import Difference
from lovhub.server.loyalty import service as loyalty
from lovhub.server.payments import bank_days, refunds
from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.rules import DAY_SECONDS
from lovhub.server.payments.settling import settle
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from lovhub.server.shifts import service as shifts
from lovhub.server.shifts.service import Count
from lovhub.server.staff.models import RecoveryCode, Staff
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.server.crashes import at_desk, by_kaspi
from tests.server.crashes.scene import Scene, made


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A club where all that money can do has been done, sealed to the last posting; SQLite's guards are off."""
    scene = made(tmp_path_factory.mktemp("columns"))
    for prepare in (
        by_kaspi.give_a_guests_money_to_a_customer,
        by_kaspi.record_what_the_desk_saw,
        at_desk.top_up_with_a_bonus,
        at_desk.give_bonus,
        at_desk.use_a_promo_code,
        at_desk.forgive,
        at_desk.sell_goods,
        at_desk.take_back_goods,
        at_desk.take_money_out_of_the_drawer,
        at_desk.move_in,
    ):
        prepare(scene)(scene.club)
    furnish(scene)
    refund(scene)
    play(scene)
    count = Count(9_000_00, 4_000_00)
    shifts.close(scene.club, shift_id=scene.shift, count=count, actor=scene.cashier)
    shifts.open_shift(scene.club, counted_tiyn=3_900_00, actor=scene.cashier)
    scene.guest_plays()
    sealing.seal(scene.club)
    journal_sealing.seal(scene.club, journal_sealing.Horizon(scene.club).look())
    in_two_days = ManualClock(scene.clock.now() + 2 * DAY_SECONDS)
    bank_days.keep_days(replace(scene.club, clock=in_two_days))
    fill(scene)
    yield scene
    scene.club.database.close()


def furnish(scene: Scene) -> None:
    """What an owner sets up beside what every operation finds."""
    club, owner = scene.club, scene.owner
    tariffs.set_holidays(club, days=[date(2027, 3, 21), date(2027, 3, 22)], actor=owner)
    group = loyalty.create_group(club, name="Студенты", percent=15, actor=owner)
    terms = Terms("Студенту", 3600, 400_00, groups=frozenset({group}))
    tariffs.create(club, terms=terms, actor=owner)
    with club.read() as db:
        zone = db.scalars(select(Zone.id)).first()
    game = applications.create(
        club,
        title="Dota 2",
        kind="game",
        exe_path=r"C:\Games\dota2.exe",
        arguments=["-novid"],
        actor=owner,
    )
    showing.limit_to_zones(club, application_id=game, zone_ids=[zone or 0], actor=owner)
    tokens.make(club, computers=30, hours=5, actor=owner)
    with club.write() as work:
        person = work.db.get_one(Staff, owner.id)
        person.totp_secret, person.totp_since = b"sealed", work.now
        for code in (b"one", b"two"):
            work.db.add(RecoveryCode(staff_id=person.id, code_hash=code))


def fill(scene: Scene) -> None:
    """Two rows for each table that the evening left without: what they say is nothing to their seals."""
    engine = with_a_tool(scene)
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.scalar(select(func.count()).select_from(table)):
                continue
            for number in (1, 2):
                row = {
                    column.name: like(column, number)
                    for column in table.columns
                    if column.name != ROW_SEAL
                }
                connection.execute(table.insert(), row)
        connection.commit()


def like(column: Column[Any], number: int) -> object:
    """A value that this column might have."""
    match column.type:
        case JSON():
            return [number]
        case LargeBinary():
            return bytes([number])
        case Boolean():
            return number == 1
        case String():
            return f"{number}"
        case _:
            return number


def refund(scene: Scene) -> None:
    """Aya has paid by Kaspi, and gets a part of it back."""
    payment = by_kaspi.asked(scene)
    settle(scene.club, scene.bank, Event("paid", "2:paid", "2", amount_tiyn=500_00))
    refunds.refund(
        scene.club, scene.payments, payment_id=payment, amount_tiyn=200_00, reason="передумала", key="r",
        actor=scene.owner,
    )  # fmt: skip


def play(scene: Scene) -> None:
    """Aya buys with a discount and bonuses, Erlan plays by the minute; half of it is played."""
    club = scene.club
    group = loyalty.create_group(club, name="Свои", percent=10, actor=scene.owner)
    loyalty.put_in_group(club, customer_id=scene.aya, group_id=group, actor=scene.owner)
    sessions.buy(
        club, computer_id=scene.pcs[0], customer_id=scene.aya, tariff_id=scene.hour, key="bonus",
        actor=scene.cashier,
    )  # fmt: skip
    sessions.buy(
        club, computer_id=scene.pcs[2], customer_id=scene.erlan, tariff_id=scene.minutes, key="minutes",
        actor=scene.cashier,
    )  # fmt: skip
    for _ in range(9):
        scene.clock.advance(300)
        link.run_due(club, set(scene.pcs))


@pytest.mark.timeout(600)  # hundreds of edits, and the check after each lot of them
def test_an_edit_is_found_in_every_column_of_every_table(evening: Scene) -> None:
    with without_guards(evening) as connection:
        assert differences(connection) == []
        not_found = {
            f"{table.name}.{column.name}"
            for table in Base.metadata.sorted_tables
            for column in table.columns
            if not is_found(connection, column)
        }
    assert not_found == set()


IMPOSSIBLE: dict[type, tuple[str, ...]] = {
    Integer: ("'слова'", "X'00'", "0.5", "9e999"),
    Boolean: ("7", "'да'", "X'01'", "0.5"),
    String: ("X'6162'",),
    LargeBinary: ("'слова'", "7"),
    JSON: ("'{'", "7", "X'7B7D'", "'null'"),
}
"""What SQLite takes in a column of a type, and no operation has put there."""

NOT_UTF_8 = "CAST(X'5BD0FF5D' AS TEXT)"


@pytest.mark.timeout(600)
def test_what_no_operation_can_have_put_there_is_found(evening: Scene) -> None:
    tables = Base.metadata.sorted_tables
    every = [column for table in tables for column in table.columns]
    texts = [column for column in every if isinstance(column.type, String | JSON)]
    with without_guards(evening) as connection:
        # All of a row at once: each of its columns is named.
        for number in range(4):
            assert_named(connection, {one: impossible(one, number) for one in every})
        # One of each row, lest another answer for what the check falls over.
        for place in range(max(len(table.columns) for table in tables)):
            there = [table.columns[place] for table in tables if place < len(table.columns)]
            assert_named(connection, {one: impossible(one, place) for one in there})
        for place in range(max(len(texts_of(table, texts)) for table in tables)):
            there = [
                found[place] for table in tables if place < len(found := texts_of(table, texts))
            ]
            assert_named(connection, dict.fromkeys(there, NOT_UTF_8))
        not_found = {
            f"{column.table.name}.{column.name}"
            for column in every
            if column.nullable and isinstance(column.type, Integer)
            if not is_found_in(connection, edit_of(column), [2**63 - 1])
        }
    assert not_found == set()


def texts_of(table: Table, texts: list[Column[Any]]) -> list[Column[Any]]:
    """Those of the table's."""
    return [column for column in texts if column.table is table]


def impossible(column: Column[Any], number: int) -> str:
    """A value that is none of this column's; by their number they differ."""
    (values,) = (values for kind, values in IMPOSSIBLE.items() if isinstance(column.type, kind))
    return values[number % len(values)]


def edit_of(column: Column[Any], value: str = "?") -> str:
    """It is written into the last row of its table."""
    table = column.table.name
    last = f"(SELECT max(rowid) FROM {table})"  # noqa: S608
    return f"UPDATE {table} SET {column.name} = {value} WHERE rowid = {last}"  # noqa: S608


def assert_named(connection: Connection, values: dict[Column[Any], str]) -> None:
    """Write all of these; each is named by the check, but for those that the database itself does not take."""
    written: dict[str, list[str]] = {}
    for column, value in values.items():
        with suppress(IntegrityError):
            connection.exec_driver_sql(edit_of(column, value))
            written.setdefault(column.table.name, []).append(column.name)
    told = differences(connection)
    connection.rollback()
    assert all(words.of(one) for one in told)
    named = {one.kind: one.detail for one in told if one.kind.startswith("misfit_")}
    assert {table: named.get(f"misfit_{table}", "").rpartition(" (")[2] for table in written} == {
        table: f"{', '.join(names)})" for table, names in written.items()
    }


@contextmanager
def without_guards(scene: Scene) -> Iterator[Connection]:
    """The file, with nothing in it that refuses an edit or seals it."""
    with with_a_tool(scene).connect() as connection:
        for name in trigger_names() | row_seals.trigger_names("sqlite"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        yield connection


def with_a_tool(scene: Scene) -> Engine:
    """The same file as a stranger's program opens it: nothing asks whether a row is possible, nor what it leads to.

    What the check needs to look at seals is there, and the key with which the club has written them.
    """
    scene.club.database.close()
    engine = create_engine(
        scene.club.database.engine.url, poolclass=NullPool, json_deserializer=msgspec.json.decode
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        scene.club.database.seal_key.teach_sqlite(connection)

    return engine


def differences(connection: Connection) -> list[Difference]:
    with Session(connection) as db:
        return check_ledger(db)


def is_found(connection: Connection, column: Column[Any]) -> bool:
    """Whether another value in this column is found, in rows that differ in it."""
    table = column.table.name
    rows = connection.exec_driver_sql(f"SELECT rowid, {column.name} FROM {table}").all()  # noqa: S608
    assert rows, f"the evening leaves no row in {table}"
    differing = {value: number for number, value in reversed(rows)}
    is_flag = isinstance(column.type, Boolean)
    return all(
        is_found_in(
            connection,
            f"UPDATE {table} SET {column.name} = ? WHERE rowid = {number}",  # noqa: S608
            others(value, set(differing) - {None, value}, is_flag=is_flag),
        )
        for value, number in [*differing.items()][-3:]
    )


def is_found_in(connection: Connection, edit: str, values: list[object]) -> bool:
    """Whether the first of these values is found that the database itself takes there; none is taken, none gets in."""
    for value in values:
        try:
            connection.exec_driver_sql(edit, (value,))
            return is_seen(connection)
        except IntegrityError:
            continue  # it is there once
        finally:
            connection.rollback()
    return True


def is_seen(connection: Connection) -> bool:
    """Whether the check finds anything; what it asks quickly is asked first."""
    with Session(connection) as db:
        return (
            any(row_seals.odd(db))
            or any(standing.odd(db, Base.metadata.tables))
            or bool(check_ledger(db))
        )


def others(value: Any, there: set[Any], *, is_flag: bool) -> list[object]:
    """What stands in another row (the greatest), and what stands in none."""
    another = sorted(there)[-1:]
    match value:
        case None:
            return [*another, 1000]
        case int() if is_flag:
            return [1 - value]
        case int():
            return [*another, 100_000 + value]
        case str():
            return [value.replace("0", "1") if "0" in value else f"{value}x"]
        case bytes():
            return [value[::-1] + b"x"]
        case list():
            return ['["-console"]']
    raise AssertionError(value)
