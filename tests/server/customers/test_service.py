import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.bus import CustomerChanged, News
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries, service
from lovhub.server.customers import view as customers_view
from lovhub.server.customers.models import Customer
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.staff import passwords
from tests.support.club import CASHIER, People

OTHER_COST = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)


def register(club: ClubContext, login: str = "Ёжик", name: str = "Ержан", phone: str = "") -> int:
    return service.register(
        club, login=login, name=name, phone=phone, password="секрет", actor=CASHIER
    )


def top_up(
    club: ClubContext, customer_id: int, amount_tiyn: int = 2_000_00, key: str = "k", **more: str
) -> int:
    return service.top_up(
        club,
        customer_id=customer_id,
        amount_tiyn=amount_tiyn,
        method=more.get("method", "cash"),
        key=key,
        actor=CASHIER,
    )


def balance_of(club: ClubContext, customer_id: int) -> int:
    with club.read() as db:
        return customers_view.customer_view(db, 1, customer_id, club.clock.now()).balance_tiyn


def test_a_new_customer_has_nothing_yet(club: ClubContext, news: list[News]) -> None:
    customer_id = register(club)
    with club.read() as db:
        view = customers_view.customer_view(db, 1, customer_id, club.clock.now())
        event = db.scalars(select(Event).where(Event.customer_id == customer_id)).one()
    assert (view.name, view.balance_tiyn, view.seconds_available) == ("Ержан", 0, 0)
    assert (event.kind, event.customer_id, event.actor_name) == (
        "customer.registered",
        customer_id,
        "Данияр",
    )
    assert news == [CustomerChanged(customer_id)]


def test_login_is_taken_however_it_is_spelled(club: ClubContext) -> None:
    register(club, login="Ёжик")
    with pytest.raises(OperationRefused) as refusal:
        register(club, login="ежик")
    assert refusal.value.values == {"login": "login_taken"}


def test_wrong_fields_are_named_and_nothing_is_saved(club: ClubContext) -> None:
    with pytest.raises(OperationRefused) as refusal:
        service.register(club, login=" ", name="", phone="звонить", password="1", actor=CASHIER)
    assert refusal.value.values == {
        "login": "login_malformed",
        "phone": "phone_malformed",
        "password": "customer_password_too_short",
    }
    with club.read() as db:
        assert queries.count(db, club.club_id) == 0


def test_credentials(club: ClubContext) -> None:
    customer_id = register(club)

    def check(login: str, password: str) -> int:
        return service.check_credentials(
            club, login=login, password=password, address="192.168.1.17"
        )

    assert check("ЁЖИК", "секрет") == customer_id
    for login, password in [("ежик", "мимо"), ("никто", "секрет")]:
        with pytest.raises(OperationRefused, match="wrong_credentials"):
            check(login, password)
    for _ in range(10):
        club.failures_by_address.failed("customer 192.168.1.17")
    with pytest.raises(OperationRefused, match="too_many_attempts"):
        check("ежик", "секрет")


def test_a_phone_is_as_good_as_the_login_while_only_one_customer_has_it(
    club: ClubContext,
) -> None:
    def person(login: str, phone: str) -> int:
        return service.register(
            club, login=login, name="", phone=phone, password="секрет", actor=CASHIER
        )

    def check(typed: str) -> int:
        return service.check_credentials(
            club, login=typed, password="секрет", address="192.168.1.17"
        )

    ours = person("ёжик", "+7 701 123-45-67")
    assert {check("8 (701) 123 45 67"), check("7011234567"), check("ёжик")} == {ours}
    by_login = person("старый", "")
    with club.write() as work:
        brought = work.db.get_one(Customer, by_login)
        brought.login = brought.login_key = "87770000000"
    person("друг", "8 777 000 00 00")
    assert check("87770000000") == by_login
    person("брат", "87011234567")
    with pytest.raises(OperationRefused, match="wrong_credentials"):
        check("87011234567")
    assert check("ёжик") == ours
    with pytest.raises(OperationRefused, match="wrong_credentials"):
        check("")


