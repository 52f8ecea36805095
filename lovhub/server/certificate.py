"""The TLS certificate in `cert.pem` and `key.pem`: the club's own, or one made here.

PCs do not care which it is: they pin the club's identity key, which vouches for the certificate on every
connection (`protocol/identity.py`). So a certificate made here is simply made anew when it grows old.
"""

import datetime as dt
import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path

import ifaddr
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lovhub.config_loader import write_private
from lovhub.server.refusal import StartRefused

CLUB_HOSTNAME = "lovhub.local"
"""The name under which the server can always be named in its own certificate."""

VALID_DAYS = 820
"""Some browsers refuse certificates that are valid for more than 825 days."""

RENEW_DAYS_BEFORE = 30
"""A certificate made here is renewed at a start when no more days than this are left."""

_OWN_MARK = "LoVHub"


@dataclass(frozen=True)
class Certificate:
    """The files to serve with, the certificate's DER form, and when it ends (UTC epoch seconds)."""

    cert_path: Path
    key_path: Path
    der: bytes
    ends_at: int


def ensure_certificate(folder: Path, wall_now: float) -> Certificate:
    """The certificate in `folder`, made or renewed if need be; raises StartRefused.

    `wall_now` is the wall clock: TLS knows no other time.
    """
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    present = [path.name for path in (cert_path, key_path) if path.exists()]
    if len(present) == 1:
        raise StartRefused("certificate_alone", present=present[0])
    now = dt.datetime.fromtimestamp(wall_now, dt.UTC)
    if not present:
        _make(cert_path, key_path, now)
    certificate = _checked(cert_path, key_path)
    ends = certificate.not_valid_after_utc
    if _made_here(certificate) and ends - now < dt.timedelta(days=RENEW_DAYS_BEFORE):
        _make(cert_path, key_path, now)
        certificate = _checked(cert_path, key_path)
    elif ends <= now:
        raise StartRefused("certificate_expired", date=f"{ends:%d.%m.%Y}")
    return Certificate(
        cert_path=cert_path,
        key_path=key_path,
        der=certificate.public_bytes(serialization.Encoding.DER),
        ends_at=int(certificate.not_valid_after_utc.timestamp()),
    )


def local_addresses() -> list[str]:
    """The machine's IP addresses, those of the network first, without link-local ones."""
    found = {"127.0.0.1", "::1"}
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            if not ipaddress.ip_address(text).is_link_local:
                found.add(text)
    return sorted(
        found,
        key=lambda text: (ipaddress.ip_address(text).is_loopback, ":" in text, text),
    )


def _made_here(certificate: x509.Certificate) -> bool:
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return certificate.subject == certificate.issuer and bool(names) and names[0].value == _OWN_MARK


def _checked(cert_path: Path, key_path: Path) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(cert_path.read_bytes())
    except (ValueError, OSError) as error:
        raise StartRefused("certificate_unreadable", file=cert_path.name) from error
    try:
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
    except (ValueError, TypeError, OSError) as error:
        raise StartRefused("certificate_unreadable", file=key_path.name) from error
    if _public_bytes(certificate.public_key()) != _public_bytes(key.public_key()):
        raise StartRefused("certificate_mismatch")
    return certificate


def _public_bytes(key: object) -> bytes:
    data: bytes = key.public_bytes(  # type: ignore[attr-defined]  # every public key has it, no base says so
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return data


def _make(cert_path: Path, key_path: Path, now: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _OWN_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, CLUB_HOSTNAME),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Gaming PCs with an empty clock battery are often a little behind.
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=VALID_DAYS - 1))
        .add_extension(x509.SubjectAlternativeName(_names()), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(
        key_path,
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    write_private(cert_path, certificate.public_bytes(serialization.Encoding.PEM))


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _names() -> list[x509.GeneralName]:
    hostname = socket.gethostname().split(".")[0].lower()
    names = [CLUB_HOSTNAME, "localhost"]
    if hostname.isascii() and hostname:
        names += [name for name in (hostname, f"{hostname}.local") if name not in names]
    return [
        *(x509.DNSName(name) for name in names),
        *(x509.IPAddress(ipaddress.ip_address(text)) for text in local_addresses()),
    ]
