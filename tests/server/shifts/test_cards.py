"""What the card terminal says of a shift, beside what the books say: «he paid by card», and the cash is gone."""

import pytest
from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.context import ClubContext
from lovhub.server.customers import reversal
from lovhub.server.customers import service as customers
from lovhub.server.errors import OperationRefused
from lovhub.server.journal.models import Event
from lovhub.server.shifts import service
from lovhub.server.shifts.service import Count
from tests.support import suspicious
from tests.support.club import People


@pytest.fixture
def shift(club: ClubContext, people: People, cashier: Actor) -> int:
    """3 000 were written down as paid by card, and 500 in cash."""
    shift_id = service.open_shift(club, counted_tiyn=0, actor=cashier)
    customer_id = people.customer()
    for method, amount_tiyn in (("card", 3_000_00), ("cash", 500_00)):
        customers.top_up(
            club, customer_id=customer_id, amount_tiyn=amount_tiyn, method=method, key=method,
            actor=cashier,
        )  # fmt: skip
    return shift_id


@pytest.mark.parametrize(
    ("by_terminal", "told", "differs"),
    [(None, [], []), (3_000_00, [0], []), (1_000_00, [-2_000_00], [-2_000_00])],
)
def test_the_owner_reads_where_the_terminal_says_otherwise(
    club: ClubContext,
    shift: int,
    cashier: Actor,
    by_terminal: int | None,
    told: list[int],
    differs: list[int],
) -> None:
    service.close(club, shift_id=shift, count=Count(500_00, card_tiyn=by_terminal), actor=cashier)
    with club.read() as db:
        events = db.scalars(select(Event).where(Event.kind == "shift.cards_compared")).all()
    assert [event.data["difference_tiyn"] for event in events] == told
    lines = [one for one in suspicious.told(club) if one.judged.group == "difference"]
    assert [(one.judged.amount_tiyn, one.person_id) for one in lines] == [
        (amount, cashier.id) for amount in differs
    ]


def test_what_went_back_to_a_card_is_not_expected_of_the_terminal(
    club: ClubContext, people: People, shift: int, cashier: Actor
) -> None:
    customer_id = people.customer()
    by_mistake = customers.top_up(
        club, customer_id=customer_id, amount_tiyn=700_00, method="card", key="m", actor=cashier
    )
    reversal.take_back(
        club, customer_id=customer_id, posting_id=by_mistake, reason="", actor=cashier
    )
    service.close(club, shift_id=shift, count=Count(500_00, card_tiyn=3_000_00), actor=cashier)
    with club.read() as db:
        [event] = db.scalars(select(Event).where(Event.kind == "shift.cards_compared"))
    assert event.data["difference_tiyn"] == 0


def test_a_sum_below_zero_is_none(club: ClubContext, shift: int, cashier: Actor) -> None:
    with pytest.raises(OperationRefused) as refused:
        service.close(club, shift_id=shift, count=Count(500_00, card_tiyn=-1), actor=cashier)
    assert refused.value.values == {"card": "card_total_out_of_range"}
