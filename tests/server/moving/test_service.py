"""Moving in: once, whole, with books that balance; and out again while nobody has touched anything."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import func, select

from lovhub.server.context import ClubContext
from lovhub.server.customers import queries as customer_queries
from lovhub.server.customers import service as customers
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import CASH, OPENING_BALANCE, REVENUE
from lovhub.server.ledger.check import check_ledger
from lovhub.server.moving import queries, rules, service
from lovhub.server.moving.models import Move
from lovhub.server.moving.queries import UnderWay
from lovhub.server.moving.rules import Plan
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.locks import lock_customer
from tests.support.club import CASHIER, OWNER, People
from tests.support.databases import each_database as database_url  # noqa: F401 (a fixture)

FILE = (
    "Логин;Имя;Телефон;Баланс;Часы\nsniper;Алёна;87011234567;1500,50;2,5\nghost;;;0;\nmoney;;;20;\n"
)


def bring(club: ClubContext, content: str = FILE) -> int:
    return service.bring(club, file_name="gizmo.csv", content=content.encode(), actor=OWNER)


def dry_run(club: ClubContext, move_id: int) -> Plan:
    with club.read() as db:
        return queries.plan(db, queries.get(db, club.club_id, move_id))


def listed(club: ClubContext) -> dict[str, tuple[str, str, int, int]]:
    with club.read() as db:
        rows = customer_queries.page(db, club.club_id).rows
    return {
        row.login: (row.name, row.phone, row.balance_tiyn, row.seconds_available) for row in rows
    }


def books(club: ClubContext) -> dict[str, int]:
    """What the club's own accounts hold; the books must balance whenever they are looked at."""
    with club.write() as work:
        assert check_ledger(work.db) == []
        return {
            kind.name: ledger.balance(work.db, ledger.club_account(work, kind).id)
            for kind in (CASH, REVENUE, OPENING_BALANCE)
        }


def events(club: ClubContext) -> list[str]:
    with club.read() as db:
        kinds = db.scalars(
            select(Event.kind).where(Event.kind.startswith("move.")).order_by(Event.id)
        )
        return list(kinds.all())


def test_a_dry_run_makes_nothing(club: ClubContext) -> None:
    plan = dry_run(club, bring(club))
    assert [entry.login for entry in plan.entries] == ["sniper", "ghost", "money"]
    assert (plan.balance_tiyn, plan.seconds) == (1520_50, 9000)
    assert listed(club) == {}
    assert events(club) == []


def test_customers_come_in_with_money_and_time_but_without_cash_or_revenue(
    club: ClubContext,
) -> None:
    move_id = bring(club)
    assert service.bring_in(club, move_id=move_id, actor=OWNER) == 3
    assert listed(club) == {
        "sniper": ("Алёна", "+77011234567", 1500_50, 9000),
        "ghost": ("ghost", "", 0, 0),
        "money": ("money", "", 20_00, 0),
    }
    assert books(club) == {"cash": 0, "revenue": 0, "opening_balance": -1520_50}
    assert events(club) == ["move.imported"]


def test_nobody_signs_in_without_a_password(club: ClubContext) -> None:
    service.bring_in(club, move_id=bring(club), actor=OWNER)
    for password in ("", "sniper"):
        with pytest.raises(OperationRefused, match="wrong_credentials"):
            customers.check_credentials(club, login="sniper", password=password, address="pc")


def test_the_same_import_twice_and_the_same_file_twice_come_in_once(club: ClubContext) -> None:
    move_id = bring(club)
    service.bring_in(club, move_id=move_id, actor=OWNER)
    assert service.bring_in(club, move_id=move_id, actor=OWNER) == 3
    again = bring(club)
    assert [left.code for left in dry_run(club, again).left_out] == ["moving_login_known"] * 3
    with pytest.raises(OperationRefused, match="moving_nothing"):
        service.bring_in(club, move_id=again, actor=OWNER)
    assert len(listed(club)) == 3
    assert books(club)["opening_balance"] == -1520_50
    assert events(club) == ["move.imported"]


