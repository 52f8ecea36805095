"""The measures of a gaming PC's programs, with the real ones on a screen of their own."""

from PIL import Image, ImageDraw

from bench import pc
from bench.measures import launcher


def test_the_lock_is_seen_whole_and_so_is_a_bare_window() -> None:
    times, held = launcher.measure_lock(runs=1)
    for result in (times, held):
        assert min(result.runs[0].ours, result.runs[0].baseline) > 0
    assert times.ours < pc.MOST_SECONDS
    assert held.ours > held.baseline  # it does hold more than Qt alone


def test_an_agent_holds_more_than_its_libraries() -> None:
    result = launcher.measure_agent(runs=1, seconds=0.5)
    assert result.ours > result.baseline > 10


def test_a_caret_is_no_difference_and_a_field_is() -> None:
    blank = Image.new("RGB", (pc.WIDTH // pc.TIMES_SMALLER, pc.HEIGHT // pc.TIMES_SMALLER))
    caret, field = blank.copy(), blank.copy()
    ImageDraw.Draw(caret).line((50, 40, 50, 44), fill="white")
    ImageDraw.Draw(field).rectangle((40, 30, 80, 34), fill="white")
    assert pc.alike(blank, caret)
    assert not pc.alike(blank, field)
