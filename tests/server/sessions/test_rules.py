"""The rules of a session, as examples and as properties; no database, no clock but a number."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lovhub.server.sessions import rules
from lovhub.server.sessions.lot_seconds import LotSeconds, Move, earned_tiyn
from lovhub.server.sessions.rules import Decision, Session

HOUR = 3600
LEASE = 900


def test_a_lease_covers_lots_in_their_order() -> None:
    lots = [LotSeconds(1, 200, 0), LotSeconds(2, 3600, 0)]
    decision = rules.begin(lots, now=0, lease_seconds=LEASE)
    assert decision.moves == (Move(1, "reserve", 200), Move(2, "reserve", 700))
    assert decision.session.leased_seconds == 900
    assert decision.session.due_at == 300


def test_the_last_lease_is_looked_at_when_it_ends() -> None:
    decision = rules.begin([LotSeconds(1, 600, 0)], now=0, lease_seconds=LEASE)
    assert decision.session.due_at == 600


def test_a_late_clock_takes_no_more_than_the_lease() -> None:
    session = Session(state="active", settled_at=0, leased_seconds=900)
    decision = rules.tick(session, [LotSeconds(1, 2700, 900)], now=5000, lease_seconds=LEASE)
    assert decision.session.played_seconds == 900
    assert decision.session.state == "active"


def test_an_active_session_with_nothing_left_is_over() -> None:
    session = Session(state="active", settled_at=0, leased_seconds=600)
    decision = rules.tick(session, [LotSeconds(1, 0, 600)], now=600, lease_seconds=LEASE)
    assert (decision.session.state, decision.session.end_reason) == ("ended", "time_over")


def test_a_pc_that_reports_less_than_the_clock_says_is_looked_at() -> None:
    session = Session(state="unreachable", settled_at=0, leased_seconds=900)
    decision = rules.report(
        session,
        [LotSeconds(1, 0, 900)],
        now=600,
        played_seconds=10,
        same_boot=True,
        elsewhere=False,
        power_cut_rule="pause",
        lease_seconds=LEASE,
    )
    assert (decision.alarm, decision.alarm_seconds) == ("report_short", 590)


@pytest.mark.parametrize(
    ("rule_of_the_owner", "state", "reason"),
    [("pause", "paused", ""), ("run_on", "active", ""), ("end", "ended", "power_cut")],
)
def test_the_owner_says_what_follows_a_power_cut(
    rule_of_the_owner: str, state: str, reason: str
) -> None:
    session = Session(state="unreachable", settled_at=0, leased_seconds=900)
    decision = rules.report(
        session,
        [LotSeconds(1, 2700, 900)],
        now=600,
        played_seconds=120,
        same_boot=False,
        elsewhere=False,
        power_cut_rule=rule_of_the_owner,
        lease_seconds=LEASE,
    )
    assert decision.session.state == state
    assert decision.session.end_reason == reason
    assert decision.session.played_seconds == 120


def gone_on(played_seconds: int, *, now: int, elsewhere: bool = False, held: int = 900) -> Decision:
    """A PC that was started anew, whose player has gone on by their password, is back."""
    session = Session(state="unreachable", settled_at=0, leased_seconds=held)
    return rules.report(
        session,
        [LotSeconds(1, 2700, held)],
        now=now,
        played_seconds=played_seconds,
        same_boot=True,
        elsewhere=elsewhere,
        power_cut_rule="end",
        lease_seconds=LEASE,
        restarted=True,
    )


@pytest.mark.parametrize("now", [310, 325, 840])
def test_who_went_on_after_a_power_cut_pays_for_what_was_played_and_for_no_darkness(
    now: int,
) -> None:
    """Whether the PC was off for ten seconds, for twenty-five, or for nine minutes."""
    decision = gone_on(300, now=now)
    assert (decision.session.state, decision.session.played_seconds) == ("active", 300)
    assert decision.session.leased_seconds == 300 + LEASE
    assert decision.alarm == ""


def test_who_went_on_here_and_plays_elsewhere_by_now_has_moved() -> None:
    decision = gone_on(300, now=840, elsewhere=True)
    assert (decision.session.state, decision.session.end_reason) == ("ended", "moved")
    assert decision.session.played_seconds == 300


@given(
    settled=st.integers(0, 600),
    held=st.integers(1, 900),
    rest=st.integers(0, HOUR),
    reported=st.integers(-10, 5000),
    silent_for=st.integers(0, 2 * HOUR),
)
def test_whatever_a_pc_reports_that_went_on_is_within_the_lease_and_never_less_than_booked(
    settled: int, held: int, rest: int, reported: int, silent_for: int
) -> None:
    session = Session(
        state="unreachable",
        settled_at=settled,
        played_seconds=settled,
        leased_seconds=settled + held,
    )
    decision = rules.report(
        session,
        [LotSeconds(1, rest, held)],
        now=settled + silent_for,
        played_seconds=reported,
        same_boot=True,
        elsewhere=False,
        power_cut_rule="pause",
        lease_seconds=LEASE,
        restarted=True,
    )
    played = decision.session.played_seconds
    assert played == min(max(reported, settled), settled + held)
    consumed = sum(move.seconds for move in decision.moves if move.kind == "consume")
    assert consumed == played - settled, "each second once"
    over = played - settled == held + rest
    assert decision.session.state == ("ended" if over else "active")


@given(
    price=st.integers(0, 10**9),
    granted=st.integers(1, 10**6),
    cuts=st.lists(st.integers(0, 10**6), max_size=20),
)
def test_revenue_adds_up_to_the_price_however_it_is_cut(
    price: int, granted: int, cuts: list[int]
) -> None:
    marks = sorted({0, granted, *(cut % granted for cut in cuts)})
    parts = [
        earned_tiyn(price, granted, later) - earned_tiyn(price, granted, earlier)
        for earlier, later in itertools.pairwise(marks)
    ]
    assert sum(parts) == price
    assert all(part >= 0 for part in parts)


class SessionMachine(RuleBasedStateMachine):
    """One session on one PC, with everything that may befall it in any order."""

    @initialize(first=st.integers(1, 2 * HOUR), lease_seconds=st.integers(1, 1800))
    def sit_down(self, first: int, lease_seconds: int) -> None:
        self.now = 1000
        self.lease_seconds = lease_seconds
        self.granted: dict[int, int] = {}
        self.available: dict[int, int] = {}
        self.held: dict[int, int] = {}
        self.consumed: dict[int, int] = {}
        self._grant(first)
        self._take(rules.begin(self._lots(), now=self.now, lease_seconds=lease_seconds))

    def _grant(self, seconds: int) -> None:
        lot_id = len(self.granted) + 1
        self.granted[lot_id] = self.available[lot_id] = seconds
        self.held[lot_id] = self.consumed[lot_id] = 0

    def _lots(self) -> list[LotSeconds]:
        return [LotSeconds(i, self.available[i], self.held[i]) for i in self.granted]

    def _take(self, decision: Decision) -> None:
        before = getattr(self, "session", None)
        for move in decision.moves:
            assert move.seconds > 0
            source, target = {
                "reserve": (self.available, self.held),
                "give_back": (self.held, self.available),
                "consume": (self.held, self.consumed),
            }[move.kind]
            assert source[move.lot_id] >= move.seconds
            source[move.lot_id] -= move.seconds
            target[move.lot_id] += move.seconds
        self.session = decision.session
        if before is not None:
            assert self.session.played_seconds >= before.played_seconds

    def _is(self, *states: str) -> bool:
        return self.session.state in states

    @rule(seconds=st.integers(0, 2000))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(seconds=st.integers(1, HOUR))
    def buy_more(self, seconds: int) -> None:
        self._grant(seconds)

    @precondition(lambda self: self._is("active"))
    @rule()
    def tick(self) -> None:
        self._take(
            rules.tick(self.session, self._lots(), now=self.now, lease_seconds=self.lease_seconds)
        )

    @precondition(lambda self: self._is("active"))
    @rule(reason=st.sampled_from(["desk", rules.PLAYER]))
    def pause(self, reason: str) -> None:
        self._take(rules.pause(self.session, self._lots(), now=self.now, reason=reason))

    @precondition(lambda self: self._is("paused"))
    @rule()
    def resume(self) -> None:
        self._take(
            rules.resume(self.session, self._lots(), now=self.now, lease_seconds=self.lease_seconds)
        )

    @precondition(lambda self: self._is("active"))
    @rule(silence_rule=st.sampled_from(["wait", "consume", "return"]))
    def fall_silent(self, silence_rule: str) -> None:
        self._take(rules.silence(self.session, now=self.now, silence_rule=silence_rule))

    @precondition(lambda self: self._is("unreachable"))
    @rule(
        played=st.integers(-100, 10**6),
        same_boot=st.booleans(),
        elsewhere=st.booleans(),
        power_cut_rule=st.sampled_from(["pause", "run_on", "end"]),
        restarted=st.booleans(),
    )
    def report(
        self,
        played: int,
        *,
        same_boot: bool,
        elsewhere: bool,
        power_cut_rule: str,
        restarted: bool,
    ) -> None:
        self._take(
            rules.report(
                self.session,
                self._lots(),
                now=self.now,
                played_seconds=played,
                same_boot=same_boot,
                elsewhere=elsewhere,
                power_cut_rule=power_cut_rule,
                lease_seconds=self.lease_seconds,
                restarted=restarted,
            )
        )

    @precondition(lambda self: self._is("unreachable"))
    @rule(silence_rule=st.sampled_from(["consume", "return"]), seen=st.integers(0, 10**6))
    def lease_over(self, silence_rule: str, seen: int) -> None:
        self._take(
            rules.lease_over(
                self.session,
                self._lots(),
                now=self.now,
                silence_rule=silence_rule,
                seen_seconds=seen,
            )
        )

    @precondition(lambda self: self._is("unreachable"))
    @rule(seen=st.integers(0, 10**6))
    def release(self, seen: int) -> None:
        self._take(rules.release(self.session, self._lots(), now=self.now, seen_seconds=seen))

    @precondition(lambda self: self._is("active", "unreachable"))
    @rule(played=st.integers(0, 10**6))
    def stopped_by_the_pc(self, played: int) -> None:
        self._take(
            rules.stopped(
                self.session,
                self._lots(),
                now=self.now,
                played_seconds=played,
                reason="signed_out",
            )
        )

    @precondition(lambda self: self._is("active", "paused"))
    @rule()
    def end(self) -> None:
        self._take(rules.end(self.session, self._lots(), now=self.now, reason="ended_by_desk"))

    @precondition(lambda self: self._is("ended", "paused"))
    @rule(played=st.integers(0, 10**6))
    def late_report(self, played: int) -> None:
        self._take(rules.late_report(self.session, self._lots(), played_seconds=played))

    @invariant()
    def every_second_is_somewhere(self) -> None:
        for lot_id, granted in self.granted.items():
            assert self.available[lot_id] >= 0
            assert self.held[lot_id] >= 0
            total = self.available[lot_id] + self.held[lot_id] + self.consumed[lot_id]
            assert total == granted

    @invariant()
    def what_was_played_is_what_was_consumed(self) -> None:
        assert self.session.played_seconds == sum(self.consumed.values())
        assert self.session.played_seconds <= self.session.leased_seconds

    @invariant()
    def only_who_may_play_holds_seconds(self) -> None:
        held = sum(self.held.values())
        if self._is("active", "unreachable"):
            assert held == self.session.leased_seconds - self.session.played_seconds
            assert held <= max(self.lease_seconds, held)
        else:
            assert held == 0


TestSession = SessionMachine.TestCase
TestSession.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
