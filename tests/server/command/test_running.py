"""`lovhub serve` from outside: a real process, real TLS."""

import signal
import sqlite3
import ssl
import stat
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import expect
from sqlalchemy import delete
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.sync.client import ClientConnection
from websockets.uri import parse_uri

from lovhub.clock import SystemClock
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
from lovhub.server.computers import queries as computers
from lovhub.server.computers import service as computers_service
from lovhub.server.computers.models import Computer, SignsOfLife
from lovhub.server.computers.service import Pairing
from lovhub.server.context import ClubContext
from lovhub.server.staff import service as staff_service
from tests.evening.processes import wait_for
from tests.server.command.folders import GUIDE
from tests.support.chromium import chromium
from tests.support.club import OWNER, database_in
from tests.support.serving import Serving

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
        database=database_in(folder),
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
    with server.channel() as pc:
        _hear_a(pc, ServerHello)
        pc.send(client_codec.encode(_hello(paired)).decode())
        _hear_a(pc, Welcome)
        with club.write() as work:
            work.db.execute(delete(SignsOfLife))
        pc.send(client_codec.encode(Heartbeat(seq=1, lock="locked")).decode())
        _hear_a(pc, Ack)
        server.program.process.terminate()
        _hear_a(pc, Bye)
    assert server.end() == 0
    with club.read() as db:
        assert computers.last_seen_at(db, club.club_id, paired.computer_id) is not None
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
    with server.channel(X_Forwarded_For="203.0.113.9") as pc:
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
