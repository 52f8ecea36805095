"""Flask behind the event loop: its threads work, and never wait for a client.

There are few threads and any stranger on the Wi-Fi may connect. Whoever sends a form, or takes a page, byte by
byte keeps the loop waiting, which costs nothing; a thread gets the whole request and leaves the whole answer.
"""

import asyncio
import contextvars
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from flask import Flask, Response
from starlette.requests import HTTPConnection
from starlette.responses import FileResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lovhub.server.pressure.gate import Gate
from lovhub.server.pressure.turns import ByTurns, Refuse, end_turn, refuse_without_words

LARGEST_REQUEST_BYTES = 256 * 1024
"""A longer body is not taken in; Flask, with the same limit, says why."""

LARGER_REQUESTS_BYTES = {
    "/admin/payments/reconciliation": 9 * 1024 * 1024,
    "/admin/moving": 9 * 1024 * 1024,
    "/api/v1/moves": 12 * 1024 * 1024,
    "/api/v1/payments/registry": 9 * 1024 * 1024,
}
"""Where people send whole tables, as files or as JSON."""

_MOST_LARGER_AT_ONCE = 3
"""No more of the large ones than this are held in memory at once, and only of people who may send them."""

LONGEST_UPLOAD_SECONDS = 120.0
"""Whoever sends a large body more slowly than this would keep others from sending one."""

BODY = "lovhub.body"
"""Where a request carries its whole body."""

MaySendMuch = Callable[[HTTPConnection], bool]
"""Whether somebody may send a larger body; asked in a thread, before the body is taken in."""

THREADS = 20

FILE_HEADER = "X-LoVHub-File"
"""Between Flask and the loop only: send this file as the answer's body."""


def behind_the_loop(
    flask_app: Flask,
    may_send_much: MaySendMuch,
    *,
    threads: int = THREADS,
    gate: Gate | None = None,
    refuse: Refuse = refuse_without_words,
) -> ASGIApp:
    """The pages and the JSON API as an ASGI application; `gate`: who is let in, and when."""
    pages = _InThreads(flask_app, threads)
    return _WholeRequests(ByTurns(pages, flask_app, gate or Gate(), refuse), may_send_much)


class _InThreads:
    """A thread gets the whole request, leaves the whole answer, and wakes the loop once."""

    def __init__(self, app: Flask, threads: int) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pages")

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        # The loop's own `run_in_executor` asks at length whether this is a coroutine, and binds two futures to each
        # other, while the thread waits for the interpreter.
        answered: asyncio.Future[_Answer] = loop.create_future()
        context = contextvars.copy_context()
        self._threads.submit(context.run, self._answer, _environ(scope), loop, answered)
        try:
            answer = await answered
        finally:
            end_turn(scope)
        await send(answer.start)
        *chunks, last = answer.chunks or [b""]
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": last, "more_body": False})

    def _answer(
        self,
        environ: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
        answered: "asyncio.Future[_Answer]",
    ) -> None:
        """In the thread."""
        answer = _Answer()
        failure: BaseException | None = None
        try:
            answer.take(self._app.wsgi_app(environ, answer.begin))
        except BaseException as error:  # noqa: BLE001 (else whoever waits would wait for ever)
            failure = error
        loop.call_soon_threadsafe(_end, answered, answer, failure)


