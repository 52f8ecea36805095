"""`/live`: open desk pages are told what changed, by the loop itself.

Never streamed through Flask: a dozen open tabs would hold all of its threads.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from lovhub.server.channel.told import Told
from lovhub.server.live import LiveSnapshot, is_news, needing_a_person
from lovhub.server.staff import allowed
from lovhub.server.staff import service as staff_service
from lovhub.server.staff.allowed import Caller

if TYPE_CHECKING:
    from lovhub.server.channel.hub import Hub

log = structlog.get_logger("live")

SESSION_COOKIE = "lovhub_session"
COALESCE_SECONDS = 0.25
GATHER_SECONDS = 5.0
"""What nobody waits to see (which program runs) goes with the next news, and not more often than this by itself: as
late as on a page whose live connection is cut off (`POLL_MS` in `live.js`)."""

CHECK_SECONDS = 30.0
"""So often those who were signed out otherwise than here are looked for."""

WHOLE_SECONDS = 60.0
"""Between, only PCs that are said to have changed are looked at."""

PULSE_SECONDS = 5.0
"""A page hears something at least this often: one that hears nothing says so, and shows nothing as live."""

QUEUE_LENGTH = 8
"""A page that is so many messages behind is closed; it comes back and gets a whole picture."""

CLOSE_SIGNED_OUT = 4401


class LivePages:
    """All open live pages."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._pages: set[_Page] = set()
        self._encoder = msgspec.json.Encoder()
        self._told = Told()
        self._pulse_at = 0.0
        """Before this instant no page has heard nothing for long: it is asked several times a second."""
        self._shown: LiveSnapshot
        """What was seen last, with the rows that were new then."""

    async def serve(self, websocket: WebSocket) -> None:
        """A browser opens the live channel: its staff session and its origin are checked."""
        staff_session_id = await self._staff_session(websocket)
        if staff_session_id is None:
            await websocket.close(CLOSE_SIGNED_OUT)
            return
        await websocket.accept()
        light = websocket.query_params.get("only") == "attention"
        page = _Page(websocket, staff_session_id, light=light)
        whole = self._hub.hall.snapshot()
        now = asyncio.get_running_loop().time()
        page.put(self._light(whole) if light else self._message("snapshot", whole), now)
        self._pages.add(page)
        try:
            await page.run()
        finally:
            self._pages.discard(page)

    async def broadcast_for_ever(self) -> None:
        """Look for changes a few times a second, and tell them; now and then, the whole picture."""
        self._shown = self._hub.hall.snapshot()
        self._told.all(self._shown, self._hub.club.clock.monotonic())
        now = asyncio.get_running_loop().time()
        revision, check_at, whole_at = -1, now + CHECK_SECONDS, now + WHOLE_SECONDS
        told_at, hall = now, self._hub.hall
        while True:
            await asyncio.sleep(COALESCE_SECONDS)
            if not self._pages:
                revision = -1  # nobody looks: the first who does is told anew
                continue
            now = asyncio.get_running_loop().time()
            if now >= check_at:
                check_at = now + CHECK_SECONDS
                try:
                    await self.drop_signed_out()
                except Exception:  # the pages stay live; the next look is in half a minute
                    log.exception("staff_sessions_not_read")
            seen = hall.revision
            if now >= whole_at:
                whole_at = now + WHOLE_SECONDS
                self._tell_whole(now)
            elif hall.pressing > revision or (seen > revision and now - told_at >= GATHER_SECONDS):
                self._tell_changes(hall.changed_since(revision), now)
            else:
                seen = revision  # nothing new, or nothing that cannot wait
            if seen != revision:
                revision, told_at = seen, now
            self._pulse(now)

    def revoke(self, staff_session_id: int) -> None:
        """Somebody was signed out: their pages close."""
        for page in self._pages:
            if page.staff_session_id == staff_session_id:
                page.close(CLOSE_SIGNED_OUT)

    async def close(self) -> None:
        """The server stops."""
        for page in list(self._pages):
            page.close(1001)
        await asyncio.sleep(0)

    async def drop_signed_out(self) -> None:
        """Close the pages of those whose staff session is over."""
        for page in list(self._pages):
            if await self._staff_session(page.websocket) is None:
                page.close(CLOSE_SIGNED_OUT)

    async def _staff_session(self, websocket: WebSocket) -> int | None:
        try:
            origin = urlsplit(websocket.headers.get("origin", "")).netloc
        except ValueError:  # not even an address
            return None
        if origin != websocket.headers.get("host"):
            return None
        token = websocket.cookies.get(SESSION_COOKIE)
        if not token:
            return None
        client = websocket.client
        asking = allowed.caller(
            client.host if client else "",
            websocket.headers,
            self._hub.proxies,
        )
        return await self._hub.in_thread(self._find_session, token, asking)

    def _find_session(self, token: str, asking: Caller) -> int | None:
        found = staff_service.session_by_token(self._hub.club, token)
        # Whoever must first do something else sees nothing of the hall: the page, loaded anew, leads there.
        if found is None or found.duty is not None or not allowed.lets_in(found.allowed, asking):
            return None
        return found.session.id

    def _tell_whole(self, now: float) -> None:
        self._shown = self._hub.hall.snapshot()
        self._told.all(self._shown, self._hub.club.clock.monotonic())
        message, light = self._message("snapshot", self._shown), self._light(self._shown)
        for page in list(self._pages):
            page.is_new = False
            page.put(light if page.light else message, now)

    def _pulse(self, now: float) -> None:
        """Nothing is new, and whoever has not heard anything for a while may know that it is so."""
        if now < self._pulse_at:
            return
        waiting = [page for page in self._pages if now - page.heard_at >= PULSE_SECONDS]
        if waiting:
            nothing_new = self._message("changes", msgspec.structs.replace(self._shown, rows=()))
            light = self._light(self._shown)
            for page in waiting:
                page.put(light if page.light else nothing_new, now)
        self._pulse_at = PULSE_SECONDS + min((page.heard_at for page in self._pages), default=now)

    def _tell_changes(self, changed: frozenset[int] | None, now: float) -> None:
        """What is new of these PCs, or of any; a page that opened since the last time gets the whole picture."""
        hall = self._hub.hall
        seen = hall.snapshot() if changed is None else hall.snapshot(changed)
        rows, gone = self._told.news(seen.rows, changed, self._hub.club.clock.monotonic())
        before = self._shown
        self._shown = msgspec.structs.replace(seen, rows=rows, counts=self._told.counts())
        concerns_all = is_news(before, self._shown)
        is_new = bool(rows or gone) or concerns_all or _beside(before) != _beside(self._shown)
        changes = light = whole = ""  # each put into words once, for all pages that are told it
        for page in list(self._pages):
            if page.light:
                if concerns_all or page.is_new:
                    light = light or self._light(self._shown)
                    page.put(light, now)
            elif page.is_new:
                whole = whole or self._message(
                    "snapshot", seen if changed is None else hall.snapshot()
                )
                page.put(whole, now)
            elif is_new:
                changes = changes or self._message("changes", self._shown, gone)
                page.put(changes, now)
            page.is_new = False

    def _light(self, snapshot: LiveSnapshot) -> str:
        """For pages that show no hall: the counts, and what needs a person."""
        return self._encoder.encode(needing_a_person(snapshot)).decode()

    def _message(self, kind: str, snapshot: LiveSnapshot, removed: list[int] | None = None) -> str:
        body = {
            "type": kind,
            "counts": snapshot.counts,
            "rows": snapshot.rows,
            "removed": removed or [],
            "pairings": snapshot.pairings,
            "alarms": snapshot.alarms,
            "calls": snapshot.calls,
            "endings": snapshot.endings,
            "zones": snapshot.zones,
        }
        return self._encoder.encode(body).decode()


