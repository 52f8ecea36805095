"""`POST /api/heartbeat`: the same presence call, for a PC that can only speak plain HTTPS."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from lovhub.server.channel.hub import Hub

LONGEST_BODY = 4096


class HeartbeatBody(msgspec.Struct, frozen=True):
    """What the PC sends; the token proves that it is this PC."""

    computer_id: int
    token: str
    lock: Literal["locked", "unlocked", "broken"] = "locked"
    application_id: int | None = None


_decoder = msgspec.json.Decoder(HeartbeatBody)


def endpoint(hub: "Hub") -> Callable[[Request], Awaitable[Response]]:
    """The endpoint: memory only, like a heartbeat over the channel."""

    async def beat(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                return _error(413, "too_large", "Слишком длинный запрос.")
        try:
            said = _decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _error(400, "malformed", "Запрос не разобран: нужен JSON с computer_id и token.")
        if not hub.hall.knows(said.computer_id, said.token):
            return _error(401, "unknown_computer", "Этот ПК не подключён к клубу.")
        hub.presence.heartbeat_over_https(
            said.computer_id, lock=said.lock, application_id=said.application_id
        )
        return JSONResponse({"server_time": hub.club.clock.now()})

    return beat


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse(
        {"error": {"code": code, "message": message, "fields": {}}}, status_code=status
    )
