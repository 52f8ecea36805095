"""When a PC counts as linked, lost, off or switched off."""

import pytest

from lovhub.server.channel import rules
from lovhub.server.channel.rules import Signs


@pytest.mark.parametrize(
    ("signs", "grace", "link"),
    [
        (Signs(True, False, 0), False, "linked"),
        (Signs(False, False, 0), False, "lost"),
        (Signs(False, False, 60), False, "lost"),
        (Signs(False, False, 61), False, "off"),
        (Signs(False, False, None), False, "off"),
        (Signs(False, False, 600), True, "lost"),
        (Signs(False, True, 0), False, "switched_off"),
        (Signs(False, True, 600), True, "switched_off"),
    ],
)
def test_the_link(signs: Signs, grace: bool, link: str) -> None:
    assert rules.link_of(signs, grace=grace) == link


@pytest.mark.parametrize(
    ("link", "has_session", "status"),
    [
        ("linked", False, "active"),
        ("linked", True, "used"),
        ("lost", True, "used"),
        ("off", True, "off"),
        ("switched_off", False, "off"),
    ],
)
def test_the_status(link: rules.Link, has_session: bool, status: str) -> None:
    assert rules.status_of(link, has_session=has_session) == status


@pytest.mark.parametrize(
    ("link", "lock", "problem"),
    [
        ("off", "locked", "silent"),
        ("switched_off", "locked", ""),
        ("lost", "broken", ""),
        ("linked", "broken", "lock_broken"),
        ("linked", "unlocked", ""),
    ],
)
def test_the_problem(link: rules.Link, lock: str, problem: str) -> None:
    assert rules.problem_of(link, lock) == problem


def test_where_the_pc_may_be_open_a_launcher_that_hangs_leaves_nothing_open() -> None:
    assert rules.problem_of("linked", "broken", is_open=True) == "launcher_silent"
    assert rules.problem_of("linked", "unlocked", is_open=True) == ""


@pytest.mark.parametrize(
    ("link", "problem"),
    [("off", "no_agent"), ("switched_off", "no_agent"), ("lost", ""), ("linked", "")],
)
def test_a_pc_on_without_its_agent_is_a_problem(link: rules.Link, problem: str) -> None:
    assert rules.problem_of(link, "locked", is_without_agent=True) == problem


@pytest.mark.parametrize("lock", ["locked", "unlocked", "broken"])
@pytest.mark.parametrize("said_goodbye", [True, False])
@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("is_without_agent", [True, False])
@pytest.mark.parametrize("grace", [True, False])
def test_a_pc_that_is_well_is_linked_and_has_no_problem(
    lock: str, said_goodbye: bool, is_open: bool, is_without_agent: bool, grace: bool
) -> None:
    """So the picture of a hall asks of nearly all PCs nothing more."""
    signs = Signs(True, said_goodbye, 0)
    link = rules.link_of(signs, grace=grace)
    problem = rules.problem_of(link, lock, is_open=is_open, is_without_agent=is_without_agent)
    assert link == "linked"
    assert not (rules.is_well(signs, lock) and problem)


def test_a_linked_pc_is_well_unless_its_lock_is_broken() -> None:
    linked = Signs(True, False, 0)
    assert rules.is_well(linked, "locked")
    assert not rules.is_well(linked, "broken")
    assert not rules.is_well(Signs(False, False, 3), "locked")


@pytest.mark.parametrize(
    ("lost_at", "total", "is_loss"),
    [
        ([100.0] * 5, 16, True),
        ([100.0] * 5, 17, False),  # less than 30 % of the hall
        ([100.0] * 4, 4, False),  # a small club: fewer than five
        ([80.0, *[100.0] * 4], 10, False),  # the first one long before
        ([85.0, *[100.0] * 4], 10, True),
    ],
)
def test_a_mass_loss(lost_at: list[float], total: int, is_loss: bool) -> None:
    assert rules.is_mass_loss(lost_at, now=100.0, total=total) is is_loss
