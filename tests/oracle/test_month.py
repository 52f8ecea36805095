"""Days of a small club, with refunds and crashes: services, entries, API, page, export and the oracle say the same."""

import ast
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from lovhub.server.guest_time import queries
from lovhub.server.guest_time import service as guest_time
from lovhub.server.ledger import service as ledger
from lovhub.server.ledger.accounts import REVENUE
from lovhub.server.sessions import codes
from tests.oracle.club import Club
from tests.oracle.comparing import assert_all_agree
from tests.oracle.month import Month
from tests.oracle.terms import Offer
from tests.oracle.world import World, refusal_of
from tests.support.club import CASHIER, OWNER, People
from tests.support.web import WebAdmin

WANTED = {
    "sold", "topped up", "taken back", "goods", "goods back", "paid", "given", "left", "paused", "resumed",
    "paused by the player", "moved", "silent", "back", "power cut", "gone on", "released",
    "paid at once", "not taken back", "bonus given", "code used", "put in a group", "taken along",
    "asked for", "paid by kaspi", "told twice", "refunded",
    "clock jumped", "launcher killed", "mistakes", "power of the hall cut", "server started again",
    "sent twice", "came late",
    "waits for kaspi", "order done", "order failed", "order lost", "credit used",
    "let stay", "sent home", "came back with the code", "came back at night", "code of another zone", "age told",
    "age_unconfirmed", "minor_past_night", "debt_not_for_minors",
    "sold together", "bonuses in one payment", "in debt", "not in debt", "debt paid", "forgiven",
    "code sold", "code used again", "code run out", "code for another PC", "code given anew", "guest paid out",
    "waits for its hours", "hours not played", "shows a receipt",
    "guest paid out at once", "not paid out by a cashier", "not ended yet",
}  # fmt: skip

WANTED_OF_A_DAY = {"code sold", "came back with the code", "age_unconfirmed_past_night"}


def test_whoever_is_asked_says_the_same(
    club: ClubContext, clock: ManualClock, request: pytest.FixtureRequest
) -> None:
    is_large = "sqlite" in request.node.name
    world = World(
        club,
        clock,
        pcs=4 if is_large else 3,
        seed=347 if is_large else 11,
        zone_rule="difference" if is_large else "convert",
        troubles=is_large,
    )
    Month(world).play(7 if is_large else 1)
    assert set(world.happened) >= (WANTED if is_large else WANTED_OF_A_DAY)
    web = WebAdmin(club)
    web.make_owner()
    assert_all_agree(world, web)
    web.give_back()


ORACLE = (
    "carrying", "club", "drawer", "guests", "loyalty", "memory", "metered", "money", "night", "papers", "playing",
    "shop", "terms",
)  # fmt: skip
"""Its files: they know each other and nothing else of this project."""


@pytest.mark.parametrize("file", ORACLE)
def test_the_oracle_knows_nothing_of_ours(file: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8"))
    named = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    ours = {name for name in named if str(name).startswith(("lovhub", "tests", "."))}
    assert ours <= {f"tests.oracle.{other}" for other in ORACLE}, ours


def test_three_years_after_its_purchase_a_guest_s_time_may_be_ended(
    club: ClubContext, clock: ManualClock
) -> None:
    oracle = Club("Asia/Almaty")
    people = People(club)
    offer = Offer("1 час", "package", 500_00, 3600)
    tariff = people.tariff(seconds=offer.seconds, price_tiyn=offer.price)
    codes.sell_seat_code(
        club, tariff_id=tariff, method="cash", computer_id=None, guest_name="", actor=CASHIER, key="k"
    )  # fmt: skip
    oracle.sell_code(clock.now(), "guest", offer, zone=None, ways={"cash": offer.price})
    for days, ended in ((1096, False), (1 / 24 / 3600, True)):
        clock.advance(round(days * 24 * 3600))
        assert oracle.may_end(clock.now(), "guest") is ended
        refused = refusal_of(lambda: guest_time.end(club, lot_id=1, actor=OWNER))
        assert refused == ("" if ended else "guest_time_claimable")
    oracle.end(clock.now(), "guest")
    with club.write() as work:
        earned = ledger.balance(work.db, ledger.club_account(work, REVENUE).id)
        waits = queries.owed_tiyn(work.db, work.club_id, clock.now())
    assert (earned, waits) == (oracle.played, 0)
    assert oracle.all_that_waits(clock.now()) == []
