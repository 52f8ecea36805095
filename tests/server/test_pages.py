"""Whoever talks or listens slowly keeps no thread from those who do not."""

import asyncio
import json
from pathlib import Path

import pytest
from flask import Flask, Response, request
from starlette.requests import HTTPConnection
from starlette.types import Message, Scope

from lovhub.server import pages
from lovhub.server.pages import (
    LARGER_REQUESTS_BYTES,
    LARGEST_REQUEST_BYTES,
    behind_the_loop,
    file_answer,
)

WAIT_SECONDS = 60.0
"""Far longer than anything here takes, however busy the computer is."""


def _app() -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST_BYTES

    @app.before_request
    def limit() -> None:
        request.max_content_length = LARGER_REQUESTS_BYTES.get(request.path, LARGEST_REQUEST_BYTES)

    @app.post("/admin/moving")
    @app.post("/form")
    def form() -> str:
        return f"{len(request.get_data())} bytes"

    @app.get("/from")
    def whose() -> str:
        return request.headers.get("X-Forwarded-For", "")

    @app.get("/long")
    def long() -> Response:
        return Response(b"x" * 10_000 for _ in range(100))

    return app


def anybody(_asked: HTTPConnection) -> bool:
    return True


def nobody(_asked: HTTPConnection) -> bool:
    return False


def _scope(method: str, path: str, length: int = 3) -> Scope:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"content-length", b"%d" % length)] if method == "POST" else [],
    }


class Client:
    """One end of a request: what it has still to send, and whether it takes what it is sent."""

    def __init__(self, *parts: bytes, finishes: bool = True, reads: bool = True) -> None:
        self._parts = list(parts)
        self._finishes = finishes
        self._reads = reads
        self._stands = asyncio.Semaphore(0)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if self._parts:
            part = self._parts.pop(0)
            more = bool(self._parts) or not self._finishes
            return {"type": "http.request", "body": part, "more_body": more}
        await self._never()
        raise AssertionError

    async def send(self, message: Message) -> None:
        if not self._reads:
            await self._never()
        self.sent.append(message)

    async def _never(self) -> None:
        self._stands.release()
        await asyncio.Event().wait()

    async def wait_until_it_stands(self) -> None:
        """The server has come to where it waits for this client; of one that asks several times, once for each."""
        await asyncio.wait_for(self._stands.acquire(), WAIT_SECONDS)

    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


