"""Days of a small club, with refunds and crashes: services, entries, API, page, export and the oracle say the same."""

import ast
from pathlib import Path

import pytest

from lovhub.clock import ManualClock
from lovhub.server.context import ClubContext
from tests.oracle.comparing import assert_all_agree
from tests.oracle.month import Month
from tests.oracle.world import World
from tests.support.web import WebAdmin

WANTED = {
    "sold", "topped up", "taken back", "goods", "goods back", "paid", "given", "left", "paused", "resumed",
    "moved", "silent", "back", "power cut", "released",
    "paid at once", "not taken back", "bonus given", "code used", "put in a group", "taken along",
    "asked for", "paid by kaspi", "told twice", "refunded",
    "clock jumped", "launcher killed", "mistakes", "power of the hall cut", "server started again",
    "sent twice", "came late",
    "waits for kaspi", "order done", "order failed", "order lost", "credit used",
    "let stay", "sent home", "came back with the code", "came back at night", "code of another zone", "age told",
    "age_unconfirmed", "minor_past_night", "age_unconfirmed_past_night", "debt_not_for_minors",
    "sold together", "bonuses in one payment", "in debt", "not in debt", "debt paid", "forgiven",
}  # fmt: skip


def test_whoever_is_asked_says_the_same(
    club: ClubContext, clock: ManualClock, request: pytest.FixtureRequest
) -> None:
    is_large = "sqlite" in request.node.name
    world = World(
        club,
        clock,
        pcs=4 if is_large else 3,
        seed=5,
        zone_rule="difference" if is_large else "convert",
        troubles=is_large,
    )
    Month(world).play(3 if is_large else 1)
    if is_large:
        assert set(world.happened) >= WANTED
    web = WebAdmin(club)
    web.make_owner()
    assert_all_agree(world, web)
    web.give_back()


ORACLE = (
    "carrying", "club", "drawer", "loyalty", "memory", "metered", "money", "night", "papers", "playing", "shop",
    "terms",
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
