"""What `[Kaspi]` in `config.ini` says, checked before the server starts, and the providers made of it.

A way of paying that trusts anybody is worse than none: without its secret, list of addresses or certificate the
server does not start, and says which line is missing.
"""

import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lovhub.config_loader import DEMO_FOLDER_MARK, Config
from lovhub.pinned_tls import CertificateUnusable, name_in_certificate
from lovhub.server.payments import rules
from lovhub.server.payments.providers.biller import BillerProvider
from lovhub.server.payments.providers.contract import PaymentProvider
from lovhub.server.payments.providers.gateway import GatewayProvider
from lovhub.server.payments.providers.http import HttpClient
from lovhub.server.payments.providers.kaspi_pos import KaspiPosProvider, TokenFile
from lovhub.server.payments.providers.kaspi_qr import KaspiQrProvider, Scheme
from lovhub.server.payments.providers.manual import ManualProvider
from lovhub.server.payments.providers.tiptop import TipTopProvider
from lovhub.server.refusal import StartRefused

TOKENS_FILE = "kaspi-pos.json"

SHORTEST_SECRET = 16

_TOKEN = re.compile(r"[!-~]+")
_PATH_SECRET = re.compile(r"[A-Za-z0-9._~-]+")
_WIDEST = {4: 8, 6: 16}
"""The widest networks that can be meant: prefix by version of the protocol."""

TERMINAL_TIMEOUT_SECONDS = 30.0
"""A person may have to tap «Разрешить» on the terminal first."""

NO_SECRET = "off"
"""`PathSecret = off`: the owner says that Kaspi was given the address without a secret."""


@dataclass(frozen=True)
class Payments:
    """The providers at work. `main`: who is asked for money, or by whom the desk records it; None: nobody.

    `at_pc`: what a player may ask for at the PC. `service`: the club's name in Kaspi, where payers look for it.
    """

    mode: str = "off"
    main: PaymentProvider | None = None
    providers: Mapping[str, PaymentProvider] | None = None
    at_pc: rules.Limits = rules.USUAL_LIMITS
    service: str = ""

    @property
    def at_desk(self) -> rules.AtDesk:
        """What a person at the desk must show for money by Kaspi."""
        return rules.at_desk(self.mode)

    @property
    def needs_phone(self) -> bool:
        """Whether who pays by Kaspi at the desk must name a telephone."""
        asks_kaspi = self.at_desk == "code" and self.main is not None
        return asks_kaspi and self.main is not None and self.main.caps.needs_phone

    def named(self, name: str) -> PaymentProvider | None:
        """The provider of that name, if it is at work."""
        return (self.providers or {}).get(name)


def read(config: Config, folder: Path) -> Payments:
    """The providers that `config.ini` asks for; raises StartRefused."""
    mode = config.kaspi_mode or "off"
    section = _Section(mode, config.kaspi, folder)
    if mode == "off":
        return Payments()
    return replace(
        _providers(mode, section), at_pc=section.limits(), service=section.optional("ServiceName")
    )


def certificate_file(config: Config, folder: Path) -> Path | None:
    """The file with the certificate that the mode stands on: the club's that is shown to Kaspi, or the terminal's."""
    option = {"qr_r3": "CertFile", "pos": "CaFile"}.get(config.kaspi_mode)
    name = _Section(config.kaspi_mode, config.kaspi, folder).optional(option) if option else ""
    return folder / name if name else None


def _providers(mode: str, section: "_Section") -> Payments:
    if mode == "manual":
        return _of(mode, ManualProvider())
    if mode == "biller":
        return _of(mode, _biller(section))
    if mode == "gateway":
        return _of(mode, _gateway(section))
    if mode == "fake":
        return _fake(section)
    if mode == "pos":
        return _of(mode, _pos(section))
    return _of(mode, _qr(section, "r1" if mode == "qr_r1" else "r3"))


def _of(mode: str, *providers: PaymentProvider) -> Payments:
    return Payments(mode, providers[0], {provider.name: provider for provider in providers})


def _biller(section: "_Section") -> BillerProvider:
    secret = section.needed("PathSecret")
    if secret == NO_SECRET:
        secret = ""
    else:
        section.check_secret("PathSecret", secret)
        if not _PATH_SECRET.fullmatch(secret):  # no address could be called by it
            section.refuse("kaspi_wrong", "PathSecret")
    response_format = section.optional("ResponseFormat").lower() or "json"
    if response_format not in {"json", "xml"}:
        section.refuse("kaspi_wrong", "ResponseFormat")
    return BillerProvider(
        allowed=section.networks("AllowedIPs", is_needed=True),
        proxies=section.networks("TrustedProxies"),
        path_secret=secret,
        response_format="xml" if response_format == "xml" else "json",
    )


def _gateway(section: "_Section") -> PaymentProvider:
    """The old guide's keys stand for these two, and for nothing else: Kaspi itself has no such keys."""
    http = HttpClient(section.url("GatewayUrl"))
    key = section.token("GatewayApiKey", "PublicKey")
    secret = section.secret("WebhookSecret", "PrivateKey")
    form = section.optional("GatewayForm").lower() or "apipay"
    if form == "tiptop":
        return TipTopProvider(http, public_id=key, api_secret=secret)
    if form != "apipay":
        section.refuse("kaspi_wrong", "GatewayForm")
    header = section.optional("SignatureHeader") or "X-Webhook-Signature"
    return GatewayProvider(http, api_key=key, webhook_secret=secret, signature_header=header)


