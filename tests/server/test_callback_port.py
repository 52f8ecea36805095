"""The port that may be forwarded to the internet: payment calls come through, and nothing else does."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lovhub.server.callback_port import callback_port
from lovhub.server.refusal import StartRefused, sentence
from tests.evening.processes import free_port
from tests.support.serving import Serving, run_lovhub

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
ELSEWHERE = [
    "/",
    "/admin/login",
    "/setup",
    "/api/v1/live",
    "/healthz",
    "/metrics",
    "/static/hall.js",
    "/payments",
    "/payments/../admin/login",
    "/payments/%2e%2e/admin/login",
    "/payments/",
    "/payments/kaspi/a/b",
    "/payments//admin/login",
    "/PAYMENTS/kaspi",
]


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, int]]:
    """A server with a second port."""
    folder, port = tmp_path_factory.mktemp("club"), free_port()
    (folder / "config.ini").write_text(f"[Kaspi]\nMode = manual\nCallbackPort = {port}\n")
    server = Serving(folder)
    yield server, port
    server.end()


def ask(
    server: Serving, port: int, path: str, method: str = "GET", **headers: str
) -> http.client.HTTPResponse:
    page = http.client.HTTPSConnection("localhost", port, context=server.tls(), timeout=30)
    try:
        page.request(method, path, headers=headers)
        answer = page.getresponse()
        answer.read()
        return answer
    finally:
        page.close()


def test_a_payment_call_gets_the_same_answer_at_both_ports(club: tuple[Serving, int]) -> None:
    server, port = club
    for method, path in [("POST", "/payments/webhook/manual"), ("GET", "/payments/kaspi")]:
        here, there = (ask(server, at, path, method) for at in (port, server.port))
        assert here.status == there.status
        # Ours and not the gate's: every answer of Flask has the number of its request.
        assert here.headers["X-Request-ID"]


def test_nothing_else_is_there(club: tuple[Serving, int]) -> None:
    server, port = club
    for path in ELSEWHERE:
        answer = ask(server, port, path)
        assert answer.status == 404, path
        assert "Location" not in answer.headers, path
    for path in ("/live", "/channel"):
        assert ask(server, port, path, **UPGRADE).status == 403
    assert ask(server, server.port, "/healthz").status == http.client.OK


@pytest.mark.parametrize("text", ["kaspi", "0", "70000", "-1"])
def test_what_is_no_port_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(StartRefused) as refused:
        callback_port({"callbackport": text})
    assert text in str(sentence(refused.value))


def test_a_port_that_is_taken_keeps_the_server_from_starting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "config.ini").write_text(f"[Kaspi]\nMode = manual\nCallbackPort = {port}\n")
        words = ["serve", "--data", str(tmp_path), "--host", "127.0.0.1"]
        done = run_lovhub(*words, "--port", str(free_port()))
    assert done.returncode == 1
    assert str(port) in done.stderr
