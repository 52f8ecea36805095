"""What `[Fiscal]` in `config.ini` says, checked before the server starts."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lovhub.config_loader import DEMO_FOLDER_MARK, Config
from lovhub.server.fiscal.providers.contract import FiscalProvider
from lovhub.server.fiscal.providers.fake import FakeProvider
from lovhub.server.payments import rules as networks
from lovhub.server.payments.providers.http import HttpClient
from lovhub.server.refusal import StartRefused

HIGHEST_VAT = 30


@dataclass(frozen=True)
class Fiscal:
    """The operator at work; None: nobody asks for fiscal documents here. `vat_percent` None: without tax."""

    provider: FiscalProvider | None = None
    vat_percent: int | None = None


def read(config: Config, folder: Path) -> Fiscal:
    """The operator that `config.ini` asks for; raises StartRefused.

    There is none but the fake yet: a real one needs the owner's contract with an operator, and is written then
    (docs/fiscal.md).
    """
    mode = config.fiscal.get("mode", "").lower() or "off"
    if mode == "off":
        return Fiscal()
    if mode != "fake":
        raise StartRefused("fiscal_mode", mode=mode)
    if not (folder / DEMO_FOLDER_MARK).exists():
        raise StartRefused("fiscal_fake")
    url, token = config.fiscal.get("baseurl", "").rstrip("/"), config.fiscal.get("token", "")
    host = urlsplit(url).hostname or "" if url.startswith("http://") else ""
    if not networks.is_among(host, networks.networks("127.0.0.0/8 ::1")):
        raise StartRefused("fiscal_wrong", option="BaseUrl")
    if not token:
        raise StartRefused("fiscal_wrong", option="Token")
    return Fiscal(FakeProvider(HttpClient(url), token), _vat(config.fiscal.get("vatpercent", "")))


def _vat(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or not 0 <= int(text[:3]) <= HIGHEST_VAT:
        raise StartRefused("fiscal_wrong", option="VatPercent")
    return int(text)
