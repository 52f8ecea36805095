"""«Playing»: who sits where, what of whose time each second plays, pauses, silence, power cuts, and leaving."""

from heapq import heappop, heappush

from tests.oracle.carrying import prices
from tests.oracle.memory import Lot, Sitting
from tests.oracle.metered import ByMinute
from tests.oracle.shop import is_guest
from tests.oracle.terms import Minutes


class Playing(ByMinute):
    """Each second of the clock plays one second of what comes first."""

    def sit_down(
        self,
        at: int,
        name: object,
        player: object,
        zone: int | None,
        by_minute: Minutes | None = None,
        *,
        in_debt: bool = False,
    ) -> None:
        """A sitting begins, with bought time or by the minute."""
        self.settle(at)
        self._begin(name, Sitting(player, zone, at))
        if by_minute is not None:
            self.start_minutes(at, name, by_minute, in_debt=in_debt)

    def _begin(self, name: object, sitting: Sitting) -> None:
        self.sittings[name] = self._live[name] = sitting
        sitting.waits = {
            lot.place
            for lot in self._with_time[sitting.player]
            if prices(self.zone_rule, lot, sitting.zone)
        }

    def pause(self, at: int, name: object) -> None:
        """Playing 3: nothing is played; what has an expiry runs on towards it."""
        self.settle(at)
        self.sittings[name].state = "stands"

    def resume(self, at: int, name: object) -> None:
        """It plays on from now."""
        self.settle(at)
        sitting = self.sittings[name]
        sitting.state, sitting.counted_to = "runs", at

    def leave(self, at: int, name: object) -> None:
        """The player leaves: Tariffs 12."""
        self.settle(at)
        sitting = self.sittings[name]
        if sitting.state == "over":
            return
        sitting.state = "over"
        for lot in self._lots_of(sitting):
            if lot.kind == "package" and lot.played and lot.place not in sitting.waits:
                self._let_go(at, lot, lot.rest)
        self._guest_is_gone(at, sitting)

    def move(self, at: int, name: object, new_name: object, zone: int | None) -> None:
        """Moving is not leaving (12); what is played from now on is played there (Books 6)."""
        self.settle(at)
        old = self.sittings[name]
        state, old.state = old.state, "over"
        player: object = ("guest", new_name) if is_guest(old.player) else old.player
        meter = old.meter
        if meter is not None and zone != old.zone:  # Per minute 10
            group = self.group_of(player)
            here = self.price_list.tariff_at(at, meter.chosen, group)
            if here is None:  # only bought time moves along
                meter = None
            else:
                meter.prices = self.price_list.prices(at, here, zone, group)
        new = Sitting(player, zone, at, state, meter=meter)
        if player != old.player:
            self._with_time[player] = self._with_time.pop(old.player, [])
            for lot in self._with_time[player]:
                lot.whose = player
        self._begin(new_name, new)

    def fall_silent(self, at: int, name: object) -> None:
        """Playing 4: nothing is booked while the PC is silent."""
        self.settle(at)
        self.sittings[name].state = "silent"

    def report(self, at: int, name: object, *, played: int, lost_power: bool) -> None:
        """Playing 4 and 5: the PC is back, and its journal says how much was played in the sitting, in all."""
        self.settle(at)
        sitting = self.sittings[name]
        self._play(sitting, sitting.counted_to + played - sitting.played)
        if sitting.state != "over":
            sitting.state = "stands" if lost_power else "runs"
            sitting.counted_to = at
            if self._has_nothing(sitting, at):  # Playing 5: it expired meanwhile
                sitting.state = "over"
            self.settle(at)

    def release(self, at: int, name: object) -> None:
        """Playing 6: a person says that the silent PC does not play; nothing more is booked."""
        self.settle(at)
        self.sittings[name].state = "over"
        self._guest_is_gone(at, self.sittings[name])

    def settle(self, at: int) -> None:
        """Let the time up to `at` have its effect on all that runs, and on all that expires."""
        for name, sitting in list(self._live.items()):
            if sitting.state == "runs":
                self._play(sitting, at)
            if sitting.state == "over":
                del self._live[name]
        held = {one.player for one in self._live.values() if one.state == "silent"}
        waiting = []
        while self._expiring and self._expiring[0][0] <= at:
            expires, place = heappop(self._expiring)
            lot = self.lots[place]
            if lot.left and lot.whose in held:
                waiting.append((expires, place))
            elif lot.left:
                self._let_go(expires, lot, lot.rest)
        for one in waiting:
            heappush(self._expiring, one)

    def _play(self, sitting: Sitting, until: int) -> None:
        now = sitting.counted_to
        while now < until:
            usable = [
                lot
                for lot in self._lots_of(sitting)
                if lot.expires > now and lot.place not in sitting.waits
            ]
            if not usable:
                seconds = self._play_minutes(sitting, now, until)
                if not seconds:
                    sitting.state = "over"
                    break
                sitting.played += seconds
                now += seconds
                continue
            lot = min(usable, key=lambda lot: lot.order)
            seconds = min(lot.left, until - now, lot.expires - now)
            lot.played += seconds
            self.played_by_zone[sitting.zone] += lot.money.play(lot.played, lot.seconds)
            for part in (lot.bonus, lot.discount):  # Bonuses 5, Groups 5
                part.play(lot.played, lot.seconds)
            sitting.played += seconds
            now += seconds
        sitting.counted_to = now
        if sitting.state != "over" and self._has_nothing(sitting, now):
            sitting.state = "over"  # Playing 2: its last second is played

    def _has_nothing(self, sitting: Sitting, now: int) -> bool:
        bought = any(
            lot.expires > now and lot.place not in sitting.waits for lot in self._lots_of(sitting)
        )
        return not bought and not self._seconds_paid_for(sitting, now)

    def has_time_here(self, at: int, name: object) -> bool:
        """Whether the sitting has bought time to play."""
        sitting = self.sittings[name]
        return any(
            lot.expires > at and lot.place not in sitting.waits for lot in self._lots_of(sitting)
        )

    def _lots_of(self, sitting: Sitting) -> list[Lot]:
        mine = self._with_time[sitting.player] = [
            lot for lot in self._with_time[sitting.player] if lot.left
        ]
        return mine

    def _guest_is_gone(self, at: int, sitting: Sitting) -> None:
        """Playing 7."""
        if is_guest(sitting.player):
            for lot in self._lots_of(sitting):
                self._let_go(at, lot, "expires")