def test_guesses_by_phone_count_with_those_by_login(club: ClubContext) -> None:
    service.register(
        club, login="ёжик", name="", phone="87011234567", password="секрет", actor=CASHIER
    )

    def check(typed: str, password: str, number: int) -> None:
        service.check_credentials(club, login=typed, password=password, address=f"10.0.{number}.1")

    for number in range(30):
        with pytest.raises(OperationRefused, match="wrong_credentials"):
            check(("ёжик", "87011234567")[number % 2], "мимо", number)
    with pytest.raises(OperationRefused, match="too_many_attempts"):
        check("ёжик", "секрет", 99)


def test_an_own_password_does_not_buy_guesses_at_others(club: ClubContext) -> None:
    register(club)

    def check(login: str, password: str) -> None:
        service.check_credentials(club, login=login, password=password, address="192.168.1.17")

    for guess in range(10):
        with pytest.raises(OperationRefused, match="wrong_credentials"):
            check(f"жертва{guess}", "1234")
        if guess < 9:
            check("ёжик", "секрет")
    with pytest.raises(OperationRefused, match="too_many_attempts"):
        check("жертва", "1234")


def test_a_password_hashed_more_cheaply_than_today_is_hashed_anew(club: ClubContext) -> None:
    customer_id = register(club)
    with club.write() as work:
        work.db.get_one(Customer, customer_id).password_hash = OTHER_COST.hash("секрет")

    def kept() -> str:
        with club.read() as db:
            return db.get_one(Customer, customer_id).password_hash

    old = kept()
    with pytest.raises(OperationRefused, match="wrong_credentials"):
        service.check_credentials(club, login="ёжик", password="мимо", address="192.168.1.17")
    assert kept() == old
    for _ in range(2):
        service.check_credentials(club, login="ёжик", password="секрет", address="192.168.1.17")
        assert not passwords.needs_rehash(kept())


def test_a_player_locks_nobody_out_of_the_pc_where_they_play(
    club: ClubContext, people: People
) -> None:
    customer_id = register(club)

    def check(password: str, address: str) -> None:
        service.check_credentials(club, login="ёжик", password=password, address=address)

    home = Actor("customer", customer_id, "Ёжик", address="192.168.1.17")
    service.note_sign_in(club, computer_id=people.computer(), actor=home)
    for number in range(30):
        with pytest.raises(OperationRefused, match="wrong_credentials"):
            check("?", f"192.168.1.{20 + number // 10}")
    with pytest.raises(OperationRefused, match="too_many_attempts"):
        check("секрет", "192.168.1.30")
    check("секрет", "192.168.1.17")


def test_top_up_goes_to_the_balance_and_into_the_journal(
    club: ClubContext, news: list[News]
) -> None:
    customer_id = register(club)
    news.clear()
    posting_id = top_up(club, customer_id, method="kaspi")
    assert balance_of(club, customer_id) == 2_000_00
    with club.read() as db:
        event = db.scalars(select(Event).where(Event.kind == "customer.topped_up")).one()
    assert event.data == {
        "amount_tiyn": 2_000_00,
        "method": "kaspi",
        "posting_id": posting_id,
    }
    assert news == [CustomerChanged(customer_id)]


def test_the_same_top_up_sent_twice_is_booked_once(club: ClubContext) -> None:
    customer_id = register(club)
    assert top_up(club, customer_id) == top_up(club, customer_id)
    assert balance_of(club, customer_id) == 2_000_00
    top_up(club, customer_id, key="another")
    assert balance_of(club, customer_id) == 4_000_00


def test_a_key_belongs_to_one_top_up(club: ClubContext) -> None:
    customer_id = register(club)
    top_up(club, customer_id)
    with pytest.raises(OperationRefused, match="key_reused"):
        top_up(club, customer_id, amount_tiyn=1_00)
    with pytest.raises(OperationRefused, match="key_reused"):
        top_up(club, customer_id, method="card")


@pytest.mark.parametrize("amount_tiyn", [0, -1, 1_000_000_01])
def test_amounts_out_of_range_are_refused(club: ClubContext, amount_tiyn: int) -> None:
    customer_id = register(club)
    with pytest.raises(OperationRefused) as refusal:
        top_up(club, customer_id, amount_tiyn=amount_tiyn, method="shells")
    assert refusal.value.values == {"amount": "amount_out_of_range", "method": "method_unknown"}


def test_nobody_cannot_be_topped_up(club: ClubContext) -> None:
    with pytest.raises(OperationRefused, match="customer_unknown"):
        top_up(club, 99)
