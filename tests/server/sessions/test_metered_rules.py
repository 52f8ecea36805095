"""A sitting by the minute through everything that may happen to it: each second is paid for once, at its price."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lovhub.server.sessions import rules
from lovhub.server.sessions.lot_seconds import LotSeconds, seconds_left
from lovhub.server.sessions.rules import Decision
from lovhub.server.tariffs.metering import Meter, Stretch

LEASE = 900
START, END = 1000, 20_000
WIDTH = 97
"""A border every minute and a half, so that a second that is taken for another one shows."""
PACKAGE, MINUTES = 1, 2


def hour_tiyn(at: int) -> int:
    """What an hour costs at an instant."""
    return 907_01 if (at - START) // WIDTH % 2 else 600_00


STRETCHES = tuple(
    Stretch(at, min(at + WIDTH, END), hour_tiyn(at)) for at in range(START, END, WIDTH)
)


class Sitting:
    """A session with a package and a meter, kept as the books keep it."""

    def __init__(self, money_tiyn: int, minimum_tiyn: int, bought: int) -> None:
        self.now, self.balance = START, money_tiyn
        self.available, self.held = {PACKAGE: bought, MINUTES: 0}, {PACKAGE: 0, MINUTES: 0}
        self.meter = Meter(STRETCHES, minimum_tiyn, money_tiyn, START)
        self.earned = self.reserved = 0
        self.seconds: list[int] = []
        """The instants of the seconds that were played by the minute."""
        self.session = rules.Session(state="active", settled_at=START)

    def lots(self) -> list[LotSeconds]:
        money = self.earned + self.reserved + self.balance
        meter = replace(self.meter, money_tiyn=money, now=self.now, ahead=0)
        package = LotSeconds(PACKAGE, self.available[PACKAGE], self.held[PACKAGE])
        return [package, LotSeconds(MINUTES, 0, self.held[MINUTES], meter=meter)]

    def take(self, decision: Decision) -> None:
        since = self.session.settled_at
        for move in decision.moves:
            if move.kind == "reserve":
                self.held[move.lot_id] += move.seconds
                if move.lot_id == PACKAGE:
                    self.available[PACKAGE] -= move.seconds
                continue
            self.held[move.lot_id] -= move.seconds
            if move.kind == "give_back" and move.lot_id == PACKAGE:
                self.available[PACKAGE] += move.seconds
            elif move.kind == "consume":
                if move.lot_id == MINUTES:
                    self.seconds += range(since, since + move.seconds)
                since += move.seconds
        if decision.meter is not None:
            self.meter = decision.meter
            paid, earned = decision.meter.paid_tiyn, decision.meter.earned_tiyn
            self.balance -= paid - self.earned - self.reserved
            self.earned, self.reserved = earned, paid - earned
        self.session = decision.session
        assert min(*self.held.values(), *self.available.values()) >= 0
        assert self.reserved >= 0
        assert self.balance >= 0, "never below zero"
        assert self.earned >= 0

    def do(self, what: str, seconds: int) -> None:
        """One of the things that happen; what is out of place does not."""
        self.now += seconds
        state, lots, now = self.session, self.lots(), self.now
        if what == "top_up":
            self.balance += seconds * 7
        elif what == "buy" and state.state == "active":
            self.take(rules.free_reserve(state, lots, now=now))
            price = min(self.balance, 50_00)
            self.balance -= price
            self.available[PACKAGE] += 60
            self.take(rules.tick(self.session, self.lots(), now=now, lease_seconds=LEASE))
        elif what == "tick" and state.state == "active":
            self.take(rules.tick(state, lots, now=now, lease_seconds=LEASE))
        elif what in {"pause", "own_pause"} and state.state == "active":
            reason = rules.PLAYER if what == "own_pause" else "desk"
            self.take(rules.pause(state, lots, now=now, reason=reason))
            self.now += what == "own_pause"  # nobody goes on before
        elif what == "resume" and state.state == "paused":
            self.take(rules.resume(state, lots, now=now, lease_seconds=LEASE))
        elif what == "silence" and state.state == "active":
            self.take(rules.silence(state, now=now, silence_rule="wait"))
        elif what in {"back", "cut", "gone_on"} and state.state == "unreachable":
            self.take(
                rules.report(
                    state,
                    lots,
                    now=now,
                    played_seconds=state.played_seconds + seconds,
                    same_boot=what != "cut",
                    restarted=what == "gone_on",
                    elsewhere=False,
                    power_cut_rule="pause" if seconds % 2 else "run_on",
                    lease_seconds=LEASE,
                )
            )
        elif what == "release" and state.state == "unreachable":
            self.take(rules.release(state, lots, now=now))
        elif what == "late" and state.state == "ended":
            played = state.played_seconds + seconds
            self.take(rules.late_report(state, lots, played_seconds=played))


_THINGS = (
    "top_up", "buy", "tick", "pause", "own_pause", "resume", "silence", "back", "cut", "gone_on", "release",
    "late",
)  # fmt: skip


@given(
    st.integers(1, 300_00),
    st.integers(0, 40_00),
    st.integers(0, 900),
    st.lists(st.tuples(st.sampled_from(_THINGS), st.integers(0, 700)), max_size=20),
)
@settings(max_examples=120, deadline=None)
def test_each_second_is_billed_once_at_the_price_of_its_instant(
    money_tiyn: int, minimum_tiyn: int, bought: int, things: list[tuple[str, int]]
) -> None:
    sitting = Sitting(money_tiyn, minimum_tiyn, bought)
    if seconds_left(sitting.lots()) == 0:
        return
    sitting.take(rules.begin(sitting.lots(), now=START, lease_seconds=LEASE))
    for what, seconds in things:
        sitting.do(what, seconds)
    assert len(set(sitting.seconds)) == len(sitting.seconds)
    used = sum(map(hour_tiyn, sitting.seconds))
    assert sitting.earned == (max(minimum_tiyn, used // 3600) if used else 0)
    if sitting.session.state in {"paused", "ended"}:
        assert (sitting.reserved, sum(sitting.held.values())) == (0, 0)
