"""`lovhub serve` from outside: a real process, real TLS, and every way in which it can refuse to start."""

import datetime as dt
import signal
import socket
import sqlite3
import ssl
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from playwright.sync_api import expect
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from lovhub.clock import TEST_FOLDER_MARK, SystemClock
from lovhub.protocol import CHANNEL_PATH, PROTOCOL_VERSION
from lovhub.protocol.channel import (
    Ack,
    Bye,
    Heartbeat,
    Hello,
    ServerFrame,
    ServerHello,
    Welcome,
    client_codec,
    server_codec,
)
from lovhub.server.bus import Bus
from lovhub.server.computers import service as computers_service
from lovhub.server.computers.models import Computer
from lovhub.server.computers.service import Pairing
from lovhub.server.context import ClubContext
from lovhub.server.database.engine import Database
from lovhub.server.staff import service as staff_service
from tests.evening.processes import free_port, wait_for
from tests.support.chromium import chromium
from tests.support.club import OWNER
from tests.support.serving import Serving, refused, run_lovhub, without_rights

GUIDE = """\
[Admin]
AdminUsername = Айгуль
AdminPassword = п%а#р;оль

[Flask]
SecretKey = 0123456789abcdef0123456789abcdef
"""


def serve(folder: Path, *options: str, before: list[str] | None = None) -> str:
    """Try to start; the sentence with which it is refused, with everything in the folder as it was."""
    contents = _contents(folder)
    port = () if "--port" in options else ("--port", str(free_port()))
    words = ("serve", "--data", str(folder), "--host", "127.0.0.1", *port, *options)
    sentence = refused(run_lovhub(*words, before=before or ()))
    after = _contents(folder)
    assert {name: after.get(name) for name in contents} == contents
    assert not [name for name in after if name.endswith(".new")]
    return sentence


