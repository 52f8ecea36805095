"""Several PCs at once: one payment, each one's own balance, time without money, and what some refuse."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.computers.models import Computer
from lovhub.server.context import ClubContext
from lovhub.server.errors import OperationRefused
from lovhub.server.ledger.check import check_ledger
from lovhub.server.ledger.models import LedgerAccount, LedgerPosting, LedgerTransfer
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import group, group_sale, link, moves, queries, service
from lovhub.server.sessions.group_sale import PaidTogether, Payer
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till
from lovhub.server.sessions.together import Outcome
from lovhub.server.tariffs import service as tariffs
from lovhub.server.tariffs.rules import Terms, ZonePrice
from tests.server.sessions.test_sale import at_one_moment, cash_taken, events, lots
from tests.support.club import CASHIER, OWNER, People

PRICE = 500_00
DESK = Payer("cash")


def left(club: ClubContext) -> dict[int, int]:
    """Seconds left at each PC that is taken."""
    with club.read() as db:
        live = queries.hall_sessions(db, club.club_id, club.clock.now())
    return {computer_id: session.seconds_left for computer_id, session in live.items()}


def customer_at(club: ClubContext, people: People, computer_id: int, *, balance_tiyn: int) -> int:
    customer = people.customer(balance_tiyn=balance_tiyn + PRICE)
    service.buy(
        club,
        computer_id=computer_id,
        customer_id=customer,
        tariff_id=people.tariff(price_tiyn=PRICE),
        key=f"begin at {computer_id}",
        actor=CASHIER,
    )
    return customer


def guest_at(club: ClubContext, people: People, computer_id: int) -> int:
    return service.seat_guest(
        club,
        computer_id=computer_id,
        tariff_id=people.tariff(price_tiyn=PRICE),
        method="card",
        guest_name="Аслан",
        key=f"begin at {computer_id}",
        actor=CASHIER,
    )


def sell(
    club: ClubContext,
    tariff_id: int,
    *computer_ids: int,
    payer: Payer = DESK,
    key: str = "company",
    till: Till | None = None,
) -> PaidTogether:
    return group_sale.sell_together(
        club,
        computer_ids=computer_ids,
        tariff_id=tariff_id,
        payer=payer,
        key=key,
        till=till or Till(),
        actor=CASHIER,
    )


def assert_books_balance(club: ClubContext) -> None:
    with club.read() as db:
        assert check_ledger(db) == []


# --- one payment ----------------------------------------------------------------------------------


def test_a_company_pays_once_for_free_pcs_and_those_who_play(
    club: ClubContext, people: People
) -> None:
    pcs = [people.computer() for _ in range(4)]
    guest = guest_at(club, people, pcs[1])
    customer = customer_at(club, people, pcs[3], balance_tiyn=0)
    before, tariff = cash_taken(club), people.tariff(price_tiyn=PRICE)

    paid = sell(club, tariff, *pcs, till=Till(4 * PRICE, 5_000_00))

    assert (paid.total_tiyn, paid.received_tiyn, paid.change_tiyn) == (2_000_00, 5_000_00, 3_000_00)
    assert [outcome.computer_id for outcome in paid.outcomes] == pcs
    assert paid.outcomes[1].session_id == guest
    assert cash_taken(club) - before == 4 * PRICE
    assert left(club) == dict(zip(pcs, [3600, 7200, 3600, 7200], strict=True))
    assert people.balance_tiyn(customer) == 0
    [receipt] = events(club, "time.sold_together")
    assert len(receipt["outcomes"]) == 4
    with club.read() as db:
        of_customer = db.scalars(select(Lot).where(Lot.customer_id == customer)).all()
    assert len(of_customer) == 2
    assert_books_balance(club)


def test_each_pc_costs_what_its_zone_asks_and_the_bill_is_split(
    club: ClubContext, people: People
) -> None:
    vip = people.zone().zone_id
    tariff = tariffs.create(
        club,
        terms=Terms("Час", 3600, PRICE, zones={vip: ZonePrice(price_tiyn=700_00)}),
        actor=CASHIER,
    )
    pcs = [people.computer() for _ in range(3)]
    with club.write() as work:
        work.db.get_one(Computer, pcs[1]).zone_id = vip
    till = Till(1_700_00, 1_000_00, (Part("kaspi", 1_100_00), Part("cash", 600_00)))
    zones = {None: PRICE, vip: 700_00}
    for wrong in (
        replace(till, price_tiyn=1_500_00),
        replace(till, zones={**zones, vip: 699_00}),
        replace(till, zones={None: PRICE}),
        replace(till, price_tiyn=1_699_00, zones=zones),
    ):
        with pytest.raises(OperationRefused, match="price_changed"):
            sell(club, tariff, *pcs, payer=Payer("split"), till=wrong)
    paid = sell(club, tariff, *pcs, payer=Payer("split"), till=replace(till, zones=zones))
    assert paid == sell(club, tariff, *pcs, payer=Payer("split"), till=till)  # the key again
    assert paid.prices_tiyn == (PRICE, 700_00, PRICE)
    assert (paid.total_tiyn, paid.change_tiyn) == (1_700_00, 400_00)
    assert paid.parts == (("kaspi", 1_100_00), ("cash", 600_00))
    with club.read() as db:
        by_way = db.execute(
            select(LedgerAccount.kind, LedgerTransfer.amount)
            .join(LedgerTransfer, LedgerTransfer.debit_account_id == LedgerAccount.id)
            .where(LedgerTransfer.unit == "tiyn")
            .order_by(LedgerTransfer.id)
        ).all()
    assert [tuple(row) for row in by_way] == [
        ("kaspi", 500_00),
        ("kaspi", 600_00),
        ("cash", 100_00),
        ("cash", 500_00),
    ]
    assert_books_balance(club)


@pytest.mark.parametrize("price", [1, 33_33, 99_999_99])
def test_what_the_pcs_cost_is_what_was_paid(club: ClubContext, people: People, price: int) -> None:
    paid = sell(club, people.tariff(price_tiyn=price), *(people.computer() for _ in range(7)))
    with club.read() as db:
        parts = [lot.price_tiyn for lot in db.scalars(select(Lot))]
    assert sum(parts) == paid.total_tiyn == cash_taken(club)


def test_one_customer_pays_for_all_from_the_balance(club: ClubContext, people: People) -> None:
    pcs, tariff = [people.computer(), people.computer()], people.tariff(price_tiyn=PRICE)
    poor, rich = people.customer(balance_tiyn=PRICE), people.customer(balance_tiyn=3 * PRICE)
    with pytest.raises(OperationRefused, match="not_enough_money"):
        sell(club, tariff, *pcs, payer=Payer("balance", poor))
    assert (people.balance_tiyn(poor), left(club)) == (PRICE, {})
    with pytest.raises(OperationRefused, match="payment_method_unknown"):
        sell(club, tariff, *pcs, payer=Payer("cash", rich))
    with pytest.raises(OperationRefused, match="payment_method_unknown"):
        sell(club, tariff, *pcs, payer=Payer("balance"))
    sell(club, tariff, *pcs, payer=Payer("balance", rich))
    assert people.balance_tiyn(rich) == PRICE
    assert_books_balance(club)


def test_time_whose_rest_is_refunded_is_for_customers_whoever_pays(
    club: ClubContext, people: People
) -> None:
    seated, free = people.computer(), people.computer()
    customer_at(club, people, seated, balance_tiyn=0)
    payer = Payer("balance", people.customer(balance_tiyn=2 * PRICE))
    refunded = tariffs.create(
        club, terms=Terms("1 час", 3600, PRICE, rest_rule="refunded"), actor=OWNER
    )
    with pytest.raises(OperationRefused, match="tariff_for_customers"):
        sell(club, refunded, seated, free, payer=payer)  # a guest would sit down at the free one
    assert sell(club, refunded, seated).total_tiyn == PRICE
    assert_books_balance(club)


def test_all_or_nothing_and_the_pc_in_the_way_is_named(club: ClubContext, people: People) -> None:
    pcs, tariff = [people.computer(), people.computer("ПК-17")], people.tariff(price_tiyn=PRICE)
    club.links.is_linked = lambda computer_id: computer_id != pcs[1]
    with pytest.raises(OperationRefused, match="computer_silent") as refused:
        sell(club, tariff, *pcs)
    assert refused.value.values == {"computer": "ПК-17"}
    with pytest.raises(OperationRefused, match="computer_unknown"):
        sell(club, tariff, pcs[0], 999)
    with pytest.raises(OperationRefused, match="no_computers_chosen"):
        sell(club, tariff)
    for till in (Till(2 * PRICE + 1), Till(received_tiyn=2 * PRICE - 1)):
        with pytest.raises(OperationRefused):
            sell(club, tariff, *pcs, till=till)
    assert (left(club), lots(club), cash_taken(club)) == ({}, 0, 0)


def test_a_payment_is_made_once_and_answers_the_same_again(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    pcs, tariff = [people.computer() for _ in range(3)], people.tariff(price_tiyn=PRICE)
    first = sell(club, tariff, *pcs, till=Till(3 * PRICE, 2_000_00))
    clock.advance(30)
    moves.move(
        club,
        session_id=first.outcomes[0].session_id or 0,
        to_computer_id=people.computer(),
        actor=CASHIER,
    )
    assert sell(club, tariff, *reversed(pcs), till=Till(3 * PRICE, 2_000_00)) == first
    with pytest.raises(OperationRefused, match="key_reused"):
        sell(club, tariff, *pcs[:2])
    with pytest.raises(OperationRefused, match="key_reused"):
        sell(club, tariff, *pcs, till=Till(4 * PRICE))
    assert (cash_taken(club), lots(club)) == (3 * PRICE, 3)


def test_twenty_equal_payments_at_one_moment_are_one(club: ClubContext, people: People) -> None:
    pcs, tariff = [people.computer() for _ in range(4)], people.tariff(price_tiyn=PRICE)
    answers = at_one_moment(lambda: sell(club, tariff, *pcs))
    assert answers == [answers[0]] * 20
    assert (cash_taken(club), lots(club)) == (4 * PRICE, 4)
    assert_books_balance(club)


# --- each one's own balance -----------------------------------------------------------------------


def test_each_pays_from_the_own_balance_and_who_cannot_is_named(
    club: ClubContext, people: People
) -> None:
    rich, poor, guest, free = pcs = [people.computer() for _ in range(4)]
    customer = customer_at(club, people, rich, balance_tiyn=PRICE)
    customer_at(club, people, poor, balance_tiyn=PRICE - 1)
    guest_at(club, people, guest)
    tariff = people.tariff(price_tiyn=PRICE)

    def ask() -> tuple[Outcome, ...]:
        return group_sale.sell_to_each(
            club, computer_ids=pcs, tariff_id=tariff, key="each", actor=CASHIER
        )

    assert {outcome.computer_id: outcome.refusal for outcome in ask()} == {
        rich: "",
        poor: "not_enough_money",
        guest: "no_balance",
        free: "nobody_plays",
    }
    assert [outcome.computer_id for outcome in ask()] == [rich]
    assert people.balance_tiyn(customer) == 0
    assert left(club)[rich] == 7200
    with pytest.raises(OperationRefused, match="price_changed"):
        group_sale.sell_to_each(
            club,
            computer_ids=None,
            tariff_id=tariff,
            key="all",
            actor=CASHIER,
            till=Till(PRICE + 1),
        )
    assert_books_balance(club)


# --- time without money ---------------------------------------------------------------------------


def give(
    club: ClubContext, computer_ids: list[int] | None, *, key: str = "gift", seconds: int = 1800
) -> tuple[Outcome, ...]:
    return group.give_time(
        club,
        computer_ids=computer_ids,
        seconds=seconds,
        title="+30 мин",
        reason=" Пропадала сеть ",
        key=key,
        actor=CASHIER,
    )


def test_all_that_play_get_time_with_its_reason(
    club: ClubContext, people: People, clock: ManualClock
) -> None:
    one, other, silent, _free = pcs = [people.computer() for _ in range(4)]
    customer_at(club, people, one, balance_tiyn=0)
    guest_at(club, people, other)
    guest_at(club, people, silent)
    link.link_lost(club, computer_id=silent)

    first = give(club, None)
    clock.advance(5)
    assert give(club, None) == first

    assert [outcome.computer_id for outcome in first] == [one, other, silent]
    assert left(club) == {one: 5395, other: 5395, silent: 5400}
    with club.read() as db:
        booked = db.scalars(select(LedgerPosting).where(LedgerPosting.kind == "time_granted")).all()
    assert {(posting.reason, posting.actor_id) for posting in booked} == {
        ("Пропадала сеть", CASHIER.id)
    }
    assert [data["reason"] for data in events(club, "time.given")] == ["Пропадала сеть"] * 3
    assert [outcome.refusal for outcome in give(club, pcs[2:], key="two")] == ["", "nobody_plays"]
    assert_books_balance(club)


def test_a_customer_at_two_pcs_gets_the_time_once(club: ClubContext, people: People) -> None:
    silent, here = people.computer(), people.computer()
    customer = customer_at(club, people, silent, balance_tiyn=0)
    link.link_lost(club, computer_id=silent)
    service.begin_for_customer(club, computer_id=here, customer_id=customer, actor=CASHIER)
    before = lots(club)
    assert sorted(outcome.refusal for outcome in give(club, None)) == ["", "already_elsewhere"]
    assert lots(club) == before + 1


def test_time_is_not_given_to_nobody_nor_for_no_reason(club: ClubContext, people: People) -> None:
    free = people.computer()
    for computer_ids in (None, [free], [999]):
        with pytest.raises(OperationRefused, match="nobody_plays"):
            give(club, computer_ids)
    with pytest.raises(OperationRefused) as refused:
        group.give_time(
            club, computer_ids=None, seconds=0, title="", reason=" ", key="k", actor=CASHIER
        )
    assert refused.value.values == {"minutes": "minutes_out_of_range", "reason": "reason_missing"}


def test_twenty_equal_gifts_at_one_moment_are_one(club: ClubContext, people: People) -> None:
    pcs = [people.computer() for _ in range(3)]
    for pc in pcs:
        guest_at(club, people, pc)
    answers = at_one_moment(lambda: give(club, None))
    assert answers == [answers[0]] * 20
    assert left(club) == dict.fromkeys(pcs, 5400)
    assert_books_balance(club)


def test_the_key_of_a_sale_gives_no_time(club: ClubContext, people: People) -> None:
    sell(club, people.tariff(), people.computer())
    with pytest.raises(OperationRefused, match="key_reused"):
        give(club, None, key="company")


# --- running sessions -----------------------------------------------------------------------------


def test_some_refuse_and_the_others_are_done(club: ClubContext, people: People) -> None:
    one, silent, _free = pcs = [people.computer() for _ in range(3)]
    session = guest_at(club, people, one)
    guest_at(club, people, silent)
    link.link_lost(club, computer_id=silent)

    def refusals(outcomes: tuple[Outcome, ...]) -> list[str]:
        return [outcome.refusal for outcome in outcomes]

    paused = group.pause(club, computer_ids=pcs, actor=CASHIER)
    assert refusals(paused) == ["", "session_unreachable", "nobody_plays"]
    assert people.session(session).state == "paused"
    resumed = group.resume(club, computer_ids=pcs, actor=CASHIER)
    assert refusals(resumed) == ["", "session_not_paused", "nobody_plays"]
    ended = group.end(club, computer_ids=pcs, actor=CASHIER)
    assert refusals(ended) == ["", "session_unreachable", "nobody_plays"]
    assert people.session(session).state == "ended"
