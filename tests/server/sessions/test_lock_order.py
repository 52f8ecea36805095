"""Two operations at the same moment on PostgreSQL: whichever comes first, they never wait for each other in a ring."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import group_sale, link, moves, service
from lovhub.server.sessions.group_sale import Payer
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.club import CASHIER, OWNER, People
from tests.support.databases import only_postgres as database_url

__all__ = ["database_url"]  # SQLite lets one write at a time: there is nothing to get into

Operation = Callable[[], object]

MEET_SECONDS = 0.5
"""So long the one waits for the other, who may be waiting for a lock of the first."""


class Scene:
    """A customer plays at PC 1, and has money; PC 2 is free."""

    def __init__(self, club: ClubContext, people: People) -> None:
        self.club, self.people = club, people
        self.first, self.second = people.computer(), people.computer()
        self.tariff = people.tariff(price_tiyn=500_00)
        self.customer = people.customer(balance_tiyn=9_000_00)
        self.session = service.buy(
            club, computer_id=self.first, customer_id=self.customer, tariff_id=self.tariff,
            key="first", actor=CASHIER,
        )  # fmt: skip

    def move(self) -> object:
        return moves.move(
            self.club, session_id=self.session, to_computer_id=self.second, actor=CASHIER
        )

    def sit_down(self) -> object:
        return service.begin_for_customer(
            self.club, computer_id=self.second, customer_id=self.customer, actor=CASHIER
        )

    def sell_more(self) -> object:
        return service.sell_more(
            self.club, session_id=self.session, tariff_id=self.tariff, method="balance",
            key="more", actor=CASHIER,
        )  # fmt: skip

    def sell_together(self) -> object:
        return group_sale.sell_together(
            self.club, computer_ids=[self.first, self.second], tariff_id=self.tariff,
            payer=Payer("balance", self.customer), key="together", actor=CASHIER,
        )  # fmt: skip

    def sell_to_each(self) -> object:
        return group_sale.sell_to_each(
            self.club, computer_ids=None, tariff_id=self.tariff, key="each", actor=CASHIER
        )

    def by_minute(self) -> None:
        """Another customer, whose balance pays, and whose lease has to be settled."""
        service.end(self.club, session_id=self.session, actor=CASHIER, reason="ended_by_desk")
        terms = Terms("По минутам", 3600, 600_00, "per_minute")
        minutes = tariffs.create(self.club, terms=terms, actor=OWNER)
        self.customer = self.people.customer(balance_tiyn=9_000_00)
        self.session = service.buy(
            self.club, computer_id=self.first, customer_id=self.customer, tariff_id=minutes,
            key="minutes", actor=CASHIER,
        )  # fmt: skip

    def settle(self) -> object:
        return link.run_due(self.club, {self.first})

    def top_up(self) -> object:
        return customers.top_up(
            self.club, customer_id=self.customer, amount_tiyn=100_00, method="cash", key="top up", actor=CASHIER,
        )  # fmt: skip

    def give_time(self) -> object:
        return customers.give_time(
            self.club, customer_id=self.customer, seconds=600, title="+10", reason="сеть", key="give", actor=OWNER,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Scene.top_up, Scene.settle),
        (Scene.give_time, Scene.settle),
        (Scene.sell_more, Scene.settle),
        (Scene.move, Scene.sit_down),
        (Scene.sell_together, Scene.sell_more),
        (Scene.sell_to_each, Scene.sell_more),
    ],
    ids=lambda operation: operation.__name__,
)
def test_two_who_have_their_first_lock_both_come_to_an_end(
    club: ClubContext,
    people: People,
    clock: ManualClock,
    one: Callable[[Scene], object],
    other: Callable[[Scene], object],
) -> None:
    scene = Scene(club, people)
    if other is Scene.settle:
        scene.by_minute()
        clock.advance(301)
    both_have_a_lock = threading.Barrier(2)
    has_one = threading.local()

    def meet(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        locks = statement.endswith("UPDATE")
        if getattr(has_one, "books", False):
            locks = statement.startswith("UPDATE account_balance")
        if locks and not getattr(has_one, "yes", False):
            has_one.yes = True
            with contextlib.suppress(threading.BrokenBarrierError):
                both_have_a_lock.wait(MEET_SECONDS)

    def do(operation: Callable[[Scene], object]) -> None:
        # Against a settlement it is what is booked that is waited for.
        has_one.books = other is Scene.settle and operation is one
        with contextlib.suppress(OperationRefused):  # such as: plays elsewhere already
            operation(scene)

    event.listen(club.database.engine, "after_cursor_execute", meet)
    with ThreadPoolExecutor(2) as threads:
        for ended in [threads.submit(do, one), threads.submit(do, other)]:
            ended.result()
    event.remove(club.database.engine, "after_cursor_execute", meet)
    with club.read() as db:
        assert check_ledger(db) == []
