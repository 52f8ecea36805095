"""What takes money or gives it back queues exactly one document; and that arrives, once, whatever happens."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import forgetting, reversal
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.fiscal import outbox, queries, sending
from lovhub.server.fiscal.models import FiscalDocument
from lovhub.server.fiscal.providers.contract import Document, Refused, Registered, Unknown
from lovhub.server.fiscal.sending import Sender
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.payments import at_desk, orders
from lovhub.server.payments.providers.contract import Event
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from lovhub.server.sessions import group_sale
from lovhub.server.sessions import queries as live
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.parts import IN_PARTS, Part
from lovhub.server.sessions.till import Till, TopUp
from lovhub.server.shifts import service as shifts
from tests.support.bank import Bank
from tests.support.club import CASHIER, OWNER, People
from tests.support.staff import StaffMaker


class Died(BaseException):
    """The server's process ends here."""


class Operator:
    """Takes each key once. `moods`: what happens to the next attempts."""

    name = "played"

    def __init__(self) -> None:
        self.taken: dict[str, Document] = {}
        self.came = 0
        self.moods: list[BaseException] = []

    def send(self, document: Document) -> Registered:
        self.came += 1
        mood = self.moods.pop(0) if self.moods else None
        if isinstance(mood, Refused):
            raise mood
        self.taken.setdefault(document.key, document)
        if mood is not None:
            raise mood
        return Registered(f"F-{document.key[:6]}", "https://ofd.invalid/1")

    def find(self, key: str) -> Registered | None:
        found = self.taken.get(key)
        return None if found is None else Registered(f"F-{key[:6]}")


@pytest.fixture
def operator() -> Operator:
    return Operator()


@pytest.fixture
def fiscal(club: ClubContext, operator: Operator) -> Iterator[Fiscal]:
    at_work = Fiscal(operator, vat_percent=12)
    outbox.install(club, at_work)
    yield at_work
    with club.read() as db:
        for row in db.scalars(select(FiscalDocument)):
            assert (
                sum(line["price_tiyn"] * line["quantity"] for line in row.lines) == row.total_tiyn
            )


def documents(club: ClubContext) -> list[FiscalDocument]:
    with club.read() as db:
        return list(db.scalars(select(FiscalDocument).order_by(FiscalDocument.id)))


def told(club: ClubContext) -> list[tuple[str, int, int, int, list[str]]]:
    """Kind, cash, card, Kaspi and titles of each."""
    return [
        (
            row.kind,
            row.cash_tiyn,
            row.card_tiyn,
            row.kaspi_tiyn,
            [f"{line['title']}×{line['quantity']}" for line in row.lines],
        )
        for row in documents(club)
    ]


def tops_up(
    club: ClubContext, customer: int, amount: int, key: str = "t", *, by: Actor = CASHIER
) -> int:
    return customers.top_up(
        club, customer_id=customer, amount_tiyn=amount, method="cash", key=key, actor=by
    )


