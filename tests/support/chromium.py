"""Debian's Chromium, which trusts no certificate but those that the test names."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, sync_playwright

from tests.support.programs import find_program


@contextmanager
def chromium(*trusted: Path) -> Iterator[Browser]:
    """A headless browser; `trusted` are the certificates that a person at this desk has accepted.

    It runs as root in CI, which Chromium's own sandbox does not like.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_program("chromium", "chromium"),
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                # A club's network may have no internet: what is not on this computer cannot be found.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
                f"--ignore-certificate-errors-spki-list={','.join(map(_key_hash, trusted))}",
            ],
        )
        yield browser
        browser.close()


def _key_hash(certificate: Path) -> str:
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()
