"""Tariffs for groups in the dialog for several PCs: offered where a customer of the group sits at each."""

import html
import json
import re

import pytest

from lovhub.server.loyalty import service as loyalty
from lovhub.server.sessions import service
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms
from tests.support.club import CASHIER, OWNER, People
from tests.support.statements import asked
from tests.support.web import WebAdmin

HOUR = 3600
TEAM_PRICE = 900_00


class Tournament:
    """Two of the team, each in a group with a discount of its own, a stranger, a guest, and a free PC."""

    def __init__(self, web: WebAdmin, people: People) -> None:
        self.web, self.people, club = web, people, web.club
        self.desk = web.cashier()
        self.desk.get("/admin/counter/sell")
        groups = [
            loyalty.create_group(club, name=name, percent=percent, actor=OWNER)
            for name, percent in (("Команда", 10), ("Тренеры", 50))
        ]
        self.anybody = people.tariff(price_tiyn=100_00, title="Для всех")
        self.team = tariffs.create(
            club,
            terms=Terms("Турнир", 3 * HOUR, TEAM_PRICE, rest_rule="refunded", groups=frozenset(groups)),
            actor=OWNER,
        )  # fmt: skip
        self.customers = [people.customer(balance_tiyn=1_000_00) for _ in range(3)]
        for customer, group in zip(self.customers, groups, strict=False):
            loyalty.put_in_group(club, customer_id=customer, group_id=group, actor=OWNER)
        self.pcs = [self.seated(customer) for customer in self.customers]
        self.guest, self.free = people.computer(), people.computer()
        service.seat_guest(
            club, computer_id=self.guest, tariff_id=self.anybody, method="cash", guest_name="",
            actor=CASHIER, key="guest",
        )  # fmt: skip

    def seated(self, customer: int) -> int:
        pc = self.people.computer()
        service.buy(
            self.web.club, computer_id=pc, customer_id=customer, tariff_id=self.anybody,
            key=f"seat {customer}", actor=CASHIER,
        )  # fmt: skip
        return pc

    def dialog(self, *pcs: int) -> str:
        chosen = "&".join(f"pc={pc}" for pc in pcs)
        return self.desk.get(f"/admin/counter/sell?{chosen}").text

    def sell(self, *pcs: int, **fields: str) -> str:
        shown = self.dialog(*pcs)
        sent = {name: field(shown, name) for name in ("key", "prices", "shares")}
        return self.desk.post(
            "/admin/counter/sell", {"pc": list(pcs), "tariff": self.team, **sent, **fields}
        ).text


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found is not None, name
    return html.unescape(found[1])


@pytest.fixture
def tournament(web: WebAdmin, people: People) -> Tournament:
    return Tournament(web, people)


def test_it_is_offered_where_all_of_them_are_of_its_groups(tournament: Tournament) -> None:
    first, second, stranger = tournament.pcs
    with asked(tournament.web.club) as for_one:
        page = tournament.dialog(first)
    with asked(tournament.web.club) as for_two:
        both = tournament.dialog(first, second)
    assert len(for_one) == len(for_two)
    assert "Турнир" in page
    assert json.loads(field(both, "prices"))[str(tournament.team)] == [[None, TEAM_PRICE, 2]]
    assert json.loads(field(both, "shares"))[str(tournament.team)] == [
        [first, 810_00, 0],
        [second, 450_00, 0],
    ]
    for others in ([first, stranger], [first, tournament.guest], [first, tournament.free]):
        page = tournament.dialog(*others)
        assert "Турнир" not in page
        assert "Для всех" in page


def test_it_is_sold_in_one_payment(tournament: Tournament) -> None:
    first, second, _stranger = tournament.pcs
    assert "1 260" in tournament.sell(first, second, method="card").replace("\xa0", " ")


def test_each_of_them_pays_from_the_own_balance(tournament: Tournament) -> None:
    first, second, stranger = tournament.pcs
    tournament.sell(first, second, method="own")
    left = [tournament.people.balance_tiyn(customer) for customer in tournament.customers]
    assert left == [910_00 - 810_00, 950_00 - 450_00, 900_00]
    # The page was shown before a stranger sat down: it names them, and sells to the others.
    found = tournament.desk.post(
        "/admin/counter/sell",
        {
            "pc": [second, stranger], "tariff": tournament.team, "method": "own", "key": "0" * 32,
            "prices": json.dumps({str(tournament.team): [[None, TEAM_PRICE, 2]]}),
        },
    )  # fmt: skip
    assert "только клиентам своей группы" in found.text
    left = [tournament.people.balance_tiyn(customer) for customer in tournament.customers]
    assert left == [100_00, 50_00, 900_00]
