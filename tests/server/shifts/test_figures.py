"""X and Z reports against what was done; the same numbers on paper."""

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.reports import queries as reports
from lovhub.server.sessions import service as sessions
from lovhub.server.shifts import figures, pdf, printing, queries, service, showing
from lovhub.server.shifts.figures import Figures, Receipts, Sold
from lovhub.server.shifts.rules import Movement, totals
from lovhub.server.shifts.service import Count
from lovhub.server.shifts.showing import Report, Section
from tests.support.club import People
from tests.support.waiting import eventually


def read(club: ClubContext, shift_id: int) -> Figures:
    with club.read() as db:
        return figures.read(db, queries.row(db, club.club_id, shift_id), club.clock.now())


def test_everything_that_goes_through_a_shift(
    club: ClubContext, people: People, cashier: Actor, manager: Actor, clock: ManualClock
) -> None:
    customer, pc, tariff = people.customer(), people.computer(), people.tariff()
    water = goods.create(club, title="Вода", price_tiyn=300_00, actor=manager)
    shift = service.open_shift(club, counted_tiyn=10_000_00, actor=cashier)

    def top_up(tenge: int, method: str) -> int:
        return customers.top_up(
            club,
            customer_id=customer,
            amount_tiyn=tenge * 100,
            method=method,
            key=f"{method}-{tenge}",
            actor=cashier,
        )

    top_up(5_000, "cash")
    top_up(2_000, "kaspi")
    wrong = top_up(700, "cash")
    reversal.take_back(club, customer_id=customer, posting_id=wrong, reason="", actor=cashier)
    sale = goods.sell(
        club,
        lines=[Line(water, 3)],
        method="cash",
        expected_tiyn=900_00,
        key="water",
        actor=cashier,
    )
    goods.sell(
        club, lines=[Line(water, 1)], method="card", expected_tiyn=300_00, key="one", actor=manager
    )
    sessions.buy(
        club, computer_id=pc, customer_id=customer, tariff_id=tariff, key="hour", actor=cashier
    )
    customers.give_time(
        club, customer_id=customer, seconds=600, title="+10", reason="сбой", key="g", actor=cashier
    )
    service.pay(club, is_out=True, amount_tiyn=1_000_00, reason="вода", key="out-1", actor=cashier)

    found = read(club, shift)
    price = found.tariffs[0].amount_tiyn
    assert not found.is_final
    assert {
        name: (got.received_tiyn, got.returned_tiyn) for name, got in found.totals.methods.items()
    } == {
        "cash": (6_600_00, 700_00),
        "card": (300_00, 0),
        "kaspi": (2_000_00, 0),
    }
    assert found.goods == [Sold("Вода", 4, 1_200_00)]
    assert [(sold.title, sold.count) for sold in found.tariffs] == [("1 час", 1)]
    assert found.totals.sold_for_tiyn == found.totals.from_balance_tiyn == price
    assert (found.totals.goods_tiyn, found.totals.topped_up_tiyn) == (1_200_00, 7_000_00)
    assert (found.totals.returns, found.given_seconds) == (1, 600)
    assert found.totals.people == {"Данияр": 7_900_00, "Мадина": 300_00}
    assert found.receipts == Receipts(1, 8, 8)
    assert found.expected_tiyn == 10_000_00 + 5_900_00 - 1_000_00

    with club.read() as db:
        clock_row = club_service.get(db, club.club_id)
        since_midnight, since_shift = reports.money_today(db, clock_row, clock.now())
    assert since_shift.since_at == clock.now()
    assert since_shift.money.received_tiyn == {"cash": 5_900_00, "card": 300_00, "kaspi": 2_000_00}
    assert since_shift.money.goods_tiyn == 1_200_00
    assert since_midnight.money.received_tiyn == since_shift.money.received_tiyn

    goods.take_back(club, posting_id=sale, reason="", actor=cashier)
    service.close(club, shift_id=shift, count=Count(14_000_00), actor=cashier)
    final = read(club, shift)
    assert final.is_final
    assert final.expected_tiyn == final.shift.expected_tiyn == 14_000_00
    assert (final.shift.difference_tiyn, final.totals.goods_tiyn) == (0, 300_00)


def test_the_dashboard_follows_the_shift_to_the_second(
    club: ClubContext, people: People, cashier: Actor, clock: ManualClock
) -> None:
    """Opened in the middle of a quarter of an hour, after a top-up in the same quarter."""
    customer = people.customer()
    clock.advance(-clock.now() % 900 + 60)
    for number in range(2):
        customers.top_up(
            club, customer_id=customer, amount_tiyn=100_00, method="card", key=f"k{number}", actor=cashier
        )  # fmt: skip
        clock.advance(30)
        if number == 0:
            service.open_shift(club, counted_tiyn=5_000_00, actor=cashier)
    with club.read() as db:
        row = club_service.get(db, club.club_id)
        _, since_shift = reports.money_today(db, row, clock.now())
    assert since_shift.money.received_in_all_tiyn == 100_00


