"""Flask behind the event loop: its threads work, and never wait for a client.

There are few threads and any stranger on the Wi-Fi may connect. Whoever sends a form, or takes a page, byte by
byte keeps the loop waiting, which costs nothing; a thread gets the whole request and leaves the whole answer.
"""

import asyncio
import contextvars
from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, unquote

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import Body, WSGIResponder, build_environ
from a2wsgi.wsgi_typing import WSGIApp
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
    work = cast("WSGIApp", _with_the_body(flask_app))
    pages = cast("ASGIApp", _InThreads(work, workers=threads))
    return _WholeRequests(ByTurns(pages, flask_app, gate or Gate(), refuse), may_send_much)


def _with_the_body(app: Callable[[Any, Any], Iterable[bytes]]) -> Callable[[Any, Any], Any]:
    """The thread has the body at hand: else it would ask the loop for it, and wait."""

    def work(environ: Any, start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"] = BytesIO(environ["asgi.scope"][BODY])
        return app(environ, start_response)

    return work


class _InThreads(WSGIMiddleware):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = _Answer(self.app, self.executor, send_queue_size=0)
        try:
            await answer.make(scope, receive)
        finally:
            end_turn(scope)
        for part in answer.parts:
            await send(part)


class _Answer(WSGIResponder):
    """The thread leaves the whole answer, and wakes the loop once.

    a2wsgi alone has a task for the sending, wakes it for each part, and keeps the thread until the client has it.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.parts: list[Any] = []

    async def make(self, scope: Any, receive: Any) -> None:
        """Have a thread work on it. Raises what the application tells to have failed."""
        environ = build_environ(scope, Body(self.loop, receive))
        # The loop's own `run_in_executor` asks at length whether this is a coroutine, and binds two futures to each
        # other, while the thread waits for the interpreter.
        done = self.loop.create_future()
        self.executor.submit(contextvars.copy_context().run, self._work, environ, done)
        await done
        if self.exc_info is not None:
            raise self.exc_info[1].with_traceback(self.exc_info[2])
        if len(self.parts) > 2:  # what is last says so, without another that says no more than that
            self.parts.pop()
            self.parts[-1]["more_body"] = False

    def _work(self, environ: Any, done: "asyncio.Future[None]") -> None:
        """In the thread."""
        failure: BaseException | None = None
        try:
            self.wsgi(environ, self.start_response)
        except BaseException as error:  # noqa: BLE001 (else whoever waits would wait for ever)
            failure = error
        self.loop.call_soon_threadsafe(_end, done, failure)

    def send(self, message: Any) -> None:
        self.parts.append(message)


def _end(done: "asyncio.Future[None]", failure: BaseException | None) -> None:
    """On the loop: tell whoever waits, unless they do no more."""
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)


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

        headers = _unmistakable(scope["headers"])
        await self._app({**scope, "headers": headers, BODY: body}, hand_over, pass_on)
        for file in files:
            await file(scope, receive, send)


def _unmistakable(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers but those with «_» in their names, which WSGI takes for «-».

    Else whoever stands behind a named proxy could send «X_Forwarded_For», which the proxy passes on as it is, and
    have it read as the last word of what the proxy itself says.
    """
    return [(name, value) for name, value in headers if b"_" not in name]


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
