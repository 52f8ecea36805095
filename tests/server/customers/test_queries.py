import pytest

from lovhub.clock import ManualClock
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import queries, service
from lovhub.server.customers.models import Customer
from lovhub.server.customers.typed import PhoneSearch
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, OWNER, People


def register(club: ClubContext, login: str, name: str, phone: str = "") -> int:
    return service.register(
        club, login=login, name=name, phone=phone, password="секрет", actor=CASHIER
    )


def brought(club: ClubContext, login: str, name: str) -> None:
    """A customer whose login is a number: nobody registers so here, but some have come from another program."""
    customer_id = register(club, name, name)
    with club.write() as work:
        customer = work.db.get_one(Customer, customer_id)
        customer.login = customer.login_key = login


def found(club: ClubContext, search: str, phones: PhoneSearch = "part") -> list[str]:
    with club.read() as db:
        page = queries.page(db, club.club_id, search=search, phones=phones)
        return [row.login for row in page.rows]


def test_found_by_part_of_name_login_or_phone(club: ClubContext) -> None:
    register(club, "sniper", "Алёна Ким", "8 701 123 45 67")
    register(club, "100%", "Берик")
    assert found(club, "КИМ") == ["sniper"]
    assert found(club, "алена") == ["sniper"]
    assert found(club, "nip") == ["sniper"]
    assert found(club, "8701123") == ["sniper"]
    assert found(club, "123-45") == ["sniper"]
    assert found(club, "%") == ["100%"]
    assert found(club, "никто") == []


def test_where_phones_are_hidden_only_the_whole_number_finds_its_owner(club: ClubContext) -> None:
    register(club, "sniper", "Алёна Ким", "8 701 123 45 67")
    register(club, "7011", "Берик", "+7 702 123 45 67")
    for whole in ("87011234567", "+7 (701) 123-45-67", "701 123 45 67"):
        assert found(club, whole, "whole") == ["sniper"]
    for part in ("8701123456", "123-45", "1234567", "234567", "67"):
        assert found(club, part, "whole") == []
    assert found(club, "7011", "whole") == ["7011"]  # who is called so


def test_a_whole_number_finds_who_has_it_as_phone_or_login_or_else_as_a_part_of_anything(
    club: ClubContext,
) -> None:
    register(club, "sniper", "Алёна Ким", "8 701 123 45 67")
    brought(club, "87011234567", "Берик")
    brought(club, "87029990000", "Асель")
    register(club, "n87029990000", "Вера")
    for login in ("mother", "son", "daughter"):
        register(club, login, login, "8 702 000 00 00")
    assert found(club, "87011234567") == ["sniper", "87011234567"]
    assert found(club, "+7 701 123-45-67") == ["sniper"]
    assert found(club, "87029990000") == ["87029990000", "n87029990000"]
    assert found(club, "87020000000") == ["daughter", "mother", "son"]
    assert found(club, "87771234567") == []


def test_pages_follow_each_other_without_gap_or_repeat(club: ClubContext) -> None:
    ids = {register(club, f"login{number}", name) for number, name in enumerate("ВАББААГ")}
    seen: list[int] = []
    names: list[str] = []
    place = None
    with club.read() as db:
        while True:
            page = queries.page(db, club.club_id, place=place, limit=2)
            seen += [row.id for row in page.rows]
            names += [row.name for row in page.rows]
            place = page.next
            if place is None:
                break
    assert names == sorted(names)
    assert len(seen) == 7
    assert set(seen) == ids


def test_the_list_is_narrowed_to_what_a_figure_counted(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    people.customer(name="Без всего")
    rich = people.customer(name="С деньгами", balance_tiyn=700_00)
    buyer = people.customer(name="Со временем", balance_tiyn=500_00)
    sessions.buy(
        club, computer_id=people.computer(), customer_id=buyer, tariff_id=people.tariff(),
        key="buy", actor=OWNER,
    )  # fmt: skip
    clock.advance(60)
    newest = people.customer(name="Новый")

    def ids(only: queries.Only) -> list[int]:
        with club.read() as db:
            return [row.id for row in queries.page(db, club.club_id, only=only).rows]

    assert ids(queries.Only(with_money=True)) == [rich]
    assert ids(queries.Only(with_time=True)) == [buyer]
    assert ids(queries.Only(registered_since_at=clock.now())) == [newest]
    assert ids(queries.Only(registered_since_at=clock.now(), with_money=True)) == []
    assert len(ids(queries.Only())) == 4


BALANCES_TIYN = (500, 0, 700, 500, 0, 900, 500)


@pytest.mark.parametrize("only", [queries.Only(), queries.Only(with_money=True)])
@pytest.mark.parametrize("wanted", ["balance", "-balance"])
def test_by_balance_everybody_stands_once_however_many_have_the_same(
    club: ClubContext, people: People, wanted: str, only: queries.Only
) -> None:
    has = {people.customer(balance_tiyn=tiyn): tiyn for tiyn in BALANCES_TIYN}
    order = queries.SORTS.order(wanted)
    expected = sorted(
        ((tiyn, one) for one, tiyn in has.items() if tiyn or not only.with_money),
        reverse=order.descending,
    )
    seen: list[tuple[int, int]] = []
    place = None
    with club.read() as db:
        while True:
            part = queries.page(db, club.club_id, only=only, order=order, place=place, limit=2)
            if part.previous is not None:
                back = queries.page(
                    db, club.club_id, only=only, order=order, place=part.previous, limit=2
                )
                assert [(row.balance_tiyn, row.id) for row in back.rows] == seen[-2:]
            seen += [(row.balance_tiyn, row.id) for row in part.rows]
            place = part.next
            if place is None:
                break
    assert seen == expected


def test_by_balance_those_who_are_forgotten_and_those_of_another_club_are_left_out(
    club: ClubContext, people: People
) -> None:
    here, gone, elsewhere = (people.customer(balance_tiyn=tiyn) for tiyn in (100, 200, 300))
    with club.write() as work:
        another = Club(id=2, name="Другой", time_zone="Asia/Almaty", created_at=work.now)
        work.db.add(another)
        work.db.flush()
        work.db.get_one(Customer, elsewhere).club_id = another.id
        work.db.get_one(Customer, gone).deleted_at = work.now
    with club.read() as db:
        page = queries.page(db, club.club_id, order=queries.SORTS.order("-balance"))
    assert [row.id for row in page.rows] == [here]
