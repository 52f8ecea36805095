"""A club's month through the real services on a moved clock; everything that happens is told to the oracle as well.

What is done is chosen from what the oracle believes, so a service that thinks otherwise refuses, and that is a finding.
"""

from collections.abc import Callable

from sqlalchemy import bindparam, func, select

from lovhub.server.lots import expiry
from lovhub.server.lots.models import Lot
from lovhub.server.minors import service as minors
from lovhub.server.reports import service as reports
from lovhub.server.sessions import link
from lovhub.server.sessions.models import PlaySession
from tests.oracle.comparing import assert_rest_agrees
from tests.oracle.desk import Desk
from tests.oracle.measuring import Measured, measure
from tests.oracle.players import Players
from tests.oracle.terms import FOREVER
from tests.oracle.troubles import Troubles
from tests.oracle.world import HOUR, World

DAY = 24 * HOUR
TROUBLES_A_DAY = 6
DUE = select(
    # Sittings at PCs without a link are not active.
    select(func.min(PlaySession.due_at)).where(PlaySession.state == "active").scalar_subquery(),
    select(func.min(Lot.expires_at))
    .where(Lot.exhausted.is_(False), Lot.expires_at > bindparam("now"))
    .scalar_subquery(),
)
LIVE = select(PlaySession.id, PlaySession.state).where(PlaySession.state != "ended")


class Month:
    """Plays in a world; `ops_per_pc_day`: how much is done at each PC on a day."""

    def __init__(
        self,
        world: World,
        ops_per_pc_day: float = 16,
        tell: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.world = world
        self.ops_per_pc_day = ops_per_pc_day
        self.tell = tell
        self.begun_at = world.clock.now()
        self._desk = Desk(world)
        self._players = Players(world, self._desk)
        self._troubles = Troubles(world, self._players.links)
        self.measured: list[Measured] = []
        self._looked_at = self.begun_at
        # Some six a day, whatever is done besides.
        self._troubles_share = TROUBLES_A_DAY / (len(world.zones) * ops_per_pc_day)
        self._expiry = FOREVER
        self._night_at = world.oracle.next_night(self.begun_at)

    @property
    def day(self) -> float:
        """How far it has come."""
        return (self.world.clock.now() - self.begun_at) / DAY

    def play(self, days: float) -> None:
        """So many days; then everybody leaves and the drawer is counted."""
        end = self.begun_at + int(days * DAY)
        pause = DAY / (len(self.world.zones) * self.ops_per_pc_day)
        shift_at = self.begun_at
        while self.world.clock.now() < end:
            if self.world.clock.now() >= shift_at:
                self.tell(f"day {self.day:.1f}")
                self._desk.change_shift()
                shift_at += DAY // 2
            self._players.do_something()
            if self.world.troubles and self.world.bad_luck.random() < self._troubles_share:
                self._troubles.strike()
            self._pass_time(
                min(end, self.world.clock.now() + self.world.chance.randint(1, int(2 * pause)))
            )
        self._pass_time(max([end, *(back for back, _played in self.world.silent.values())]))
        for pc in list(self.world.at_pc):
            self._players.leave(pc)
        self._desk.close_shift()
        self.world.oracle.settle(self.world.clock.now())
        for lot in self.world.oracle.lots:
            if lot.gone and lot.kind == "bundle" and lot.offer is not None and lot.offer.has_hours:
                self.world.note("hours not played")

    def _pass_time(self, until: int) -> None:
        """Go from one instant at which the server has something to do to the next."""
        while True:
            due = min(
                self._due_at(),
                self._night_at,
                until,
                *(back for back, _played in self.world.silent.values()),
                until,
            )
            self.world.clock.advance(max(0, due - self.world.clock.now()))
            for pc in [pc for pc, (back, _played) in self.world.silent.items() if back <= due]:
                self._players.links.come_back(pc)
            link.run_due(self.world.club, self._linked())
            if due >= self._night_at:
                minors.stop_for_night(self.world.club)
                self._night_at = self.world.oracle.next_night(due)
            if due >= min(self._expiry, until):
                expiry.expire_due(self.world.club)
            if due >= until:
                break
        self._compare_sittings()
        if self.world.clock.now() - self._looked_at > DAY:
            self._looked_at = self.world.clock.now()
            reports.sum_up(self.world.club)
            reports.close_days(self.world.club)
            assert_rest_agrees(self.world)
            if self.world.troubles:
                self.measured.append(measure(self.world))
                self.tell(str(self.measured[-1]))

    def _due_at(self) -> int:
        """When the server has something to do: a settlement of a PC with a link, or an expiry."""
        now = self.world.clock.now()
        with self.world.club.read() as db:
            settlement, self._expiry = db.execute(DUE, {"now": now}).one()
        self._expiry = self._expiry or FOREVER
        return max(now + 1, min(settlement or FOREVER, self._expiry))

    def _linked(self) -> frozenset[int]:
        return frozenset(self.world.zones) - frozenset(self.world.silent)

    def _compare_sittings(self) -> None:
        """Whoever's time is over is known to be so by both."""
        self.world.oracle.settle(self.world.clock.now())
        with self.world.club.read() as db:
            live = dict(iter(db.execute(LIVE)))
        states = {one: live.get(one, "ended") for one in self.world.at_pc.values()}
        words = {"active": "runs", "paused": "stands", "unreachable": "silent", "ended": "over"}
        ours = {session: words[state] for session, state in states.items()}
        theirs = {session: self.world.oracle.sittings[session].state for session in ours}
        assert ours == theirs, (self.world.clock.now(), {
            session: (ours[session], theirs[session], self.world.oracle.sittings[session])
            for session in ours if ours[session] != theirs[session]
        })  # fmt: skip
        self.world.at_pc = {
            pc: session for pc, session in self.world.at_pc.items() if theirs[session] != "over"
        }
