"""`/healthz`, `/readyz` and `/metrics` of the server as it is put together."""

import asyncio
import re
from pathlib import Path

import pytest
from starlette.types import Message, Scope

from lovhub.server.app import ClubApp
from lovhub.server.certificate import ensure_certificate
from lovhub.server.watching.routes import may_read, usable_token
from tests.support.club import People
from tests.support.web import SETUP_TOKEN, WebAdmin

TOKEN = "a-token-for-prometheus"


async def ask(
    app: ClubApp, path: str, address: str = "127.0.0.1", **headers: str
) -> tuple[int, str]:
    """What the server answers somebody at this address."""
    scope: Scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "https", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "asgi": {"version": "3.0"},
        "client": (address, 50000), "server": ("localhost", 5000),
        "headers": [
            (b"host", b"localhost:5000"),
            *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
        ],
    }  # fmt: skip
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    await app.asgi(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in told[1:])
    return told[0]["status"], body.decode()


def test_the_server_tells_those_who_watch_it(web: WebAdmin, people: People, tmp_path: Path) -> None:
    pc, _customer = people.computer("ПК-Секрет"), people.customer(name="Ерлан Секретов")
    certificate = ensure_certificate(tmp_path, web.club.clock.wall())

    async def evening() -> str:
        app = ClubApp(web.club, certificate.der, SETUP_TOKEN, web.keeper)
        await app.start()
        try:
            assert await ask(app, "/healthz", "203.0.113.9") == (200, "ok\n")
            assert await ask(app, "/readyz", "203.0.113.9") == (200, '{"ready":true,"code":""}')
            for address, more in (
                ("192.168.1.7", {}),
                ("127.0.0.1", {"x_forwarded_for": "1.1.1.1"}),
            ):
                assert await ask(app, "/metrics", address, **more) == (403, "")
            app.hub.presence.heartbeat(pc, lock="broken")
            assert (await ask(app, "/admin/login"))[0] == 200
            assert (await ask(app, "/admin/customers/7"))[0] == 303
            assert (await ask(app, "/Ерлан-Секретов"))[0] == 404
            return (await ask(app, "/metrics"))[1]
        finally:
            await app.stop()

    told = asyncio.run(evening())
    for line in (
        'lovhub_computers{status="active"} 1.0',
        "lovhub_computers_linked 0.0",
        "lovhub_locks_broken 0.0",  # what a PC that has gone said last is no news
        "lovhub_heartbeats_total 1.0",
        'lovhub_sessions{state="active"} 0.0',
        'lovhub_queue_length{queue="passwords"} 0.0',
        'lovhub_requests_total{endpoint="staff.sign_in",status="2xx"} 1.0',
        'lovhub_requests_total{endpoint="customer.show",status="3xx"} 1.0',
        'lovhub_requests_total{endpoint="none",status="4xx"} 1.0',
        'lovhub_request_seconds_count{endpoint="staff.sign_in"} 1.0',
    ):
        assert line in told.splitlines(), line
    commits = re.search(r"^lovhub_database_commits_total (\S+)$", told, re.MULTILINE)
    assert commits is not None
    assert float(commits[1]) > 0
    assert "Секрет" not in told
    assert "/admin" not in told


@pytest.mark.parametrize(
    ("token", "address", "headers", "may"),
    [
        ("", "127.0.0.1", {}, True),
        ("", "::1", {}, True),
        ("", "192.168.1.7", {}, False),
        ("", "", {}, False),
        ("", "127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
        ("", "127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("", "192.168.1.7", {"authorization": "Bearer "}, False),
        (TOKEN, "127.0.0.1", {}, False),
        (TOKEN, "192.168.1.7", {"authorization": f"Bearer {TOKEN}"}, True),
        (TOKEN, "192.168.1.7", {"authorization": f"bearer {TOKEN}"}, True),
        (TOKEN, "192.168.1.7", {"authorization": f"Basic {TOKEN}"}, False),
        (TOKEN, "192.168.1.7", {"authorization": f"Bearer {TOKEN}x"}, False),
        (TOKEN, "192.168.1.7", {"authorization": "Bearer \udcff"}, False),
    ],
)
def test_the_figures_are_for_this_computer_or_for_who_has_the_token(
    token: str, address: str, headers: dict[str, str], may: bool
) -> None:
    assert may_read(token, address, headers) is may


def test_a_token_that_can_be_guessed_is_none() -> None:
    assert [usable_token(token) for token in ("", "short", TOKEN)] == ["", "", TOKEN]
