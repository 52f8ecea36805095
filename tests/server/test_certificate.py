"""The certificate: made here, or the club's own; renewed when it is ours, refused when it cannot serve."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from lovhub.server.certificate import VALID_DAYS, ensure_certificate
from lovhub.server.refusal import StartRefused, sentence

NOW = 1_800_000_000
DAY = 24 * 3600


def _guides_certificate(folder: Path, *, valid_days: int = 365) -> None:
    """RSA, self-signed, no SAN: what `openssl req -x509` of the guide makes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "192.168.1.10")])
    start = dt.datetime.fromtimestamp(NOW, dt.UTC) - dt.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=valid_days))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _refusal(folder: Path, now: int = NOW) -> StartRefused:
    with pytest.raises(StartRefused) as refused:
        ensure_certificate(folder, now)
    assert sentence(refused.value)
    return refused.value


def test_a_certificate_made_here_names_the_server_and_serves(tmp_path: Path) -> None:
    made = ensure_certificate(tmp_path, NOW)
    names = (
        x509.load_der_x509_certificate(made.der)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    dns = names.get_values_for_type(x509.DNSName)
    assert dns[0] == "lovhub.local"
    assert "localhost" in dns
    assert "127.0.0.1" in [str(ip) for ip in names.get_values_for_type(x509.IPAddress)]
    assert made.ends_at - NOW < 825 * DAY
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
        made.cert_path, made.key_path
    )


def test_it_stays_the_same_at_the_next_start(tmp_path: Path) -> None:
    first = ensure_certificate(tmp_path, NOW)
    assert ensure_certificate(tmp_path, NOW + 100 * DAY) == first


@pytest.mark.parametrize("days_left", [29, -5])
def test_one_made_here_is_renewed_when_it_grows_old(tmp_path: Path, days_left: int) -> None:
    first = ensure_certificate(tmp_path, NOW)
    later = first.ends_at - days_left * DAY
    second = ensure_certificate(tmp_path, later)
    assert second.der != first.der
    assert second.ends_at > later + (VALID_DAYS - 2) * DAY


def test_the_guides_certificate_is_used_as_it_is(tmp_path: Path) -> None:
    _guides_certificate(tmp_path)
    before = (tmp_path / "cert.pem").read_bytes(), (tmp_path / "key.pem").read_bytes()
    used = ensure_certificate(tmp_path, NOW + 350 * DAY)
    assert x509.load_pem_x509_certificate(before[0]).fingerprint(hashes.SHA256()) == (
        x509.load_der_x509_certificate(used.der).fingerprint(hashes.SHA256())
    )
    assert before == ((tmp_path / "cert.pem").read_bytes(), (tmp_path / "key.pem").read_bytes())


def test_the_guides_expired_certificate_is_refused_and_kept(tmp_path: Path) -> None:
    _guides_certificate(tmp_path, valid_days=10)
    before = (tmp_path / "cert.pem").read_bytes()
    assert _refusal(tmp_path, NOW + 20 * DAY).code == "certificate_expired"
    assert (tmp_path / "cert.pem").read_bytes() == before


def test_half_a_pair_is_refused(tmp_path: Path) -> None:
    ensure_certificate(tmp_path, NOW)
    (tmp_path / "key.pem").unlink()
    assert _refusal(tmp_path).code == "certificate_alone"


@pytest.mark.parametrize("name", ["cert.pem", "key.pem"])
def test_an_unreadable_file_is_named(tmp_path: Path, name: str) -> None:
    ensure_certificate(tmp_path, NOW)
    (tmp_path / name).write_text("not PEM", encoding="ascii")
    refusal = _refusal(tmp_path)
    assert (refusal.code, refusal.values["file"]) == ("certificate_unreadable", name)


def test_files_of_two_pairs_are_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        ensure_certificate(tmp_path / name, NOW)
    (tmp_path / "one" / "key.pem").write_bytes((tmp_path / "two" / "key.pem").read_bytes())
    assert _refusal(tmp_path / "one").code == "certificate_mismatch"
