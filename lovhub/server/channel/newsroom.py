"""News of the bus: heard in whichever thread committed, handed to the loop, and acted on there.

The hall's picture is read again, and PCs are told; what a PC is told is sent in the order in which its lock was taken,
so that it never sees an older state after a newer one.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

import structlog

from lovhub.server import bus
from lovhub.server.channel import push

if TYPE_CHECKING:
    from lovhub.server.channel.hub import Hub

log = structlog.get_logger("channel")

CATCH_UP_SECONDS = 1.0
CATCH_UP_AT_MOST_SECONDS = 60.0
"""All is read and told anew each time: not often, where it fails again and again."""

_OF_OTHERS = (
    bus.CustomerChanged
    | bus.AlarmChanged
    | bus.ConditionsChanged
    | bus.WithoutAgentChanged
    | bus.StaffSessionRevoked
)
"""News of which a PC without a session is told nothing."""

_ALL = 0
"""In place of a PC's id."""

Arguments = ParamSpec("Arguments")


class Newsroom:
    """What comes of news here."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._news_of: Counter[int] = Counter()
        self._reading = asyncio.Lock()
        self._read_after: dict[Callable[[], None], int] = {}
        """How much had been heard when each of these readings began that was last done."""
        self._behind = asyncio.Event()
        """Set while news could not be acted on: what is shown and told may be old."""

    def hear(self, news: bus.News) -> None:
        """Number the news and hand them to the loop; in the thread that committed."""
        self._hub.catalogs.hear(news)
        self._hub.on_loop(self._dispatch, news, self._hub.heard.note(news))

    def of(self, computer_id: int) -> int:
        """How much was heard since the start by which a PC without a session may be told otherwise; on the loop."""
        return self._news_of[_ALL] + self._news_of[computer_id]

    def _dispatch(self, news: bus.News, number: int) -> None:
        if not isinstance(news, _OF_OTHERS):
            self._news_of[getattr(news, "computer_id", None) or _ALL] += 1
        self.act_on(news, number)

    def act_on(self, news: bus.News, number: int) -> None:
        """Show and tell what the news are of; on the loop. `number`: how much was heard with them."""
        if not self._hub.stopping:
            self._hub.spawn(self._act_for_sure(news, number))

    async def _act_for_sure(self, news: bus.News, number: int) -> None:
        """What cannot be read or told now (the disk is full, the database is away) is caught up with."""
        try:
            await self._act_on(news, number)
        except Exception:
            log.exception("news_not_acted_on")
            self._behind.set()

    async def catch_up_for_ever(self) -> None:
        """Read and tell all anew, again and again, as long as some news could not be acted on."""
        loop = asyncio.get_running_loop()
        wait_seconds, last_time = CATCH_UP_SECONDS, -math.inf
        while True:
            await self._behind.wait()
            if loop.time() - last_time > 2 * CATCH_UP_AT_MOST_SECONDS:
                wait_seconds = CATCH_UP_SECONDS
            await asyncio.sleep(wait_seconds)
            self._behind.clear()
            try:
                missed = bus.NewsMissed()
                await self._act_on(missed, self._hub.heard.note(missed))
            except Exception:
                log.exception("not_caught_up")
                self._behind.set()
            last_time = loop.time()
            wait_seconds = min(2 * wait_seconds, CATCH_UP_AT_MOST_SECONDS)

    async def _act_on(self, news: bus.News, number: int) -> None:  # noqa: C901, PLR0912 - a flat table
        """`number`: how much was heard with it."""
        hub, hall = self._hub, self._hub.hall
        match news:
            case bus.ComputerChanged(computer_id):
                await self.refresh(hall.reload_computer, computer_id)
                await self._refresh_once(number, hall.reload_alarms)
                await self._refresh_once(number, hall.reload_attention)
                await push.name(hub, computer_id, number)
            case bus.HallsChanged():
                await self._refresh_once(number, hall.reload_halls)
                await push.catalog(hub)
            case bus.ConditionsChanged():
                await self._refresh_once(number, hall.reload_conditions)
            case bus.MaintenanceChanged(computer_id):
                await self._refresh_once(number, hall.reload_maintenance)
                await push.maintenance(hub, computer_id, number)
            case bus.UpkeepKeysChanged():
                await push.upkeep_keys(hub)
            case bus.WithoutAgentChanged():
                await self._refresh_once(number, hall.reload_without_agent)
            case bus.SessionChanged(session_id, computer_id):
                await self.refresh(hall.reload_session, computer_id)
                await push.session(hub, computer_id, session_id, number)
            case bus.CustomerChanged(customer_id):
                # The picture first: news of a session and of its player are told in their order.
                await self._refresh_once(
                    number, hall.reload_conditions, only_if=lambda: hall.keeps_for(customer_id)
                )
                await push.customer(hub, customer_id, number)
            case bus.CatalogChanged():
                await self._refresh_once(number, hall.reload_applications)
                await push.catalog(hub)
            case bus.GroupsChanged():
                await push.catalog(hub)
            case bus.PromosChanged():
                await push.everybody(hub, number)
            case bus.AlarmChanged():
                await self._refresh_once(number, hall.reload_alarms)
            case bus.AttentionChanged(computer_id):
                await self._refresh_once(number, hall.reload_attention)
                await push.call(hub, computer_id, number)
            case bus.StaffSessionRevoked(staff_session_id):
                hub.pages.revoke(staff_session_id)
            case bus.NewsMissed():
                # First: all that follows takes long in a large hall, and may fail.
                hub.neighbours.hear(news)
                await self.refresh(hall.load)
                await hub.pages.drop_signed_out()
                await push.all_anew(hub, number)
            case bus.LinkChanged() | bus.WaitingChanged() | bus.LetterCame():
                hub.neighbours.hear(news)

    async def refresh(
        self,
        reload: Callable[Arguments, None],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> None:
        """Read the hall's picture again, one piece at a time: an older reading never replaces a newer."""
        async with self._reading:
            await self._hub.in_thread(reload, *args, **kwargs)

    async def _refresh_once(
        self, number: int, reload: Callable[[], None], only_if: Callable[[], bool] = lambda: True
    ) -> None:
        """As `refresh`, unless it was read since that news was heard: a hall full of news is read a few times."""
        async with self._reading:
            if self._read_after.get(reload, -1) >= number or not only_if():
                return
            heard = self._hub.heard.count
            await self._hub.in_thread(reload)
            self._read_after[reload] = heard
