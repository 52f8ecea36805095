"""At night the provider is asked how payments stand: theirs in the comparison, where nobody uploads a registry."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.payments import bank as registry
from lovhub.server.payments import refunds, rules
from lovhub.server.payments.models import BankLine, Payment
from lovhub.server.payments.polling import Poller
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import Event, OutcomeUnknown
from lovhub.server.payments.reconciling import Comparison, Line
from lovhub.server.payments.settling import settle
from tests.server.nodes.test_bus import eventually
from tests.server.payments.helpers import alarms, pay, story
from tests.server.payments.scripted import Scripted, ask, give_back, paid
from tests.support.club import OWNER
from tests.support.databases import number_of_waiting

HOUR, DAY = 3600, 24 * 3600


class Asked(Scripted):
    """Says, too, how much has gone back."""

    returned: int | None = 0

    def returned_tiyn(self, provider_ref: str) -> int | None:
        return self.returned


@pytest.fixture
def bank() -> Asked:
    return Asked()


@pytest.fixture
def paid_id(club: ClubContext, bank: Asked, customer_id: int) -> int:
    """A payment of today, paid by a webhook."""
    payment_id = ask(club, bank, customer_id)
    settle(club, bank, paid())
    bank.on_fetch = paid()
    return payment_id


def compared(club: ClubContext) -> Comparison:
    with club.read() as db:
        now = club.clock.now()
        return registry.comparison(
            db, club.club_id, 0, now + 1, now=now, asked_at_night=["gateway"]
        )


def next_at(club: ClubContext) -> int | None:
    with club.read() as db:
        return db.scalars(select(Payment.next_poll_at)).one()


def test_the_bank_s_day_is_over_an_hour_after_its_midnight() -> None:
    one_second_to_midnight = 1_800_039_599  # 15.01.2027 23:59:59 in Almaty
    assert rules.asked_again_at(one_second_to_midnight) == one_second_to_midnight + 1 + HOUR
    assert (
        rules.asked_again_at(one_second_to_midnight + 1) == one_second_to_midnight + 1 + HOUR + DAY
    )


@pytest.mark.parametrize(
    ("returned", "ours", "found"),
    [
        (0, [], ([500], 0)),
        (None, [], ([500], 0)),
        (None, [200], ([500], 0)),
        (200, [200], ([500, -200], 0)),
        (200, [200, 100], ([500, -200], 0)),
        (500, [200], ([500, -200], 300)),
        (100, [200], ([500], 100)),
    ],
)
def test_what_they_say_stands_beside_what_we_did(
    returned: int | None, ours: list[int], found: tuple[list[int], int]
) -> None:
    assert rules.told_by_provider(500, returned, ours) == found


def test_each_payment_is_asked_about_once_at_night_and_fits(
    club: ClubContext, bank: Asked, paid_id: int, poller: Poller, clock: ManualClock
) -> None:
    give_back(club, bank, paid_id, 200_00)
    bank.returned = 200_00
    settle(club, bank, paid())  # told once more: its night comes all the same
    poller.poll_at_night()
    assert bank.fetched == 0
    found = compared(club)
    assert (found.differences, [one.kind for one in found.waiting]) == ((), ["to_ask"] * 2)
    assert (found.ours_tiyn, found.waiting_tiyn) == (300_00, 300_00)
    clock.advance(DAY)
    for _ in range(3):
        poller.poll_at_night()
    assert (bank.fetched, next_at(club), alarms(club)) == (1, None, [])
    assert compared(club) == Comparison(300_00, 300_00, 2, ())


def test_of_what_went_back_a_provider_that_tells_only_what_came_says_nothing(
    club: ClubContext, bank: Asked, paid_id: int, poller: Poller, clock: ManualClock
) -> None:
    give_back(club, bank, paid_id, 200_00)
    bank.returned = None
    clock.advance(DAY)
    poller.poll_at_night()
    found = compared(club)
    assert (found.matched, found.differences) == (1, ())
    assert [(one.kind, one.ours_tiyn) for one in found.waiting] == [("to_upload", -200_00)]


def test_what_went_back_in_the_bank_s_own_program_is_found(
    club: ClubContext, bank: Asked, paid_id: int, poller: Poller, clock: ManualClock
) -> None:
    bank.returned = 300_00
    clock.advance(DAY)
    poller.poll_at_night()
    [difference] = compared(club).differences
    assert (difference.kind, difference.theirs_tiyn) == ("only_theirs", -300_00)
    assert alarms(club) == ["payment_refunded_elsewhere"]
    assert "refunded_elsewhere" in story(club, paid_id)
    # What they say later takes the place of it, and is no second alarm.
    give_back(club, bank, paid_id, 100_00)
    bank.returned = 400_00
    clock.advance(DAY)
    poller.poll_at_night()
    [difference] = compared(club).differences
    assert (difference.ours_tiyn, difference.theirs_tiyn) == (-100_00, -400_00)
    assert alarms(club) == ["payment_refunded_elsewhere"]


def test_money_that_they_do_not_know_of_stays_on_our_side(
    club: ClubContext, bank: Asked, paid_id: int, poller: Poller, clock: ManualClock
) -> None:
    bank.on_fetch = Event("pending", provider_ref="42")
    clock.advance(DAY)
    poller.poll_at_night()
    assert [one.kind for one in compared(club).differences] == ["only_ours"]
    give_back(club, bank, paid_id, 200_00)  # not compared before the next night
    assert [one.kind for one in compared(club).waiting] == ["to_ask", "to_ask"]
    clock.advance(DAY)
    poller.poll_at_night()
    found = compared(club)
    assert ([one.kind for one in found.differences], found.waiting) == (["only_ours"] * 2, ())


def test_without_an_answer_they_are_asked_again_and_not_for_ever(
    club: ClubContext, bank: Asked, paid_id: int, poller: Poller, clock: ManualClock
) -> None:
    bank.on_fetch = OutcomeUnknown()
    clock.advance(DAY)
    poller.poll_at_night()
    assert next_at(club) == club.clock.now() + HOUR
    clock.advance(3 * DAY)
    poller.poll_at_night()
    assert (bank.fetched, next_at(club)) == (2, None)
    assert [one.kind for one in compared(club).waiting] == ["to_upload"]  # nobody has said no


def test_a_registry_takes_the_place_of_what_was_asked_whichever_comes_first(
    club: ClubContext, bank: Asked, paid_id: int, poller: Poller, clock: ManualClock
) -> None:
    line = Line(club.clock.now() - HOUR, "42", 499_00)

    def lines() -> list[int]:
        with club.read() as db:
            return list(db.scalars(select(BankLine.amount_tiyn)))

    clock.advance(DAY)
    poller.poll_at_night()
    assert lines() == [500_00]
    registry.keep_lines(club, file_name="registry.csv", lines=[line], actor=OWNER)
    assert lines() == [499_00]
    with club.write() as work:
        refunds.locked(work, paid_id).next_poll_at = club.clock.now()
    poller.poll_at_night()
    assert (bank.fetched, lines()) == (2, [499_00])


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_answer_waits_for_a_registry_that_is_being_kept(
    club: ClubContext, bank: Asked, paid_id: int, poller: Poller, clock: ManualClock
) -> None:
    """Each would else keep the operation, and the two might wait for a day of the comparison that the other has."""
    clock.advance(DAY)
    with ThreadPoolExecutor() as pool:
        with club.write() as work:
            registry.wait_for_other_registries(work)
            work.db.add(
                BankLine(
                    club_id=club.club_id, operation="42", amount_tiyn=499_00, at=club.clock.now() - HOUR,
                    file_name="registry.csv", uploaded_at=club.clock.now(),
                )
            )  # fmt: skip
            night = pool.submit(poller.poll_at_night)
            eventually(lambda: bank.fetched == 1 and number_of_waiting(club) == 1)
        night.result()
    with club.read() as db:
        assert list(db.scalars(select(BankLine.amount_tiyn))) == [499_00]
    assert next_at(club) is None


def test_who_cannot_be_asked_is_not(
    club: ClubContext, biller: BillerProvider, customer_id: int
) -> None:
    pay(club, biller, rules.payment_number(customer_id))
    assert next_at(club) is None
    found = compared(club)
    assert (found.differences, [one.kind for one in found.waiting]) == ((), ["to_upload"])
