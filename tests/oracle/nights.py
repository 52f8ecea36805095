"""What the night does to players, and the desk about it: who is let stay, sent home with a code, turned away."""

from lovhub.server.minors import service as minors
from lovhub.server.sessions import codes
from lovhub.server.sessions import service as sessions
from tests.oracle.claims import Claims
from tests.oracle.selling import Selling, player
from tests.oracle.world import HOUR, World, refusal_of

FEW_PCS = 6
"""Of so few, those that are silent until the morning would leave hardly any to play at."""


class Nights:
    """Each is done by the services, and then told the oracle."""

    def __init__(self, world: World, selling: Selling, claims: Claims) -> None:
        self.world = world
        self._selling = selling
        self._claims = claims

    def at_a_pc(self, pc: int) -> None:
        """In the evening the desk looks at whoever plays there; some may stay."""
        session = self.world.at_pc[pc]
        leave = self._selling.some_leave(self.world.oracle.sittings[session].player)
        if leave:
            self._let_stay(session, leave)

    def comes_soon(self, pc: int) -> bool:
        """Whether the night stops whoever plays there within the next hour; where others are left to play besides."""
        if len(self.world.zones) < FEW_PCS:
            return False
        oracle, now = self.world.oracle, self.world.clock.now()
        stop_at = oracle.stopped_from(oracle.sittings[self.world.at_pc[pc]], now)
        return stop_at is not None and stop_at - now < HOUR

    def stands_for_it(self, pc: int) -> bool:
        """Whether something was done about somebody whom the night has stopped there."""
        world, session = self.world, self.world.at_pc[pc]
        sitting, now = world.oracle.sittings[session], world.clock.now()
        if not sitting.for_night:
            return False
        if world.oracle.is_night(now) and world.chance.random() < 0.3:
            leave = self._selling.some_leave(sitting.player)
            if leave and world.oracle.has_time_here(now, session):
                self._let_stay(session, leave)
                return True
        if isinstance(sitting.player, int) or world.chance.random() < 0.2:
            return False
        if not world.oracle.seconds_left(sitting.player, now):
            return False  # it expired while it stood still
        sent = world.sent(
            lambda _key: codes.send_home(world.club, session_id=session, actor=world.cashier())
        )
        self._claims.keep(sent.code, world.oracle.send_home(now, session))
        del world.at_pc[pc]
        world.note("sent home")
        return True

    def refuses(self, pc: int, customer: int, leave: str | None) -> None:
        """A customer who may not play now is turned away; `leave` None: at the PC."""
        world = self.world
        refused = refusal_of(
            lambda: sessions.begin_for_customer(
                world.club, computer_id=pc, customer_id=customer, actor=player(customer)
            )
            if leave is None
            else sessions.seat_customer(
                world.club, computer_id=pc, customer_id=customer, actor=world.cashier(), night_leave=leave
            )
        )  # fmt: skip
        is_minor = world.oracle.is_minor(world.clock.now(), customer)
        assert refused == ("minor_at_night" if is_minor else "age_unconfirmed"), refused
        world.note("turned away")

    def _let_stay(self, session: int, leave: str) -> None:
        world = self.world
        world.sent(
            lambda _key: minors.let_stay(
                world.club, session_id=session, leave=leave, actor=world.cashier()
            )
        )
        world.oracle.let_stay(world.clock.now(), session, leave)
        world.note("let stay")
