"""Any service that Apprise knows: a messenger, a push service, a pager, by one address in `config.ini`.

The address holds the service's secrets: nobody sees it. Apprise and what it asks with would write parts of it into logs
when a service answers strangely; they are not listened to. Loaded only where `[Apprise]` is filled in.
"""

import ipaddress
import logging
import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lovhub.server.notices.letters import Letter, SendFailed, WrongSetting

if TYPE_CHECKING:
    import apprise

_REFUSED_SIGN_IN = frozenset({401, 403})
_LATER = frozenset({408, 429})


@dataclass(frozen=True)
class Anywhere:
    """One service, and with it whom it tells."""

    service: "apprise.Apprise" = field(repr=False)

    def send(self, _to: str, letter: Letter) -> None:
        """Hand the letter to the service; raises SendFailed."""
        # Whoever writes a configuration without this section never loads it.
        from apprise import NotifyFormat  # noqa: PLC0415

        with _overheard() as reasons:
            taken = self.service.notify(
                body=letter.text,
                title=" ".join(letter.subject.split()),
                body_format=NotifyFormat.TEXT,
            )
        if not taken:
            raise SendFailed(reasons[-1] if reasons else "refused")


def made(address: str) -> Anywhere:
    """The service at Apprise's `address`; raises WrongSetting for what it does not know or what is not encrypted."""
    _silence()
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - see above
    from apprise.common import OverflowMode, PersistentStoreMode  # noqa: PLC0415

    asset = AppriseAsset(
        app_id="LoVHub",
        app_desc="LoVHub",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        # Where an answer would lead on to, nobody goes.
        http_redirects=False,
        storage_mode=PersistentStoreMode.MEMORY,
    )
    target: Any = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if target is None or not _is_encrypted(address, target):
        raise WrongSetting("Url")
    if target.overflow_mode == OverflowMode.UPSTREAM:
        # Figures of a shift may be longer than a service takes at once.
        target.overflow_mode = OverflowMode.SPLIT
    service = Apprise(asset=asset)
    service.add(target)
    return Anywhere(service)


def _is_encrypted(address: str, target: Any) -> bool:
    """Whether nobody on the way can read it: by the scheme, or because it never leaves this machine."""
    if not target.verify_certificate or getattr(target, "secure_mode", None) == "insecure":
        return False
    secure = target.secure_protocol or ()
    schemes = {secure} if isinstance(secure, str) else set(secure)
    return address.partition("://")[0].strip().lower() in schemes or _is_here(target.host or "")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _silence() -> None:
    logging.getLogger("apprise").propagate = False
    # It names the whole address where it does not understand an answer; nobody else here asks by it.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)


class _Reasons(logging.Handler):
    """Keeps of what Apprise says only which kind of failure it was, never a word."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.codes: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # It speaks of an error while it is handling it.
        error = sys.exc_info()[1]
        if error is not None:
            self.codes.append(_code_of_error(error))
        elif record.levelno >= logging.WARNING and isinstance(record.args, tuple):
            self.codes += [
                _code_of_status(said)
                for said in record.args
                if isinstance(said, int) and 300 <= said < 600
            ]


def _code_of_error(error: BaseException) -> str:
    from requests.exceptions import SSLError  # noqa: PLC0415 - comes with Apprise

    if isinstance(error, (SSLError, ssl.SSLCertVerificationError)):
        return "certificate"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "sign_in"
    if isinstance(error, smtplib.SMTPException):
        return "refused"
    return "no_connection" if isinstance(error, OSError) else "refused"


def _code_of_status(status: int) -> str:
    if status in _REFUSED_SIGN_IN:
        return "sign_in"
    return "no_connection" if status >= 500 or status in _LATER else "refused"


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What went wrong meanwhile, as codes."""
    logger, reasons = logging.getLogger("apprise"), _Reasons()
    level = logger.level
    logger.addHandler(reasons)
    logger.setLevel(logging.DEBUG)
    try:
        yield reasons.codes
    finally:
        logger.setLevel(level)
        logger.removeHandler(reasons)
