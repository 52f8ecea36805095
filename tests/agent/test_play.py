from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from lovhub.agent.play import (
    Play,
    ServerTime,
    advance,
    begin,
    renew,
    seconds_left,
    stop_reason,
    warn,
)
from lovhub.protocol.lease import Lease
from lovhub.protocol.views import SessionView

STARTED_AT = 1_000_000


def lease(seconds: int, serial: int = 1, not_after: int = STARTED_AT + 10**6) -> Lease:
    return Lease(
        session_id=1,
        computer_id=7,
        serial=serial,
        seconds=seconds,
        issued_at=STARTED_AT,
        not_after=not_after,
    )


def view(seconds_left: int, played_seconds: int = 0) -> SessionView:
    return SessionView(
        session_id=1,
        state="active",
        title="1 час",
        customer_name="Алия",
        seconds_left=seconds_left,
        played_seconds=played_seconds,
    )


@dataclass
class Evening:
    """A session lived through step by step, as the agent does it."""

    play: Play
    monotonic: float = 0.0
    server_time: ServerTime = field(
        default_factory=lambda: ServerTime(told_at=STARTED_AT, monotonic=0.0)
    )

    def pass_seconds(self, seconds: float) -> None:
        self.monotonic += seconds
        self.play = advance(self.play, monotonic=self.monotonic, server_time=self.server_time)

    def left(self, link_lost_seconds: int = 0) -> int:
        return seconds_left(
            self.play,
            monotonic=self.monotonic,
            server_time=self.server_time,
            link_lost_seconds=link_lost_seconds,
        )

    def reason(self) -> str | None:
        return stop_reason(self.play, monotonic=self.monotonic, server_time=self.server_time)

    def warning(self) -> int | None:
        self.play, minutes = warn(self.play, self.left())
        return minutes


def test_an_hour_runs_down_and_is_over() -> None:
    evening = Evening(begin(view(3600), lease(3600), monotonic=0.0))
    evening.pass_seconds(3599)
    assert (evening.left(), evening.reason()) == (1, None)
    evening.pass_seconds(1)
    assert (evening.left(), evening.reason()) == (0, "time_over")


def test_a_lease_that_is_not_renewed_ends_the_session_before_the_time_is_over() -> None:
    evening = Evening(begin(view(3600), lease(900), monotonic=0.0))
    evening.pass_seconds(5000)
    assert evening.reason() == "lease_over"
    assert evening.play.played_seconds == 900


def test_nothing_is_played_after_the_lease_is_void() -> None:
    evening = Evening(begin(view(3600), lease(900, not_after=STARTED_AT + 600), monotonic=0.0))
    evening.pass_seconds(700)
    assert evening.reason() == "lease_over"
    assert evening.play.played_seconds == 600


def test_an_old_lease_takes_nothing_away_and_gives_nothing() -> None:
    evening = Evening(begin(view(3600), lease(900, serial=4), monotonic=0.0))
    evening.play = renew(evening.play, view(3600), lease(3600, serial=3))
    assert evening.play.lease.seconds == 900
    evening.play = renew(evening.play, view(3600), lease(600, serial=5))
    assert evening.play.lease.seconds == 900


def test_what_was_played_before_is_not_played_again() -> None:
    play = begin(view(3600), lease(900), monotonic=0.0, already_played_seconds=880)
    evening = Evening(play)
    evening.pass_seconds(20)
    assert evening.reason() == "lease_over"


def test_a_whole_hour_is_warned_of_at_fifteen_five_and_one() -> None:
    evening = Evening(begin(view(3600), lease(3600), monotonic=0.0))
    told = {}
    for _second in range(3600):
        evening.pass_seconds(1)
        if minutes := evening.warning():
            told[minutes] = evening.left()
    assert told == {15: 900, 5: 300, 1: 60}


def test_a_jump_past_both_warnings_gives_only_the_smaller() -> None:
    evening = Evening(begin(view(3600), lease(3600), monotonic=0.0))
    evening.pass_seconds(3600 - 30)
    assert evening.warning() == 1
    evening.pass_seconds(1)
    assert evening.warning() is None


def test_bought_time_is_warned_of_anew() -> None:
    evening = Evening(begin(view(600), lease(600), monotonic=0.0))
    evening.pass_seconds(301)
    assert evening.warning() == 5
    evening.play = renew(evening.play, view(3600 + 299, played_seconds=301), lease(4200, serial=2))
    assert evening.warning() is None
    evening.pass_seconds(3600)
    assert evening.warning() == 5


def test_a_count_that_differs_a_little_is_no_purchase() -> None:
    evening = Evening(begin(view(600), lease(600), monotonic=0.0))
    evening.pass_seconds(301)
    assert evening.warning() == 5
    evening.play = renew(evening.play, view(300, played_seconds=302), None)
    assert evening.warning() is None


def test_with_the_link_long_lost_only_the_lease_is_promised() -> None:
    evening = Evening(begin(view(3600), lease(900), monotonic=0.0))
    evening.pass_seconds(100)
    assert evening.left(link_lost_seconds=5) == 3500
    assert evening.left(link_lost_seconds=60) == 800


steps = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.floats(0, 2000, allow_nan=False)),
        st.tuples(st.just("lease"), st.integers(0, 8000)),
        st.tuples(st.just("count"), st.integers(0, 8000)),
        st.tuples(st.just("server_time"), st.integers(-100, 100)),
    ),
    max_size=40,
)


@given(granted=st.integers(1, 8000), valid_seconds=st.integers(1, 9000), steps=steps)
def test_never_beyond_the_lease_and_never_backwards(
    granted: int, valid_seconds: int, steps: list[tuple[str, float]]
) -> None:
    evening = Evening(
        begin(
            view(granted),
            lease(granted, not_after=STARTED_AT + valid_seconds),
            monotonic=0.0,
        )
    )
    allowed = granted
    passed = 0.0
    told = 0.0
    serial = 1
    for step, value in steps:
        played_before = evening.play.played
        if step == "pass":
            evening.pass_seconds(value)
            passed += value
        elif step == "lease":
            serial += 1
            allowed = max(allowed, int(value))
            not_after = evening.play.lease.not_after
            newer = lease(int(value), serial=serial, not_after=not_after)
            evening.play = renew(evening.play, view(100, played_seconds=0), newer)
        elif step == "count":
            told += max(0.0, value - evening.play.played)
            evening.play = renew(evening.play, view(100, played_seconds=int(value)), None)
        else:
            now = evening.server_time.at(evening.monotonic) + int(value)
            evening.server_time = ServerTime(told_at=now, monotonic=evening.monotonic)
        assert evening.play.played >= played_before
        assert evening.play.played <= allowed
        assert evening.play.played <= passed + told + 1e-6


@given(
    granted=st.integers(1, 8000),
    jumps=st.lists(st.floats(0.1, 1500, allow_nan=False), max_size=60),
)
def test_each_warning_is_given_at_most_once_and_in_its_time(
    granted: int, jumps: list[float]
) -> None:
    evening = Evening(begin(view(granted), lease(granted), monotonic=0.0))
    warnings = []
    for jump in jumps:
        evening.pass_seconds(jump)
        minutes = evening.warning()
        if minutes is not None:
            warnings.append(minutes)
            assert 0 < evening.left() <= minutes * 60
        if 0 < evening.left() <= 60:
            assert 1 in warnings
    assert warnings == sorted(set(warnings), reverse=True)
    assert set(warnings) <= {15, 5, 1}
