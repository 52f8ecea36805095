"""What the page of groups and promotions says: right after each change, and not counted again without one."""

from collections import Counter

from sqlalchemy import event, select

from lovhub.server.context import ClubContext
from lovhub.server.customers import bulk, forgetting
from lovhub.server.customers import service as customers
from lovhub.server.customers.bulk import Newcomer
from lovhub.server.customers.models import Customer
from lovhub.server.journal import service as journal
from lovhub.server.loyalty import promos, queries, service
from lovhub.server.loyalty.rules import PromoTerms
from tests.server.loyalty.helpers import Club
from tests.support.club import CASHIER, OWNER


def members(club: ClubContext) -> dict[int, int]:
    """As the page says it, which is what the customers themselves say, one by one."""
    with club.read() as db:
        found = dict(queries.members(db, club.club_id))
        groups = db.scalars(select(Customer.group_id).where(Customer.group_id.is_not(None))).all()
        assert found == Counter(groups)
        for group_id, count in found.items():
            assert queries.members_of(db, club.club_id, group_id) == count
    return found


def test_members_of_groups_are_as_many_as_there_are_after_each_change(there: Club) -> None:
    club, first = there.club, there.customer
    assert members(club) == {}
    friends = service.create_group(club, name="Друзья", percent=10, actor=OWNER)
    team = service.create_group(club, name="Команда", percent=20, actor=OWNER)
    second = there.people.customer()

    def put(customer: int, group: int | None) -> None:
        service.put_in_group(club, customer_id=customer, group_id=group, actor=OWNER)

    put(first, friends)
    assert members(club) == {friends: 1}
    put(second, friends)
    assert members(club) == {friends: 2}
    put(first, team)
    assert members(club) == {friends: 1, team: 1}
    put(first, None)
    assert members(club) == {friends: 1}
    with club.write() as work:
        made = bulk.add(work, [Newcomer(f"n{n}", f"N{n}", "", group_id=team) for n in range(3)])
        journal.record(work, "move.imported", OWNER)
    assert members(club) == {friends: 1, team: 3}
    with club.write() as work:
        bulk.forget(work, [made[0].customer_id])
        journal.record(work, "move.taken_back", OWNER)
    assert members(club) == {friends: 1, team: 2}
    forgetting.forget(
        club, customer_id=second, fate="write_off", reason="Просьба", expected_tiyn=0, actor=OWNER
    )
    assert members(club) == {team: 2}
    service.remove_group(club, group_id=team, actor=OWNER)
    assert members(club) == {}
    with club.read() as db:
        assert queries.members_of(db, club.club_id, team) == 0


def test_on_sqlite_members_are_counted_again_only_when_somebody_s_group_has_changed(
    there: Club,
) -> None:
    friends = service.create_group(there.club, name="Друзья", percent=10, actor=OWNER)

    def counts() -> bool:
        heard: list[str] = []

        def hear(_connection: object, _cursor: object, words: str, *_more: object) -> None:
            heard.append(words)

        event.listen(there.club.database.engine, "before_cursor_execute", hear)
        with there.club.read() as db:
            queries.members(db, there.club.club_id)
        event.remove(there.club.database.engine, "before_cursor_execute", hear)
        return any("FROM customer" in words for words in heard)

    assert counts()
    if not there.club.database.is_sqlite:
        assert counts(), "on PostgreSQL each time"
        return
    there.top_up(1_000_00)
    customers.change_details(
        there.club, customer_id=there.customer, name="Другое", phone="", actor=OWNER
    )
    assert not counts()
    service.put_in_group(there.club, customer_id=there.customer, group_id=friends, actor=OWNER)
    assert counts()
    assert not counts()


def test_promotions_are_listed_with_their_codes_and_how_often_these_were_used(there: Club) -> None:
    club = there.club

    def create(title: str, *codes: str, made: int = 0) -> int:
        terms = PromoTerms(title, "bonus", 500_00, 0, club.clock.now(), None, uses=0)
        return promos.create(club, terms=terms, codes=codes, made_codes=made, actor=OWNER)

    one, many = create("Одна", "ONLY"), create("Много", made=5)
    with club.read() as db:
        made = [row.code for row in queries.codes(db, many)]
    for number, code in enumerate(("ONLY", made[0], "ONLY", made[3])):
        promos.use(
            club,
            customer_id=there.people.customer(),
            code=code,
            key=f"use {number}",
            actor=CASHIER,
        )
    promos.use(club, customer_id=there.people.customer(), code="ONLY", key="z", actor=CASHIER)
    with club.read() as db:
        found = [(row.promo.id, row.codes, row.code, row.used) for row in queries.promos(db, 1)]
    assert found == [(many, 5, "", 2), (one, 1, "ONLY", 3)]