def test_each_operation_that_moves_money_makes_one_document(
    club: ClubContext, people: People, fiscal: Fiscal
) -> None:
    cashier = StaffMaker(club).make("cashier", login="daniyar")
    customer, hour = people.customer(), people.tariff(price_tiyn=500_00)
    computers = [people.computer() for _pc in range(3)]
    before = len(documents(club))  # what the customer was made with
    shifts.open_shift(club, counted_tiyn=1_000_00, actor=cashier)
    shifts.pay(club, is_out=False, amount_tiyn=100_00, reason="мелочь", key="in", actor=cashier)
    posting = tops_up(club, customer, 1_000_00, by=cashier)
    assert tops_up(club, customer, 1_000_00, by=cashier) == posting
    sessions.buy(
        club, computer_id=computers[0], customer_id=customer, tariff_id=hour, key="b",
        actor=cashier,
    )  # fmt: skip
    reversal_of = tops_up(club, customer, 300_00, "wrong", by=cashier)
    reversal.take_back(club, customer_id=customer, posting_id=reversal_of, reason="", actor=cashier)
    group_sale.sell_together(
        club, computer_ids=computers[1:], tariff_id=hour, payer=group_sale.Payer(IN_PARTS),
        key="two", actor=cashier,
        till=Till(parts=(Part("cash", 600_00), Part("kaspi", 400_00))),
    )  # fmt: skip
    good = goods.create(club, title="Вода", price_tiyn=250_00, actor=OWNER)
    sold = goods.sell(
        club, lines=[Line(good, 2)], method="card", expected_tiyn=500_00, key="g", actor=cashier
    )
    goods.take_back(club, posting_id=sold, reason="", actor=cashier)
    sessions.sell_more(
        club, session_id=_session(club, computers[0]), tariff_id=hour, method="balance",
        actor=cashier, key="more", top_up=TopUp(200_00, "card"),
    )  # fmt: skip
    assert told(club)[before:] == [
        ("sale", 1_000_00, 0, 0, ["Пополнение баланса×1"]),
        ("sale", 300_00, 0, 0, ["Пополнение баланса×1"]),
        ("refund", 300_00, 0, 0, ["Отмена пополнения×1"]),
        ("sale", 600_00, 0, 400_00, ["1 час×1", "1 час×1"]),
        ("sale", 0, 500_00, 0, ["Вода×2"]),
        ("refund", 0, 500_00, 0, ["Возврат товара×1"]),
        ("sale", 0, 200_00, 0, ["Пополнение баланса×1"]),
    ]
    rows = documents(club)[before:]
    assert (rows[2].original_key, rows[5].original_key) == (rows[1].key, rows[4].key)
    assert [row.vat_tiyn for row in rows[:1]] == [107_14]
    assert all(row.receipt_number for row in rows)
    assert len({row.key for row in rows}) == len(rows)


def test_a_sale_that_waited_for_kaspi_is_one_document(
    club: ClubContext, people: People, fiscal: Fiscal
) -> None:
    bank = Bank()
    at_desk.install(club, payments := Payments("qr_r3", bank, {bank.name: bank}))
    hour, customer = people.tariff(price_tiyn=500_00), people.customer()
    before = len(documents(club))
    computers = [people.computer() for _pc in range(3)]

    def place(computer: int, key: str, **arguments: object) -> None:
        at = {"computer_id": computer, "tariff_id": hour}
        payer = arguments.get("customer_id")
        orders.place(
            club, payments, orders.Order("buy" if payer else "guest", at | arguments, [computer]),
            amount_tiyn=400_00 if payer else 500_00, customer_id=customer if payer else None,
            phone="", key=key, actor=CASHIER,
        )  # fmt: skip

    for key, computer in enumerate(
        computers[:2]
    ):  # the second time somebody else sits there by then
        place(computer, f"{key}", method="kaspi", guest_name="", till=Till(500_00))
    in_cash = Part("cash", 100_00)
    place(
        computers[2], "2", customer_id=customer, top_up=TopUp(100_00, IN_PARTS),
        till=Till(500_00, 100_00, (in_cash,)),
    )  # fmt: skip
    assert documents(club)[before:] == []  # what was tried and undone has none
    sessions.seat_guest(
        club, computer_id=computers[1], tariff_id=hour, method="cash", guest_name="", key="faster",
        actor=CASHIER,
    )  # fmt: skip
    before = len(documents(club))
    for number, amount in enumerate((500_00, 500_00, 400_00), start=1):
        settle(club, bank, Event("paid", f"{number}", f"{number}", amount_tiyn=amount))
    assert told(club)[before:] == [
        ("sale", 0, 0, 500_00, ["1 час×1"]),
        ("sale", 0, 0, 500_00, ["Оплата услуг клуба×1"]),
        ("sale", 100_00, 0, 400_00, ["Пополнение баланса×1", "Пополнение баланса×1"]),
    ]


def test_what_is_left_at_the_end_is_paid_out_with_a_document(
    club: ClubContext, people: People, fiscal: Fiscal
) -> None:
    customer = people.customer(balance_tiyn=700_00)
    forgetting.forget(
        club, customer_id=customer, fate="pay_out", reason="", expected_tiyn=700_00, actor=OWNER
    )
    assert told(club)[-1] == ("refund", 700_00, 0, 0, ["Выдача остатка×1"])


