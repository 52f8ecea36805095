"""Requests to Flask take turns at the gate; a turn ends when its thread is done, however slowly its answer is read."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Flask
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lovhub.server.pressure.gate import Gate
from lovhub.server.pressure.ranks import MATCHED, ranks_of
from lovhub.server.pressure.rules import RETRY_AFTER_SECONDS, Rank

Refuse = Callable[[Scope, Rank], ASGIApp]
"""Makes the answer for whoever is turned away, because there is more to do than can be done."""

_LEAVE = "lovhub.leave"
"""Where the request carries what ends its turn."""


def refuse_without_words(_scope: Scope, rank: Rank) -> ASGIApp:
    """No more than the status, and when to come again."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS[rank])}
    return PlainTextResponse("", HTTPStatus.SERVICE_UNAVAILABLE, headers)


def end_turn(scope: Scope) -> None:
    """The thread is done with this request, whose answer is still to be sent; on the loop."""
    scope[_LEAVE]()


class ByTurns:
    """Lets requests through to `app`, which works in threads, as the gate says."""

    def __init__(self, app: ASGIApp, flask_app: Flask, gate: Gate, refuse: Refuse) -> None:
        self._app = app
        self._rank_of = ranks_of(flask_app)
        self._gate = gate
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        rank, matched = self._rank_of(scope["method"], scope["path"])
        client = scope.get("client")
        if not await self._gate.enter(rank, client[0] if client else ""):
            await self._refuse(scope, rank)(scope, receive, send)
            return
        is_over = False

        def leave() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                self._gate.leave(rank)

        try:
            carried: Scope = {**scope, _LEAVE: leave, MATCHED: matched}
            await self._app(carried, receive, send)
        finally:
            leave()
