"""The whole server in this process, on a test's club: pages, live channel and PCs' channel together."""

import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from lovhub.server.app import ClubApp
from lovhub.server.certificate import ensure_certificate
from lovhub.server.sockets import ClubSocket
from tests.support.live_desk import PatientServer
from tests.support.web import SETUP_TOKEN, WebAdmin

START_SECONDS = 60.0


class RealDesk:
    """Starts once. `web` makes people and their tokens; its own arranged hall is not used."""

    def __init__(self, web: WebAdmin, folder: Path) -> None:
        self.web = web
        self.port = 0
        certificate = ensure_certificate(folder, time.time())
        self.app = ClubApp(web.club, certificate.der, SETUP_TOKEN, web.keeper)

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            await self.app.start()
            yield
            await self.app.stop()

        self._server = PatientServer(
            uvicorn.Config(
                Starlette(routes=[Mount("/", app=self.app.asgi)], lifespan=lifespan),
                host="127.0.0.1",
                port=0,
                ws=ClubSocket,
                log_config=None,
                ssl_certfile=str(certificate.cert_path),
                ssl_keyfile=str(certificate.key_path),
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._server.run)

    @property
    def address(self) -> str:
        """Where the browser goes."""
        return f"https://localhost:{self.port}"

    def start(self) -> None:
        """Answer."""
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while not self._server.started:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.02)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """No more answers."""
        self._server.should_exit = True
        self._thread.join()