def _session(club: ClubContext, computer: int) -> int:
    with club.read() as db:
        return live.hall_sessions(db, club.club_id, club.clock.now(), computer)[computer].session_id


def test_without_an_operator_and_without_money_there_is_none(
    club: ClubContext, people: People, operator: Operator
) -> None:
    customer = people.customer()
    tops_up(club, customer, 500_00)
    assert documents(club) == []
    outbox.install(club, Fiscal(operator))
    with pytest.raises(OperationRefused):
        sessions.buy(
            club, computer_id=people.computer(), customer_id=customer,
            tariff_id=people.tariff(price_tiyn=900_00), key="x", actor=CASHIER,
            top_up=TopUp(100_00, "cash"),
        )  # fmt: skip
    assert documents(club) == []  # what was refused took no money


def test_a_document_arrives_once_whatever_happens_on_the_way(
    club: ClubContext, people: People, clock: ManualClock, fiscal: Fiscal, operator: Operator
) -> None:
    sender = Sender(club, fiscal)
    people.customer(balance_tiyn=500_00)
    [row] = documents(club)
    operator.moods = [Unknown("TimeoutError"), Died()]
    sender.send()  # it arrived, and the answer was lost
    [row] = documents(club)
    assert (row.state, row.attempts, row.problem) == ("sent", 1, "TimeoutError")
    sender.send()
    assert operator.came == 1  # not before its time
    clock.advance(5)
    sender.send()  # asked by its key, and found
    [row] = documents(club)
    assert (row.state, row.fiscal_number, row.problem) == ("confirmed", f"F-{row.key[:6]}", "")
    assert (operator.came, len(operator.taken)) == (1, 1)

    people.customer(balance_tiyn=600_00)
    with pytest.raises(Died):
        sender.send()
    clock.advance(3600)
    Sender(club, fiscal).send()  # after the restart
    assert [one.state for one in documents(club)] == ["confirmed", "confirmed"]
    assert (operator.came, len(operator.taken)) == (2, 2)


def test_what_surely_has_not_arrived_is_sent_again_under_its_key(
    club: ClubContext, people: People, clock: ManualClock, fiscal: Fiscal, operator: Operator
) -> None:
    people.customer(balance_tiyn=500_00)

    class Dead(Operator):
        def send(self, document: Document) -> Registered:
            raise Died

    with pytest.raises(Died):  # between «it may have arrived» and the wire
        Sender(club, Fiscal(Dead())).send()
    [row] = documents(club)
    assert row.state == "sent"
    with club.read() as db:
        assert queries.waiting(db, club.club_id, clock.now() + 50) == queries.Waiting(1, 0, 50)
        assert queries.trouble(db, club.club_id, clock.now() + 50) == (0, 0)
        assert queries.trouble(db, club.club_id, clock.now() + 7200) == (1, 7200)
    clock.advance(5)
    Sender(club, fiscal).send()
    assert [document.key for document in operator.taken.values()] == [row.key]


def test_a_no_waits_for_a_person_and_blocks_nobody(
    club: ClubContext, people: People, clock: ManualClock, fiscal: Fiscal, operator: Operator
) -> None:
    sender = Sender(club, fiscal)
    for _customer in range(2):
        people.customer(balance_tiyn=500_00)
    operator.moods = [Refused("кассовая смена закрыта")]
    sender.send()
    first, second = documents(club)
    assert (first.state, first.problem, second.state) == (
        "failed",
        "кассовая смена закрыта",
        "confirmed",
    )
    clock.advance(86400)
    sender.send()
    assert documents(club)[0].state == "failed"
    with club.read() as db:
        assert queries.trouble(db, club.club_id, clock.now()) == (1, 86400)
    sending.send_again(club, document_id=first.id, actor=OWNER)
    sender.send()
    assert documents(club)[0].state == "confirmed"
    with pytest.raises(OperationRefused, match="fiscal_confirmed"):
        sending.send_again(club, document_id=first.id, actor=OWNER)
    with pytest.raises(OperationRefused, match="fiscal_unknown"):
        sending.send_again(club, document_id=99, actor=OWNER)
