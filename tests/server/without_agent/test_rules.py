"""When the network shows enough to say that a PC is on without its agent, and when it does not."""

from collections.abc import Mapping

import pytest

from lovhub.server.live import Unlinked
from lovhub.server.platform import Neighbour
from lovhub.server.without_agent import rules
from lovhub.server.without_agent.rules import Cards, On, Seen, Watch

MAC = "02:00:5e:10:00:01"
OTHER = "02:00:5e:10:00:02"
ROUTER = Neighbour("192.168.1.1", "02:00:5e:99:00:01", "answers")
PC = Cards(frozenset({MAC}), ("192.168.1.17",))
THERE, NOBODY, UNKNOWN = Seen("there", "192.168.1.17"), Seen("nobody"), Seen("unknown")
OFF, VANISHED = Unlinked(1, said_goodbye=True), Unlinked(1, said_goodbye=False)


def sight(*neighbours: Neighbour, cards: Mapping[int, Cards] | None = None) -> Seen:
    return rules.sights(neighbours, cards or {1: PC}, {1: PC.addresses})[1]


@pytest.mark.parametrize(
    ("neighbours", "expected"),
    [
        ([ROUTER, Neighbour("192.168.1.17", MAC, "answers")], THERE),
        ([ROUTER, Neighbour("192.168.1.130", MAC, "answers")], Seen("there", "192.168.1.130")),
        ([ROUTER, Neighbour("192.168.1.17", MAC, "doubtful")], UNKNOWN),
        ([ROUTER, Neighbour("192.168.1.17", "", "silent")], NOBODY),
        ([ROUTER, Neighbour("192.168.1.17", OTHER, "answers")], NOBODY),
        ([ROUTER, Neighbour("192.168.1.17", OTHER, "doubtful")], UNKNOWN),
        ([Neighbour("192.168.1.17", "", "silent")], UNKNOWN),
        ([ROUTER], UNKNOWN),
        ([], UNKNOWN),
    ],
    ids=[
        "its card answers",
        "its card answers at another address",
        "its card answered a while ago",
        "nobody answers",
        "another's card has its address",
        "another's card had its address",
        "nobody answers at all: the network is down",
        "it is behind a router",
        "nothing is told",
    ],
)
def test_what_the_table_of_neighbours_says(neighbours: list[Neighbour], expected: Seen) -> None:
    assert sight(*neighbours) == expected


