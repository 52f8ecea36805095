"""What a launcher's silence means, second by second, with the clock in the test's hand."""

from collections.abc import Callable

import pytest

from lovhub.agent import silence
from lovhub.agent.silence import Silence, Stalls
from lovhub.clock import ManualClock

LOOK = 0.1
WORD = 0.5


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def heard(clock: ManualClock) -> Silence:
    """Of a launcher that has just attached."""
    heard = Silence(clock)
    heard.attached()
    return heard


@pytest.fixture
def listen(clock: ManualClock, heard: Silence) -> Callable[..., None]:
    def listen(seconds: float, *, word_every: float = 0) -> None:
        """The guard looks as it does; the launcher speaks so often, or not at all."""
        since_word = 0.0
        for _look in range(round(seconds / LOOK)):
            clock.advance(LOOK)
            since_word += LOOK
            if word_every and since_word > word_every - LOOK / 2:
                heard.word()
                since_word = 0
            heard.look()

    return listen


def test_one_that_speaks_is_believed(heard: Silence, listen: Callable[..., None]) -> None:
    listen(20, word_every=WORD)
    assert (heard.is_doubted, heard.is_hung) == (False, False)


def test_within_a_second_of_its_last_word_it_is_doubted(
    heard: Silence, listen: Callable[..., None]
) -> None:
    """The guard looks ten times a second; so 0.9 s and a look are a second."""
    listen(0.8)
    assert not heard.is_doubted
    listen(0.2)
    assert (heard.is_doubted, heard.is_hung) == (True, False)


def test_three_seconds_after_its_last_word_it_hangs(
    heard: Silence, listen: Callable[..., None]
) -> None:
    listen(2.9)
    assert not heard.is_hung
    listen(0.2)
    assert heard.is_hung


def test_one_that_has_recovered_is_believed_once_it_speaks_on(
    heard: Silence, listen: Callable[..., None]
) -> None:
    listen(1.9)
    seconds = heard.word()
    assert seconds == pytest.approx(1.9)
    assert (heard.is_doubted, heard.is_hung) == (True, False)
    listen(silence.SETTLED_SECONDS + LOOK, word_every=WORD)
    assert not heard.is_doubted


def test_one_that_stammers_is_doubted_throughout_and_not_twice_a_second(
    heard: Silence, listen: Callable[..., None]
) -> None:
    listen(1.2, word_every=1.2)
    for _stammer in range(20):
        listen(1.1)
        assert heard.is_doubted
        heard.word()
        listen(LOOK)
        assert (heard.is_doubted, heard.is_hung) == (True, False)


def test_a_word_in_time_is_no_stall(heard: Silence, clock: ManualClock) -> None:
    clock.advance(WORD)
    assert heard.word() == 0


def test_a_pc_that_stood_still_as_a_whole_says_nothing_of_its_launcher(
    heard: Silence, listen: Callable[..., None], clock: ManualClock
) -> None:
    """It slept, or a game took all of it: the guard was not there to hear."""
    listen(5, word_every=WORD)
    clock.advance(600)
    heard.look()
    assert (heard.is_doubted, heard.is_hung) == (False, False)
    listen(1)
    assert heard.is_doubted  # but from now on it is expected to speak


def test_a_launcher_that_hangs_does_so_also_where_the_guard_is_late_at_every_look(
    heard: Silence, clock: ManualClock
) -> None:
    """Whoever stops the launcher and keeps the PC busy would have a lock that nobody puts up again."""
    for _look in range(60):
        clock.advance(1)
        heard.look()
    assert (heard.is_doubted, heard.is_hung) == (True, True)


def test_a_word_that_comes_before_the_guard_looks_again_is_no_stall_either(
    heard: Silence, listen: Callable[..., None], clock: ManualClock
) -> None:
    listen(5, word_every=WORD)
    clock.advance(600)
    assert heard.word() == 0


def test_the_next_launcher_begins_afresh(heard: Silence, listen: Callable[..., None]) -> None:
    listen(5)
    heard.attached()
    assert (heard.is_doubted, heard.is_hung) == (False, False)


def test_the_first_stall_is_told_at_once_and_an_hour_of_them_in_one(clock: ManualClock) -> None:
    stalls = Stalls(clock)
    stalls.over(1.2)
    assert stalls.to_tell() == (1, 2)
    for _stall in range(1000):
        clock.advance(3)
        stalls.over(2.1)
        assert stalls.to_tell() is None
    clock.advance(600)
    assert stalls.to_tell() == (1000, 3)
    clock.advance(10_000)
    assert stalls.to_tell() is None
    stalls.over(1)
    assert stalls.to_tell() == (1, 1)
