"""Every way in which `lovhub serve` can refuse to start: one sentence, and nothing is changed."""

import datetime as dt
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from lovhub.clock import TEST_FOLDER_MARK
from tests.evening.processes import free_port
from tests.server.command.folders import GUIDE, contents
from tests.support.serving import Serving, refused, run_lovhub, without_rights


def serve(folder: Path, *options: str, before: list[str] | None = None) -> str:
    """Try to start; the sentence with which it is refused, with everything in the folder as it was."""
    before_it = contents(folder)
    port = () if "--port" in options else ("--port", str(free_port()))
    words = ("serve", "--data", str(folder), "--host", "127.0.0.1", *port, *options)
    sentence = refused(run_lovhub(*words, before=before or ()))
    after = contents(folder)
    assert {name: after.get(name) for name in before_it} == before_it
    assert not [name for name in after if name.endswith(".new")]
    return sentence


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SecretKey = x\n", "строке 1"),
        ("[Flask]\nSecretKey = short\n", "SecretKey"),
        ("[Kaspi]\nMode = telegraph\n", "telegraph"),
        ("[Database]\nUrl = mysql://club\n", "[Database] Url"),
        ("[Database]\nUrl = postgresql+psycopg://u:geheim@host:port/x\n", "[Database] Url"),
        ("[Admin]\nAdminPassword = geheim-geheim\n", "AdminUsername"),
    ],
)
def test_a_wrong_setting(folder: Path, text: str, named: str) -> None:
    key = (
        "" if "[Flask]" in text or text.startswith("SecretKey") else GUIDE[GUIDE.index("[Flask]") :]
    )
    (folder / "config.ini").write_text(text + key, encoding="utf-8")
    sentence = serve(folder)
    assert "config.ini" in sentence
    assert named in sentence
    assert "geheim" not in sentence


def test_a_config_that_may_not_be_read(folder: Path) -> None:
    (folder / "config.ini").chmod(0)
    sentence = refused(
        run_lovhub(
            "serve", "--data", str(folder), "--port", str(free_port()), before=without_rights()
        )
    )
    assert "config.ini" in sentence


def test_a_busy_port(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"Порт {port} уже занят" in serve(folder, "--port", str(port))


def test_a_busy_port_leaves_an_empty_folder_without_a_database(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        serve(tmp_path, "--port", str(other.getsockname()[1]))
    assert not (tmp_path / "lovhub.sqlite3").exists()


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid", "пк..клуба", "::zz"])
def test_an_address_that_is_not_ours(folder: Path, host: str) -> None:
    assert f"«{host}»" in serve(folder, "--host", host)


@pytest.mark.parametrize("words", [["--port", "0"], ["--port", "70000"], ["--port", "x"], ["--x"]])
def test_wrong_words_on_the_command_line(folder: Path, words: list[str]) -> None:
    assert "lovhub serve --help" in serve(folder, *words)


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_certificate_files_that_are_rubbish(folder: Path) -> None:
    (folder / "cert.pem").write_bytes(b"rubbish")
    assert "cert.pem" in serve(folder)
    (folder / "cert.pem").write_bytes(b"")
    assert "cert.pem" in serve(folder)


def test_a_key_that_is_rubbish(folder: Path) -> None:
    (folder / "key.pem").write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
    assert "key.pem" in serve(folder)


def test_a_key_that_may_not_be_read(folder: Path) -> None:
    (folder / "key.pem").chmod(0)
    sentence = refused(
        run_lovhub(
            "serve", "--data", str(folder), "--port", str(free_port()), before=without_rights()
        )
    )
    assert "key.pem" in sentence


def test_half_a_certificate_pair(folder: Path) -> None:
    (folder / "key.pem").unlink()
    assert "cert.pem" in serve(folder)
    assert not (folder / "key.pem").exists()


def test_a_certificate_and_a_key_that_are_no_pair(folder: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    (folder / "key.pem").write_bytes(_pem(other))
    assert "не подходят друг к другу" in serve(folder)


def test_a_certificate_too_weak_for_tls(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (that is the point)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "192.168.1.10")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=300))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(_pem(key))
    assert "cert.pem" in serve(folder)


def test_a_database_of_a_newer_program(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
        database.commit()
    assert "9999_from_the_future" in serve(folder)
    assert "9999_from_the_future" in refused(run_lovhub("ledger", "check", "--data", str(folder)))


def test_a_file_that_is_no_database(folder: Path) -> None:
    (folder / "lovhub.sqlite3").write_bytes(b"rubbish " * 1000)
    assert "повреждён" in serve(folder)


def test_a_database_that_cannot_be_reached(folder: Path) -> None:
    url = f"postgresql+psycopg://club:geheim@127.0.0.1:{free_port()}/club"
    (folder / "config.ini").write_text(
        GUIDE[GUIDE.index("[Flask]") :] + f"[Database]\nUrl = {url}\n", encoding="utf-8"
    )
    sentence = serve(folder)
    assert "Нет связи с базой данных" in sentence
    assert "geheim" not in sentence


def test_a_lost_identity(folder: Path) -> None:
    (folder / "identity.pem").unlink()
    assert "identity.pem" in serve(folder)
    assert not (folder / "identity.pem").exists()


def test_a_second_server_on_the_folder(running: Serving) -> None:
    words = ("serve", "--data", str(running.folder), "--host", "127.0.0.1")
    sentence = refused(run_lovhub(*words, "--port", str(free_port())))
    assert "уже работает другой сервер" in sentence
    assert running.get("/admin/login").status


def test_a_test_clock_outside_a_test_folder(folder: Path, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    assert "--test-clock" in serve(folder, "--test-clock", str(clock))
    (folder / TEST_FOLDER_MARK).touch()
    server = Serving(folder, "--test-clock", str(clock))
    assert server.end() == 0


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in serve(tmp_path / "file")
    assert "доступ" in serve(tmp_path / "file" / "club")


@pytest.mark.parametrize("fresh", [True, False])
def test_a_folder_in_which_nothing_may_be_written(
    folder: Path, tmp_path: Path, fresh: bool
) -> None:
    place = tmp_path / "fresh" if fresh else folder
    place.mkdir(exist_ok=True)
    for path in place.iterdir():
        path.chmod(0o400)
    place.chmod(0o500)
    try:
        assert "прав" in serve(place, before=without_rights())
    finally:
        place.chmod(0o700)


@pytest.mark.parametrize("kibibytes", [0, 4, 32, 100])
def test_a_full_disk_at_the_first_start(tmp_path: Path, kibibytes: int) -> None:
    """No file may grow beyond the limit: the same place in the code as a disk without a free block."""
    limit = ["prlimit", f"--fsize={kibibytes * 1024}"]
    assert "нет места" in serve(tmp_path, before=limit)
    server = Serving(tmp_path)
    assert server.setup_token()
    assert server.end() == 0
