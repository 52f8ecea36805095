"""`make fuzz`: every target in turn with seeds nobody has tried, until the time is over; what breaks is printed."""

import secrets
import sys
import time
import traceback

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.targets import TARGETS, Target

A_TURN = 200


def main(seconds: float, only: list[str], first_seed: int | None) -> int:
    """Try for so long; the exit code. `only`: the names of targets; `first_seed`: one that broke something."""
    until = time.monotonic() + seconds
    tried = dict.fromkeys(only or TARGETS, 0)
    while time.monotonic() < until or not all(tried.values()):
        for name in tried:
            number = secrets.randbelow(2**32) if first_seed is None else first_seed
            try:
                _turn(TARGETS[name], number)
            except Exception:  # noqa: BLE001 (whatever it is, it is what was looked for)
                traceback.print_exc()
                print(
                    f"\n{name} broke. Again: {sys.executable} -m tests.fuzz.run 1 {name} --seed {number}"
                )
                return 1
            tried[name] += A_TURN
    print(", ".join(f"{name} {count}" for name, count in tried.items()))
    return 0


def _turn(target: Target, number: int) -> None:
    said, take_in = target

    @seed(number)
    @settings(
        max_examples=A_TURN, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(said)
    def try_it(value: object) -> None:
        take_in(value)

    try_it()


if __name__ == "__main__":
    words = sys.argv[1:]
    asked = int(words.pop(words.index("--seed") + 1)) if "--seed" in words else None
    names = [word for word in words[1:] if word != "--seed"]
    sys.exit(main(float(words[0]), names, asked))
