"""What goes wrong in a club: clocks that jump, power that goes, a server that starts again, launchers that are
killed, frames that come twice and late, and people at the desk who press the wrong button."""

from collections.abc import Callable

from lovhub.protocol.entries import AlarmRaised
from lovhub.server.customers import service as customers
from lovhub.server.goods import service as goods
from lovhub.server.goods.rules import Line
from lovhub.server.jobs.clock_watch import ClockWatch
from lovhub.server.sessions import intake, link
from lovhub.server.sessions import service as sessions
from lovhub.server.sessions.parts import Part
from lovhub.server.sessions.till import Till
from lovhub.server.shifts import service as shifts
from tests.oracle.links import Links
from tests.oracle.world import World, refusal_of

DAY = 24 * 3600


class Troubles:
    """Each is done to the services. The oracle is told only of what a player or the books must notice."""

    def __init__(self, world: World, links: Links) -> None:
        self.world = world
        self._links = links
        self._watch = ClockWatch(world.clock)
        self._turn = -1
        self._entries: dict[int, int] = {}

    def strike(self) -> None:
        """The next of them, in turn."""
        self._turn += 1
        acts = (self._clock_jumps, self._launcher_is_killed, self._mistake, self._power_cut, self._mistake,
                self._server_starts_again)  # fmt: skip
        acts[self._turn % len(acts)]()

    def _clock_jumps(self) -> None:
        """Somebody sets the computer's clock: what is billed is deaf to it, and it is noticed."""
        seconds = self.world.bad_luck.choice((-1, 1)) * self.world.bad_luck.randint(10, 2 * DAY)
        self.world.clock.wall_shift_seconds += seconds
        assert self._watch.moved_seconds() == seconds
        self._watch.told()
        self.world.note("clock jumped")

    def _launcher_is_killed(self) -> None:
        """The agent writes it into its journal; the frame comes twice, and an older one after it."""
        pc = self.world.bad_luck.choice(list(self.world.zones))
        first, now = self._entries.get(pc, 0) + 1, self.world.clock.now()
        older, newer = (
            [AlarmRaised(number, now, "launcher_killed") for number in numbers]
            for numbers in ((first,), (first, first + 1))
        )
        for entries in (newer, newer, older):
            known = intake.apply_entries(self.world.club, computer_id=pc, entries=entries)
            assert known == first + 1
        self._entries[pc] = first + 1
        self.world.note("launcher killed")

    def _power_cut(self) -> None:
        """A good part of the hall at once."""
        for pc in self._running():
            if self.world.bad_luck.random() < 0.5:
                self._links.fall_silent(pc)
        self.world.note("power of the hall cut")

    def _server_starts_again(self) -> None:
        """No PC is linked then; each comes back within a minute, and has played on by its lease."""
        running = self._running()
        self._links.seen(running)
        assert link.recover_after_start(self.world.club) == len(running)
        for pc in running:
            self._links.lost(pc, away=self.world.bad_luck.randint(1, 60), has_power=True)
        self.world.note("server started again")

    def _running(self) -> list[int]:
        oracle = self.world.oracle
        oracle.settle(self.world.clock.now())
        return [
            pc
            for pc, session in self.world.at_pc.items()
            if oracle.sittings[session].state == "runs"
        ]

    def _mistake(self) -> None:
        """Somebody at the desk presses what cannot be: it is refused, and changes nothing."""
        for act in self._mistakes():
            assert refusal_of(act), act
        self.world.note("mistakes")

    def _mistakes(self) -> list[Callable[[], object]]:
        world = self.world
        by, club = world.cashier(), world.club
        tariff, offer = next(one for one in world.offers.items() if one[1].title == "1 час")
        taken = next(iter(self._running()), None)
        free = [pc for pc in world.zones if pc not in world.at_pc and pc not in world.silent]
        found: list[Callable[[], object]] = [
            lambda: shifts.open_shift(club, counted_tiyn=0, actor=by),
            lambda: goods.sell(
                club, lines=[Line(world.cola, 1)], method="cash", expected_tiyn=1, key=world.key("wrong"),
                actor=by,
            ),
            lambda: customers.top_up(
                club, customer_id=world.customers[0], amount_tiyn=0, method="cash", key=world.key("wrong"),
                actor=by,
            ),
        ]  # fmt: skip

        def seat(pc: int, method: str, till: Till) -> Callable[[], object]:
            return lambda: sessions.seat_guest(
                club, computer_id=pc, tariff_id=tariff, method=method, guest_name="", actor=by,
                key=world.key("wrong"), till=till,
            )  # fmt: skip

        if taken is not None:
            found.append(seat(taken, "cash", Till()))
            found.append(lambda: sessions.resume(club, session_id=world.at_pc[taken], actor=by))
        if free:
            price = offer.price_in(world.zones[free[0]])
            found.append(seat(free[0], "cash", Till(price_tiyn=price - 1)))
            parts = (Part("cash", price), Part("card", 1))
            found.append(seat(free[0], "split", Till(price_tiyn=price, parts=parts)))
        if world.silent:
            silent = world.at_pc[next(iter(world.silent))]
            found.append(
                lambda: sessions.end(club, session_id=silent, actor=by, reason="ended_by_desk")
            )
        return found
