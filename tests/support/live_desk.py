"""The web admin served to a real browser: TLS, pages and the live channel, over a hall that a test arranges."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
import uvicorn
from playwright.sync_api import Locator, Page
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.protocol import State

from lovhub.server.bus import News, StaffSessionRevoked
from lovhub.server.certificate import Certificate, ensure_certificate
from lovhub.server.channel.hub import Hub
from lovhub.server.channel.live import LivePages
from lovhub.server.context import ClubContext
from lovhub.server.live import HallRow, HallSession, LiveSnapshot
from lovhub.server.pages import behind_the_loop
from lovhub.server.sockets import ClubSocket
from lovhub.server.web.uploads import may_send_much
from tests.support.chromium import Heard
from tests.support.web import WebAdmin

START_SECONDS = 60.0


class _Hall:
    """The arranged hall, as the live channel wants it."""

    def __init__(self, web: WebAdmin) -> None:
        self._web = web
        self.revision = 0

    @property
    def pressing(self) -> int:
        """Nothing that a test changes can wait."""
        return self.revision

    def changed_since(self, revision: int) -> None:
        """A test may have changed anything."""

    def snapshot(self) -> LiveSnapshot:
        return self._web.hall.snapshot()


class _Hub:
    """As much of the hub as the live channel asks for."""

    def __init__(self, web: WebAdmin) -> None:
        self.club: ClubContext = web.club
        self.hall = _Hall(web)
        self.proxies = ()

    async def in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.to_thread(work, *arguments)


class PatientServer(uvicorn.Server):
    """Waits for connections that the browser is closing: uvicorn stumbles over them when it stops."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        while any(map(_is_closing, self.server_state.connections)):  # noqa: ASYNC110 (uvicorn tells no event)
            await asyncio.sleep(0.01)
        await super().shutdown(sockets)


def _is_closing(connection: object) -> bool:
    return getattr(getattr(connection, "conn", None), "state", None) is State.CLOSING


class LiveDesk:
    """Starts and stops on one port. `push_is_cut`: something between browser and server eats WebSockets."""

    def __init__(self, web: WebAdmin, folder: Path) -> None:
        self.web = web
        self.port = 0
        self.push_is_cut = False
        self._certificate: Certificate = ensure_certificate(folder, time.time())
        self._hub = _Hub(web)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._live: LivePages | None = None
        self._telling: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where the browser goes."""
        return f"https://localhost:{self.port}"

    def start(self) -> None:
        """Answer; on the same port as before, if this is not the first time."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while self._server is None or not self._server.started:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.02)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """No more answers, and every connection is closed."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._server = None

    def show(self, *rows: HallRow) -> None:
        """These are the rows from now on, and open pages are told."""
        self.web.hall.rows = list(rows)
        self.tell()

    def tell(self) -> None:
        """Open pages are told what the test has changed in the hall."""
        self._hub.hall.revision += 1

    def cut_push(self) -> None:
        """Live connections break, and no new one comes about."""
        self.push_is_cut = True
        self._on_loop(lambda: asyncio.ensure_future(self._pages().close()))

    def drop_signed_out(self) -> None:
        """Now, and not in half a minute, it is looked for whoever was signed out."""
        assert self._loop is not None
        looking = self._pages().drop_signed_out()
        asyncio.run_coroutine_threadsafe(looking, self._loop).result(10)

    def fall_silent(self) -> None:
        """Live connections stay open, but nothing comes through them any more."""
        assert self._telling is not None
        self._on_loop(self._telling.cancel)

    def _hear(self, news: News) -> None:
        if isinstance(news, StaffSessionRevoked):
            self._on_loop(lambda: self._pages().revoke(news.staff_session_id))

    def _on_loop(self, work: Callable[[], object]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(work)

    def _pages(self) -> LivePages:
        assert self._live is not None
        return self._live

    async def _live_page(self, websocket: WebSocket) -> None:
        if self.push_is_cut:
            await websocket.close()
        else:
            await self._pages().serve(websocket)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._live = LivePages(cast("Hub", self._hub))
        pages = behind_the_loop(self.web.app, partial(may_send_much, self.web.club), threads=4)
        config = uvicorn.Config(
            Starlette(
                routes=[
                    WebSocketRoute("/live", self._live_page),
                    Mount("/", app=pages),
                ]
            ),
            host="127.0.0.1",
            port=self.port,
            ws=ClubSocket,
            lifespan="off",
            log_config=None,
            ssl_certfile=str(self._certificate.cert_path),
            ssl_keyfile=str(self._certificate.key_path),
            timeout_graceful_shutdown=1,
        )
        self._server = PatientServer(config)
        self._telling = asyncio.create_task(self._live.broadcast_for_ever())
        stop_listening = self.web.club.bus.listen(self._hear)
        await self._server.serve()
        stop_listening()
        self._telling.cancel()
        await asyncio.gather(self._telling, return_exceptions=True)


def session(
    state: Literal["active", "paused", "unreachable"] = "active",
    *,
    left: int = 3600,
    held: int = 0,
    why: str = "",
) -> HallSession:
    """A customer's session."""
    return HallSession(
        session_id=7,
        state=state,
        who="Ерлан",
        customer_id=1,
        title="1 час",
        seconds_left=left,
        held_seconds=held,
        pause_reason=why,
    )


def unsaid(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """What such a part of the picture says by saying nothing."""
    return {
        field.name: field.default
        for field in msgspec.structs.fields(kind)
        if field.default is not msgspec.NODEFAULT
    }


def changed(shown: HallRow, **values: object) -> HallRow:
    """The row with other values."""
    fields = {name: getattr(shown, name) for name in shown.__struct_fields__}
    return HallRow(**{**fields, **values})


def at(page: Page, computer_id: int) -> Locator:
    """The PC's row on the page."""
    return page.locator(f'#rows tr[data-computer-id="{computer_id}"]')


def open_hall(page: Page, live: LiveDesk, query: str = "") -> None:
    """Open the page and wait until the live channel has said something."""
    live.tell()  # what the test has put into the hall meanwhile is what a pulse says, too
    heard = Heard(page)
    page.goto(f"{live.address}/admin/computers{query}")
    if not live.push_is_cut:
        heard.first()


def offered(line: Locator) -> list[str]:
    """What the row's menu offers."""
    names: list[str] = line.locator("[data-dialog]").evaluate_all(
        "buttons => buttons.map((button) => button.dataset.test)"
    )
    return names
