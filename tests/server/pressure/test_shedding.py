"""A whole server with more to do than it can: reports are turned away, heartbeats and sales go on."""

import asyncio
import http.client
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import pytest
import uvicorn
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.routing import Mount

from lovhub.protocol.channel import Ack, Heartbeat
from lovhub.server.app import ClubApp
from lovhub.server.backups.keeper import Keeper, Restorations
from lovhub.server.certificate import ensure_certificate
from lovhub.server.computers import service as computers_service
from lovhub.server.context import ClubContext
from lovhub.server.pressure import rules
from lovhub.server.reports import api as reports_api
from lovhub.server.sockets import ClubSocket
from tests.server.channel.conftest import ChannelServer, welcomed
from tests.support.chromium import chromium, shell
from tests.support.club import OWNER, People
from tests.support.live_desk import PatientServer
from tests.support.staff import StaffMaker

REPORT = "/api/v1/reports/revenue?first_day=2026-01-01&last_day=2026-01-07"

HELD_SECONDS = 120.0
"""Longer than all that happens meanwhile may take on a busy computer."""

SHOWN_MS = 40_000


class WholeServer(ChannelServer):
    """The channel, pages and API as a club has them."""

    def __init__(self, club: ClubContext, folder: Path) -> None:
        self.club = club
        self.certificate = ensure_certificate(folder, time.time())
        keeper = Keeper(club, folder, Restorations())
        self.app = ClubApp(club, self.certificate.der, secrets.token_hex(8), keeper)
        self.hub = self.app.hub

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            await self.app.start()
            yield
            await self.app.stop()

        self._server = PatientServer(
            uvicorn.Config(
                Starlette(routes=[Mount("/", app=self.app.asgi)], lifespan=lifespan),
                host="127.0.0.1",
                port=0,
                log_level="warning",
                ws=ClubSocket,
                ssl_certfile=self.certificate.cert_path,
                ssl_keyfile=self.certificate.key_path,
                timeout_graceful_shutdown=5,
            )
        )
        self._thread = threading.Thread(target=self._server.run)
        self.token = StaffMaker(club).signed_in(StaffMaker(club).make("owner").id)

    def ask(
        self, method: str, path: str, body: object = None
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        """Status, JSON and headers of a call by the owner."""
        connection = http.client.HTTPSConnection(
            "localhost", self.port, context=self.tls(), timeout=60
        )
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        shown = (
            json.loads(text) if answer.headers.get_content_type() == "application/json" else text
        )
        return answer.status, shown, answer.headers


class Held:
    """Reports that take as long as the test wants."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = threading.Semaphore(0)
        self.go_on = threading.Event()
        stretch = reports_api._stretch

        def wait(*arguments: Any) -> Any:
            self.reached.release()
            assert self.go_on.wait(HELD_SECONDS)
            return stretch(*arguments)

        monkeypatch.setattr(reports_api, "_stretch", wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.go_on.set()


@pytest.fixture
def server(club: ClubContext, tmp_path: Path) -> Iterator[WholeServer]:
    with WholeServer(club, tmp_path) as running:
        yield running


def test_reports_are_turned_away_while_heartbeats_and_sales_go_on(
    server: WholeServer, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rules.LONGEST_WAIT, "report", 0.02)
    monkeypatch.setitem(rules.PATIENCE_SECONDS, "report", None)
    # Only of this is spoken here, however busy the computer that runs the test is.
    for name in ("LAG", "DESK_WAIT"):
        for what in ("REPORTS", "PAGES"):
            monkeypatch.setattr(rules, f"{name}_WITHOUT_{what}", float("inf"))
    paired = computers_service.pair(
        server.club, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER
    )
    tariff = people.tariff()
    sale = {"tariff_id": tariff, "method": "cash", "key": "a-sale-in-a-busy-hour"}

    async def sit_and_beat() -> None:
        async with server.socket() as pc:
            await welcomed(pc, paired)
            for number in range(20):
                await pc.say(Heartbeat(seq=number, lock="locked"))
                assert (await pc.hear_a(Ack)).seq == number
            status, said, _ = await asyncio.to_thread(
                server.ask, "POST", f"/api/v1/computers/{paired.computer_id}/guests", sale
            )
            assert status == 201, said

    with ThreadPoolExecutor(4) as pool, Held(monkeypatch) as held:
        patient = [pool.submit(server.ask, "GET", REPORT) for _ in range(2)]
        for _ in patient:
            assert held.reached.acquire(timeout=60), [
                one.done() and one.result() for one in patient
            ]
        patient.append(pool.submit(server.ask, "GET", REPORT))  # waits for its turn
        end = time.monotonic() + 60
        # One that comes before that would wait, too.
        while server.app._gate.signals.report_waits < rules.LONGEST_WAIT["report"]:
            assert time.monotonic() < end
            time.sleep(0.01)
        while (answer := server.ask("GET", REPORT))[0] != 503:
            assert time.monotonic() < end
        _, said, headers = answer
        assert (said["error"]["code"], headers["Retry-After"]) == ("overloaded", "15")
        assert said["error"]["message"].startswith("Сервер перегружен")
        asyncio.run(sit_and_beat())
        assert server.ask("GET", "/api/v1/customers")[0] == 200  # pages have turns of their own
        figures = server.ask("GET", "/metrics")[1].decode()
        assert 'lovhub_turned_away_total{rank="report"} 1.0' in figures
        assert "lovhub_overload_level 1.0" in figures
        held.go_on.set()
        assert [asked.result(60)[0] for asked in patient] == [200, 200, 200]
    _facts, findings = server.app.server.board.look()
    assert "LV-W017" in {finding.number for finding in findings}
    assert server.ask("GET", REPORT)[0] == 200


def test_a_page_that_was_turned_away_comes_again_by_itself(
    server: WholeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = True
    before = rules.is_turned_away
    monkeypatch.setattr(
        rules, "is_turned_away",
        lambda rank, signals: (away and rank in {"page", "report"}) or before(rank, signals),
    )  # fmt: skip
    with chromium(tmp_path / "cert.pem", program=shell()) as browser:
        context = browser.new_context(base_url=f"https://localhost:{server.port}", locale="ru-RU")
        expect.set_options(timeout=SHOWN_MS)
        context.add_cookies(
            [
                {
                    "name": "lovhub_session",
                    "value": server.token,
                    "url": f"https://localhost:{server.port}",
                }
            ]
        )
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.clock.install()
        answer = page.goto("/admin/tariffs")
        assert answer is not None
        assert answer.status == 503
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        expect(page.get_by_role("heading")).to_have_text("Сервер перегружен")
        away = False
        page.clock.fast_forward(8_000)
        expect(page.get_by_role("heading", level=1)).to_have_text("Тарифы")
        away = True
        page.locator("[data-dialog]").first.click()
        expect(page.locator("#toasts")).to_contain_text("Сервер перегружен, повторите через 5 с.")
        assert errors == []
        context.close()
