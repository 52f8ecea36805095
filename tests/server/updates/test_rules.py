import pytest

from lovhub.protocol.updates import UpdateRefused, version_key
from lovhub.server.updates import rules
from lovhub.server.updates.rules import FREE_SECONDS, TURN_SECONDS, Standing

WAITING = Standing(1, "0.1.0", takes_updates=True, is_linked=True, free_seconds=FREE_SECONDS)
OFFERED = "0.2.0"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "waiting"),
        ({"state": "again"}, "waiting"),
        ({"free_seconds": FREE_SECONDS - 1}, "busy"),
        ({"is_linked": False, "takes_updates": False}, "off"),
        ({"takes_updates": False}, "by_hand"),
        ({"version": OFFERED}, "current"),
        ({"version": "0.10"}, "current"),
        ({"version": "0.2", "state": "offered"}, "under_way"),
        ({"version": "0.2", "state": "offered", "state_seconds": TURN_SECONDS}, "current"),
        ({"version": ""}, "current"),
        ({"state": "offered"}, "under_way"),
        ({"state": "offered", "is_linked": False}, "under_way"),
        ({"state": "offered", "state_seconds": TURN_SECONDS}, "waiting"),
        ({"state": "refused", "is_linked": False}, "refused"),
        ({"state": "rolled_back"}, "rolled_back"),
        ({"state": "done"}, "waiting"),
    ],
)
def test_how_a_pc_stands_to_the_version(changes: dict[str, object], shown: str) -> None:
    assert rules.shown(WAITING._replace(**changes), OFFERED) == shown  # type: ignore[arg-type]


def test_first_one_alone_then_three_at_a_time_and_only_free_ones() -> None:
    hall = [WAITING._replace(computer_id=number) for number in range(1, 7)]
    hall[5] = hall[5]._replace(free_seconds=0)
    assert rules.may_come(hall, OFFERED) == [1, 2, 3, 4, 5]
    hall[0] = hall[0]._replace(state="offered")
    assert rules.may_come(hall, OFFERED) == ()
    hall[0] = hall[0]._replace(state="done", version=OFFERED)
    hall[1] = hall[1]._replace(state="offered")
    hall[2] = hall[2]._replace(state="offered")
    assert rules.may_come(hall, OFFERED) == [4, 5]
    hall[3] = hall[3]._replace(state="offered")
    assert rules.may_come(hall, OFFERED) == ()
    hall[3] = hall[3]._replace(state_seconds=TURN_SECONDS)
    assert rules.may_come(hall, OFFERED) == [4, 5]


def test_versions_are_ordered_by_their_numbers_and_nothing_else_is_a_version() -> None:
    mixed = ["1.0.0.1", "0.10", "0.2.0", "0.1.1", "1.0.0", "0.1"]
    ordered = ["0.1", "0.1.1", "0.2.0", "0.10", "1.0.0", "1.0.0.1"]
    assert sorted(mixed, key=version_key) == ordered
    assert version_key("1.2") == version_key("1.2.0")
    for text in (
        "",
        "1",
        "1.2-rc",
        "1.2/..",
        "../1.2",
        "1.2\n",
        "1.²",
        "1.2.3.4.5",
        "1" * 9 + ".0",
    ):
        with pytest.raises(UpdateRefused):
            version_key(text)
