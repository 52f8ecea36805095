"""Whatever is sent, it is taken or refused in the words that are meant for it; the same examples in every run.

`make fuzz SECONDS=600` tries others, for as long as one likes.
"""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.targets import TARGETS

EXAMPLES = {
    "client_frames": 120,
    "config": 120,
    "csv": 120,
    "xlsx": 30,
    "update_packages": 30,
    "libraries": 30,
}
USUAL_EXAMPLES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_breaks_it(name: str) -> None:
    said, take_in = TARGETS[name]

    @settings(
        max_examples=EXAMPLES.get(name, USUAL_EXAMPLES), derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    @given(said)
    def try_it(value: object) -> None:
        take_in(value)

    try_it()