def test_what_is_no_way_of_paying_stands_apart() -> None:
    found = totals(
        [
            Movement("top_up", "cash", "customer_balance", "А", 1, 100),
            Movement("top_up", "bonus_given", "customer_bonus", "А", 1, 20),
            Movement("sale", "customer_bonus", "lot_bonus", "А", 1, 15),
            Movement("sale", "discount_given", "lot_discount", "А", 1, 7),
            Movement("customer_written_off", "customer_balance", "written_off", "Б", 1, 5),
            Movement("shift_difference", "over_short", "cash", "А", 1, 7),
            Movement("shift_to_safe", "safe", "cash", "А", 1, 50),
        ]
    )
    assert found.received_tiyn == 100
    assert found.others == {"written_off": (0, 5)}
    assert (found.bonuses_given_tiyn, found.bonuses_spent_tiyn, found.discounts_tiyn) == (20, 15, 7)
    assert found.difference_tiyn == -7


# --- goods ------------------------------------------------------------------------------------------


def test_a_sale_is_made_once_and_at_the_price_that_was_shown(
    club: ClubContext, cashier: Actor, manager: Actor
) -> None:
    cola = goods.create(club, title=" Кола ", price_tiyn=500_00, actor=manager)

    def sell(quantity: int, expected: int, key: str = "first-key") -> int:
        return goods.sell(
            club,
            lines=[Line(cola, quantity)],
            method="cash",
            expected_tiyn=expected,
            key=key,
            actor=cashier,
        )

    once = sell(2, 1_000_00)
    assert sell(2, 1_000_00) == once
    for quantity, expected, key, code in (
        (1, 500_00, "first-key", "key_reused"),
        (1, 400_00, "second", "price_changed"),
        (0, 0, "third", "quantity_out_of_range"),
        (101, 50_500_00, "fourth", "quantity_out_of_range"),
    ):
        with pytest.raises(OperationRefused, match=code):
            sell(quantity, expected, key)
    goods.retire(club, good_id=cola, actor=manager)
    with pytest.raises(OperationRefused, match="good_not_available"):
        sell(1, 500_00, "fifth")


def test_a_sale_is_taken_back_by_the_rule_for_every_mistake(
    club: ClubContext, cashier: Actor, manager: Actor, clock: ManualClock
) -> None:
    cola = goods.create(club, title="Кола", price_tiyn=500_00, actor=manager)
    sale = goods.sell(
        club,
        lines=[Line(cola, 1)],
        method="cash",
        expected_tiyn=500_00,
        key="first-key",
        actor=cashier,
    )
    clock.advance(120)
    with pytest.raises(OperationRefused, match="take_back_too_late"):
        goods.take_back(club, posting_id=sale, reason="не то", actor=cashier)
    with pytest.raises(OperationRefused, match="invalid_fields"):
        goods.take_back(club, posting_id=sale, reason="", actor=manager)
    back = goods.take_back(club, posting_id=sale, reason="не то", actor=manager)
    assert goods.take_back(club, posting_id=sale, reason="ещё", actor=manager) == back


# --- paper ------------------------------------------------------------------------------------------

REPORT = Report(
    "Z-отчёт",
    ["Арена", "Смена № 1, Әлия"],
    [
        Section("Деньги", [showing.Line("Наличные", "1 500 ₸"), showing.Line("Разница", "−5 ₸", strong=True)]),
        Section("По товарам", [showing.Line("Очень длинное название товара " * 3 + "\x1b@", "300 ₸")]),
    ],
)  # fmt: skip


@pytest.fixture
def paper() -> Iterator[tuple[str, list[bytes]]]:
    """A receipt printer in the network: its address, and what it was sent."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def print_one() -> None:
            connection, _ = listener.accept()
            with connection:
                received.append(b"".join(iter(lambda: connection.recv(4096), b"")))

        printing_thread = threading.Thread(target=print_one)
        printing_thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", received
        printing_thread.join(5)


@pytest.mark.parametrize(("charset", "page"), [("cp866", 17), ("cp1251", 46)])
def test_a_report_arrives_at_a_printer(
    paper: tuple[str, list[bytes]], charset: str, page: int
) -> None:
    address, received = paper
    printing.send(address, printing.commands(REPORT, charset=charset, width=32))
    (data,) = eventually(lambda: received)
    assert data.startswith(b"\x1b@\x1bt" + bytes([page]))
    assert data.endswith(b"\x1dVB\x00")
    lines = re.sub(r"\x1bE.|\x1d!.", "", data.decode(charset)).split("\n")
    assert "Наличные" + "1 500 тг".rjust(24) in lines
    assert "Смена № 1, Алия" in lines
    assert data.count(b"\x1b@") == 1, "a good's name is no command"
    assert max(map(len, lines[1:-1])) <= 32


def test_a_printer_that_is_off_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(OperationRefused, match="printer_silent"):
        printing.send(address, b"x")
    with pytest.raises(OperationRefused, match="printer_silent"):
        printing.send(f"/dev/../{tmp_path}/file", b"x")  # no device
    with pytest.raises(OperationRefused, match="printer_not_set"):
        printing.send("", b"x")


def test_a_report_as_pdf_holds_its_letters() -> None:
    data = pdf.written(REPORT)
    assert data.startswith(b"%PDF-")
    assert b"DejaVu" in data
    assert b"/FontFile2" in data
