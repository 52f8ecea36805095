"""A receipt says what was booked and how it was paid; after the first time it is a copy."""

import queue
import socket
import threading
from collections.abc import Iterator

import pytest

from lovhub.server.club import service as club_service
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.receipts import queries, rules, service
from lovhub.server.receipts.queries import Receipt
from lovhub.server.receipts.rules import Moved
from lovhub.server.sessions import group_sale
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.sessions.till import TopUp
from lovhub.server.shifts import service as shifts
from tests.support.club import CASHIER, OWNER, People
from tests.support.web import WebAdmin


@pytest.fixture
def web(club: ClubContext) -> Iterator[WebAdmin]:
    admin = WebAdmin(club)
    admin.make_owner()
    admin.make_staff("cashier", name="Әсем")
    yield admin
    admin.give_back()


@pytest.fixture
def paper() -> Iterator[tuple[str, "queue.Queue[str]"]]:
    """A receipt printer in the network: its address, and what it was sent."""
    slips: queue.Queue[str] = queue.Queue()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def print_all() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, connection.makefile("rb") as said:
                    slips.put(said.read().decode("cp866"))

        threading.Thread(target=print_all, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", slips
        listener.shutdown(socket.SHUT_RDWR)


def of(club: ClubContext, key: str) -> Receipt:
    with club.read() as db:
        posting_id = queries.find(db, club.club_id, key)
        assert posting_id is not None
        return queries.read(db, club.club_id, posting_id)


def told(receipt: Receipt) -> list[tuple[str, str, int, int]]:
    return [(line.kind, line.title, line.quantity, line.amount_tiyn) for line in receipt.lines]


def test_each_operation_has_its_receipt(club: ClubContext, people: People, web: WebAdmin) -> None:
    shifts.open_shift(club, counted_tiyn=0, actor=CASHIER)
    player, hour = people.customer(name="Ерлан"), people.tariff(price_tiyn=500_00)
    pcs = [people.computer() for _ in range(3)]
    top_up = TopUp(2_000_00, "card")
    sessions.buy(
        club, computer_id=pcs[0], customer_id=player, tariff_id=hour, key="desk:one", actor=CASHIER,
        top_up=top_up,
    )  # fmt: skip
    together = of(club, "desk:one")
    assert told(together) == [("top_up", "", 1, 2_000_00), ("sale", "1 час", 1, 500_00)]
    assert together.paid == {"card": 2_000_00, "balance": 500_00}
    assert (together.person, together.shift_number, together.times) == ("Әсем", 1, 0)
    assert len(together.numbers) == 2
    assert together.customer == "player1"

    group_sale.sell_together(
        club, computer_ids=pcs[1:], tariff_id=hour, payer=Payer("cash"), key="desk:two",
        actor=CASHIER,
    )  # fmt: skip
    both = of(club, "desk:two")
    assert [line.amount_tiyn for line in both.lines] == [500_00, 500_00]
    assert both.paid == {"cash": 1_000_00}

    water = goods.create(club, title="Вода", price_tiyn=300_00, actor=OWNER)
    posting_id = goods.sell(
        club, lines=[Line(water, 2)], method="kaspi", expected_tiyn=600_00, key="three",
        actor=CASHIER,
    )  # fmt: skip
    assert told(of(club, "three")) == [("goods_sold", "Вода", 2, 600_00)]
    back = goods.take_back(club, posting_id=posting_id, reason="Не та", actor=OWNER)
    customers.top_up(
        club, customer_id=player, amount_tiyn=900_00, method="cash", key="four", actor=CASHIER
    )
    reversal.take_back(
        club, customer_id=player, posting_id=of(club, "four").posting_id, reason="", actor=CASHIER
    )
    with club.read() as db:
        returned = queries.read(db, club.club_id, back)
        assert told(returned) == [("goods_taken_back", "", 1, -600_00)]
        assert (returned.paid, returned.reason) == ({"kaspi": -600_00}, "Не та")
        numbers = [
            number
            for key in ("desk:one", "desk:two", "three", "four")
            for number in of(club, key).numbers
        ]
        # The one between is that of the goods that came back.
        assert numbers == [1, 2, 3, 4, 5, 7]
        for unknown in (10**9, 0):
            with pytest.raises(OperationRefused, match="receipt_unknown"):
                queries.read(db, club.club_id, unknown)


def test_a_reprint_is_a_copy_and_a_failed_print_is_none(club: ClubContext, people: People) -> None:
    customers.top_up(
        club, customer_id=people.customer(), amount_tiyn=100_00, method="cash", key="k",
        actor=CASHIER,
    )  # fmt: skip
    posting_id = of(club, "k").posting_id
    times: list[int] = []

    def out(receipt: Receipt) -> None:
        times.append(receipt.times)

    def no_paper(_receipt: Receipt) -> None:
        raise OperationRefused("printer_silent")

    with pytest.raises(OperationRefused, match="printer_silent"):
        service.print_receipt(club, posting_id, out=no_paper, actor=CASHIER)
    for _ in range(3):
        service.print_receipt(club, posting_id, out=out, actor=CASHIER)
    assert times == [0, 1, 2]


def test_the_desk_prints_after_a_sale_and_from_the_story(
    club: ClubContext, people: People, web: WebAdmin, paper: tuple[str, "queue.Queue[str]"]
) -> None:
    address, slips = paper
    desk, player = web.cashier(), people.customer(name="Ерлан")
    path = f"/admin/customers/{player}/top-up"
    values = {"amount": "1500", "method": "cash", "key": "form-key-1"}
    assert "print-receipt" not in desk.post(path, values, htmx=True).headers.get("HX-Trigger", "")
    with club.write() as work:
        club_service.get(work.db, work.club_id).printer_address = address
    done = desk.post(path, {**values, "key": "form-key-2"}, htmx=True)
    assert "/admin/receipts/of/form-key-2/print" in done.headers["HX-Trigger"]
    assert desk.post("/admin/receipts/of/form-key-2/print", {}, htmx=True).status_code == 204
    slip = slips.get(timeout=60)
    for line in (
        "Чек № 2",
        "Кассир: Асем",
        "Пополнение баланса",
        "1 500 тг",
        "Это не фискальный чек",
    ):
        assert line in slip, slip
    assert "КОПИЯ" not in slip
    story = desk.get(f"/admin/customers/{player}").text
    link = story.partition('data-test="receipt"')[0].rpartition('href="')[2].partition('"')[0]
    shown = desk.get(link).text
    assert "копия" in shown
    posting_id = link.rpartition("/")[2]
    desk.post(f"/admin/receipts/{posting_id}/print", {}, htmx=True)
    assert "КОПИЯ" in slips.get(timeout=60)
    printed = desk.post(f"/admin/receipts/{posting_id}/page", {}).text
    assert "data-print-now" in printed
    assert "КОПИЯ" in printed
    assert "Напечатана копия чека № 2" in web.owner().get("/admin/logs?kind=money").text
    assert desk.post("/admin/receipts/of/nothing/print", {}, htmx=True).status_code == 404
    assert web.technician().get(link).status_code == 403


def test_what_a_receipt_is_made_of() -> None:
    for key, operation in (
        ("desk:a", "desk:a"), ("top_up:desk:a", "desk:a"), ("desk:a:2", "desk:a"), ("top_up:k:12", "k"),
    ):  # fmt: skip
        assert rules.operation_of(key) == operation
    refund = [Moved("customer_balance", "cash", 5)]
    assert (rules.worth(refund), rules.paid(refund)) == (-5, {"balance": 5, "cash": -5})
    with_bonuses = [
        Moved("customer_balance", "lot_unearned", 7),
        Moved("customer_bonus", "lot_bonus", 2),
    ]
    assert (rules.worth(with_bonuses), rules.paid(with_bonuses)) == (9, {"balance": 7, "bonus": 2})
    topped_up = [Moved("cash", "customer_balance", 9), Moved("bonus_given", "customer_bonus", 1)]
    assert (rules.worth(topped_up), rules.paid(topped_up)) == (9, {"cash": 9})
    split = [Moved("cash", "lot_unearned", 3), Moved("kaspi", "lot_unearned", 4)]
    assert (rules.worth(split), rules.paid(split)) == (7, {"cash": 3, "kaspi": 4})
    bought = [
        Moved("customer_balance", "lot_unearned", 299),
        Moved("customer_bonus", "lot_bonus", 200),
        Moved("discount_given", "lot_discount", 56),
    ]
    assert (rules.worth(bought), rules.discount(bought)) == (499, 56)
    assert rules.paid(bought) == {"balance": 299, "bonus": 200}
    topped_up = [
        Moved("cash", "customer_balance", 6000),
        Moved("bonus_given", "customer_bonus", 600),
    ]
    assert (rules.worth(topped_up), rules.paid(topped_up)) == (6000, {"cash": 6000})
    back = [
        Moved("customer_balance", "cash", 6000),
        Moved("customer_bonus", "bonus_given", 500),
        Moved("customer_balance", "revenue", 100),
    ]
    assert (rules.worth(back), rules.paid(back)["cash"]) == (-6000, -6000)
    assert [rules.bonus_given(one) for one in (bought, topped_up, back)] == [0, 600, -500]
