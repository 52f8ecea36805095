"""PCs that have lost their server come back one by one, and not as a stampede."""

import heapq
import random
from collections import Counter
from collections.abc import Callable

from lovhub.agent.backoff import CAP_SECONDS, Backoff

PCS = 1_000
DOWN_SECONDS = 60.0


def tries(
    next_seconds: Callable[[Backoff], float] = Backoff.next_seconds,
) -> tuple[Counter[int], float]:
    """PCs that all lose the server in one instant: tries in each second, and when the last one is back."""
    pauses = [Backoff(random.Random(number)) for number in range(PCS)]
    due = [(next_seconds(pause), number) for number, pause in enumerate(pauses)]
    heapq.heapify(due)
    found: Counter[int] = Counter()
    at = 0.0
    while due:
        at, number = heapq.heappop(due)
        found[int(at)] += 1
        if at < DOWN_SECONDS:
            heapq.heappush(due, (at + next_seconds(pauses[number]), number))
    return found, at


def test_a_hall_that_waits_for_its_server_asks_ever_less_and_is_back_within_the_longest_pause() -> (
    None
):
    found, last_at = tries()
    assert found[0] < 5 * PCS, "whoever has only blinked is back at once"
    later = [found[second] for second in range(20, int(DOWN_SECONDS))]
    assert max(later) < PCS / 5, "a fifth of the hall at most in any second"
    assert min(later) > 0
    assert DOWN_SECONDS < last_at <= DOWN_SECONDS + CAP_SECONDS
    coming = [found[second] for second in range(int(DOWN_SECONDS), int(last_at) + 1)]
    assert max(coming) < PCS / 5, "nor when it is there again"


def test_whoever_is_sent_away_comes_when_it_was_asked_to_and_not_all_at_once() -> None:
    asked = 10
    waits = [Backoff(random.Random(number)).after_bye(asked) for number in range(PCS)]
    assert min(waits) >= asked
    assert max(waits) < 2 * asked
    assert max(Counter(int(wait) for wait in waits).values()) < PCS / 3


def test_a_hall_that_is_sent_from_one_server_to_the_next_asks_ever_less_too() -> None:
    """As when all servers have lost the database that they share."""
    found, last_at = tries(lambda pause: pause.after_bye(1))
    later = [found[second] for second in range(20, int(last_at))]
    assert max(later) < PCS / 5
    assert last_at <= DOWN_SECONDS + 1 + CAP_SECONDS


def test_whoever_was_reached_begins_with_short_pauses_again() -> None:
    pause = Backoff(random.Random(1))
    for _ in range(20):
        pause.next_seconds()
    pause.reset()
    assert pause.next_seconds() < 1
