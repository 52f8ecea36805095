"""Mail, Telegram, Apprise, and who waits for signs of life: what `config.ini` says of them, and sending.

Always encrypted, and the certificate always checked. Neither a password nor a token ever goes into a text or a log.
"""

import http.client
import json
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from lovhub.config_loader import Config
from lovhub.server.notices import anywhere
from lovhub.server.notices.letters import Letter, SendFailed, Way, WrongSetting

TIMEOUT_SECONDS = 10.0
TELEGRAM = "https://api.telegram.org"
_LONGEST_TELEGRAM = 4000
_PORTS = {"tls": 465, "starttls": 587}
_TOKEN = re.compile(r"\d{1,20}:[\w-]{10,100}", re.ASCII)


@dataclass(frozen=True)
class Mail:
    """A mail server. `security`: `tls` from the first byte, or `starttls`."""

    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    sender: str
    context: ssl.SSLContext = field(repr=False)

    def send(self, to: str, letter: Letter) -> None:
        """Hand the letter to the mail server."""
        message = EmailMessage()
        message["Subject"] = " ".join(letter.subject.split())
        message["From"] = self.sender
        message["To"] = to
        message["Date"] = format_datetime(datetime.fromtimestamp(letter.at, UTC))
        message["Message-ID"] = f"<{letter.number}@{self.sender.rpartition('@')[2]}>"
        message.set_content(letter.text)
        try:
            with self._connected() as server:
                if self.username:
                    server.login(self.username, self.password)
                server.send_message(message)
        except ssl.SSLCertVerificationError:
            raise SendFailed("certificate") from None
        except smtplib.SMTPAuthenticationError:
            raise SendFailed("sign_in") from None
        except (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected):
            raise SendFailed("no_connection") from None
        except smtplib.SMTPException:
            raise SendFailed("refused") from None
        except OSError:
            raise SendFailed("no_connection") from None

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_SECONDS, context=self.context
            )
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            server.starttls(context=self.context)
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class Telegram:
    """A bot of Telegram's."""

    host: str
    port: int
    path: str
    token: str = field(repr=False)
    context: ssl.SSLContext = field(repr=False)

    def send(self, to: str, letter: Letter) -> None:
        """Hand the letter to Telegram."""
        text = f"{letter.subject}\n\n{letter.text}"[:_LONGEST_TELEGRAM]
        body = json.dumps({"chat_id": to, "text": text, "disable_web_page_preview": True})
        # The address holds the token.
        status = _status(
            (self.host, self.port, self.context),
            "POST",
            f"{self.path}/bot{self.token}/sendMessage",
            {"Content-Type": "application/json"},
            body.encode(),
        )
        if status in {401, 404}:
            raise SendFailed("sign_in")
        if status != 200:
            raise SendFailed("refused" if status < 500 and status != 429 else "no_connection")


@dataclass(frozen=True)
class Outpost:
    """An address outside the club that waits for a sign of life, as Healthchecks and its like do."""

    host: str
    port: int
    path: str = field(repr=False)
    context: ssl.SSLContext = field(repr=False)

    def tell(self) -> None:
        """One sign of life; raises SendFailed. Where the answer would lead on to, nobody goes."""
        # Who knows the address can give signs of life in our place.
        where = (self.host, self.port, self.context)
        status = _status(where, "GET", self.path, {"User-Agent": "LoVHub"})
        if not 200 <= status < 300:
            raise SendFailed("refused")


@dataclass(frozen=True)
class Ways:
    """The ways that `config.ini` names, and by way (`outpost`, too) the option in it that cannot be used."""

    by_name: Mapping[str, Way] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    outpost: Outpost | None = None

    def send(self, way: str, to: str, letter: Letter) -> None:
        """Send by this way; raises SendFailed."""
        if way in self.wrong:
            raise SendFailed("settings_wrong")
        if way not in self.by_name:
            raise SendFailed("not_set_up")
        self.by_name[way].send(to, letter)


def read(config: Config, folder: Path) -> Ways:
    """What `[Mail]`, `[Telegram]`, `[Apprise]` and `[Healthchecks]` say.

    A mistake there never keeps the server from starting: the admin tells it.
    """
    by_name: dict[str, Way] = {}
    wrong: dict[str, str] = {}
    for way, section, make in (
        ("email", config.mail, _mail),
        ("telegram", config.telegram, _telegram),
        ("apprise", config.apprise, _apprise),
    ):
        if not any(section.values()):
            continue
        try:
            by_name[way] = make(section, folder)
        except WrongSetting as option:
            wrong[way] = str(option)
    outpost = None
    if any(config.healthchecks.values()):
        try:
            outpost = _outpost(config.healthchecks, folder)
        except WrongSetting as option:
            wrong["outpost"] = str(option)
    return Ways(by_name, wrong, outpost)


def _mail(section: Mapping[str, str], folder: Path) -> Way:
    host, security = section.get("host", ""), section.get("security", "").lower() or "tls"
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", host):
        raise WrongSetting("Host")
    if security not in _PORTS:
        raise WrongSetting("Security")
    port = section.get("port", "") or str(_PORTS[security])
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise WrongSetting("Port")
    username = section.get("username", "")
    sender = section.get("from", "") or username
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", sender):
        raise WrongSetting("From")
    return Mail(
        host, int(port), security, username, section.get("password", ""), sender, _context(section, folder)
    )  # fmt: skip


def _telegram(section: Mapping[str, str], folder: Path) -> Way:
    token = section.get("token", "")
    if not _TOKEN.fullmatch(token):
        raise WrongSetting("Token")
    host, port, path = _https("Api", section.get("api", "") or TELEGRAM)
    return Telegram(host, port, path.rstrip("/"), token, _context(section, folder))


def _apprise(section: Mapping[str, str], _folder: Path) -> Way:
    return anywhere.made(section.get("url", ""))


def _outpost(section: Mapping[str, str], folder: Path) -> Outpost:
    return Outpost(*_https("Url", section.get("url", "")), _context(section, folder))


def _https(option: str, address: str) -> tuple[str, int, str]:
    """Host, port and path of an address that is only ever asked encrypted, and by nobody's name."""
    try:
        parts = urlsplit(address)
        port = parts.port or 443
    except ValueError:
        raise WrongSetting(option) from None
    plain = address.isascii() and address.isprintable() and " " not in address
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.username or not plain:
        raise WrongSetting(option)
    return parts.hostname, port, parts.path or "/"


def _context(section: Mapping[str, str], folder: Path) -> ssl.SSLContext:
    """Certificates of the world, or of the file `CaFile` (a club's own mail server)."""
    name = section.get("cafile", "")
    try:
        return ssl.create_default_context(cafile=folder / name if name else None)
    except (OSError, ssl.SSLError):
        raise WrongSetting("CaFile") from None


def _status(
    where: tuple[str, int, ssl.SSLContext],
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None = None,
) -> int:
    """Ask; the answer's status. Raises SendFailed, which keeps nothing of the error: addresses are secrets."""
    host, port, context = where
    connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    except ssl.SSLCertVerificationError:
        raise SendFailed("certificate") from None
    except (OSError, http.client.HTTPException):
        raise SendFailed("no_connection") from None
    finally:
        connection.close()