def _contents(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    # The database's two helpers come and go with every reader.
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a server has run once."""
    folder = tmp_path_factory.mktemp("made")
    server = Serving(folder)
    assert server.end() == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder, for one test."""
    copy = tmp_path / "club"
    copy.mkdir()
    for name, data in _contents(made).items():
        (copy / name).write_bytes(data)
        (copy / name).chmod(0o600)
    return copy


@pytest.fixture
def running(folder: Path) -> Iterator[Serving]:
    server = Serving(folder)
    yield server
    server.end()


# --- starting and stopping --------------------------------------------------------------------------


def test_an_empty_folder_becomes_a_club_that_waits_for_its_owner(tmp_path: Path) -> None:
    server = Serving(tmp_path, is_cold=True)
    token = server.setup_token()
    assert f"https://127.0.0.1:{server.port}/admin/login" in server.program.output
    assert server.get(f"/setup?token={token}").status == 200
    for name in ("config.ini", "key.pem", "cert.pem", "identity.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert "AdminPassword" not in (tmp_path / "config.ini").read_text(encoding="utf-8")
    assert server.end() == 0
    assert "Сервер остановлен." in server.program.output
    secret_key = (tmp_path / "config.ini").read_text(encoding="utf-8").split("SecretKey = ")[1][:64]
    assert '"event": "started"' in server.log
    assert token not in server.log
    assert secret_key not in server.log


def test_a_second_start_changes_no_key_and_shows_another_link(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in ("config.ini", "key.pem", "cert.pem")}
    first = Serving(folder)
    token = first.setup_token()
    first.end()
    second = Serving(folder)
    assert second.setup_token() != token
    assert second.get(f"/setup?token={token}").status != 200
    second.end()
    assert {name: (folder / name).read_bytes() for name in before} == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_an_orderly_way(folder: Path, number: signal.Signals) -> None:
    server = Serving(folder)
    server.program.process.send_signal(number)
    assert server.program.process.wait(20) == 0
    assert "Traceback" not in server.program.output + server.log


def _club(folder: Path) -> ClubContext:
    """The folder's club, founded, beside whatever server runs on it."""
    club = ClubContext(
        database=Database(f"sqlite:///{folder / 'lovhub.sqlite3'}"),
        clock=SystemClock(),
        bus=Bus(),
        identity=Ed25519PrivateKey.generate(),
        secret_key=bytes(32),
    )
    staff_service.create_owner_from_config(club, login="owner", password="owner's password")
    return club


def _hello(paired: Pairing) -> Hello:
    return Hello(
        protocol=PROTOCOL_VERSION,
        agent_version="0.1",
        computer_id=paired.computer_id,
        token=paired.token,
        boot_id="boot-1",
        hostname="DESKTOP-1",
        operating_system="Windows 11",
        journal_id="journal-1",
        lock="locked",
    )


def _last_address(club: ClubContext, paired: Pairing) -> str | None:
    with club.read() as db:
        return db.get_one(Computer, paired.computer_id).last_address


def _hear_a(pc: ClientConnection, kind: type[ServerFrame]) -> None:
    while not isinstance(server_codec.decode(pc.recv(timeout=20)), kind):
        pass


def test_linked_pcs_hear_a_goodbye_and_their_last_sign_of_life_is_kept(folder: Path) -> None:
    club = _club(folder)
    paired = computers_service.pair(club, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER)
    server = Serving(folder)
    address = f"wss://127.0.0.1:{server.port}{CHANNEL_PATH}"
    with connect(address, ssl=server.tls(), server_hostname="localhost") as pc:
        _hear_a(pc, ServerHello)
        pc.send(client_codec.encode(_hello(paired)).decode())
        _hear_a(pc, Welcome)
        with club.write() as work:
            work.db.get_one(Computer, paired.computer_id).last_seen_at = None
        pc.send(client_codec.encode(Heartbeat(seq=1, lock="locked")).decode())
        _hear_a(pc, Ack)
        server.program.process.terminate()
        _hear_a(pc, Bye)
    assert server.end() == 0
    with club.read() as db:
        assert db.get_one(Computer, paired.computer_id).last_seen_at is not None
    club.database.close()


def test_a_pc_that_hangs_does_not_keep_the_server(folder: Path) -> None:
    """It says hello, and then neither reads nor answers, like a PC whose system is frozen."""
    club = _club(folder)
    paired = computers_service.pair(club, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER)
    server = Serving(folder)
    talk = ClientProtocol(parse_uri(f"wss://localhost:{server.port}{CHANNEL_PATH}"))
    with server.connect() as pc:
        talk.send_request(talk.connect())
        pc.sendall(b"".join(talk.data_to_send()))
        while talk.state is State.CONNECTING:
            talk.receive_data(pc.recv(4096))
        talk.send_text(client_codec.encode(_hello(paired)))
        pc.sendall(b"".join(talk.data_to_send()))
        wait_for("the PC is linked", lambda: _last_address(club, paired))
        server.program.process.terminate()
        assert server.program.process.wait(30) == 0
    club.database.close()


# --- what strangers may not do ----------------------------------------------------------------------


def test_old_tls_is_refused_and_new_tls_keeps_past_talks_secret(running: Serving) -> None:
    with running.connect() as new:
        assert new.version() == "TLSv1.3"
    modern = running.tls()
    modern.maximum_version = ssl.TLSVersion.TLSv1_2
    with running.connect(modern) as still_allowed:
        cipher = still_allowed.cipher()
        assert cipher is not None
        assert cipher[0].startswith("ECDHE")
    weak = running.tls()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES256-SHA:AES128-SHA")
    with pytest.raises(ssl.SSLError):
        running.connect(weak)


def test_the_server_does_not_tell_what_it_is_made_of(running: Serving) -> None:
    assert running.get("/admin/login").getheader("Server") is None


def test_an_address_told_by_a_header_is_not_believed(folder: Path) -> None:
    club = _club(folder)
    paired = computers_service.pair(club, hostname="DESKTOP-1", public_key=bytes(32), actor=OWNER)
    server = Serving(folder)
    with connect(
        f"wss://127.0.0.1:{server.port}{CHANNEL_PATH}",
        ssl=server.tls(),
        server_hostname="localhost",
        additional_headers={"X-Forwarded-For": "203.0.113.9"},
    ) as pc:
        pc.send(client_codec.encode(_hello(paired)).decode())
        _hear_a(pc, Welcome)
    server.end()
    assert _last_address(club, paired) == "127.0.0.1"
    club.database.close()


# --- config.ini of the old guide --------------------------------------------------------------------


def test_the_guides_owner_moves_into_the_database_and_signs_in(folder: Path) -> None:
    (folder / "config.ini").write_bytes(GUIDE.encode("cp1251"))
    server = Serving(folder)
    assert "Владелец «Айгуль» создан. Пароль убран из config.ini" in server.program.output
    assert "/setup" not in server.program.output
    with chromium(folder / "cert.pem") as browser:
        page = browser.new_page()
        page.goto(f"https://localhost:{server.port}/admin/login")
        page.fill("#login", "Айгуль")
        page.fill("#password", "п%а#р;оль")
        page.click("[data-test=submit]")
        expect(page.locator("h1")).to_have_text("Дашборд")
    assert server.end() == 0
    left = (folder / "config.ini").read_bytes()
    assert left == GUIDE.replace("AdminPassword = п%а#р;оль\n", "").encode("cp1251")
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        ((login, password_hash),) = database.execute("SELECT login, password_hash FROM staff")
    assert login == "Айгуль"
    assert password_hash.startswith("$argon2")
    for secret in ("п%а#р;оль", "0123456789abcdef"):
        assert secret not in server.program.output + server.log
        assert secret.encode() not in (folder / "lovhub.sqlite3").read_bytes()


def test_a_password_that_comes_later_is_taken_out_and_changes_nobody(folder: Path) -> None:
    _club(folder).database.close()
    (folder / "config.ini").write_text(GUIDE, encoding="utf-8")
    server = Serving(folder)
    assert "пароль из config.ini не понадобился" in server.program.output
    server.end()
    assert "AdminPassword" not in (folder / "config.ini").read_text(encoding="utf-8")
    with closing(sqlite3.connect(folder / "lovhub.sqlite3")) as database:
        assert database.execute("SELECT login FROM staff").fetchall() == [("owner",)]


def test_a_placeholder_makes_no_owner(folder: Path) -> None:
    text = GUIDE.replace("п%а#р;оль", "ваш_пароль")
    (folder / "config.ini").write_text(text, encoding="utf-8")
    server = Serving(folder)
    assert server.setup_token()
    server.end()
    assert (folder / "config.ini").read_text(encoding="utf-8") == text


# --- refusals ---------------------------------------------------------------------------------------


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
