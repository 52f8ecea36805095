"""One owner of several clubs: who proves to be the same person sees them side by side, and nobody else does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select

from lovhub.clock import Clock, ManualClock
from lovhub.server.actor import Actor
from lovhub.server.chain import queries, service, sharing
from lovhub.server.chain.queries import ClubFigures
from lovhub.server.club import demo
from lovhub.server.club.models import Club
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.journal import service as journal
from lovhub.server.journal.models import Event
from lovhub.server.ledger.check import check_ledger
from lovhub.server.loyalty import service as loyalty
from lovhub.server.payments import orders
from lovhub.server.payments import service as payments
from lovhub.server.payments.providers.contract import Event as Paid
from lovhub.server.payments.settings import Payments
from lovhub.server.payments.settling import settle
from lovhub.server.reports import service as reports
from lovhub.server.sessions import service as sessions
from lovhub.server.shifts import service as shifts
from lovhub.server.staff import queries as staff_queries
from lovhub.server.staff import service as staff
from lovhub.server.staff.models import Staff
from tests.support.bank import Bank
from tests.support.club import OWNER, People, found_another_club
from tests.support.databases import each_database as database_url
from tests.support.web import WebAdmin

__all__ = ["database_url"]

PRICE = 500_00


def owner_of(club: ClubContext, name: str = "Айгуль") -> Actor:
    with club.write() as work:
        person = staff.create_owner(work, login="owner", name=name, password="owner's password")
        return staff.actor_of(person, "127.0.0.1")


@pytest.fixture
def owner(club: ClubContext) -> Actor:
    return owner_of(club)


@pytest.fixture
def owner_there(palace: ClubContext) -> Actor:
    return owner_of(palace)


def clubs_of(club: ClubContext, person: Actor) -> list[int]:
    with club.read() as db:
        return queries.clubs_of(db, person.id or 0)


def refused_link(club: ClubContext, code: str, actor: Actor) -> None:
    with pytest.raises(OperationRefused) as refused:
        service.link(club, code=code, actor=actor)
    assert refused.value.values == {"link_code": "link_code_wrong"}


def test_a_code_shown_in_one_club_and_entered_in_the_other_makes_one_owner_of_two(
    club: ClubContext, palace: ClubContext, owner: Actor, owner_there: Actor
) -> None:
    assert clubs_of(club, owner) == [1], "the same login and name are no proof"
    code = service.make_code(palace, actor=owner_there)
    refused_link(palace, code, owner_there)
    refused_link(club, code[:-1] + ("A" if code[-1] != "A" else "B"), owner)
    assert service.link(club, code=f" {code.lower()} ", actor=owner) == "Дворец"
    assert clubs_of(club, owner) == clubs_of(palace, owner_there) == [1, 2]
    refused_link(club, code, owner)


def test_a_third_club_joins_whichever_is_asked(
    club: ClubContext, palace: ClubContext, owner: Actor, owner_there: Actor, clock: Clock
) -> None:
    third = found_another_club(club.database, clock, club_id=3)
    person = owner_of(third)
    service.link(club, code=service.make_code(palace, actor=owner_there), actor=owner)
    service.link(palace, code=service.make_code(third, actor=person), actor=owner_there)
    for where, who in ((club, owner), (palace, owner_there), (third, person)):
        assert clubs_of(where, who) == [1, 2, 3]


def test_a_club_that_is_taken_away_is_seen_no_longer_and_the_others_stay_together(
    club: ClubContext, palace: ClubContext, owner: Actor, owner_there: Actor, clock: Clock
) -> None:
    third = found_another_club(club.database, clock, club_id=3)
    person = owner_of(third)
    for where, who in ((palace, owner_there), (third, person)):
        service.link(where, code=service.make_code(club, actor=owner), actor=who)
    service.unlink(club, actor=owner)
    service.unlink(club, actor=owner)
    assert clubs_of(club, owner) == [1]
    assert clubs_of(palace, owner_there) == clubs_of(third, person) == [2, 3]
    service.unlink(third, actor=person)
    assert clubs_of(palace, owner_there) == [2]


def test_a_code_does_not_last_and_is_an_owners_only(
    club: ClubContext, palace: ClubContext, owner: Actor, owner_there: Actor, clock: ManualClock
) -> None:
    late = service.make_code(palace, actor=owner_there)
    clock.advance(service.CODE_SECONDS)
    refused_link(club, late, owner)
    code = service.make_code(palace, actor=owner_there)
    with palace.write() as work:
        work.db.get_one(Staff, owner_there.id).role = "manager"
    refused_link(club, code, owner)
    with palace.write() as work:
        work.db.get_one(Staff, owner_there.id).role = "owner"
    service.link(club, code=code, actor=owner)
    with palace.write() as work:
        work.db.get_one(Staff, owner_there.id).role = "manager"
    assert clubs_of(club, owner) == [1], "who owns it no longer sees it no longer"


def test_guessing_codes_waits(club: ClubContext, owner: Actor) -> None:
    for _ in range(5):
        refused_link(club, "AAAAA-AAAAA-AAAAA-AAAAA", owner)
    with pytest.raises(OperationRefused, match="too_many_attempts"):
        service.link(club, code="AAAAA-AAAAA-AAAAA-AAAAA", actor=owner)


def figures(club: ClubContext) -> list[ClubFigures]:
    with club.read() as db:
        return queries.figures(db, [1, 2], club.clock.now())


@pytest.mark.parametrize("is_summed", [False, True])
def test_each_club_stands_there_with_its_own_figures(
    club: ClubContext, palace: ClubContext, owner: Actor, clock: ManualClock, is_summed: bool
) -> None:
    for where in (club, palace):
        people = People(where)
        tariff = people.tariff(price_tiyn=PRICE)
        shifts.open_shift(where, counted_tiyn=1_000_00, actor=owner)
        for number in range(where.club_id):
            customer = people.customer()
            customers.top_up(
                where,
                customer_id=customer,
                amount_tiyn=3 * PRICE,
                method="cash",
                key=f"top-up-{number}",
                actor=OWNER,
            )
            sessions.buy(
                where,
                computer_id=people.computer(),
                customer_id=customer,
                tariff_id=tariff,
                key=f"buys-{number}",
                actor=OWNER,
            )
        people.computer()
    with palace.write() as work:
        journal.raise_alarm(work, "launcher_killed")
    if is_summed:
        clock.advance(3600)
        for where in (club, palace):
            reports.sum_up(where)
    arena, far = figures(club)
    assert (arena.name, far.name) == ("Арена", "Дворец")
    assert (arena.playing, far.playing) == (1, 2)
    assert (arena.computers, far.computers) == (2, 3)
    assert (arena.alarms, far.alarms) == (0, 1)
    assert (arena.today.sold_tiyn, far.today.sold_tiyn) == (PRICE, 2 * PRICE)
    assert (arena.month.sold_tiyn, far.month.sold_tiyn) == (PRICE, 2 * PRICE)
    assert (arena.drawer_tiyn, far.drawer_tiyn) == (1_000_00 + 3 * PRICE, 1_000_00 + 6 * PRICE)
    assert (arena.held_tiyn, far.held_tiyn) == (2 * PRICE, 4 * PRICE)
    assert (arena.shift_of, far.shift_of) == ("Айгуль", "Айгуль")


def test_clubs_that_share_customers_see_what_they_owe_each_other(
    club: ClubContext, palace: ClubContext, owner: Actor, owner_there: Actor
) -> None:
    service.link(palace, code=service.make_code(club, actor=owner), actor=owner_there)
    sharing.share_customers(palace, of_club_id=1, actor=owner_there)
    customer = People(club).customer(balance_tiyn=3 * PRICE)
    there = People(palace)
    sessions.buy(
        palace,
        computer_id=there.computer(),
        customer_id=customer,
        tariff_id=there.tariff(price_tiyn=PRICE),
        key="at-the-palace",
        actor=OWNER,
    )
    arena, far = figures(club)
    assert (arena.held_tiyn, far.held_tiyn) == (3 * PRICE, -PRICE)
    assert far.customers_of == 1
    with club.read() as db:
        assert check_ledger(db) == []


def test_a_guest_s_money_that_waits_is_owed_to_nobody_but_the_guest(
    club: ClubContext, palace: ClubContext
) -> None:
    """Paid by Kaspi for a sale that came to nothing: on no balance, so no club holds it for another."""
    bank = Bank()
    kaspi = Payments(bank.name, bank, {bank.name: bank})
    cola = goods.create(palace, title="Кола", price_tiyn=PRICE, actor=OWNER)
    wanted = {"lines": [Line(cola, 1)], "method": "kaspi", "expected_tiyn": PRICE}
    payment = orders.place(
        palace, kaspi, orders.Order("goods", wanted), amount_tiyn=PRICE, customer_id=None, phone="",
        key="drink-1", actor=OWNER,
    )  # fmt: skip
    payments.cancel(palace, kaspi, payment_id=payment, actor=OWNER)
    settle(palace, bank, Paid("paid", "1:paid", "1", amount_tiyn=PRICE))
    assert [one.held_tiyn for one in figures(club)] == [0, 0]
    orders.give_credit(
        palace, payment_id=payment, customer_id=People(palace).customer(), actor=OWNER
    )
    assert [one.held_tiyn for one in figures(club)] == [0, PRICE]


def test_a_club_that_has_put_its_examples_away_may_share_customers(
    club: ClubContext, palace: ClubContext, owner: Actor, owner_there: Actor
) -> None:
    service.link(palace, code=service.make_code(club, actor=owner), actor=owner_there)
    group = loyalty.create_group(palace, name="Друзья", percent=10, actor=OWNER)
    demo.furnish(palace, owner_there)
    with pytest.raises(OperationRefused, match="chain_has_customers"):
        sharing.share_customers(palace, of_club_id=1, actor=owner_there)
    demo.remove(palace, owner_there)
    with pytest.raises(OperationRefused, match="chain_has_customers"):
        sharing.share_customers(palace, of_club_id=1, actor=owner_there)
    loyalty.remove_group(palace, group_id=group, actor=OWNER)
    sharing.share_customers(palace, of_club_id=1, actor=owner_there)
    with club.read() as db:
        assert check_ledger(db) == []


def test_whoever_is_linked_waits_for_a_change_of_their_account(
    club: ClubContext, palace: ClubContext, owner: Actor, owner_there: Actor
) -> None:
    code = service.make_code(palace, actor=owner_there)
    with ThreadPoolExecutor() as threads:
        with club.write() as work:
            person = staff_queries.locked(work.db, club.club_id, owner.id or 0)
            linking = threads.submit(service.link, club, code=code, actor=owner)
            wait([linking], timeout=0.3)
            # On PostgreSQL: refused at once for whoever would have waited in a ring.
            work.db.scalars(select(Staff).where(Staff.id == person.id).with_for_update(nowait=True))
        assert linking.result() == "Дворец"


def test_customers_are_shared_only_by_a_new_club_and_by_whoever_owns_both(
    club: ClubContext, palace: ClubContext, owner: Actor, owner_there: Actor, clock: Clock
) -> None:
    def refused(where: ClubContext, of_club_id: int, who: Actor) -> str:
        with pytest.raises(OperationRefused) as told:
            sharing.share_customers(where, of_club_id=of_club_id, actor=who)
        return told.value.code

    service.link(palace, code=service.make_code(club, actor=owner), actor=owner_there)
    assert refused(palace, 2, owner_there) == "chain_club_unknown"
    assert refused(palace, 7, owner_there) == "chain_club_unknown"
    People(club).customer()
    assert refused(club, 2, owner) == "chain_has_customers"
    with palace.write() as work:
        work.db.get_one(Club, 2).currency = "USD"
    assert refused(palace, 1, owner_there) == "chain_currency"
    with palace.write() as work:
        work.db.get_one(Club, 2).currency = "KZT"
    sharing.share_customers(palace, of_club_id=1, actor=owner_there)
    with club.read() as db:
        told = db.scalars(select(Event).where(Event.kind == "club.customers_taken_up")).one()
    assert (told.club_id, told.actor_id, told.data) == (1, owner.id, {"by": "Дворец"})
    assert refused(palace, 1, owner_there) == "chain_shares_already"
    third = found_another_club(club.database, clock, club_id=3)
    person = owner_of(third)
    service.link(third, code=service.make_code(club, actor=owner), actor=person)
    assert refused(third, 2, person) == "chain_shares_already", "those are the first club's"


@pytest.fixture
def desks(club: ClubContext, palace: ClubContext) -> Iterator[tuple[WebAdmin, WebAdmin]]:
    webs = WebAdmin(club), WebAdmin(palace)
    yield webs
    for web in webs:
        web.give_back()


def test_the_page_leads_from_one_club_to_two(desks: tuple[WebAdmin, WebAdmin]) -> None:
    here, there = desks
    assert "Пока здесь один клуб" in here.owner().get("/admin/chain").text
    code = there.owner().post("/admin/chain/code", {}).text
    shown = code.split('data-test="link-code">')[1].split("<")[0]
    wrong = here.owner().post("/admin/chain/link", {"link_code": "?"})
    assert "получите новый" in wrong.text
    assert here.owner().post("/admin/chain/link", {"link_code": shown}).status_code == 303
    page = here.owner().get("/admin/chain").text
    assert page.count('data-test="club"') == 2
    assert "Дворец" in page
    there_again = there.owner()
    assert 'data-test="share"' in there_again.get("/admin/chain").text
    assert there_again.post("/admin/chain/customers", {"of": "1"}).status_code == 303
    assert "клиенты общие с «Арена»" in there_again.get("/admin/chain").text
    assert 'data-test="share"' not in there_again.get("/admin/chain").text
    assert "Клуб «Дворец» взял клиентов этого клуба" in here.owner().get("/admin/logs").text
    assert here.manager().get("/admin/chain").status_code == 403
