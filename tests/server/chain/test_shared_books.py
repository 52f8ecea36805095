"""Days of two clubs with the same customers, beside a reckoning of what `docs/billing.md` says, and nothing else."""

from collections import Counter
from random import Random

from lovhub.clock import ManualClock
from lovhub.server.chain import queries as chain
from lovhub.server.customers import forgetting, reversal
from lovhub.server.customers import queries as customers
from lovhub.server.ledger.check import check_ledger
from lovhub.server.sessions import service as sessions
from lovhub.server.tariffs.rules import Terms
from tests.server.chain.test_shared_customers import PRICE, At, arena, palace
from tests.server.sessions.test_in_debt import OnCredit
from tests.support.club import OWNER, People
from tests.support.databases import each_database as database_url

__all__ = ["arena", "database_url", "palace"]

HOUR, LEASE = 3600, 900
LIMIT = 500_00
BY_MINUTE = 600_00
"""An hour by the minute at the arena."""


class Told:
    """What two clubs and two customers have, by the rules of the section on clubs that share their customers."""

    def __init__(self) -> None:
        self.has: Counter[int] = Counter()
        """By customer; below zero: owed."""
        self.held: Counter[int] = Counter()
        """By club."""
        self.unplayed: Counter[tuple[int, int]] = Counter()
        """By customer and the club where the time was bought."""

    def top_up(self, customer: int, club: int, amount: int) -> None:
        self.has[customer] += amount
        self.held[club] += amount

    def spend(self, customer: int, club: int, amount: int) -> None:
        self.has[customer] -= amount
        self.held[club] -= amount

    def pay_out(self, customer: int, club: int) -> int:
        """All that is owed to a customer, in cash of this club."""
        for where in (1, 2):
            unplayed = self.unplayed.pop((customer, where), 0)
            self.top_up(customer, where, unplayed)  # what is not played was not spent there
        paid = self.has[customer]
        self.spend(customer, club, paid)
        return paid


class Days:
    """What happens at either club, in the clubs and in the reckoning."""

    def __init__(self, arena: At, palace: At, clock: ManualClock, seed: int) -> None:
        self.told, self.chance, self.clock = Told(), Random(seed), clock
        self.arena, self.palace = arena, palace
        people = People(arena.club)
        self.visit = OnCredit(arena.club, people, clock)  # at the arena, up to 500 ₸
        # What is left of an hour of the arena's goes back to the balance; of the palace's it is kept.
        arena.tariff = self.visit.sold(Terms("Час", HOUR, PRICE, rest_rule="refunded"))
        self.known = [people.customer(), people.customer()]
        self.happened: Counter[str] = Counter()

    def turn(self) -> None:
        where, customer = (
            self.chance.choice((self.arena, self.palace)),
            self.chance.choice(self.known),
        )
        self.chance.choice((self._top_up, self._play_a_part_of_an_hour, self._play_in_debt))(
            where, customer
        )

    def _top_up(self, where: At, customer: int) -> None:
        amount, owed = self.chance.randint(1, 3_000_00), max(0, -self.told.has[customer])
        posting = where.top_up(customer, amount, self.visit.key())
        self.told.top_up(customer, where.club.club_id, amount)
        if not owed and self.chance.random() < 0.3:
            reversal.take_back(
                where.club, customer_id=customer, posting_id=posting, reason="ошибка", actor=OWNER
            )
            self.told.spend(customer, where.club.club_id, amount)
            self.happened["taken back"] += 1

    def _play_a_part_of_an_hour(self, where: At, customer: int) -> None:
        if self.told.has[customer] < PRICE or self.told.unplayed[customer, where.club.club_id]:
            return
        session = where.buy(customer, self.visit.key())
        self.told.spend(customer, where.club.club_id, PRICE)
        seconds = self.chance.randint(0, LEASE)
        self.clock.advance(seconds)
        sessions.end(where.club, session_id=session, reason="ended_by_desk", actor=OWNER)
        left = PRICE - PRICE * seconds // HOUR
        if where is self.arena and seconds:
            self.told.top_up(customer, 1, left)
        else:
            self.told.unplayed[customer, where.club.club_id] = left
        self.happened[f"played at {where.club.club_id}"] += 1

    def _play_in_debt(self, _where: At, customer: int) -> None:
        if self.told.has[customer] < 0 or self.told.unplayed[customer, 1]:
            return
        session = sessions.buy(
            self.arena.club, computer_id=self.arena.computer, customer_id=customer, tariff_id=self.visit.minutes,
            key=self.visit.key(), actor=OWNER, in_debt=True,
        )  # fmt: skip
        reach = (self.told.has[customer] + LIMIT) * HOUR // BY_MINUTE
        seconds = self.chance.randint(1, min(LEASE, reach))
        self.clock.advance(seconds)
        sessions.end(self.arena.club, session_id=session, reason="ended_by_desk", actor=OWNER)
        self.told.spend(customer, 1, BY_MINUTE * seconds // HOUR)
        self.happened["in debt"] += 1

    def go_away(self, customer: int) -> None:
        """A debt is paid at the arena; what is owed to them, the palace pays, wherever it was paid in."""
        owed = max(0, -self.told.has[customer])
        if owed:
            self.arena.top_up(customer, owed, self.visit.key())
            self.told.top_up(customer, 1, owed)
        expected = self.told.pay_out(customer, 2)
        forgetting.forget(
            self.palace.club, customer_id=customer, fate="pay_out" if expected else "", reason="съезжает",
            expected_tiyn=expected, actor=OWNER,
        )  # fmt: skip

    def assert_alike(self, known: list[int]) -> None:
        held, has = shown(self.arena, self.palace, known)
        assert held == {one: self.told.held[one] for one in (1, 2)}, self.happened
        assert has == {one: self.told.has[one] for one in known}, self.happened


def test_what_is_paid_at_one_and_spent_at_the_other_is_held_for_it(
    arena: At, palace: At, clock: ManualClock
) -> None:
    days = Days(arena, palace, clock, seed=5)
    for _ in range(24):
        days.turn()
        days.assert_alike(days.known)
    with arena.club.read() as db:
        assert check_ledger(db) == []
    for customer in days.known:
        days.go_away(customer)
    days.assert_alike([])
    with arena.club.read() as db:
        assert check_ledger(db) == []
    assert sum(days.told.held.values()) == 0, "what is left, one club owes the other"
    assert set(days.happened) == {"taken back", "played at 1", "played at 2", "in debt"}


def shown(arena: At, palace: At, known: list[int]) -> tuple[dict[int, int], dict[int, int]]:
    """What the owner's page says that the clubs hold, and either club's of what customers have."""
    with arena.club.read() as db:
        clubs = chain.figures(db, [1, 2], arena.club.clock.now())
        has = {
            (one, where.club.club_id): row.balance_tiyn - row.debt_tiyn
            for one in known
            for where in (arena, palace)
            for row in [customers.row(db, where.club.club_id, one)]
        }
    assert all(has[one, 1] == has[one, 2] for one in known), "either desk sees the same"
    return {one.id: one.held_tiyn for one in clubs}, {one: has[one, 1] for one in known}
