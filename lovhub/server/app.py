"""The server, put together: one ASGI application on one port.

Start-up, in this order: the folder is locked, `config.ini` read, keys and certificate found or made, the
database migrated; sessions that were running wait for their PCs; the port is taken; then the event loop
starts the hub, and the scheduler its jobs. It ends in the opposite order.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from lovhub.server.channel.hub import Hub
from lovhub.server.context import ClubContext
from lovhub.server.jobs.scheduler import Scheduler
from lovhub.server.jobs.work import server_jobs
from lovhub.server.state import Server
from lovhub.server.web.app import create_flask_app

PAGE_THREADS = 16


def build_app(club: ClubContext, certificate_der: bytes, setup_token: str) -> Starlette:
    """The channel and the live pages on the loop; everything else is Flask's, in threads."""
    hub = Hub(club, certificate_der)
    server = Server(
        club=club,
        hall=hub.hall,
        pairings=hub.pairings,
        commands=hub.commands,
        setup_token=setup_token,
    )
    scheduler = Scheduler(club.clock, server_jobs(club, hub))
    pages = WSGIMiddleware(cast("WSGIApp", create_flask_app(server)), workers=PAGE_THREADS)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await hub.start()
        scheduler.start()
        try:
            yield
        finally:
            scheduler.stop()
            await hub.stop()

    return Starlette(
        routes=[*hub.routes(), Mount("/", app=cast("ASGIApp", pages))], lifespan=lifespan
    )
