"""Three addresses for programs.

`/healthz` and `/readyz` are for everybody and tell next to nothing; `/metrics` is not.
"""

import hmac

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from lovhub.server.strangers import Headers, is_own_machine, was_passed_on
from lovhub.server.watching.figures import Figures
from lovhub.server.watching.readiness import Readiness

SHORTEST_TOKEN = 16
FORMAT = "text/plain; version=0.0.4; charset=utf-8"

log = structlog.get_logger("watching")


def usable_token(token: str) -> str:
    """The token of `config.ini`; "" for none, and for one that can be guessed, which is said in the log."""
    if 0 < len(token) < SHORTEST_TOKEN:
        log.warning("metrics_token_too_short", minimum=SHORTEST_TOKEN)
        return ""
    return token


def may_read(token: str, address: str, headers: Headers) -> bool:
    """Whether somebody may read the figures: by the token, or, where there is none, on this computer itself."""
    if token:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
        return scheme.lower() == "bearer" and right
    return is_own_machine(address) and not was_passed_on(headers)


def routes(readiness: Readiness, figures: Figures, token: str) -> list[BaseRoute]:
    """The routes. `token` "": the figures are for this computer only."""

    async def healthz(_request: Request) -> Response:
        """The process lives, and its event loop answers."""
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    async def readyz(_request: Request) -> Response:
        problem = await readiness.problem()
        return JSONResponse(
            {"ready": not problem, "code": problem},
            status_code=503 if problem else 200,
            headers={"Cache-Control": "no-store"},
        )

    def metrics(request: Request) -> Response:
        """In a thread of Starlette's, not on the loop: hundreds of lines are put together."""
        address = request.client.host if request.client else ""
        if not may_read(token, address, dict(request.headers)):
            return PlainTextResponse("", 403)
        return Response(
            figures.text(), headers={"Cache-Control": "no-store", "Content-Type": FORMAT}
        )

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]
