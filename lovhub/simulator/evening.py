"""Carries out the plan of one PC: its players come, play and go, and mishaps befall it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from lovhub.clock import Clock
from lovhub.protocol.channel import Goodbye
from lovhub.simulator import behaviour
from lovhub.simulator.behaviour import Step
from lovhub.simulator.players import Player
from lovhub.simulator.virtual_pc import POLL_SECONDS, VirtualPc

SHORTEST_STEP_SECONDS = 0.5
"""Real seconds between two steps of one PC, however fast the clock: so the load is bounded."""


@dataclass(frozen=True)
class Pace:
    """How fast the players live: `speed` times faster than people, by this clock."""

    clock: Clock
    speed: float

    async def until(self, moment: float) -> None:
        """Wait for a moment of the monotonic clock, which a test may move."""
        while self.clock.monotonic() < moment:  # noqa: ASYNC110 - a clock sets no event
            await asyncio.sleep(POLL_SECONDS)

    async def let_pass(self, seconds: int) -> None:
        """Wait for so many seconds of a player's life."""
        await self.until(self.clock.monotonic() + seconds / self.speed)


class Evening:
    """One PC and its players. `pay_in` is the desk: it takes a player's money, and says whether it did."""

    def __init__(
        self,
        pc: VirtualPc,
        players: list[Player],
        pace: Pace,
        pay_in: Callable[[Player], Awaitable[bool]],
    ) -> None:
        self._pc = pc
        self._players = players
        self._pace = pace
        self._pay_in = pay_in

    async def run(self, steps: Iterable[Step]) -> None:
        """Switch on and live until cancelled; then the PC goes off in an orderly way."""
        self._pc.switch_on()
        try:
            await self._pc.welcomed.wait()
            due_at = self._pace.clock.monotonic()
            for step in steps:
                due_at += step.after_seconds / self._pace.speed
                await asyncio.sleep(SHORTEST_STEP_SECONDS)
                await self._pace.until(due_at)
                await self._do(step.action)
        finally:
            await self._pc.go_off(Goodbye(reason="stopped"))
            self._pc.close()

    async def _do(self, action: behaviour.Action) -> None:  # noqa: C901 - a flat table
        match action:
            case behaviour.Arrive():
                await self._arrive(action)
            case behaviour.Buy():
                await self._buy(action)
            case behaviour.Call():
                await self._pc.call_desk(action.reason, action.text)
            case behaviour.Launch():
                self._launch(action.choice)
            case behaviour.Quit():
                self._pc.close_application()
            case behaviour.Leave():
                await self._pc.sign_out()
            case behaviour.LoseLink():
                await self._pc.pull_cable()
                await self._pace.let_pass(action.seconds)
                self._pc.plug_cable()
            case behaviour.LosePower():
                await self._pc.cut()
                await self._pace.let_pass(action.seconds)
                self._pc.boot_anew()
            case behaviour.AgentKilled():
                await self._pc.cut()
                self._pc.start_agent_anew()
            case behaviour.LauncherKilled():
                self._pc.break_lock()
                await self._pace.let_pass(action.seconds)
                self._pc.mend_lock()
            case behaviour.SwitchOff():
                await self._pc.go_off(Goodbye(reason="shutdown"))
                await self._pace.let_pass(action.seconds)
                self._pc.boot_anew()

    async def _arrive(self, arrival: behaviour.Arrive) -> None:
        player = self._players[arrival.player]
        if arrival.mistypes:
            await self._pc.sign_in(player.typed, f"{player.password}?")
        await self._pc.sign_in(player.typed, player.password)

    async def _buy(self, wish: behaviour.Buy) -> None:
        tariffs, player = self._pc.state.tariffs, self._signed_in()
        if player is None or not tariffs or (self._pc.playing and not wish.more):
            return
        tariff_id = tariffs[int(wish.choice * len(tariffs))].tariff_id
        if await self._pc.buy(tariff_id) == "not_enough_money" and await self._pay_in(player):
            await self._pc.buy(tariff_id)

    def _launch(self, choice: float) -> None:
        applications = self._pc.state.applications
        if applications:
            self._pc.launch(applications[int(choice * len(applications))].application_id)

    def _signed_in(self) -> Player | None:
        customer = self._pc.state.customer
        if customer is None:
            return None
        by_id = {player.customer_id: player for player in self._players}
        return by_id.get(customer.customer_id)