def _qr(section: "_Section", scheme: Scheme) -> KaspiQrProvider:
    url, device_token = section.url("BaseUrl"), section.token("DeviceToken")
    if scheme == "r1":
        api_key = section.secret("ApiKey")
        return KaspiQrProvider(
            HttpClient(url), scheme=scheme, device_token=device_token, api_key=api_key
        )
    return KaspiQrProvider(
        HttpClient(url, context=section.certificate()),
        scheme=scheme,
        device_token=device_token,
        organization_bin=section.token("OrganizationBin"),
    )


def _pos(section: "_Section") -> KaspiPosProvider:
    """The terminal shows a certificate of its own: exactly that one is trusted, by the name that stands in it."""
    return KaspiPosProvider(
        HttpClient(
            section.url("BaseUrl"),
            pinned_pem=section.pinned_certificate(),
            timeout_seconds=TERMINAL_TIMEOUT_SECONDS,
        ),
        tokens=section.token_file(),
        monotonic=time.monotonic,
    )


def _fake(section: "_Section") -> Payments:
    """The bank that is none: all wires at once, over this computer only, in a folder that a demonstration made."""
    if not section.is_demo():
        section.refuse("kaspi_fake", "Mode")
    http = HttpClient(section.url("BaseUrl", on_loopback=True))
    qr = KaspiQrProvider(
        http,
        scheme="r3",
        device_token=section.needed("DeviceToken"),
        organization_bin=section.needed("OrganizationBin"),
        name="fake",
    )
    biller = BillerProvider(
        allowed=rules.networks("127.0.0.1 ::1"), path_secret=section.secret("PathSecret")
    )
    gateway = GatewayProvider(
        HttpClient(section.url("GatewayUrl", on_loopback=True)),
        api_key=section.needed("GatewayApiKey"),
        webhook_secret=section.secret("WebhookSecret"),
    )
    return _of("fake", qr, biller, gateway)


class _Section:
    """Reads the section's lines, and refuses the start in words about the very line."""

    def __init__(self, mode: str, values: Mapping[str, str], folder: Path) -> None:
        self._mode = mode
        self._values = values
        self._folder = folder

    def refuse(self, code: str, option: str, **values: str | int) -> NoReturn:
        raise StartRefused(code, mode=self._mode, option=option, **values)

    def optional(self, option: str) -> str:
        return self._values.get(option.lower(), "")

    def needed(self, option: str, *older: str) -> str:
        """The value of the line, or of one that had another name in the old guide."""
        found = next(filter(None, map(self.optional, (option, *older))), "")
        if not found:
            self.refuse("kaspi_missing", option)
        return found

    def token(self, option: str, *older: str) -> str:
        """What a provider has given out: never in Cyrillic, as what the guides put in its place is."""
        found = self.needed(option, *older)
        if not _TOKEN.fullmatch(found):
            self.refuse("kaspi_wrong", option)
        return found

    def secret(self, option: str, *older: str) -> str:
        found = self.token(option, *older)
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
            # Nobody is no list, and half of everybody is not one either.
            is_list = all(network.prefixlen >= _WIDEST[network.version] for network in found)
            if is_list and (found or not text):
                return found
            self.refuse("kaspi_wrong", option)
        raise AssertionError

    def limits(self) -> rules.Limits:
        """Between what a player may ask for at the PC."""
        usual = rules.USUAL_LIMITS
        least = self._tenge("PcTopUpFrom", usual.smallest_tiyn)
        most = self._tenge("PcTopUpTo", usual.largest_tiyn)
        if least > most:
            self.refuse("kaspi_wrong", "PcTopUpTo")
        return rules.Limits(least, most)

    def _tenge(self, option: str, otherwise: int) -> int:
        text = self.optional(option).replace(" ", "")
        if not text:
            return otherwise
        if not text.isascii() or not text.isdecimal():
            self.refuse("kaspi_wrong", option)
        tiyn = int(text[:12]) * 100
        if not 0 < tiyn <= rules.LARGEST_TIYN:
            self.refuse("kaspi_wrong", option)
        return tiyn

    def url(self, option: str, *, on_loopback: bool = False) -> str:
        found = self.needed(option).rstrip("/")
        try:
            parts = urlsplit(found)
            host = parts.hostname or ""
            _ = parts.port  # one that is none is found out only when it is asked for
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

    def pinned_certificate(self) -> str:
        """The terminal's certificate, alone in its file, as PEM."""
        try:
            data = self._file("CaFile").read_bytes()
            (certificate,) = x509.load_pem_x509_certificates(data)
            pem = certificate.public_bytes(Encoding.PEM).decode("ascii")
            name_in_certificate(pem)
        except (OSError, ValueError, CertificateUnusable):
            self.refuse("kaspi_certificate", "CaFile")
        return pem

    def token_file(self) -> TokenFile:
        """Where a terminal's tokens are kept."""
        return TokenFile(self._folder / TOKENS_FILE)

    def is_demo(self) -> bool:
        return (self._folder / DEMO_FOLDER_MARK).exists()

    def _file(self, option: str) -> Path:
        return self._folder / self.needed(option)
