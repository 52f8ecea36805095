"""From what a pad says to what is meant, and where the focus goes: tables."""

import pytest

from lovhub.launcher.gamepad.mapping import Mapper, PadState
from lovhub.launcher.gamepad.places import Place, nearest

Told = tuple[float, PadState, tuple[str, ...]]


def held(*buttons: str, x: float = 0.0, y: float = 0.0) -> PadState:
    return PadState(frozenset(buttons), x, y)


@pytest.mark.parametrize(
    "evening",
    [
        pytest.param(
            [(0, held(), ()), (1, held("a"), ("press",)), (2, held("a"), ()), (3, held(), ())],
            id="a button counts once",
        ),
        pytest.param(
            [(0, held("a"), ()), (1, held("a"), ()), (2, held(), ()), (3, held("a"), ("press",))],
            id="what was held in the game before counts when it is pressed anew",
        ),
        pytest.param(
            [
                *[(0, held(), ()), (0, held("down"), ("down",)), (0.3, held("down"), ())],
                *[(0.41, held("down"), ("down",)), (0.45, held("down"), ())],
                *[(0.6, held("down"), ("down",)), (0.7, held(), ()), (9, held(), ())],
            ],
            id="a direction repeats, slowly at first",
        ),
        pytest.param(
            [(0, held(), ()), (0, held(x=0.3, y=-0.3), ()), (0, held(x=0.55), ())],
            id="a stick that drifts means nothing",
        ),
        pytest.param(
            [
                *[(0, held(), ()), (0, held(y=-0.7), ("up",)), (0.1, held(y=-0.5), ())],
                *[(0.2, held(y=-0.3), ()), (0.3, held(y=-0.5), ()), (0.4, held(y=-0.9), ("up",))],
            ],
            id="on its edge it does not flutter",
        ),
        pytest.param(
            [(0, held(), ()), (0, held(x=0.9, y=0.8), ("right",)), (0.1, held(x=0.8, y=0.9), ("down",))],
            id="the longer way counts",
        ),
        pytest.param(
            [(0, held(), ()), (0, held("left", x=-1), ("left",)), (0.1, held("left"), ())],
            id="cross and stick the same way are one",
        ),
        pytest.param(
            [(0, held(), ()), (0, held("a", "b", "start", "up"), ("press", "back", "up"))],
            id="several at once; what means nothing is passed over",
        ),
        pytest.param(
            [
                *[(0, held(), ()), (0, held("x"), ("x",)), (0, held("y"), ("y",))],
                *[(0, held("left_shoulder"), ("previous",)), (0, held("right_shoulder"), ("next",))],
            ],
            id="the rest",
        ),
    ],
)  # fmt: skip
def test_what_a_pad_means(evening: list[Told]) -> None:
    mapper = Mapper()
    assert [mapper.step(state, now) for now, state, _deeds in evening] == [
        deeds for _now, _state, deeds in evening
    ]


def at(left: int, top: int, width: int = 10, height: int = 10) -> Place:
    return Place(left, top, left + width, top + height)


@pytest.mark.parametrize(
    ("places", "goes"),
    [
        ([at(20, 0), at(40, 0)], {"right": 0, "left": None, "up": None, "down": None}),
        ([at(40, 0), at(20, 8)], {"right": 1}),  # the nearer one, though a little lower
        ([at(20, 100), at(200, 0)], {"right": 1, "down": 0}),  # in line before aside
        ([at(-20, 0), at(0, -20), at(0, 20)], {"left": 0, "up": 1, "down": 2, "right": None}),
        ([at(0, 20, 200), at(0, 60)], {"down": 0}),
        ([at(-300, 20, 600)], {"down": 0, "left": None, "right": None}),
        ([at(0, 0)], {"right": None, "down": None}),  # what lies on one another
    ],
)
def test_the_focus_goes_where_one_looks(places: list[Place], goes: dict[str, int | None]) -> None:
    for direction, number in goes.items():
        assert nearest(at(0, 0), places, direction) == number, direction  # type: ignore[arg-type]
