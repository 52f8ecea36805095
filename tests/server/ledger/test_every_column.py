"""Whatever somebody with the file changes in a row of money or bought time is found, but for what is listed here.

A new table or column is in the test by itself: it is found, or somebody has to write down here why not.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Engine, NullPool, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lovhub.server.applications import service as applications
from lovhub.server.applications import showing
from lovhub.server.computers import tokens
from lovhub.server.database.base import Base
from lovhub.server.database.triggers import trigger_names
from lovhub.server.halls.models import Zone
from lovhub.server.journal import sealing as journal_sealing
from lovhub.server.journal import standing
from lovhub.server.ledger import sealing
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.difference import Difference
from lovhub.server.loyalty import service as loyalty
from lovhub.server.payments import refunds
from lovhub.server.payments.providers.contract import Event
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

NOT_FOUND: dict[str, set[str]] = {
    "account_balance": {
        "account_id",  # of an account in which nothing ever moved
        "minimum",  # how much one customer may owe
    },
    "customer": set(),
    "desk": set(),
    "event": set(),
    "journal_block": set(),
    "desk_posting": set(),
    "fiscal_document": {  # what the operator said
        "attempts", "check_url", "confirmed_at", "fiscal_number", "next_try_at", "problem", "sent_at", "state",
    },
    "good_sale": set(),
    "hold": {"id"},
    "ledger_account": {"id"},  # of an account in which nothing ever moved
    "ledger_block": set(),
    "ledger_posting": set(),
    "ledger_seal": set(),
    "ledger_transfer": set(),
    "lot": {
        "expires_at", "kind", "rest_rule",  # a night may put them off
        "guest_session_id",  # a guest may come again
        "exhausted",  # one of which nothing is left may count as not used up
    },
    "meter": set(),
    "payment": {
        "customer_id",  # of a guest's money, which may become a customer's
        "expires_at", "next_poll_at", "pay_url", "poll_after_seconds", "provider_ref", "qr_payload",
    },
    "payment_step": set(),
    "payment_refund": {"provider_ref", "state"},
    "play_session": {  # of one that is being played, what is so for the moment (test_sittings.py)
        "due_at", "end_reason", "ended_at", "lease_issued_at", "lease_not_after", "lease_serial", "leased_seconds",
        "night_leave", "pause_reason", "settled_at", "state", "unreachable_since_at", "zone_bound",
        "revision",  # how often it was changed
    },
    "promo_code": set(),
    "promo_use": set(),
    "shift": set(),
    # what is sold, how, to whom for less, by whom, and where
    "application": set(),
    "application_zone": set(),
    "bonus_rules": set(),
    "bonus_step": set(),
    "club": {"checklist_closed_at", "launches_gone_until", "logs_pruned_at"},
    "computer": {  # what the PC says of itself
        "agent_version", "boot_id", "hostname", "is_guarded", "journal_id", "journal_number", "last_address",
        "last_seen_at", "memory_lasts", "operating_system", "said_goodbye",
    },
    "customer_group": set(),
    "good": set(),
    "hall": set(),
    "holiday": set(),
    "pairing_token": {"used"},
    "promo": set(),
    "recovery_code": set(),
    "staff": {"language", "link_hash", "link_until_at", "totp_last_step"},
    "standing": set(),
    "tariff": set(),
    "tariff_group": set(),
    "tariff_zone": set(),
    "zone": set(),
}  # fmt: skip
"""Each table of money or bought time, and its columns in which a change is not found (docs/security.md)."""

ELSEWHERE = {
    # who did what, and who was told
    "alarm", "call", "notice", "payment_order", "provider_event", "receipt_print",
    # sums that are made again from the books
    "book_day", "closed_day", "closed_fortnight", "money_flow", "summed_until", "suspicious_lead",
    "suspicious_lead_until",
    # what came from elsewhere and was compared or booked
    "bank_line", "move", "move_part", "moved_customer",
    # people, PCs and games
    "application_picture", "computer_condition", "computer_link",
    "computer_update", "customer_habits", "customer_pin", "demo_item", "ending_dismissal", "favourite_application",
    "launch", "maintenance", "maintenance_code", "node", "node_letter", "notice_target", "pc_command", "pc_hardware",
    "seat_code", "share_request", "staff_session", "trouble", "update_plan", "without_agent",
}  # fmt: skip
"""Tables of which the books know nothing."""


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


def test_it_is_found_or_listed_here(evening: Scene) -> None:
    with with_a_tool(evening).connect() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for name in trigger_names():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        assert differences(connection) == []
        not_found = {
            name: {
                column.name
                for column in Base.metadata.tables[name].columns
                if not is_found(connection, column)
            }
            for name in NOT_FOUND
        }
    assert not_found == NOT_FOUND


def test_every_table_is_thought_of() -> None:
    assert set(Base.metadata.tables) == set(NOT_FOUND) | ELSEWHERE


def with_a_tool(scene: Scene) -> Engine:
    """The same file as a stranger's program opens it: nothing asks whether what a row leads to is there."""
    scene.club.database.close()
    return create_engine(scene.club.database.engine.url, poolclass=NullPool)


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
        return any(standing.odd(db, Base.metadata.tables)) or bool(check_ledger(db))


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
