"""What `[Kaspi]` in `config.ini` says, checked before the server starts, and the providers made of it.

A way of paying that trusts anybody is worse than none: without its secret, list of addresses or certificate the
server does not start, and says which line is missing.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lovhub.config_loader import DEMO_FOLDER_MARK, Config
from lovhub.server.payments import rules
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import PaymentProvider
from lovhub.server.payments.providers.manual import ManualProvider
from lovhub.server.refusal import StartRefused

SHORTEST_SECRET = 16

NO_SECRET = "off"
"""`PathSecret = off`: the owner says that Kaspi was given the address without a secret."""


@dataclass(frozen=True)
class Payments:
    """The providers at work. `main`: who is asked for money, or by whom the desk records it; None: nobody."""

    mode: str = "off"
    main: PaymentProvider | None = None
    providers: Mapping[str, PaymentProvider] | None = None

    def named(self, name: str) -> PaymentProvider | None:
        """The provider of that name, if it is at work."""
        return (self.providers or {}).get(name)


def read(config: Config, folder: Path) -> Payments:
    """The providers that `config.ini` asks for; raises StartRefused."""
    mode = config.kaspi_mode or "off"
    section = _Section(mode, config.kaspi, folder)
    if mode == "off":
        return Payments()
    if mode == "manual":
        return _of(mode, ManualProvider())
    return _of(mode, _biller(section))


def _of(mode: str, *providers: PaymentProvider) -> Payments:
    return Payments(mode, providers[0], {provider.name: provider for provider in providers})


def _biller(section: "_Section") -> BillerProvider:
    secret = section.needed("PathSecret")
    if secret == NO_SECRET:
        secret = ""
    else:
        section.check_secret("PathSecret", secret)
    response_format = section.optional("ResponseFormat").lower() or "json"
    if response_format not in {"json", "xml"}:
        section.refuse("kaspi_wrong", "ResponseFormat")
    return BillerProvider(
        allowed=section.networks("AllowedIPs", is_needed=True),
        proxies=section.networks("TrustedProxies"),
        path_secret=secret,
        response_format="xml" if response_format == "xml" else "json",
    )


class _Section:
    """Reads the section's lines, and refuses the start in words about the very line."""

    def __init__(self, mode: str, values: Mapping[str, str], folder: Path) -> None:
        self._mode = mode
        self._values = values
        self._folder = folder

    def refuse(self, code: str, option: str, **values: str | int) -> None:
        raise StartRefused(code, mode=self._mode, option=option, **values)

    def optional(self, option: str) -> str:
        return self._values.get(option.lower(), "")

    def needed(self, option: str, *older: str) -> str:
        """The value of the line, or of one that had another name in the old guide."""
        found = next(filter(None, map(self.optional, (option, *older))), "")
        if not found:
            self.refuse("kaspi_missing", option)
        return found

    def secret(self, option: str, *older: str) -> str:
        found = self.needed(option, *older)
        self.check_secret(option, found)
        return found

    def check_secret(self, option: str, secret: str) -> None:
        if len(secret) < SHORTEST_SECRET:
            self.refuse("kaspi_short", option, minimum=SHORTEST_SECRET)

    def networks(self, option: str, *, is_needed: bool = False) -> tuple[rules.Network, ...]:
        text = self.needed(option) if is_needed else self.optional(option)
        try:
            found = rules.networks(text)
        except ValueError:
            self.refuse("kaspi_wrong", option)
        else:
            # Everybody is nobody's list.
            if all(network.prefixlen for network in found):
                return found
            self.refuse("kaspi_wrong", option)
        raise AssertionError

    def url(self, option: str, *, on_loopback: bool = False) -> str:
        found = self.needed(option).rstrip("/")
        try:
            parts = urlsplit(found)
            host = parts.hostname or ""
        except ValueError:
            parts, host = None, ""
        is_loopback = rules.is_among(host, rules.networks("127.0.0.0/8 ::1"))
        right = is_loopback if on_loopback else parts is not None and parts.scheme == "https"
        if not host or not right:
            self.refuse("kaspi_wrong", option)
        return found

    def certificate(self) -> ssl.SSLContext:
        """TLS that shows the club's certificate to Kaspi and checks Kaspi's own."""
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.optional("CaFile"):
            try:
                context.load_verify_locations(self._file("CaFile"))
            except (OSError, ssl.SSLError):
                self.refuse("kaspi_certificate", "CaFile")
        certificate, key = self._file("CertFile"), self._file("KeyFile")
        password = self.optional("KeyPassword")
        try:
            # Without a password: never ask the person at the console for one.
            context.load_cert_chain(certificate, key, password=lambda: password)
        except (OSError, ssl.SSLError, ValueError):
            self.refuse("kaspi_certificate", "CertFile")
        return context

    def is_demo(self) -> bool:
        return (self._folder / DEMO_FOLDER_MARK).exists()

    def _file(self, option: str) -> Path:
        return self._folder / self.needed(option)
