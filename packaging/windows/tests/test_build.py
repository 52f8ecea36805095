"""What a release build does beside that of the tests: `make test-installers`."""

import datetime as dt
import hashlib
import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "пароль издателя"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "packaging/windows/build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def certificate() -> bytes:
    """A publisher's, with its key, as certificate authorities hand it out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Издатель")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"publisher", key, made, None, BestAvailableEncryption(PASSWORD.encode())
    )


def test_an_installer_is_signed_where_a_certificate_is_given(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, installer = tmp_path / "small.nsi", tmp_path / "small.exe"
    script.write_text(f'OutFile "{installer}"\nSection\nSectionEnd\n')
    subprocess.run(["makensis", "-V1", str(script)], check=True)
    plain = installer.read_bytes()
    build.sign(installer)
    assert installer.read_bytes() == plain

    (tmp_path / "publisher.p12").write_bytes(certificate())
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    monkeypatch.setenv("SIGN_CERTIFICATE", str(tmp_path / "publisher.p12"))
    monkeypatch.setenv("SIGN_PASSWORD_FILE", str(tmp_path / "password"))
    build.sign(installer)
    words = ["osslsigncode", "extract-signature", "-in", str(installer), "-out"]
    subprocess.run([*words, str(tmp_path / "signature")], check=True)
    assert "Издатель".encode() in (tmp_path / "signature").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("small*")) == ["small.exe", "small.nsi"]


def test_a_python_is_taken_only_with_the_sum_that_its_maker_states(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "python.zip"
    given.write_bytes(b"an official one")
    monkeypatch.delenv("WINDOWS_PYTHON", raising=False)
    assert build.python_zip() is None
    monkeypatch.setenv("WINDOWS_PYTHON", str(given))
    for stated in ("", "0" * 64):
        monkeypatch.setenv("WINDOWS_PYTHON_SHA256", stated)
        with pytest.raises(SystemExit, match="SHA-256"):
            build.python_zip()
    stated = hashlib.sha256(b"an official one").hexdigest().upper()
    monkeypatch.setenv("WINDOWS_PYTHON_SHA256", f" {stated}\n")
    assert build.python_zip() == given
