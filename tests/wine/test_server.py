"""The club's main computer may run Windows: `server.py` as the guide starts it, under Wine."""

import http.client
import ssl
from pathlib import Path

import pytest

from tests.evening.processes import Program, free_port, wait_for
from tests.support.wine import Wine

START_SECONDS = 120
"""A busy machine has taken 50: every module is compiled anew."""


# Longer than its own wait, which says what the server printed.
@pytest.mark.timeout(2 * START_SECONDS)
def test_an_empty_folder_becomes_a_server_with_pages_over_https(wine: Wine, tmp_path: Path) -> None:
    port = free_port()
    server = Program(
        "server",
        wine.python_command(
            *("server.py", "--data", f"Z:{tmp_path}"), *("--host", "127.0.0.1"), f"--port={port}"
        ),
        wine.environment(),
    )

    def page_text() -> str | None:
        trust = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        page = http.client.HTTPSConnection("localhost", port, context=trust, timeout=30)
        try:
            page.request("GET", "/setup?token=" + token)
            answer = page.getresponse()
            return answer.read().decode() if answer.status == http.client.OK else None
        except OSError:
            return None  # it does not listen yet
        finally:
            page.close()

    try:
        server.said(r"Запуск сервера в режиме HTTPS\.\.\.", START_SECONDS)
        token = server.said(r"/setup\?token=(\S+)")[1]
        assert 'name="password"' in wait_for("the page is there", page_text)
        made = {"config.ini", "cert.pem", "key.pem", "lovhub.sqlite3"}
        assert made <= {path.name for path in tmp_path.iterdir()}
    finally:
        server.process.kill()
        server.process.wait()
