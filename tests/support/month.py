"""A month of a small club, played through the real operations on a clock that is moved."""

import random
from dataclasses import dataclass

from lovhub.clock import ManualClock
from lovhub.server.applications import service as applications
from lovhub.server.context import ClubContext
from lovhub.server.customers import service as customers
from lovhub.server.journal import service as journal
from lovhub.server.reports import service as reports
from lovhub.server.sessions import link
from lovhub.server.sessions import service as sessions
from tests.support.club import CASHIER, OWNER, People

DAY = 24 * 3600


@dataclass
class Month:
    """Plays day after day. `clock` must be the club's."""

    club: ClubContext
    clock: ManualClock
    people: People
    computers: int = 3

    def play(self, days: int, *, seed: int = 7) -> None:
        """Top-ups, sales, guests, launches, ends by the clock and by the desk; the last sittings go on."""
        chance = random.Random(seed)
        pcs = [self.people.computer() for _ in range(self.computers)]
        tariffs = [
            self.people.tariff(title="1 час", seconds=3600, price_tiyn=500_00),
            self.people.tariff(title="3 часа", seconds=3 * 3600, price_tiyn=1_333_33),
        ]
        players = [self.people.customer() for _ in range(4)]
        games = [self._game(title) for title in ("CS 2", "Dota 2", "Discord")]
        sitting: dict[int, int] = {}
        number = 0
        end = self.clock.now() + days * DAY
        while self.clock.now() < end:
            number += 1
            pc, key = chance.choice(pcs), f"operation-{number}"
            tariff, player = chance.choice(tariffs), chance.choice(players)
            if pc in sitting:
                # Some pay and go on, some go early; most just play until their time is over.
                if chance.random() < 0.3:
                    sessions.end(
                        self.club, session_id=sitting[pc], actor=CASHIER, reason="ended_by_desk"
                    )
            elif chance.random() < 0.5:
                sitting[pc] = sessions.seat_guest(
                    self.club, computer_id=pc, tariff_id=tariff, guest_name="", actor=CASHIER,
                    method=chance.choice(["cash", "card", "kaspi"]), key=key,
                )  # fmt: skip
                self._launch(pc, sitting[pc], chance.choice(games), chance.choice([600, None]))
            else:
                customers.top_up(
                    self.club, customer_id=player, amount_tiyn=1_500_00, actor=CASHIER,
                    method=chance.choice(["cash", "card", "kaspi"]), key=f"{key}:paid",
                )  # fmt: skip
                if player not in self._playing(sitting.values()):
                    sitting[pc] = sessions.buy(
                        self.club, computer_id=pc, customer_id=player, tariff_id=tariff, key=key,
                        actor=CASHIER,
                    )  # fmt: skip
                    self._launch(pc, sitting[pc], chance.choice(games), chance.choice([900, None]))
            self.clock.advance(chance.randint(600, 14 * 3600))
            for _ in range(3):
                link.run_due(self.club, pcs)
            sitting = {pc: row for pc, row in sitting.items() if self._is_on(row)}
            if chance.random() < 0.3:
                reports.sum_up(self.club)
                reports.close_days(self.club)

    def _game(self, title: str) -> int:
        return applications.create(
            self.club, title=title, kind="game", exe_path=f"C:\\{title}.exe", arguments=[],
            actor=OWNER,
        )  # fmt: skip

    def _is_on(self, session_id: int) -> bool:
        return self.people.session(session_id).state != "ended"

    def _playing(self, session_ids: object) -> set[int | None]:
        return {self.people.session(row).customer_id for row in session_ids}  # type: ignore[attr-defined]

    def _launch(self, pc: int, session_id: int, game: int, ran_seconds: int | None) -> None:
        with self.club.write() as work:
            journal.launch_started(
                work, computer_id=pc, session_id=session_id, application_id=game, at=work.now,
                customer_id=self.people.session(session_id).customer_id,
            )  # fmt: skip
            work.db.flush()
            if ran_seconds is not None:
                journal.launch_ended(
                    work, session_id=session_id, application_id=game, ran_seconds=ran_seconds,
                    at=work.now + ran_seconds,
                )  # fmt: skip