async def _answered_beside(slow: Client, slow_scope: Scope) -> bytes:
    """What another client hears while the slow one goes on and on; there is one thread."""
    app = behind_the_loop(_app(), anybody, threads=1)

    async def go_on_and_on() -> None:
        await app(slow_scope, slow.receive, slow.send)

    tasks = [asyncio.create_task(go_on_and_on()) for _ in range(3)]
    for _ in tasks:
        await slow.wait_until_it_stands()
    other = Client(b"abc")
    await asyncio.wait_for(app(_scope("POST", "/form"), other.receive, other.send), WAIT_SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return other.body()


def test_a_form_that_never_ends_keeps_no_thread() -> None:
    slow = Client(b"login=", b"", b"", finishes=False)
    slow_scope = _scope("POST", "/form", length=1000)
    assert asyncio.run(_answered_beside(slow, slow_scope)) == b"3 bytes"


def test_an_answer_that_nobody_reads_keeps_no_thread() -> None:
    slow = Client(b"", reads=False)
    assert asyncio.run(_answered_beside(slow, _scope("GET", "/long"))) == b"3 bytes"


def test_what_breaks_in_the_thread_is_told_to_the_loop() -> None:
    app = _app()
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.get("/broken")
    def broken() -> str:
        raise KeyError("broken")

    client = Client(b"")
    asked = behind_the_loop(app, anybody)(_scope("GET", "/broken"), client.receive, client.send)
    with pytest.raises(KeyError, match="broken"):
        asyncio.run(asyncio.wait_for(asked, WAIT_SECONDS))


def test_a_body_beyond_the_limit_is_not_taken_in() -> None:
    async def send_too_much() -> Message:
        app = behind_the_loop(_app(), anybody, threads=1)
        client = Client(*[b"x" * 100_000] * 4)
        scope = _scope("POST", "/form", length=400_000)
        await asyncio.wait_for(app(scope, client.receive, client.send), WAIT_SECONDS)
        return client.sent[0]

    assert asyncio.run(send_too_much())["status"] == 413


def test_no_header_passes_for_the_one_that_a_proxy_has_written() -> None:
    scope = _scope("GET", "/from")
    scope["headers"] = [
        (b"x_forwarded_for", b"194.187.247.152"),
        (b"x-forwarded-for", b"6.6.6.6"),
        (b"x_forwarded-for", b"194.187.247.152"),
    ]

    async def ask() -> bytes:
        client = Client(b"")
        app = behind_the_loop(_app(), anybody, threads=1)
        await asyncio.wait_for(app(scope, client.receive, client.send), WAIT_SECONDS)
        return client.body()

    assert asyncio.run(ask()) == b"6.6.6.6"


@pytest.mark.parametrize(
    ("sent", "read"), [("клуб".encode(), "клуб"), (b"a\xff%26%2B+b", "a%FF&+ b")]
)
def test_bytes_that_no_address_may_have_are_read_as_if_they_had_been_quoted(
    sent: bytes, read: str
) -> None:
    app = Flask(__name__)

    @app.get("/")
    def told() -> str:
        return request.args["q"]

    async def ask() -> str:
        client, scope = Client(b""), _scope("GET", "/") | {"query_string": b"q=" + sent}
        await pages.behind_the_loop(app, anybody, threads=1)(scope, client.receive, client.send)
        return client.body().decode()

    assert asyncio.run(ask()) == read


def test_a_request_is_handed_over_as_it_was_sent() -> None:
    app = Flask(__name__)

    @app.post("/клуб/<name>")
    def told(name: str) -> tuple[dict[str, object], int]:
        return {
            "name": name,
            "asked": request.args.getlist("вопрос"),
            "mounted_at": request.root_path,
            "lists": request.headers["Accept"],
            "from": request.remote_addr,
            "kind": request.mimetype,
            "sent": request.get_data().decode(),
        }, 201

    scope = _scope("POST", "/at/клуб/Астана")
    scope |= {"root_path": "/at", "client": ("10.0.0.7", 50_000)}
    scope["query_string"] = (
        b"%D0%B2%D0%BE%D0%BF%D1%80%D0%BE%D1%81=1&%D0%B2%D0%BE%D0%BF%D1%80%D0%BE%D1%81=2"
    )
    scope["headers"] += [(b"content-type", b"text/plain"), (b"accept", b"a"), (b"accept", b"b")]
    answered: list[Message] = []

    async def ask() -> None:
        async def send(message: Message) -> None:
            answered.append(message)

        pages_app = pages.behind_the_loop(app, anybody, threads=1)
        client = Client(b"abc")
        await asyncio.wait_for(pages_app(scope, client.receive, send), WAIT_SECONDS)

    asyncio.run(ask())
    start, *bodies = answered
    assert start["status"] == 201
    assert (b"content-type", b"application/json") in start["headers"]
    assert [body["more_body"] for body in bodies] == [False]
    assert json.loads(bodies[0]["body"]) == {
        "name": "Астана",
        "asked": ["1", "2"],
        "mounted_at": "/at",
        "lists": "a,b",
        "from": "10.0.0.7",
        "kind": "text/plain",
        "sent": "abc",
    }


def test_a_table_of_customers_is_taken_in_but_few_at_once() -> None:
    async def send_tables() -> list[int]:
        app = behind_the_loop(_app(), anybody, threads=1)
        scope = _scope("POST", "/admin/moving", length=1_000_000)
        slow = [Client(b"x", finishes=False) for _ in range(2)]
        tasks = [asyncio.create_task(app(scope, one.receive, one.send)) for one in slow]
        for one in slow:
            await one.wait_until_it_stands()
        found = []
        for _ in range(2):
            client = Client(*[b"x" * 100_000] * 10)
            await asyncio.wait_for(app(scope, client.receive, client.send), WAIT_SECONDS)
            found.append(client.sent[0]["status"])
        third = asyncio.create_task(app(scope, slow[0].receive, slow[0].send))
        await slow[0].wait_until_it_stands()
        client = Client(*[b"x" * 100_000] * 10)
        await asyncio.wait_for(app(scope, client.receive, client.send), WAIT_SECONDS)
        found.append(client.sent[0]["status"])
        for task in (*tasks, third):
            task.cancel()
        await asyncio.gather(*tasks, third, return_exceptions=True)
        return found

    assert asyncio.run(send_tables()) == [200, 200, 400]


def test_a_stranger_takes_no_place_of_those_who_may_send_a_table() -> None:
    scope = _scope("POST", "/admin/moving", length=1_000_000)

    async def send_tables() -> list[int]:
        app = behind_the_loop(_app(), nobody, threads=1)
        client = Client(*[b"x" * 100_000] * 10)
        await asyncio.wait_for(app(scope, client.receive, client.send), WAIT_SECONDS)
        return [message["status"] for message in client.sent if "status" in message]

    assert asyncio.run(send_tables()) == [400]


def test_a_table_that_comes_too_slowly_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LONGEST_UPLOAD_SECONDS", 0.05)
    scope = _scope("POST", "/admin/moving", length=1_000_000)

    async def send_slowly() -> Message:
        app = behind_the_loop(_app(), anybody, threads=1)
        client = Client(b"x", finishes=False)
        await asyncio.wait_for(app(scope, client.receive, client.send), WAIT_SECONDS)
        return client.sent[0]

    assert asyncio.run(send_slowly())["status"] == 408


def test_a_file_is_sent_by_the_loop_and_only_its_headers_come_from_flask(tmp_path: Path) -> None:
    large = tmp_path / "копия.zip"
    large.write_bytes(b"0123456789" * 100_000)
    app = Flask(__name__)

    @app.get("/file")
    def file() -> Response:
        return file_answer(large, "backup.zip", "application/octet-stream")

    client = Client(b"")

    async def ask() -> None:
        await behind_the_loop(app, anybody, threads=1)(
            _scope("GET", "/file"), client.receive, client.send
        )

    asyncio.run(ask())
    start, *parts = client.sent
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    assert start["status"] == 200
    assert headers["content-length"] == "1000000"
    assert headers["content-disposition"] == 'attachment; filename="backup.zip"'
    assert "x-lovhub-file" not in headers
    assert client.body() == large.read_bytes()
    assert len(parts) > 10  # never the whole of it at once
