import pytest

from lovhub.server.attention import rules


@pytest.mark.parametrize(
    ("state", "left", "ending"),
    [
        ("active", 601, False),
        ("active", 600, True),
        ("active", 0, True),
        ("paused", 30, False),
        ("unreachable", 30, False),
    ],
)
def test_only_running_time_comes_to_an_end(state: str, left: int, ending: bool) -> None:
    assert rules.is_ending(state, left) is ending


@pytest.mark.parametrize(
    ("ends_at", "until", "dismissed"),
    [(1000, None, False), (1000, 1000, True), (1060, 1000, True), (1061, 1000, False)],
)
def test_a_session_that_was_lengthened_is_news_again(
    ends_at: int, until: int | None, dismissed: bool
) -> None:
    assert rules.is_dismissed(ends_at=ends_at, dismissed_until=until) is dismissed


@pytest.mark.parametrize(
    ("taken_by", "closed", "code"),
    [
        (None, False, ""),
        (1, False, ""),
        (2, False, "already_taken"),
        (None, True, "already_closed"),
        (2, True, "already_closed"),
    ],
)
def test_the_first_has_it(taken_by: int | None, closed: bool, code: str) -> None:
    assert rules.may_take(taken_by=taken_by, closed=closed, by=1) == code
