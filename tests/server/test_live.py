"""Which rows open pages are told: not those that only count on."""

from typing import Any

import msgspec
import pytest

from lovhub.server.live import (
    HallCondition,
    HallMaintenance,
    HallRow,
    HallSession,
    only_time_passed,
)

ROW = HallRow(1, "ПК-1", "D", "10.0.0.1", "used", "linked", "unlocked", 0, None, "", "")
PLAYED = HallSession(7, "active", "Ерлан", 1, "1 час", 3600, 0, "")


def row(**values: Any) -> HallRow:
    return msgspec.structs.replace(ROW, **values)


def session(**values: Any) -> HallRow:
    return row(session=msgspec.structs.replace(PLAYED, **values))


HELD = {"state": "unreachable", "seconds_left": 3600}
COUNTED = [
    (session(), session(seconds_left=3590)),
    (session(), session(seconds_left=3589)),  # both are whole seconds
    (session(seconds_left=4), session(seconds_left=0)),
    (session(**HELD, held_seconds=900), session(**HELD, held_seconds=890)),
    (row(link="lost", silent_seconds=5), row(link="lost", silent_seconds=15)),
    (
        row(condition=HallCondition("kept", "Аня", None, 600)),
        row(condition=HallCondition("kept", "Аня", None, 590)),
    ),
    (
        row(maintenance=HallMaintenance("Тимур", "мышь", 600)),
        row(maintenance=HallMaintenance("Тимур", "мышь", 590)),
    ),
    (row(condition=HallCondition("broken", "мышь", None, 0)),) * 2,
]


@pytest.mark.parametrize(("before", "after"), COUNTED)
def test_what_every_page_counts_by_itself_is_no_change(before: HallRow, after: HallRow) -> None:
    assert only_time_passed(before, after, 10.0)


CHANGED = [
    (session(), session()),  # its time stood still
    (session(), session(seconds_left=7190)),  # lengthened
    (session(), session(seconds_left=3580)),  # shortened
    (session(), session(seconds_left=3590, who="Анна")),
    (session(state="paused"), session(state="paused", seconds_left=3590)),
    (session(), session(state="paused", seconds_left=3590)),
    (session(), row()),
    (row(), session()),
    (session(), row(session=PLAYED, application="Dota 2")),
    (row(link="lost", silent_seconds=5), row(link="off", silent_seconds=15)),
    (row(link="lost", silent_seconds=5), row()),
    (
        row(condition=HallCondition("kept", "Аня", None, 600)),
        row(condition=HallCondition("kept", "Аня", None, 3600)),
    ),
    (row(condition=HallCondition("kept", "Аня", None, 8)), row()),
]


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_what_is_more_than_that_is_told(before: HallRow, after: HallRow) -> None:
    assert not only_time_passed(before, after, 10.0)
