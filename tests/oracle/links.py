"""Cables that are pulled, power that goes, PCs that come back or never do."""

import random
from collections.abc import Collection

from lovhub.protocol.channel import ReportedSession
from lovhub.server.computers import service as computers
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from tests.oracle.shop import is_guest
from tests.oracle.terms import FOREVER
from tests.oracle.world import HOUR, World

LONGEST_SILENCE = 20 * 60


class Links:
    """Each is done by the services, and then told the oracle."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._passwords = random.Random(self.world.seed + 1)
        self._gone_on: set[int] = (
            set()
        )  # PCs whose player plays on by their password before a server is back

    def seen(self, pcs: Collection[int]) -> None:
        """They have been heard of at this moment."""
        now = self.world.clock.now()
        computers.flush_last_seen(self.world.club, dict.fromkeys(pcs, now))

    def fall_silent(self, pc: int) -> None:
        """The cable is pulled, or the power goes: the PC comes back later and tells what was played."""
        self.seen([pc])
        self.world.sent(lambda _key: link.link_lost(self.world.club, computer_id=pc))
        self.lost(
            pc,
            away=self.world.chance.randint(1, LONGEST_SILENCE),
            has_power=self.world.chance.random() < 0.5,
        )

    def lost(self, pc: int, *, away: int, has_power: bool) -> None:
        """Its link is gone for so many seconds, in which it plays on by its lease, if it has power."""
        session, now = self.world.at_pc[pc], self.world.clock.now()
        self.world.note("silent")
        self.world.oracle.fall_silent(now, session)
        row, sitting = self.world.people.session(session), self.world.oracle.sittings[session]
        may_play = row.leased_seconds - sitting.played
        plays = min(may_play, away) if has_power else min(may_play, self.world.chance.randint(0, 4))
        night_in = (self.world.oracle.stopped_from(sitting, now) or FOREVER) - now
        if night_in < HOUR and self.world.chance.random() < 0.6:
            away = night_in + self.world.chance.randint(
                0, 10 * HOUR
            )  # until deep in the night, or the next morning
            self.world.note("silent at night")
            if has_power:
                plays = min(may_play, away)
        if has_power and may_play <= away and may_play < night_in:
            away = max(1, may_play - 1)
            plays = min(away, may_play)
        more = 0 if has_power else min(away, may_play - 1, night_in - 1) - plays
        if more > 0 and not is_guest(sitting.player) and self._passwords.random() < 0.5:
            plays += self._passwords.randint(1, more)
            self._gone_on.add(pc)
        self.world.silent[pc] = now + away, plays if has_power else -1 - plays

    def come_back(self, pc: int) -> None:
        """Or it never does, and the desk gives up on it."""
        if self.world.chance.random() < 0.25:
            self.release(pc)
            return
        _back, plays = self.world.silent.pop(pc)
        session, lost_power = self.world.at_pc[pc], plays < 0
        went_on = pc in self._gone_on
        self._gone_on.discard(pc)
        before = self.world.oracle.sittings[session].played
        played = before + (-1 - plays if lost_power else plays)
        serial = self.world.people.session(session).lease_serial

        def report(played: int) -> None:
            link.link_returned(
                self.world.club, computer_id=pc, boot_id="boot-2" if lost_power else "boot-1",
                report=ReportedSession(
                    session, serial, played, "boot-2" if went_on else "boot-1", self.world.clock.now(),
                    restarted=went_on,
                ),
            )  # fmt: skip

        self.world.sent(lambda _key: report(played))
        if self.world.troubles and self.world.bad_luck.random() < 0.1:
            report(before)  # an older one comes after it
            self.world.note("came late")
        self.world.note("gone on" if went_on else "power cut" if lost_power else "back")
        self.world.oracle.report(
            self.world.clock.now(), session, played=played, stands=lost_power and not went_on
        )

    def release(self, pc: int) -> None:
        self.world.silent.pop(pc)
        self._gone_on.discard(pc)
        session = self.world.at_pc[pc]
        sessions.release(
            self.world.club, session_id=session, reason="сгорел", actor=self.world.cashier()
        )
        self.world.note("released")
        self.world.oracle.release(self.world.clock.now(), session)
        if self.world.oracle.sittings[session].state == "over":
            del self.world.at_pc[pc]
