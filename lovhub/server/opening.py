"""Opening what stands in the club's folder beside the database."""

import ssl
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lovhub.clock import Clock
from lovhub.config_loader import Config
from lovhub.server import serving
from lovhub.server.certificate import Certificate, ensure_certificate
from lovhub.server.data_folder import DataFolder, ensure_config, ensure_identity
from lovhub.server.fiscal import settings as fiscal_settings
from lovhub.server.fiscal.settings import Fiscal
from lovhub.server.notices import ways as notice_ways
from lovhub.server.notices.ways import Ways
from lovhub.server.payments import settings as payments_settings
from lovhub.server.payments.settings import Payments


@dataclass(frozen=True)
class Opened:
    """The club's settings, keys and certificate, each read and found usable."""

    config: Config
    identity: Ed25519PrivateKey
    certificate: Certificate
    tls: ssl.SSLContext
    payments: Payments
    ways: Ways
    fiscal: Fiscal


def open_files(folder: DataFolder, clock: Clock) -> Opened:
    """Read what is there and make what is not; raises what `refusal.sentence` has words for."""
    config = ensure_config(folder)
    payments = payments_settings.read(config, folder.path)
    identity = ensure_identity(folder)
    certificate = ensure_certificate(folder.path, clock.wall())
    ways = notice_ways.read(config, folder.path)
    fiscal = fiscal_settings.read(config, folder.path)
    tls = serving.tls_context(certificate)
    return Opened(config, identity, certificate, tls, payments, ways, fiscal)