def _beside(snapshot: LiveSnapshot) -> object:
    """What stands beside the rows and is shown to the hall's page only."""
    return snapshot.zones, [
        msgspec.structs.replace(one, waiting_seconds=0) for one in snapshot.pairings
    ]


class _Page:
    """One open page; a `light` one is told what needs a person, and not of the hall."""

    def __init__(self, websocket: WebSocket, staff_session_id: int, *, light: bool) -> None:
        self.websocket = websocket
        self.light = light
        self.staff_session_id = staff_session_id
        self.is_new = True
        self.heard_at = 0.0
        self._queue: asyncio.Queue[str | int] = asyncio.Queue(QUEUE_LENGTH)

    def put(self, message: str, now: float) -> None:
        """Send soon."""
        self.heard_at = now
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.close(1013)

    def close(self, code: int) -> None:
        """Close after nothing more."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(code)

    async def run(self) -> None:
        """Send until either side closes; what a page says is not listened to."""
        sender = asyncio.create_task(self._send())
        reader = asyncio.create_task(self._read())
        await asyncio.wait([sender, reader], return_when=asyncio.FIRST_COMPLETED)
        for task in (sender, reader):
            task.cancel()
        await asyncio.gather(sender, reader, return_exceptions=True)

    async def _send(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                message = await self._queue.get()
                if isinstance(message, int):
                    await self.websocket.close(message)
                    return
                await self.websocket.send_text(message)

    async def _read(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await self.websocket.receive_text()