def test_who_is_there_already_keeps_what_they_have(club: ClubContext, people: People) -> None:
    customers.register(
        club, login="SNIPER", name="Хозяйка", phone="", password="секрет", actor=CASHIER
    )
    service.bring_in(club, move_id=bring(club), actor=OWNER)
    assert listed(club)["SNIPER"] == ("Хозяйка", "", 0, 0)
    assert len(listed(club)) == 3


def test_taken_back_as_a_whole_and_the_logins_are_free_again(club: ClubContext) -> None:
    move_id = bring(club)
    service.bring_in(club, move_id=move_id, actor=OWNER)
    service.take_back(club, move_id=move_id, actor=OWNER)
    service.take_back(club, move_id=move_id, actor=OWNER)
    assert listed(club) == {}
    assert books(club) == {"cash": 0, "revenue": 0, "opening_balance": 0}
    with club.read() as db:
        assert db.scalar(select(func.count()).where(Customer.phone != "")) == 0
        assert db.scalar(select(func.count()).where(Customer.name.contains("Ал"))) == 0
    assert events(club) == ["move.imported", "move.taken_back"]
    with pytest.raises(OperationRefused, match="move_not_draft"):
        service.bring_in(club, move_id=move_id, actor=OWNER)

    again = bring(club)
    assert service.bring_in(club, move_id=again, actor=OWNER) == 3
    assert listed(club)["sniper"][2:] == (1500_50, 9000)
    assert books(club)["opening_balance"] == -1520_50


def customer_id(club: ClubContext, login: str) -> int:
    with club.read() as db:
        found = customer_queries.by_login(db, club.club_id, login)
        assert found is not None
        return found.id


def play(club: ClubContext, people: People) -> str:
    who = customer_id(club, "sniper")
    sessions.seat_customer(club, computer_id=people.computer(), customer_id=who, actor=CASHIER)
    return "sniper"


def spend(club: ClubContext, people: People) -> str:
    tariff = people.tariff(price_tiyn=10_00)
    sessions.buy(
        club, computer_id=people.computer(), customer_id=customer_id(club, "money"),
        tariff_id=tariff, key="buy", actor=CASHIER,
    )  # fmt: skip
    return "money"


def pay(club: ClubContext, people: People) -> str:
    customers.top_up(
        club, customer_id=customer_id(club, "ghost"), amount_tiyn=100, method="cash", key="pay",
        actor=CASHIER,
    )  # fmt: skip
    return "ghost"


@pytest.mark.parametrize("touch", [play, spend, pay])
def test_once_somebody_has_played_spent_or_paid_it_stays(
    club: ClubContext, people: People, touch: Callable[[ClubContext, People], str]
) -> None:
    move_id = bring(club)
    service.bring_in(club, move_id=move_id, actor=OWNER)
    who = touch(club, people)
    before = listed(club), books(club)
    with pytest.raises(OperationRefused) as refused:
        service.take_back(club, move_id=move_id, actor=OWNER)
    assert (refused.value.code, refused.value.values) == ("move_in_use", {"logins": who})
    assert (listed(club), books(club)) == before


def test_who_pays_while_it_is_taken_back_keeps_the_money(club: ClubContext) -> None:
    move_id = bring(club)
    service.bring_in(club, move_id=move_id, actor=OWNER)
    who = customer_id(club, "ghost")
    with ThreadPoolExecutor() as threads:
        with club.write() as work:
            customer = lock_customer(work, who)
            customers.put_on_balance(
                work, customer, amount_tiyn=100_00, method="cash", key="meanwhile", actor=CASHIER
            )
            work.db.flush()
            taking = threads.submit(service.take_back, club, move_id=move_id, actor=OWNER)
            wait([taking], timeout=0.3)
        with pytest.raises(OperationRefused, match="move_in_use"):
            taking.result()
    assert "ghost" in listed(club)


