"""A port of its own for the calls of payment providers, so that nothing else has to be open to the internet.

Whoever forwards it from the router to the server shows the world the few addresses that they call, nothing else.
"""

import contextlib
import re
import socket
from collections.abc import Iterator, Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lovhub.server.listener import listening_socket
from lovhub.server.refusal import StartRefused

OPEN_PATHS = re.compile(r"/payments/(?:kaspi(?:/[^/]*)?|webhook/[^/]+)")
"""Those of `payments/callbacks.py`, each whole: a page that is not there would still tell the way to the sign-in."""


def only_payment_calls(app: ASGIApp) -> ASGIApp:
    """The application, with every other door closed: pages, API, channel and figures are not there."""

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and OPEN_PATHS.fullmatch(scope["path"]):
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("", status_code=404)(scope, receive, send)

    return gate


def callback_port(kaspi: Mapping[str, str]) -> int | None:
    """`[Kaspi] CallbackPort`, None if there is none; raises StartRefused."""
    text = kaspi.get("callbackport", "")
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise StartRefused("callback_port", text=text)
    return int(text)


@contextlib.contextmanager
def callback_socket(host: str, kaspi: Mapping[str, str]) -> Iterator[socket.socket | None]:
    """The second port, if the club wants one; raises StartRefused."""
    port = callback_port(kaspi)
    if port is None:
        yield None
        return
    with listening_socket(host, port) as listener:
        yield listener
