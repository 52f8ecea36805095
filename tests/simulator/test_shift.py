"""What the demonstration's people do by themselves, told by what they ask of the club."""

from pathlib import Path
from typing import Any, cast

import pytest

from lovhub.simulator.club_api import ApiRefused, ClubApi, OpenCall
from lovhub.simulator.people import Person
from lovhub.simulator.shift import (
    BROKEN_PC,
    CLOSE_AFTER_SECONDS,
    GUESTS_PC,
    KEPT_PC,
    MESSAGE_PC,
    TAKE_AFTER_SECONDS,
    Shift,
    Staff,
    open_shift,
)


class Desk:
    """A club as everybody at the desk sees it; writes down who asked for what."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.linked: list[str] = []
        self.calls: list[OpenCall] = []
        self.shift = False

    def staff(self) -> Staff:
        people = [cast("ClubApi", AtTheDesk(self, name)) for name in ("boss", "one", "two", "tech")]
        return Staff(people[0], (people[1], people[2]), people[3], Person("one", "secret"))


class AtTheDesk:
    def __init__(self, desk: Desk, name: str) -> None:
        self._desk = desk
        self._name = name

    def live(self) -> dict[str, Any]:
        return {
            "rows": [
                {"name": name, "computer_id": number, "link": "linked"}
                for number, name in enumerate(self._desk.linked, start=1)
            ]
        }

    def open_calls(self) -> list[OpenCall]:
        return self._desk.calls

    def shift_is_open(self) -> bool:
        return self._desk.shift

    def __getattr__(self, what: str) -> Any:
        def do(*asked: object) -> None:
            self._desk.done.append((self._name, what, *asked))
            if what == "seat_guest":
                raise ApiRefused(409, "computer_busy")

        return do


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_evening_is_opened_once_when_all_its_pcs_are_there(desk: Desk, tmp_path: Path) -> None:
    desk.linked = [MESSAGE_PC, GUESTS_PC, BROKEN_PC]
    Shift(desk.staff(), tmp_path).look()
    assert desk.done == []
    desk.linked.append(KEPT_PC)
    with pytest.raises(ApiRefused):  # somebody was quicker; it is not tried again
        Shift(desk.staff(), tmp_path).look()
    assert {(who, what) for who, what, *_asked in desk.done} >= {
        ("tech", "mark_broken"), ("two", "keep"), ("boss", "send_message"), ("one", "seat_guest"),
    }  # fmt: skip
    desk.done.clear()
    Shift(desk.staff(), tmp_path).look()
    assert desk.done == []


def test_somebody_goes_to_whoever_has_waited_and_is_done_later(desk: Desk, tmp_path: Path) -> None:
    desk.calls = [
        OpenCall(1, TAKE_AFTER_SECONDS - 1, taken=False),
        OpenCall(2, TAKE_AFTER_SECONDS, taken=False),
        OpenCall(3, CLOSE_AFTER_SECONDS - 1, taken=True),
        OpenCall(4, CLOSE_AFTER_SECONDS, taken=True),
    ]
    Shift(desk.staff(), tmp_path).look()
    assert desk.done == [("two", "take_call", 2), ("two", "close_call", 4)]


@pytest.mark.parametrize("is_open", [True, False])
def test_somebody_answers_for_the_drawer(desk: Desk, *, is_open: bool) -> None:
    desk.shift = is_open
    open_shift(desk.staff())
    assert bool(desk.done) is not is_open
