"""What is turned away, by what is measured."""

import pytest

from lovhub.server.pages import THREADS
from lovhub.server.pressure import rules
from lovhub.server.pressure.rules import RANKS, Rank, Signals

NOBODY: set[Rank] = set()
REPORTS: set[Rank] = {"report"}
PAGES: set[Rank] = {"report", "page"}


@pytest.mark.parametrize(
    ("signals", "turned_away"),
    [
        (Signals(), NOBODY),
        (Signals(lag=0.099, desk_waits=0.29, page_waits=0.99, report_waits=5.9), NOBODY),
        (Signals(sign_in_waits=5.9, deed_waits=0.29), NOBODY),
        (Signals(lag=0.1), REPORTS),
        (Signals(desk_waits=0.3), REPORTS),
        (Signals(deed_waits=0.3), REPORTS),
        (Signals(page_waits=1.0), REPORTS),
        (Signals(report_waits=6.0), REPORTS),
        (Signals(report_waits=60.0), REPORTS),
        (Signals(lag=0.25), PAGES),
        (Signals(desk_waits=1.0), PAGES),
        (Signals(deed_waits=1.0), PAGES),
        (Signals(page_waits=4.0), PAGES),
        (Signals(sign_in_waits=6.0), {"sign_in"}),
        (Signals(lag=60, deed_waits=60, desk_waits=60, page_waits=60, report_waits=60), PAGES),
    ],
)
def test_reports_go_first_then_pages_and_never_the_desk(
    signals: Signals, turned_away: set[Rank]
) -> None:
    assert {rank for rank in RANKS if rules.is_turned_away(rank, signals)} == turned_away
    assert rules.level(signals) == len(turned_away - {"sign_in"})


@pytest.mark.parametrize(
    ("since", "alarmed_at", "due"),
    [
        (None, None, False),
        (990.0, None, False),
        (985.0, None, True),
        (985.0, 0.0, False),
        (500.0, -2600.0, True),
    ],
)
def test_an_overload_that_goes_on_is_told_once_an_hour(
    since: float | None, alarmed_at: float | None, due: bool
) -> None:
    assert rules.is_worth_an_alarm(since, alarmed_at, 1000.0) is due


def test_whoever_has_a_turn_has_a_thread() -> None:
    assert sum(rules.AT_ONCE.values()) <= THREADS
