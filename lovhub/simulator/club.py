"""A club of virtual PCs, and the person at its desk, who does everything through the JSON API."""

import asyncio
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from lovhub.agent.journal import Journal
from lovhub.agent.settings import Address
from lovhub.agent.store import FileStore, IdentityStore, MemoryStore
from lovhub.clock import Clock
from lovhub.simulator.behaviour import PLAYERS_PER_PC, plan
from lovhub.simulator.club_api import ApiRefused, Waiting
from lovhub.simulator.contents import zone_of
from lovhub.simulator.evening import Evening, Pace
from lovhub.simulator.players import Player, new_player, read_players, write_players
from lovhub.simulator.virtual_pc import Place, VirtualPc

log = structlog.get_logger("simulator")

FOLDER = "simulator"
"""The simulator's own folder inside the data folder."""

MOST_PCS = 1000
FASTEST = 60.0

STAGGER_SECONDS = 0.1
"""Between the starts of two PCs, so that they do not all knock in one instant."""

DESK_SECONDS = 1.0
"""How often the desk looks at the PCs that wait for approval."""

TOP_UP_TIYN = 3_000_00
METHODS = {"cash": 5, "kaspi": 4, "card": 2}
"""How players pay, and how often."""

OPENING_TOP_UPS_TIYN = (500_00, 1_000_00, 2_000_00, 5_000_00)


@dataclass(frozen=True)
class Settings:
    """What the command line says. `folder` keeps players and PCs from one run to the next.

    `in_memory`: the PCs remember nothing, and are others in the next run.
    """

    address: Address
    folder: Path
    pcs: int = 20
    seed: int = 1
    speed: float = 1.0
    in_memory: bool = False


class DeskApi(Protocol):
    """What a desk needs of the server; each call may raise ApiRefused or OSError."""

    def pairings(self) -> list[Waiting]:
        """PCs that wait for approval."""
        ...

    def approve(self, pairing_id: str) -> int:
        """Let the PC in; returns its id."""
        ...

    def rename(self, computer_id: int, name: str) -> None:
        """What people call the PC."""
        ...

    def place(self, computer_id: int, zone: str) -> None:
        """In which zone the PC stands."""
        ...

    def add_customer(self, player: Player) -> Player:
        """Register the player; returned with the id."""
        ...

    def confirm_age(self, player: Player) -> Player:
        """The player is an adult; returned as one."""
        ...

    def top_up(self, customer_id: int, amount_tiyn: int, method: str, key: str) -> None:
        """Take money. The same `key` again takes nothing more."""
        ...


