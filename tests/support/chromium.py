"""Debian's Chromium, which trusts no certificate but those that the test names."""

import base64
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from tests.support.programs import find_program

SHELL = "chromium-headless-shell"


@contextmanager
def chromium(*trusted: Path, language: str = "en", program: str = "chromium") -> Iterator[Browser]:
    """A headless browser; `trusted` are the certificates that a person at this desk has accepted.

    `language` is that of the browser's own parts, such as fields for dates, where it has any but English.
    `program` may be what `shell()` finds where only the page matters.

    It runs as root in CI, which Chromium's own sandbox does not like.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_program(program, program),
            env={**os.environ, "LANGUAGE": language},
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                # The address bar's own pages: a program for every window, which costs a second and shows nothing.
                "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
                # A club's network may have no internet: what is not on this computer cannot be found.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
                f"--ignore-certificate-errors-spki-list={','.join(map(_key_hash, trusted))}",
            ],
        )
        yield browser
        browser.close()


def shell() -> str:
    """The same Chromium without a window's own parts, which cost a third of a test's computing and show nothing here.

    Debian has it; where a system has not, the whole browser does as well.
    """
    return SHELL if shutil.which(SHELL) else "chromium"


def wait_until(page: Page, expression: str, *, seconds: float = 40) -> None:
    """Asks the page until `expression` (JavaScript) is true of it.

    `page.wait_for_function` evaluates text inside the page, which our Content-Security-Policy
    forbids from its second try on; what is asked from outside is not bound by it.
    """
    until = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"not so within {seconds:g} s: {expression}"
        page.wait_for_timeout(50)


class Heard:
    """What the page's live channel says from now on: its first word may come before the page is whole."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._said: list[str] = []
        page.on("websocket", self._listen)

    def first(self) -> str:
        """Wait for the first word."""
        while not self._said:
            self._page.wait_for_timeout(10)
        return self._said[0]

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self._said.append(str(frame)))


def _key_hash(certificate: Path) -> str:
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()
