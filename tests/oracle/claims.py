"""Guests with codes: sold, typed, typed twice, run out; at the desk another one, or the money back."""

from sqlalchemy import select

from lovhub.server.actor import Actor
from lovhub.server.guest_time import queries, service
from lovhub.server.lots.models import Lot
from lovhub.server.sessions import codes
from lovhub.server.sessions.models import PlaySession
from lovhub.server.sessions.till import Till
from tests.oracle.selling import Selling, guest, method_of, parts_of
from tests.oracle.world import World, refusal_of


class Claims:
    """Each is done by the services, and then told the oracle."""

    def __init__(self, world: World, selling: Selling) -> None:
        self.world = world
        self._selling = selling
        self._shown: list[tuple[str, object]] = []
        self._void: list[str] = []
        self._turn = -1

    def keep(self, code: str, whose: object) -> None:
        """Somebody goes home with a code."""
        self._shown.append((code, whose))

    def sell_code(self, pc: int) -> None:
        """For one PC, or for any where the price is the same everywhere."""
        world, selling = self.world, self._selling
        tariff, offer = selling.choose(for_guests=True)
        only = pc if offer.zone_prices or world.chance.random() < 0.3 else None
        zone = None if only is None else world.zones[pc]
        asked = world.oracle.asked(world.clock.now(), offer, zone)
        if asked is None:
            return
        ways, leave = selling.ways(asked.full), selling.some_leave(None)

        def sell(key: str) -> str:
            return codes.sell_seat_code(
                world.club, tariff_id=tariff, method=method_of(ways), computer_id=only, guest_name="",
                actor=world.cashier(), key=key, night_leave=leave,
                till=Till(price_tiyn=asked.full, parts=parts_of(ways)),
            ).code  # fmt: skip

        if not selling.is_allowed(offer, asked, pc, None, leave):
            selling.refused_for_night(lambda: sell(world.key("code")))
            return
        code, whose = world.sent(sell, "code"), ("guest", world.key("of a code"))
        world.note("code sold")
        world.oracle.sell_code(
            world.clock.now(), whose, offer, zone=zone, ways=ways, pc=only, leave=leave
        )
        if asked.full and world.chance.random() < 0.15:
            self._give_back(whose, world.cashier(), "")
            world.note("guest paid out at once")
            self._void.append(code)
        else:
            self.keep(code, whose)

    def comes_back(self, pc: int) -> bool:
        """A guest types a code, at any hour and at any PC; whether one did."""
        world, now, zone = self.world, self.world.clock.now(), self.world.zones[pc]
        if self._void and world.chance.random() < 0.1:
            used = world.chance.choice(self._void)
            assert self._type(pc, used) == "wrong_code"
            world.note("code used again")
            return True
        if not self._shown:
            return False
        code, before = world.chance.choice(self._rare(pc) or self._shown)
        refused = self._type(pc, code)
        if not world.oracle.is_good(now, before, pc):
            assert refused == "wrong_code", refused
            has_run_out = self._has_run_out(before)
            world.note("code run out" if has_run_out else "code for another PC")
            return True
        if not world.oracle.waits(now, before):  # it has an end of its own, which has come
            assert refused == "wrong_code", refused
            world.note("code without time")
            self._shown.remove((code, before))
            return True
        if world.oracle.waits_for_hours(now, before):
            assert refused == "time_waits", refused
            world.note("code before its hours")
            return True
        if not world.oracle.may_bring(now, before, zone):
            assert refused == "time_not_sold_there", refused
            world.note("code of another zone")
            return True
        leave = world.oracle.leave_of(before)
        may_play = world.oracle.may_be_there(now, before, leave)
        assert refused == ("" if may_play else "age_unconfirmed"), refused
        with world.club.read() as db:
            session = db.scalars(
                select(PlaySession.id).where(
                    PlaySession.computer_id == pc, PlaySession.state != "ended"
                )
            ).one()
        world.oracle.come_back(now, before, session, zone, leave)
        world.at_pc[pc] = session
        assert world.oracle.sittings[session].player == guest(session)
        world.note("came back with the code" if may_play else "came back at night")
        self._shown.remove((code, before))
        self._void.append(code)
        return True

    def at_the_desk(self) -> None:
        """Whoever has a code, good or not, or a receipt, shows it: in turn another code, the money, a manager's end."""
        world, now = self.world, self.world.clock.now()
        waiting = [one for one in self._shown if world.oracle.waits(now, one[1])]
        have_codes = {whose for _code, whose in self._shown}
        receipts = [whose for whose in world.oracle.who_waits(now) if whose not in have_codes]
        if receipts:
            world.note("shows a receipt")
            waiting = [("", whose) for whose in receipts]
        if not waiting:
            return
        self._turn += 1
        # Rather one whose code has run out: of them hardly anything else is to be seen.
        late = [one for one in waiting if self._has_run_out(one[1])]
        code, whose = world.chance.choice(late or waiting)
        if self._turn % 3 == 0:
            self._another_code(code, whose)
        elif self._turn % 3 == 1:
            self._money_back(code, whose)
        else:
            assert not world.oracle.may_end(now, whose)
            lot = self._lot(whose)
            refused = refusal_of(lambda: service.end(world.club, lot_id=lot, actor=world.owner))
            assert refused == "guest_time_claimable", refused
            world.note("not ended yet")

    def _another_code(self, code: str, whose: object) -> None:
        world, lot = self.world, self._lot(whose)
        given = world.sent(
            lambda key: service.give_code(world.club, lot_id=lot, actor=world.cashier(), key=key),
            "anew",
        )
        world.oracle.give_code(world.clock.now(), whose)
        self._forget(code, whose)
        self.keep(given.code, whose)
        world.note("code given anew")

    def _money_back(self, code: str, whose: object) -> None:
        """Who sold it cannot any more; a manager can, and says why."""
        world, now = self.world, self.world.clock.now()
        total = sum(world.oracle.way_back(now, whose).values())
        if not total:
            return
        lot = self._lot(whose)
        refused = refusal_of(
            lambda: service.pay_out(
                world.club, lot_id=lot, expected_tiyn=total, reason="ушёл", actor=world.cashier()
            )
        )
        if min(one.sold_at for one in world.oracle.waits(now, whose)) < now - 120:
            assert refused in {"take_back_too_late", "take_back_not_yours"}, refused
            world.note("not paid out by a cashier")
        elif not refused:
            world.oracle.pay_out(now, whose)
        if refused:
            self._give_back(whose, world.owner, "ушёл")
        world.note("guest paid out")
        self._forget(code, whose)

    def _forget(self, code: str, whose: object) -> None:
        """It is void; who had only a receipt had none."""
        if code:
            self._shown.remove((code, whose))
            self._void.append(code)

    def _give_back(self, whose: object, actor: Actor, reason: str) -> None:
        world, lot = self.world, self._lot(whose)
        ways = world.oracle.way_back(world.clock.now(), whose)
        got = world.sent(
            lambda _key: service.pay_out(
                world.club, lot_id=lot, expected_tiyn=sum(ways.values()), reason=reason, actor=actor
            )
        )
        assert got == ways, (got, ways)
        world.oracle.pay_out(world.clock.now(), whose)

    def _rare(self, pc: int) -> list[tuple[str, object]]:
        """Now and then one that will be refused: for its zone, or because it has run out."""
        oracle, now, zone = self.world.oracle, self.world.clock.now(), self.world.zones[pc]
        elsewhere = [
            one
            for one in self._shown
            if oracle.is_good(now, one[1], pc) and not oracle.may_bring(now, one[1], zone)
        ]
        late = [one for one in self._shown if self._has_run_out(one[1])]
        return self.world.chance.choice((elsewhere, late, []))

    def _has_run_out(self, whose: object) -> bool:
        oracle, now = self.world.oracle, self.world.clock.now()
        return not any(oracle.is_good(now, whose, pc) for pc in self.world.zones)

    def _type(self, pc: int, code: str) -> str:
        return refusal_of(lambda: codes.begin_with_code(self.world.club, computer_id=pc, code=code))

    def _lot(self, whose: object) -> int:
        """Ours of the purchases that wait: the club's list of them, by its number there."""
        place = self.world.oracle.waits(self.world.clock.now(), whose)[0].place
        with self.world.club.read() as db:
            lots = select(Lot.id).where(Lot.kind != "per_minute").order_by(Lot.id)
            lot = db.scalars(lots.offset(place).limit(1)).one()
            return queries.get(db, self.world.club.club_id, lot, self.world.clock.now()).lot_id