class Club:
    """The PCs, their players and the desk."""

    def __init__(
        self, settings: Settings, api: DeskApi, cashiers: Sequence[DeskApi], clock: Clock
    ) -> None:
        self.figures: Counter[str] = Counter()
        self._settings = settings
        self._desk = Desk(api, cashiers, random.Random(settings.seed), self.figures)  # noqa: S311
        self._place = Place(address=settings.address, clock=clock, figures=self.figures)
        self._pace = Pace(clock=clock, speed=settings.speed)
        self.pcs: list[VirtualPc] = []

    async def run(
        self,
        stop: asyncio.Event,
        seconds: float | None = None,
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        """Live until `stop`, or for so many real seconds; raises what went wrong in a PC or at the desk.

        `opened` is called when the players are known to the club and the PCs are being switched on.
        """
        stopping = asyncio.create_task(stop.wait())
        living = asyncio.create_task(self._open_and_live(opened))
        try:
            done, _pending = await asyncio.wait(
                [living, stopping], timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            living.cancel()
            stopping.cancel()
            await asyncio.gather(living, stopping, return_exceptions=True)
        if living in done:
            living.result()

    async def _open_and_live(self, opened: Callable[[], None]) -> None:
        self._settings.folder.mkdir(parents=True, exist_ok=True)
        players = await self._desk.register(self._settings.folder, self._settings.pcs)
        self.pcs = [self._new_pc(number) for number in range(1, self._settings.pcs + 1)]
        opened()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._desk.approve_all(self.pcs))
            for pc in self.pcs:
                first = (pc.number - 1) * PLAYERS_PER_PC
                tasks.create_task(self._live(pc, players[first : first + PLAYERS_PER_PC]))

    async def _live(self, pc: VirtualPc, players: list[Player]) -> None:
        await asyncio.sleep((pc.number - 1) * STAGGER_SECONDS)
        evening = Evening(pc, players, self._pace, self._desk.pay_in)
        await evening.run(plan(self._settings.seed, pc.number))

    def _new_pc(self, number: int) -> VirtualPc:
        store: IdentityStore = MemoryStore()
        folder = None
        if not self._settings.in_memory:
            folder = self._settings.folder / f"pc-{number:03}"
            folder.mkdir(parents=True, exist_ok=True)
            store = FileStore(folder)
        return VirtualPc(number, self._place, store, Journal(folder))


class Desk:
    """Lets PCs in and takes money, one request at a time; the money by one of the cashiers."""

    def __init__(
        self,
        api: DeskApi,
        cashiers: Sequence[DeskApi],
        chance: random.Random,
        figures: Counter[str],
    ) -> None:
        self._api = api
        self._cashiers = cashiers
        self._chance = chance
        self._figures = figures
        self._hands = asyncio.Lock()

    async def register(self, folder: Path, pcs: int) -> list[Player]:
        """The players of so many PCs, those still missing added to the club; raises ApiRefused."""
        known = {player.login: player for player in read_players(folder)}
        wanted = [new_player(number) for number in range(1, pcs * PLAYERS_PER_PC + 1)]
        writing = threading.Lock()

        def add(number: int, player: Player) -> None:
            """Ends even when the demonstration is stopped meanwhile: who is in the club is on the disk."""
            is_new = player.login not in known
            added = self._api.add_customer(player) if is_new else known[player.login]
            with writing:
                known[added.login] = added
                write_players(folder, list(known.values()))
            adult = self._api.confirm_age(added)
            with writing:
                known[adult.login] = adult
                write_players(folder, list(known.values()))
            if is_new:
                self._take(adult, OPENING_TOP_UPS_TIYN[number % len(OPENING_TOP_UPS_TIYN)])

        # Most of the time goes into hashing their passwords: several at once, for whoever waits.
        await asyncio.gather(
            *(
                asyncio.to_thread(add, number, player)
                for number, player in enumerate(wanted)
                if player.login not in known or not known[player.login].age_confirmed
            )
        )
        return [known[player.login] for player in wanted]

    async def approve_all(self, pcs: list[VirtualPc]) -> None:
        """Compare codes and approve, again and again. Only PCs of ours are approved, and named."""
        while True:
            by_code = {pc.code: pc for pc in pcs if pc.code}
            try:
                if by_code:
                    await self._approve(by_code)
            except (ApiRefused, OSError) as error:
                self._could_not("approve", error)
            await asyncio.sleep(DESK_SECONDS)

    async def _approve(self, by_code: dict[str, VirtualPc]) -> None:
        async with self._hands:
            for pairing in await asyncio.to_thread(self._api.pairings):
                pc = by_code.get(pairing.code)
                if pc is not None:
                    computer_id = await asyncio.to_thread(self._api.approve, pairing.pairing_id)
                    await asyncio.to_thread(self._api.rename, computer_id, pc.name)
                    await asyncio.to_thread(self._api.place, computer_id, zone_of(pc.number))
                    self._figures["approved"] += 1

    async def pay_in(self, player: Player, amount_tiyn: int = TOP_UP_TIYN) -> bool:
        """Take the player's money; False if the club did not."""
        try:
            async with self._hands:
                await asyncio.to_thread(self._take, player, amount_tiyn)
        except (ApiRefused, OSError) as error:
            self._could_not("pay_in", error)
            return False
        self._figures["paid in"] += 1
        return True

    def _take(self, player: Player, amount_tiyn: int) -> None:
        cashier = self._chance.choice(self._cashiers)
        (method,) = self._chance.choices(list(METHODS), weights=list(METHODS.values()))
        cashier.top_up(player.customer_id, amount_tiyn, method, str(uuid.uuid4()))

    def _could_not(self, what: str, error: Exception) -> None:
        """The server may be away for a moment: the desk tries again later."""
        self._figures[f"desk could not {what}"] += 1
        log.warning("desk_could_not", what=what, reason=str(error))
