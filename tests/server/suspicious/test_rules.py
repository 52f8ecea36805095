"""What is worth an owner's look, as a table."""

from typing import Any

import pytest

from lovhub.server.suspicious import rules
from lovhub.server.suspicious.rules import Judged, Roster, Watch


@pytest.mark.parametrize(
    ("kind", "data", "judged"),
    [
        ("shift.closed", {"difference_tiyn": -500}, Judged("difference", -500)),
        ("shift.closed", {"difference_tiyn": 0}, None),
        ("shift.opened", {"difference_tiyn": 300}, Judged("difference", 300)),
        ("shift.forced", {"difference_tiyn": 0}, Judged("forced")),
        ("shift.paid_out", {"amount_tiyn": 900}, Judged("paid_out", -900)),
        ("customer.top_up_taken_back", {"amount_tiyn": 700}, Judged("void", -700)),
        ("goods.taken_back", {"total_tiyn": 400}, Judged("void", -400)),
        ("time.given", {"seconds": 600}, Judged("given_time", 0, 600)),
        (
            "customer.deleted",
            {"paid_tiyn": 0, "written_off_tiyn": 50, "unplayed_seconds": 60},
            Judged("correction", -50, 60),
        ),
        ("customer.deleted", {"paid_tiyn": 0, "written_off_tiyn": 0, "unplayed_seconds": 0}, None),
        ("session.released", {}, Judged("correction")),
        ("payment.refund_asked", {"amount_tiyn": 200}, Judged("void", -200)),
        (
            "payment.refund_decided",
            {"amount_tiyn": 200, "was_done": False},
            Judged("correction", 200),
        ),
        ("payment.refund_decided", {"amount_tiyn": 200, "was_done": True}, None),
        ("payment.credit_given", {"amount_tiyn": 300}, Judged("correction", 300)),
        ("promo.created", {"amount_tiyn": 900, "seconds": 0, "codes": 5}, Judged("bonus")),
        ("customer.topped_up", {"amount_tiyn": 700}, None),
        (
            "good.changed",
            {"price_tiyn": 1, "before": {"title": "Кола", "price_tiyn": 500}},
            Judged("price"),
        ),
        (
            "good.changed",
            {"price_tiyn": 500, "before": {"title": "Колла", "price_tiyn": 500}},
            None,
        ),
        ("tariff.changed", {"price_tiyn": 900, "before": {"price_tiyn": 500}}, None),
        (
            "tariff.changed",
            {"price_tiyn": 500, "minimum_tiyn": 0, "before": {"minimum_tiyn": 100}},
            Judged("price"),
        ),
        (
            "tariff.changed",
            {"price_tiyn": 500, "zones": {"7": 1}, "before": {"zones": {}}},
            Judged("price"),
        ),
        (
            "tariff.changed",
            {"price_tiyn": 500, "zones": {}, "before": {"zones": {"7": 900}}},
            Judged("price"),
        ),
        (
            "tariff.changed",
            {"price_tiyn": 500, "zones": {"7": "not_sold"}, "before": {"zones": {"7": 900}}},
            None,
        ),
        (
            "tariff.changed",
            {"price_tiyn": 500, "zones": {"7": 900}, "before": {"zones": {"7": "not_sold"}}},
            None,
        ),
        ("group.changed", {"percent": 100, "before_percent": 10}, Judged("price")),
        ("group.changed", {"percent": 5, "before_percent": 10}, None),
        ("customer.group_changed", {"before": "", "group": "Друзья"}, Judged("price")),
        ("customer.group_changed", {"before": "Друзья", "group": ""}, None),
    ],
)
def test_events(kind: str, data: dict[str, Any], judged: Judged | None) -> None:
    assert rules.judged_event(kind, data) == judged


@pytest.mark.parametrize(
    ("before", "after", "cut_tiyn"),
    [
        ({"price_tiyn": 500}, {"price_tiyn": 1}, 499),
        ({"price_tiyn": 500}, {"price_tiyn": 900}, 0),
        ({"minimum_tiyn": 100}, {"price_tiyn": 500, "minimum_tiyn": 0}, 100),
        ({"zones": {}}, {"price_tiyn": 500, "zones": {"7": 1}}, 499),
        ({"zones": {"7": 900}}, {"price_tiyn": 500, "zones": {}}, 400),
        ({"zones": {"7": 900}}, {"price_tiyn": 500, "zones": {"7": None}}, 400),
        ({"zones": {"7": "not_sold"}}, {"price_tiyn": 500, "zones": {"7": 9}}, 0),
    ],
)
def test_how_much_cheaper(before: dict[str, Any], after: dict[str, Any], cut_tiyn: int) -> None:
    assert rules.price_cut_tiyn({**after, "before": before}) == cut_tiyn


def test_alarms_of_people_and_of_machines() -> None:
    assert rules.judged_alarm("launcher_killed") == Judged("computer")
    assert rules.judged_alarm("clock_moved") == Judged("computer")
    assert rules.judged_alarm("backup_failed") is None
    assert rules.judged_alarm("overloaded") is None
    assert rules.judged_alarm("payment_refunded_elsewhere") == Judged("payment")


def test_whose_shift_it_was() -> None:
    first, second = Watch(1, "А", 10, 20), Watch(2, "Б", 25, None)
    roster = Roster([first, second])
    assert [roster.at(at) for at in (9, 10, 20, 22, 25, 99)] == [
        None, first, first, None, second, second,
    ]  # fmt: skip


def test_shifts_that_meet_and_shifts_that_lie_over_each_other() -> None:
    first, second = Watch(1, "А", 10, 20), Watch(2, "Б", 20, 25)
    assert [Roster([first, second]).at(at) for at in (20, 21)] == [first, second]
    # The clock was set back: whatever is known of earlier ones, the later one answers.
    long, short = Watch(1, "А", 10, 90), Watch(2, "Б", 20, 25)
    assert [Roster([long, short]).at(at) for at in (19, 22, 50)] == [long, short, None]
