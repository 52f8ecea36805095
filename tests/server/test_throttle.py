import pytest

from lovhub.clock import ManualClock
from lovhub.server.errors import OperationRefused
from lovhub.server.throttle import Attempt, Throttle, place_of


def test_refuses_after_too_many_failures_and_says_how_long() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, attempts=3, per_seconds=60)
    for _ in range(3):
        throttle.check("10.0.0.5")
        throttle.failed("10.0.0.5")
        clock.advance(10)

    with pytest.raises(OperationRefused) as refusal:
        throttle.check("10.0.0.5")

    assert refusal.value.code == "too_many_attempts"
    assert refusal.value.values == {"seconds": 30}
    throttle.check("10.0.0.6")


def test_old_failures_are_forgotten() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, attempts=1, per_seconds=60)
    throttle.failed("key")
    clock.advance(60)
    throttle.check("key")


def test_success_forgets_failures() -> None:
    throttle = Throttle(ManualClock(), attempts=2, per_seconds=60)
    throttle.failed("key")
    throttle.succeeded("key")
    throttle.failed("key")
    throttle.check("key")


def test_memory_is_bounded() -> None:
    throttle = Throttle(ManualClock(), attempts=1, per_seconds=60)
    for number in range(10_001):
        throttle.failed(f"key {number}")
    throttle.check("key 0")
    with pytest.raises(OperationRefused):
        throttle.check("key 10000")


def test_a_guess_counts_before_it_is_judged_and_not_if_it_was_right() -> None:
    address, login = Throttle(ManualClock(), 2, 60), Throttle(ManualClock(), 3, 60)
    right = Attempt((address, "a"), (login, "l"))
    Attempt((address, "a"), (login, "l"))
    with pytest.raises(OperationRefused):
        Attempt((address, "a"), (login, "l"))
    right.was_right()
    right.was_right()  # no more is given back than was taken
    Attempt((address, "a"), (login, "l"))
    with pytest.raises(OperationRefused):
        address.check("a")
    Attempt((address, "b"), (login, "l"))
    with pytest.raises(OperationRefused):
        Attempt((address, "b"), (login, "l"))
    Attempt((address, "b"))  # what the login's limit refused did not count for the address


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::bbbb", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("", ""),
        ("nowhere", "nowhere"),
    ],
)
def test_a_network_of_ipv6_is_one_place(address: str, place: str) -> None:
    assert place_of(address) == place
