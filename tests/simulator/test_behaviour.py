from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from lovhub.simulator.behaviour import (
    PLAYERS_PER_PC,
    Arrive,
    Buy,
    Call,
    Launch,
    LauncherKilled,
    Leave,
    LoseLink,
    LosePower,
    Quit,
    Step,
    plan,
)

SEEDS = st.integers(0, 2**32)
PC_NUMBERS = st.integers(1, 200)


def first_steps(seed: int, pc_number: int, number: int = 300) -> list[Step]:
    return list(islice(plan(seed, pc_number), number))


@given(SEEDS, PC_NUMBERS)
def test_the_same_seed_gives_the_same_plan(seed: int, pc_number: int) -> None:
    assert first_steps(seed, pc_number) == first_steps(seed, pc_number)


def test_the_plan_of_a_seed_is_the_same_today_as_it_was_yesterday() -> None:
    # Written down, so that a change of the plan, or of Python's chance, does not pass unseen.
    assert first_steps(1, 1, 4) == [
        Step(after_seconds=7, action=Arrive(player=0, mistypes=False)),
        Step(after_seconds=2, action=Buy(choice=0.62, more=False)),
        Step(after_seconds=7, action=Launch(choice=0.75)),
        Step(after_seconds=2095, action=Quit()),
    ]


def test_another_seed_and_another_pc_have_other_plans() -> None:
    plans = [first_steps(seed, pc_number) for seed in (1, 2) for pc_number in (1, 2)]
    assert len({tuple(steps) for steps in plans}) == 4


@given(SEEDS, PC_NUMBERS)
def test_a_player_leaves_before_the_next_one_sits_down(seed: int, pc_number: int) -> None:
    sitting: int | None = None
    after_a_power_cut = False
    for step in first_steps(seed, pc_number):
        match step.action:
            case Arrive(player=player):
                assert sitting is None or (after_a_power_cut and sitting == player)
                assert 0 <= player < PLAYERS_PER_PC
                sitting = player
                after_a_power_cut = False
            case LosePower():
                after_a_power_cut = True
            case Leave():
                assert sitting is not None
                sitting = None


@given(SEEDS, PC_NUMBERS)
def test_applications_are_closed_before_others_are_started(seed: int, pc_number: int) -> None:
    running = False
    for step in first_steps(seed, pc_number):
        match step.action:
            case Launch():
                assert not running
                running = True
            case Quit():
                assert running
                running = False
            case Leave():
                assert not running


@given(SEEDS, PC_NUMBERS)
def test_a_plan_is_never_a_flood(seed: int, pc_number: int) -> None:
    steps = first_steps(seed, pc_number)
    assert all(step.after_seconds >= 0 for step in steps)
    # A visit has at most two dozen steps and takes at least five minutes.
    assert sum(step.after_seconds for step in steps) > len(steps) * 300 / 24


@given(SEEDS)
def test_a_hall_of_twenty_is_lively_at_once_and_has_something_to_look_at(seed: int) -> None:
    openings = [first_steps(seed, number, 2) for number in range(1, 21)]
    playing = [
        opening
        for opening in openings
        if isinstance(opening[0].action, Arrive)
        and opening[0].after_seconds <= 8
        and isinstance(opening[1].action, Buy)
    ]
    assert len(playing) == 14
    assert [type(opening[0].action) for opening in openings].count(Call) == 1
    assert [type(opening[0].action) for opening in openings].count(LauncherKilled) == 1
    assert [type(opening[0].action) for opening in openings].count(LoseLink) == 1