class _Answer:
    """What an application says by WSGI."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.chunks: list[bytes] = []

    def begin(
        self, status: str, headers: list[tuple[str, str]], _failure: Any = None
    ) -> Callable[[bytes], object]:
        """Called `start_response` by WSGI. Nothing is sent before all is there, so that the last word counts."""
        self.start = {
            "type": "http.response.start",
            "status": int(status.partition(" ")[0]),
            "headers": [
                (name.lower().encode("latin-1"), value.strip().encode("latin-1"))
                for name, value in headers
            ],
        }
        return self.chunks.append

    def take(self, said: Iterable[bytes]) -> None:
        """Take all of the body."""
        try:
            self.chunks.extend(said)
        finally:
            close: Callable[[], None] | None = getattr(said, "close", None)
            if close is not None:
                close()


def _end(
    answered: "asyncio.Future[_Answer]", answer: _Answer, failure: BaseException | None
) -> None:
    """On the loop: tell whoever waits, unless they do no more."""
    if answered.done():
        return
    if failure is None:
        answered.set_result(answer)
    else:
        answered.set_exception(failure)


def _environ(scope: Scope) -> dict[str, Any]:
    """The request as WSGI has it. Its body is at hand."""
    mounted_at = _as_wsgi(scope.get("root_path", ""))
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "asgi.scope": scope,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": mounted_at,
        "PATH_INFO": _as_wsgi(scope["path"]).removeprefix(mounted_at),
        # Bytes that no address may have are written as they should have been sent.
        "QUERY_STRING": quote(scope["query_string"], safe=_OF_AN_ADDRESS),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(scope[BODY]),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    client = scope.get("client")
    if client is not None:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    for name, value in scope["headers"]:
        if b"_" in name:  # which WSGI takes for «-»
            # Whoever stands behind a named proxy could send «X_Forwarded_For», which the proxy passes on as it is, and
            # have it read as the last word of what the proxy itself says.
            continue
        called = name.decode("latin-1").upper().replace("-", "_")
        if called not in _WITHOUT_PREFIX:
            called = f"HTTP_{called}"
        said = value.decode("latin-1")
        environ[called] = f"{environ[called]},{said}" if called in environ else said
    return environ


_WITHOUT_PREFIX = frozenset({"CONTENT_LENGTH", "CONTENT_TYPE"})
_OF_AN_ADDRESS = bytes(range(0x21, 0x7F))


def _as_wsgi(text: str) -> str:
    """Its bytes in UTF-8, each as a character."""
    return text.encode().decode("latin-1")


class _WholeRequests:
    """Takes a request's body in before a thread is asked to work on it."""

    def __init__(self, app: ASGIApp, may_send_much: MaySendMuch) -> None:
        self._app = app
        self._may_send_much = may_send_much
        self._larger = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        larger = LARGER_REQUESTS_BYTES.get(scope["path"], 0)
        if (
            larger
            and scope["method"] == "POST"
            and await asyncio.to_thread(self._may_send_much, HTTPConnection(scope))
            and self._larger < _MOST_LARGER_AT_ONCE
        ):
            self._larger += 1
            try:
                await self._serve_larger(scope, receive, send, larger)
            finally:
                self._larger -= 1
            return
        body = await _whole_body(receive, LARGEST_REQUEST_BYTES)
        if body is not None:
            await self._serve(scope, receive, send, body)

    async def _serve_larger(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        try:
            async with asyncio.timeout(LONGEST_UPLOAD_SECONDS):
                body = await _whole_body(receive, limit)
        except TimeoutError:
            ended = PlainTextResponse("", HTTPStatus.REQUEST_TIMEOUT, {"Connection": "close"})
            await ended(scope, receive, send)
            return
        if body is not None:
            await self._serve(scope, receive, send, body)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:

        async def hand_over() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        files: list[FileResponse] = []

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start" and (named := _named_file(message)):
                files.append(named)
            elif not files:
                await send(message)

        await self._app({**scope, BODY: body}, hand_over, pass_on)
        for file in files:
            await file(scope, receive, send)


def _named_file(start: Message) -> FileResponse | None:
    """The file that Flask wants sent in place of its own answer."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]
    }
    path = headers.pop(FILE_HEADER.lower(), None)
    if path is None:
        return None
    headers.pop("content-length", None)
    return FileResponse(unquote(path), headers=headers, media_type=headers["content-type"])


def file_answer(path: Path, name: str, media_type: str) -> Response:
    """An answer whose body is the file at `path`, which the loop sends: it may be larger than the memory.

    Flask decides who may have it; the header never leaves the server.
    """
    disposition = f'attachment; filename="{name}"'
    return Response(
        headers={FILE_HEADER: quote(str(path)), "Content-Disposition": disposition},
        content_type=media_type,
    )


async def _whole_body(receive: Receive, limit: int) -> bytes | None:
    """The body; empty if it is too long, None if the client went away or lost our patience."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return b""
        if not message.get("more_body", False):
            return bytes(body)