def test_of_a_card_that_several_pcs_tell_of_nothing_is_said() -> None:
    both = {1: PC, 2: Cards(frozenset({MAC}), ("192.168.1.18",))}
    assert sight(ROUTER, Neighbour("192.168.1.17", MAC, "answers"), cards=both) == UNKNOWN
    assert sight(ROUTER, Neighbour("192.168.1.17", "", "silent"), cards=both) == UNKNOWN


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.168.1.17", True), ("10.0.0.5", True), ("127.0.0.1", False), ("169.254.1.1", False),
        ("95.56.1.1", False), ("0.0.0.0", False), ("fd00::1", False), ("", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_club_are_asked(address: str, *, expected: bool) -> None:
    assert rules.is_near(address) is expected


def test_a_sweep_asks_each_place_of_our_own_networks_once() -> None:
    addresses = ["192.168.1.17", "192.168.1.18", "10.9.9.9"]
    turns = [list(rules.sweep(turn, addresses, [ROUTER])) for turn in range(rules.TURNS_OF_SWEEP)]
    asked = [address for turn in turns for address in turn]
    assert sorted(asked) == sorted(f"192.168.1.{place}" for place in range(1, 255))
    assert max(map(len, turns)) <= 13


class Evening:
    """Turns of the watch over one PC; each look is `seconds` after the one before."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.now = 1000.0
        self.asked = 0

    def pass_time(
        self,
        seconds: int,
        unlinked: Unlinked | None,
        seen: Seen = UNKNOWN,
        *,
        system_answers: bool = False,
    ) -> On | None:
        found = None
        for _turn in range(seconds // rules.TURN_SECONDS):
            self.now += rules.TURN_SECONDS
            pcs = [] if unlinked is None else [unlinked]
            self.watch.look(pcs, {1: seen}, now=self.now)
            to_ask = self.watch.to_ask(self.now)
            self.asked += len(to_ask)
            self.watch.asked(to_ask, {1} if system_answers else (), now=self.now)
            found = self.watch.on(self.now).get(1)
        return found


@pytest.fixture
def evening() -> Evening:
    return Evening()


def test_a_system_that_answers_is_on(evening: Evening) -> None:
    assert evening.pass_time(rules.FIRST_ASK_SECONDS, VANISHED, THERE) is None
    evening.pass_time(30, VANISHED, THERE, system_answers=True)
    on = evening.pass_time(900, VANISHED, THERE, system_answers=True)
    assert on == On(915, 0)


def test_a_card_that_has_answered_ever_since_may_be_that_of_a_sleeping_pc(evening: Evening) -> None:
    assert evening.pass_time(8 * 3600, VANISHED, THERE) is None
    assert evening.asked < 20, "a sleeping PC is not asked again and again: asking may wake it"


def test_a_card_that_answers_while_the_pc_is_off_says_nothing(evening: Evening) -> None:
    """Boards with a manager of their own."""
    assert evening.pass_time(8 * 3600, OFF, THERE) is None


def test_a_pc_that_was_off_and_answers_again_was_switched_on(evening: Evening) -> None:
    evening.pass_time(90, VANISHED, NOBODY)
    assert evening.pass_time(30, VANISHED, THERE) == On(15, 0)


def test_a_card_that_falls_silent_when_its_pc_is_off_tells_at_the_next_goodbye(
    evening: Evening,
) -> None:
    """The agent is ended by whoever may, and says goodbye as when the PC goes off."""
    evening.pass_time(90, OFF, NOBODY)
    evening.pass_time(3600, None)
    assert evening.pass_time(600, OFF, THERE) == On(585, 0)
    evening.pass_time(60, None)
    assert evening.pass_time(600, VANISHED, THERE) is None, "without a goodbye it may be asleep"


def test_a_moment_without_an_answer_is_no_switching_off(evening: Evening) -> None:
    evening.pass_time(45, VANISHED, NOBODY)
    assert evening.pass_time(900, VANISHED, THERE) is None
    evening.pass_time(90, VANISHED, NOBODY)
    evening.pass_time(300, VANISHED, THERE)
    assert evening.pass_time(120, VANISHED, UNKNOWN) == On(405, 120)
    assert evening.pass_time(15, VANISHED, THERE) == On(420, 0)


def test_a_pc_that_is_seen_no_more_is_on_no_more(evening: Evening) -> None:
    evening.pass_time(90, VANISHED, NOBODY)
    evening.pass_time(900, VANISHED, THERE)
    assert evening.pass_time(rules.GONE_SECONDS, VANISHED, NOBODY) == On(1065, 180)
    assert evening.pass_time(15, VANISHED, NOBODY) is None


def test_a_system_that_answers_no_more_is_on_no_more_though_its_card_is_there(
    evening: Evening,
) -> None:
    """It has gone to sleep, say."""
    evening.pass_time(900, VANISHED, THERE, system_answers=True)
    assert evening.pass_time(3 * rules.GONE_SECONDS, VANISHED, THERE) is None


def test_an_agent_that_comes_back_begins_anew(evening: Evening) -> None:
    evening.pass_time(90, VANISHED, NOBODY)
    evening.pass_time(900, VANISHED, THERE)
    assert evening.pass_time(15, None) is None
    assert evening.pass_time(60, VANISHED, THERE) is None


def test_a_pc_that_asking_wakes_is_asked_once(evening: Evening) -> None:
    evening.pass_time(rules.FIRST_ASK_SECONDS + 15, VANISHED, THERE)
    assert evening.asked == 1
    evening.pass_time(60, None)
    evening.pass_time(3600, VANISHED, THERE)
    assert evening.asked == 1


def test_a_server_that_takes_over_goes_on_with_what_was_told() -> None:
    watch = Watch()
    watch.look([VANISHED], {1: THERE}, now=5.0, told=[1])
    assert watch.on(5.0) == {1: On(0, 0)}


LONG = On(rules.TELL_SECONDS, 0)


def test_what_goes_on_for_long_enough_is_told_with_its_beginning() -> None:
    shorter = On(rules.TELL_SECONDS - 1, 0)
    assert not rules.plan({}, {1: shorter}, [], now=10_000)
    assert rules.plan({}, {1: On(700, 20)}, [], now=10_000).begun == {1: (9300, 9980)}


def test_that_it_goes_on_is_written_down_whenever_it_was_seen() -> None:
    assert rules.plan({1: 9985}, {1: LONG}, [], now=10_000).still == {1: 10_000}
    assert not rules.plan({1: 9985}, {1: On(700, 15)}, [], now=10_000)


def test_it_is_over_when_the_agent_is_back_or_nobody_has_seen_the_pc_for_long() -> None:
    assert rules.plan({1: 9990}, {}, [1], now=10_000).over == (1,)
    assert not rules.plan({1: 9820}, {}, [], now=10_000)
    assert rules.plan({1: 9819}, {}, [], now=10_000).over == (1,)
