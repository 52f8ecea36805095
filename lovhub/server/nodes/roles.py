"""What a server takes upon itself, where several work with one PostgreSQL: the PCs, the pages, or both.

Pages compute in threads of the same process, and whatever computes there keeps heartbeats waiting. A server that
answers no pages answers PCs at an even pace.
"""

from enum import StrEnum
from gettext import gettext as _
from http import HTTPStatus

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Of `watching/routes.py`: each server tells of itself."""

HEARTBEAT = "/api/heartbeat"
"""Of `channel/heartbeat.py`: from PCs that speak plain HTTPS only."""


class Role(StrEnum):
    """`lovhub serve --role`."""

    ALL = "all"
    CHANNEL = "channel"
    PAGES = "pages"

    @property
    def takes_computers(self) -> bool:
        """Whether PCs may be linked here; else they are sent to another server."""
        return self is not Role.PAGES

    @property
    def answers_pages(self) -> bool:
        """Whether people, programs and payment systems are answered here."""
        return self is not Role.CHANNEL


def only_own(role: Role, app: ASGIApp) -> ASGIApp:
    """What is behind the channel, as far as this role answers it; the rest is told that it is elsewhere."""
    if role is Role.ALL:
        return app

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in WATCHED or (path == HEARTBEAT) is role.takes_computers:
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            words = (
                _("Этот сервер не держит связь с ПК: обратитесь к другому серверу клуба.")
                if path == HEARTBEAT
                else _("Этот сервер держит связь с ПК. Страницы клуба — на другом его сервере.")
            )
            answer = PlainTextResponse(f"{words}\n", HTTPStatus.MISDIRECTED_REQUEST)
            await answer(scope, receive, send)

    return gate
