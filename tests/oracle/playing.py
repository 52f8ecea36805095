"""«Playing»: who sits where, what of whose time each second plays, pauses, silence, power cuts, and leaving."""

from heapq import heappop, heappush

from tests.oracle.carrying import prices
from tests.oracle.memory import Lot, Sitting
from tests.oracle.night import Age, Night
from tests.oracle.shop import is_guest
from tests.oracle.terms import FOREVER, Minutes


class Playing(Night):
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
        leave: str = "",
    ) -> None:
        """A sitting begins, with bought time or by the minute."""
        self.settle(at)
        assert self.may_be_there(at, player, leave)
        self._begin(name, Sitting(player, zone, at, leave=leave))
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

    def pause_own(self, at: int, name: object) -> None:
        """Playing 3: the second in which a player's own pause begins is played whole."""
        self.settle(at)
        sitting = self.sittings[name]
        self._play(sitting, at + 1)
        if sitting.state != "over":
            sitting.state = "stands"

    def resume(self, at: int, name: object) -> None:
        """It plays on from now."""
        self.settle(at)
        sitting = self.sittings[name]
        assert self.may_be_there(at, sitting.player, sitting.leave)
        sitting.state, sitting.for_night, sitting.counted_to = "runs", False, at

    def leave(self, at: int, name: object) -> None:
        """The player leaves: Tariffs 12."""
        self.settle(at)
        sitting = self.sittings[name]
        if sitting.state == "over":
            return
        sitting.state = "over"
        if sitting.for_night and not is_guest(sitting.player):
            return  # Minors 6: it was the night
        for lot in self._lots_of(sitting):
            is_here = lot.place not in sitting.waits and self._ends(lot, at) > at  # 15
            if lot.kind == "package" and lot.played and is_here:
                self._let_go(at, lot, lot.rest)
        self._guest_is_gone(at, sitting)

    def move(self, at: int, name: object, new_name: object, zone: int | None) -> None:
        """Moving is not leaving (12); what is played from now on is played there (Books 6, Playing 3)."""
        self.settle(at)
        old = self.sittings[name]
        old.state = "over"
        player: object = ("guest", new_name) if is_guest(old.player) else old.player
        meter = old.meter
        if meter is not None and zone != old.zone:  # Per minute 10
            group = self.group_of(player)
            here = self.price_list.tariff_at(at, meter.chosen, group)
            if here is None:  # only bought time moves along
                meter = None
            else:
                meter.prices = self.price_list.prices(at, here, zone, group)
        new = Sitting(player, zone, at, meter=meter, leave=old.leave)
        if player != old.player:
            self._is_now(old.player, player)
        self._begin(new_name, new)

    def _is_now(self, before: object, guest: object) -> None:
        """A guest is whoever sits there: the time is theirs."""
        self._with_time[guest] = self._with_time.pop(before, [])
        for lot in self._with_time[guest]:
            lot.whose = guest

    def fall_silent(self, at: int, name: object) -> None:
        """Playing 4: nothing is booked while the PC is silent."""
        self.settle(at)
        self.sittings[name].state = "silent"

    def report(self, at: int, name: object, *, played: int, stands: bool) -> None:
        """Playing 4 and 5: the PC is back, and its journal says how much was played in the sitting, in all.

        `stands`: after a power cut, unless the player has gone on by their password.
        """
        self.settle(at)
        sitting = self.sittings[name]
        since = sitting.counted_to
        self._play(sitting, since + played - sitting.played)
        if sitting.state != "over":
            sitting.state = "stands" if stands else "runs"
            sitting.counted_to = at
            stopped = self._stopped_within(sitting, since, at)
            if stopped is not None:  # Minors 10
                self._stop(sitting, stopped)
            if self._has_nothing(sitting, at):  # Playing 5: it expired meanwhile
                sitting.state = "over"
            self.settle(at)

    def release(self, at: int, name: object) -> None:
        """Playing 6: a person says that the silent PC does not play; nothing more is booked."""
        self.settle(at)
        sitting = self.sittings[name]
        stopped = self._stopped_within(sitting, sitting.counted_to, at)
        if stopped is not None and not self._has_nothing(sitting, at):  # Minors 10
            sitting.counted_to = at
            self._stop(sitting, stopped)
            return
        sitting.state = "over"
        self._guest_is_gone(at, sitting)

    # --- the night ----------------------------------------------------------------------------------

    def let_stay(self, at: int, name: object, leave: str) -> None:
        """Minors 3: for this sitting; what stands still for the night goes on."""
        self.settle(at)
        self.sittings[name].leave = leave
        if self.sittings[name].for_night:
            self.resume(at, name)

    def know_age(self, at: int, customer: object, age: Age) -> None:
        """Minors 11: a sitting that runs is settled at once."""
        self.settle(at)
        self.ages[customer] = age
        for sitting in self._live.values():
            runs = sitting.player == customer and sitting.state == "runs"
            if runs and not self.may_be_there(at, customer, sitting.leave):
                self._stop(sitting, at)

    def send_home(self, at: int, name: object) -> object:
        """Minors 8: the guest takes all that is left home; returns who may bring it."""
        self.settle(at)
        sitting = self.sittings[name]
        assert sitting.for_night
        sitting.state = "over"
        return sitting.player

    def may_bring(self, at: int, guest: object, zone: int | None) -> bool:
        """Minors 8: to a PC at which all of it is played as it is."""
        self.settle(at)
        return not any(
            prices(self.zone_rule, lot, zone) for lot in self._with_time[guest] if lot.left
        )

    def come_back(
        self, at: int, guest: object, name: object, zone: int | None, leave: str = ""
    ) -> None:
        """Minors 8: the code is typed; 4: at night it stands still."""
        self.settle(at)
        new = Sitting(("guest", name), zone, at, leave=leave)
        if not self.may_be_there(at, new.player, leave):
            new.state, new.for_night = "stands", True
        self._is_now(guest, new.player)
        self._begin(name, new)
        if new.for_night:
            self._keep(new, at)  # Minors 7

    def settle(self, at: int) -> None:
        """Let the time up to `at` have its effect on all that runs, and on all that expires."""
        for begins in self._nights(self._settled_to or at, at):
            self._settle(begins)
            self._night_falls(begins)
        self._settle(at)

    def _night_falls(self, at: int) -> None:
        """Minors 6 and 7."""
        for sitting in self._live.values():
            if sitting.for_night or self._stays(at, sitting.player, sitting.leave):
                continue
            if sitting.state == "silent":
                self._keep(sitting, at)
            elif sitting.state != "over":
                self._stop(sitting, at)

    def _settle(self, at: int) -> None:
        self._settled_to = max(at, self._settled_to)
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
            if lot.expires != expires:
                continue  # the night has put it off
            if lot.left and lot.whose in held:
                waiting.append((expires, place))
            elif lot.left:
                self._let_go(expires, lot, lot.rest)
        for one in waiting:
            heappush(self._expiring, one)

    def _play(self, sitting: Sitting, until: int) -> None:
        now = sitting.counted_to
        # Tariffs 15: what a silent PC may play was leased before, whatever opens meanwhile.
        closed = {
            lot.place
            for lot in self._lots_of(sitting)
            if sitting.state == "silent" and self._ends(lot, now) <= now
        }
        while now < until:
            here = [
                lot
                for lot in self._lots_of(sitting)
                if lot.place not in sitting.waits and lot.place not in closed
            ]
            usable = [lot for lot in here if self._ends(lot, now) > now]
            opens = min((self.price_list.hours(lot.offer, now)[1] for lot in here), default=FOREVER)
            if not usable:
                seconds = self._play_minutes(sitting, now, min(until, opens))
                if not seconds:
                    sitting.state = "over"
                    break
                sitting.played += seconds
                now += seconds
                continue
            lot = min(usable, key=lambda lot: lot.order)
            seconds = min(lot.left, min(until, opens, self._ends(lot, now)) - now)
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
            self._ends(lot, now) > now and lot.place not in sitting.waits
            for lot in self._lots_of(sitting)
        )
        return not bought and not self._seconds_paid_for(sitting, now)

    def nothing_to_play(self, at: int, name: object) -> bool:
        """Playing 3: whether it could not go on now."""
        return self._has_nothing(self.sittings[name], at)

    def has_time_here(self, at: int, name: object) -> bool:
        """Whether the sitting has bought time to play."""
        sitting = self.sittings[name]
        return any(
            self._ends(lot, at) > at and lot.place not in sitting.waits
            for lot in self._lots_of(sitting)
        )

    def _lots_of(self, sitting: Sitting) -> list[Lot]:
        mine = self._with_time[sitting.player] = [
            lot for lot in self._with_time[sitting.player] if lot.left
        ]
        return mine

    def _guest_is_gone(self, at: int, sitting: Sitting) -> None:
        """Playing 7: what waits for its hours waits for the guest as well."""
        if is_guest(sitting.player):
            for lot in self._lots_of(sitting):
                if self.price_list.hours(lot.offer, at)[0] > at:
                    self._let_go(at, lot, "expires")