def test_a_draft_can_be_thrown_away_and_an_import_not(club: ClubContext) -> None:
    move_id = bring(club)
    service.drop(club, move_id=move_id)
    with pytest.raises(OperationRefused, match="move_unknown"):
        service.bring_in(club, move_id=move_id, actor=OWNER)
    move_id = bring(club)
    service.bring_in(club, move_id=move_id, actor=OWNER)
    with pytest.raises(OperationRefused, match="move_not_draft"):
        service.drop(club, move_id=move_id)


def test_columns_may_be_chosen_otherwise(club: ClubContext) -> None:
    move_id = bring(club, "Алёна;sniper;5\nБерик;ghost;7\n")
    service.choose_columns(
        club, move_id=move_id, columns=["name", "login", "hours"], has_headings=False
    )
    assert [
        (entry.login, entry.name, entry.seconds) for entry in dry_run(club, move_id).entries
    ] == [
        ("sniper", "Алёна", 5 * 3600),
        ("ghost", "Берик", 7 * 3600),
    ]
    for wrong in (["login", "login"], ["nonsense"]):
        with pytest.raises(OperationRefused, match="moving_columns_wrong"):
            service.choose_columns(club, move_id=move_id, columns=wrong, has_headings=True)


def test_a_login_taken_between_dry_run_and_import_is_left_out(club: ClubContext) -> None:
    move_id = bring(club)
    customers.register(club, login="ghost", name="", phone="", password="секрет", actor=CASHIER)
    assert service.bring_in(club, move_id=move_id, actor=OWNER) == 2
    with club.read() as db:
        move = db.get_one(Move, move_id)
        assert (move.customers, move.left_out, move.content) == (2, 1, b"")


def test_a_long_file_comes_in_part_by_part_and_goes_on_after_a_crash(
    club: ClubContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PART_CUSTOMERS", 2)
    lines = "".join(f"player{number};{number};1\n" for number in range(1, 6))
    move_id = bring(club, f"login;balance;hours\n{lines}player1;9;9\n")

    def how_far() -> UnderWay | None:
        with club.read() as db:
            return queries.under_way(db, queries.get(db, club.club_id, move_id))

    assert service.bring_in(club, move_id=move_id, actor=OWNER) == 2
    assert service.bring_in(club, move_id=move_id, actor=OWNER) == 2
    assert how_far() == UnderWay(2, 5)
    with pytest.raises(OperationRefused, match="move_not_draft"):
        service.drop(club, move_id=move_id)
    with pytest.raises(OperationRefused, match="move_not_imported"):
        service.take_back(club, move_id=move_id, actor=OWNER)

    def die(*_args: object, **_values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(service.lots, "bring_in", die)
        with pytest.raises(KeyboardInterrupt):
            service.carry_on(club)
    assert how_far() == UnderWay(2, 5)
    assert len(listed(club)) == 2
    assert books(club)["opening_balance"] == -3_00

    customers.register(club, login="Player5", name="", phone="", password="секрет", actor=CASHIER)
    for _ in range(3):
        service.carry_on(club)
    assert how_far() is None
    assert {login: row[2:] for login, row in listed(club).items()} == {
        **{f"player{number}": (number * 100, 3600) for number in range(1, 5)},
        "Player5": (0, 0),
    }
    with club.read() as db:
        move = db.get_one(Move, move_id)
        assert (move.state, move.customers, move.left_out) == ("imported", 4, 2)
        assert (move.balance_tiyn, move.seconds, move.content) == (10_00, 4 * 3600, b"")
    assert events(club) == ["move.imported"]
    service.take_back(club, move_id=move_id, actor=OWNER)
    assert list(listed(club)) == ["Player5"]
    assert books(club)["opening_balance"] == 0
